//! A database as it is when many more people have done what those it knows did: every row of a
//! person is copied under other names, every counter is multiplied.
//!
//! For databases that hold [`super::Course`]s only. `tests/growth.rs` holds the outcome against
//! the same people sent as events, table by table, so a migration that neither knows fails
//! there. The evidence of the controllers (`log_e`) stays as it was: it is a maximum, which they
//! raise by themselves. So does the course of a quantile: what it was at a time can't be told
//! from what it is, and a page reads as many numbers of it.

use nexus_stats::Distribution;
use serde_json::Value as Json;

use crate::ports::{Database, Statement, Value};
use crate::sql::{Cells, json, sql};
use crate::{Error, Result};

/// Rows made by one commit, so that the log stays small.
const AT_ONCE: u64 = 400_000;

/// `?1` copies of every row whose key is above `?2` and up to `?3`, but of no copy of an event.
macro_rules! copied {
    ($table:literal by $key:literal, $names:literal = $renamed:literal $(, $rest:literal)?) => {
        concat!(
            "WITH RECURSIVE copies (copy) AS \
             (SELECT 1 UNION ALL SELECT copy + 1 FROM copies WHERE copy < ?1) INSERT INTO ",
            $table,
            " (",
            $names,
            $(", ", $rest,)?
            ") SELECT ",
            $renamed,
            $(", ", $rest,)?
            " FROM ",
            $table,
            " CROSS JOIN copies WHERE ",
            $key,
            " > ?2 AND ",
            $key,
            " <= ?3 AND instr(",
            $key,
            ", '.') = 0"
        )
    };
}

/// The number of the copy of a unit: after all that there are.
macro_rules! of_unit {
    ($table:literal, $rest:literal) => {
        copied!(
            $table by "number", "number" = "number + copy * (SELECT h.units FROM ingest_head h)",
            $rest
        )
    };
}

/// All that is kept of each person.
const OF_PEOPLE: [&str; 8] = [
    copied!(
        "unit_numbers" by "number", "unit, number" =
        "unit || '.' || copy, number + copy * (SELECT h.units FROM ingest_head h)"
    ),
    of_unit!(
        "units",
        "experiment_id, variant, exposed_ms, errored, converted, country, device, browser"
    ),
    of_unit!("unit_conversions", "metric, environment, at_ms"),
    of_unit!(
        "unit_metrics",
        "experiment_id, metric, events, total_milli, base_events, base_milli, pre_events, \
         pre_milli, pre_base_events, pre_base_milli"
    ),
    of_unit!("unit_values", "experiment_id, metric, bins"),
    of_unit!("unit_waits", "experiment_id, slow"),
    of_unit!("unit_days", "metric, environment, day, events, total_milli"),
    copied!(
        "metric_events" by "number", "number, id" =
        "number + copy * (SELECT h.units FROM ingest_head h), id || '.' || copy",
        "metric, environment, at_ms, value_milli"
    ),
];

const OF_EVENTS: &str = copied!(
    "ingest_events" by "id", "id" = "id || '.' || copy", "at_ms"
);

macro_rules! sums_times {
    ($table:literal) => {
        concat!(
            "UPDATE ",
            $table,
            " SET units = units * ?1, sum = sum * ?1, base = base * ?1, pre = pre * ?1, \
             pre_base = pre_base * ?1, sum_squares = sum_squares * ?1, sum_base = sum_base * ?1, \
             sum_pre = sum_pre * ?1, sum_pre_base = sum_pre_base * ?1, \
             base_squares = base_squares * ?1, base_pre = base_pre * ?1, \
             base_pre_base = base_pre_base * ?1, pre_squares = pre_squares * ?1, \
             pre_pre_base = pre_pre_base * ?1, pre_base_squares = pre_base_squares * ?1"
        )
    };
}

/// What is counted of all people together, but for distributions.
const COUNTERS: [&str; 9] = [
    "UPDATE ingest_head SET units = units * ?1",
    "UPDATE variant_stats SET exposures = exposures * ?1, conversions = conversions * ?1, \
     errored_users = errored_users * ?1, conflicts = conflicts * ?1, bots = bots * ?1, \
     duplicates = duplicates * ?1, step_exposures = step_exposures * ?1",
    "UPDATE variant_series SET exposures = exposures * ?1, conversions = conversions * ?1, \
     converted = converted * ?1",
    "UPDATE slice_counts SET exposures = exposures * ?1, conversions = conversions * ?1",
    "UPDATE latency_stats SET measured_users = measured_users * ?1, slow_users = slow_users * ?1",
    "UPDATE traffic SET requests = requests * ?1, errors = errors * ?1",
    sums_times!("metric_stats"),
    sums_times!("metric_series"),
    sums_times!("slice_metrics"),
];

/// So many others have done what each person did.
///
/// # Errors
/// The database's.
pub async fn grow(db: &dyn Database, copies: u64) -> Result<()> {
    if copies == 0 {
        return Ok(());
    }
    let people = sql!("SELECT number FROM unit_numbers ORDER BY number");
    let last = db.query(sql!("SELECT units FROM ingest_head")).await?;
    let last = last
        .into_iter()
        .next()
        .map_or(Ok(0), |row| Cells::from(row).i64())?;
    for range in ranges(db, people, copies, 0_i64, last).await? {
        for sql in OF_PEOPLE {
            db.batch(vec![of_range(sql, copies, &range)]).await?;
        }
    }
    let events = sql!("SELECT id FROM ingest_events ORDER BY id");
    for range in ranges(db, events, copies, "", "~").await? {
        db.batch(vec![of_range(OF_EVENTS, copies, &range)]).await?;
    }
    let times = copies + 1;
    let mut statements: Vec<Statement> = COUNTERS
        .iter()
        .map(|sql| Statement::new(sql, [times.into()]))
        .collect();
    statements.extend(distributions(db, times).await?);
    db.batch(statements).await?;
    Ok(())
}

/// How many rows hold something of one person or of one event.
///
/// # Errors
/// The database's.
pub async fn rows_of_people(db: &dyn Database) -> Result<u64> {
    let counts = sql!(
        "SELECT (SELECT COUNT(*) FROM unit_numbers) + (SELECT COUNT(*) FROM units) + (SELECT COUNT(*) FROM unit_conversions) \
         + (SELECT COUNT(*) FROM unit_metrics) + (SELECT COUNT(*) FROM unit_values) \
         + (SELECT COUNT(*) FROM unit_waits) + (SELECT COUNT(*) FROM unit_days) \
         + (SELECT COUNT(*) FROM metric_events) + (SELECT COUNT(*) FROM ingest_events)"
    );
    let rows = db.query(counts).await?;
    let mut rows = rows.into_iter().map(Cells::from);
    rows.next().map_or(Ok(0), |mut row| row.u64())
}

/// Keys in whose ranges about [`AT_ONCE`] rows come of each table; the first is below every key,
/// the last is not.
async fn ranges(
    db: &dyn Database,
    keys: Statement,
    copies: u64,
    first: impl Into<Value>,
    last: impl Into<Value>,
) -> Result<Vec<(Value, Value)>> {
    let step = usize::try_from(AT_ONCE / copies).unwrap_or(1).max(1);
    let rows = db.query(keys).await?;
    let keys = rows.into_iter().skip(step).step_by(step);
    let mut edges = vec![first.into()];
    edges.extend(keys.filter_map(|row| row.into_iter().next()));
    edges.push(last.into());
    let pairs = edges.iter().zip(edges.iter().skip(1));
    Ok(pairs.map(|(a, b)| (a.clone(), b.clone())).collect())
}

fn of_range(sql: &'static str, copies: u64, (above, up_to): &(Value, Value)) -> Statement {
    Statement::new(sql, [copies.into(), above.clone(), up_to.clone()])
}

/// A distribution consists of counts and sums, so all its numbers are multiplied.
async fn distributions(db: &dyn Database, times: u64) -> Result<Vec<Statement>> {
    let stored =
        sql!("SELECT experiment_id, variant, metric, distribution FROM metric_distributions");
    let mut all = Vec::new();
    for row in db.query(stored).await? {
        let mut row = Cells::from(row);
        all.push(sql!(
            "UPDATE metric_distributions SET distribution = ?4 \
             WHERE experiment_id = ?1 AND variant = ?2 AND metric = ?3",
            row.text()?,
            row.text()?,
            row.text()?,
            multiplied(row.json()?, times)?
        ));
    }
    let stored = sql!(
        "SELECT experiment_id, dimension, value, variant, metric, distribution \
         FROM slice_distributions"
    );
    for row in db.query(stored).await? {
        let mut row = Cells::from(row);
        all.push(sql!(
            "UPDATE slice_distributions SET distribution = ?6 \
             WHERE experiment_id = ?1 AND dimension = ?2 AND value = ?3 AND variant = ?4 \
             AND metric = ?5",
            row.text()?,
            row.text()?,
            row.text()?,
            row.text()?,
            row.text()?,
            multiplied(row.json()?, times)?
        ));
    }
    Ok(all)
}

/// As the ingest writes it.
fn multiplied(mut stored: Json, times: u64) -> Result<String> {
    multiply(&mut stored, times);
    let distribution: Distribution = serde_json::from_value(stored).map_err(Error::internal)?;
    json(&distribution)
}

fn multiply(value: &mut Json, times: u64) {
    match value {
        Json::Number(number) => {
            let product = number.as_i64().unwrap_or(0) * times as i64;
            *number = product.into();
        }
        Json::Array(items) => items.iter_mut().for_each(|item| multiply(item, times)),
        Json::Object(fields) => fields.values_mut().for_each(|item| multiply(item, times)),
        Json::Null | Json::Bool(_) | Json::String(_) => {}
    }
}
