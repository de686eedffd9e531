//! Proofs that an entry is in the log, and that the log only grew.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{self, Hash, Range};

use crate::sql::sql;
use crate::views::{AuditConsistency, AuditProof};
use crate::{Console, Error, Result};

impl Console {
    /// That entry `seq` is in the log as it is now.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn audit_proof(&self, actor: &Actor, seq: u64) -> Result<AuditProof> {
        self.authorise(actor, Action::ViewAudit, None, None)?;
        let leaf = sql!("SELECT leaf_hash FROM audit_entries WHERE seq = ?1", seq);
        let leaf_hash = match self.row(leaf).await? {
            Some(mut row) => row.text()?,
            None => return Err(no_entry(seq)),
        };
        let size = self.size().await?;
        let ranges = audit::inclusion_ranges(seq, size).ok_or_else(|| no_entry(seq))?;
        Ok(AuditProof {
            seq,
            size,
            leaf_hash,
            path: self.path(&ranges).await?,
            root: hex::encode(self.root(size).await?),
            checkpoint: self.sign_checkpoint(size).await?,
        })
    }

    /// That the log of `size` entries (all there are, if not given) extends the
    /// log of the first `old_size`.
    ///
    /// # Errors
    /// `NotFound` when there are fewer entries or the sizes don't make sense.
    pub async fn audit_consistency(
        &self,
        actor: &Actor,
        old_size: u64,
        size: Option<u64>,
    ) -> Result<AuditConsistency> {
        self.authorise(actor, Action::ViewAudit, None, None)?;
        let now = self.size().await?;
        let size = size.unwrap_or(now);
        if size > now {
            return Err(no_entry(size.saturating_sub(1)));
        }
        let ranges = audit::consistency_ranges(old_size, size).ok_or_else(|| no_entry(old_size))?;
        Ok(AuditConsistency {
            old_size,
            size,
            old_root: hex::encode(self.root(old_size).await?),
            root: hex::encode(self.root(size).await?),
            path: self.path(&ranges).await?,
        })
    }

    async fn path(&self, ranges: &[Range]) -> Result<Vec<String>> {
        let wanted: Vec<_> = ranges
            .iter()
            .flat_map(|range| audit::range_coordinates(*range))
            .collect();
        let nodes = self.nodes(&wanted).await?;
        let hashes: Vec<Hash> = audit::proof(ranges, &nodes)
            .ok_or_else(|| Error::internal("a node of the audit tree is missing"))?;
        Ok(hashes.iter().map(hex::encode).collect())
    }
}

fn no_entry(seq: u64) -> Error {
    Error::NotFound {
        kind: "audit entry",
        id: seq.to_string(),
    }
}
