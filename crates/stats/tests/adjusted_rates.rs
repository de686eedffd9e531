//! Conversion rates adjusted by the time before the exposure: nothing changes where nothing is
//! known of it, and where something is, intervals are as much narrower as they may be.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::Random;
use nexus_stats::{
    AdjustedProportion, Alpha, Better, Decision, Difference, Effect, Fixed, Inference, Metric,
    Proportion, Sequential, Status, Tail,
};
use proptest::prelude::*;

fn always(alpha: f64) -> Sequential {
    Sequential::new(Alpha::new(alpha).expect("in range"), Tail::Both)
}

fn decision(alpha: f64) -> Decision {
    Decision::new(always(alpha), Better::Higher)
}

proptest! {
    #[test]
    fn without_a_past_rates_are_compared_as_they_are(
        counts in prop::array::uniform4(0_u64..100_000),
    ) {
        let [a, b, c, d] = counts;
        let arms = [Proportion::new(a, b), Proportion::new(c, d)];
        for difference in [Difference::Absolute, Difference::Relative] {
            let of = |arms: [Metric; 2]| Effect::between(&arms[0], &arms[1], difference);
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
        let _ = decision(alpha).judge_rates(control, variant);
        for difference in [Difference::Absolute, Difference::Relative] {
            let Ok(effect) = Effect::between(&control.into(), &variant.into(), difference) else {
                continue;
            };
            for effect in [effect, effect.lift()] {
                let found = always(alpha).infer(&effect, 0.0);
                let ok = |end: Option<f64>| end.is_none_or(f64::is_finite);
                prop_assert!(ok(found.lower) && ok(found.upper) && found.p_value <= 1.0, "{found:?}");
            }
        }
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

/// Looks at two growing arms; every verdict, and the interval of the lift where it is told.
fn course(
    random: &mut Random,
    habits: Habits,
    lift: f64,
    step: [u64; 2],
    looks: u64,
) -> Vec<(Status, Option<Inference>)> {
    let mut arms = [nobody(); 2];
    let (method, rule) = (always(0.05), decision(0.05));
    let look = |_| {
        habits.add(random, &mut arms[0], step[0], 0.0);
        habits.add(random, &mut arms[1], step[1], lift);
        let (control, variant) = (arms[0].into(), arms[1].into());
        let effect = Effect::between(&control, &variant, Difference::Relative);
        let lift = effect.ok().map(|effect| {
            let width = method.width(effect.units);
            method.infer(&effect.lift().readable(width), 0.0)
        });
        (rule.judge_rates(arms[0], arms[1]), lift)
    };
    (0..looks).map(look).collect()
}

fn share(runs: u64, run: impl Fn(&mut Random) -> bool) -> f64 {
    let hits = (0..runs).filter(|seed| run(&mut Random::new(seed + 1)));
    hits.count() as f64 / runs as f64
}

fn decides((status, _): &(Status, Option<Inference>)) -> bool {
    matches!(status, Status::Better | Status::Worse)
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
        // Before half the control's value is known, it is the difference that is told.
        let mut lifts = all.iter().skip(5).filter_map(|(_, lift)| *lift);
        lifts.all(|lift| !lift.excludes(0.15))
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
                    true => decision(0.05).judge_rates(a, b),
                    false => decision(0.05).judge_rates(a.after, b.after),
                };
                found == Status::Better
            };
            (0..200).find(look).unwrap_or(200)
        };
        (0..60).map(first).sum()
    };
    let (with, without) = (looks(true), looks(false));
    assert!((with as f64) < 0.85 * without as f64, "{with} {without}");
}
