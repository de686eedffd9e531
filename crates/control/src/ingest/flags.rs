//! Sums of what flags gave: per hour for the chart, and per value for what is stale.

use nexus_domain::ids::is_slug;

use super::{FlagCount, IngestBatch};
use crate::ports::Statement;
use crate::sql::sql;

/// Width of a bucket of the chart.
pub(crate) const FLAG_BUCKET_MS: i64 = 60 * 60_000;
const MAX_VALUE_BYTES: usize = 1_000;
/// A gateway's sum of a minute.
const MAX_COUNT: u64 = 1_000_000_000;

/// What makes the sums of a batch the same as those of another.
pub(super) fn id_of(batch: &IngestBatch) -> Option<String> {
    (!batch.flags.is_empty()).then(|| format!("f:{}", batch.batch_id.to_ascii_lowercase()))
}

/// Sums of what is no flag of the environment are left out.
pub(super) fn statements(batch: &IngestBatch, now_ms: i64, all: &mut Vec<Statement>) {
    let environment = batch.environment.as_str();
    let bucket_ms = now_ms.div_euclid(FLAG_BUCKET_MS) * FLAG_BUCKET_MS;
    for FlagCount { flag, value, count } in batch.flags.iter().filter(|one| is_good(one)) {
        all.push(sql!(
            "INSERT INTO flag_counts (environment, flag, bucket_ms, value, count) \
             SELECT environment, key, CAST(?3 AS BIGINT), ?4, CAST(?5 AS BIGINT) FROM flags \
             WHERE environment = ?1 AND key = ?2 \
             ON CONFLICT (environment, flag, bucket_ms, value) \
             DO UPDATE SET count = flag_counts.count + excluded.count",
            environment,
            flag.as_str(),
            bucket_ms,
            value.as_str(),
            *count
        ));
        all.push(sql!(
            "INSERT INTO flag_values (environment, flag, value, first_ms, last_ms) \
             SELECT environment, key, ?3, CAST(?4 AS BIGINT), CAST(?4 AS BIGINT) FROM flags \
             WHERE environment = ?1 AND key = ?2 \
             ON CONFLICT (environment, flag, value) DO UPDATE SET last_ms = excluded.last_ms",
            environment,
            flag.as_str(),
            value.as_str(),
            now_ms
        ));
    }
}

fn is_good(one: &FlagCount) -> bool {
    is_slug(&one.flag) && one.value.len() <= MAX_VALUE_BYTES && (1..=MAX_COUNT).contains(&one.count)
}
