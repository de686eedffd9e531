//! The course of a quantile: what it was known to be at the end of each bucket.
//!
//! A quantile has no sums of which buckets could be parts, so ingest notes what each arm's is
//! after every batch: a few numbers per bucket. Events that come late show when they came.

use std::collections::BTreeMap;

use nexus_domain::experiment::{self as domain, Experiment};
use nexus_stats::BinnedQuantile;

use super::counts::{Bucket, Counts};
use super::measures::{Measures, lift_now};
use super::series::width_ms;
use crate::sql::sql;
use crate::views::MetricPoint;
use crate::{Console, Result};

/// What a bucket brings to a variant, by its place among the variants.
struct Change {
    variant: usize,
    exposures: i64,
    quantile: Option<BinnedQuantile>,
}

/// Of one variant so far.
#[derive(Clone, Copy, Default)]
struct Arm {
    users: u64,
    quantile: Option<BinnedQuantile>,
}

impl Console {
    pub(super) async fn quantile_course(
        &self,
        experiment: &Experiment,
        metric: &domain::Metric,
        buckets: &[Bucket],
    ) -> Result<Vec<MetricPoint>> {
        let Some(started_ms) = experiment.started_ms else {
            return Ok(Vec::new());
        };
        let id = experiment.id.as_str();
        let mut changes: BTreeMap<i64, Vec<Change>> = BTreeMap::new();
        let mut note = |at_ms, variant: &str, exposures, quantile| {
            let mut keys = experiment.variants.iter().map(|v| v.key.as_str());
            if let Some(variant) = keys.position(|key| key == variant) {
                changes.entry(at_ms).or_default().push(Change {
                    variant,
                    exposures,
                    quantile,
                });
            }
        };
        for bucket in buckets {
            note(bucket.at_ms, &bucket.variant, bucket.exposures, None);
        }
        let rows = self
            .many_rows(sql!(
                "SELECT bucket_ms, variant, quantile FROM quantile_series \
                 WHERE experiment_id = ?1 AND metric = ?2",
                id,
                metric.key.as_str()
            ))
            .await?;
        for mut row in rows {
            let (at_ms, variant) = (row.i64()?, row.text()?);
            note(at_ms, &variant, 0, Some(row.json()?));
        }
        Ok(points(experiment, metric, started_ms, &changes))
    }
}

fn points(
    experiment: &Experiment,
    metric: &domain::Metric,
    started_ms: i64,
    changes: &BTreeMap<i64, Vec<Change>>,
) -> Vec<MetricPoint> {
    let last_ms = changes.keys().next_back().map_or(0, |at| at - started_ms);
    let width_ms = width_ms(last_ms);
    let wide = |at_ms: i64| started_ms + (at_ms - started_ms) / width_ms * width_ms;
    let mut arms = vec![Arm::default(); experiment.variants.len()];
    let mut points: Vec<MetricPoint> = Vec::new();
    for (at_ms, changes) in changes {
        for change in changes {
            if let Some(arm) = arms.get_mut(change.variant) {
                arm.users = arm.users.saturating_add_signed(change.exposures);
                arm.quantile = change.quantile.or(arm.quantile);
            }
        }
        if arms.iter().any(|arm| arm.quantile.is_some()) {
            let end_ms = wide(*at_ms) + width_ms;
            // The newest of a wide bucket is what it ends with.
            points.pop_if(|last| last.at_ms == end_ms);
            points.push(point(experiment, metric, end_ms, &arms));
        }
    }
    points
}

fn point(
    experiment: &Experiment,
    metric: &domain::Metric,
    at_ms: i64,
    arms: &[Arm],
) -> MetricPoint {
    let keyed = || experiment.variants.iter().map(|v| v.key.clone()).zip(arms);
    let counts = Counts::of_users(keyed().map(|(key, arm)| (key, arm.users)));
    let known = keyed().filter_map(|(key, arm)| Some((key, arm.quantile?)));
    let measures = Measures::of_quantile(metric, known);
    let lift = |v: &domain::Variant| lift_now(experiment, &counts, &measures, metric, &v.key);
    let lifts = experiment.variants.iter().skip(1).map(lift);
    MetricPoint {
        at_ms,
        users: arms.iter().map(|arm| arm.users).collect(),
        totals: Vec::new(),
        values: arms.iter().map(|arm| arm.quantile?.value).collect(),
        lifts: lifts.map(|lift| lift.and_then(|l| l.charted())).collect(),
    }
}
