//! Why a flag gives somebody what.

use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::flag::Flag;
use nexus_flags::{Context, Engine, FlagExplanation, FlagRule, NamedConditions, Snapshot};

use crate::effects::Changed;
use crate::snapshots::compiled;
use crate::views::{FlagWhy, FlagWhyCompared, FlagWhyThen};
use crate::{Console, Error, Result, Somebody, Versions};

/// The question, and how its answer names things.
struct Asking<'a> {
    key: &'a str,
    somebody: &'a Somebody,
    named: NamedConditions,
    now_ms: i64,
}

impl Asking<'_> {
    /// Nothing where the flag is not in the snapshot.
    fn of(
        &self,
        snapshot: &Snapshot,
        engine: &Engine,
    ) -> Result<Option<(FlagRule, FlagExplanation)>> {
        let mut rules = snapshot.flags.iter();
        let Some(rule) = rules.find(|rule| rule.key == self.key) else {
            return Ok(None);
        };
        let ask = |context: &Context<'_>| rule.explain_naming(context, engine, &self.named);
        let explanation = self.somebody.ask(self.now_ms, ask);
        Ok(Some((rule.clone(), explanation.map_err(Error::internal)?)))
    }
}

impl Console {
    /// Explains what the flag gives somebody now; for one that is off, what it would give if
    /// it were on.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn flag_why(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        somebody: &Somebody,
    ) -> Result<FlagWhy> {
        let flag = self.readable_flag(actor, environment, key).await?;
        let asking = self.asking_flag(&flag, key, somebody).await?;
        let mut snapshot = self.snapshot_if_on(&flag).await?;
        let engine = compiled(&mut snapshot).map_err(Error::internal)?;
        let (rule, explanation) = asking
            .of(&snapshot, &engine)?
            .ok_or_else(|| Error::internal("the flag is not in its snapshot"))?;
        Ok(FlagWhy {
            slices: rule.rules.into_iter().map(|step| step.slices).collect(),
            flag,
            explanation,
        })
    }

    /// Asks two snapshots what they would give somebody now.
    ///
    /// # Errors
    /// `NotFound` of kind `snapshot` for one that is not kept any more or is of another
    /// environment, else as [`Console::flag_why`].
    pub async fn flag_why_compared(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        somebody: &Somebody,
        versions: Versions,
    ) -> Result<FlagWhyCompared> {
        let flag = self.readable_flag(actor, environment, key).await?;
        let asking = self.asking_flag(&flag, key, somebody).await?;
        let from = self.flag_why_then(actor, &flag, &asking, Some(versions.from));
        let from = from.await?;
        let to = self.flag_why_then(actor, &flag, &asking, versions.to);
        Ok(FlagWhyCompared {
            from,
            to: to.await?,
            flag,
        })
    }

    async fn flag_why_then(
        &self,
        actor: &Actor,
        flag: &Flag,
        asking: &Asking<'_>,
        version: Option<u64>,
    ) -> Result<FlagWhyThen> {
        let (row, asked) = match version {
            Some(version) => {
                let opened = self.opened(actor, flag.environment, version).await?;
                (Some(opened.row), opened.asked)
            }
            None => {
                let mut snapshot = self.snapshot_if_on(flag).await?;
                let engine = compiled(&mut snapshot).map_err(Error::internal)?;
                (None, Ok((snapshot, engine)))
            }
        };
        let (answer, problem) = match asked {
            Ok((snapshot, engine)) => (asking.of(&snapshot, &engine)?, None),
            Err(problem) => (None, Some(problem)),
        };
        let (rule, explanation) = answer.unzip();
        Ok(FlagWhyThen {
            snapshot: row,
            rule,
            explanation,
            problem,
        })
    }

    async fn asking_flag<'a>(
        &self,
        flag: &Flag,
        key: &'a str,
        somebody: &'a Somebody,
    ) -> Result<Asking<'a>> {
        let targetings = flag.rules.iter().map(|rule| &rule.targeting);
        let named = self.named_conditions(flag.environment, targetings);
        Ok(Asking {
            key,
            somebody,
            named: named.await?,
            now_ms: self.now_ms(),
        })
    }

    /// The next snapshot, with the flag as if it were on.
    async fn snapshot_if_on(&self, flag: &Flag) -> Result<Snapshot> {
        let on = Flag {
            enabled: true,
            archived: false,
            ..flag.clone()
        };
        self.next_snapshot(flag.environment, Changed::Flag(&on), 0)
            .await
    }
}
