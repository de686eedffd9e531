//! The course of an experiment as at most 120 points.
//!
//! Buckets begin at the start of the experiment and are 10 s wide at first; the
//! width doubles whenever 120 of them would be full. Because each width is twice
//! the one before, narrow buckets merge exactly into wide ones, and the number
//! of stored rows grows with the logarithm of the experiment's age.

use nexus_domain::experiment::Experiment;

use super::VariantCounts;
use super::counts::Bucket;
use super::judge::Judge;
use crate::views::SeriesPoint;
use crate::{Console, Result};

const FIRST_WIDTH_MS: i64 = 10_000;
const MAX_POINTS: i64 = 120;

/// Width in force at an age, in milliseconds.
pub(super) fn width_ms(age_ms: i64) -> i64 {
    let mut width_ms = FIRST_WIDTH_MS;
    while age_ms / width_ms >= MAX_POINTS {
        width_ms *= 2;
    }
    width_ms
}

/// Where an event of that time is counted.
pub(crate) fn bucket_ms(started_ms: i64, at_ms: i64) -> i64 {
    let age_ms = at_ms.saturating_sub(started_ms).max(0);
    let width_ms = width_ms(age_ms);
    started_ms + age_ms / width_ms * width_ms
}

impl Console {
    pub(crate) async fn series(
        &self,
        experiment: &Experiment,
        buckets: &[Bucket],
    ) -> Result<Vec<SeriesPoint>> {
        let Some(started_ms) = experiment.started_ms else {
            return Ok(Vec::new());
        };
        let id = experiment.id.as_str();
        let mut buckets = buckets.to_vec();
        if experiment.goal_pre_days > 0 {
            buckets.extend(self.buckets_before(id).await?);
            buckets.sort_by_key(|bucket| bucket.at_ms);
        }
        Ok(merge(experiment, started_ms, &buckets))
    }
}

fn merge(experiment: &Experiment, started_ms: i64, buckets: &[Bucket]) -> Vec<SeriesPoint> {
    let last_ms = buckets.last().map_or(started_ms, |b| b.at_ms);
    let width_ms = width_ms(last_ms - started_ms);
    let judge = Judge::of(experiment);
    let mut totals = vec![VariantCounts::default(); experiment.variants.len()];
    let mut points: Vec<SeriesPoint> = Vec::new();
    let wide = |at_ms: i64| started_ms + (at_ms - started_ms) / width_ms * width_ms;
    for group in buckets.chunk_by(|a, b| wide(a.at_ms) == wide(b.at_ms)) {
        for bucket in group {
            let mut keys = experiment.variants.iter().map(|v| &v.key);
            let total = keys.position(|key| *key == bucket.variant);
            if let Some(total) = total.and_then(|i| totals.get_mut(i)) {
                total.grow(bucket);
            }
        }
        let lifts = totals
            .split_first()
            .map_or_else(Vec::new, |(control, rest)| {
                rest.iter()
                    .map(|t| judge.as_ref()?.now(control, t)?.charted())
                    .collect()
            });
        points.push(SeriesPoint {
            at_ms: wide(group.first().map_or(started_ms, |b| b.at_ms)) + width_ms,
            exposures: totals.iter().map(|t| t.exposures).collect(),
            conversions: totals.iter().map(|t| t.conversions).collect(),
            lifts,
        });
    }
    points
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_are_at_most_120_points_and_narrow_buckets_nest(ages in proptest::collection::vec(0i64..90 * 86_400_000, 1..50)) {
            let last = ages.iter().copied().max().unwrap_or(0);
            let wide = width_ms(last);
            prop_assert!(last / wide < MAX_POINTS);
            for age in ages {
                let bucket = bucket_ms(1_000, 1_000 + age) - 1_000;
                prop_assert!(bucket <= age && age - bucket < width_ms(age));
                // Whole within one wide bucket.
                prop_assert_eq!(bucket / wide, age / wide);
            }
        }
    }
}
