//! The payload says the same as the engine, judged by the evaluator of GrowthBook's
//! specification.

#![expect(clippy::expect_used, reason = "helpers of tests")]

#[path = "../common/mod.rs"]
mod common;
mod drawn;

use common::{experiment, snapshot, unit};
use drawn::{NAMES, any_snapshot, person};
use nexus_flags::growthbook::{Engine as GrowthBook, Options};
use nexus_flags::{
    AttributeRule, Context, Decisions, Engine, ExperimentRule, FlagRule, FlagRuleStep, Operator,
    Snapshot, Targeting, payload,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// What our engine says, in the payload's words: value, experiment, variant. Experiments
/// come before flags and earlier ones before later; a name that nothing else has is its
/// experiment's, whose value is the variant's key.
fn ours(
    engine: &Engine,
    snapshot: &Snapshot,
    name: &str,
    context: &Context<'_>,
) -> (Value, String, String) {
    let mut decisions = Decisions::default();
    engine.decide(context, &mut decisions);
    let set = engine
        .decided(&decisions)
        .find_map(|decision| Some((decision, decision.features().get(name)?.clone())));
    let is_set = snapshot
        .experiments
        .iter()
        .filter(|e| runs(e, context.now_ms));
    let is_set = is_set
        .flat_map(|e| &e.variants)
        .any(|v| v.features.contains_key(name));
    let found = match (set, engine.flag(name, context)) {
        (Some(set), _) => Some(set),
        (None, Some(flag)) => return (flag.value.clone(), String::new(), String::new()),
        (None, None) if is_set => None,
        (None, None) => engine
            .decided(&decisions)
            .find(|decision| decision.experiment_id() == name)
            .map(|decision| (decision, decision.variant_key().into())),
    };
    let (experiment, variant) = found.as_ref().map_or(("", ""), |(decision, _)| {
        (decision.experiment_id(), decision.variant_key())
    });
    let (experiment, variant) = (experiment.to_owned(), variant.to_owned());
    let value = found.map_or(Value::Null, |(_, value)| value);
    (value, experiment, variant)
}

fn runs(experiment: &ExperimentRule, now_ms: i64) -> bool {
    !experiment.paused
        && experiment.start_ms.is_none_or(|at_ms| now_ms >= at_ms)
        && experiment.end_ms.is_none_or(|at_ms| now_ms < at_ms)
}

proptest! {
    #![proptest_config(common::cases(600))]

    /// Between two turns the payload does not change, and at one it may.
    #[test]
    fn the_payload_is_steady_between_turns(snapshot in any_snapshot(), now_ms in -2_i64..3) {
        let steady = payload::steady(&snapshot, now_ms);
        prop_assert!(steady.contains(&now_ms));
        let features = payload::features(&snapshot, now_ms);
        for then_ms in (-3..4).filter(|then_ms| steady.contains(then_ms)) {
            prop_assert_eq!(&payload::features(&snapshot, then_ms), &features);
        }
    }

    /// What is called constant has no rule, now or at any other time.
    #[test]
    fn constants_have_no_rules(snapshot in any_snapshot()) {
        for flag in payload::constants(&snapshot) {
            let name = &flag.key;
            for now_ms in -3..4 {
                prop_assert!(payload::features(&snapshot, now_ms)[name].get("rules").is_none());
            }
        }
    }

    /// What the engine dealt it finds dealt; nobody is dealt another variant.
    #[test]
    fn what_is_decided_was_dealt(
        snapshot in any_snapshot(), people in prop::collection::vec(person(), 20), now_ms in -2_i64..3,
    ) {
        let engine = Engine::compile(&snapshot).expect("it compiles");
        for person in people {
            let pairs = person.pairs();
            let context = Context {
                country: person.country,
                device: person.device.unwrap_or_default(),
                attributes: &pairs,
                now_ms,
                ..unit(&person.unit)
            };
            let mut decisions = Decisions::default();
            engine.decide(&context, &mut decisions);
            for decision in engine.decided(&decisions) {
                let dealt = engine.dealt(decision.experiment_id(), &person.unit, now_ms);
                prop_assert_eq!(dealt, Some(decision.variant_key()));
            }
            prop_assert_eq!(engine.dealt("nowhere", &person.unit, now_ms), None);
        }
    }

    /// 600 snapshots, 20 people each, every name.
    #[test]
    fn the_payload_says_what_the_engine_says(
        snapshot in any_snapshot(), people in prop::collection::vec(person(), 20), now_ms in -2_i64..3,
    ) {
        let engine = Engine::compile(&snapshot).expect("it compiles");
        let features = payload::features(&snapshot, now_ms);
        let groups = payload::saved_groups(&snapshot.saved_groups);
        let theirs = json!({ "features": features, "savedGroups": groups });
        let theirs = GrowthBook::compile(&theirs).expect("it compiles");
        let options = Options::default();
        for person in people {
            let (attributes, pairs) = (person.attributes(), person.pairs());
            let context = Context {
                country: person.country,
                device: person.device.unwrap_or_default(),
                attributes: &pairs,
                now_ms,
                ..unit(&person.unit)
            };
            for name in NAMES.into_iter().chain(["i", "x2", "x3"]) {
                let (value, experiment, variant) = ours(&engine, &snapshot, name, &context);
                let found = theirs.feature(name, &attributes, &options);
                prop_assert_eq!(found.value, &value, "{} for {:?}", name, person);
                let drawn = found.experiment.as_ref();
                let drawn = drawn.map_or(("", ""), |one| (one.experiment.key(), one.result.key()));
                prop_assert_eq!(drawn, (experiment.as_str(), variant.as_str()));
            }
        }
    }
}

/// SDKs keep attributes in types of their own.
#[test]
fn numbers_and_truth_values_are_found_by_their_text() {
    let rule = |value: &str| AttributeRule {
        name: "level".to_owned(),
        operator: Operator::Is,
        values: vec![value.to_owned()],
    };
    for (text, typed, expected) in [
        ("5", json!(5), true),
        ("5", json!("5"), true),
        ("1.5", json!(1.5), true),
        ("-0.25", json!(-0.25), true),
        ("true", json!(true), true),
        ("05", json!(5), false),
        ("5.0", json!(5), false),
        ("1e3", json!(1000), false),
        ("NaN", json!(null), false),
        ("false", json!(0), false),
    ] {
        let step = FlagRuleStep {
            targeting: Targeting {
                attributes: vec![rule(text)],
                ..Targeting::default()
            },
            coverage_bp: 10_000,
            ramp: Vec::new(),
            seed: "s".to_owned(),
            value: true.into(),
            start_ms: None,
            end_ms: None,
            prerequisites: Vec::new(),
            slices: Vec::new(),
        };
        let flag = FlagRule {
            is_off: false,
            key: "f".to_owned(),
            value: false.into(),
            rules: vec![step],
            prerequisites: Vec::new(),
        };
        let snapshot = Snapshot {
            flags: vec![flag],
            ..snapshot(Vec::new())
        };
        let features = payload::features(&snapshot, 0);
        let engine = GrowthBook::compile(&json!({ "features": features })).expect("it compiles");
        let attributes = json!({ "level": typed });
        let options = Options::default();
        let found = engine.feature("f", &attributes, &options);
        assert_eq!(found.is_on(), expected, "{text} of {typed}");
    }
}

/// A thousand long values do not make an expression that an SDK would refuse.
#[test]
fn long_lists_are_parted() {
    let values: Vec<String> = (0..1_000).map(|n| format!("{n:0>50}")).collect();
    let rule = AttributeRule {
        name: "account".to_owned(),
        operator: Operator::Contains,
        values,
    };
    let mut one = experiment("seed", 10_000, &[5_000, 5_000]);
    one.targeting.attributes.push(rule);
    let features = payload::features(&snapshot(vec![one]), 0);
    let engine = GrowthBook::compile(&json!({ "features": features })).expect("it compiles");
    let options = Options::default();
    for (account, expected) in [
        (format!("<{:0>50}>", 999), true),
        ("1000".to_owned(), false),
    ] {
        let attributes = json!({ "id": "u", "account": account });
        let found = engine.feature("exp", &attributes, &options);
        assert_eq!(found.experiment.is_some(), expected, "{account}");
    }
}
