//! No input panics: arbitrary snapshots, contexts and envelopes.

use std::collections::BTreeMap;

use nexus_flags::fixtures::{every_kind, fixture, mutated};
use nexus_flags::{
    AttributeRule, Context, CountryCode, Decisions, Device, Engine, ExperimentRule, FlagRule,
    FlagRuleStep, Limits, Operator, RampStep, SigningKey, Snapshot, Targeting, TrustedKey,
    VariantRule, sign, verify,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]{0,2}", ".{0,12}"]
}

fn country() -> impl Strategy<Value = CountryCode> {
    "[A-C][A-B1]".prop_filter_map("a code", |code| CountryCode::new(&code).ok())
}

fn operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec![
        Operator::Is,
        Operator::IsNot,
        Operator::StartsWith,
        Operator::EndsWith,
        Operator::Contains,
        Operator::DoesNotContain,
    ])
}

fn targeting() -> impl Strategy<Value = Targeting> {
    let rule = (text(), operator(), prop::collection::vec(text(), 0..3)).prop_map(
        |(name, operator, values)| AttributeRule {
            name,
            operator,
            values,
        },
    );
    let countries = prop::collection::vec(country(), 0..3);
    let devices = prop::collection::vec(prop::sample::select(Device::ALL.to_vec()), 0..3);
    (countries, devices, prop::collection::vec(rule, 0..3)).prop_map(
        |(countries, devices, attributes)| Targeting {
            countries,
            devices,
            attributes,
            condition: None,
        },
    )
}

fn share() -> impl Strategy<Value = u16> {
    prop_oneof![Just(0), Just(5_000), Just(10_000), any::<u16>()]
}

fn experiment() -> impl Strategy<Value = ExperimentRule> {
    let variant = (text(), share()).prop_map(|(key, weight_bp)| VariantRule {
        key,
        weight_bp,
        features: Map::new(),
        deployment: None,
    });
    let variants = prop_oneof![
        prop::collection::vec(variant, 0..4),
        Just(fixture(0, 1).experiments.remove(0).variants),
    ];
    let times = (any::<Option<i64>>(), any::<Option<i64>>(), any::<bool>());
    (text(), text(), share(), variants, targeting(), times).prop_map(
        |(id, seed, coverage_bp, variants, targeting, (start_ms, end_ms, paused))| ExperimentRule {
            id,
            seed,
            coverage_bp,
            variants,
            targeting,
            start_ms,
            end_ms,
            slices: Vec::new(),
            prerequisites: Vec::new(),
            paused,
        },
    )
}

fn flag() -> impl Strategy<Value = FlagRule> {
    let step = (
        targeting(),
        share(),
        text(),
        any::<(Option<i64>, Option<i64>)>(),
        prop::collection::vec((any::<i64>(), share()), 0..3),
    )
        .prop_map(
            |(targeting, coverage_bp, seed, (start_ms, end_ms), ramp)| FlagRuleStep {
                targeting,
                coverage_bp,
                ramp: ramp
                    .into_iter()
                    .map(|(from_ms, coverage_bp)| RampStep {
                        from_ms,
                        coverage_bp,
                    })
                    .collect(),
                seed,
                value: Value::Bool(true),
                start_ms,
                end_ms,
                prerequisites: Vec::new(),
                slices: Vec::new(),
            },
        );
    (text(), prop::collection::vec(step, 0..3)).prop_map(|(key, rules)| FlagRule {
        is_off: false,
        key,
        value: Value::Null,
        rules,
        prerequisites: Vec::new(),
    })
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let experiments = prop::collection::vec(experiment(), 0..3);
    let flags = prop::collection::vec(flag(), 0..3);
    (any::<u64>(), text(), any::<i64>(), experiments, flags).prop_map(
        |(version, environment, created_ms, experiments, flags)| Snapshot {
            version,
            environment,
            created_ms,
            experiments,
            flags,
            sdk_keys: Vec::new(),
            qa_links: Vec::new(),
            saved_groups: BTreeMap::new(),
            sampling_seed: None,
        },
    )
}

fn ask(engine: &Engine, unit: &str, pairs: &[(String, String)], now_ms: i64) -> usize {
    let attributes: Vec<_> = pairs
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let country = CountryCode::new("AA").ok();
    let device = Device::Mobile;
    let context = Context {
        unit,
        country,
        device,
        attributes: &attributes,
        now_ms,
    };
    let mut decisions = Decisions::default();
    engine.decide(&context, &mut decisions);
    let named = engine.flag(unit, &context).is_some();
    engine.decided(&decisions).count()
        + engine.decide_all_flags(&context).count()
        + usize::from(named)
}

proptest! {
    #[test]
    fn arbitrary_snapshots_and_contexts(
        snapshot in snapshot(), unit in text(), now_ms in any::<i64>(),
        pairs in prop::collection::vec((text(), text()), 0..400),
    ) {
        match Engine::compile(&snapshot) {
            Ok(engine) => { ask(&engine, &unit, &pairs, now_ms); }
            Err(error) => prop_assert!(!error.path.is_empty()),
        }
    }

    #[test]
    fn snapshots_survive_json(snapshot in snapshot()) {
        let text = serde_json::to_string(&snapshot).expect("it serialises");
        prop_assert_eq!(serde_json::from_str::<Snapshot>(&text).expect("it parses"), snapshot);
    }

    #[test]
    fn arbitrary_units_on_a_good_snapshot(unit in ".*", now_ms in any::<i64>()) {
        let engine = Engine::compile(&fixture(5, 12)).expect("the fixture compiles");
        prop_assert!(ask(&engine, &unit, &[("plan".into(), unit.clone())], now_ms) >= 5);
    }

    #[test]
    fn mutated_snapshots(numbers in prop::collection::vec(any::<u64>(), 1..6), unit in ".*") {
        let text = mutated(&json!(fixture(6, 6)), &numbers);
        if let Ok(mut snapshot) = serde_json::from_slice::<Snapshot>(&text) {
            snapshot.lower_names();
            if let Ok(engine) = Engine::compile(&snapshot) {
                ask(&engine, &unit, &[("plan".to_owned(), "pro".to_owned())], 0);
            }
        }
    }

    #[test]
    fn mutated_rules_of_every_kind(numbers in prop::collection::vec(any::<u64>(), 1..6), unit in ".*") {
        let text = mutated(&every_kind(), &numbers);
        if let Ok(mut snapshot) = serde_json::from_slice::<Snapshot>(&text) {
            snapshot.lower_names();
            if let Ok(engine) = Engine::compile(&snapshot) {
                let pairs = [("age", "40"), ("plan", "pro"), ("app", "1.10.0"), ("browser", "IE")];
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
                ask(&engine, &unit, &pairs, 2);
                ask(&engine, "visitor-7-é😀", &pairs, 2);
            }
        }
    }

    #[test]
    fn mutated_envelopes(numbers in prop::collection::vec(any::<u64>(), 1..4)) {
        let key = SigningKey::from_bytes(&[1; 32]);
        let trusted = [TrustedKey::new("k", key.verifying_key())];
        let signed = sign(&key, "k", &fixture(1, 1)).expect("signed");
        let text = mutated(&json!(signed), &numbers);
        let _ = verify(&text, &trusted, Limits::for_environment("development"));
    }

    #[test]
    fn arbitrary_envelopes(bytes in prop::collection::vec(any::<u8>(), 0..200), id in text()) {
        prop_assert!(verify(&bytes, &[], Limits::for_environment("production")).is_err());
        let text = serde_json::json!({ "payload": id, "key_id": id, "signature": id }).to_string();
        prop_assert!(verify(text.as_bytes(), &[], Limits::for_environment("x")).is_err());
        prop_assert!(TrustedKey::from_base64url("k", &id).is_err());
    }
}
