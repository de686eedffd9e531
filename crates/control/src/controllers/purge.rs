//! Removes what has had its time.

use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::ports::{DatabaseError, Statement};
use crate::sql::sql;
use crate::{Console, Result};

const EVERY_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// Event ids are kept this long; events older than half of it are refused.
pub(crate) const EVENTS_MS: i64 = 48 * HOUR_MS;
/// Stopped for longer than this, an experiment gets no events any more.
pub(crate) const ENDED_MS: i64 = 25 * HOUR_MS;
/// Snapshots kept per environment, as the record of what the edge was told.
const SNAPSHOTS: u32 = 100;
/// Rows removed from a large table at once, so that nobody waits long.
const AT_ONCE: u32 = 20_000;

impl Console {
    pub(crate) async fn purge(&self, lease: &Lease) -> Result<u64> {
        if !self.is_due("purge", EVERY_MS).await? {
            return Ok(0);
        }
        failpoint("purge.before_batch");
        let mut statements = old_rows(self.now_ms());
        statements.push(lease.guard());
        let done = match self.inner.db.batch(statements).await {
            Ok(changed) => changed,
            Err(DatabaseError::Constraint(_)) => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        failpoint("purge.after_batch");
        Ok(done
            .split_last()
            .map_or(0, |(_, removed)| removed.iter().sum()))
    }
}

fn old_rows(now_ms: i64) -> Vec<Statement> {
    vec![
        sql!(
            "DELETE FROM ingest_events WHERE id IN \
             (SELECT id FROM ingest_events WHERE at_ms < ?1 ORDER BY at_ms LIMIT ?2)",
            now_ms - EVENTS_MS,
            AT_ONCE
        ),
        // The counts hold the result; units only serve to count more.
        sql!(
            "DELETE FROM units WHERE (unit, experiment_id) IN \
             (SELECT u.unit, u.experiment_id FROM experiments e \
              JOIN units u ON u.experiment_id = e.id \
              WHERE e.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        sql!(
            "DELETE FROM units WHERE (unit, experiment_id) IN \
             (SELECT u.unit, u.experiment_id FROM holdouts h \
              JOIN units u ON u.experiment_id = h.counted_as \
              WHERE h.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        sql!(
            "DELETE FROM unit_conversions WHERE at_ms < ?1",
            now_ms - EVENTS_MS
        ),
        sql!(
            "DELETE FROM metric_events WHERE at_ms < ?1",
            now_ms - EVENTS_MS
        ),
        sql!(
            "DELETE FROM unit_metrics WHERE (unit, experiment_id, metric) IN \
             (SELECT u.unit, u.experiment_id, u.metric FROM experiments e \
              JOIN unit_metrics u ON u.experiment_id = e.id \
              WHERE e.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        sql!("DELETE FROM sessions WHERE expires_ms <= ?1", now_ms),
        sql!("DELETE FROM pending_actions WHERE expires_ms <= ?1", now_ms),
        sql!(
            "DELETE FROM step_up_used WHERE at_ms < ?1",
            now_ms - 24 * HOUR_MS
        ),
        sql!(
            "DELETE FROM traffic WHERE bucket_ms < ?1",
            now_ms - EVENTS_MS
        ),
        sql!(
            "DELETE FROM gateways WHERE seen_ms < ?1",
            now_ms - 7 * 24 * HOUR_MS
        ),
        sql!(
            "DELETE FROM snapshots WHERE version <= (SELECT MAX(s.version) FROM snapshots s \
             WHERE s.environment = snapshots.environment) - ?1",
            SNAPSHOTS
        ),
    ]
}
