//! Saved groups: creating, changing and reading them.

mod list;
mod revisions;
pub(crate) mod rows;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft, Reason};
use nexus_domain::saved_group::{SavedGroup, SavedGroupDraft, changes};
use nexus_domain::{Environment, Field, Problem};

use crate::commit::{Attempts, Committed};
use crate::effects::Changed;
use crate::experiments::invalid;
use crate::failpoint::failpoint;
use crate::{Console, Error, Result};

/// The next state, the action's name in the audit log, its reason.
type Decided = (SavedGroup, &'static str, Option<Reason>);

impl Console {
    /// # Errors
    /// `Invalid` with every problem of the draft, or when the groups that its condition names
    /// are not there; `Forbidden`.
    pub async fn create_saved_group(
        &self,
        actor: &Actor,
        draft: SavedGroupDraft,
    ) -> Result<SavedGroup> {
        let environment = draft.environment;
        self.authorise(actor, Action::ManageSavedGroups, Some(environment), None)?;
        let by = actor.principal.label();
        let made = draft.create(by, self.now_ms()).map_err(Error::Invalid)?;
        let target = (environment, made.id.as_str(), None);
        self.change_group(actor, target, |old, _| match old {
            Some(_) => Err(invalid(Field::Id, Problem::Taken)),
            None => Ok(Some((made.clone(), "saved_group.create", None))),
        })
        .await
    }

    /// Conditions that name it follow with the snapshot of the same commit.
    ///
    /// # Errors
    /// `Invalid`, also when a condition that names it would become too large; `Conflict` when
    /// `version` is not the newest, `Archived`, `NotFound`, `Forbidden`.
    pub async fn edit_saved_group(
        &self,
        actor: &Actor,
        environment: Environment,
        id: &str,
        version: u64,
        draft: SavedGroupDraft,
    ) -> Result<SavedGroup> {
        self.set_group(
            actor,
            (environment, id, Some(version)),
            draft,
            "saved_group.edit",
            None,
        )
        .await
    }

    pub(super) async fn set_group(
        &self,
        actor: &Actor,
        target: Target<'_>,
        draft: SavedGroupDraft,
        action: &'static str,
        reason: Option<Reason>,
    ) -> Result<SavedGroup> {
        self.change_group(actor, target, |old, now_ms| {
            let old = old.ok_or_else(|| not_found(target.0, target.1))?;
            if old.archived {
                return Err(Error::Archived);
            }
            let by = actor.principal.label();
            let new = draft.clone().apply(old, by, now_ms);
            let new = new.map_err(Error::Invalid)?;
            let said = reason.clone().or_else(|| told(old, &new));
            Ok(Some((new, action, said)))
        })
        .await
    }

    /// Puts it out of use or back into it; whatever is so already stays as it is.
    ///
    /// # Errors
    /// `Invalid` with [`Problem::InUse`] while anything names it, `Conflict`, `NotFound`,
    /// `Forbidden`.
    pub async fn archive_saved_group(
        &self,
        actor: &Actor,
        environment: Environment,
        id: &str,
        version: Option<u64>,
        archived: bool,
    ) -> Result<SavedGroup> {
        let action = match archived {
            true => "saved_group.archive",
            false => "saved_group.unarchive",
        };
        self.change_group(actor, (environment, id, version), |old, now_ms| {
            let old = old.ok_or_else(|| not_found(environment, id))?;
            let new = old.archived(archived, actor.principal.label(), now_ms);
            Ok(new.map(|new| (new, action, None)))
        })
        .await
    }

    /// Read, decide, commit; again when somebody committed in between. Nothing decided is
    /// nothing changed.
    async fn change_group(
        &self,
        actor: &Actor,
        (environment, id, expected): Target<'_>,
        decide: impl Fn(Option<&SavedGroup>, i64) -> Result<Option<Decided>>,
    ) -> Result<SavedGroup> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let old = self.stored_group(environment, id).await?;
            if expected.is_some() && old.is_none() {
                return Err(not_found(environment, id));
            }
            self.authorise(actor, Action::ManageSavedGroups, Some(environment), None)?;
            let actual = old.as_ref().map_or(0, |old| old.version);
            if let Some(expected) = expected.filter(|version| *version != actual) {
                return Err(Error::Conflict { expected, actual });
            }
            let Some((new, action, reason)) = decide(old.as_ref(), self.now_ms())? else {
                return old.ok_or_else(|| not_found(environment, id));
            };
            let used = self.check_group(old.as_ref(), &new).await?;
            failpoint("saved_group.decided");
            let mut state = rows::change(old.as_ref(), &new)?;
            let matters = old.as_ref().is_some_and(|old| old.content != new.content);
            if matters && used {
                let changed = Changed::SavedGroup(&new);
                state.extend(self.stage_snapshot(environment, changed).await?);
            }
            let entry = entry(action, old.as_ref(), &new, reason);
            match self.commit(&head, actor, vec![entry], state).await? {
                Committed::Done => {
                    failpoint("saved_group.committed");
                    return Ok(new);
                }
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }
}

/// Environment and id, and the version that was read.
type Target<'a> = (Environment, &'a str, Option<u64>);

/// How many came and went, for the log; never who.
fn told(old: &SavedGroup, new: &SavedGroup) -> Option<Reason> {
    let found = changes(&SavedGroupDraft::of(old), &SavedGroupDraft::of(new));
    let (added, removed) = (found.added_count, found.removed_count);
    let values = Cause::Values {
        added: added as u64,
        removed: removed as u64,
    };
    (added + removed > 0).then(|| values.into())
}

fn entry(
    action: &'static str,
    old: Option<&SavedGroup>,
    new: &SavedGroup,
    reason: Option<Reason>,
) -> EntryDraft {
    EntryDraft {
        action,
        object_kind: "saved_group",
        object_id: new.path(),
        environment: Some(new.environment),
        before_digest: old.map(SavedGroup::digest),
        after_digest: Some(new.digest()),
        reason,
    }
}

pub(crate) fn not_found(environment: Environment, id: &str) -> Error {
    let id: String = id.chars().take(64).collect();
    Error::NotFound {
        kind: "saved group",
        id: format!("{environment}/{id}"),
    }
}
