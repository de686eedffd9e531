//! Entries lose their text after a year. The leaf hash and the tree stay, so
//! every proof keeps working.

use nexus_domain::actor::Actor;
use nexus_domain::audit::{Cause, EntryDraft};

use super::RETENTION;
use crate::commit::Committed;
use crate::lease::Lease;
use crate::sql::sql;
use crate::{Console, Result};

const DAY_MS: i64 = 24 * 3_600_000;
const KEPT_MS: i64 = 365 * DAY_MS;
const EVERY_MS: i64 = 3_600_000;

impl Console {
    pub(crate) async fn retain(&self, lease: &Lease) -> Result<()> {
        if !self.is_due("retention", EVERY_MS).await? {
            return Ok(());
        }
        let before_ms = self.now_ms() - KEPT_MS;
        let _turn = self.inner.commands.lock().await;
        let head = self.head().await?;
        let newest = self
            .row(sql!(
                "SELECT COUNT(*), MAX(seq) FROM audit_entries \
                 WHERE at_ms < ?1 AND canonical IS NOT NULL",
                before_ms
            ))
            .await?;
        let Some(mut newest) = newest else {
            return Ok(());
        };
        let (old, Some(through)) = (newest.u64()?, newest.maybe_i64()?) else {
            return Ok(());
        };
        let entry = EntryDraft {
            action: RETENTION,
            object_kind: "audit",
            // What verifying compares with: no later entry may be without text.
            object_id: through.to_string(),
            environment: None,
            before_digest: None,
            after_digest: None,
            reason: Some(
                Cause::Retention {
                    entries: old,
                    days: 365,
                }
                .into(),
            ),
        };
        let state = vec![
            sql!(
                "UPDATE audit_entries SET canonical = NULL, actor_kind = '', action = '', \
                 object_id = '', search = '' WHERE at_ms < ?1 AND seq <= ?2",
                before_ms,
                through
            ),
            lease.guard(),
        ];
        let actor = Actor::system("retention", self.request_id());
        match self.commit(&head, &actor, vec![entry], state).await? {
            // When raced, the next hour does it.
            Committed::Done | Committed::Raced(_) => Ok(()),
        }
    }
}
