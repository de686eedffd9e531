//! Published and measured numbers: plans, corrections, margins and mismatches. `A` is 1,000
//! conversions of 10,000 units, `B` 1,090 of 10,000.

#![expect(clippy::expect_used, reason = "helpers of tests")]

use nexus_stats::{
    Alpha, Better, Correction, Design, Difference, Direction, Effect, Fixed, Margin,
    NonInferiority, Outcome, Proportion, Reference, SrmSlices, SrmSlicesVerdict, SrmState,
    Watching, adjusted_width, chi_square_p,
};

fn assert_near(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() < 1e-9,
        "{what}: {found} for {expected}"
    );
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

/// The share of units at which a single chi-square test has p = .001: 1.65 percentage
/// points off at 10,000 units, 0.52 at 100,000, 0.16 at a million.
#[test]
fn mismatch_limits() {
    for (units, points) in [(1e4, 0.0165), (1e5, 0.0052), (1e6, 0.00165)] {
        let counts = [0.5 + points, 0.5 - points].map(|share: f64| (share * units) as u64);
        let p = chi_square_p(&counts, &[1.0, 1.0]).expect("in range");
        assert!((p - 0.001).abs() < 2e-4, "{p} at {units}");
    }
}

#[test]
fn slices_share_the_evidence() {
    let mut alone = SrmState::new(&[0.5, 0.5]).expect("in range");
    let alone = alone.observe(&[5_400, 4_600]);
    let mut slices = SrmSlices::new(&[0.5, 0.5], 4).expect("in range");
    let clean: &[u64] = &[5_000, 5_000];
    let verdict = slices.observe(&[clean, &[5_400, 4_600], clean, clean]);
    assert_near(
        verdict.adjusted_p_values[1],
        4.0 * alone.p_value,
        "p of the slice",
    );
    assert_eq!(verdict.adjusted_p_values[0], 1.0);
    // The mean of four e-values of which one is large: about a quarter of it.
    let ratio = verdict.p_value / alone.p_value;
    assert!(ratio > 3.9 && ratio <= 4.0, "{ratio}");
    assert!(slices.observe(&[]).p_value <= verdict.p_value);
    assert!(SrmSlices::new(&[0.5, 0.5], 0).is_err() && SrmSlices::new(&[1.0], 3).is_err());
}

#[test]
fn evidence_of_slices_gathered_elsewhere_says_the_same() {
    let counts: [&[u64]; 3] = [&[5_000, 5_000], &[5_400, 4_600], &[70, 30]];
    let shares = [0.5, 0.5];
    let whole = SrmSlices::new(&shares, 3)
        .expect("in range")
        .observe(&counts);
    let log_e = |of: &[u64]| nexus_stats::srm(of, &shares).expect("in range").ln_e_value;
    assert_eq!(SrmSlicesVerdict::of(&counts.map(log_e)), whole);
    assert_eq!(SrmSlicesVerdict::of(&[]).p_value, 1.0);
}

/// 10 % to 11 % needs 14,748 per arm; 1,000 per arm, with control's variance in both,
/// detect 37.6 %.
#[test]
fn planning() {
    let rate = Design::new(Outcome::Proportion { rate: 0.1 }, alpha(0.05)).expect("in range");
    let planned = rate.units(0.1, 0.8).expect("possible");
    // 14,748.4, rounded up here and to the nearest by `sample_size`.
    assert_eq!(
        (planned.control, planned.variant, planned.total),
        (14_749, 14_749, 29_498)
    );
    assert_eq!(planned.days(1_000.0), Some(30));
    assert_eq!(planned.days(0.0), None);
    let outcome = Outcome::Mean {
        mean: 0.1,
        standard_deviation: 0.3,
    };
    let mean = Design::new(outcome, alpha(0.05)).expect("in range");
    let lift = mean
        .detectable(Direction::Increase, 1_000, 0.8)
        .expect("in range")
        .expect("possible");
    assert!((lift - 0.376).abs() < 5e-4, "{lift}");
}

#[test]
fn plans_of_several_variants_and_of_watching() {
    let design = Design::new(Outcome::Proportion { rate: 0.1 }, alpha(0.05)).expect("in range");
    let one = design.units(0.1, 0.8).expect("possible");
    let three = design.among(3).units(0.1, 0.8).expect("possible");
    assert!(three.variant > one.variant && three.total > 2 * one.total);
    let always = design
        .watched(Watching::Always)
        .expect("in range")
        .units(0.1, 0.8)
        .expect("possible");
    let tuned = Watching::AlwaysTuned { units: 5_000.0 };
    let tuned = design
        .watched(tuned)
        .expect("in range")
        .units(0.1, 0.8)
        .expect("possible");
    assert!(
        one.total < always.total && always.total < tuned.total,
        "{always:?} {tuned:?}"
    );
    let curve = design
        .power_curve(0.1, &[1_000, one.variant, 50_000])
        .expect("in range");
    assert!(
        curve[0] < 0.2 && (curve[1] - 0.8).abs() < 1e-4 && curve[2] > 0.99,
        "{curve:?}"
    );
    assert!(design.units(0.0, 0.8).is_err() && design.units(10.0, 0.8).is_err());
    assert!(design.power(0.1, 0).is_err() && design.units(0.1, 1.0).is_err());
    assert_eq!(design.detectable(Direction::Increase, 1, 0.99), Ok(None));
    assert!(Design::new(Outcome::Proportion { rate: 1.0 }, alpha(0.05)).is_err());
}

/// Adjusted by hand; the intervals by GrowthBook's formula in scipy.
#[test]
fn corrections() {
    let p = [0.01, 0.04, 0.03, 0.005];
    let near = |found: Vec<f64>, expected: [f64; 4]| {
        for (found, expected) in found.into_iter().zip(expected) {
            assert_near(found, expected, "adjusted p");
        }
    };
    near(Correction::Holm.adjust(&p), [0.03, 0.06, 0.06, 0.02]);
    near(
        Correction::BenjaminiHochberg.adjust(&p),
        [0.02, 0.04, 0.04, 0.02],
    );
    assert_eq!(Correction::Holm.adjust(&[]), Vec::<f64>::new());
    assert_eq!(
        Correction::Holm.adjust(&[f64::NAN, 2.0, 0.01]),
        vec![1.0, 1.0, 0.03]
    );

    let effect = a_and_b(Difference::Relative);
    let own = Fixed::new(Alpha::FIVE_PERCENT).width(&effect);
    let width = |p| adjusted_width(effect.z(0.0), own, p, Alpha::FIVE_PERCENT);
    let half = width(2.0 * 0.0463408758).map(|width| width * effect.standard_error);
    assert_near(half.expect("ends"), 0.104_909_521_947_488_66, "half");
    assert_eq!(width(1e-9), Some(own));
    assert_eq!(width(1.0), None);
    assert!(Alpha::new(0.0).is_err() && Alpha::new(0.6).is_err() && Alpha::new(f64::NAN).is_err());
    assert!(serde_json::from_str::<Alpha>("5").is_err());
}

#[test]
fn margins() {
    let judge = |margin, better, difference| {
        let rule = NonInferiority::new(margin, better, alpha(0.05)).expect("in range");
        rule.once(Reference::Normal)
            .judge(&a_and_b(difference))
            .margin
    };
    // 9 % more is no harm when more is better, and more than 1 % harm when less is.
    assert_eq!(
        judge(0.01, Better::Higher, Difference::Relative),
        Margin::Kept
    );
    assert_eq!(
        judge(0.01, Better::Lower, Difference::Relative),
        Margin::Broken
    );
    assert_eq!(
        judge(0.05, Better::Lower, Difference::Relative),
        Margin::Unclear
    );
    assert_eq!(
        judge(0.3, Better::Lower, Difference::Relative),
        Margin::Kept
    );
    assert!(NonInferiority::new(-0.1, Better::Higher, alpha(0.05)).is_err());
    let watched = NonInferiority::new(0.2, Better::Higher, alpha(0.05)).expect("in range");
    let watched = watched.tuned_for(20_000.0).expect("in range");
    assert_eq!(
        watched.judge(&a_and_b(Difference::Relative)).margin,
        Margin::Kept
    );
    assert!(watched.tuned_for(0.0).is_err());
}
