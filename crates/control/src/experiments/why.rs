//! Why an experiment treats somebody as it does.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Experiment, Status};
use nexus_flags::{
    Context, CountryCode, Device, Engine, ExperimentRule, Explanation, NamedConditions, Snapshot,
};

use super::not_found;
use crate::effects::Changed;
use crate::snapshots::compiled;
use crate::views::{Why, WhyCompared, WhyThen};
use crate::{Console, Error, Result};

/// Somebody to ask about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Somebody {
    /// User id; empty for nobody.
    pub unit: String,
    pub country: Option<CountryCode>,
    pub device: Device,
    pub attributes: Vec<(String, String)>,
}

/// Which snapshots are asked the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    pub from: u64,
    /// None: what would be published next.
    pub to: Option<u64>,
}

impl Somebody {
    /// Asks about them as a gateway would: with the names of attributes in lower case.
    pub(crate) fn ask<T>(&self, now_ms: i64, question: impl FnOnce(&Context<'_>) -> T) -> T {
        let attributes = self.attributes.iter();
        let lowered: Vec<(String, &str)> = attributes
            .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
            .collect();
        let pairs: Vec<(&str, &str)> = lowered.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        question(&Context {
            unit: &self.unit,
            country: self.country,
            device: self.device,
            attributes: &pairs,
            now_ms,
        })
    }
}

/// The question, and how its answer names things.
struct Asking<'a> {
    id: &'a str,
    somebody: &'a Somebody,
    named: NamedConditions,
    now_ms: i64,
}

impl Asking<'_> {
    /// Nothing where the experiment is not in the snapshot.
    fn of(
        &self,
        snapshot: &Snapshot,
        engine: &Engine,
    ) -> Result<Option<(ExperimentRule, Explanation)>> {
        let mut rules = snapshot.experiments.iter();
        let Some(rule) = rules.find(|rule| rule.id == self.id) else {
            return Ok(None);
        };
        let ask = |context: &Context<'_>| rule.explain_naming(context, engine, &self.named);
        let explanation = self.somebody.ask(self.now_ms, ask);
        Ok(Some((rule.clone(), explanation.map_err(Error::internal)?)))
    }
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
        let asking = self.asking(&experiment, id, somebody).await?;
        let mut snapshot = self.snapshot_if_running(&experiment).await?;
        let engine = compiled(&mut snapshot).map_err(Error::internal)?;
        let (rule, explanation) = asking
            .of(&snapshot, &engine)?
            .ok_or_else(|| Error::internal("the experiment is not in its snapshot"))?;
        Ok(Why {
            slices: rule.slices,
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
        let asking = self.asking(&experiment, id, somebody).await?;
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
        let (row, asked) = match version {
            Some(version) => {
                let opened = self.opened(actor, experiment.environment, version).await?;
                (Some(opened.row), opened.asked)
            }
            None => {
                let mut snapshot = self.snapshot_if_running(experiment).await?;
                let engine = compiled(&mut snapshot).map_err(Error::internal)?;
                (None, Ok((snapshot, engine)))
            }
        };
        let (answer, problem) = match asked {
            Ok((snapshot, engine)) => (asking.of(&snapshot, &engine)?, None),
            Err(problem) => (None, Some(problem)),
        };
        let (rule, explanation) = answer.unzip();
        Ok(WhyThen {
            snapshot: row,
            rule,
            explanation,
            problem,
        })
    }

    async fn asking<'a>(
        &self,
        experiment: &Experiment,
        id: &'a str,
        somebody: &'a Somebody,
    ) -> Result<Asking<'a>> {
        let targeting = std::iter::once(&experiment.targeting);
        let named = self.named_conditions(experiment.environment, targeting);
        Ok(Asking {
            id,
            somebody,
            named: named.await?,
            now_ms: self.now_ms(),
        })
    }

    /// The next snapshot, with the experiment as if it ran.
    async fn snapshot_if_running(&self, experiment: &Experiment) -> Result<Snapshot> {
        // One that has not started yet joins its holdouts as it would now.
        let in_force = self.holdouts_in_force(Some(experiment.environment)).await?;
        let joined = match experiment.started_ms {
            None => experiment.joined(&in_force).ok(),
            Some(_) => None,
        };
        let running = Experiment {
            status: Status::Running,
            ..joined.unwrap_or_else(|| experiment.clone())
        };
        let changed = Changed::Experiment(&running, &[]);
        self.next_snapshot(experiment.environment, changed, 0).await
    }
}
