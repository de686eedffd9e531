//! What the console's own engine makes of the published experiments.

use nexus_flags::bucketing::equal_weights;
use nexus_flags::{Decisions, Engine, ExperimentRule};
use serde_json::Value;

use crate::common::{experiment, snapshot, unit};
use crate::suite::suite;

/// The `run` cases that an [`Engine`] of today can express: hash version 2, a text as id,
/// nothing but coverage and weights. They include the boundaries where doubles round.
#[test]
fn runs() {
    let Some(suite) = suite("cases through the console's engine") else {
        return;
    };
    let mut checked = 0;
    for case in suite["run"].as_array().expect("a list of cases") {
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
    assert!(checked >= 9, "only {checked}");
}

fn expressible(case: &Value) -> Option<(&str, &str, ExperimentRule)> {
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
    let number = |value: &Value| value.as_f64().expect("a number");
    let weights: Vec<f64> = rule.get("weights").and_then(Value::as_array).map_or_else(
        || equal_weights(variations),
        |weights| weights.iter().map(number).collect(),
    );
    let basis_points = |share: f64| (share * 10_000.0).round() as u16;
    let weights: Vec<u16> = weights.into_iter().map(basis_points).collect();
    let coverage = rule.get("coverage").map_or(1.0, number);
    Some((id, seed, experiment(seed, basis_points(coverage), &weights)))
}
