//! Steps that don't go through: tried again a while, then given up.

use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, RecomputeFailure};

use super::rows::Job;
use super::step::Advance;
use super::{entry, swap};
use crate::commit::Committed;
use crate::effects::backoff_ms;
use crate::experiments::not_found;
use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::sql::sql;
use crate::{Console, Error, Result};

/// Failures in a row after which a step that the database refuses is given up: a constraint
/// that was no guard's says the same again, unless something else was written meanwhile.
const REFUSALS: u64 = 5;
/// The same where the database is busy or out of reach for the step, though not for the note
/// that it failed. With the delays between them about nine minutes, in a Worker, whose rounds
/// come each minute, 40.
const FAULTS: u64 = 40;

impl Console {
    /// After a step that was not committed; whether the round goes on.
    pub(super) async fn stumble(
        &self,
        lease: &Lease,
        job: &Job,
        step: Result<Advance>,
    ) -> Result<bool> {
        let (failure, most, cause) = match step {
            Ok(Advance::Done | Advance::Overtaken) => return Ok(true),
            Ok(Advance::Never(failure)) => (failure, 0, None),
            Ok(Advance::Refused(cause)) => {
                let cause = Error::internal(cause);
                (RecomputeFailure::Refused, REFUSALS, Some(cause))
            }
            Err(cause @ Error::Unavailable { .. }) => {
                (RecomputeFailure::Unavailable, FAULTS, Some(cause))
            }
            Err(cause) => (RecomputeFailure::Fault, 0, Some(cause)),
        };
        let experiment = job.experiment_id.as_str();
        let cause = cause.as_ref().map(tracing::field::debug);
        if job.attempts + 1 >= most {
            tracing::error!(experiment, ?failure, cause, "re-computation given up");
            return self.fail(lease, job, failure).await;
        }
        let delay_ms = backoff_ms(job.attempts, self.random_u64());
        tracing::warn!(
            experiment,
            delay_ms,
            cause,
            "a step of a re-computation, trying again"
        );
        failpoint("recompute.before_retry");
        let noted = self
            .fenced(vec![
                lease.guard(),
                // Not where only the answer was lost.
                sql!(
                    "UPDATE recomputations SET attempts = attempts + 1, next_ms = ?3 \
                     WHERE name = ?1 AND replayed = ?2",
                    job.name.as_str(),
                    job.replayed,
                    self.now_ms() + i64::try_from(delay_ms).unwrap_or(0)
                ),
            ])
            .await?;
        failpoint("recompute.after_retry");
        Ok(noted)
    }

    /// What is counted now stays. Not when somebody else was faster; then the next round sees.
    async fn fail(&self, lease: &Lease, job: &Job, failure: RecomputeFailure) -> Result<bool> {
        let _turn = self.inner.commands.lock().await;
        let head = self.head().await?;
        let id = job.experiment_id.as_str();
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let by = job.asked_by.clone();
        let cause = Some(Cause::RecomputeFailed { by, failure });
        let action = "experiment.fail_recompute";
        let entry = entry(action, &experiment, &experiment, cause);
        let mut state = vec![lease.guard()];
        state.extend(swap::give_up(&job.name, Some(failure), self.now_ms())?);
        let actor = Actor::system("recompute", self.request_id());
        failpoint("recompute.before_fail");
        let done = self.commit(&head, &actor, vec![entry], state).await?;
        failpoint("recompute.after_fail");
        Ok(matches!(done, Committed::Done))
    }
}
