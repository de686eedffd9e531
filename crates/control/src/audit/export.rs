//! The export that `docs/audit.md` describes, in parts.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, Entry, EntryDraft};
use serde::Serialize;

use crate::commit::{Attempts, Committed};
use crate::sql::{json, sql};
use crate::views::AuditExportChunk;
use crate::{Console, Result};

const MAX_LINES: u32 = 10_000;
/// For how long parts count as belonging to an export that was begun.
const ONE_EXPORT_MS: i64 = 3_600_000;

#[derive(Serialize)]
struct Header<'a> {
    format: &'a str,
    version: u32,
    origin: String,
    public_key: String,
}

#[derive(Serialize)]
struct Line {
    seq: u64,
    canonical: Option<String>,
    leaf_hash: String,
}

#[derive(Serialize)]
struct Last {
    checkpoint: String,
}

impl Console {
    /// The part that begins with entry `from_seq` and has at most `limit`
    /// entries (10,000 at most). The first part has the header, the last one the
    /// checkpoint. Taking the log away is recorded in it, once per export.
    ///
    /// # Errors
    /// `Forbidden`, or the database's.
    pub async fn audit_export(
        &self,
        actor: &Actor,
        from_seq: u64,
        limit: u32,
    ) -> Result<AuditExportChunk> {
        self.authorise(actor, Action::ExportAudit, None, None)?;
        if from_seq == 0 || !self.has_begun_export(actor).await? {
            self.record_export(actor, from_seq).await?;
        }
        let limit = limit.clamp(1, MAX_LINES);
        let mut text = String::new();
        if from_seq == 0 {
            let header = Header {
                format: "nexus-audit-export",
                version: 1,
                origin: self.origin(),
                public_key: self.audit_public_key(),
            };
            text.push_str(&json(&header)?);
            text.push('\n');
        }
        let rows = self
            .rows(sql!(
                "SELECT seq, canonical, leaf_hash FROM audit_entries \
                 WHERE seq >= ?1 ORDER BY seq LIMIT ?2",
                from_seq,
                limit
            ))
            .await?;
        let entries = rows.len() as u64;
        for mut row in rows {
            let line = Line {
                seq: row.u64()?,
                canonical: row.maybe_text()?,
                leaf_hash: row.text()?,
            };
            text.push_str(&json(&line)?);
            text.push('\n');
        }
        let next = from_seq.saturating_add(entries);
        if entries == u64::from(limit) {
            return Ok(AuditExportChunk {
                text,
                entries,
                next_seq: Some(next),
            });
        }
        // A part that begins beyond the end still ends with what there is.
        let size = next.min(self.size().await?);
        let checkpoint = self.sign_checkpoint(size).await?;
        text.push_str(&json(&Last { checkpoint })?);
        text.push('\n');
        Ok(AuditExportChunk {
            text,
            entries,
            next_seq: None,
        })
    }

    async fn has_begun_export(&self, actor: &Actor) -> Result<bool> {
        let rows = self
            .rows(sql!(
                "SELECT canonical FROM audit_entries \
                 WHERE action = 'audit.export' AND actor_kind = ?1 AND at_ms > ?2",
                actor.principal.kind(),
                self.now_ms() - ONE_EXPORT_MS
            ))
            .await?;
        for mut row in rows {
            if row.json::<Entry>()?.actor == actor.principal.label() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn record_export(&self, actor: &Actor, from_seq: u64) -> Result<()> {
        let _turn = self.inner.commands.lock().await;
        let mut attempts = Attempts::new();
        loop {
            let head = self.head().await?;
            let entry = EntryDraft {
                action: "audit.export",
                object_kind: "audit",
                object_id: "log".to_owned(),
                environment: None,
                before_digest: None,
                after_digest: None,
                reason: Some(
                    Cause::Exported {
                        from_seq,
                        of: head.size,
                    }
                    .into(),
                ),
            };
            match self.commit(&head, actor, vec![entry], Vec::new()).await? {
                Committed::Done => return Ok(()),
                Committed::Raced(cause) => attempts.raced(cause)?,
            }
        }
    }
}
