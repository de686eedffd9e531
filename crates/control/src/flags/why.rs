//! Why a flag gives somebody what.

use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::flag::Flag;
use nexus_flags::{Engine, FlagExplanation, FlagRule, Snapshot};

use crate::effects::Changed;
use crate::snapshots::compiled;
use crate::views::{FlagWhy, FlagWhyCompared, FlagWhyThen};
use crate::why::{Asking, Somebody, Versions};
use crate::{Console, Error, Result};

fn ask(
    asking: &Asking<'_>,
    key: &str,
    snapshot: &Snapshot,
    engine: &Engine,
) -> Result<Option<(FlagRule, FlagExplanation)>> {
    let rule = snapshot.flags.iter().find(|rule| rule.key == key);
    asking.of(rule, engine, FlagRule::explain_naming)
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
        let targetings = flag.rules.iter().map(|rule| &rule.targeting);
        let asking = self.asking(environment, targetings, somebody).await?;
        let mut snapshot = self.snapshot_if_on(&flag).await?;
        let engine = compiled(&mut snapshot).map_err(Error::internal)?;
        let (rule, explanation) = ask(&asking, key, &snapshot, &engine)?
            .ok_or_else(|| Error::internal("the flag is not in its snapshot"))?;
        Ok(FlagWhy {
            set_by: asking.set_by(key, &engine),
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
        let targetings = flag.rules.iter().map(|rule| &rule.targeting);
        let asking = self.asking(environment, targetings, somebody).await?;
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
        let next = self.snapshot_if_on(flag);
        let key = flag.key.as_str();
        let mut set_by = None;
        let said = self.said(actor, flag.environment, version, next, |s, engine| {
            set_by = asking.set_by(key, engine);
            ask(asking, key, s, engine)
        });
        let said = said.await?;
        let (rule, explanation) = said.answer.unzip();
        Ok(FlagWhyThen {
            snapshot: said.snapshot,
            set_by: set_by.filter(|_| rule.is_some()),
            rule,
            explanation,
            problem: said.problem,
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
