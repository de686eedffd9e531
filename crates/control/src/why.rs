//! Why somebody gets what: a question to snapshots, as a gateway would answer it.

use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_flags::{
    CompileError, Context, CountryCode, Decisions, Device, Engine, NamedConditions, Snapshot,
    Targeting,
};

use crate::snapshots::compiled;
use crate::views::{SetBy, SnapshotRow};
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
pub(crate) struct Asking<'a> {
    somebody: &'a Somebody,
    named: NamedConditions,
    now_ms: i64,
}

/// How a rule says what it does.
type Explain<R, E> =
    fn(&R, &Context<'_>, &Engine, &NamedConditions) -> std::result::Result<E, CompileError>;

impl Asking<'_> {
    /// The rule and what it does; nothing where a snapshot has no such rule.
    pub(crate) fn of<R: Clone, E>(
        &self,
        rule: Option<&R>,
        engine: &Engine,
        explain: Explain<R, E>,
    ) -> Result<Option<(R, E)>> {
        let Some(rule) = rule else { return Ok(None) };
        let ask = |context: &Context<'_>| explain(rule, context, engine, &self.named);
        let explanation = self.somebody.ask(self.now_ms, ask);
        Ok(Some((rule.clone(), explanation.map_err(Error::internal)?)))
    }

    /// The experiment that sets the flag for them; of several the first, as gateways have it.
    pub(crate) fn set_by(&self, flag: &str, engine: &Engine) -> Option<SetBy> {
        self.somebody.ask(self.now_ms, |context| {
            let mut decisions = Decisions::default();
            engine.decide(context, &mut decisions);
            engine.decided(&decisions).find_map(|decision| {
                Some(SetBy {
                    value: decision.features().get(flag)?.clone(),
                    experiment: decision.experiment_id().to_owned(),
                    variant: decision.variant_key().to_owned(),
                })
            })
        })
    }
}

/// What one snapshot says.
pub(crate) struct Said<T> {
    /// None: what would be published next.
    pub(crate) snapshot: Option<SnapshotRow>,
    pub(crate) answer: Option<T>,
    /// Why no gateway would obey it, so it is not asked.
    pub(crate) problem: Option<String>,
}

impl Console {
    pub(crate) async fn asking<'a>(
        &self,
        environment: Environment,
        targetings: impl Iterator<Item = &Targeting>,
        somebody: &'a Somebody,
    ) -> Result<Asking<'a>> {
        Ok(Asking {
            somebody,
            named: self.named_conditions(environment, targetings).await?,
            now_ms: self.now_ms(),
        })
    }

    /// Asks the snapshot of that version; without one `next`.
    pub(crate) async fn said<T>(
        &self,
        actor: &Actor,
        environment: Environment,
        version: Option<u64>,
        next: impl Future<Output = Result<Snapshot>>,
        ask: impl FnOnce(&Snapshot, &Engine) -> Result<Option<T>>,
    ) -> Result<Said<T>> {
        let (snapshot, asked) = match version {
            Some(version) => {
                let opened = self.opened(actor, environment, version).await?;
                (Some(opened.row), opened.asked)
            }
            None => {
                let mut snapshot = next.await?;
                let engine = compiled(&mut snapshot).map_err(Error::internal)?;
                (None, Ok((snapshot, engine)))
            }
        };
        let (answer, problem) = match asked {
            Ok((snapshot, engine)) => (ask(&snapshot, &engine)?, None),
            Err(problem) => (None, Some(problem)),
        };
        Ok(Said {
            snapshot,
            answer,
            problem,
        })
    }
}
