//! Benjamini and Hochberg's correction and the intervals of what it selects: rates of false
//! results and of false coverage, by simulation. Seeded, so that a run is the same every time.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::Random;
use nexus_stats::{Alpha, Correction, Difference, Effect, Fixed, Mean, Metric, Sequential, Tail};

const COMPARISONS: usize = 10;

/// Sufficient for a difference of two means with these units per arm.
fn effect(random: &mut Random, shift: f64, shared: f64) -> Effect {
    const UNITS: u64 = 1_000;
    let arm = |mean: f64| {
        let units = UNITS as f64;
        // Values with the variance 1 around this mean.
        Metric::from(Mean {
            units: UNITS,
            sum: units * mean,
            sum_squares: units * (mean * mean + 1.0),
            winsorised_at: None,
        })
    };
    let noise = (0.5_f64).sqrt() * (shared + random.normal());
    let error = (2.0 / UNITS as f64).sqrt();
    Effect::between(
        &arm(5.0),
        &arm(5.0 + shift * error + error * noise),
        Difference::Absolute,
    )
    .expect("data")
}

struct Rates {
    false_results: f64,
    false_coverage: f64,
    found: u32,
}

/// Three of ten comparisons have an effect of three standard errors; all estimates are
/// correlated by one half, as those of several treatments with one control are.
fn rates(runs: u64, correction: Correction, sequential: bool) -> Rates {
    let alpha = Alpha::new(0.1).expect("in range");
    let method = Sequential::new(alpha, Tail::Both)
        .tuned_for(2_000.0)
        .expect("units");
    let infer = |effect: &Effect, alpha: Alpha| match sequential {
        true => method.at(alpha).infer(effect, 0.0),
        false => Fixed::new(alpha).infer(effect, 0.0),
    };
    let (mut false_results, mut false_coverage, mut found) = (0.0, 0.0, 0);
    for seed in 0..runs {
        let mut random = Random::new(seed + 1);
        let shared = random.normal();
        let shifts: Vec<f64> = (0..COMPARISONS)
            .map(|i| if i < 3 { 3.0 } else { 0.0 })
            .collect();
        let effects: Vec<Effect> = shifts
            .iter()
            .map(|shift| effect(&mut random, *shift, shared))
            .collect();
        let p_values: Vec<f64> = effects.iter().map(|e| infer(e, alpha).p_value).collect();
        let adjusted = correction.adjust(&p_values);
        let selected: Vec<usize> = (0..COMPARISONS)
            .filter(|i| adjusted[*i] <= alpha.get())
            .collect();
        let count = selected.len() as u32;
        found += selected.iter().filter(|i| **i < 3).count() as u32;
        if count == 0 {
            continue;
        }
        let level = alpha.of_selected(count, COMPARISONS as u32);
        let misses = selected.iter().filter(|i| {
            let said = infer(&effects[**i], level);
            assert!(
                said.excludes(0.0),
                "a verdict whose interval has zero: {said:?}"
            );
            said.excludes(shifts[**i] * (2.0_f64 / 1_000.0).sqrt())
        });
        false_coverage += misses.count() as f64 / f64::from(count);
        false_results += selected.iter().filter(|i| **i >= 3).count() as f64 / f64::from(count);
    }
    Rates {
        false_results: false_results / runs as f64,
        false_coverage: false_coverage / runs as f64,
        found,
    }
}

#[test]
fn the_share_of_false_results_and_of_missing_intervals_is_bounded() {
    const RUNS: u64 = 4_000;
    let once = rates(RUNS, Correction::BenjaminiHochberg, false);
    // At most 7/10 of the level under independence; five standard deviations on top.
    assert!(once.false_results <= 0.09, "{}", once.false_results);
    assert!(
        once.false_coverage <= 0.1 + 0.015,
        "{}",
        once.false_coverage
    );
    let holm = rates(RUNS, Correction::Holm, false);
    assert!(once.found > holm.found, "{} {}", once.found, holm.found);
    let watched = rates(RUNS, Correction::BenjaminiHochberg, true);
    assert!(watched.false_results <= 0.09 && watched.false_coverage <= 0.1);
}

/// Ten p-values by hand: the largest rank whose value is within its share decides for all
/// below it, and the level of their intervals is that share.
#[test]
fn the_level_of_the_selected_is_the_share_that_let_them_in() {
    let alpha = Alpha::FIVE_PERCENT;
    let p = [
        0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216,
    ];
    let expected = [
        0.01,
        0.04,
        0.084,
        0.084,
        0.084,
        0.1,
        0.74 / 7.0,
        0.216,
        0.216,
        0.216,
    ];
    let adjusted = Correction::BenjaminiHochberg.adjust(&p);
    for (found, expected) in adjusted.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{adjusted:?}");
    }
    let selected = adjusted.iter().filter(|p| **p <= 0.05).count() as u32;
    assert_eq!(selected, 2);
    assert_eq!(alpha.of_selected(selected, 10).get(), 0.05 * 2.0 / 10.0);
    assert_eq!(alpha.of_selected(0, 10), alpha.among(10));
    assert_eq!(alpha.of_selected(99, 10), alpha);
    assert_eq!(alpha.of_selected(1, 0), alpha);
}
