//! Why an experiment treats somebody as it does.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Experiment, Status};
use nexus_flags::{Engine, ExperimentRule, Explanation, Snapshot};

use super::not_found;
use crate::effects::Changed;
use crate::snapshots::compiled;
use crate::views::{Why, WhyCompared, WhyThen};
use crate::why::{Asking, Somebody, Versions};
use crate::{Console, Error, Result};

fn ask(
    asking: &Asking<'_>,
    id: &str,
    snapshot: &Snapshot,
    engine: &Engine,
) -> Result<Option<(ExperimentRule, Explanation)>> {
    let rule = snapshot.experiments.iter().find(|rule| rule.id == id);
    asking.of(rule, engine, ExperimentRule::explain_naming)
}

impl Console {
    /// Explains what the experiment does with somebody now; for one that does not run, what
    /// it would do if it did.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn why(&self, actor: &Actor, id: &str, somebody: &Somebody) -> Result<Why> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let targeting = std::iter::once(&experiment.targeting);
        let asking = self.asking(experiment.environment, targeting, somebody);
        let asking = asking.await?;
        let mut snapshot = self.snapshot_if_running(&experiment).await?;
        let engine = compiled(&mut snapshot).map_err(Error::internal)?;
        let (rule, explanation) = ask(&asking, id, &snapshot, &engine)?
            .ok_or_else(|| Error::internal("the experiment is not in its snapshot"))?;
        Ok(Why {
            slices: rule.slices,
            flags_off: self.flags_off(&experiment).await?,
            experiment,
            explanation,
        })
    }

    /// Asks two snapshots what they would do with somebody now.
    ///
    /// # Errors
    /// `NotFound` of kind `snapshot` for one that is not kept any more or is of another
    /// environment, else as [`Console::why`].
    pub async fn why_compared(
        &self,
        actor: &Actor,
        id: &str,
        somebody: &Somebody,
        versions: Versions,
    ) -> Result<WhyCompared> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let targeting = std::iter::once(&experiment.targeting);
        let asking = self.asking(experiment.environment, targeting, somebody);
        let asking = asking.await?;
        let from = self.why_then(actor, &experiment, &asking, Some(versions.from));
        let from = from.await?;
        let to = self.why_then(actor, &experiment, &asking, versions.to);
        Ok(WhyCompared {
            from,
            to: to.await?,
            experiment,
        })
    }

    async fn why_then(
        &self,
        actor: &Actor,
        experiment: &Experiment,
        asking: &Asking<'_>,
        version: Option<u64>,
    ) -> Result<WhyThen> {
        let id = experiment.id.as_str();
        let next = self.snapshot_if_running(experiment);
        let said = self.said(actor, experiment.environment, version, next, |s, engine| {
            ask(asking, id, s, engine)
        });
        let said = said.await?;
        let (rule, explanation) = said.answer.unzip();
        Ok(WhyThen {
            snapshot: said.snapshot,
            rule,
            explanation,
            problem: said.problem,
        })
    }

    /// The next snapshot, with the experiment as if it ran.
    async fn snapshot_if_running(&self, experiment: &Experiment) -> Result<Snapshot> {
        let running = Experiment {
            status: Status::Running,
            ..match experiment.started_ms {
                None => self.joined_now(experiment).await?,
                Some(_) => experiment.clone(),
            }
        };
        let changed = Changed::Experiment(&running, &[]);
        self.next_snapshot(experiment.environment, changed, 0).await
    }
}
