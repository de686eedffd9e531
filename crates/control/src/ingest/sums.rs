//! The sums of metrics as statements: what the batch adds to them.

use super::slices::by_dimension;
use super::store::{Rows, many, rows};
use super::tally::Tally;
use crate::ports::{Statement, Value};
use crate::results::Moments;
use crate::sql::sql;

const STATS: &[Rows] = rows!(
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
    5 => concat!(
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18),(?19,?20,?21,",
        "?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35,?36),(?37,?38,?39,?40,",
        "?41,?42,?43,?44,?45,?46,?47,?48,?49,?50,?51,?52,?53,?54),(?55,?56,?57,?58,?59,",
        "?60,?61,?62,?63,?64,?65,?66,?67,?68,?69,?70,?71,?72),(?73,?74,?75,?76,?77,?78,",
        "?79,?80,?81,?82,?83,?84,?85,?86,?87,?88,?89,?90)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18)"
);
const SERIES: &[Rows] = rows!(
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
    5 => concat!(
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19),(?20,?21,",
        "?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35,?36,?37,?38),(?39,?40,",
        "?41,?42,?43,?44,?45,?46,?47,?48,?49,?50,?51,?52,?53,?54,?55,?56,?57),(?58,?59,",
        "?60,?61,?62,?63,?64,?65,?66,?67,?68,?69,?70,?71,?72,?73,?74,?75,?76),(?77,?78,",
        "?79,?80,?81,?82,?83,?84,?85,?86,?87,?88,?89,?90,?91,?92,?93,?94,?95)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)"
);
const SLICES: &[Rows] = rows!(
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
    5 => concat!(
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20),(?21,",
        "?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33,?34,?35,?36,?37,?38,?39,?40),",
        "(?41,?42,?43,?44,?45,?46,?47,?48,?49,?50,?51,?52,?53,?54,?55,?56,?57,?58,?59,",
        "?60),(?61,?62,?63,?64,?65,?66,?67,?68,?69,?70,?71,?72,?73,?74,?75,?76,?77,?78,",
        "?79,?80),(?81,?82,?83,?84,?85,?86,?87,?88,?89,?90,?91,?92,?93,?94,?95,?96,?97,",
        "?98,?99,?100)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)"
);
const SLICE_COUNTS: &[Rows] = rows!(
    "INSERT INTO slice_counts (experiment_id, dimension, value, variant, exposures, \
     conversions)",
    "ON CONFLICT (experiment_id, dimension, value, variant) DO UPDATE SET exposures = \
     slice_counts.exposures + excluded.exposures, conversions = \
     slice_counts.conversions + excluded.conversions",
    16 => concat!(
        "(?1,?2,?3,?4,?5,?6),(?7,?8,?9,?10,?11,?12),(?13,?14,?15,?16,?17,?18),(?19,?20,",
        "?21,?22,?23,?24),(?25,?26,?27,?28,?29,?30),(?31,?32,?33,?34,?35,?36),(?37,?38,",
        "?39,?40,?41,?42),(?43,?44,?45,?46,?47,?48),(?49,?50,?51,?52,?53,?54),(?55,?56,",
        "?57,?58,?59,?60),(?61,?62,?63,?64,?65,?66),(?67,?68,?69,?70,?71,?72),(?73,?74,",
        "?75,?76,?77,?78),(?79,?80,?81,?82,?83,?84),(?85,?86,?87,?88,?89,?90),(?91,?92,",
        "?93,?94,?95,?96)"
    ),
    4 => concat!(
        "(?1,?2,?3,?4,?5,?6),(?7,?8,?9,?10,?11,?12),(?13,?14,?15,?16,?17,?18),(?19,?20,",
        "?21,?22,?23,?24)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6)"
);
const DAYS: &[Rows] = rows!(
    "INSERT INTO unit_days (unit, metric, environment, day, events, total_milli)",
    "ON CONFLICT (unit, metric, environment, day) DO UPDATE SET events = \
     unit_days.events + excluded.events, total_milli = unit_days.total_milli + \
     excluded.total_milli",
    16 => concat!(
        "(?1,?2,?3,?4,?5,?6),(?7,?8,?9,?10,?11,?12),(?13,?14,?15,?16,?17,?18),(?19,?20,",
        "?21,?22,?23,?24),(?25,?26,?27,?28,?29,?30),(?31,?32,?33,?34,?35,?36),(?37,?38,",
        "?39,?40,?41,?42),(?43,?44,?45,?46,?47,?48),(?49,?50,?51,?52,?53,?54),(?55,?56,",
        "?57,?58,?59,?60),(?61,?62,?63,?64,?65,?66),(?67,?68,?69,?70,?71,?72),(?73,?74,",
        "?75,?76,?77,?78),(?79,?80,?81,?82,?83,?84),(?85,?86,?87,?88,?89,?90),(?91,?92,",
        "?93,?94,?95,?96)"
    ),
    1 => "(?1,?2,?3,?4,?5,?6)"
);

pub(super) fn statements(environment: &str, tally: &Tally, all: &mut Vec<Statement>) {
    let days = tally.days.iter().map(|((unit, metric, day), had)| {
        vec![
            unit.as_str().into(),
            metric.as_str().into(),
            environment.into(),
            (*day).into(),
            had.events.into(),
            had.milli.into(),
        ]
    });
    many(DAYS, days.collect(), all);
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
    many(STATS, stats, all);
    many(SERIES, series, all);
    many(SLICES, slices, all);
    let mut counts = Vec::new();
    for ((experiment, variant), added) in &tally.variants {
        let add = |a: &mut (i64, i64), b: &(i64, i64)| *a = (a.0 + b.0, a.1 + b.1);
        for ((dimension, value), (exposures, conversions)) in by_dimension(&added.seen, add) {
            counts.push(vec![
                experiment.as_str().into(),
                dimension.as_str().into(),
                value.into(),
                variant.as_str().into(),
                exposures.into(),
                conversions.into(),
            ]);
        }
    }
    many(SLICE_COUNTS, counts, all);
}

fn row<const N: usize>(keys: [Value; N], moments: &Moments) -> Vec<Value> {
    let sums = std::iter::once(&moments.units).chain(&moments.sums);
    let sums = sums.map(|sum| (*sum).into());
    let products = moments.products.iter().map(|product| (*product).into());
    keys.into_iter().chain(sums).chain(products).collect()
}
