//! Every state a saved group ever had, what differs between two, and going back to one.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::Cause;
use nexus_domain::saved_group::{SavedGroup, SavedGroupChanges, SavedGroupDraft, changes};

use super::not_found;
use crate::sql::sql;
use crate::views::{SavedGroupRevision, SavedGroupRevisions};
use crate::{Console, Error, Result};

/// Most revisions that are listed, the newest.
const MOST: u32 = 50;

impl Console {
    /// The states, newest first, without their values.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn saved_group_revisions(
        &self,
        actor: &Actor,
        environment: Environment,
        id: &str,
    ) -> Result<SavedGroupRevisions> {
        let current = self.readable_group(actor, environment, id).await?;
        let entries = self.history_of_group(actor, &current, MOST).await?;
        let rows = self
            .rows(sql!(
                "SELECT version, at_ms FROM saved_group_revisions \
                 WHERE environment = ?1 AND id = ?2 ORDER BY version DESC LIMIT ?3",
                environment.as_str(),
                id,
                MOST
            ))
            .await?;
        // Each revision has one entry, and both are the newest ones first.
        let mut entries = entries.into_iter();
        let mut revisions = Vec::new();
        for mut row in rows {
            revisions.push(SavedGroupRevision {
                version: row.u64()?,
                at_ms: row.i64()?,
                change: entries.next(),
            });
        }
        Ok(SavedGroupRevisions { current, revisions })
    }

    /// What differs in two states.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn saved_group_changes(
        &self,
        actor: &Actor,
        environment: Environment,
        id: &str,
        from: u64,
        to: u64,
    ) -> Result<SavedGroupChanges> {
        self.authorise(actor, Action::ViewSavedGroups, None, None)?;
        let from = self.revision_of_group(environment, id, from).await?;
        let to = self.revision_of_group(environment, id, to).await?;
        Ok(changes(
            &SavedGroupDraft::of(&from),
            &SavedGroupDraft::of(&to),
        ))
    }

    /// Makes an older revision the newest state.
    ///
    /// # Errors
    /// `NotFound` also for a revision there is none of; else as editing.
    pub async fn restore_saved_group(
        &self,
        actor: &Actor,
        environment: Environment,
        id: &str,
        version: u64,
        revision: u64,
    ) -> Result<SavedGroup> {
        let current = self.stored_group(environment, id).await?;
        current.ok_or_else(|| not_found(environment, id))?;
        self.authorise(actor, Action::ManageSavedGroups, Some(environment), None)?;
        let old = self.revision_of_group(environment, id, revision).await?;
        let draft = SavedGroupDraft::of(&old);
        let target = (environment, id, Some(version));
        let reason = Some(Cause::Restored { revision }.into());
        self.set_group(actor, target, draft, "saved_group.restore", reason)
            .await
    }

    async fn revision_of_group(
        &self,
        environment: Environment,
        id: &str,
        revision: u64,
    ) -> Result<SavedGroup> {
        let row = self
            .row(sql!(
                "SELECT document FROM saved_group_revisions \
                 WHERE environment = ?1 AND id = ?2 AND version = ?3",
                environment.as_str(),
                id,
                revision
            ))
            .await?;
        row.ok_or_else(|| Error::NotFound {
            kind: "revision",
            id: revision.to_string(),
        })?
        .json()
    }
}
