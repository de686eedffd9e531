//! Every state a flag ever had, what differs between two, and going back to one.

use nexus_domain::Environment;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::flag::{Flag, FlagChange, FlagDraft, changes};

use super::{Settings, not_found};
use crate::sql::sql;
use crate::views::{FlagRevision, FlagRevisions};
use crate::{Console, Error, Result};

/// Most revisions that are listed, the newest.
const MOST: u32 = 200;

impl Console {
    /// The states, newest first.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn flag_revisions(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
    ) -> Result<FlagRevisions> {
        let current = self.readable_flag(actor, environment, key).await?;
        let entries = self.history_of_flag(actor, &current, MOST).await?;
        let rows = self
            .rows(sql!(
                "SELECT document FROM flag_revisions WHERE environment = ?1 AND key = ?2 \
                 ORDER BY version DESC LIMIT ?3",
                environment.as_str(),
                key,
                MOST
            ))
            .await?;
        let mut revisions = Vec::new();
        for mut row in rows {
            let flag: Flag = row.json()?;
            let digest = Some(flag.digest());
            let change = entries.iter().find(|row| row.entry.after_digest == digest);
            revisions.push(FlagRevision {
                change: change.cloned(),
                flag,
            });
        }
        Ok(FlagRevisions { current, revisions })
    }

    /// One state.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn flag_revision(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        revision: u64,
    ) -> Result<Flag> {
        self.authorise(actor, Action::ViewFlags, None, None)?;
        self.stored_revision(environment, key, revision).await
    }

    /// What differs in the settings of two states.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn flag_changes(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        from: u64,
        to: u64,
    ) -> Result<Vec<FlagChange>> {
        let from = self.flag_revision(actor, environment, key, from).await?;
        let to = self.flag_revision(actor, environment, key, to).await?;
        Ok(changes(&FlagDraft::of(&from), &FlagDraft::of(&to)))
    }

    /// Makes what was settable in an older revision the newest state; whether it is on stays.
    ///
    /// # Errors
    /// `NotFound` also for a revision there is none of; else as editing.
    pub async fn restore_flag(
        &self,
        actor: &Actor,
        environment: Environment,
        key: &str,
        version: u64,
        revision: u64,
    ) -> Result<Flag> {
        // Whoever may not change it is told so, not whether there is such a revision.
        let current = self.stored_flag(environment, key).await?;
        current.ok_or_else(|| not_found(environment, key))?;
        self.authorise(actor, Action::EditFlag, Some(environment), None)?;
        let old = self.stored_revision(environment, key, revision).await?;
        let change = Settings {
            draft: FlagDraft::of(&old),
            restores: Some(revision),
        };
        self.change_settings_of_flag(actor, environment, key, version, change)
            .await
    }

    async fn stored_revision(
        &self,
        environment: Environment,
        key: &str,
        revision: u64,
    ) -> Result<Flag> {
        let row = self
            .row(sql!(
                "SELECT document FROM flag_revisions \
                 WHERE environment = ?1 AND key = ?2 AND version = ?3",
                environment.as_str(),
                key,
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
