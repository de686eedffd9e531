//! Monte-Carlo gates in small form: the stated error rates hold under constant looking.
//! Seeded, so that a run is the same every time.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::Random;
use nexus_stats::{Better, Decision, Guardrail, Proportion, Sequential, SrmState, Status};

const RUNS: u64 = 500;

/// Share of the runs in which `run` came true.
fn share(run: impl Fn(&mut Random) -> bool) -> f64 {
    let hits = (0..RUNS)
        .filter(|seed| run(&mut Random::new(seed + 1)))
        .count();
    hits as f64 / RUNS as f64
}

/// Looks at two growing arms until there is a verdict.
fn verdict(random: &mut Random, units: [u64; 2], rates: [f64; 2], looks: u64) -> Option<Status> {
    let rule = Decision::new(Sequential::default(), Better::Higher);
    let mut arms = [Proportion::new(0, 0); 2];
    (0..looks).find_map(|_| {
        for ((arm, units), rate) in arms.iter_mut().zip(units).zip(rates) {
            arm.conversions += random.successes(units, rate);
            arm.units += units;
        }
        let status = rule.judge_rates(arms[0], arms[1]);
        matches!(status, Status::Better | Status::Worse).then_some(status)
    })
}

#[test]
fn equal_arms_rarely_get_a_verdict() {
    let false_verdicts = share(|random| verdict(random, [100, 100], [0.1, 0.1], 100).is_some());
    assert!(false_verdicts <= 0.05, "{false_verdicts}");
    // Fixed-horizon intervals would give one in about a quarter of these runs.
}

/// The case in which the intervals alone give 5.5 %: a small arm, a rare event.
#[test]
fn equal_but_small_arms_rarely_get_a_verdict() {
    let false_verdicts = share(|random| verdict(random, [180, 20], [0.03, 0.03], 250).is_some());
    assert!(false_verdicts <= 0.02, "{false_verdicts}");
}

#[test]
fn a_real_effect_is_found_and_has_the_right_sign() {
    let found = share(|random| {
        let status = verdict(random, [100, 100], [0.1, 0.13], 150);
        assert_ne!(status, Some(Status::Worse));
        status.is_some()
    });
    assert!(found >= 0.95, "{found}");
    let dead = share(|random| verdict(random, [100, 100], [0.1, 0.0], 20) == Some(Status::Worse));
    assert!(dead >= 0.99, "{dead}");
}

/// Looks at growing counts of two variants until a mismatch shows at 1 %.
fn mismatch(random: &mut Random, share_of_first: f64, looks: u64, step: u64) -> bool {
    let mut state = SrmState::new(&[0.5, 0.5]).expect("in range");
    let mut counts = [0; 2];
    (0..looks).any(|_| {
        let first = random.successes(step, share_of_first);
        counts = [counts[0] + first, counts[1] + step - first];
        state.observe(&counts).p_value <= 0.01
    })
}

#[test]
fn mismatches_are_found_and_not_imagined() {
    let imagined = share(|random| mismatch(random, 0.5, 200, 50));
    assert!(imagined <= 0.01, "{imagined}");
    let found = share(|random| mismatch(random, 0.53, 200, 100));
    assert!(found >= 0.99, "{found}");
}

/// Units until the guardrail stops a variant that fails at `rate`, looking after every
/// batch of `step`.
fn stopped_after(random: &mut Random, rate: f64, units: u64, step: u64) -> Option<u64> {
    let guardrail = Guardrail::new(0.05, 0.05).expect("in range");
    let mut errors = 0;
    (1..=units / step).map(|batch| batch * step).find(|seen| {
        errors += random.successes(step, rate);
        guardrail.judge(errors, *seen).crossed
    })
}

#[test]
fn variants_at_the_limit_are_rarely_stopped() {
    let stopped = share(|random| stopped_after(random, 0.05, 3_000, 20).is_some());
    assert!(stopped <= 0.05, "{stopped}");
    let good = share(|random| stopped_after(random, 0.03, 3_000, 20).is_some());
    assert!(good <= 0.01, "{good}");
}

#[test]
fn bad_variants_are_stopped_soon() {
    let within = |rate, units| share(|random| stopped_after(random, rate, units, 1).is_some());
    assert!(within(0.5, 25) >= 0.99);
    assert!(within(0.2, 150) >= 0.99);
    assert!(within(0.1, 1_000) >= 0.99);
}

/// Why a unit counts once: ten errors per failing visitor, counted as ten observations,
/// stop far more good variants than stated.
#[test]
fn counting_requests_instead_of_units_breaks_the_bound() {
    let guardrail = Guardrail::new(0.05, 0.05).expect("in range");
    let stopped = share(|random| {
        let mut failed = 0;
        (1..=300_u64).any(|visitors| {
            failed += random.successes(1, 0.05);
            guardrail.judge(failed * 10, visitors * 10).crossed
        })
    });
    assert!(stopped > 0.2, "{stopped}");
}
