//! Harm and broken splits: the evidence is kept as a running maximum, which is
//! what makes looking at it every second honest (Ville's inequality).

use nexus_domain::experiment::{Experiment, GuardrailEvidence, rule_of};

use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::ports::{DatabaseError, Statement};
use crate::results::{self, Counts};
use crate::sql::sql;
use crate::{Console, Result};

impl Console {
    /// Records the evidence so far; returns it when a variant must be stopped.
    pub(super) async fn judge(
        &self,
        lease: &Lease,
        experiment: &Experiment,
        counts: &Counts,
    ) -> Result<Option<GuardrailEvidence>> {
        let mut grown: Vec<Statement> = Vec::new();
        let mut harmful = None;
        let guardrail = results::guardrail(experiment);
        for variant in &experiment.variants {
            let (Some(guardrail), of) = (guardrail, counts.of(&variant.key)) else {
                break;
            };
            let verdict = guardrail.judge(of.errored_users, of.exposures);
            if verdict.ln_e_value > of.guardrail_log_e {
                grown.push(sql!(
                    "UPDATE variant_stats SET guardrail_log_e = ?3 \
                     WHERE experiment_id = ?1 AND variant = ?2 AND guardrail_log_e < ?3",
                    experiment.id.as_str(),
                    variant.key.as_str(),
                    verdict.ln_e_value
                ));
            }
            if verdict.crossed && harmful.is_none() {
                harmful = Some(GuardrailEvidence {
                    variant: variant.key.clone(),
                    errors: of.errored_users,
                    users: of.exposures,
                    max_error_rate_bp: experiment.guardrail.max_error_rate_bp,
                    e_value: verdict.e_value,
                    threshold: verdict.threshold,
                });
            }
        }
        grown.extend(split_evidence(experiment, counts));
        self.record(lease, grown).await?;
        Ok(harmful)
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

fn split_evidence(experiment: &Experiment, counts: &Counts) -> Option<Statement> {
    // Buckets, not weights: at small coverage rounding is a large part of them.
    let buckets = rule_of(experiment)?.buckets_per_variant();
    let weights: Vec<f64> = buckets.into_iter().map(f64::from).collect();
    let users: Vec<u64> = experiment
        .variants
        .iter()
        .map(|v| counts.of(&v.key).exposures)
        .collect();
    // Fewer than two variants with a share: nothing to compare.
    let verdict = nexus_stats::srm(&users, &weights).ok()?;
    (verdict.ln_e_value > counts.split_log_e).then(|| {
        sql!(
            "UPDATE split_checks SET log_e = ?2 WHERE experiment_id = ?1 AND log_e < ?2",
            experiment.id.as_str(),
            verdict.ln_e_value
        )
    })
}
