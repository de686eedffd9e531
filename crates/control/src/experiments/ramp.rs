//! The next step of a ramp, with the counters that go with it.

use nexus_domain::actor::Actor;
use nexus_domain::audit::Cause;
use nexus_domain::experiment::{Command, Experiment};

use super::{Decided, action_name};
use crate::lease::Lease;
use crate::ports::Statement;
use crate::results::{self, Counts};
use crate::sql::sql;
use crate::{Console, Error, Result};

impl Console {
    /// Takes the step when it is due. What was counted until now is judged by the buckets of
    /// the step that ends; the next one begins at these counts.
    ///
    /// # Errors
    /// `Refused` when no step is due any more; the database's.
    pub(crate) async fn step_ramp(
        &self,
        actor: &Actor,
        lease: &Lease,
        experiment: &Experiment,
        counts: &Counts,
    ) -> Result<Experiment> {
        let (id, command) = (experiment.id.as_str(), Command::StepRamp);
        let counters = new_base(experiment, counts);
        let version = Some(experiment.version);
        let may = |old: &Experiment| self.may_command(actor, &command, old);
        let step = |old: &Experiment, _: &_, now_ms| {
            let by = actor.principal.label();
            let new = old
                .after(command.clone(), by, now_ms)
                .map_err(|refused| Error::Refused(refused.status))?;
            let grown = Cause::Coverage {
                from_bp: old.coverage_now_bp(),
                to_bp: new.coverage_now_bp(),
                words: String::new(),
            };
            Ok(Decided {
                counters: counters.clone(),
                ..Decided::alone(new, action_name(&command), Some(grown.into()))
            })
        };
        self.change(actor, id, version, Some(lease), may, step)
            .await
    }
}

pub(super) fn new_base(experiment: &Experiment, counts: &Counts) -> Vec<Statement> {
    let id = experiment.id.as_str();
    let base = |variant: &str| {
        sql!(
            "UPDATE variant_stats SET step_exposures = ?3 \
             WHERE experiment_id = ?1 AND variant = ?2",
            id,
            variant,
            counts.of(variant).exposures
        )
    };
    let variants = experiment.variants.iter();
    let mut statements: Vec<Statement> = variants.map(|v| base(&v.key)).collect();
    statements.push(sql!(
        "INSERT INTO slice_steps (experiment_id, coverage_bp, dimension, value, variant, \
         exposures) SELECT experiment_id, CAST(?2 AS BIGINT), dimension, value, variant, \
         exposures FROM slice_counts WHERE experiment_id = ?1",
        id,
        u32::from(experiment.coverage_now_bp())
    ));
    statements.extend(results::split_log_e(experiment, counts).map(|log_e| {
        sql!(
            "UPDATE split_checks SET step_log_e = ?2 WHERE experiment_id = ?1",
            id,
            log_e
        )
    }));
    statements
}
