//! What must hold for every experiment: nobody is moved without need.
//!
//! Assignment depends on the unit's bucket only, and there are 10,000 of them, so the
//! properties are checked exactly: one unit of every bucket goes through the engine.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use std::collections::HashMap;
use std::sync::LazyLock;

use common::{cases, experiment, snapshot, unit};
use nexus_flags::bucketing::{BUCKETS, bucket};
use nexus_flags::{Decisions, Engine};
use proptest::prelude::*;

const SEED: &str = "property";

/// A unit for every bucket.
static UNITS: LazyLock<Vec<String>> = LazyLock::new(|| of_every_bucket("u"));
/// Other ones.
static TWINS: LazyLock<Vec<String>> = LazyLock::new(|| of_every_bucket("利用者"));

fn of_every_bucket(start: &str) -> Vec<String> {
    let mut found = HashMap::new();
    let mut n = 0;
    while found.len() < usize::from(BUCKETS) {
        let unit = format!("{start}{n}");
        found.entry(bucket(SEED, &unit)).or_insert(unit);
        n += 1;
    }
    (0..BUCKETS)
        .filter_map(|bucket| found.remove(&bucket))
        .collect()
}

/// The variant of every bucket.
fn assign(coverage_bp: u16, weights_bp: &[u16]) -> Vec<Option<usize>> {
    assign_to(&UNITS, coverage_bp, weights_bp)
}

fn assign_to(units: &[String], coverage_bp: u16, weights_bp: &[u16]) -> Vec<Option<usize>> {
    let rule = experiment(SEED, coverage_bp, weights_bp);
    let engine = Engine::compile(&snapshot(vec![rule])).expect("it compiles");
    let mut decisions = Decisions::default();
    let mut one = |name: &String| {
        engine.decide(&unit(name), &mut decisions);
        engine
            .decided(&decisions)
            .next()
            .map(|decision| decision.variant_index())
    };
    units.iter().map(&mut one).collect()
}

/// Weights of 2 to 6 variants, in basis points, that sum to 10 000.
fn weights() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(0_u16..=10_000, 1..=5).prop_map(|mut cuts| {
        cuts.sort_unstable();
        cuts.insert(0, 0);
        cuts.push(10_000);
        cuts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    })
}

/// Where one variant ends and the next begins, at full coverage.
fn boundaries(weights: &[u16]) -> Vec<i32> {
    let ends = weights.iter().scan(0, |end, weight| {
        *end += i32::from(*weight);
        Some(*end)
    });
    ends.collect()
}

proptest! {
    #![proptest_config(cases(12))]

    /// Why one unit of a bucket stands for all of them.
    #[test]
    fn the_bucket_alone_decides(weights in weights(), coverage_bp in 0_u16..=10_000) {
        prop_assert_eq!(
            assign(coverage_bp, &weights),
            assign_to(&TWINS, coverage_bp, &weights)
        );
    }

    #[test]
    fn raising_coverage_only_takes_units_in(
        weights in weights(), a in 0_u16..=10_000, b in 0_u16..=10_000,
    ) {
        let (low, high) = (assign(a.min(b), &weights), assign(a.max(b), &weights));
        for (before, after) in low.iter().zip(&high) {
            prop_assert!(before.is_none() || before == after);
        }
    }

    #[test]
    fn coverage_and_weights_are_met(weights in weights(), coverage_bp in 0_u16..=10_000) {
        let assigned = assign(coverage_bp, &weights);
        for (index, weight) in weights.iter().enumerate() {
            let found = assigned.iter().filter(|a| **a == Some(index)).count() as f64;
            let expected = f64::from(*weight) * f64::from(coverage_bp) / 10_000.0;
            prop_assert!((found - expected).abs() <= 1.0, "{found} for {expected}");
        }
    }

    /// Moving weight between neighbours moves that share of the units and no more; in
    /// general, each boundary that shifts moves the units it passes over.
    #[test]
    fn a_weight_change_moves_what_the_boundaries_pass_over(
        before in weights(), after in weights(), coverage_bp in 0_u16..=10_000,
    ) {
        prop_assume!(before.len() == after.len());
        let allowed: i32 = boundaries(&before).iter().zip(boundaries(&after))
            .map(|(a, b)| (a - b).abs()).sum();
        let rounding = before.len();
        let moved = assign(coverage_bp, &before).into_iter().zip(assign(coverage_bp, &after))
            .filter(|(a, b)| a.is_some() && b.is_some() && a != b).count();
        prop_assert!(moved <= allowed as usize + rounding, "{moved} of {allowed}");
    }

    #[test]
    fn between_two_variants_a_change_of_delta_moves_at_most_delta(
        a in 0_u16..=10_000, b in 0_u16..=10_000, coverage_bp in 0_u16..=10_000,
    ) {
        let moved = assign(coverage_bp, &[a, 10_000 - a]).into_iter()
            .zip(assign(coverage_bp, &[b, 10_000 - b]))
            .filter(|(x, y)| x.is_some() && y.is_some() && x != y).count();
        prop_assert!(moved <= usize::from(a.abs_diff(b)) + 1);
    }

    #[test]
    fn the_same_question_has_the_same_answer(name in ".*", seed in ".+", weights in weights()) {
        let rule = experiment(&seed, 9_000, &weights);
        prop_assume!(seed.len() <= 1_024);
        let engine = Engine::compile(&snapshot(vec![rule])).expect("it compiles");
        let (mut one, mut two) = (Decisions::default(), Decisions::with_capacity(9));
        engine.decide(&unit(&name), &mut one);
        engine.clone().decide(&unit(&name), &mut two);
        prop_assert_eq!(one, two);
    }
}

/// 40 fixed seeds on 20,000 ids: each split of 50/50 passes the chi-square test at 1e-4
/// (15.14, one degree of freedom), and so does each independence of neighbouring seeds.
#[test]
fn splits_are_even_and_independent() {
    let units: Vec<String> = (0..20_000).map(|n| format!("user-{n}")).collect();
    let sides = |seed: usize| -> Vec<bool> {
        units
            .iter()
            .map(|unit| bucket(&format!("seed-{seed}"), unit) < BUCKETS / 2)
            .collect()
    };
    let mut previous = sides(0);
    for seed in 1..=40 {
        let current = sides(seed);
        let left = current.iter().filter(|side| **side).count();
        assert!(chi_square(left, units.len()) < 15.14, "seed {seed}: {left}");
        let same = previous
            .iter()
            .zip(&current)
            .filter(|(a, b)| a == b)
            .count();
        assert!(
            chi_square(same, units.len()) < 15.14,
            "seeds {seed}, before: {same}"
        );
        previous = current;
    }
}

fn chi_square(found: usize, total: usize) -> f64 {
    let off = found as f64 - total as f64 / 2.0;
    4.0 * off * off / total as f64
}
