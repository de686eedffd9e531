//! Plans for a decrease, and plans with looks on the way, by known and by exact numbers.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::Random;
use nexus_stats::{Alpha, Design, Direction, Outcome, PlannedLooks, Spending};
use proptest::prelude::*;

fn assert_near(found: f64, expected: f64, within: f64, what: &str) {
    assert!(
        (found - expected).abs() < within,
        "{what}: {found} for {expected}"
    );
}

fn alpha(value: f64) -> Alpha {
    Alpha::new(value).expect("in range")
}

fn rate(rate: f64) -> Design {
    Design::new(Outcome::Proportion { rate }, Alpha::FIVE_PERCENT).expect("in range")
}

/// The probability that two binomial counts of `units` differ by the test of two rates with
/// each arm's own variance, in the direction of `to`: no approximation but the test's own.
fn exact_power(units: u64, from: f64, to: f64) -> f64 {
    let n = units as f64;
    let chances = |rate: f64| -> Vec<(f64, f64)> {
        let reach = 8.0 * (n * rate * (1.0 - rate)).sqrt();
        let (low, high) = ((n * rate - reach).max(0.0), (n * rate + reach).min(n));
        let ln_choose =
            |k: f64| libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
        (low as u64..=high as u64)
            .map(|k| {
                let k = k as f64;
                let ln = ln_choose(k) + k * rate.ln() + (n - k) * (1.0 - rate).ln();
                (k / n, ln.exp())
            })
            .collect()
    };
    let (control, treatment) = (chances(from), chances(to));
    let mut found = 0.0;
    for (p, chance_p) in &control {
        for (q, chance_q) in &treatment {
            let error = ((p * (1.0 - p) + q * (1.0 - q)) / n).sqrt();
            if (q - p) * (to - from).signum() > 1.959_963_984_540_054 * error {
                found += chance_p * chance_q;
            }
        }
    }
    found
}

#[test]
fn a_decrease_takes_other_sizes_and_has_the_power_that_was_asked_for() {
    for (base, change) in [(0.1, 0.2), (0.8, 0.05)] {
        let design = rate(base);
        let sizes = [change, -change].map(|lift| {
            let units = design.units(lift, 0.8).expect("possible").variant;
            let power = exact_power(units, base, base * (1.0 + lift));
            assert_near(power, 0.8, 0.006, "power");
            units
        });
        // A tenth varies less on its way down, four fifths on their way up.
        assert_eq!(sizes[1] < sizes[0], base < 0.5, "{sizes:?}");
    }
    // By hand: 7.8489 (0.09 + 0.08 · 0.92) / 0.02².
    let planned = rate(0.1).units(-0.2, 0.8).expect("possible");
    assert_eq!(planned.variant, 3_211);
    assert!(rate(0.1).units(-1.0, 0.8).is_err(), "no rate is 0");
    let nothing = rate(0.1).detectable(Direction::Decrease, 20, 0.8);
    assert_eq!(nothing, Ok(None), "not even none at all would be found");
}

/// From the tests of `rpact` 4 (`test-f_design_group_sequential.R`, "y1"): Kim and DeMets'
/// spending, three unequal looks, 3 % on one side, power 86 %.
#[test]
fn power_and_average_are_those_of_rpact() {
    let looks = PlannedLooks::new(alpha(0.06), Spending::Power(1.0), &[0.2, 0.4, 1.0]);
    let looks = looks.expect("in range");
    let boundaries: Vec<f64> = looks.boundaries().collect();
    for (found, expected) in boundaries.iter().zip([2.5121443, 2.4228747, 2.0280392]) {
        assert_near(*found, expected, 1e-6, "boundary");
    }
    let drift = looks.drift(0.86).expect("possible");
    assert_near(drift * drift, 9.4594102, 2e-6, "shift");
    let inflation = looks.inflation(0.86).expect("possible");
    assert_near(inflation, 1.0788327, 2e-7, "inflation");
    // Ours may also end by crossing below.
    let average = inflation * looks.expected_share(drift);
    assert_near(average, 0.83081135, 1e-4, "average sample number");
}

/// Five looks, 5 %, power 90 %: 1.02307 by an independent integration with Simpson's rule over
/// the published boundaries (4.8769, 3.3569, 2.6803, 2.2898, 2.0310), which gives 1.0264 for
/// O'Brien and Fleming's own, as the 1.026 of Jennison and Turnbull 2000.
#[test]
fn looks_inflate_a_plan_by_a_few_percent_and_save_more() {
    let of = |looks: u16| {
        PlannedLooks::evenly(Alpha::FIVE_PERCENT, Spending::OBrienFleming, looks).expect("few")
    };
    assert_near(
        of(1).inflation(0.9).expect("possible"),
        1.0,
        1e-12,
        "one look",
    );
    let mut before = 1.0;
    for looks in [2, 3, 5, 10, 20] {
        let planned = of(looks);
        let inflation = planned.inflation(0.9).expect("possible");
        assert!(
            inflation > before && inflation < 1.05,
            "{looks}: {inflation}"
        );
        before = inflation;
        let share = planned.expected_share(planned.drift(0.9).expect("possible"));
        assert!(inflation * share < 1.0, "{looks}: {share}");
        assert!(planned.expected_share(0.0) > 0.98, "without an effect");
    }
    let five = of(5).inflation(0.9).expect("possible");
    assert_near(five, 1.02307, 5e-5, "inflation of five looks");
    assert!(of(5).drift(1.0).is_err());
    assert!(of(5).inflation(0.02).is_err());
    assert!(PlannedLooks::new(alpha(0.05), Spending::Pocock, &[0.5, 0.9]).is_err());
    assert!(PlannedLooks::evenly(alpha(0.05), Spending::Pocock, 0).is_err());
}

/// Looks at a random walk with the drift of the plan.
#[test]
fn power_and_average_are_those_of_a_random_walk() {
    const RUNS: u64 = 40_000;
    for (looks, level, power) in [(4_u16, 0.05, 0.8), (10, 0.01, 0.9)] {
        let planned = PlannedLooks::evenly(alpha(level), Spending::OBrienFleming, looks);
        let planned = planned.expect("few");
        let drift = planned.drift(power).expect("possible");
        let boundaries: Vec<f64> = planned.boundaries().collect();
        let step = 1.0 / f64::from(looks);
        let mut random = Random::new(7);
        let (mut found, mut shares) = (0, 0.0);
        for _ in 0..RUNS {
            let (mut score, mut time) = (0.0, 0.0);
            for boundary in &boundaries {
                time += step;
                score += drift * step + step.sqrt() * random.normal();
                if score.abs() >= boundary * time.sqrt() {
                    found += u64::from(score > 0.0);
                    break;
                }
            }
            shares += time;
        }
        let runs = RUNS as f64;
        // Five standard deviations.
        let within = 5.0 * (power * (1.0 - power) / runs).sqrt();
        assert_near(found as f64 / runs, power, within, "power");
        let within = 5.0 * 0.3 / runs.sqrt();
        assert_near(
            shares / runs,
            planned.expected_share(drift),
            within,
            "share",
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Units, power and detectable change are three views of one equation, whichever way the
    /// change goes and however often is looked.
    #[test]
    fn plans_invert_each_other_both_ways(
        rate in 0.02..0.9_f64, size in 0.02..0.5_f64, level in 0.001..0.2_f64,
        power in 0.5..0.99_f64, ratio in 0.2..5.0_f64, number in 1_u16..8, decrease in any::<bool>(),
    ) {
        let (direction, lift) = match decrease {
            true => (Direction::Decrease, -size),
            false => (Direction::Increase, size),
        };
        prop_assume!(rate * (1.0 + lift) < 0.99);
        let design = Design::new(Outcome::Proportion { rate }, alpha(level))
            .and_then(|design| design.with_control_ratio(ratio))
            .expect("in range");
        let looks = design.looks(number).expect("few");
        let planned = design.units_in_looks(lift, power, &looks).expect("possible");
        let once = design.units(lift, power).expect("possible");
        prop_assert!(planned.variant >= once.variant);
        let reached = design.power_in_looks(lift, planned.variant, &looks).expect("units");
        prop_assert!(reached >= power - 1e-9, "{reached} of {power}");
        let slack = 2.0 * size / planned.variant as f64 + 1e-9;
        let found = design.detectable_in_looks(direction, planned.variant, power, &looks);
        let found = found.expect("units");
        prop_assert!(found.is_some_and(|found| (size - found).abs() <= slack), "{found:?} {size}");
        let found = design.detectable(direction, once.variant, power).expect("units");
        let slack = 2.0 * size / once.variant as f64 + 1e-9;
        prop_assert!(found.is_some_and(|found| (size - found).abs() <= slack), "{found:?} {size}");
    }
}
