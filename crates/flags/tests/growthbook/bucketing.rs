//! Hashing and ranges, and what the console's own engine makes of experiments.

use nexus_flags::bucketing::{BucketRange, bucket_ranges, choose_variation, equal_weights, hash};
use nexus_flags::growthbook::{Namespace, query_override};
use nexus_flags::{Decisions, Engine};
use serde_json::Value;

use crate::common::{experiment, snapshot, unit};
use crate::suite::section;

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(number)
        .collect()
}

/// The suite writes expectations with up to eight digits.
fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-8
}

#[test]
fn hashes() {
    for case in section("hash") {
        let (seed, value) = (
            case[0].as_str().expect("seed"),
            case[1].as_str().expect("value"),
        );
        let version = u32::try_from(case[2].as_u64().expect("version")).expect("small");
        assert_eq!(hash(seed, value, version), case[3].as_f64(), "{case}");
    }
}

#[test]
fn ranges() {
    for case in section("getBucketRange") {
        let input = &case[1];
        let variations = input[0].as_u64().expect("count") as usize;
        let weights = input[2].as_array().map(|_| numbers(&input[2]));
        let found = bucket_ranges(variations, number(&input[1]), weights.as_deref());
        let expected: Vec<_> = case[2]
            .as_array()
            .expect("ranges")
            .iter()
            .map(numbers)
            .collect();
        assert_eq!(found.len(), expected.len(), "{case}");
        for (range, wanted) in found.iter().zip(expected) {
            assert!(
                close(range.start, wanted[0]) && close(range.end, wanted[1]),
                "{case}"
            );
        }
    }
}

#[test]
fn choices() {
    for case in section("chooseVariation") {
        let range = |r: &Value| BucketRange {
            start: number(&r[0]),
            end: number(&r[1]),
        };
        let ranges: Vec<_> = case[2]
            .as_array()
            .expect("ranges")
            .iter()
            .map(range)
            .collect();
        let found = choose_variation(number(&case[1]), &ranges);
        let expected = usize::try_from(case[3].as_i64().expect("index")).ok();
        assert_eq!(found, expected, "{case}");
    }
}

#[test]
fn weights() {
    for case in section("getEqualWeights") {
        // The engine counts with unsigned numbers: the case of -1 variations is that of none.
        let variations = usize::try_from(case[0].as_i64().expect("count")).unwrap_or(0);
        let (found, expected) = (equal_weights(variations), numbers(&case[1]));
        assert_eq!(found.len(), expected.len(), "{case}");
        assert!(
            found.iter().zip(&expected).all(|(a, b)| close(*a, *b)),
            "{case}"
        );
    }
}

#[test]
fn namespaces() {
    for case in section("inNamespace") {
        let (unit, namespace) = (case[1].as_str().expect("unit"), &case[2]);
        let name = namespace[0].as_str().expect("name");
        let namespace = Namespace::new(name, number(&namespace[1]), number(&namespace[2]));
        assert_eq!(namespace.contains(unit), case[3], "{case}");
    }
}

#[test]
fn query_overrides() {
    for case in section("getQueryStringOverride") {
        let text = |index: usize| case[index].as_str().expect("a text");
        let variations = case[3].as_u64().expect("count") as usize;
        let found = query_override(text(1), text(2), variations);
        assert_eq!(found.map(|found| found as u64), case[4].as_u64(), "{case}");
    }
}

/// The `run` cases that an [`Engine`] of today can express: hash version 2, a text as id,
/// nothing but coverage and weights. They include the boundaries where doubles round.
#[test]
fn runs() {
    let mut checked = 0;
    let cases = section("run");
    for case in &cases {
        let Some((id, seed, rule)) = expressible(case) else {
            continue;
        };
        let engine = Engine::compile(&snapshot(vec![rule])).expect("it compiles");
        let mut decisions = Decisions::default();
        engine.decide(&unit(id), &mut decisions);
        let found = engine
            .decided(&decisions)
            .next()
            .map(|decision| decision.variant_index());
        let expected = case[4].as_bool().expect("inExperiment").then(|| {
            let variations = case[2]["variations"].as_array().expect("variations");
            variations
                .iter()
                .position(|v| *v == case[3])
                .expect("a variation")
        });
        assert_eq!(found, expected, "{} seed {seed}", case[0]);
        checked += 1;
    }
    println!(
        "run: {checked} of {} cases checked through the engine",
        cases.len()
    );
    assert!(cases.is_empty() || checked >= 9, "only {checked}");
}

fn expressible(case: &Value) -> Option<(&str, &str, nexus_flags::ExperimentRule)> {
    let rule = case[2].as_object()?;
    let known = [
        "key",
        "seed",
        "hashVersion",
        "coverage",
        "variations",
        "weights",
    ];
    let plain = rule.keys().all(|key| known.contains(&key.as_str()));
    let context = case[1].as_object()?;
    if !plain || rule.get("hashVersion")?.as_u64() != Some(2) || context.len() != 1 {
        return None;
    }
    let id = context.get("attributes")?.get("id")?.as_str()?;
    let seed = rule.get("seed").or_else(|| rule.get("key"))?.as_str()?;
    let variations = rule.get("variations")?.as_array()?.len();
    let weights = rule
        .get("weights")
        .map_or_else(|| equal_weights(variations), numbers);
    let basis_points = |share: f64| (share * 10_000.0).round() as u16;
    let weights: Vec<u16> = weights.into_iter().map(basis_points).collect();
    let coverage = rule.get("coverage").map_or(1.0, number);
    Some((id, seed, experiment(seed, basis_points(coverage), &weights)))
}
