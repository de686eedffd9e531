//! What holds for every input.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use nexus_stats::{
    Adjusted, AdjustedRatio, Alpha, Bayes, Better, Clusters, Correction, Count, Decision, Design,
    Difference, Direction, Effect, Fixed, Grouped, Inference, Margin, Mean, Metric, NonInferiority,
    Outcome, Prior, PriorScale, Products, Proportion, Quantile, Ratio, Reference, Sample,
    Sequential, Spending, SrmSlices, Status, Tail, Watching, adjusted_width,
};
use proptest::prelude::*;

const TAILS: [Tail; 3] = [Tail::Both, Tail::Greater, Tail::Lesser];

/// Any double at all, the usual ones as often as the strange ones. Strategies are boxed:
/// nested ones do not fit a test's stack.
fn number() -> BoxedStrategy<f64> {
    prop_oneof![
        4 => -1e6..1e6_f64,
        1 => prop_oneof![Just(0.0), Just(1.0), Just(-1.0)],
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::MAX), Just(f64::MIN)],
        1 => prop_oneof![Just(5e-324), Just(1e-160), Just(1e160), Just(-1e300)],
        1 => any::<f64>(),
    ]
    .boxed()
}

fn units() -> BoxedStrategy<u64> {
    prop_oneof![0_u64..4, 2_u64..100_000, Just(u64::MAX), any::<u64>()].boxed()
}

fn sample() -> BoxedStrategy<Sample> {
    prop_oneof![
        (units(), units()).prop_map(|(a, b)| Sample::Proportion(Proportion::new(a, b))),
        (units(), units(), units()).prop_map(|(units, sum, sum_squares)| Sample::Count(Count {
            units,
            sum,
            sum_squares
        })),
        (units(), number(), number()).prop_map(|(units, sum, sum_squares)| {
            Sample::Mean(Mean {
                units,
                sum,
                sum_squares,
                winsorised_at: None,
            })
        }),
        // A mean that could be one.
        (2_u64..10_000, -100.0..100.0_f64, 0.01..100.0_f64).prop_map(|(units, mean, deviation)| {
            let n = units as f64;
            let sum_squares = n * (mean * mean + deviation * deviation);
            Sample::Mean(Mean {
                units,
                sum: mean * n,
                sum_squares,
                winsorised_at: None,
            })
        }),
    ]
    .boxed()
}

fn quantile() -> impl Strategy<Value = Metric> {
    let clusters = (units(), number(), number(), number(), number(), number()).prop_map(
        |(units, below, below_squares, events, events_squares, products)| Clusters {
            units,
            below,
            below_squares,
            events,
            events_squares,
            products,
        },
    );
    let own = (
        units(),
        -0.1..1.1_f64,
        number(),
        number(),
        number(),
        units(),
    );
    (own, prop::option::of(clusters)).prop_map(|(own, clusters)| {
        let (events, level, value, lower, upper, bound_events) = own;
        Metric::Quantile(Quantile {
            events,
            level,
            value,
            lower,
            upper,
            bound_events,
            clusters,
        })
    })
}

fn metric() -> BoxedStrategy<Metric> {
    let products = prop::array::uniform6(number()).prop_map(|p| Products {
        numerator_denominator: p[0],
        numerator_pre_denominator_pre: p[1],
        numerator_numerator_pre: p[2],
        numerator_denominator_pre: p[3],
        denominator_numerator_pre: p[4],
        denominator_denominator_pre: p[5],
    });
    prop_oneof![
        3 => sample().prop_map(Metric::Single),
        1 => (sample(), sample(), number()).prop_map(|(numerator, denominator, products)| {
            Metric::Ratio(Ratio { numerator, denominator, products })
        }),
        1 => (sample(), sample(), number())
            .prop_map(|(post, pre, products)| Metric::Adjusted(Adjusted { post, pre, products })),
        1 => (prop::array::uniform4(sample()), products).prop_map(|(samples, products)| {
            let [numerator, denominator, numerator_pre, denominator_pre] = samples;
            Metric::AdjustedRatio(AdjustedRatio {
                numerator,
                denominator,
                numerator_pre,
                denominator_pre,
                products,
            })
        }),
        1 => quantile(),
    ]
    .boxed()
}

fn difference() -> impl Strategy<Value = Difference> {
    prop_oneof![
        Just(Difference::Absolute),
        Just(Difference::Relative),
        (number(), number()).prop_map(|(variant_share, days)| Difference::Scaled {
            variant_share,
            days
        }),
    ]
}

fn alpha() -> impl Strategy<Value = Alpha> {
    prop_oneof![1e-6..0.5_f64, 1e-300..1e-6_f64, Just(0.5)]
        .prop_map(|alpha| Alpha::new(alpha).expect("in range"))
}

/// Two arms with a difference, of ordinary sizes.
fn ordinary() -> impl Strategy<Value = [Metric; 2]> {
    let arm = || {
        (2_u64..1_000_000, -50.0..50.0_f64, 0.1..50.0_f64).prop_map(|(units, mean, deviation)| {
            let n = units as f64;
            let sum_squares = n * mean * mean + (n - 1.0) * deviation * deviation;
            Metric::from(Mean {
                units,
                sum: mean * n,
                sum_squares,
                winsorised_at: None,
            })
        })
    };
    [arm(), arm()]
}

fn assert_sound(found: &Inference) {
    assert!((0.0..=1.0).contains(&found.p_value), "{found:?}");
    assert!(
        found.estimate.is_finite() && found.standard_error > 0.0,
        "{found:?}"
    );
    assert!(
        found.lower.is_none_or(|lower| lower <= found.estimate),
        "{found:?}"
    );
    assert!(
        found.upper.is_none_or(|upper| upper >= found.estimate),
        "{found:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    /// Whatever the sums are, there is a sound answer or the statement that there is none.
    #[test]
    fn any_sums_give_an_answer_or_a_reason(
        control in metric(), variant in metric(), difference in difference(), alpha in alpha(),
        null in prop_oneof![Just(0.0), -1e6..1e6_f64], sd in 1e-3..1e3_f64,
        tuning in 1.0..1e12_f64,
    ) {
        let Ok(effect) = Effect::between(&control, &variant, difference) else { return Ok(()) };
        for tail in TAILS {
            for reference in [Reference::Welch, Reference::Normal] {
                assert_sound(&Fixed { alpha, tail, reference }.infer(&effect, null));
            }
            let method = Sequential::new(alpha, tail).tuned_for(tuning).expect("in range");
            assert_sound(&method.infer(&effect, null));
        }
        for scale in [PriorScale::Relative, PriorScale::Absolute] {
            let prior = Prior::new(null, sd, scale).ok();
            for prior in [prior, None] {
                let judge = Bayes { alpha, prior, better: Better::Higher };
                let Ok(found) = judge.judge(&effect) else { continue };
                prop_assert!((0.0..=1.0).contains(&found.chance_to_win), "{found:?}");
                prop_assert!(found.lower <= found.mean && found.mean <= found.upper, "{found:?}");
                prop_assert!(found.risk_of_control >= 0.0 && found.risk_of_variant >= 0.0);
            }
        }
        let decided = Decision::new(Sequential::default(), Better::Higher).judge(&effect);
        let interval = Sequential::default().infer(&effect, 0.0);
        prop_assert!(interval.excludes(0.0) || !matches!(decided, Status::Better | Status::Worse));
        let rule = NonInferiority::new(sd, Better::Lower, alpha).expect("in range");
        let judged = rule.judge(&effect);
        assert_sound(&judged.safety);
        // What is shown is wholly on the verdict's side of the margin.
        let shown = Sequential::new(alpha, Tail::Both).infer(&effect, 0.0);
        let agrees = match judged.margin {
            Margin::Kept => shown.upper.is_some_and(|upper| upper < sd),
            Margin::Broken => shown.lower.is_some_and(|lower| lower > sd),
            Margin::Unclear => true,
        };
        prop_assert!(agrees, "{judged:?} beside {shown:?}");
    }

    /// Exchanging the arms changes the sign and nothing else.
    #[test]
    fn exchanging_the_arms_mirrors_the_difference(arms in ordinary(), alpha in alpha()) {
        let [a, b] = arms;
        let there = Effect::between(&a, &b, Difference::Absolute);
        let back = Effect::between(&b, &a, Difference::Absolute);
        let (Ok(there), Ok(back)) = (there, back) else { return Ok(()) };
        prop_assert_eq!(there.estimate, -back.estimate);
        prop_assert_eq!(there.standard_error, back.standard_error);
        prop_assert!((there.freedom / back.freedom - 1.0).abs() < 1e-9);
        let method = |tail| Sequential::new(alpha, tail);
        let (one, two) = (method(Tail::Both).infer(&there, 0.0), method(Tail::Both).infer(&back, 0.0));
        prop_assert_eq!(one.lower.map(|lower| -lower), two.upper);
        prop_assert_eq!(one.p_value, two.p_value);
        let (up, down) = (method(Tail::Greater).infer(&there, 0.0), method(Tail::Lesser).infer(&back, 0.0));
        prop_assert_eq!(up.lower.map(|lower| -lower), down.upper);
        let win = |effect: &Effect, better| {
            let judge = Bayes { alpha, prior: None, better };
            judge.judge(effect).expect("data").chance_to_win
        };
        prop_assert_eq!(win(&there, Better::Higher), win(&back, Better::Lower));
    }

    /// Looking always costs width, and a one-sided end is nearer than a two-sided one.
    #[test]
    fn watched_intervals_are_wider(units in 2.0..1e12_f64, tuning in 1.0..1e9_f64, level in 1e-9..0.5_f64) {
        let alpha = Alpha::new(level).expect("in range");
        let width = |tail| Sequential::new(alpha, tail).tuned_for(tuning).expect("in range").width(units);
        let fixed = -nexus_stats::special::normal_quantile(0.5 * level);
        prop_assert!(width(Tail::Both) > fixed, "{} {fixed}", width(Tail::Both));
        prop_assert!(width(Tail::Greater) < width(Tail::Both));
        let one_sided = -nexus_stats::special::normal_quantile(level);
        prop_assert!(width(Tail::Greater) > one_sided);
    }

    /// The interval leaves a value out just when its p-value is below alpha.
    #[test]
    fn intervals_and_p_values_agree(arms in ordinary(), level in 1e-6..0.4_f64, z in -6.0..6.0_f64) {
        let alpha = Alpha::new(level).expect("in range");
        let Ok(effect) = Effect::between(&arms[0], &arms[1], Difference::Absolute) else { return Ok(()) };
        let null = effect.estimate + z * effect.standard_error;
        for tail in TAILS {
            let fixed = Fixed { alpha, tail, reference: Reference::Welch }.infer(&effect, null);
            let sequential = Sequential::new(alpha, tail).infer(&effect, null);
            for found in [fixed, sequential] {
                if (found.p_value / level - 1.0).abs() > 1e-6 {
                    prop_assert_eq!(found.excludes(null), found.p_value < level, "{:?}", found);
                }
            }
        }
    }

    #[test]
    fn counts_merge_exactly(parts in prop::collection::vec(prop::collection::vec(0_u64..1_000, 1..20), 1..8)) {
        let count = |values: &[u64]| Count {
            units: values.len() as u64,
            sum: values.iter().sum(),
            sum_squares: values.iter().map(|value| value * value).sum(),
        };
        let merged = parts
            .iter()
            .map(|part| Metric::from(count(part)))
            .reduce(|a, b| a.merge(b).expect("small"));
        prop_assert_eq!(merged, Some(count(&parts.concat()).into()));
    }

    #[test]
    fn adjusted_p_values_are_sound(p_values in prop::collection::vec(0.0..=1.0_f64, 0..30), level in 0.001..0.2_f64) {
        let holm = Correction::Holm.adjust(&p_values);
        let bh = Correction::BenjaminiHochberg.adjust(&p_values);
        let count = p_values.len() as f64;
        for ((p, holm), bh) in p_values.iter().zip(&holm).zip(&bh) {
            prop_assert!(p <= bh && *bh <= holm + 1e-12 && *holm <= (count * p).min(1.0) + 1e-12);
        }
        for (index, p) in p_values.iter().enumerate() {
            let smaller = p_values.iter().zip(&holm).filter(|(other, _)| *other < p);
            prop_assert!(smaller.clone().all(|(_, adjusted)| *adjusted <= holm[index]));
        }
        let alpha = Alpha::new(level).expect("in range");
        for (p, adjusted) in p_values.iter().zip(&holm) {
            let z = -nexus_stats::special::normal_quantile(0.5 * p);
            let width = -nexus_stats::special::normal_quantile(0.5 * level);
            if z <= 0.0 || !z.is_finite() { continue }
            let wider = adjusted_width(z, width, *adjusted, alpha);
            prop_assert!(wider.is_none_or(|wider| wider >= width));
            if (adjusted / level - 1.0).abs() > 1e-9 && *adjusted < 0.999_999 && *adjusted >= *p {
                prop_assert_eq!(wider.is_some_and(|wider| z > wider), *adjusted < level);
            }
        }
    }

    /// Of a lift as of any difference: what is within the width is what is so many errors away at
    /// most. Of "no lift" exactly what is said of "no difference".
    #[test]
    fn lifts_say_of_zero_what_differences_say(
        arms in ordinary(), width in 0.5..8.0_f64, null in -3.0..3.0_f64,
    ) {
        let [c, t] = arms;
        let of = |difference| Effect::between(&c, &t, difference);
        let (Ok(gap), Ok(quotient)) = (of(Difference::Absolute), of(Difference::Relative)) else { return Ok(()) };
        let lift = quotient.lift();
        prop_assert!((lift.z(0.0) - gap.z(0.0)).abs() <= 1e-9 * (1.0 + gap.z(0.0).abs()));
        let (lower, upper) = lift.within(width);
        let left_out = |null: f64| lower.is_some_and(|l| l > null) || upper.is_some_and(|u| u < null);
        // Beyond infinity, where a quotient is below zero, is no lift.
        let is_open = lower.is_none() || upper.is_none();
        for null in [0.0, if is_open { 0.0 } else { null }] {
            let z = lift.z(null).abs();
            let is_blind = lower.is_none() && upper.is_none();
            if (z / width - 1.0).abs() > 1e-9 && !is_blind {
                prop_assert_eq!(left_out(null), z > width, "{:?} {} {} {:?}", lift, null, z, (lower, upper));
            }
        }
        prop_assert!(lower.is_none_or(|l| l <= lift.estimate) && upper.is_none_or(|u| u >= lift.estimate));
        let read = lift.readable(width);
        let (Some(low), Some(high)) = read.within(width) else { panic!("{read:?}") };
        prop_assert!((read.z(0.0) - gap.z(0.0)).abs() <= 1e-9 * (1.0 + gap.z(0.0).abs()));
        if read.difference == Difference::Absolute {
            prop_assert!((read.estimate - gap.estimate).abs() <= 1e-9 * gap.estimate.abs());
        }
        prop_assert!(low.is_finite() && high.is_finite());
        let careful = lift.careful();
        let error = gap.standard_error.max(gap.common_error);
        prop_assert!((careful.z(0.0).abs() - (gap.estimate / error).abs()).abs() <= 1e-9 * (1.0 + careful.z(0.0).abs()));
    }

    /// Units, power and detectable effect are three views of one equation.
    #[test]
    fn plans_invert_each_other(
        rate in 0.01..0.6_f64, lift in 0.01..0.5_f64, level in 0.001..0.2_f64, power in 0.5..0.99_f64,
        variants in 1_u32..6, ratio in 0.2..5.0_f64, which in 0_usize..3, mean in any::<bool>(),
    ) {
        let outcome = if mean {
            Outcome::Mean { mean: rate, standard_deviation: 0.4 }
        } else {
            Outcome::Proportion { rate }
        };
        let watching = [Watching::Once, Watching::Always, Watching::AlwaysTuned { units: 5_000.0 }][which];
        let design = Design::new(outcome, Alpha::new(level).expect("in range"))
            .and_then(|design| design.among(variants).with_control_ratio(ratio))
            .and_then(|design| design.watched(watching))
            .expect("in range");
        let planned = design.units(lift, power).expect("possible");
        prop_assert!(design.power(lift, planned.variant).expect("units") >= power - 1e-9);
        if planned.variant > 1 {
            prop_assert!(design.power(lift, planned.variant - 1).expect("units") < power + 1e-9);
        }
        let detectable = design.detectable(Direction::Increase, planned.variant, power).expect("units");
        let slack = 2.0 * lift / planned.variant as f64 + 1e-9;
        prop_assert!(detectable.is_some_and(|found| found <= lift + 1e-9 && found >= lift - slack),
            "{detectable:?} {lift} {planned:?}");
    }

    #[test]
    fn designs_of_any_numbers_are_possible_or_refused(
        mean in number(), deviation in number(), lift in number(), power in number(),
        units in units(), ratio in number(),
    ) {
        let outcomes = [
            Outcome::Mean { mean, standard_deviation: deviation },
            Outcome::Proportion { rate: mean },
        ];
        for outcome in outcomes {
            let Ok(design) = Design::new(outcome, Alpha::FIVE_PERCENT) else { continue };
            let design = design.with_control_ratio(ratio).unwrap_or(design);
            if let Ok(planned) = design.units(lift, power) {
                prop_assert!(planned.variant >= 1 && planned.control >= 1);
            }
            if let Ok(power) = design.power(lift, units) {
                prop_assert!((0.0..=1.0).contains(&power), "{power}");
            }
            if let Ok(Some(lift)) = design.detectable(Direction::Increase, units, power) {
                prop_assert!(lift >= 0.0, "{lift}");
            }
        }
    }

    #[test]
    fn slices_of_any_counts_have_p_values(
        counts in prop::collection::vec(prop::collection::vec(0_u64..1 << 50, 0..4), 0..6),
        number in 1_usize..6,
    ) {
        let mut slices = SrmSlices::new(&[1.0, 1.0, 2.0], number).expect("in range");
        let counts: Vec<&[u64]> = counts.iter().map(Vec::as_slice).collect();
        let verdict = slices.observe(&counts);
        prop_assert!((0.0..=1.0).contains(&verdict.p_value), "{verdict:?}");
        prop_assert!(verdict.adjusted_p_values.iter().all(|p| (0.0..=1.0).contains(p)));
        prop_assert!(slices.observe(&[]).p_value <= verdict.p_value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    /// Boundaries are finite, above what one look would need, and all alpha is spent.
    #[test]
    fn any_looks_have_boundaries(
        steps in prop::collection::vec(0.0..0.4_f64, 1..8), level in 1e-6..0.4_f64, which in 0_usize..3,
    ) {
        let spending = [Spending::OBrienFleming, Spending::Pocock, Spending::Power(2.0)][which];
        let alpha = Alpha::new(level).expect("in range");
        let plan = Grouped { alpha, tail: Tail::Greater, spending, horizon_units: 1 };
        let mut sum = 1e-9;
        let fractions: Vec<f64> = steps.iter().map(|step| { sum += step; sum }).collect();
        let found = plan.boundaries(&fractions).expect("growing");
        let once = -nexus_stats::special::normal_quantile(level);
        for boundary in found.iter().flatten() {
            prop_assert!(boundary.is_finite() && *boundary >= once - 1e-9, "{boundary} {once}");
        }
        prop_assert!((spending.spent(level, 1.0) / level - 1.0).abs() < 1e-12);
        prop_assert!(spending.spent(level, 0.3) < spending.spent(level, 0.7));
    }
}
