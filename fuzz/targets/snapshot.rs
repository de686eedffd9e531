//! A snapshot and somebody who comes: `{"snapshot": …, "unit": …, "now_ms": …, "attributes": {…}}`.
//! It is refused or decided, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nexus_flags::{Context, CountryCode, Decisions, Device, Engine, Snapshot};
use serde_json::Value;

fuzz_target!(|text: &[u8]| {
    let Ok(mut asked) = serde_json::from_slice::<Value>(text) else {
        return;
    };
    let Some(snapshot) = asked.get_mut("snapshot").map(Value::take) else {
        return;
    };
    let Ok(mut snapshot) = serde_json::from_value::<Snapshot>(snapshot) else {
        return;
    };
    snapshot.lower_names();
    let engine = match Engine::compile(&snapshot) {
        Ok(engine) => engine,
        Err(error) => return assert!(!error.path.is_empty()),
    };
    let of = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or("u");
    let pairs = asked.get("attributes").and_then(Value::as_object);
    let pairs = pairs.into_iter().flatten();
    let attributes: Vec<(&str, &str)> = pairs
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let context = Context {
        unit: of("unit"),
        country: CountryCode::new(of("country")).ok(),
        device: Device::Mobile,
        attributes: &attributes,
        now_ms: asked.get("now_ms").and_then(Value::as_i64).unwrap_or(0),
    };
    let mut decisions = Decisions::default();
    engine.decide(&context, &mut decisions);
    let _ = engine.decided(&decisions).count();
    let _ = engine.decide_all_flags(&context).count();
    for flag in &snapshot.flags {
        let _ = engine.flag(&flag.key, &context);
    }
});
