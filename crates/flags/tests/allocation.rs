//! Deciding allocates nothing, once `Decisions` has its room.

use nexus_flags::fixtures::{countries, every_kind, fixture};
use nexus_flags::growthbook::{self, Attribute, Options, Source};
use nexus_flags::{Context, Decisions, Device, Engine, FlagReason, Snapshot};
use serde_json::json;

#[test]
fn the_hot_path_does_not_allocate() {
    let engine = Engine::compile(&fixture(1_000, 100)).expect("the fixture compiles");
    let units: Vec<String> = (0..500).map(|n| format!("visitor-{n}-é😀")).collect();
    let attributes = [("plan", "pro"), ("browser", "firefox"), ("plan", "free")];
    let countries = countries();
    let mut decisions = Decisions::with_capacity(engine.experiment_count());
    let (mut decided, mut flags) = (0, 0);

    let count = allocation_counter::measure(|| {
        for (n, unit) in units.iter().enumerate() {
            let context = Context {
                unit,
                country: countries.get(n % 7).copied(),
                device: Device::ALL[n % 5],
                attributes: &attributes,
                now_ms: 0,
            };
            engine.decide(&context, &mut decisions);
            decided += engine
                .decided(&decisions)
                .map(|d| d.reason().len())
                .sum::<usize>();
            flags += usize::from(engine.flag("flag-77", &context).is_some());
            flags += engine.decide_all_flags(&context).count();
        }
    });

    assert_eq!((count.count_total, count.bytes_total), (0, 0));
    assert!(decided > 0);
    assert_eq!(flags, 500 * 1_001);
}

/// Everything else that a rule may ask: values of other flags, set by experiments too, conditions
/// over attributes, long lists, slices of holdouts, ramps.
#[test]
fn rules_of_every_kind_do_not_allocate() {
    let snapshot: Snapshot = serde_json::from_value(every_kind()).expect("it is one");
    let engine = Engine::compile(&snapshot).expect("it compiles");
    let units: Vec<String> = (0..500).map(|n| format!("visitor-{n}-é😀")).collect();
    let mut decisions = Decisions::with_capacity(engine.experiment_count());
    let (mut exposed, mut on) = (0, [0; 6]);
    // A regular expression takes its scratch memory at its first use.
    let browser = [("browser", "firefox")];
    let first = Context {
        unit: "first",
        country: None,
        device: Device::Desktop,
        attributes: &browser,
        now_ms: 2,
    };
    assert_eq!(engine.decide_all_flags(&first).count(), 6);

    let count = allocation_counter::measure(|| {
        for (n, unit) in units.iter().enumerate() {
            let attributes = [
                ("age", ["17", "18", "70"][n % 3]),
                ("plan", ["pro", "free"][n % 2]),
                ("browser", "firefox"),
                ("app", "1.10.0"),
            ];
            let context = Context {
                unit,
                country: None,
                device: Device::Desktop,
                attributes: &attributes,
                now_ms: 2,
            };
            engine.decide(&context, &mut decisions);
            exposed += decisions.len();
            for (on, flag) in on.iter_mut().zip(engine.decide_all_flags(&context)) {
                *on += usize::from(matches!(flag.reason, FlagReason::Rule { .. }));
            }
        }
    });

    assert_eq!((count.count_total, count.bytes_total), (0, 0));
    assert!((300..500).contains(&exposed), "{exposed}");
    let [chain_1, chain_2, condition, layout, listed, ramp] = on;
    assert_eq!((layout, listed, chain_1), (0, 500, chain_2));
    for some in [chain_1, condition, ramp] {
        assert!((100..500).contains(&some), "{on:?}");
    }
}

/// The counter itself works, or the test above would prove nothing.
#[test]
fn the_counter_counts() {
    let count = allocation_counter::measure(|| drop(std::hint::black_box(Box::new(7))));
    assert_eq!(count.count_total, 1);
}

/// Targeting by `$in`, equality and a saved list, then a forced value, a rollout or a draw.
#[test]
fn a_growthbook_feature_does_not_allocate() {
    let engine = growthbook::Engine::compile(&json!({
        "savedGroups": { "staff": { "type": "list", "attributeKey": "id", "values": ["boss"] } },
        "features": { "checkout": { "defaultValue": "old", "rules": [
            { "condition": { "$savedGroup": { "id": "staff" } }, "force": "next" },
            { "condition": { "plan": "pro", "age": { "$gte": 18 } }, "coverage": 0.3, "force": "pro" },
            {
                "condition": { "country": { "$in": ["US", "CA", "GB"] } },
                "key": "checkout-test", "hashVersion": 2, "variations": ["old", "new"],
            },
        ] } },
    }))
    .expect("it compiles");
    let units: Vec<String> = (0..500).map(|n| format!("visitor-{n}-é😀")).collect();
    let options = Options::default();
    let mut drawn = 0;

    let count = allocation_counter::measure(|| {
        for (n, unit) in units.iter().enumerate() {
            let attributes = [
                ("country", Attribute::Text(["US", "CA", "JP"][n % 3])),
                ("plan", Attribute::Text(["pro", "free"][n % 2])),
                ("age", Attribute::Number(n as f64)),
                ("id", Attribute::Text(unit)),
            ];
            let result = engine.feature("checkout", &attributes, &options);
            drawn += usize::from(result.source == Source::Experiment);
        }
        let by_number = [
            ("country", Attribute::Text("GB")),
            ("id", Attribute::Number(1.5e-9)),
        ];
        let result = engine.feature("checkout", &by_number, &options);
        assert_eq!(result.source, Source::Experiment);
    });

    assert_eq!((count.count_total, count.bytes_total), (0, 0));
    assert!(drawn > 100, "{drawn}");
}
