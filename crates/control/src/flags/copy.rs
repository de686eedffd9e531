//! Taking a flag to another environment: how teams promote.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::Cause;
use nexus_domain::flag::{Flag, FlagDraft};
use nexus_domain::{Environment, Field, FieldProblem, Problem};

use super::Around;
use crate::experiments::invalid;
use crate::{Console, Error, Result};

/// Where a flag is copied from and to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagCopy<'a> {
    pub key: &'a str,
    pub from: Environment,
    pub to: Environment,
    /// Version of the flag that is there and gets the settings; none when there is none yet.
    pub version: Option<u64>,
}

impl Console {
    /// Words, values and rules as they are in the one environment, in the other. A flag that
    /// is there stays on or off as it is; a new one is off. Rules keep their ids, so that
    /// they take in the same users.
    ///
    /// # Errors
    /// `Conflict` when what is there has another version, `Invalid` when it is of another
    /// kind or in the same environment, `Archived`, `NotFound`, `Forbidden`.
    pub async fn copy_flag(&self, actor: &Actor, copy: FlagCopy<'_>) -> Result<Flag> {
        let FlagCopy { key, from, to, .. } = copy;
        let source = self.readable_flag(actor, from, key).await?;
        let may = |old: Option<&Flag>| {
            let action = match old {
                None => Action::CreateFlag,
                Some(_) => Action::EditFlag,
            };
            self.authorise(actor, action, Some(to), None)?;
            if from == to {
                return Err(invalid(Field::Environment, Problem::Duplicate));
            }
            Ok(())
        };
        may(self.stored_flag(to, key).await?.as_ref())?;
        self.check_schema(to, key, &FlagDraft::of(&source)).await?;
        let by = actor.principal.label();
        let copied = Cause::Copied {
            environment: from,
            revision: source.version,
        };
        let expected = Some(copy.version.unwrap_or(0));
        self.change_flag(actor, to, key, expected, may, |old, around| {
            let new = as_copied(&source, to, old, by, around)?;
            Ok(Some((new, "flag.copy", Some(copied.clone().into()))))
        })
        .await
    }

    /// What [`Console::copy_flag`] would be refused for. Changes nothing.
    ///
    /// # Errors
    /// `Archived` when what is there is, `NotFound`, `Forbidden`, or the database's.
    pub async fn problems_of_copy(
        &self,
        actor: &Actor,
        FlagCopy { key, from, to, .. }: FlagCopy<'_>,
    ) -> Result<Vec<FieldProblem>> {
        let source = self.readable_flag(actor, from, key).await?;
        let old = self.stored_flag(to, key).await?;
        let around = Around {
            now_ms: self.now_ms(),
            holdouts: self.holdouts_in_force(Some(to)).await?,
        };
        let by = actor.principal.label();
        let checked = async {
            self.check_schema(to, key, &FlagDraft::of(&source)).await?;
            let new = as_copied(&source, to, old.as_ref(), by, &around)?;
            self.check_flag(old.as_ref(), &new).await
        };
        match checked.await {
            Ok(()) => Ok(Vec::new()),
            Err(Error::Invalid(problems)) => Ok(problems),
            Err(error) => Err(error),
        }
    }
}

/// The flag as it will be in the other environment.
fn as_copied(
    source: &Flag,
    to: Environment,
    old: Option<&Flag>,
    by: &str,
    around: &Around,
) -> Result<Flag> {
    let draft = FlagDraft {
        environment: to,
        ..FlagDraft::of(source)
    };
    // Holdouts belong to one environment.
    let draft = draft.bound_as(old);
    let new = match old {
        None => draft.create(by, around.now_ms),
        Some(old) if old.archived => return Err(Error::Archived),
        Some(old) => draft.apply(old, by, around.now_ms),
    };
    let new = new.map_err(Error::Invalid)?;
    Ok(new.joined(old, &around.holdouts))
}
