//! What acts by itself: pure decisions on stored numbers, level-triggered, so
//! that dying between any two statements loses and repeats nothing.

mod guardrail;
mod purge;
mod schedule;

pub(crate) use purge::{ENDED_MS, EVENTS_MS};
#[cfg(feature = "testing")]
pub(crate) use purge::{past, unkept};

use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Experiment};

use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::sql::sql;
use crate::{Console, Error, Result};

/// What a round did.
pub(crate) struct Acted {
    pub(crate) started: u32,
    pub(crate) stopped: u32,
}

impl Console {
    /// Planned starts, safeguards, the split check, ramps and the end of schedules. Trouble
    /// with one experiment doesn't keep the others from being looked at.
    pub(crate) async fn controllers(&self, lease: &Lease) -> Result<Acted> {
        let started = self.start_planned(lease).await?;
        let mut stopped = 0;
        let live = self.live().await?;
        let mut counts = self.counts_of(&live).await?;
        for experiment in &live {
            let counts = counts.remove(experiment.id.as_str()).unwrap_or_default();
            match self.watch(lease, experiment, &counts).await {
                Ok(ended) => stopped += u32::from(ended),
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    tracing::error!(experiment = %experiment.id, %error, "controller failed");
                }
            }
        }
        Ok(Acted { started, stopped })
    }

    async fn watch(
        &self,
        lease: &Lease,
        experiment: &Experiment,
        counts: &crate::results::Counts,
    ) -> Result<bool> {
        let evidence = self.judge(lease, experiment, counts).await?;
        if let Some(evidence) = evidence {
            failpoint("guardrail.before_stop");
            let command = Command::StopBySafeguard(evidence);
            let stopped = self.stop(lease, "guardrail", experiment, &command).await?;
            failpoint("guardrail.after_stop");
            return Ok(stopped);
        }
        let over = experiment
            .schedule
            .end_ms
            .is_some_and(|end_ms| end_ms <= self.now_ms());
        if !over {
            self.ramp_if_due(lease, experiment, counts).await?;
            return Ok(false);
        }
        failpoint("schedule.before_stop");
        let stopped = self
            .stop(lease, "schedule", experiment, &Command::EndSchedule)
            .await?;
        failpoint("schedule.after_stop");
        Ok(stopped)
    }

    /// Whatever happened meanwhile, the experiment ends; that somebody else has
    /// stopped it already is as good.
    async fn stop(
        &self,
        lease: &Lease,
        controller: &str,
        experiment: &Experiment,
        command: &Command,
    ) -> Result<bool> {
        let actor = Actor::system(controller, self.request_id());
        let id = experiment.id.as_str();
        match self.command(&actor, id, None, Some(lease), command).await {
            Ok(_) => Ok(true),
            Err(Error::Refused(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn live(&self) -> Result<Vec<Experiment>> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM experiments WHERE status IN ('running', 'paused') ORDER BY id"
            ))
            .await?;
        rows.into_iter().map(|mut row| row.json()).collect()
    }
}
