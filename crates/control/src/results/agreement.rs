//! Whatever was counted: a p-value is at most the level just when the interval beside it
//! leaves zero out, and a verdict needs both.

use nexus_domain::Environment;
use nexus_domain::experiment::{
    Better, Correction, Draft, DraftVariant, Experiment, Method, Metric, MetricKind, MetricRole,
};
use nexus_stats::Alpha;
use proptest::prelude::*;

use super::counts::LookCounts;
use super::measures::always_valid;
use super::sums::Sums;
use super::{Counts, Measures, Moments, VariantCounts, goal_lifts, lifts, measures};
use crate::views::{Lift, Verdict};

#[derive(Clone, Debug)]
struct Arm {
    units: u64,
    converted: f64,
    crashed: f64,
    profit: f64,
    deviation: f64,
}

fn arm() -> impl Strategy<Value = Arm> {
    let units = prop_oneof![Just(0), 1u64..300, 300u64..30_000];
    let share = || prop_oneof![Just(0.0), Just(1.0), 0.0..0.1, 0.0..1.0];
    (units, share(), share(), -3.0..3.0, 0.0..9.0).prop_map(
        |(units, converted, crashed, profit, deviation)| Arm {
            units,
            converted,
            crashed,
            profit,
            deviation,
        },
    )
}

/// With two secondary metrics and two guardrails; one more decides where it has a kind.
fn experiment(method: Method, treatments: usize, decides: Option<MetricKind>) -> Experiment {
    let weight_bp = 10_000 / (treatments as u16 + 1);
    let control_bp = 10_000 - weight_bp * treatments as u16;
    let variant = |n: usize| DraftVariant {
        key: format!("v{n}"),
        name: String::new(),
        weight_bp: if n == 0 { control_bp } else { weight_bp },
        features: serde_json::Map::new(),
        deployment: None,
    };
    let guardrail = MetricRole::Guardrail { margin_bp: 500 };
    let metrics = [
        ("crash", MetricKind::Proportion, MetricRole::Secondary),
        (
            "profit",
            MetricKind::Mean { cap: None },
            MetricRole::Secondary,
        ),
        ("crash-guard", MetricKind::Proportion, guardrail),
        ("profit-guard", MetricKind::Mean { cap: None }, guardrail),
    ];
    let metrics = metrics.map(|(key, kind, role)| Metric {
        key: key.to_owned(),
        kind,
        role,
        better: if key.starts_with('c') {
            Better::Lower
        } else {
            Better::Higher
        },
        ..Metric::default()
    });
    let decides = decides.map(|kind| Metric {
        key: "decides".to_owned(),
        kind,
        role: MetricRole::Primary { spread_bp: 30_000 },
        better: Better::Lower,
        ..Metric::default()
    });
    let draft = Draft {
        id: "a".to_owned(),
        name: "A".to_owned(),
        variants: (0..=treatments).map(variant).collect(),
        method,
        metrics: metrics.into_iter().chain(decides).collect(),
        ..Draft::starter(Environment::Production)
    };
    draft
        .create("seed".to_owned(), "somebody".to_owned(), 0)
        .unwrap()
}

fn counted(experiment: &Experiment, arms: &[Arm]) -> (Counts, Measures) {
    let keyed = || experiment.variants.iter().map(|v| v.key.clone()).zip(arms);
    let variants = keyed().map(|(key, arm)| {
        let counts = VariantCounts {
            exposures: arm.units,
            conversions: (arm.units as f64 * arm.converted) as u64,
            ..VariantCounts::default()
        };
        (key, counts)
    });
    let mut sums = Sums::default();
    for (key, arm) in keyed() {
        let units = arm.units as f64;
        let (sum, squares) = (arm.profit * 1e3, arm.deviation * 1e3);
        let profit = [units * sum, units * (sum * sum + squares * squares)];
        let crashes = (units * arm.crashed).floor();
        for (metric, [sum, square]) in [("crash", [crashes, crashes]), ("profit", profit)] {
            let mut moments = Moments::default();
            (moments.sums[0], moments.products[0]) = (sum as i64, square);
            for metric in [metric.to_owned(), format!("{metric}-guard")] {
                sums.moments.insert((key.clone(), metric), moments);
            }
            let decides = experiment.primary().map(|m| m.kind.is_share());
            if decides == Some(metric == "crash") {
                sums.moments
                    .insert((key.clone(), "decides".to_owned()), moments);
            }
        }
    }
    let counts = Counts::of_variants(variants);
    let looks = experiment.method.horizon().map(|horizon| LookCounts {
        look: horizon.looks,
        at_ms: 0,
        variants: counts.variants.clone(),
        primary: sums.clone(),
    });
    let counts = Counts {
        looks: looks.into_iter().collect(),
        primary: sums.clone(),
        ..counts
    };
    let measures = Measures {
        now: sums.clone(),
        at_look: sums,
        ..Measures::default()
    };
    (counts, measures)
}

fn agrees(lift: &Lift, significance: f64) -> bool {
    let (below, above) = (lift.high < 0.0, lift.low > 0.0);
    let apart = below || above;
    let is_decided = matches!(lift.verdict, Verdict::Better | Verdict::Worse);
    lift.p_value.is_none_or(|p| (p <= significance) == apart) && (apart || !is_decided)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p_values_intervals_and_verdicts_agree(
        arms in proptest::collection::vec(arm(), 2..5),
        method in prop_oneof![
            Just(Method::AlwaysValid),
            Just(Method::Bayesian { prior_sd_bp: 3_000 }),
            Just(Method::FixedHorizon { planned_users: 20_000 }),
            Just(Method::GroupSequential { looks: 2, planned_users: 20_000 }),
        ],
        correction in prop_oneof![Just(Correction::Holm), Just(Correction::BenjaminiHochberg)],
        comparisons in 1u32..40,
        decides in prop_oneof![
            Just(None),
            Just(Some(MetricKind::Proportion)),
            Just(Some(MetricKind::Mean { cap: None })),
        ],
    ) {
        let experiment = Experiment { correction, ..experiment(method, arms.len() - 1, decides) };
        let (counts, measures) = counted(&experiment, &arms);
        let primary = lifts(&experiment, &counts).into_iter().flatten();
        let goal = goal_lifts(&experiment, &counts).into_iter().flatten();
        let all = measures::metrics(&experiment, &counts, &measures, &[], 0);
        let others = all.iter().flat_map(|m| &m.variants).filter_map(|v| v.lift);
        for lift in primary.chain(goal).chain(others) {
            prop_assert!(agrees(&lift, experiment.significance), "{lift:?}");
        }
        let alpha = Alpha::new(experiment.significance).unwrap().among(comparisons);
        for metric in &experiment.metrics {
            let effect = measures.effect_now(&counts, metric, ["v0", "v1"]);
            let lift = effect.and_then(|e| always_valid(&experiment, metric, alpha, &e));
            prop_assert!(lift.is_none_or(|l| agrees(&l, experiment.significance)), "{lift:?}");
        }
    }

    /// Whom Holm decides on, Benjamini and Hochberg decide on too, where all arms are large
    /// enough for a verdict.
    #[test]
    fn bounding_the_share_finds_at_least_what_bounding_any_finds(
        arms in proptest::collection::vec(
            arm().prop_map(|arm| Arm { units: arm.units.max(100), ..arm }),
            2..5,
        ),
        method in prop_oneof![
            Just(Method::AlwaysValid),
            Just(Method::FixedHorizon { planned_users: 20_000 }),
        ],
    ) {
        let verdicts = |correction| {
            let experiment = Experiment { correction, ..experiment(method, arms.len() - 1, None) };
            let (counts, measures) = counted(&experiment, &arms);
            let all = measures::metrics(&experiment, &counts, &measures, &[], 0);
            let lifts = all.iter().flat_map(|m| &m.variants).map(|v| v.lift);
            lifts.map(|lift| lift.map(|l| l.verdict)).collect::<Vec<_>>()
        };
        let (any, share) = (verdicts(Correction::Holm), verdicts(Correction::BenjaminiHochberg));
        for (any, share) in any.into_iter().zip(share) {
            prop_assert!(any == share || any == Some(Verdict::Unclear), "{any:?} {share:?}");
        }
    }
}
