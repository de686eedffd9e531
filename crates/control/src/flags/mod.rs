//! Creating, changing and reading feature flags.

mod code;
mod copy;
mod detail;
mod import;
mod list;
mod revisions;
pub(crate) mod rows;
mod schema;
mod usage;
mod why;

pub use copy::FlagCopy;
pub use import::Take;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft, Reason};
use nexus_domain::flag::{Flag, FlagCommand, FlagDraft, flag_rule_of};
use nexus_domain::holdout::Holdout;
use nexus_domain::ids::FlagKey;
use nexus_domain::{Environment, Field, Problem};

use crate::commit::{Attempts, Committed};
use crate::effects::Changed;
use crate::experiments::invalid;
use crate::failpoint::failpoint;
use crate::{Console, Error, Result};

const MAX_REASON: usize = 2_000;

/// The next state, the action's name in the audit log, its reason.
type Decided = (Flag, &'static str, Option<Reason>);

impl Console {
    /// The new flag is switched off.
    ///
    /// # Errors
    /// `Invalid` with every problem of the draft; `Forbidden`.
    pub async fn create_flag(&self, actor: &Actor, draft: FlagDraft) -> Result<Flag> {
        let environment = draft.environment;
        self.authorise(actor, Action::CreateFlag, Some(environment), None)?;
        let by = actor.principal.label();
        let made = draft.create(by, self.now_ms()).map_err(Error::Invalid)?;
        let key = made.key.as_str();
        self.change_flag(
            actor,
            environment,
            key,
            None,
            |_| Ok(()),
            |old, around| {
                if old.is_some() {
                    return Err(invalid(Field::Key, Problem::Taken));
                }
                let made = made.clone().joined(None, &around.holdouts);
                Ok(Some((made, "flag.create", None)))
            },
        )
        .await
    }

    /// # Errors
    /// `Invalid`, `Conflict` when `version` is not the newest, `Archived`, `NotFound`,
    /// `Forbidden`.
    pub async fn edit_flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        version: u64,
        draft: FlagDraft,
    ) -> Result<Flag> {
        let change = Settings {
            draft,
            restores: None,
        };
        self.change_settings_of_flag(actor, environment, key, version, change)
            .await
    }

    async fn change_settings_of_flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        version: u64,
        change: Settings,
    ) -> Result<Flag> {
        let may = |old: Option<&Flag>| {
            old.ok_or_else(|| not_found(environment, key))?;
            self.authorise(actor, Action::EditFlag, Some(environment), None)
        };
        may(self.stored_flag(environment, key).await?.as_ref())?;
        self.check_schema(environment, key, &change.draft).await?;
        self.change_flag(
            actor,
            environment,
            key,
            Some(version),
            may,
            |old, around| {
                let old = old.ok_or_else(|| not_found(environment, key))?;
                if old.archived {
                    return Err(Error::Archived);
                }
                let by = actor.principal.label();
                let draft = change.draft.clone();
                let new = draft.apply(old, by, around.now_ms);
                let new = new.map_err(Error::Invalid)?;
                Ok(Some(match change.restores {
                    Some(revision) => {
                        let restored = Cause::Restored { revision };
                        (new, "flag.restore", Some(restored.into()))
                    }
                    None => {
                        let new = new.joined(Some(old), &around.holdouts);
                        (new, "flag.edit", None)
                    }
                }))
            },
        )
        .await
    }

    /// Switches or archives it; whatever is so already stays as it is.
    ///
    /// # Errors
    /// `Archived` when an archived flag is to be switched, `Invalid` for an overlong reason,
    /// `Conflict`, `NotFound`, `Forbidden`.
    pub async fn command_flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        version: Option<u64>,
        command: FlagCommand,
        reason: &str,
    ) -> Result<Flag> {
        let may = |old: Option<&Flag>| {
            old.ok_or_else(|| not_found(environment, key))?;
            self.authorise(actor, command.action(), Some(environment), None)
        };
        let reason = reason.trim();
        self.change_flag(actor, environment, key, version, may, |old, around| {
            let old = old.ok_or_else(|| not_found(environment, key))?;
            if reason.chars().count() > MAX_REASON {
                let max = MAX_REASON as u32;
                return Err(invalid(Field::Reason, Problem::TooLong { max }));
            }
            let after = old.after(command, actor.principal.label(), around.now_ms);
            let after = after.map_err(|_| Error::Archived)?;
            let said = (!reason.is_empty()).then(|| reason.to_owned().into());
            Ok(after.map(|new| (new, action_name(command), said)))
        })
        .await
    }

    /// Read, decide, commit; again when somebody committed in between. Nothing decided is
    /// nothing changed.
    async fn change_flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        expected: Option<u64>,
        may: impl Fn(Option<&Flag>) -> Result<()>,
        decide: impl Fn(Option<&Flag>, &Around) -> Result<Option<Decided>>,
    ) -> Result<Flag> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.stored_flag(environment, key).await?;
            may(old.as_ref())?;
            let actual = old.as_ref().map_or(0, |old| old.version);
            if let Some(expected) = expected.filter(|version| *version != actual) {
                return Err(Error::Conflict { expected, actual });
            }
            let around = Around {
                now_ms: self.now_ms(),
                holdouts: self.holdouts_in_force(Some(environment)).await?,
            };
            let Some((new, action, reason)) = decide(old.as_ref(), &around)? else {
                return old.ok_or_else(|| not_found(environment, key));
            };
            self.check_flag(old.as_ref(), &new).await?;
            failpoint("flag.decided");
            let mut state = rows::change(old.as_ref(), &new)?;
            // The status is said to experiments that set it.
            let told = |flag: &Flag| (flag.status(), flag_rule_of(flag, &around.holdouts));
            if old.as_ref().map(told) != Some(told(&new)) {
                let changed = Changed::Flag(&new);
                state.extend(self.stage_snapshot(environment, changed).await?);
            }
            let entry = entry(action, old.as_ref(), &new, reason);
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => {
                    failpoint("flag.committed");
                    return Ok(new);
                }
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }
}

/// What a change is decided by besides the flag.
struct Around {
    now_ms: i64,
    /// Those in force in the environment.
    holdouts: Vec<Holdout>,
}

/// New settings.
struct Settings {
    draft: FlagDraft,
    /// The revision that they are of: its rules come back bound as they were.
    restores: Option<u64>,
}

const fn action_name(command: FlagCommand) -> &'static str {
    match command {
        FlagCommand::Enable => "flag.enable",
        FlagCommand::Disable => "flag.disable",
        FlagCommand::Archive => "flag.archive",
        FlagCommand::Unarchive => "flag.unarchive",
    }
}

pub(crate) fn entry(
    action: &'static str,
    old: Option<&Flag>,
    new: &Flag,
    reason: Option<Reason>,
) -> EntryDraft {
    EntryDraft {
        action,
        object_kind: "flag",
        object_id: new.path(),
        environment: Some(new.environment),
        before_digest: old.map(Flag::digest),
        after_digest: Some(new.digest()),
        reason,
    }
}

pub(crate) fn not_found(environment: Environment, key: &str) -> Error {
    let key: String = key.chars().take(FlagKey::MAX_LEN).collect();
    Error::NotFound {
        kind: "flag",
        id: format!("{environment}/{key}"),
    }
}
