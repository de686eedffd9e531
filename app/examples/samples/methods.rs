//! Experiments by each method, and the calculator's answers.

use nexus_app::pages::calculator::CalculatorState;
use nexus_control::planning;
use nexus_control::views::{
    ExperimentDetail, HorizonProgress, Lift, LookResult, MarginState, MetricPoint, MetricResult,
    MetricValue, SizePlan, Verdict,
};
use nexus_domain::experiment::{
    Better, Correction, Method, Metric, MetricKind, MetricRole, Scale, Status,
};

use super::{DAY, NOW_MS, detail, lift};

/// Users in all of the samples' results.
const USERS: u64 = 54_171;

/// After so many of five looks; the second decides.
pub(crate) fn grouped(looks: u16, status: Status) -> ExperimentDetail {
    let method = Method::GroupSequential {
        looks: 5,
        planned_users: 100_000,
    };
    let lift = |relative: f64, width: f64, verdict| {
        Some(Lift {
            relative,
            low: relative - width,
            high: relative + width,
            scale: Scale::Relative,
            p_value: None,
            chance_to_win: None,
            verdict,
        })
    };
    let taken: Vec<LookResult> = (1..=looks)
        .map(|look| LookResult {
            look,
            at_ms: NOW_MS - i64::from(3 - look) * DAY / 2,
            users: u64::from(look) * 20_000 + 37,
            lifts: match look {
                1 => vec![
                    lift(0.08, 0.19, Verdict::Unclear),
                    lift(-0.03, 0.19, Verdict::Unclear),
                ],
                _ => vec![
                    lift(0.127, 0.086, Verdict::Better),
                    lift(-0.023, 0.085, Verdict::Unclear),
                ],
            },
        })
        .collect();
    let verdict = match looks {
        0 => Verdict::NotEnoughData,
        1 => Verdict::Unclear,
        _ => Verdict::Better,
    };
    let mut detail = detail(status, verdict);
    detail.experiment.method = method;
    if status == Status::Stopped {
        detail.experiment.stop = Some(nexus_domain::experiment::Stop::Schedule);
    }
    let last = taken.last().map(|l| l.lifts.clone()).unwrap_or_default();
    for (i, variant) in detail.results.variants.iter_mut().enumerate() {
        variant.lift = i
            .checked_sub(1)
            .and_then(|i| last.get(i).copied().flatten());
    }
    for point in &mut detail.results.series {
        point.lifts = vec![None, None];
    }
    detail.results.horizon = Some(HorizonProgress {
        planned_users: 100_000,
        users: USERS,
        planned_looks: 5,
        next_look_users: (looks < 5).then(|| u64::from(looks + 1) * 20_000),
        looks: taken,
    });
    detail
}

/// Revenue and page views beside the purchases, and refunds that must not grow.
pub(crate) fn measured() -> ExperimentDetail {
    let metric = |key: &str, kind, better, role| Metric {
        key: key.to_owned(),
        kind,
        better,
        role,
        ..Metric::default()
    };
    let value = |value: f64, lift: Option<(f64, f64, Verdict)>, margin| MetricValue {
        users: 18_000,
        value: Some(value),
        lift: lift.map(|(relative, width, verdict)| Lift {
            relative,
            low: relative - width,
            high: relative + width,
            scale: Scale::Relative,
            p_value: Some(0.012),
            chance_to_win: None,
            verdict,
        }),
        margin,
        variance_reduced: None,
    };
    let mut detail = detail(Status::Running, Verdict::Better);
    detail.experiment.goal_pre_days = 14;
    detail.experiment.correction = Correction::BenjaminiHochberg;
    for variant in detail.results.variants.iter_mut().skip(1) {
        variant.variance_reduced = Some(0.31);
    }
    let revenue = MetricKind::Mean { cap: Some(500.0) };
    let retained = MetricKind::Retention {
        from_day: 7,
        until_day: 14,
    };
    let guard = MetricRole::Guardrail { margin_bp: 500 };
    detail.results.metrics = vec![
        MetricResult {
            metric: Metric {
                pre_days: 14,
                window_hours: Some(168),
                ..metric("revenue", revenue, Better::Higher, MetricRole::Secondary)
            },
            through_window: Some(0.62),
            without_value: None,
            variants: vec![
                value(1_204.12, None, None),
                value(1_310.0, Some((0.088, 0.06, Verdict::Better)), None),
                value(1_190.5, Some((-0.011, 0.07, Verdict::Unclear)), None),
            ],
        },
        MetricResult {
            metric: Metric {
                event: "visit".to_owned(),
                ..metric("back", retained, Better::Higher, MetricRole::Secondary)
            },
            through_window: Some(0.08),
            without_value: None,
            variants: vec![
                value(0.212, None, None),
                value(0.224, Some((0.057, 0.09, Verdict::Unclear)), None),
                value(0.208, Some((-0.019, 0.09, Verdict::Unclear)), None),
            ],
        },
        MetricResult {
            metric: metric("refund", MetricKind::Proportion, Better::Lower, guard),
            through_window: None,
            without_value: None,
            variants: vec![
                value(0.031, None, None),
                value(
                    0.031,
                    Some((0.002, 0.04, Verdict::Unclear)),
                    Some(MarginState::Kept),
                ),
                value(
                    0.045,
                    Some((0.45, 0.2, Verdict::Worse)),
                    Some(MarginState::Broken),
                ),
            ],
        },
    ];
    for value in detail.results.metrics[0].variants.iter_mut().skip(1) {
        value.variance_reduced = Some(0.44);
    }
    detail.experiment.metrics = detail
        .results
        .metrics
        .iter()
        .map(|m| m.metric.clone())
        .collect();
    detail
}

/// Seconds per order decide: two steps make them fewer, and that is better.
pub(crate) fn decided_by_metric() -> ExperimentDetail {
    let mut detail = measured();
    let results = &mut detail.results;
    let seconds = Metric {
        key: "order-seconds".to_owned(),
        kind: MetricKind::Mean { cap: None },
        better: Better::Lower,
        role: MetricRole::Primary { spread_bp: 9_000 },
        ..Metric::default()
    };
    let value = |value: f64, relative: Option<f64>, verdict| MetricValue {
        users: 18_000,
        value: Some(value),
        lift: relative
            .map(|relative| lift(relative, relative - 0.04, relative + 0.04, 0.0031, verdict)),
        margin: None,
        variance_reduced: None,
    };
    let variants = vec![
        value(74.2, None, Verdict::Unclear),
        value(65.3, Some(-0.12), Verdict::Better),
        value(75.1, Some(0.012), Verdict::Unclear),
    ];
    let through_window = None;
    results.metrics.insert(
        0,
        MetricResult {
            metric: seconds.clone(),
            through_window,
            without_value: None,
            variants,
        },
    );
    detail.experiment.metrics.insert(0, seconds);
    results.course = results
        .series
        .iter()
        .map(|p| MetricPoint {
            at_ms: p.at_ms,
            users: p.exposures.clone(),
            totals: Vec::new(),
            values: Vec::new(),
            lifts: p
                .lifts
                .iter()
                .map(|l| l.map(|(r, low, high)| (-r, -high, -low)))
                .collect(),
        })
        .collect();
    detail
}

/// Nobody of the control converts, and nobody of the last treatment.
pub(crate) fn absolute() -> ExperimentDetail {
    let mut detail = detail(Status::Running, Verdict::Better);
    let rates = [0.0, 0.031, 0.0];
    for (variant, rate) in detail.results.variants.iter_mut().zip(rates) {
        variant.conversions = (variant.exposures as f64 * rate) as u64;
        variant.rate = Some(rate);
        variant.lift = (rate > 0.0).then_some(Lift {
            relative: rate,
            low: rate - 0.004,
            high: rate + 0.004,
            scale: Scale::Absolute,
            p_value: Some(1e-9),
            chance_to_win: None,
            verdict: Verdict::Better,
        });
    }
    for point in &mut detail.results.series {
        point.lifts = vec![None, None];
    }
    detail
}

pub(crate) fn bayesian() -> ExperimentDetail {
    let mut detail = detail(Status::Running, Verdict::Better);
    detail.experiment.method = Method::Bayesian { prior_sd_bp: 3_000 };
    let chances = [0.0, 0.993, 0.31];
    for (variant, chance) in detail.results.variants.iter_mut().zip(chances) {
        if let Some(lift) = &mut variant.lift {
            lift.p_value = None;
            lift.chance_to_win = Some(chance);
        }
    }
    detail
}

pub(crate) fn calculated(state: &CalculatorState) -> SizePlan {
    let query = state.query();
    let plan = query.and_then(|query| planning::size(&query));
    plan.unwrap_or_else(|p| unreachable!("the sample is valid: {p:?}"))
}
