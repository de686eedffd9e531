//! Why an experiment treats somebody as it does.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Experiment, Status};
use nexus_flags::{Context, CountryCode, Device, Engine};

use super::not_found;
use crate::effects::Changed;
use crate::views::Why;
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

impl Console {
    /// Explains what the experiment does with somebody now; for one that does not run, what
    /// it would do if it did.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn why(&self, actor: &Actor, id: &str, somebody: &Somebody) -> Result<Why> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
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
        let mut snapshot = self
            .next_snapshot(
                experiment.environment,
                Changed::Experiment(&running, &[]),
                0,
            )
            .await?;
        // Attributes come in headers, whose names have no case; so the gateway lowers both.
        snapshot.lower_names();
        let engine = Engine::compile(&snapshot).map_err(Error::internal)?;
        let mut rules = snapshot.experiments.iter();
        let rule = rules
            .find(|rule| rule.id == id)
            .ok_or_else(|| Error::internal("the experiment is not in its snapshot"))?;
        let explanation = somebody
            .ask(self.now_ms(), |context| rule.explain(context, &engine))
            .map_err(Error::internal)?;
        Ok(Why {
            slices: rule.slices.clone(),
            experiment,
            explanation,
        })
    }
}
