//! One metric of an experiment with its course and its slices.

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Dimension, Experiment, Metric, MetricKind, Variant};

use super::{Counts, Measures, course, goal_lifts, judge, measures, share, slices, sums};
use crate::error::Error;
use crate::experiments::not_found;
use crate::views::{MetricDetail, MetricResult, MetricValue, QuantilePoint};
use crate::{Console, Result};

impl Console {
    /// A metric by its key; none is the conversion goal.
    ///
    /// # Errors
    /// `NotFound` when there is no such experiment or it has no such metric, `Forbidden`,
    /// or the database's.
    pub async fn metric(
        &self,
        actor: &Actor,
        id: &str,
        key: Option<&str>,
        by: Dimension,
    ) -> Result<MetricDetail> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let experiment = self.stored(id).await?.ok_or_else(|| not_found(id))?;
        let metric = match key {
            None => None,
            Some(key) => Some(named(&experiment, key)?.clone()),
        };
        let counts = self.counts(&experiment).await?;
        let mut stored = self.measures(&experiment, &counts).await?;
        let buckets = self.buckets(id).await?;
        let series = self.series(&experiment, &buckets).await?;
        let now_ms = self.now_ms();
        let mut are_kept = true;
        let (values, through_window, without_value, course) = match &metric {
            None => {
                let values = goal(&experiment, &counts);
                let within = experiment.goal_measured();
                let through = within.and_then(|goal| {
                    measures::through_window(&goal, &counts, &stored, &series, now_ms)
                });
                if experiment.goal_pre_days > 0 {
                    self.slice_sums(id, GOAL, by, &mut stored.slices).await?;
                }
                (values, through, None, course::of_goal(series))
            }
            Some(metric) => {
                let mut ours = measures::metrics(&experiment, &counts, &stored, &series, now_ms);
                ours.retain(|m| m.metric.key == metric.key);
                self.note_valueless(&experiment, &stored, &mut ours).await?;
                let course = if metric.kind.is_quantile() {
                    let slices = &mut stored.slices;
                    are_kept = self.slice_values(id, &metric.key, by, slices).await?;
                    self.quantile_course(&experiment, metric, &buckets).await?
                } else {
                    self.slice_sums(id, &metric.key, by, &mut stored.slices)
                        .await?;
                    self.course(&experiment, metric, &stored, &buckets).await?
                };
                let said = |m: MetricResult| (m.variants, m.through_window, m.without_value);
                let (values, through, without_value) = ours.pop().map(said).unwrap_or_default();
                (values, through, without_value, course)
            }
        };
        let speaks = experiment.method.horizon().is_none() || !counts.looks.is_empty();
        let says = [speaks, are_kept];
        let slices = slices::slices(&experiment, metric.as_ref(), by, &stored.slices, says);
        let quantiles = metric
            .as_ref()
            .map(|m| quantiles(&experiment, &counts, &stored, m));
        Ok(MetricDetail {
            quantiles: quantiles.unwrap_or_default(),
            metric,
            values,
            through_window,
            without_value,
            course,
            slices,
            experiment,
        })
    }
}

/// The conversion goal's sums have no key.
const GOAL: &str = "";

/// The conversion goal of each variant.
fn goal(experiment: &Experiment, counts: &Counts) -> Vec<MetricValue> {
    let value = |(i, (variant, lift)): (usize, (&Variant, _))| {
        let c = counts.of(&variant.key);
        MetricValue {
            users: c.exposures,
            value: share(c.conversions, c.exposures),
            lift,
            margin: None,
            variance_reduced: judge::variance_reduced(experiment, counts, i),
        }
    };
    let lifts = goal_lifts(experiment, counts);
    let variants = experiment.variants.iter().zip(lifts);
    variants.enumerate().map(value).collect()
}

/// From the first percentile to the 99th; none where it is no quantile.
const LEVELS_BP: [u16; 13] = [
    100, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000, 9_500, 9_900,
];

fn quantiles(
    experiment: &Experiment,
    counts: &Counts,
    stored: &Measures,
    metric: &Metric,
) -> Vec<QuantilePoint> {
    let MetricKind::Quantile { level_bp, among } = metric.kind else {
        return Vec::new();
    };
    let arm = |variant: &Variant| {
        let exposed = counts.of(&variant.key).exposures;
        stored
            .now
            .distribution(metric, &variant.key, among, exposed)
    };
    let arms: Vec<_> = experiment.variants.iter().map(arm).collect();
    let mut levels = LEVELS_BP.to_vec();
    levels.push(level_bp);
    levels.sort_unstable();
    levels.dedup();
    let point = |level_bp: u16| QuantilePoint {
        level_bp,
        values: arms
            .iter()
            .map(|arm| sums::quantile(arm, level_bp).value)
            .collect(),
    };
    levels.into_iter().map(point).collect()
}

fn named<'a>(experiment: &'a Experiment, key: &str) -> Result<&'a Metric> {
    let found = experiment.metrics.iter().find(|metric| metric.key == key);
    found.ok_or_else(|| Error::NotFound {
        kind: "metric",
        id: key.to_owned(),
    })
}
