//! Safeguards: harm, broken splits, answers. Evidence of errors and of the split is kept as a
//! running maximum, which is what makes looking at it every second honest (Ville's inequality).

use nexus_domain::experiment::{Evidence, Experiment, Variant};

use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::ports::{DatabaseError, Statement};
use crate::results::{self, Counts, Measures};
use crate::sql::sql;
use crate::views::Seen;
use crate::{Console, Result};

impl Console {
    /// Records the evidence so far; returns what an experiment must be stopped for.
    pub(super) async fn judge(
        &self,
        lease: &Lease,
        experiment: &Experiment,
        counts: &Counts,
    ) -> Result<Option<Evidence>> {
        let mut grown = errors(experiment, counts);
        grown.extend(split_evidence(experiment, counts));
        self.record(lease, grown).await?;
        let measures = if results::has_guardrail_metrics(experiment) {
            self.measures(experiment, counts).await?
        } else {
            Measures::default()
        };
        // What is recorded now counts now: no answer is believed whose split is broken.
        let mut seen = counts.clone();
        let split_log_e = results::split_log_e(experiment, counts).unwrap_or(0.0);
        seen.split_log_e = seen.split_log_e.max(split_log_e);
        let states = results::safeguards(experiment, &seen, &measures, self.now_ms());
        let stops = states.into_iter().find(|state| state.seen == Seen::Stops);
        Ok(stops.map(|state| state.evidence))
    }

    async fn record(&self, lease: &Lease, mut grown: Vec<Statement>) -> Result<()> {
        if grown.is_empty() {
            return Ok(());
        }
        grown.push(lease.guard());
        failpoint("guardrail.before_record");
        match self.inner.db.batch(grown).await {
            // Without the lease the numbers are the new holder's to keep.
            Ok(_) | Err(DatabaseError::Constraint(_)) => {}
            Err(error) => return Err(error.into()),
        }
        failpoint("guardrail.after_record");
        Ok(())
    }
}

/// Of errors that grew beyond what is kept.
fn errors(experiment: &Experiment, counts: &Counts) -> Vec<Statement> {
    let Some(guardrail) = results::guardrail(experiment) else {
        return Vec::new();
    };
    let grown = |variant: &Variant| {
        let of = counts.of(&variant.key);
        let ln_e_value = guardrail.judge(of.errored_users, of.exposures).ln_e_value;
        (ln_e_value > of.guardrail_log_e).then(|| {
            sql!(
                "UPDATE variant_stats SET guardrail_log_e = ?3 \
                 WHERE experiment_id = ?1 AND variant = ?2 AND guardrail_log_e < ?3",
                experiment.id.as_str(),
                variant.key.as_str(),
                ln_e_value
            )
        })
    };
    experiment.variants.iter().filter_map(grown).collect()
}

fn split_evidence(experiment: &Experiment, counts: &Counts) -> Option<Statement> {
    let log_e = results::split_log_e(experiment, counts)?;
    (log_e > counts.split_log_e).then(|| {
        sql!(
            "UPDATE split_checks SET log_e = ?2 WHERE experiment_id = ?1 AND log_e < ?2",
            experiment.id.as_str(),
            log_e
        )
    })
}
