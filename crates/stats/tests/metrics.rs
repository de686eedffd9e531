//! Metrics against their definitions on units one by one.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::Random;
use nexus_stats::{
    Adjusted, AdjustedRatio, Count, Difference, Effect, Mean, MergeError, Metric, Products,
    Proportion, Quantile, Ratio, Sample,
};

/// Makes a metric of units.
type Make = fn(&[[f64; 4]]) -> Metric;

const UNITS: usize = 4_000;

/// Numerator, denominator and both before, of one unit: what it did before explains part.
fn unit(random: &mut Random, lift: f64) -> [f64; 4] {
    let habit = random.normal();
    let orders = |random: &mut Random| random.whole(1, 5) as f64;
    let (after, before) = (orders(random), orders(random));
    let value = |random: &mut Random| 20.0 + 6.0 * habit + 2.0 * random.normal();
    [
        after * (value(random) + lift),
        after,
        before * value(random),
        before,
    ]
}

fn units(seed: u64, lift: f64) -> Vec<[f64; 4]> {
    let mut random = Random::new(seed);
    (0..UNITS).map(|_| unit(&mut random, lift)).collect()
}

fn sum(units: &[[f64; 4]], of: impl Fn(&[f64; 4]) -> f64) -> f64 {
    units.iter().map(of).sum()
}

fn sample(units: &[[f64; 4]], index: usize) -> Sample {
    Sample::Mean(Mean {
        units: units.len() as u64,
        sum: sum(units, |unit| unit[index]),
        sum_squares: sum(units, |unit| unit[index] * unit[index]),
        winsorised_at: None,
    })
}

fn products(units: &[[f64; 4]], a: usize, b: usize) -> f64 {
    sum(units, |unit| unit[a] * unit[b])
}

fn adjusted_ratio(units: &[[f64; 4]]) -> Metric {
    Metric::AdjustedRatio(AdjustedRatio {
        numerator: sample(units, 0),
        denominator: sample(units, 1),
        numerator_pre: sample(units, 2),
        denominator_pre: sample(units, 3),
        products: Products {
            numerator_denominator: products(units, 0, 1),
            numerator_pre_denominator_pre: products(units, 2, 3),
            numerator_numerator_pre: products(units, 0, 2),
            numerator_denominator_pre: products(units, 0, 3),
            denominator_numerator_pre: products(units, 1, 2),
            denominator_denominator_pre: products(units, 1, 3),
        },
    })
}

fn ratio(units: &[[f64; 4]]) -> Metric {
    Metric::Ratio(Ratio {
        numerator: sample(units, 0),
        denominator: sample(units, 1),
        products: products(units, 0, 1),
    })
}

fn adjusted(units: &[[f64; 4]]) -> Metric {
    Metric::Adjusted(Adjusted {
        post: sample(units, 0),
        pre: sample(units, 2),
        products: products(units, 0, 2),
    })
}

fn effect(control: &Metric, variant: &Metric) -> Effect {
    Effect::between(control, variant, Difference::Absolute).expect("data")
}

/// Each unit's part in the ratio: `(m - R d) / mean(d)`.
fn linearised(units: &[[f64; 4]], m: usize, d: usize) -> Vec<f64> {
    let bottom = sum(units, |unit| unit[d]);
    let ratio = sum(units, |unit| unit[m]) / bottom;
    let mean = bottom / units.len() as f64;
    units
        .iter()
        .map(|unit| (unit[m] - ratio * unit[d]) / mean)
        .collect()
}

/// Unbiased; the mean of a linearised ratio is zero.
fn covariance(a: &[f64], b: &[f64]) -> f64 {
    let products: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    products / (a.len() as f64 - 1.0)
}

fn assert_near(found: f64, expected: f64, what: &str) {
    let error = ((found - expected) / expected).abs();
    assert!(error < 1e-9, "{what}: {found} for {expected}");
}

#[test]
fn a_ratio_has_the_variance_of_its_linearisation() {
    let (a, b) = (units(1, 0.0), units(2, 1.0));
    let variance = |units: &[[f64; 4]]| {
        let values = linearised(units, 0, 1);
        covariance(&values, &values) / values.len() as f64
    };
    let found = effect(&ratio(&a), &ratio(&b));
    assert_near(
        found.standard_error,
        (variance(&a) + variance(&b)).sqrt(),
        "error",
    );
    let value = |units: &[[f64; 4]]| sum(units, |unit| unit[0]) / sum(units, |unit| unit[1]);
    assert_near(found.estimate, value(&b) - value(&a), "difference");
}

/// CUPED of a ratio is CUPED of the linearised units, with one theta for both arms.
#[test]
fn an_adjusted_ratio_is_an_adjusted_linearisation() {
    let arms = [units(3, 0.0), units(4, 1.0)];
    let lines = arms
        .each_ref()
        .map(|arm| (linearised(arm, 0, 1), linearised(arm, 2, 3)));
    let shared: f64 = lines.iter().map(|(post, pre)| covariance(post, pre)).sum();
    let own: f64 = lines.iter().map(|(_, pre)| covariance(pre, pre)).sum();
    let theta = shared / own;
    let variance: f64 = lines
        .iter()
        .map(|(post, pre)| {
            let rest: Vec<f64> = post.iter().zip(pre).map(|(y, x)| y - theta * x).collect();
            covariance(&rest, &rest) / rest.len() as f64
        })
        .sum();
    let found = effect(&adjusted_ratio(&arms[0]), &adjusted_ratio(&arms[1]));
    assert_near(found.standard_error, variance.sqrt(), "error");
    let value =
        |arm: &[[f64; 4]], m: usize, d: usize| sum(arm, |unit| unit[m]) / sum(arm, |unit| unit[d]);
    let [post, pre] = [(0, 1), (2, 3)].map(|(m, d)| value(&arms[1], m, d) - value(&arms[0], m, d));
    assert_near(found.estimate, post - theta * pre, "difference");
    let plain = effect(&ratio(&arms[0]), &ratio(&arms[1]));
    assert!(
        found.standard_error < 0.7 * plain.standard_error,
        "{found:?} {plain:?}"
    );
}

/// The variance falls by the factor `1 - r²` (Deng et al. 2013), `r` taken over both arms.
#[test]
fn adjusting_removes_the_explained_variance() {
    let arms = [units(5, 0.0), units(6, 0.0)];
    let all: Vec<[f64; 4]> = arms.concat();
    let mean = |index: usize| sum(&all, |unit| unit[index]) / all.len() as f64;
    let (y, x) = (mean(0), mean(2));
    let shared = sum(&all, |unit| (unit[0] - y) * (unit[2] - x));
    let [own_y, own_x] = [(0, y), (2, x)]
        .map(|(index, mean)| sum(&all, |unit: &[f64; 4]| (unit[index] - mean).powi(2)));
    let explained = shared * shared / own_y / own_x;
    let plain = effect(
        &Metric::Single(sample(&arms[0], 0)),
        &Metric::Single(sample(&arms[1], 0)),
    );
    let found = effect(&adjusted(&arms[0]), &adjusted(&arms[1]));
    let factor = (found.standard_error / plain.standard_error).powi(2);
    assert!(
        (factor - (1.0 - explained)).abs() < 1e-3,
        "{factor} {explained}"
    );
}

/// What did not vary before explains nothing: the plain metric comes out.
#[test]
fn without_a_past_there_is_no_adjustment() {
    let mut arms = [units(7, 0.0), units(8, 1.0)];
    for unit in arms.iter_mut().flatten() {
        unit[2] = 0.0;
        unit[3] = 0.0;
    }
    let [a, b] = &arms;
    let single = |arm: &[[f64; 4]]| Metric::Single(sample(arm, 0));
    assert_eq!(
        effect(&adjusted(a), &adjusted(b)),
        effect(&single(a), &single(b))
    );
    let (found, plain) = (
        effect(&adjusted_ratio(a), &adjusted_ratio(b)),
        effect(&ratio(a), &ratio(b)),
    );
    assert_eq!(found.estimate, plain.estimate);
    assert_near(found.standard_error, plain.standard_error, "error");
}

#[test]
fn parts_merge_to_the_whole() {
    let all = units(9, 0.0);
    let (first, rest) = all.split_at(1_234);
    let other = units(10, 1.0);
    for kind in [ratio, adjusted, adjusted_ratio] as [Make; 3] {
        let merged = kind(first).merge(kind(rest)).expect("one kind");
        let (parts, whole) = (
            effect(&merged, &kind(&other)),
            effect(&kind(&all), &kind(&other)),
        );
        assert_near(parts.estimate, whole.estimate, "estimate");
        assert_near(parts.standard_error, whole.standard_error, "error");
    }
}

#[test]
fn what_does_not_merge() {
    let rate = Metric::from(Proportion::new(1, 2));
    let mean = |winsorised_at| {
        Metric::from(Mean {
            units: 1,
            winsorised_at,
            ..Mean::default()
        })
    };
    let many = Metric::from(Count {
        units: u64::MAX,
        sum: 0,
        sum_squares: 0,
    });
    let quantile = Metric::Quantile(Quantile {
        events: 100,
        level: 0.5,
        value: 1.0,
        lower: 0.9,
        upper: 1.1,
        bound_events: 100,
        clusters: None,
    });
    assert_eq!(rate.merge(mean(None)), Err(MergeError::DifferentMetrics));
    assert_eq!(
        mean(Some(1.0)).merge(mean(None)),
        Err(MergeError::DifferentCuts)
    );
    assert_eq!(many.merge(many), Err(MergeError::Overflow));
    assert_eq!(quantile.merge(quantile), Err(MergeError::Quantiles));
    assert_eq!(quantile.merge(rate), Err(MergeError::DifferentMetrics));
}

/// Counts are exact where the sums of doubles are not.
#[test]
fn counts_have_an_exact_variance() {
    let units = 3_000_000_000;
    let count = Count {
        units,
        sum: 3 * units + 1,
        sum_squares: 9 * units + 7,
    };
    // Σx² - (Σx)²/n = 7 - 6 - 1/n
    let expected = (1.0 - 1.0 / units as f64) / (units as f64 - 1.0);
    assert_near(Sample::Count(count).variance(), expected, "variance");
}

#[test]
fn metrics_survive_json() {
    // Whole sums: serde_json reads other doubles to the last bit only if told to.
    let arm: Vec<[f64; 4]> = units(11, 0.0)
        .iter()
        .map(|unit| unit.map(f64::round))
        .collect();
    for metric in [
        ratio(&arm),
        adjusted(&arm),
        adjusted_ratio(&arm),
        Proportion::new(3, 9).into(),
    ] {
        let text = serde_json::to_string(&metric).expect("it serialises");
        let read: Metric = serde_json::from_str(&text).expect("it parses");
        assert_eq!(read, metric, "{text}");
    }
    let cut = r#"{"single":{"kind":"mean","units":2,"sum":3.0,"sum_squares":5.0}}"#;
    assert!(serde_json::from_str::<Metric>(cut).is_ok());
}
