//! A GrowthBook payload and somebody who asks it: `{"payload": …, "user": …, "url": …}`.
//! Nothing panics, and a payload reduced by what is known says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexus_flags::growthbook::{
    Audience, Engine, Options, Pruned, ReduceOptions, decrypt, prune_condition, reduce_payload,
};
use serde_json::{Map, Value};

fuzz_target!(|text: &[u8]| {
    let Ok(Value::Object(asked)) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    let nothing = Value::Null;
    let part = |name: &str| asked.get(name).unwrap_or(&nothing);
    let (payload, user) = (part("payload"), part("user"));
    let options = Options {
        url: part("url").as_str().unwrap_or("https://a.example/shop?sale=1"),
        ..Options::default()
    };
    let known = user.as_object().cloned().unwrap_or_default();
    if let Some(condition) = asked.get("condition") {
        let groups = payload.get("savedGroups").unwrap_or(&nothing);
        let whole = Audience::new(condition, groups).contains(&known);
        if let Pruned::Decided(decided) = prune_condition(condition, &known, groups) {
            assert_eq!(decided, whole);
        }
    }
    if let (Some(a), Some(b)) = (part("encrypted").as_str(), part("key").as_str()) {
        let _ = decrypt(a, b);
    }
    let Ok(engine) = Engine::compile(payload) else {
        return;
    };
    let empty = Map::new();
    let features = payload.get("features").and_then(Value::as_object);
    let experiments = payload.get("experiments").and_then(Value::as_array);
    for key in features.unwrap_or(&empty).keys().take(4) {
        let _ = engine.feature(key, &known, &options).to_json();
    }
    for experiment in experiments.into_iter().flatten().take(4) {
        if let Some(key) = experiment.get("key").and_then(Value::as_str) {
            let _ = engine.experiment(key, &known, &options);
        }
    }
    let _ = engine.redirect(&known, &options);
    if let Some(whole) = payload.as_object() {
        let reduced = reduce_payload(whole, &known, &ReduceOptions::default());
        let reduced = Engine::compile(&reduced).expect("what compiled compiles reduced");
        for key in features.unwrap_or(&empty).keys().take(4) {
            let (before, after) = (
                engine.feature(key, &known, &options),
                reduced.feature(key, &known, &options),
            );
            assert_eq!(before.value, after.value, "{key}");
        }
    }
});
