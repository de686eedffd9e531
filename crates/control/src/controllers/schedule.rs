//! What the clock brings: planned starts and the steps of ramps.

use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Experiment, Verb};

use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::results::Counts;
use crate::sql::sql;
use crate::{Console, Error, Result};

const CONTROLLER: &str = "schedule";

impl Console {
    /// Starts what is due, with the same checks as by hand. Returns how many started.
    pub(super) async fn start_planned(&self, lease: &Lease) -> Result<u32> {
        let rows = self
            .rows(sql!(
                "SELECT document FROM experiments WHERE status = 'scheduled' ORDER BY id"
            ))
            .await?;
        let mut started = 0;
        for mut row in rows {
            let experiment: Experiment = row.json()?;
            if !experiment.takes(Verb::StartPlanned, self.now_ms()) {
                continue;
            }
            match self.start_or_say_why(lease, &experiment).await {
                Ok(done) => started += u32::from(done),
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    tracing::error!(experiment = %experiment.id, %error, "planned start failed");
                }
            }
        }
        Ok(started)
    }

    /// A start that is refused goes back to the drafts with the reason, so that the next
    /// round does not try again. That somebody else changed it meanwhile is as good.
    async fn start_or_say_why(&self, lease: &Lease, experiment: &Experiment) -> Result<bool> {
        let actor = Actor::system(CONTROLLER, self.request_id());
        let (id, version) = (experiment.id.as_str(), Some(experiment.version));
        failpoint("schedule.before_start");
        let start = self.command(&actor, id, version, Some(lease), &Command::StartPlanned);
        let started = match start.await {
            Ok(_) => true,
            Err(Error::Invalid(problems)) => {
                let miss = Command::MissStart { problems };
                let missed = self.command(&actor, id, version, Some(lease), &miss);
                unless_changed(missed.await)?;
                false
            }
            other => unless_changed(other)?,
        };
        failpoint("schedule.after_start");
        Ok(started)
    }

    /// Takes the ramp's next step when it is due.
    pub(super) async fn ramp_if_due(
        &self,
        lease: &Lease,
        experiment: &Experiment,
        counts: &Counts,
    ) -> Result<()> {
        if !experiment.takes(Verb::StepRamp, self.now_ms()) {
            return Ok(());
        }
        let actor = Actor::system(CONTROLLER, self.request_id());
        failpoint("ramp.before_step");
        let stepped = self.step_ramp(&actor, lease, experiment, counts);
        unless_changed(stepped.await)?;
        failpoint("ramp.after_step");
        Ok(())
    }
}

fn unless_changed(done: Result<Experiment>) -> Result<bool> {
    match done {
        Ok(_) => Ok(true),
        Err(Error::Refused(_) | Error::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
