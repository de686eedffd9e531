//! Sums of what flags gave: per hour for the chart, and per value for what is stale.

use std::collections::{BTreeMap, HashSet};

use nexus_domain::ids::is_flag_key;

use super::{FlagCount, IngestBatch};
use crate::bulk::Bulk;
use crate::ports::{Capacity, Statement};

/// Width of a bucket of the chart.
pub(crate) const FLAG_BUCKET_MS: i64 = 60 * 60_000;
const MAX_VALUE_BYTES: usize = 1_000;
/// A gateway's sum of a minute.
const MAX_COUNT: u64 = 1_000_000_000;

static COUNTS: Bulk<5> = Bulk::new(
    "INSERT INTO flag_counts (environment, flag, bucket_ms, value, count)",
    "ON CONFLICT (environment, flag, bucket_ms, value) \
     DO UPDATE SET count = flag_counts.count + excluded.count",
);
static VALUES: Bulk<5> = Bulk::new(
    "INSERT INTO flag_values (environment, flag, value, first_ms, last_ms)",
    "ON CONFLICT (environment, flag, value) DO UPDATE SET last_ms = excluded.last_ms",
);

/// What makes the sums of a batch the same as those of another.
pub(super) fn id_of(batch: &IngestBatch) -> Option<String> {
    (!batch.flags.is_empty()).then(|| format!("f:{}", batch.batch_id.to_ascii_lowercase()))
}

/// Sums of what is no flag of the environment are left out; those of several reports are one.
pub(super) fn statements<'b>(
    environment: &str,
    reports: impl Iterator<Item = &'b IngestBatch>,
    known: &HashSet<String>,
    now_ms: i64,
    capacity: Capacity,
) -> Vec<Statement> {
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let counts = reports.flat_map(|batch| &batch.flags);
    for one in counts.filter(|one| is_good(one) && known.contains(&one.flag)) {
        *sums.entry((&one.flag, &one.value)).or_default() += one.count;
    }
    let bucket_ms = now_ms.div_euclid(FLAG_BUCKET_MS) * FLAG_BUCKET_MS;
    let counts = sums.iter().map(|((flag, value), count)| {
        [
            environment.into(),
            (*flag).into(),
            bucket_ms.into(),
            (*value).into(),
            (*count).into(),
        ]
    });
    let mut all = COUNTS.statements(counts, capacity);
    let values = sums.keys().map(|(flag, value)| {
        [
            environment.into(),
            (*flag).into(),
            (*value).into(),
            now_ms.into(),
            now_ms.into(),
        ]
    });
    all.extend(VALUES.statements(values, capacity));
    all
}

fn is_good(one: &FlagCount) -> bool {
    is_flag_key(&one.flag)
        && one.value.len() <= MAX_VALUE_BYTES
        && (1..=MAX_COUNT).contains(&one.count)
}
