//! Time per request for a snapshot of 1,000 flags and 100 experiments.

#![expect(clippy::expect_used, reason = "a bench without its fixture is to stop")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use nexus_flags::fixtures::{countries, fixture};
use nexus_flags::growthbook::{self, Attribute, Options};
use nexus_flags::{Context, Decisions, Device, Engine};
use serde_json::json;

fn decide(criterion: &mut Criterion) {
    let engine = Engine::compile(&fixture(1_000, 100)).expect("the fixture compiles");
    let units: Vec<String> = (0..1_024).map(|n| format!("visitor-{n:06}")).collect();
    let attributes = [("plan", "pro"), ("browser", "firefox"), ("language", "ja")];
    let country = countries().first().copied();
    let mut next = 0;
    let mut context = || {
        next = (next + 1) % units.len();
        let unit = units[next].as_str();
        Context {
            unit,
            country,
            device: Device::Desktop,
            attributes: &attributes,
            now_ms: 0,
        }
    };

    let mut decisions = Decisions::with_capacity(100);
    criterion.bench_function("decide 100 experiments", |b| {
        b.iter(|| {
            engine.decide(black_box(&context()), &mut decisions);
            black_box(decisions.len())
        });
    });
    criterion.bench_function("decide one flag of 1000", |b| {
        b.iter(|| black_box(engine.flag("flag-500", &context()).is_some()));
    });
    criterion.bench_function("decide all 1000 flags", |b| {
        b.iter(|| {
            let context = context();
            engine
                .decide_all_flags(&context)
                .map(|flag| flag.reason_text.len())
                .sum::<usize>()
        });
    });
    let snapshot = fixture(1_000, 100);
    criterion.bench_function("compile 1000 flags, 100 experiments", |b| {
        b.iter(|| Engine::compile(black_box(&snapshot)).is_ok());
    });
}

/// Country in three of three attributes, then a draw half and half.
fn growthbook_feature(criterion: &mut Criterion) {
    let engine = growthbook::Engine::compile(&json!({ "features": { "checkout": {
        "defaultValue": "old",
        "rules": [{
            "condition": { "country": { "$in": ["US", "CA", "GB"] } },
            "key": "checkout-test", "hashVersion": 2,
            "variations": ["old", "new"], "weights": [0.5, 0.5],
        }],
    } } }))
    .expect("it compiles");
    let units: Vec<String> = (0..1_024).map(|n| format!("visitor-{n:06}")).collect();
    let options = Options::default();
    let mut next = 0;
    criterion.bench_function("growthbook: country in three, 50/50", |b| {
        b.iter(|| {
            next = (next + 1) % units.len();
            let attributes = [
                ("id", Attribute::Text(&units[next])),
                ("country", Attribute::Text("GB")),
                ("plan", Attribute::Text("pro")),
            ];
            let attributes = black_box(attributes);
            black_box(engine.feature("checkout", &attributes, &options).is_on())
        });
    });
}

criterion_group!(benches, decide, growthbook_feature);
criterion_main!(benches);
