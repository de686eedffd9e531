//! Published and measured numbers: the goldens of each method.
//!
//! Unless said otherwise from `gbstats` 0.8.0, to 1e-9. `A` is 1,000 conversions of 10,000
//! units, `B` 1,090 of 10,000.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use nexus_stats::special::normal_quantile;
use nexus_stats::{
    Alpha, Bayes, Better, Decision, Difference, Effect, Fixed, Grouped, Inference, Insufficient,
    Mean, Metric, Prior, PriorScale, Proportion, Sequential, Spending, Status, Tail,
};

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: {found} for {expected}"
    );
}

/// Estimate, standard error, ends, p-value.
fn assert_inference(found: &Inference, expected: [f64; 5]) {
    let [estimate, error, lower, upper, p_value] = expected;
    assert_near(found.estimate, estimate, "estimate");
    assert_near(found.standard_error, error, "standard error");
    assert_near(found.lower.expect("a lower end"), lower, "lower");
    assert_near(found.upper.expect("an upper end"), upper, "upper");
    assert_near(found.p_value, p_value, "p");
}

fn alpha(value: f64) -> Alpha {
    Alpha::new(value).expect("in range")
}

fn a_and_b(difference: Difference) -> Effect {
    let (a, b) = (
        Proportion::new(1_000, 10_000),
        Proportion::new(1_090, 10_000),
    );
    Effect::between(&a.into(), &b.into(), difference).expect("data")
}

fn mean(units: u64, sum: f64, sum_squares: f64) -> Metric {
    Mean {
        units,
        sum,
        sum_squares,
        winsorised_at: None,
    }
    .into()
}

#[test]
fn fixed_horizon() {
    let test = Fixed::new(Alpha::FIVE_PERCENT);
    assert_inference(
        &test.infer(&a_and_b(Difference::Absolute), 0.0),
        [
            0.009,
            0.004325725372697624,
            0.0005212201481319106,
            0.017478779851868076,
            0.03748545724046659,
        ],
    );
    assert_inference(
        &test.infer(&a_and_b(Difference::Relative), 0.0),
        [
            0.09,
            0.04517167253932491,
            0.0014597821167822156,
            0.17854021788321767,
            0.04634087580267643,
        ],
    );
}

/// The constants of GrowthBook's own tests.
#[test]
fn means_of_growthbook() {
    let (a, b) = (
        mean(3_407, 1396.87, 52377.9767),
        mean(3_461, 2422.7, 134698.29),
    );
    let test = |difference| {
        let effect = Effect::between(&a, &b, difference).expect("data");
        Fixed::new(Alpha::FIVE_PERCENT).infer(&effect, 0.0)
    };
    assert_inference(
        &test(Difference::Relative),
        [
            0.7073170731707317,
            0.3787943616681428,
            -0.03526008906611777,
            1.449894235407581,
            0.06191182745618362,
        ],
    );
    assert_inference(
        &test(Difference::Absolute),
        [
            0.29,
            0.12478363158758794,
            0.04537789255929012,
            0.5346221074407098,
            0.020158402643587037,
        ],
    );
}

#[test]
fn always_valid() {
    let method = |units| Sequential::default().tuned_for(units).expect("in range");
    assert_inference(
        &method(5_000.0).infer(&a_and_b(Difference::Relative), 0.0),
        [
            0.09,
            0.04517167253932491,
            -0.051256976091765355,
            0.23125697609176524,
            0.8354018446667318,
        ],
    );
    assert_inference(
        &method(20_000.0).infer(&a_and_b(Difference::Absolute), 0.0),
        [
            0.009,
            0.004325725372697624,
            -0.0041294805411105015,
            0.02212948054111049,
            0.43729882688417737,
        ],
    );
    // Ratio to a fixed-horizon width, from the paper's equations.
    let ratios = [
        (1_000.0, 1.7163),
        (5_000.0, 1.5486),
        (20_000.0, 1.5955),
        (100_000.0, 1.7025),
    ];
    for (units, expected) in ratios {
        let ratio = method(5_000.0).width(units) / normal_quantile(0.975);
        assert!((ratio - expected).abs() < 5e-5, "{ratio} at {units}");
    }
}

/// Equation 134 in 30 digits.
#[test]
fn always_valid_one_sided() {
    let method = Sequential::new(Alpha::FIVE_PERCENT, Tail::Greater);
    assert_near(method.width(20_000.0), 2.895_620_648_344_913_5, "width");
    let effect = |z: f64| Effect {
        estimate: z,
        standard_error: 1.0,
        ..a_and_b(Difference::Absolute)
    };
    for (z, expected) in [
        (2.5, 0.145_322_717_704_954_65),
        (3.5, 0.007_566_056_347_635_276),
    ] {
        let found = method.infer(&effect(z), 0.0);
        assert_near(found.p_value, expected, "p");
        assert_eq!(found.upper, None);
        let mirrored = Sequential::new(Alpha::FIVE_PERCENT, Tail::Lesser).infer(&effect(-z), 0.0);
        assert_near(mirrored.p_value, expected, "p");
    }
}

#[test]
fn bayesian() {
    let flat = Bayes {
        alpha: Alpha::FIVE_PERCENT,
        prior: None,
        better: Better::Higher,
    };
    let found = flat.judge(&a_and_b(Difference::Relative)).expect("data");
    assert_near(found.chance_to_win, 0.9768363573365102, "chance to win");
    assert_near(found.lower, 0.0014651487014861325, "lower");
    assert_near(found.upper, 0.1785348512985137, "upper");
    assert_near(
        found.risk_of_control,
        0.09039142119299802,
        "risk of control",
    );
    assert_near(
        found.risk_of_variant,
        0.0003914211929980877,
        "risk of the variant",
    );

    let prior = Prior::new(0.0, 0.3, PriorScale::Relative).expect("in range");
    let proper = Bayes {
        prior: Some(prior),
        ..flat
    };
    let found = proper.judge(&a_and_b(Difference::Relative)).expect("data");
    assert_near(found.mean, 0.08800475616815552, "mean");
    assert_near(found.standard_deviation, 0.04466815232181003, "deviation");
    assert_near(found.chance_to_win, 0.9755917121300689, "chance to win");
}

/// Lan and DeMets' boundaries, one-sided 2.5 %, as the software of trials prints them
/// (4.8769, 3.3569, 2.6803, 2.2898, 2.0310 …), here from an independent integration with 40
/// points per panel.
#[test]
fn group_sequential() {
    let cases: [(Spending, &[f64], &[f64]); 3] = [
        (
            Spending::OBrienFleming,
            &[0.2, 0.4, 0.6, 0.8, 1.0],
            &[
                4.87688494879076,
                3.35701192157464,
                2.68028006454499,
                2.28981676771236,
                2.03103204349117,
            ],
        ),
        (
            Spending::Pocock,
            &[0.2, 0.4, 0.6, 0.8, 1.0],
            &[
                2.43797668805001,
                2.42681385843837,
                2.41019414250075,
                2.39664926538267,
                2.38599964981766,
            ],
        ),
        (
            Spending::OBrienFleming,
            &[0.1, 0.11, 0.5, 0.9, 1.0],
            &[
                6.99135170707742,
                6.66190210572068,
                2.96258804385702,
                2.10495756142809,
                2.05722765031462,
            ],
        ),
    ];
    for (spending, fractions, expected) in cases {
        let plan = Grouped {
            alpha: alpha(0.05),
            tail: Tail::Both,
            spending,
            horizon_units: 1,
        };
        let found = plan.boundaries(fractions).expect("in range");
        for (found, expected) in found.iter().zip(expected) {
            assert_near(found.expect("a boundary"), *expected, "boundary");
        }
    }
}

#[test]
fn group_sequential_looks() {
    let plan = Grouped {
        alpha: alpha(0.05),
        tail: Tail::Both,
        spending: Spending::OBrienFleming,
        horizon_units: 20_000,
    };
    let effect = a_and_b(Difference::Absolute);
    let look = plan
        .infer(&effect, 0.0, &[10_000, 20_000])
        .expect("in range");
    assert!(look.crossed && look.fraction == 1.0, "{look:?}");
    assert!(look.lower.expect("an end") > 0.0);
    // Half-way the same difference would not be enough, and past the end nothing is left.
    assert!(
        !plan
            .infer(&effect, 0.0, &[10_000])
            .expect("in range")
            .crossed
    );
    let late = plan
        .infer(&effect, 0.0, &[10_000, 20_000, 30_000])
        .expect("in range");
    assert_eq!((late.boundary, late.crossed), (None, false));
    // Two looks at the same units are one.
    let twice = plan.boundaries(&[0.5, 0.5, 1.0]).expect("in range");
    let once = plan.boundaries(&[0.5, 1.0]).expect("in range");
    assert_eq!(twice, vec![once[0], None, once[1]]);
    for bad in [
        &[] as &[f64],
        &[0.0],
        &[0.5, 0.4],
        &[f64::NAN],
        &[f64::INFINITY],
    ] {
        assert!(plan.boundaries(bad).is_err(), "{bad:?}");
    }
}

/// What is stored is checked when it is read.
#[test]
fn the_last_look_spends_what_is_left() {
    let plan = Grouped {
        alpha: Alpha::FIVE_PERCENT,
        tail: Tail::Both,
        spending: Spending::OBrienFleming,
        horizon_units: 20_000,
    };
    let effect = a_and_b(Difference::Absolute);
    let boundary = |looks: &[u64], is_last: bool| {
        let look = if is_last {
            plan.infer_last(&effect, 0.0, looks)
        } else {
            plan.infer(&effect, 0.0, looks)
        };
        look.expect("looks that grow").boundary
    };
    // All of alpha at one look is the usual quantile, wherever the look is.
    let alone = boundary(&[9_000], true).expect("a boundary");
    assert_near(alone, 1.959_963_984_540_054, "alone");
    let [early, late] = [false, true].map(|last| boundary(&[10_000, 18_000], last));
    assert!(late.expect("a boundary") < early.expect("a boundary"));
    // At the horizon itself there is no difference between the two.
    let looks = [10_000, 20_000];
    assert_eq!(boundary(&looks, false), boundary(&looks, true));
}

#[test]
fn another_level_of_the_same_mixture_has_the_same_p_value() {
    let effect = a_and_b(Difference::Absolute);
    let tenth = Sequential::new(alpha(0.005), Tail::Both);
    let whole = tenth.at(Alpha::FIVE_PERCENT);
    let [a, b] = [tenth, whole].map(|method| method.infer(&effect, 0.0));
    assert_near(a.p_value, b.p_value, "p");
    assert!(a.lower < b.lower && a.upper > b.upper);
    assert_near(whole.rho(), tenth.rho(), "rho");
}

#[test]
fn an_arm_that_does_not_vary_has_the_variance_of_all() {
    let of = |control: u64, variant: u64, difference| {
        let [c, v] = [control, variant].map(|n| Metric::from(Proportion::new(n, 10_000)));
        Effect::by_all_units(&c, &v, difference)
    };
    // One rate of 5 % in both arms.
    let error = (0.05f64 * 0.95 * 2.0 / 10_000.0).sqrt();
    let gone = of(1_000, 0, Difference::Relative).expect("they differ");
    assert_near(gone.estimate, -1.0, "estimate");
    assert!(gone.standard_error >= error / 0.1 && gone.standard_error < 1.3 * error / 0.1);
    let new = of(0, 1_000, Difference::Absolute).expect("they differ");
    assert_near(new.estimate, 0.1, "estimate");
    assert!(new.z(0.0) > 20.0 && new.standard_error >= new.common_error);
    let all = of(0, 10_000, Difference::Absolute).expect("they differ");
    assert!(all.standard_error > 0.0 && all.z(0.0) > 20.0);
    assert_eq!(
        of(0, 0, Difference::Absolute),
        Err(Insufficient::Variance),
        "nothing to see"
    );
    assert_eq!(
        of(0, 500, Difference::Relative),
        Err(Insufficient::Baseline)
    );
}

#[test]
fn methods_survive_json_and_bad_ones_do_not_enter() {
    let method = Sequential::default().tuned_for(20_000.0).expect("in range");
    let text = serde_json::to_string(&method).expect("it serialises");
    assert_eq!(
        serde_json::from_str::<Sequential>(&text).expect("it parses"),
        method
    );
    assert!(serde_json::from_str::<Sequential>(&text.replace("20000", "-2")).is_err());
    let prior = Prior::new(0.0, 0.3, PriorScale::Relative).expect("in range");
    let bayes = Bayes {
        alpha: Alpha::FIVE_PERCENT,
        prior: Some(prior),
        better: Better::Lower,
    };
    let text = serde_json::to_string(&bayes).expect("it serialises");
    assert_eq!(
        serde_json::from_str::<Bayes>(&text).expect("it parses"),
        bayes
    );
    assert!(serde_json::from_str::<Bayes>(&text.replace("0.3", "0.0")).is_err());
}

#[test]
fn decisions() {
    let judge =
        |effect: &Effect, better| Decision::new(Sequential::default(), better).judge(effect);
    let weak = a_and_b(Difference::Relative);
    assert_eq!(judge(&weak, Better::Higher), Status::Unclear);
    let (a, c) = (
        Proportion::new(1_000, 10_000),
        Proportion::new(1_400, 10_000),
    );
    let strong = Effect::between(&a.into(), &c.into(), Difference::Relative).expect("data");
    assert_eq!(judge(&strong, Better::Higher), Status::Better);
    assert_eq!(judge(&strong, Better::Lower), Status::Worse);
    let small = Decision::new(Sequential::default(), Better::Higher).with_minimum(20_000);
    assert_eq!(small.judge(&strong), Status::NotEnoughData);
}

#[test]
fn what_is_not_enough() {
    let rate = |conversions, units| Metric::from(Proportion::new(conversions, units));
    let why = |a, b, difference| Effect::between(&a, &b, difference).expect_err("too little");
    let relative = Difference::Relative;
    assert_eq!(why(rate(0, 0), rate(5, 10), relative), Insufficient::Units);
    assert_eq!(
        why(rate(0, 10), rate(5, 10), relative),
        Insufficient::Variance
    );
    assert_eq!(
        why(mean(9, 0.0, 9.0), mean(9, 1.0, 9.0), relative),
        Insufficient::Baseline
    );
    assert_eq!(
        why(mean(9, 1.0, 9.0), rate(5, 10), relative),
        Insufficient::Mismatch
    );
    assert_eq!(
        why(mean(9, f64::NAN, 9.0), mean(9, 1.0, 9.0), relative),
        Insufficient::Range
    );
    let scaled = Difference::Scaled {
        variant_share: 0.0,
        days: 1.0,
    };
    assert_eq!(why(rate(5, 10), rate(5, 10), scaled), Insufficient::Range);
}
