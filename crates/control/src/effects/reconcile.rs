//! Keeps what is at the edge equal to what was committed, whoever changed it.

use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};
use nexus_domain::digest;

use super::Changed;
use super::Stored;
use super::publish::{Ahead, key_of};
use crate::commit::Committed;
use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::sql::sql;
use crate::{Console, Error, Result};

/// How often a published snapshot is compared with what is there.
const EVERY_MS: i64 = 30_000;

impl Console {
    /// A namespace that was emptied, or overwritten by a process that had lost
    /// its lease, gets the newest snapshot again.
    pub(super) async fn reconcile(
        &self,
        lease: &Lease,
        environment: Environment,
        newest: &Stored,
    ) -> Result<()> {
        if !self
            .is_due(&format!("reconcile:{environment}"), EVERY_MS)
            .await?
        {
            return Ok(());
        }
        let there = match self.inner.store.get(&key_of(environment)).await {
            Ok(there) => there,
            // It was right when last seen; the next look will tell.
            Err(error) => {
                tracing::debug!(%error, "can't compare the published snapshot");
                return Ok(());
            }
        };
        if there.as_deref() == Some(newest.envelope.as_bytes()) {
            return Ok(());
        }
        if let Some(ahead) = self.ahead(environment, there, newest) {
            return self.overtake(lease, environment, &ahead).await;
        }
        tracing::warn!(%environment, version = newest.version, "the published snapshot was changed: publishing again");
        failpoint("reconcile.before_plan");
        self.fenced(vec![
            lease.guard(),
            sql!(
                "UPDATE snapshots SET published_ms = NULL WHERE environment = ?1 AND version = ?2",
                environment.as_str(),
                newest.version
            ),
            self.plan_publication(environment, newest.version, self.now_ms()),
        ])
        .await?;
        failpoint("reconcile.after_plan");
        Ok(())
    }

    /// The edge has what the database does not know, as after restoring a backup.
    /// Gateways refuse to go back, so the present state gets a version above theirs.
    pub(super) async fn overtake(
        &self,
        lease: &Lease,
        environment: Environment,
        ahead: &Ahead,
    ) -> Result<()> {
        let version = ahead.version;
        let _turn = self.inner.commands.lock().await;
        let head = self.head().await?;
        // Or another holder of the lease has published it: then nothing is wrong.
        let newest = self.newest_snapshot(environment).await?;
        if newest.is_some_and(|n| {
            n.version > version || (n.version == version && n.envelope.as_bytes() == ahead.envelope)
        }) {
            return Ok(());
        }
        let staged = self
            .snapshot_of_version(environment, Changed::Nothing, version + 1)
            .await?;
        let mut state = vec![lease.guard()];
        state.extend(staged.state);
        let actor = Actor::system("publisher", self.request_id());
        let entry = EntryDraft {
            action: "snapshot.republish",
            object_kind: "snapshot",
            object_id: key_of(environment),
            environment: Some(environment),
            before_digest: Some(digest_of_json(&ahead.envelope)?),
            after_digest: Some(digest_of_json(staged.envelope.as_bytes())?),
            reason: Some(Cause::Ahead { version }.into()),
        };
        match self.commit(&head, &actor, vec![entry], state).await? {
            Committed::Done => {
                tracing::warn!(%environment, version, "the edge was ahead of the database")
            }
            Committed::Raced(_) => {}
        }
        Ok(())
    }
}

impl Console {
    /// Gateways that report although nothing was ever published get the environment as it is:
    /// without a snapshot they sample no visitors, whom the first experiment is sized by.
    pub(super) async fn publish_first(
        &self,
        lease: &Lease,
        environment: Environment,
    ) -> Result<()> {
        let reported = self
            .row(sql!(
                "SELECT 1 FROM gateways WHERE environment = ?1 LIMIT 1",
                environment.as_str()
            ))
            .await?;
        if reported.is_none() {
            return Ok(());
        }
        let _turn = self.inner.commands.lock().await;
        let head = self.head().await?;
        if self.newest_snapshot(environment).await?.is_some() {
            return Ok(());
        }
        let staged = self
            .snapshot_of_version(environment, Changed::Nothing, 1)
            .await?;
        let entry = EntryDraft {
            action: "snapshot.publish",
            object_kind: "snapshot",
            object_id: key_of(environment),
            environment: Some(environment),
            before_digest: None,
            after_digest: Some(digest_of_json(staged.envelope.as_bytes())?),
            reason: None,
        };
        let mut state = vec![lease.guard()];
        state.extend(staged.state);
        let actor = Actor::system("publisher", self.request_id());
        match self.commit(&head, &actor, vec![entry], state).await? {
            Committed::Done => tracing::info!(%environment, "the first snapshot"),
            // Who was quicker has published, or is followed next time.
            Committed::Raced(_) => {}
        }
        Ok(())
    }
}

fn digest_of_json(bytes: &[u8]) -> Result<String> {
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(Error::internal)?;
    digest::of(&value).map_err(Error::internal)
}
