//! The sums of metrics as statements: what the batch adds to them.

use super::slices::by_dimension;
use super::tally::Tally;
use crate::bulk::Bulk;
use crate::ports::{Capacity, Statement, Value};
use crate::results::Moments;
use crate::sql::sql;

static STATS: Bulk<18> = Bulk::new(
    "INSERT INTO metric_stats (experiment_id, variant, metric, units, sum, base, pre, \
     pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, base_squares, base_pre, \
     base_pre_base, pre_squares, pre_pre_base, pre_base_squares)",
    "ON CONFLICT (experiment_id, variant, metric) DO UPDATE SET units = \
     metric_stats.units + excluded.units, sum = metric_stats.sum + excluded.sum, base = \
     metric_stats.base + excluded.base, pre = metric_stats.pre + excluded.pre, pre_base \
     = metric_stats.pre_base + excluded.pre_base, sum_squares = \
     metric_stats.sum_squares + excluded.sum_squares, sum_base = metric_stats.sum_base \
     + excluded.sum_base, sum_pre = metric_stats.sum_pre + excluded.sum_pre, \
     sum_pre_base = metric_stats.sum_pre_base + excluded.sum_pre_base, base_squares = \
     metric_stats.base_squares + excluded.base_squares, base_pre = \
     metric_stats.base_pre + excluded.base_pre, base_pre_base = \
     metric_stats.base_pre_base + excluded.base_pre_base, pre_squares = \
     metric_stats.pre_squares + excluded.pre_squares, pre_pre_base = \
     metric_stats.pre_pre_base + excluded.pre_pre_base, pre_base_squares = \
     metric_stats.pre_base_squares + excluded.pre_base_squares",
);
static SERIES: Bulk<19> = Bulk::new(
    "INSERT INTO metric_series (experiment_id, metric, bucket_ms, variant, units, sum, \
     base, pre, pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, base_squares, \
     base_pre, base_pre_base, pre_squares, pre_pre_base, pre_base_squares)",
    "ON CONFLICT (experiment_id, metric, bucket_ms, variant) DO UPDATE SET units = \
     metric_series.units + excluded.units, sum = metric_series.sum + excluded.sum, base \
     = metric_series.base + excluded.base, pre = metric_series.pre + excluded.pre, \
     pre_base = metric_series.pre_base + excluded.pre_base, sum_squares = \
     metric_series.sum_squares + excluded.sum_squares, sum_base = \
     metric_series.sum_base + excluded.sum_base, sum_pre = metric_series.sum_pre + \
     excluded.sum_pre, sum_pre_base = metric_series.sum_pre_base + \
     excluded.sum_pre_base, base_squares = metric_series.base_squares + \
     excluded.base_squares, base_pre = metric_series.base_pre + excluded.base_pre, \
     base_pre_base = metric_series.base_pre_base + excluded.base_pre_base, pre_squares \
     = metric_series.pre_squares + excluded.pre_squares, pre_pre_base = \
     metric_series.pre_pre_base + excluded.pre_pre_base, pre_base_squares = \
     metric_series.pre_base_squares + excluded.pre_base_squares",
);
static SLICES: Bulk<20> = Bulk::new(
    "INSERT INTO slice_metrics (experiment_id, metric, dimension, value, variant, \
     units, sum, base, pre, pre_base, sum_squares, sum_base, sum_pre, sum_pre_base, \
     base_squares, base_pre, base_pre_base, pre_squares, pre_pre_base, \
     pre_base_squares)",
    "ON CONFLICT (experiment_id, metric, dimension, value, variant) DO UPDATE SET units \
     = slice_metrics.units + excluded.units, sum = slice_metrics.sum + excluded.sum, \
     base = slice_metrics.base + excluded.base, pre = slice_metrics.pre + excluded.pre, \
     pre_base = slice_metrics.pre_base + excluded.pre_base, sum_squares = \
     slice_metrics.sum_squares + excluded.sum_squares, sum_base = \
     slice_metrics.sum_base + excluded.sum_base, sum_pre = slice_metrics.sum_pre + \
     excluded.sum_pre, sum_pre_base = slice_metrics.sum_pre_base + \
     excluded.sum_pre_base, base_squares = slice_metrics.base_squares + \
     excluded.base_squares, base_pre = slice_metrics.base_pre + excluded.base_pre, \
     base_pre_base = slice_metrics.base_pre_base + excluded.base_pre_base, pre_squares \
     = slice_metrics.pre_squares + excluded.pre_squares, pre_pre_base = \
     slice_metrics.pre_pre_base + excluded.pre_pre_base, pre_base_squares = \
     slice_metrics.pre_base_squares + excluded.pre_base_squares",
);
static SLICE_COUNTS: Bulk<6> = Bulk::new(
    "INSERT INTO slice_counts (experiment_id, dimension, value, variant, exposures, \
     conversions)",
    "ON CONFLICT (experiment_id, dimension, value, variant) DO UPDATE SET exposures = \
     slice_counts.exposures + excluded.exposures, conversions = \
     slice_counts.conversions + excluded.conversions",
);
static DAYS: Bulk<6> = Bulk::new(
    "INSERT INTO unit_days (number, metric, environment, day, events, total_milli)",
    "ON CONFLICT (number, metric, environment, day) DO UPDATE SET events = \
     unit_days.events + excluded.events, total_milli = unit_days.total_milli + \
     excluded.total_milli",
);

pub(super) fn statements(
    environment: &str,
    tally: &Tally,
    capacity: Capacity,
    all: &mut Vec<Statement>,
) {
    let days = tally.days.iter().map(|((unit, metric, day), had)| {
        [
            tally.known.numbers.number(unit),
            metric.as_str().into(),
            environment.into(),
            (*day).into(),
            had.events.into(),
            had.milli.into(),
        ]
    });
    all.extend(DAYS.statements(days, capacity));
    for ((experiment, metric), settled_ms) in &tally.settled {
        all.push(sql!(
            "UPDATE experiment_metrics SET settled_ms = ?3 WHERE experiment_id = ?1 AND metric = ?2",
            experiment.as_str(),
            metric.as_str(),
            *settled_ms
        ));
    }
    let (mut stats, mut series, mut slices) = (Vec::new(), Vec::new(), Vec::new());
    for ((experiment, variant, metric), grown) in &tally.metrics {
        let [experiment, variant, metric] =
            [experiment, variant, metric].map(|key| Value::from(key.as_str()));
        // A unit may have moved between slices and changed nothing of the whole.
        if !grown.whole.is_zero() {
            let keys = [experiment.clone(), variant.clone(), metric.clone()];
            stats.push(row(keys, &grown.whole));
        }
        for (bucket_ms, moments) in &grown.buckets {
            let (experiment, metric) = (experiment.clone(), metric.clone());
            let keys = [experiment, metric, (*bucket_ms).into(), variant.clone()];
            series.push(row(keys, moments));
        }
        for ((dimension, value), moments) in by_dimension(&grown.seen, |a, b| *a += b) {
            let (experiment, metric) = (experiment.clone(), metric.clone());
            let slice = [dimension.as_str(), value].map(Value::from);
            let [dimension, value] = slice;
            let keys = [experiment, metric, dimension, value, variant.clone()];
            slices.push(row(keys, &moments));
        }
    }
    all.extend(STATS.statements(stats, capacity));
    all.extend(SERIES.statements(series, capacity));
    all.extend(SLICES.statements(slices, capacity));
    let mut counts = Vec::new();
    for ((experiment, variant), added) in &tally.variants {
        let add = |a: &mut (i64, i64), b: &(i64, i64)| *a = (a.0 + b.0, a.1 + b.1);
        for ((dimension, value), (exposures, conversions)) in by_dimension(&added.seen, add) {
            counts.push([
                experiment.as_str().into(),
                dimension.as_str().into(),
                value.into(),
                variant.as_str().into(),
                exposures.into(),
                conversions.into(),
            ]);
        }
    }
    all.extend(SLICE_COUNTS.statements(counts, capacity));
}

fn row<const K: usize, const N: usize>(keys: [Value; K], moments: &Moments) -> [Value; N] {
    let sums = std::iter::once(&moments.units).chain(&moments.sums);
    let sums = sums.map(|sum| (*sum).into());
    let products = moments.products.iter().map(|product| (*product).into());
    let mut all = keys.into_iter().chain(sums).chain(products);
    std::array::from_fn(|_| all.next().unwrap_or(Value::Null))
}
