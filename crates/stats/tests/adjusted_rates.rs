//! Conversion rates adjusted by the time before the exposure: nothing changes where nothing is
//! known of it, and where something is, intervals are as much narrower as they may be.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::Random;
use nexus_stats::{
    AdjustedProportion, Alpha, AlwaysValid, Better, Comparison, Difference, Effect, Fixed,
    Interval, Metric, Proportion, Status, compare,
};
use proptest::prelude::*;

fn always(alpha: f64) -> AlwaysValid {
    AlwaysValid::new(alpha, Better::Higher).expect("in range")
}

/// Rates compared as before there was anything to adjust by.
fn plain(control: Proportion, variant: Proportion, method: &AlwaysValid) -> [Option<[f64; 3]>; 2] {
    let (c, v) = (control.rate(), variant.rate());
    let (units_c, units_v) = (control.units as f64, variant.units as f64);
    let (var_c, var_v) = (c * (1.0 - c) / units_c, v * (1.0 - v) / units_v);
    if control.units == 0 || variant.units == 0 || var_c + var_v <= 0.0 {
        return [None, None];
    }
    let interval = |estimate: f64, variance: f64| {
        let half = variance.sqrt() * method.width(units_c + units_v);
        [estimate, estimate - half, estimate + half]
    };
    let relative = || {
        let square = c * c;
        let variance = var_v / square + var_c * v * v / (square * square);
        (variance > 0.0).then(|| interval((v - c) / c, variance))
    };
    let relative = if c > 0.0 { relative() } else { None };
    [Some(interval(v - c, var_v + var_c)), relative]
}

fn bits(of: Option<[f64; 3]>) -> Option<[u64; 3]> {
    of.map(|numbers| numbers.map(f64::to_bits))
}

fn ends(interval: Option<Interval>) -> Option<[u64; 3]> {
    bits(interval.map(|i| [i.estimate, i.lower, i.upper]))
}

proptest! {
    /// Bit for bit.
    #[test]
    fn without_a_past_rates_are_compared_as_they_are(
        counts in prop::array::uniform4(0_u64..100_000), alpha in 1e-6_f64..0.5,
    ) {
        let [a, b, c, d] = counts;
        let [control, variant] = [Proportion::new(a, b), Proportion::new(c, d)];
        let found = compare(control, variant, &always(alpha));
        let [absolute, relative] = plain(control, variant, &always(alpha));
        prop_assert_eq!(ends(found.absolute), bits(absolute));
        prop_assert_eq!(ends(found.relative), bits(relative));
        for difference in [Difference::Absolute, Difference::Relative] {
            let of = |arms: [Metric; 2]| Effect::between(&arms[0], &arms[1], difference);
            let arms = [control, variant];
            let adjusted = arms.map(|arm| AdjustedProportion::from(arm).into());
            prop_assert_eq!(of(adjusted), of(arms.map(Metric::from)));
        }
    }

    /// Any counts, even such as can't be.
    #[test]
    fn adjusted_comparisons_of_any_counts_are_finite(
        counts in prop::array::uniform8(0_u64..=1 << 50), alpha in 1e-9_f64..0.5,
    ) {
        let [a, b, c, d, e, f, g, h] = counts;
        let control = AdjustedProportion { after: Proportion::new(a, b), before: c, both: d };
        let variant = AdjustedProportion { after: Proportion::new(e, f), before: g, both: h };
        let found = compare(control, variant, &always(alpha));
        let ok = |i: Interval| i.lower.is_finite() && i.upper.is_finite() && i.p_value <= 1.0;
        prop_assert!(found.absolute.is_none_or(ok) && found.relative.is_none_or(ok), "{found:?}");
    }
}

/// Of 100 users so many convert by habit, before as after; the others seldom do.
#[derive(Clone, Copy)]
struct Habits {
    regular: f64,
    regular_rate: f64,
    other_rate: f64,
}

const SHOP: Habits = Habits {
    regular: 0.2,
    regular_rate: 0.7,
    other_rate: 0.02,
};

impl Habits {
    fn rate(self) -> f64 {
        self.regular * self.regular_rate + (1.0 - self.regular) * self.other_rate
    }

    /// Squared correlation of before and after: given the habit they are independent.
    fn explained(self) -> f64 {
        let gap = self.regular_rate - self.other_rate;
        let shared = self.regular * (1.0 - self.regular) * gap * gap;
        let own = self.rate() * (1.0 - self.rate());
        (shared / own) * (shared / own)
    }

    fn add(self, random: &mut Random, arm: &mut AdjustedProportion, units: u64, lift: f64) {
        for _ in 0..units {
            let is_regular = random.share() < self.regular;
            let rate = if is_regular {
                self.regular_rate
            } else {
                self.other_rate
            };
            let before = random.share() < rate;
            let after = random.share() < rate * (1.0 + lift);
            arm.after.units += 1;
            arm.after.conversions += u64::from(after);
            arm.before += u64::from(before);
            arm.both += u64::from(before && after);
        }
    }
}

fn nobody() -> AdjustedProportion {
    Proportion::new(0, 0).into()
}

fn effect(arms: [AdjustedProportion; 2], is_adjusted: bool) -> Effect {
    let metric = |arm: AdjustedProportion| match is_adjusted {
        true => Metric::from(arm),
        false => Metric::from(arm.after),
    };
    let [control, variant] = arms.map(metric);
    Effect::between(&control, &variant, Difference::Relative).expect("both vary")
}

/// Share of the runs whose interval covers the truth, the squared ratio of its width to that
/// without adjusting, and how far the estimate is off, both on average.
fn runs(lift: f64) -> [f64; 3] {
    const RUNS: u64 = 1_000;
    let method = Fixed::new(Alpha::FIVE_PERCENT);
    let mut sums = [0.0; 3];
    for seed in 0..RUNS {
        let random = &mut Random::new(seed + 1);
        let mut arms = [nobody(); 2];
        SHOP.add(random, &mut arms[0], 1_500, 0.0);
        SHOP.add(random, &mut arms[1], 1_500, lift);
        let (with, without) = (effect(arms, true), effect(arms, false));
        let covers = !method.infer(&with, 0.0).excludes(lift);
        sums[0] += f64::from(u8::from(covers));
        sums[1] += (with.standard_error / without.standard_error).powi(2);
        sums[2] += with.estimate - lift;
    }
    sums.map(|sum| sum / RUNS as f64)
}

#[test]
fn the_interval_covers_the_true_lift_and_is_narrower_by_what_the_past_explains() {
    for lift in [0.0, 0.15, 0.4] {
        let [covered, factor, off] = runs(lift);
        assert!((0.93..=0.97).contains(&covered), "{lift}: {covered}");
        assert!(off.abs() < 0.01, "{lift}: {off}");
        assert!(factor < 0.7, "{lift}: {factor}");
    }
    let (explained, [_, factor, _]) = (SHOP.explained(), runs(0.0));
    assert!(explained > 0.3, "{explained}");
    assert!(
        (factor - (1.0 - explained)).abs() < 0.01,
        "{factor} {explained}"
    );
}

/// Looks at two growing arms; every comparison.
fn course(
    random: &mut Random,
    habits: Habits,
    lift: f64,
    step: [u64; 2],
    looks: u64,
) -> Vec<Comparison> {
    let mut arms = [nobody(); 2];
    let method = always(0.05);
    let look = |_| {
        habits.add(random, &mut arms[0], step[0], 0.0);
        habits.add(random, &mut arms[1], step[1], lift);
        compare(arms[0], arms[1], &method)
    };
    (0..looks).map(look).collect()
}

fn share(runs: u64, run: impl Fn(&mut Random) -> bool) -> f64 {
    let hits = (0..runs).filter(|seed| run(&mut Random::new(seed + 1)));
    hits.count() as f64 / runs as f64
}

fn decides(comparison: &Comparison) -> bool {
    matches!(comparison.status, Status::Better | Status::Worse)
}

#[test]
fn looking_all_the_time_stays_honest_and_finds_sooner() {
    let never = share(300, |random| {
        let all = course(random, SHOP, 0.0, [100, 100], 50);
        all.iter().any(decides)
    });
    assert!(never <= 0.05, "{never}");
    // A small arm of rare events, of which the past tells much.
    let rare = Habits {
        regular: 0.03,
        regular_rate: 0.9,
        other_rate: 0.002,
    };
    let small = share(300, |random| {
        let all = course(random, rare, 0.0, [180, 20], 100);
        all.iter().any(decides)
    });
    assert!(small <= 0.03, "{small}");
    let always_covered = share(300, |random| {
        let all = course(random, SHOP, 0.15, [100, 100], 50);
        let mut relative = all.iter().filter_map(|c| c.relative);
        relative.all(|i| i.lower <= 0.15 && i.upper >= 0.15)
    });
    assert!(always_covered >= 0.95, "{always_covered}");
    let looks = |is_adjusted: bool| -> usize {
        let first = |seed: u64| {
            let random = &mut Random::new(seed + 1);
            let mut arms = [nobody(); 2];
            let look = |_: &usize| {
                SHOP.add(random, &mut arms[0], 100, 0.0);
                SHOP.add(random, &mut arms[1], 100, 0.2);
                let [a, b] = arms;
                let found = match is_adjusted {
                    true => compare(a, b, &always(0.05)),
                    false => compare(a.after, b.after, &always(0.05)),
                };
                found.status == Status::Better
            };
            (0..200).find(look).unwrap_or(200)
        };
        (0..60).map(first).sum()
    };
    let (with, without) = (looks(true), looks(false));
    assert!((with as f64) < 0.85 * without as f64, "{with} {without}");
}
