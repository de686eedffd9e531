//! Removes what has had its time.

use std::sync::atomic::Ordering;

use nexus_domain::experiment::MAX_PRE_DAYS;

use crate::failpoint::failpoint;
use crate::lease::Lease;
use crate::ports::{DatabaseError, Statement};
use crate::sql::sql;
use crate::traffic::WINDOW_MS;
use crate::{Console, Result};

const EVERY_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
/// Event ids are kept this long; events older than half of it are refused.
pub(crate) const EVENTS_MS: i64 = 48 * HOUR_MS;
/// Stopped for longer than this, an experiment gets no events any more.
pub(crate) const ENDED_MS: i64 = 25 * HOUR_MS;
/// The past of conversions: the longest period before an exposure, and the time in which
/// an earlier exposure may be reported.
const HISTORY_DAYS: i64 = MAX_PRE_DAYS as i64 + 3;
/// The past of conversions is kept for so long after an experiment last asked for it.
const ASKED_MS: i64 = 90 * 24 * HOUR_MS;
/// Snapshots kept per environment, as the record of what the edge was told.
const FLAG_COUNTS_MS: i64 = 8 * 24 * HOUR_MS;
const FLAG_VALUES_MS: i64 = 400 * 24 * HOUR_MS;
const SNAPSHOTS: u32 = 100;
/// Whether anything is kept of a unit is asked so often,
const UNITS_MS: i64 = 24 * HOUR_MS;
/// of so many at once,
const UNITS_AT_ONCE: u32 = 5_000;
/// and in one round for so long, where the database is near.
const UNITS_ROUND_MS: i64 = 200;
/// Rows removed from a large table at once, so that nobody waits long.
const AT_ONCE: u32 = 20_000;
/// The same of raw events, whose rows are large: more than the ingests of a minute.
const BLOCKS_AT_ONCE: u32 = 10_000;

// SQLite takes the tables of a CROSS JOIN in their order. Left to itself it reads every row of
// the large one to ask for each whether its experiment is over: seconds, each minute, in which
// nobody else writes.

/// What was kept of units under names that count nothing any more: of re-computations that came
/// to nothing or are over, and of experiments that have been counted anew.
macro_rules! uncounted {
    ($table:literal by $key:literal = $keys:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE (",
            $key,
            ") IN (SELECT ",
            $keys,
            " FROM (SELECT c.name AS name FROM recomputations c \
             JOIN experiments e ON e.id = c.experiment_id WHERE c.status <> 'running' \
             AND (c.holds_units = 0 OR e.stopped_ms < ?1) UNION ALL \
             SELECT c.experiment_id FROM recomputations c WHERE c.holds_units = 1) AS past_names \
             CROSS JOIN ",
            $table,
            " u WHERE u.experiment_id = past_names.name LIMIT ?2)"
        )
    };
}

const UNCOUNTED: [&str; 4] = [
    uncounted!("units" by "number, experiment_id" = "u.number, u.experiment_id"),
    uncounted!("unit_waits" by "number, experiment_id" = "u.number, u.experiment_id"),
    uncounted!(
        "unit_metrics" by "number, experiment_id, metric" = "u.number, u.experiment_id, u.metric"
    ),
    uncounted!(
        "unit_values" by "number, experiment_id, metric" = "u.number, u.experiment_id, u.metric"
    ),
];

macro_rules! unkept {
    ($($table:literal),+) => {
        concat!(
            "DELETE FROM unit_numbers WHERE number > ?1 AND number <= ?2 AND NOT EXISTS \
             (SELECT 1 FROM recomputations WHERE status = 'running')",
            $(
                " AND NOT EXISTS (SELECT 1 FROM ",
                $table,
                " u WHERE u.number = unit_numbers.number)"
            ),+
        )
    };
}

/// All tables that keep something by the number of a unit.
const UNKEPT: &str = unkept!(
    "units",
    "unit_conversions",
    "metric_events",
    "unit_metrics",
    "unit_values",
    "unit_waits",
    "unit_days"
);

/// A round goes on for so long while a whole portion is removed each time. Others write
/// between two portions; what is left is for the next round, a second later.
const ROUND_MS: i64 = 400;
/// Portions of a round; a clock that stands still ends it too.
const PORTIONS: u32 = 50;

impl Console {
    pub(crate) async fn purge(&self, lease: &Lease) -> Result<u64> {
        let is_left = self.inner.purge_is_left.swap(false, Ordering::Relaxed);
        if !is_left && !self.is_due("purge", EVERY_MS).await? {
            return Ok(0);
        }
        Ok(self.purge_rows(lease).await? + self.purge_units(lease).await?)
    }

    async fn purge_rows(&self, lease: &Lease) -> Result<u64> {
        let began_ms = self.now_ms();
        let mut all = 0;
        for _ in 0..PORTIONS {
            failpoint("purge.before_batch");
            let mut statements = past(self.now_ms());
            statements.push(lease.guard());
            let done = match self.inner.db.batch(statements).await {
                Ok(changed) => changed,
                Err(DatabaseError::Constraint(_)) => return Ok(all),
                Err(error) => return Err(error.into()),
            };
            failpoint("purge.after_batch");
            let removed = done.split_last().map_or(&[][..], |(_, removed)| removed);
            all += removed.iter().sum::<u64>();
            let whole = |n: &u64| [AT_ONCE, BLOCKS_AT_ONCE].map(u64::from).contains(n);
            if !removed.iter().any(whole) {
                return Ok(all);
            }
            if self.now_ms() - began_ms >= ROUND_MS {
                break;
            }
        }
        self.inner.purge_is_left.store(true, Ordering::Relaxed);
        Ok(all)
    }

    /// Names of units of which nothing is kept any more: a pass over all that there are, in
    /// portions, and the next one a day later. An ingest of another process that has read one of
    /// them begins again; a re-computation reads at its own pace, so none goes while one runs.
    async fn purge_units(&self, lease: &Lease) -> Result<u64> {
        let began_ms = self.now_ms();
        let is_near = self.inner.db.capacity().is_near();
        let running = sql!("SELECT COUNT(*) FROM recomputations WHERE status = 'running'");
        let mut all = 0;
        while self.number(running.clone()).await? == 0 {
            let Some((statements, goes_on)) = self.unkept_units().await? else {
                break;
            };
            let _ingests = self.inner.ingests.turn().await;
            let guarded = statements.into_iter().chain([lease.guard()]).collect();
            match self.inner.db.batch(guarded).await {
                Ok(changed) => all += changed.first().copied().unwrap_or(0),
                Err(DatabaseError::Constraint(_)) => break,
                Err(error) => return Err(error.into()),
            }
            if !(goes_on && is_near) || self.now_ms() - began_ms >= UNITS_ROUND_MS {
                break;
            }
        }
        Ok(all)
    }

    /// What removes the next portion, and whether there is one after it; none where the next pass
    /// is not due.
    async fn unkept_units(&self) -> Result<Option<([Statement; 2], bool)>> {
        let now_ms = self.now_ms();
        let pass = sql!("SELECT units, pass_at, pass_end, pass_ms FROM ingest_head WHERE id = 1");
        let Some(mut row) = self.row(pass).await? else {
            return Ok(None);
        };
        let last = row.i64()?;
        let (mut at, mut end, mut began_ms) = (row.i64()?, row.i64()?, row.i64()?);
        if at >= end {
            if now_ms - began_ms < UNITS_MS && began_ms <= now_ms {
                return Ok(None);
            }
            (at, end, began_ms) = (0, last, now_ms);
        }
        let portion = sql!(
            "SELECT MAX(number) FROM (SELECT number FROM unit_numbers WHERE number > ?1 \
             AND number <= ?2 ORDER BY number LIMIT ?3) AS portion",
            at,
            end,
            UNITS_AT_ONCE
        );
        let until = self.row(portion).await?;
        let until = until.map(|mut row| row.maybe_i64()).transpose()?.flatten();
        let until = until.unwrap_or(end);
        let passed = sql!(
            "UPDATE ingest_head SET seq = seq + 1, pass_at = ?1, pass_end = ?2, pass_ms = ?3 \
             WHERE id = 1",
            until,
            end,
            began_ms
        );
        Ok(Some(([unkept(at, until), passed], until < end)))
    }
}

/// What removes a portion of everything whose time is over.
pub(crate) fn past(now_ms: i64) -> Vec<Statement> {
    let mut statements = old_rows(now_ms);
    statements.extend(old_raw_events(now_ms));
    statements
}

/// What removes the names of units with numbers above the one and up to the other of which
/// nothing is kept.
pub(crate) fn unkept(above: i64, up_to: i64) -> Statement {
    Statement::new(UNKEPT, [above.into(), up_to.into()])
}

/// By the days that each environment asks for. While an experiment is counted anew, its
/// environment keeps what there is.
fn old_raw_events(now_ms: i64) -> Vec<Statement> {
    let uncounted = UNCOUNTED
        .iter()
        .map(|sql| Statement::new(sql, [(now_ms - ENDED_MS).into(), AT_ONCE.into()]));
    let raw = [
        sql!(
            "UPDATE environment_rules SET raw_since_ms = CAST(?1 AS BIGINT) - raw_days * 86400000 \
             WHERE raw_since_ms < CAST(?1 AS BIGINT) - raw_days * 86400000 \
             AND environment NOT IN (SELECT e.environment FROM recomputations c \
             JOIN experiments e ON e.id = c.experiment_id WHERE c.status = 'running')",
            now_ms
        ),
        sql!(
            "DELETE FROM raw_events WHERE (environment, seq, part) IN \
             (SELECT b.environment, b.seq, b.part FROM environment_rules r \
              CROSS JOIN raw_events b WHERE b.environment = r.environment \
              AND b.at_ms < CAST(?1 AS BIGINT) - r.raw_days * 86400000 \
              AND r.environment NOT IN (SELECT e.environment FROM recomputations c \
              JOIN experiments e ON e.id = c.experiment_id WHERE c.status = 'running') LIMIT ?2)",
            now_ms,
            BLOCKS_AT_ONCE
        ),
    ];
    uncounted.chain(raw).collect()
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
            "DELETE FROM units WHERE (number, experiment_id) IN \
             (SELECT u.number, u.experiment_id FROM experiments e \
              CROSS JOIN units u WHERE u.experiment_id = e.id \
              AND e.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        sql!(
            "DELETE FROM units WHERE (number, experiment_id) IN \
             (SELECT u.number, u.experiment_id FROM holdouts h \
              CROSS JOIN units u WHERE u.experiment_id = h.counted_as \
              AND h.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        sql!(
            "DELETE FROM unit_conversions WHERE at_ms < ?1 AND environment NOT IN \
             (SELECT name FROM recomputations WHERE status = 'running')",
            now_ms - EVENTS_MS
        ),
        sql!(
            "DELETE FROM metric_events WHERE at_ms < ?1 AND environment NOT IN \
             (SELECT name FROM recomputations WHERE status = 'running')",
            now_ms - EVENTS_MS
        ),
        sql!(
            "DELETE FROM unit_metrics WHERE (number, experiment_id, metric) IN \
             (SELECT u.number, u.experiment_id, u.metric FROM experiments e \
              CROSS JOIN unit_metrics u WHERE u.experiment_id = e.id \
              AND e.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        sql!(
            "DELETE FROM unit_values WHERE (number, experiment_id, metric) IN \
             (SELECT u.number, u.experiment_id, u.metric FROM experiments e \
              CROSS JOIN unit_values u WHERE u.experiment_id = e.id \
              AND e.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        sql!(
            "DELETE FROM unit_days WHERE (number, metric, environment, day) IN \
             (SELECT number, metric, environment, day FROM unit_days WHERE day < ?1 \
              AND environment NOT IN \
              (SELECT name FROM recomputations WHERE status = 'running') LIMIT ?2)",
            now_ms.div_euclid(24 * HOUR_MS) - HISTORY_DAYS,
            AT_ONCE
        ),
        // Not while a metric of a running experiment is of that name.
        sql!(
            "DELETE FROM metric_history WHERE asked_ms < ?1 AND NOT EXISTS \
             (SELECT 1 FROM experiments e JOIN experiment_metrics m ON m.experiment_id = e.id \
              WHERE e.environment = metric_history.environment AND m.pre_days > 0 \
              AND e.status IN ('running', 'paused') \
              AND (m.event = metric_history.metric OR m.base_event = metric_history.metric))",
            now_ms - ASKED_MS
        ),
        sql!(
            "DELETE FROM unit_waits WHERE (number, experiment_id) IN \
             (SELECT u.number, u.experiment_id FROM experiments e \
              CROSS JOIN unit_waits u WHERE u.experiment_id = e.id \
              AND e.stopped_ms < ?1 LIMIT ?2)",
            now_ms - ENDED_MS,
            AT_ONCE
        ),
        // Ingest does so for whom visitors still come.
        sql!(
            "DELETE FROM traffic_samples WHERE seen_ms < ?1",
            now_ms - WINDOW_MS
        ),
        sql!(
            "DELETE FROM sample_limits WHERE hour_ms < ?1",
            now_ms - WINDOW_MS - HOUR_MS
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
            "DELETE FROM flag_counts WHERE bucket_ms < ?1",
            now_ms - FLAG_COUNTS_MS
        ),
        // Flags that are gone, and values that no rule gives any more.
        sql!(
            "DELETE FROM flag_values WHERE last_ms < ?1",
            now_ms - FLAG_VALUES_MS
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
