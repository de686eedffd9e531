//! Signing the log's root, and never two logs that don't extend each other.

use nexus_domain::audit::{self, Hash};

use super::note::{self, Checkpoint};
use crate::commit::parse_hash;
use crate::failpoint::failpoint;
use crate::sql::sql;
use crate::{Console, Error, Result};

const EVERY_MS: i64 = 60_000;

/// The newest signed root.
pub(super) struct Signed {
    pub(super) size: u64,
    pub(super) root: Hash,
    pub(super) note: String,
    at_ms: i64,
}

impl Console {
    /// The key that signs checkpoints, as `docs/audit.md` writes it.
    #[must_use]
    pub fn audit_public_key(&self) -> String {
        note::verifier_key(&self.origin(), &self.inner.keys.checkpoint.verifying_key())
    }

    pub(super) fn origin(&self) -> String {
        note::origin_of(&self.inner.settings.public_url)
    }

    pub(super) async fn size(&self) -> Result<u64> {
        self.number(sql!("SELECT MAX(seq) + 1 FROM audit_entries"))
            .await
    }

    /// Root of the first `size` entries, from the stored nodes.
    pub(super) async fn root(&self, size: u64) -> Result<Hash> {
        let nodes = self.nodes(&audit::range_coordinates((0, size))).await?;
        audit::range_hash((0, size), &nodes)
            .ok_or_else(|| Error::internal("a node of the audit tree is missing"))
    }

    pub(super) async fn last_checkpoint(&self) -> Result<Option<Signed>> {
        let row = self
            .row(sql!(
                "SELECT size, root, note, at_ms FROM audit_checkpoints ORDER BY size DESC LIMIT 1"
            ))
            .await?;
        row.map(|mut r| {
            Ok(Signed {
                size: r.u64()?,
                root: parse_hash(&r.text()?)?,
                note: r.text()?,
                at_ms: r.i64()?,
            })
        })
        .transpose()
    }

    /// At most once a minute, if the log has grown.
    pub(crate) async fn checkpoint_if_due(&self) -> Result<()> {
        let size = self.size().await?;
        let last = self.last_checkpoint().await?;
        let due = last.as_ref().is_none_or(|l| {
            size > l.size && (self.now_ms() - l.at_ms >= EVERY_MS || l.at_ms > self.now_ms())
        });
        if size > 0 && due {
            self.sign_checkpoint(size).await?;
        }
        Ok(())
    }

    /// A signed note over the first `size` entries.
    pub(super) async fn sign_checkpoint(&self, size: u64) -> Result<String> {
        failpoint("checkpoint.before_sign");
        let last = self.last_checkpoint().await?;
        if let Some(last) = last.as_ref().filter(|l| l.size <= size)
            && self.root(last.size).await? != last.root
        {
            tracing::error!(
                size = last.size,
                "the audit log does not extend its checkpoint"
            );
            return Err(Error::internal(
                "the audit log does not extend its checkpoint",
            ));
        }
        let root = self.root(size).await?;
        let checkpoint = Checkpoint {
            origin: self.origin(),
            size,
            root,
        };
        let note = note::sign(&checkpoint, &self.inner.keys.checkpoint);
        failpoint("checkpoint.before_batch");
        self.inner
            .db
            .batch(vec![sql!(
                "INSERT INTO audit_checkpoints (size, root, note, at_ms) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (size) DO NOTHING",
                size,
                hex::encode(root),
                note.as_str(),
                self.now_ms()
            )])
            .await?;
        failpoint("checkpoint.after_batch");
        Ok(note)
    }
}
