//! The metric that decides against its own comparison, and the family beside it.

use nexus_domain::Environment;
use nexus_domain::experiment::{
    Better, Draft, DraftVariant, Experiment, Method, Metric, MetricKind, MetricRole,
};
use proptest::prelude::*;

use super::counts::LookCounts;
use super::sums::Sums;
use super::{Counts, Measures, Moments, VariantCounts, goal_lifts, lifts, measures, verdict};
use crate::views::{Lift, MetricResult, Verdict};

const PRIMARY: MetricRole = MetricRole::Primary { spread_bp: 20_000 };

/// One arm: users, conversions of the goal, and mean and deviation of each metric.
#[derive(Clone, Debug)]
struct Arm {
    users: u64,
    converted: u64,
    metrics: Vec<(f64, f64)>,
}

fn metric(key: &str, role: MetricRole, better: Better) -> Metric {
    Metric {
        key: key.to_owned(),
        kind: MetricKind::Mean { cap: None },
        role,
        better,
        ..Metric::default()
    }
}

fn experiment(method: Method, variants: u16, metrics: Vec<Metric>) -> Experiment {
    let variant = |n: u16| DraftVariant {
        key: format!("v{n}"),
        name: String::new(),
        weight_bp: 10_000 / variants + if n == 0 { 10_000 % variants } else { 0 },
        features: serde_json::Map::new(),
        deployment: None,
    };
    let draft = Draft {
        id: "a".to_owned(),
        name: "A".to_owned(),
        variants: (0..variants).map(variant).collect(),
        method,
        metrics,
        ..Draft::starter(Environment::Production)
    };
    draft
        .create("seed".to_owned(), "somebody".to_owned(), 0)
        .unwrap()
}

/// With as many looks as there are lists of arms; the last is how it is now.
fn counted(experiment: &Experiment, looks: &[Vec<Arm>]) -> (Counts, Measures) {
    let at = |arms: &[Arm]| {
        let mut sums = Sums::default();
        let mut variants = Vec::new();
        for (variant, arm) in experiment.variants.iter().zip(arms) {
            let counts = VariantCounts {
                exposures: arm.users,
                conversions: arm.converted,
                ..VariantCounts::default()
            };
            variants.push((variant.key.clone(), counts));
            for (metric, (mean, deviation)) in experiment.metrics.iter().zip(&arm.metrics) {
                let units = arm.users as f64;
                let mut moments = Moments::default();
                moments.sums[0] = (units * mean * 1e3) as i64;
                moments.products[0] = units * (mean * mean + deviation * deviation) * 1e6;
                let place = (variant.key.clone(), metric.key.clone());
                sums.moments.insert(place, moments);
            }
        }
        (Counts::of_variants(variants.into_iter()), sums)
    };
    let (mut counts, sums) = at(looks.last().unwrap());
    if experiment.method.horizon().is_some() {
        let taken = (1..).zip(looks).map(|(look, arms)| {
            let (then, primary) = at(arms);
            LookCounts {
                look,
                at_ms: 0,
                variants: then.variants,
                primary,
            }
        });
        counts.looks = taken.collect();
    }
    counts.primary = sums.clone();
    let measures = Measures {
        now: sums.clone(),
        at_look: sums,
        ..Measures::default()
    };
    (counts, measures)
}

fn said(experiment: &Experiment, counts: &Counts, measures: &Measures) -> Vec<MetricResult> {
    measures::metrics(experiment, counts, measures, &[], 0)
}

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        Just(Method::AlwaysValid),
        Just(Method::Bayesian { prior_sd_bp: 3_000 }),
        Just(Method::FixedHorizon {
            planned_users: 8_000
        }),
        Just(Method::GroupSequential {
            looks: 3,
            planned_users: 8_000
        }),
    ]
}

fn arm(metrics: usize) -> impl Strategy<Value = Arm> {
    let number = (1.0..3.0, 0.1..4.0);
    let metrics = proptest::collection::vec(number, metrics);
    (50u64..3_000, 0u64..50, metrics).prop_map(|(users, converted, metrics)| Arm {
        users,
        converted,
        metrics,
    })
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs())
}

fn same(a: &Lift, b: &Lift) -> bool {
    let p = match (a.p_value, b.p_value) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a == b,
    };
    let ends = close(a.low, b.low) && close(a.high, b.high);
    ends && p && close(a.relative, b.relative) && a.verdict == b.verdict
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Alone in its family a secondary metric has the whole level, as the one that decides.
    #[test]
    fn it_is_judged_as_a_metric_alone_in_its_family_and_by_its_direction(
        arms in proptest::collection::vec(arm(1), 2),
        method in methods(),
        is_lower in any::<bool>(),
    ) {
        let better = if is_lower { Better::Lower } else { Better::Higher };
        let decides = experiment(method, 2, vec![metric("m", PRIMARY, better)]);
        let alone = experiment(method, 2, vec![metric("m", MetricRole::Secondary, better)]);
        let looks = [arms];
        let (counts, measures) = counted(&decides, &looks);
        let ours = said(&decides, &counts, &measures)[0].variants[1].lift;
        prop_assert_eq!(&ours, &lifts(&decides, &counts)[1]);
        let theirs = said(&alone, &counts, &measures)[0].variants[1].lift;
        // Always-valid intervals are tuned for plans that differ.
        if method != Method::AlwaysValid {
            prop_assert_eq!(ours.is_some(), theirs.is_some());
            let pair = ours.zip(theirs);
            prop_assert!(pair.is_none_or(|(a, b)| same(&a, &b)), "{:?} {:?}", ours, theirs);
        }
        if let Some(lift) = ours {
            let good = (lift.relative > 0.0) != is_lower;
            prop_assert!(lift.verdict != Verdict::Better || good, "{lift:?}");
            prop_assert!(lift.verdict != Verdict::Worse || !good, "{lift:?}");
            prop_assert_eq!(verdict(&decides, &counts), Some(lift.verdict));
        }
    }

    /// The whole level is shared among treatments only, whatever else is measured.
    #[test]
    fn other_metrics_and_the_goal_cost_it_nothing(
        arms in proptest::collection::vec(arm(3), 3),
        method in methods(),
    ) {
        let of = |key| metric(key, MetricRole::Secondary, Better::Higher);
        let decides = || metric("m", PRIMARY, Better::Higher);
        let few = experiment(method, 3, vec![decides()]);
        let many = experiment(method, 3, vec![decides(), of("n"), of("o")]);
        let looks = [arms.clone()];
        let [few_lifts, many_lifts] = [&few, &many].map(|e| lifts(e, &counted(e, &looks).0));
        prop_assert_eq!(&few_lifts, &many_lifts);
        // What one treatment alone would have, at its share.
        if matches!(method, Method::FixedHorizon { .. }) {
            let two = experiment(method, 2, vec![decides()]);
            let alone = lifts(&two, &counted(&two, &looks).0)[1];
            if let (Some(shared), Some(alone)) = (few_lifts[1], alone) {
                let doubled = (2.0 * alone.p_value.unwrap()).min(1.0);
                prop_assert!(close(shared.p_value.unwrap(), doubled));
                // A wider interval may say too little of the control for a share of it.
                let is_wider = shared.low <= alone.low && shared.high >= alone.high;
                prop_assert!(is_wider || shared.scale != alone.scale);
            }
        }
    }

    /// The goal is one comparison per treatment of the family beside what decides.
    #[test]
    fn the_goal_has_an_equal_share_and_the_others_are_corrected_for_it(
        arms in proptest::collection::vec(arm(2), 2),
    ) {
        let method = Method::FixedHorizon { planned_users: 8_000 };
        let other = metric("n", MetricRole::Secondary, Better::Higher);
        let with = experiment(method, 2, vec![metric("m", PRIMARY, Better::Higher), other.clone()]);
        let without = experiment(method, 2, vec![metric("m", MetricRole::Guardrail { margin_bp: 100 }, Better::Higher), other]);
        let looks = [arms];
        let (counts, measures) = counted(&with, &looks);
        let [a, b] = [&with, &without].map(|e| goal_lifts(e, &counts)[1].and_then(|l| l.p_value));
        if let (Some(shared), Some(whole)) = (a, b) {
            prop_assert!(close(shared, (2.0 * whole).min(1.0)));
        }
        let [a, b] = [&with, &without].map(|e| said(e, &counts, &measures)[1].variants[1].lift.unwrap().p_value.unwrap());
        prop_assert!(close(a, (2.0 * b).min(1.0)), "{a} {b}");
    }
}

fn arms(users: u64, converted: [u64; 2], means: [f64; 2]) -> Vec<Arm> {
    let arm = |(converted, mean)| Arm {
        users,
        converted,
        metrics: vec![(mean, 2.0)],
    };
    converted.into_iter().zip(means).map(arm).collect()
}

#[test]
fn a_goal_that_is_clearly_better_decides_nothing_beside_a_primary_metric() {
    let load = |role| vec![metric("load", role, Better::Lower)];
    let decides = experiment(Method::AlwaysValid, 2, load(PRIMARY));
    let goal = experiment(Method::AlwaysValid, 2, load(MetricRole::Secondary));
    let of = |means| [arms(40_000, [2_000, 3_000], means)];
    let verdict_of = |e: &Experiment, means| verdict(e, &counted(e, &of(means)).0);
    assert_eq!(verdict_of(&goal, [5.0, 6.0]), Some(Verdict::Better));
    assert_eq!(verdict_of(&decides, [5.0, 5.0]), Some(Verdict::Unclear));
    assert_eq!(verdict_of(&decides, [5.0, 6.0]), Some(Verdict::Worse));
    assert_eq!(verdict_of(&decides, [5.0, 4.0]), Some(Verdict::Better));
    let (counts, _) = counted(&decides, &of([5.0, 6.0]));
    let said = goal_lifts(&decides, &counts)[1].map(|l| l.verdict);
    assert_eq!(said, Some(Verdict::Better), "it is shown all the same");
}

#[test]
fn of_group_sequential_looks_the_first_that_decides_stands() {
    let method = Method::GroupSequential {
        looks: 3,
        planned_users: 60_000,
    };
    let e = experiment(method, 2, vec![metric("load", PRIMARY, Better::Lower)]);
    let even = [1_000, 1_000];
    let looks = [
        arms(10_000, even, [5.0, 5.01]),
        arms(20_000, even, [5.0, 4.5]),
        arms(30_000, even, [5.0, 5.2]),
    ];
    let (counts, _) = counted(&e, &looks);
    let at = super::at_looks(&e, &counts, 1);
    let verdicts: Vec<Verdict> = at.iter().flatten().map(|l| l.verdict).collect();
    let said = [Verdict::Unclear, Verdict::Better, Verdict::Worse];
    assert_eq!(verdicts, said);
    assert_eq!(lifts(&e, &counts)[1], at[1]);
    assert_eq!(verdict(&e, &counts), Some(Verdict::Better));
}

/// A share asks for ten users of either kind, as the goal does; a number per user doesn't.
#[test]
fn a_share_needs_conversions_and_a_mean_needs_users() {
    let of = |kind: MetricKind, share: f64| {
        let metric = Metric {
            kind,
            ..metric("m", PRIMARY, Better::Higher)
        };
        let e = experiment(Method::FixedHorizon { planned_users: 400 }, 2, vec![metric]);
        let (mut counts, _) = counted(&e, &[arms(200, [0, 0], [1.0, 1.0])]);
        for (variant, share) in [("v0", share), ("v1", 2.0 * share)] {
            let mut moments = Moments::default();
            moments.sums[0] = (200.0 * share) as i64;
            moments.products[0] = 200.0 * share;
            let place = (variant.to_owned(), "m".to_owned());
            counts.looks[0].primary.moments.insert(place, moments);
        }
        lifts(&e, &counts)[1].unwrap().verdict
    };
    assert_eq!(of(MetricKind::Proportion, 0.02), Verdict::NotEnoughData);
    assert_eq!(of(MetricKind::Proportion, 0.2), Verdict::Better);
    assert_eq!(of(MetricKind::Count, 0.02), Verdict::Unclear);
}

/// Of equal arms: what decides, and the family of the goal and two others, err at most as often
/// as the level says.
#[test]
fn of_equal_arms_neither_what_decides_nor_the_family_errs_more_often_than_the_level() {
    let method = Method::FixedHorizon {
        planned_users: 8_000,
    };
    let other = |key| metric(key, MetricRole::Secondary, Better::Higher);
    let metrics = vec![metric("m", PRIMARY, Better::Lower), other("n"), other("o")];
    let e = experiment(method, 3, metrics);
    let mut state = 7u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    let (runs, mut decided, mut family) = (2_000, 0, 0);
    for _ in 0..runs {
        let mut arm = || Arm {
            users: 4_000,
            converted: (400.0 + 18.97 * normal()).round() as u64,
            metrics: (0..3)
                .map(|_| (5.0 + normal() * 2.0 / 63.25, 2.0))
                .collect(),
        };
        let looks = [vec![arm(), arm(), arm()]];
        let (counts, measures) = counted(&e, &looks);
        let wrong = |lift: Option<Lift>| {
            lift.is_some_and(|l| matches!(l.verdict, Verdict::Better | Verdict::Worse))
        };
        let all = said(&e, &counts, &measures);
        let of = |m: usize| all[m].variants.iter().map(|v| v.lift);
        decided += u32::from(of(0).any(wrong));
        family += u32::from(of(1).chain(of(2)).chain(goal_lifts(&e, &counts)).any(wrong));
    }
    // 5 % with a standard error of half a percent point.
    assert!((50..=130).contains(&decided), "{decided}");
    assert!((50..=130).contains(&family), "{family}");
}
