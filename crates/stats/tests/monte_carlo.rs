//! Error rates, coverage and power of the methods in small form. Seeded, so that a run is
//! the same every time, with bounds that chance passes less than once in a million: five
//! standard deviations of the binomial. `examples/simulate.rs` runs the full form.

mod common;
#[path = "common/simulate.rs"]
mod simulate;

use common::Random;
use nexus_stats::{
    Alpha, Difference, Effect, Grouped, Metric, OutOfRange, Proportion, Spending, Tail, Watching,
};
use simulate::{Judge, MODELS, Model, Runs, all_experiments, assignments, experiments, power};

const SMALL: Runs = Runs {
    runs: 300,
    looks: 14,
    step: 100,
    ratio: 1,
};

/// Successes in `runs` that a rate of at most `rate` does not exceed.
fn at_most(runs: u64, rate: f64) -> u64 {
    let expected = runs as f64 * rate;
    (expected + 5.0 * (expected * (1.0 - rate)).sqrt()).ceil() as u64
}

/// Successes in `runs` that a rate of at least `rate` reaches.
fn at_least(runs: u64, rate: f64) -> u64 {
    runs - at_most(runs, 1.0 - rate)
}

#[test]
fn always_valid_intervals_rarely_stop_without_a_difference() {
    for model in MODELS {
        let found = experiments(Judge::AlwaysValid, model, 0.0, SMALL);
        // Not only within chance of five percent: below it.
        assert!(found.stopped * 20 <= found.runs, "{model:?}: {found:?}");
    }
}

#[test]
fn one_sided_intervals_rarely_stop_without_a_difference() {
    for model in [Model::Conversion, Model::Revenue] {
        let found = experiments(Judge::AlwaysValidOneSided, model, 0.0, SMALL);
        assert!(found.stopped * 20 <= found.runs, "{model:?}: {found:?}");
    }
}

/// A variant of a tenth of control's size and rare amounts: the interval alone stops too
/// often, the rule that also looks at the common variance does not.
#[test]
fn decisions_about_small_arms_are_rarely_wrong() {
    let runs = Runs {
        runs: 300,
        looks: 40,
        step: 10,
        ratio: 10,
    };
    let interval = experiments(Judge::AlwaysValid, Model::RareRevenue, 0.0, runs);
    let decision = experiments(Judge::Decision, Model::RareRevenue, 0.0, runs);
    assert!(
        interval.stopped > at_most(interval.runs, 0.05),
        "{interval:?}"
    );
    assert!(decision.stopped * 20 <= decision.runs, "{decision:?}");
    let guardrail = experiments(Judge::Guardrail, Model::RareRevenue, 0.0, runs);
    assert!(guardrail.stopped * 20 <= guardrail.runs, "{guardrail:?}");
}

#[test]
fn decisions_find_what_is_there() {
    let lift = Model::OrderValue.visible_lift();
    let found = experiments(Judge::Decision, Model::OrderValue, lift, SMALL);
    assert!(found.stopped >= at_least(found.runs, 0.5), "{found:?}");
}

/// Why the default is always valid: fixed-horizon tests at 14 looks stop a fifth of all
/// experiments that have nothing to find.
#[test]
fn peeking_stops_far_too_often() {
    let found = experiments(Judge::Peeking, Model::Conversion, 0.0, SMALL);
    assert!(found.stopped >= at_least(found.runs, 0.2), "{found:?}");
    assert!(found.stopped > at_most(found.runs, 0.05), "{found:?}");
}

#[test]
fn all_intervals_of_a_run_cover_the_truth_together() {
    for model in MODELS {
        let lift = model.visible_lift();
        let found = experiments(Judge::AlwaysValid, model, lift, SMALL);
        assert!(
            found.missed <= at_most(found.runs, 0.05),
            "{model:?}: {found:?}"
        );
        assert!(
            found.stopped >= at_least(found.runs, 0.5),
            "{model:?}: {found:?}"
        );
    }
}

#[test]
fn a_fixed_interval_covers_the_truth_once() {
    for model in MODELS {
        let one_look = Runs {
            runs: 600,
            looks: 1,
            step: 300,
            ratio: 1,
        };
        let found = experiments(Judge::Peeking, model, model.visible_lift(), one_look);
        assert!(
            found.missed <= at_most(found.runs, 0.05),
            "{model:?}: {found:?}"
        );
        assert!(
            found.missed >= at_least(found.runs, 0.05),
            "{model:?}: {found:?}"
        );
    }
}

#[test]
fn group_sequential_looks_keep_alpha_and_use_it() {
    let runs = Runs {
        runs: 800,
        looks: 5,
        step: 200,
        ratio: 1,
    };
    let null = experiments(Judge::GroupSequential, Model::AdjustedTime, 0.0, runs);
    assert!(null.stopped <= at_most(runs.runs, 0.05), "{null:?}");
    assert!(null.stopped >= at_least(runs.runs, 0.05), "{null:?}");
    let lift = Model::AdjustedTime.visible_lift();
    let grouped = experiments(Judge::GroupSequential, Model::AdjustedTime, lift, runs);
    let always = experiments(Judge::AlwaysValid, Model::AdjustedTime, lift, runs);
    assert!(grouped.stopped > always.stopped, "{grouped:?} {always:?}");
}

/// A plan that ends by the clock at 70 % of its units: whatever was spent before, the last
/// look uses the rest of alpha and no more.
#[test]
fn an_end_by_the_clock_keeps_alpha_and_uses_it() {
    let plan = Grouped {
        alpha: Alpha::FIVE_PERCENT,
        tail: Tail::Both,
        spending: Spending::OBrienFleming,
        horizon_units: 20_000,
    };
    let arm = Metric::from(Proportion::new(500, 1_000));
    let effect = Effect::between(&arm, &arm, Difference::Absolute).expect("they vary");
    let looks = [5_000, 10_000, 14_000];
    let boundary = |n: usize| {
        let look = match n {
            2 => plan.infer_last(&effect, 0.0, &looks),
            _ => plan.infer(&effect, 0.0, &looks[..=n]),
        };
        look.expect("looks that grow").boundary.expect("a boundary")
    };
    let boundaries = [0, 1, 2].map(boundary);
    let mut random = Random::new(11);
    let crosses = |random: &mut Random| {
        let (mut at, mut score) = (0.0, 0.0);
        looks.iter().zip(boundaries).any(|(units, boundary)| {
            let step = *units as f64 - at;
            at = *units as f64;
            score += step.sqrt() * random.normal();
            score.abs() >= boundary * at.sqrt()
        })
    };
    let runs = 40_000;
    let crossed = (0..runs).filter(|_| crosses(&mut random)).count() as u64;
    assert!(crossed <= at_most(runs, 0.05), "{crossed}");
    assert!(crossed >= at_least(runs, 0.05), "{crossed}");
}

#[test]
fn mismatches_are_found_and_not_imagined() {
    let runs = Runs {
        runs: 300,
        looks: 100,
        step: 100,
        ratio: 1,
    };
    let none = assignments(0.5, runs);
    assert!(none.anytime * 100 <= none.runs, "{none:?}");
    assert!(none.chi_square >= at_least(none.runs, 0.3), "{none:?}");
    let some = assignments(0.53, runs);
    assert!(some.anytime >= at_least(some.runs, 0.99), "{some:?}");
}

/// Whatever the method, its intervals hold at every look that it has.
#[test]
fn every_method_covers() {
    const METHODS: [Judge; 5] = [
        Judge::AlwaysValid,
        Judge::AlwaysValidOneSided,
        Judge::GroupSequential,
        Judge::Fixed,
        Judge::Bayesian,
    ];
    for model in MODELS {
        let found = all_experiments(METHODS, model, model.visible_lift(), SMALL);
        for (method, found) in METHODS.iter().zip(found) {
            let most = at_most(found.runs, 0.05);
            assert!(found.missed <= most, "{method:?} {model:?}: {found:?}");
        }
    }
}

/// The verdicts on pages ask for more than the interval, so they err less often.
#[test]
fn verdicts_err_no_more_often_than_their_intervals() {
    const PAIRS: [Judge; 6] = [
        Judge::AlwaysValid,
        Judge::AlwaysValidVerdict,
        Judge::GroupSequential,
        Judge::GroupSequentialVerdict,
        Judge::Fixed,
        Judge::FixedVerdict,
    ];
    let none = all_experiments(PAIRS, Model::Conversion, 0.0, SMALL);
    for pair in none.chunks(2) {
        assert!(pair[1].stopped <= pair[0].stopped, "{pair:?}");
        assert!(pair[1].stopped <= at_most(SMALL.runs, 0.05), "{pair:?}");
    }
}

/// The units of a plan give its power, at three points of the curve, to the verdict that pages
/// show as to the interval.
#[test]
fn planned_units_have_the_planned_power() -> Result<(), OutOfRange> {
    const RUNS: u64 = 400;
    for wanted in [0.5, 0.8, 0.95] {
        let once = power(Model::Conversion, Watching::Once, wanted, RUNS)?;
        let (low, high) = (at_least(RUNS, once.curve), at_most(RUNS, once.curve));
        assert!((wanted..wanted + 0.01).contains(&once.curve), "{once:?}");
        for found in [once.by_interval, once.by_verdict] {
            assert!((low..=high).contains(&found), "{once:?}");
        }
        let always = Watching::AlwaysTuned { units: 5_000.0 };
        let always = power(Model::Conversion, always, wanted, RUNS)?;
        let found = always.by_interval.min(always.by_verdict);
        assert!(found >= at_least(RUNS, always.curve), "{always:?}");
    }
    Ok(())
}

/// The generator itself: mean and variance of its normal numbers.
#[test]
fn the_generator_is_normal() {
    let mut random = Random::new(7);
    let values: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
    let mean = values.iter().sum::<f64>() / 1e5;
    let variance = values.iter().map(|value| value * value).sum::<f64>() / 1e5;
    assert!(
        mean.abs() < 0.016 && (variance - 1.0).abs() < 0.023,
        "{mean} {variance}"
    );
}
