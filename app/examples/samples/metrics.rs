//! Pages of one metric, and the quality of the data.

use nexus_control::views::*;
use nexus_domain::experiment::{
    Among, Better, Counted, Dimension, Metric, MetricKind, Scale, Status,
};

use super::{detail, grouped};

pub(crate) fn quality(verdict: Verdict) -> Quality {
    let broken = verdict == Verdict::BrokenSplit;
    let split = |by, broken: bool, values: &[&str]| DimensionSplit {
        by,
        p_value: if broken { 0.000_4 } else { 0.63 },
        alpha: 0.01,
        broken,
        values: values.iter().map(|v| (*v).to_owned()).collect(),
    };
    Quality {
        bots: 1_204,
        duplicates: 37,
        conflicts: 0,
        splits: vec![
            split(Dimension::Country, false, &[]),
            split(Dimension::Device, broken, &[]),
            split(
                Dimension::Browser,
                broken,
                if broken { &["safari"] } else { &[] },
            ),
        ],
    }
}

fn slices(by: Dimension, values: &[(&str, u64)], base: f64, speaks: bool) -> Slices {
    let row = |(i, (value, users)): (usize, &(&str, u64))| {
        let of = |n: usize| {
            let effect = [0.0, 0.12, -0.02][n] + (i as f64 * 0.9).sin() * 0.04;
            let width = 14.0 / (*users as f64).sqrt();
            let lift = Lift {
                relative: effect,
                low: effect - width,
                high: effect + width,
                scale: Scale::Relative,
                p_value: Some(0.2),
                chance_to_win: None,
                verdict: match effect > width {
                    true => Verdict::Better,
                    false => Verdict::Unclear,
                },
            };
            SliceValue {
                users: users / 3,
                value: Some(base * (1.0 + if n > 0 { effect } else { 0.0 })),
                lift: (n > 0 && speaks).then_some(lift),
            }
        };
        Slice {
            value: (*value).to_owned(),
            split_p_value: if *value == "safari" { 0.002 } else { 1.0 },
            split_broken: *value == "safari",
            variants: (0..3).map(of).collect(),
        }
    };
    Slices {
        by,
        comparisons: 2 * values.len() as u32,
        split_p_value: 0.4,
        rows: values.iter().enumerate().map(row).collect(),
    }
}

fn metric_detail(from: ExperimentDetail, base: f64, slices: Slices) -> MetricDetail {
    let results = from.results;
    let course = results.series.iter().map(|p| MetricPoint {
        at_ms: p.at_ms,
        users: p.exposures.clone(),
        totals: p
            .exposures
            .iter()
            .map(|n| (*n as f64 * base).round())
            .collect(),
        values: (0..p.exposures.len())
            .map(|i| {
                let lift = i
                    .checked_sub(1)
                    .and_then(|i| p.lifts.get(i).copied().flatten());
                Some(base * (1.0 + lift.map_or(0.0, |l| l.0)))
            })
            .collect(),
        lifts: p.lifts.clone(),
    });
    MetricDetail {
        values: results
            .variants
            .iter()
            .map(|v| MetricValue {
                users: v.exposures,
                value: Some(base * (1.0 + v.lift.map_or(0.0, |l| l.relative))),
                lift: v.lift,
                margin: None,
                variance_reduced: v.variance_reduced,
            })
            .collect(),
        course: course.collect(),
        quantiles: Vec::new(),
        metric: None,
        through_window: None,
        without_value: None,
        slices,
        experiment: from.experiment,
    }
}

/// An experiment whose primary metric asks for the time before.
fn adjusted() -> ExperimentDetail {
    let mut detail = detail(Status::Running, Verdict::Better);
    detail.experiment.goal_pre_days = 14;
    let reduced = [None, Some(0.31), Some(0.29)];
    for (variant, reduced) in detail.results.variants.iter_mut().zip(reduced) {
        variant.variance_reduced = reduced;
    }
    detail
}

/// The primary metric by country.
pub(crate) fn goal() -> MetricDetail {
    let values = [
        ("JP", 21_000),
        ("US", 12_400),
        ("DE", 6_300),
        ("FR", 4_100),
        ("unknown", 900),
        ("other", 9_471),
    ];
    let by = slices(Dimension::Country, &values, 0.101, true);
    metric_detail(adjusted(), 0.101, by)
}

/// A ratio with a window and a time before, by browser.
pub(crate) fn order_value() -> MetricDetail {
    let values = [
        ("chrome", 27_000),
        ("safari", 18_000),
        ("edge", 5_000),
        ("samsung", 2_100),
        ("other", 600),
    ];
    let by = slices(Dimension::Browser, &values, 62.4, true);
    let from = detail(Status::Running, Verdict::Better);
    let mut detail = metric_detail(from, 62.4, by);
    detail.metric = Some(Metric {
        key: "order-value".to_owned(),
        event: "order".to_owned(),
        kind: MetricKind::Ratio {
            top: Counted::Values,
            over: "order".to_owned(),
            bottom: Counted::Events,
        },
        window_hours: Some(168),
        pre_days: 14,
        ..Metric::default()
    });
    detail.through_window = Some(0.41);
    for value in detail.values.iter_mut().skip(1) {
        value.variance_reduced = Some(0.38);
    }
    detail
}

/// The 95th percentile of page loads, in milliseconds.
pub(crate) fn page_load() -> MetricDetail {
    let values = [("mobile", 29_000), ("desktop", 21_000), ("tablet", 2_100)];
    let mut detail = metric_detail(
        detail(Status::Running, Verdict::Better),
        1_480.0,
        slices(Dimension::Device, &values, 1_480.0, true),
    );
    detail.metric = Some(Metric {
        key: "page-load-p95".to_owned(),
        event: "page-load".to_owned(),
        kind: MetricKind::Quantile {
            level_bp: 9_500,
            among: Among::Events,
        },
        better: Better::Lower,
        window_hours: Some(48),
        ..Metric::default()
    });
    detail.through_window = Some(0.83);
    for value in &mut detail.values {
        // Faster is better.
        if let Some(lift) = &mut value.lift {
            lift.relative = -lift.relative;
            (lift.low, lift.high) = (-lift.high, -lift.low);
            value.value = Some(1_480.0 * (1.0 + lift.relative));
        }
    }
    let lines = detail
        .slices
        .rows
        .iter_mut()
        .flat_map(|row| &mut row.variants);
    for value in lines {
        if let Some(lift) = &mut value.lift {
            lift.relative = -lift.relative;
            (lift.low, lift.high) = (-lift.high, -lift.low);
            value.value = Some(1_480.0 * (1.0 + lift.relative));
        }
    }
    for point in &mut detail.course {
        point.totals.clear();
        for (relative, low, high) in point.lifts.iter_mut().flatten() {
            (*relative, *low, *high) = (-*relative, -*high, -*low);
        }
        let lifts = std::iter::once(0.0).chain(point.lifts.iter().map(|l| l.map_or(0.0, |l| l.0)));
        point.values = lifts.map(|lift| Some(1_480.0 * (1.0 + lift))).collect();
    }
    let levels = [
        (100, 182.0),
        (500, 240.0),
        (1_000, 287.0),
        (2_000, 355.0),
        (3_000, 421.0),
        (4_000, 489.0),
        (5_000, 566.0),
        (6_000, 661.0),
        (7_000, 783.0),
        (8_000, 968.0),
        (9_000, 1_262.0),
        (9_500, 1_480.0),
        (9_900, 2_710.0),
    ];
    let point = |(level_bp, base): (u16, f64)| QuantilePoint {
        level_bp,
        values: detail
            .values
            .iter()
            .map(|v| Some(base * v.value? / 1_480.0))
            .collect(),
    };
    detail.quantiles = levels.map(point).to_vec();
    detail
}

/// Of a planned end before its first look.
pub(crate) fn waiting() -> MetricDetail {
    let values = [("desktop", 31_000), ("mobile", 21_000), ("tablet", 2_000)];
    let by = slices(Dimension::Device, &values, 0.101, false);
    metric_detail(grouped(0, Status::Running), 0.101, by)
}

/// Users come, but nothing is reported of them.
pub(crate) fn silent() -> MetricDetail {
    let mut detail = goal();
    for value in &mut detail.values {
        (value.value, value.lift) = (Some(0.0), None);
    }
    detail.course.clear();
    detail.slices.rows.clear();
    detail
}

/// Orders come, and none with a value.
pub(crate) fn valueless() -> MetricDetail {
    let mut detail = silent();
    detail.metric = order_value().metric;
    detail.without_value = Some("order".to_owned());
    detail
}

pub(crate) fn valueless_ended() -> MetricDetail {
    let mut detail = valueless();
    let experiment = &mut detail.experiment;
    experiment.status = Status::Stopped;
    experiment.stopped_ms = Some(experiment.updated_ms);
    detail
}

/// Just started.
pub(crate) fn unmeasured() -> MetricDetail {
    let mut detail = goal();
    for value in &mut detail.values {
        (value.users, value.value, value.lift) = (0, None, None);
    }
    detail.course.clear();
    detail.slices.rows.clear();
    detail
}
