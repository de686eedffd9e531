//! Visitors who stand for all: of those that gateways report the smallest ranks are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use nexus_domain::Environment;
use nexus_flags::{CountryCode, Device, RANKS, Sampler};

use super::validate::{MAX_AGE_MS, MAX_AHEAD_MS, is_unit};
use super::{IngestBatch, SampledVisitor, Samples};
use crate::bulk::Bulk;
use crate::ports::{Capacity, Statement};
use crate::sql::{json, sql};
use crate::traffic::{HOUR_MS, KEPT, WINDOW_MS};
use crate::{Console, Result};

/// Most visitors in one report.
pub(super) const MAX_VISITORS: usize = 500;
const MAX_ATTRIBUTES: usize = 32;
const MAX_TEXT: usize = 256;

static VISITORS: Bulk<5> = Bulk::new(
    "INSERT INTO traffic_samples (environment, unit, rank, seen_ms, context)",
    "ON CONFLICT (environment, unit) DO UPDATE SET rank = excluded.rank, \
     seen_ms = excluded.seen_ms, context = excluded.context \
     WHERE excluded.seen_ms >= traffic_samples.seen_ms",
);

/// What of the reports is kept.
#[derive(Default)]
struct Kept<'b> {
    /// By unit: when and what.
    visitors: BTreeMap<&'b str, (i64, u64, &'b SampledVisitor)>,
    /// By hour: its first report, and the rank below which everybody is there.
    limits: BTreeMap<i64, (i64, u64)>,
}

impl Console {
    /// The largest rank that is stored, when there is no room for more. Asked only when
    /// somebody reports samples.
    pub(super) async fn sample_end(
        &self,
        environment: Environment,
        batches: &[Arc<IngestBatch>],
    ) -> Result<Option<u64>> {
        if batches.iter().all(|batch| batch.samples.is_none()) {
            return Ok(None);
        }
        let row = self
            .row(sql!(
                "SELECT rank FROM traffic_samples WHERE environment = ?1 AND seen_ms >= ?2 \
                 ORDER BY rank LIMIT 1 OFFSET ?3",
                environment.as_str(),
                self.now_ms() - WINDOW_MS,
                KEPT - 1
            ))
            .await?;
        row.map(|mut cells| cells.u64()).transpose()
    }

    /// Visitors, limits, and the end of what is too old or too much. Nothing without samples.
    pub(super) fn sample_statements(
        &self,
        environment: Environment,
        batches: &[Arc<IngestBatch>],
        end: Option<u64>,
        capacity: Capacity,
    ) -> Vec<Statement> {
        let (now_ms, sampler) = (self.now_ms(), self.inner.keys.sampler(environment));
        let mut kept = Kept::default();
        for samples in batches.iter().filter_map(|batch| batch.samples.as_ref()) {
            kept.take(samples, sampler, end, now_ms);
        }
        if kept.limits.is_empty() {
            return Vec::new();
        }
        let environment = environment.as_str();
        let rows = kept
            .visitors
            .iter()
            .map(|(unit, (seen_ms, rank, visitor))| {
                let context = json(&visitor.context()).unwrap_or_default();
                [
                    environment.into(),
                    (*unit).into(),
                    (*rank).into(),
                    (*seen_ms).into(),
                    context.into(),
                ]
            });
        let mut all = VISITORS.statements(rows, capacity);
        for (hour_ms, (first_ms, below)) in &kept.limits {
            all.push(sql!(
                "INSERT INTO sample_limits (environment, hour_ms, first_ms, below) \
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT (environment, hour_ms) DO UPDATE SET \
                 first_ms = CASE WHEN excluded.first_ms < sample_limits.first_ms \
                 THEN excluded.first_ms ELSE sample_limits.first_ms END, \
                 below = CASE WHEN excluded.below < sample_limits.below \
                 THEN excluded.below ELSE sample_limits.below END",
                environment,
                *hour_ms,
                *first_ms,
                *below
            ));
        }
        all.extend(cut(environment, now_ms));
        all
    }
}

/// Takes away who was not seen for a day, and who ranks behind the most that are kept; from
/// then on the sample ends there.
fn cut(environment: &str, now_ms: i64) -> [Statement; 4] {
    [
        sql!(
            "DELETE FROM traffic_samples WHERE environment = ?1 AND seen_ms < ?2",
            environment,
            now_ms - WINDOW_MS
        ),
        sql!(
            "DELETE FROM sample_limits WHERE environment = ?1 AND hour_ms < ?2",
            environment,
            now_ms - WINDOW_MS - HOUR_MS
        ),
        sql!(
            "INSERT INTO sample_limits (environment, hour_ms, first_ms, below) \
             SELECT environment, CAST(?2 AS BIGINT), CAST(?3 AS BIGINT), rank \
             FROM traffic_samples WHERE environment = ?1 ORDER BY rank LIMIT 1 OFFSET ?4 \
             ON CONFLICT (environment, hour_ms) DO UPDATE SET \
             below = CASE WHEN excluded.below < sample_limits.below \
             THEN excluded.below ELSE sample_limits.below END",
            environment,
            hour_of(now_ms),
            now_ms,
            KEPT
        ),
        sql!(
            "DELETE FROM traffic_samples WHERE environment = ?1 AND rank >= \
             (SELECT rank FROM traffic_samples WHERE environment = ?1 \
             ORDER BY rank LIMIT 1 OFFSET ?2)",
            environment,
            KEPT
        ),
    ]
}

const fn hour_of(at_ms: i64) -> i64 {
    at_ms.div_euclid(HOUR_MS) * HOUR_MS
}

impl<'b> Kept<'b> {
    /// What makes no sense is left out.
    fn take(&mut self, samples: &'b Samples, sampler: Sampler, end: Option<u64>, now_ms: i64) {
        let age_ms = now_ms.saturating_sub(samples.at_ms);
        let below = samples.below.min(RANKS);
        if !(-MAX_AHEAD_MS..MAX_AGE_MS).contains(&age_ms) || below == 0 {
            return;
        }
        let seen_ms = samples.at_ms.min(now_ms);
        let fits = |rank: &u64| *rank < below && end.is_none_or(|end| *rank <= end);
        let mut left_out = false;
        for visitor in samples.visitors.iter().filter(|one| is_good(one)) {
            let rank = sampler.rank(&visitor.unit);
            if !fits(&rank) {
                left_out = true;
                continue;
            }
            let known = self.visitors.entry(&visitor.unit);
            let known = known.or_insert((seen_ms, rank, visitor));
            if known.0 < seen_ms {
                *known = (seen_ms, rank, visitor);
            }
        }
        let below = end.filter(|_| left_out).map_or(below, |end| below.min(end));
        let limit = self.limits.entry(hour_of(seen_ms));
        let limit = limit.or_insert((seen_ms, below));
        *limit = (limit.0.min(seen_ms), limit.1.min(below));
    }
}

/// A bot is nobody to make rules for.
fn is_good(visitor: &SampledVisitor) -> bool {
    let short = |text: &str| text.len() <= MAX_TEXT;
    let country = visitor.country.as_deref();
    is_unit(&visitor.unit)
        && country.is_none_or(|code| CountryCode::new(code).is_ok())
        && visitor.device().is_some_and(|device| device != Device::Bot)
        && visitor.attributes.len() <= MAX_ATTRIBUTES
        && visitor
            .attributes
            .iter()
            .all(|(name, value)| short(name) && short(value))
}
