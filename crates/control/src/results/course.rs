//! The course of one metric: the buckets of the exposures and those of its sums, as they
//! add up.
//!
//! A change is in the bucket of the event that made it. Of events that come late the
//! course shows when they happened; what they do to a unit's square or to its window is
//! shown there too, so that all buckets together are always the result.

use std::collections::BTreeMap;

use nexus_domain::experiment::{self as domain, Experiment};

use super::counts::{Bucket, Counts};
use super::measures::{Measures, lift_now};
use super::moments::select_sums;
use super::sample::{sample, total, value};
use super::series::width_ms;
use super::{Moments, VariantCounts};
use crate::sql::sql;
use crate::views::{MetricPoint, SeriesPoint};
use crate::{Console, Result};

/// Of one variant.
type Grown = BTreeMap<i64, (i64, Moments)>;

impl Console {
    /// Of the metric that decides; empty where the goal does, and of a method that speaks at its
    /// looks only.
    pub(crate) async fn deciding_course(
        &self,
        experiment: &Experiment,
        measures: &Measures,
        buckets: &[Bucket],
    ) -> Result<Vec<MetricPoint>> {
        match experiment.primary() {
            _ if experiment.method.horizon().is_some() => Ok(Vec::new()),
            None => Ok(Vec::new()),
            Some(metric) if metric.kind.is_quantile() => {
                self.quantile_course(experiment, metric, buckets).await
            }
            Some(metric) => self.course(experiment, metric, measures, buckets).await,
        }
    }

    pub(crate) async fn course(
        &self,
        experiment: &Experiment,
        metric: &domain::Metric,
        measures: &Measures,
        buckets: &[Bucket],
    ) -> Result<Vec<MetricPoint>> {
        let Some(started_ms) = experiment.started_ms else {
            return Ok(Vec::new());
        };
        let id = experiment.id.as_str();
        let index = |variant: &str| experiment.variants.iter().position(|v| v.key == variant);
        let mut grown = vec![Grown::new(); experiment.variants.len()];
        for bucket in buckets {
            if let Some(of) = index(&bucket.variant).and_then(|i| grown.get_mut(i)) {
                of.entry(bucket.at_ms).or_default().0 += bucket.exposures;
            }
        }
        let rows = self
            .rows(sql!(
                select_sums!(
                    "bucket_ms, variant",
                    "metric_series WHERE experiment_id = ?1 AND metric = ?2"
                ),
                id,
                metric.key.as_str()
            ))
            .await?;
        for mut row in rows {
            let (bucket_ms, variant) = (row.i64()?, row.text()?);
            if let Some(of) = index(&variant).and_then(|i| grown.get_mut(i)) {
                of.entry(bucket_ms).or_default().1 += &Moments::read(&mut row)?;
            }
        }
        Ok(points(experiment, metric, measures, started_ms, &grown))
    }
}

fn points(
    experiment: &Experiment,
    metric: &domain::Metric,
    measures: &Measures,
    started_ms: i64,
    grown: &[Grown],
) -> Vec<MetricPoint> {
    let last_ms = grown.iter().filter_map(|of| of.keys().next_back()).max();
    let width_ms = width_ms(last_ms.map_or(0, |last_ms| last_ms - started_ms));
    let wide = |at_ms: i64| started_ms + (at_ms - started_ms) / width_ms * width_ms;
    let times = grown
        .iter()
        .flat_map(BTreeMap::keys)
        .map(|at_ms| wide(*at_ms));
    let times: std::collections::BTreeSet<i64> = times.collect();
    let mut totals: Vec<(i64, Moments)> = experiment
        .variants
        .iter()
        .zip(grown)
        .map(|(variant, of)| (0, uncharted(measures.now_of(&variant.key, metric), of)))
        .collect();
    let has_gap = totals.iter().any(|(_, moments)| !moments.is_zero());
    let first_ms = grown
        .iter()
        .flatten()
        .filter(|(_, (_, moments))| !moments.is_zero())
        .map(|(at_ms, _)| wide(*at_ms))
        .min();
    let mut points = Vec::new();
    for at_ms in times {
        for (total, of) in totals.iter_mut().zip(grown) {
            for (_, (exposures, moments)) in of.range(at_ms..at_ms + width_ms) {
                total.0 += exposures;
                total.1 += moments;
            }
        }
        // What was counted before the course was kept has no time.
        if !has_gap || first_ms.is_some_and(|first_ms| at_ms >= first_ms) {
            points.push(point(experiment, metric, at_ms + width_ms, &totals));
        }
    }
    points
}

/// What an earlier release had counted before courses were kept.
fn uncharted(now: &Moments, grown: &Grown) -> Moments {
    let mut charted = Moments::default();
    grown.values().for_each(|(_, moments)| charted += moments);
    let rest = *now - charted;
    // Sums are exact; products may differ in their last digits.
    if rest.units == 0 && rest.sums == [0; super::moments::NUMBERS] {
        return Moments::default();
    }
    rest
}

fn point(
    experiment: &Experiment,
    metric: &domain::Metric,
    at_ms: i64,
    totals: &[(i64, Moments)],
) -> MetricPoint {
    let users = |exposures: i64| u64::try_from(exposures).unwrap_or(0);
    let keyed = || {
        experiment
            .variants
            .iter()
            .map(|v| v.key.clone())
            .zip(totals)
    };
    let counts = Counts::of_users(keyed().map(|(key, (exposures, _))| {
        let exposures = users(*exposures);
        (key, exposures)
    }));
    let measures = Measures::at(metric, keyed().map(|(key, (_, moments))| (key, *moments)));
    let treatments = experiment.variants.iter().skip(1);
    let shown =
        |(exposures, moments): &(i64, Moments)| value(&sample(metric, users(*exposures), moments));
    MetricPoint {
        at_ms,
        users: totals
            .iter()
            .map(|(exposures, _)| users(*exposures))
            .collect(),
        totals: totals
            .iter()
            .map(|(_, moments)| total(metric, moments))
            .collect(),
        values: totals.iter().map(shown).collect(),
        lifts: treatments
            .map(|v| lift_now(experiment, &counts, &measures, metric, &v.key))
            .map(|lift| lift.and_then(|l| l.charted()))
            .collect(),
    }
}

/// The conversion goal's, from its counts.
pub(super) fn of_goal(series: Vec<SeriesPoint>) -> Vec<MetricPoint> {
    let point = |p: SeriesPoint| {
        let both = p.conversions.iter().zip(&p.exposures);
        let rate = |(part, whole): (&u64, &u64)| super::share(*part, *whole);
        MetricPoint {
            at_ms: p.at_ms,
            values: both.map(rate).collect(),
            totals: p.conversions.iter().map(|n| *n as f64).collect(),
            users: p.exposures,
            lifts: p.lifts,
        }
    };
    series.into_iter().map(point).collect()
}

impl Counts {
    pub(super) fn of_users(users: impl Iterator<Item = (String, u64)>) -> Self {
        Self::of_variants(users.map(|(key, exposures)| {
            let counts = VariantCounts {
                exposures,
                ..VariantCounts::default()
            };
            (key, counts)
        }))
    }
}
