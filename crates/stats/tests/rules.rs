//! Rules and bounds that hold for every input.

use nexus_stats::{
    Better, Decision, Difference, Effect, Guardrail, Metric, Proportion, Sequential, SrmState,
    Status, chi_square_p,
};
use proptest::prelude::*;

fn judged(control: (u64, u64), variant: (u64, u64), better: Better) -> Status {
    let rule = Decision::new(Sequential::default(), better);
    rule.judge_rates(rate(control), rate(variant))
}

fn rate((conversions, units): (u64, u64)) -> Proportion {
    Proportion::new(conversions, units)
}

fn gap(control: (u64, u64), variant: (u64, u64)) -> Option<Effect> {
    let [control, variant] = [control, variant].map(|arm| Metric::from(rate(arm)));
    Effect::between(&control, &variant, Difference::Absolute).ok()
}

#[test]
fn status_words() {
    use Better::{Higher, Lower};
    let status = judged;
    assert_eq!(
        status((1_000, 10_000), (1_300, 10_000), Higher),
        Status::Better
    );
    assert_eq!(
        status((1_000, 10_000), (700, 10_000), Higher),
        Status::Worse
    );
    assert_eq!(
        status((1_000, 10_000), (700, 10_000), Lower),
        Status::Better
    );
    assert_eq!(
        status((1_000, 10_000), (1_300, 10_000), Lower),
        Status::Worse
    );
    assert_eq!(
        status((1_000, 10_000), (1_090, 10_000), Higher),
        Status::Unclear
    );
    assert_eq!(status((5, 90), (80, 90), Higher), Status::NotEnoughData);
    assert_eq!(
        status((0, 1_000), (9, 1_000), Higher),
        Status::NotEnoughData
    );
    assert_eq!(status((0, 0), (0, 0), Higher), Status::NotEnoughData);
    assert_eq!(status((0, 10_000), (500, 10_000), Higher), Status::Better);
    assert_eq!(status((1_000, 10_000), (0, 10_000), Higher), Status::Worse);
}

/// Three conversions where twelve are expected: the interval leaves zero out only because the
/// small arm underestimates its variance. No verdict yet, in either direction.
#[test]
fn small_arms_do_not_convince_by_their_own_variance() {
    let apart = |control, variant| {
        let effect = gap(control, variant).expect("it varies");
        Sequential::default().infer(&effect, 0.0).excludes(0.0)
    };
    for better in [Better::Higher, Better::Lower] {
        for [control, variant] in [[(180, 9_000), (3, 600)], [(8_820, 9_000), (597, 600)]] {
            assert!(apart(control, variant));
            assert_eq!(judged(control, variant, better), Status::Unclear);
        }
    }
}

#[test]
fn where_nothing_varies_there_is_no_verdict() {
    for all_alike in [(0, 5_000), (5_000, 5_000)] {
        assert_eq!(
            judged(all_alike, all_alike, Better::Higher),
            Status::NotEnoughData
        );
    }
}

#[test]
fn a_wholly_broken_variant_is_stopped_within_a_handful_of_units() {
    let guardrail = Guardrail::new(0.05, 0.01).expect("in range");
    let first = (1..100)
        .find(|n| guardrail.judge(*n, *n).crossed)
        .expect("stopped");
    assert!(first <= 5, "{first}");
    let verdict = guardrail.judge(first, first);
    assert_eq!((verdict.rate, verdict.limit), (1.0, 0.05));
    assert!((verdict.threshold - 100.0).abs() < 1e-9 && verdict.e_value >= verdict.threshold);
}

/// Numbers in which E is a plain sum: no unit seen, E = 1. One unit, by quadrature of the
/// cut Beta density: E(error) = mean rate / limit, E(none) = (1 - mean) / (1 - limit).
#[test]
fn guardrail_evidence_of_the_first_unit() {
    let guardrail = Guardrail::new(0.05, 0.01).expect("in range");
    assert!(guardrail.judge(0, 0).ln_e_value.abs() < 1e-12);
    let (mut weight, mut weighted) = (0.0, 0.0);
    let steps = 1_000_000;
    for step in 0..steps {
        let x = 0.05 + 0.95 * (f64::from(step) + 0.5) / f64::from(steps);
        let density = (1.0 - x) * (1.0 - x) * (1.0 - x) * (1.0 - x) / x.sqrt();
        weight += density;
        weighted += density * x;
    }
    let mean = weighted / weight;
    assert!((guardrail.judge(1, 1).e_value - mean / 0.05).abs() < 1e-8);
    assert!((guardrail.judge(0, 1).e_value - (1.0 - mean) / 0.95).abs() < 1e-8);
}

#[test]
fn few_errors_stop_nothing_and_several_variants_share_alpha() {
    let guardrail = Guardrail::new(0.001, 0.05).expect("in range");
    assert!(guardrail.judge(2, 2).ln_e_value > 20.0_f64.ln());
    assert!(!guardrail.judge(2, 2).crossed);
    assert!(guardrail.with_min_errors(2).judge(2, 2).crossed);
    let shared = guardrail.among(5).judge(1, 9);
    assert!((shared.alpha - 0.01).abs() < 1e-12 && (shared.threshold - 100.0).abs() < 1e-9);
    for (limit, alpha) in [
        (0.0, 0.05),
        (1.0, 0.05),
        (0.05, 0.0),
        (0.05, 1.0),
        (f64::NAN, 0.1),
    ] {
        assert!(Guardrail::new(limit, alpha).is_err());
    }
}

proptest! {
    #[test]
    fn guardrails_of_any_counts_are_finite_and_grow_with_errors(
        errors in 0_u64..5_000, units in 1_u64..2_000_000, limit in 0.0001_f64..0.99,
    ) {
        let guardrail = Guardrail::new(limit, 0.01).expect("in range");
        let verdict = guardrail.judge(errors, units);
        let worse = guardrail.judge(errors + 1, units + 1);
        prop_assert!(verdict.e_value.is_finite() && !verdict.ln_e_value.is_nan());
        prop_assert!(worse.ln_e_value >= verdict.ln_e_value - 1e-6);
        prop_assert!(verdict.errors <= verdict.units);
    }

    /// Evidence is never stronger than the best alternative: E <= (p̂/p0)^S ((1-p̂)/(1-p0))^(n-S).
    #[test]
    fn guardrail_evidence_is_below_the_largest_likelihood_ratio(
        errors in 0_u64..300, units in 300_u64..5_000, limit in 0.001_f64..0.5,
    ) {
        let verdict = Guardrail::new(limit, 0.01).expect("in range").judge(errors, units);
        let best = verdict.rate.max(limit);
        let (s, f) = (errors as f64, (units - errors) as f64);
        let bound = s * (best / limit).ln() + f * ((1.0 - best) / (1.0 - limit)).ln();
        prop_assert!(verdict.ln_e_value <= bound + 1e-6, "{verdict:?} {bound}");
    }

    #[test]
    fn mismatch_tests_take_any_counts(
        counts in prop::collection::vec(0_u64..=1 << 50, 0..6),
        weights in prop::collection::vec(prop_oneof![Just(0.0), 0.0_f64..1e9], 0..6),
    ) {
        if let Ok(mut state) = SrmState::new(&weights) {
            let p = state.observe(&counts).p_value;
            let later = state.observe(&[]).p_value;
            prop_assert!((0.0..=1.0).contains(&p) && later <= p);
            let chi = chi_square_p(&counts, &weights).expect("the same weights");
            prop_assert!((0.0..=1.0).contains(&chi), "{chi}");
        }
    }
}
