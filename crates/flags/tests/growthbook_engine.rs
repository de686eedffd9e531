//! What GrowthBook's published cases leave open.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::{experiment, snapshot, unit};
use nexus_flags::growthbook::{
    Attribute, Audience, Engine, Options, PayloadError, Source, StickyDocument,
};
use nexus_flags::{Decisions, Engine as SnapshotEngine};
use serde_json::{Value, json};

fn engine(rule: Value) -> Engine {
    let features = json!({ "f": { "defaultValue": "default", "rules": [rule] } });
    Engine::compile(&json!({ "features": features })).expect("it compiles")
}

/// What JavaScript's `===`, `includes` and `test` say.
#[test]
fn conditions_compare_as_javascript_does() {
    let cases = [
        (json!({ "x": { "$eq": [1] } }), json!({ "x": [1] }), false),
        (
            json!({ "x": { "$ne": { "a": 1 } } }),
            json!({ "x": { "a": 1 } }),
            true,
        ),
        (json!({ "x": { "$in": [[1]] } }), json!({ "x": [1] }), false),
        (json!({ "x": { "$in": [null] } }), json!({}), true),
        (
            json!({ "x": [1.0, { "a": 2 }] }),
            json!({ "x": [1, { "a": 2.0 }] }),
            true,
        ),
        (json!({ "x": { "$regex": 1 } }), json!({ "x": "1" }), false),
        (
            json!({ "x": { "$ini": ["ÉCOLE"] } }),
            json!({ "x": "École" }),
            true,
        ),
        (json!({ "x": { "$exists": 1 } }), json!({ "x": 0 }), true),
        (
            json!({ "x": { "$type": "later" } }),
            json!({ "x": 0 }),
            false,
        ),
        (
            json!({ "x": { "$elemMatch": { "$eq": 0 } } }),
            json!({ "x": [null, 0] }),
            true,
        ),
        (
            json!({ "x.1.y": 2 }),
            json!({ "x": [{ "y": 1 }, { "y": 2 }] }),
            true,
        ),
        (
            json!({ "x": { "$gt": "\u{FFFD}" } }),
            json!({ "x": "😀" }),
            false,
        ),
        (json!({ "x": { "$veq": 1e21 } }), json!({ "x": 1e21 }), true),
        (json!({ "$or": 1 }), json!({}), false),
        (json!({ "$not": { "$or": 1 } }), json!({}), false),
        (json!(null), json!({}), false),
    ];
    for (condition, attributes, expected) in cases {
        let found = Audience::new(&condition, &Value::Null).contains(&attributes);
        assert_eq!(found, expected, "{condition} of {attributes}");
    }
}

/// An experiment of a snapshot and the same one of a payload treat everybody alike.
#[test]
fn both_engines_agree() {
    let ours = snapshot(vec![experiment("seed", 7_200, &[2_000, 3_000, 5_000])]);
    let ours = SnapshotEngine::compile(&ours).expect("it compiles");
    let theirs = engine(json!({
        "key": "exp", "seed": "seed", "hashVersion": 2, "variations": ["v0", "v1", "v2"],
        "coverage": 0.72, "weights": [0.2, 0.3, 0.5],
    }));
    let options = Options::default();
    let mut decisions = Decisions::default();
    for n in 0..5_000 {
        let id = format!("usér-{n}");
        ours.decide(&unit(&id), &mut decisions);
        let decided = ours.decided(&decisions).next().map(|d| d.variant_key());
        let attributes = [("id", Attribute::Text(&id))];
        let found = theirs.feature("f", &attributes, &options);
        assert_eq!(decided.unwrap_or("default"), found.value, "{id}");
    }
}

#[test]
fn what_the_caller_forces_comes_first() {
    let engine = engine(json!({ "key": "exp", "variations": ["a", "b"] }));
    let (nobody, forced) = (json!({}), json!("mine"));
    let options = Options {
        forced_features: &[("f", &forced)],
        ..Options::default()
    };
    let result = engine.feature("f", &nobody, &options);
    assert_eq!((result.value, result.source), (&forced, Source::Override));
    for (variation, expected) in [(1, "b"), (2, "default"), (-1, "default")] {
        let forced = [("exp", variation)];
        let options = Options {
            forced_variations: &forced,
            ..Options::default()
        };
        assert_eq!(
            engine.feature("f", &nobody, &options).value,
            expected,
            "{variation}"
        );
    }
}

/// Nothing that cannot be read includes everybody.
#[test]
fn what_cannot_be_read_includes_nobody() {
    for broken in [
        json!({ "force": 1, "coverage": "all" }),
        json!({ "force": 1, "range": "all" }),
        json!({ "force": 1, "coverage": 1, "hashVersion": "2" }),
        json!({ "force": 1, "filters": {} }),
        json!({ "force": 1, "parentConditions": "f2" }),
        json!({ "force": 1, "condition": ["US"] }),
        json!({ "variations": [1, 2], "coverage": null }),
        json!({ "variations": [1, 2], "ranges": "all" }),
        json!({ "variations": [1, 2], "namespace": "all" }),
        json!({ "variations": "all" }),
    ] {
        let attributes = [("id", Attribute::Text("1"))];
        let (engine, options) = (engine(broken.clone()), Options::default());
        let source = engine.feature("f", &attributes, &options).source;
        assert_eq!(source, Source::DefaultValue, "{broken}");
    }
    assert_eq!(
        Engine::compile(&json!([])).err(),
        Some(PayloadError::NotAnObject)
    );
}

#[test]
fn a_fallback_attribute_needs_sticky_buckets() {
    let rule = json!({ "key": "exp", "variations": ["a", "b"], "fallbackAttribute": "device" });
    let engine = engine(rule);
    let attributes = [("device", Attribute::Text("d1"))];
    let source = |sticky: Option<&[StickyDocument]>| {
        let options = Options {
            sticky,
            ..Options::default()
        };
        engine.feature("f", &attributes, &options).source
    };
    assert_eq!(source(None), Source::DefaultValue);
    assert_eq!(source(Some(&[])), Source::Experiment);
}

/// A blocked version is found by what is kept, not by counting up to it.
#[test]
fn any_older_bucket_version_blocks_at_once() {
    let engine = engine(json!({
        "key": "exp", "variations": ["a", "b"],
        "bucketVersion": 900_000_000_000_000_u64, "minBucketVersion": 900_000_000_000_000_u64,
    }));
    let attributes = [("id", Attribute::Text("1"))];
    for (kept, source) in [
        ("exp__7", Source::DefaultValue),
        ("exp__07", Source::Experiment),
        ("other__7", Source::Experiment),
    ] {
        let document = StickyDocument {
            attribute_name: "id".to_owned(),
            attribute_value: "1".to_owned(),
            assignments: [(kept.to_owned(), "0".to_owned())].into(),
        };
        let options = Options {
            sticky: Some(std::slice::from_ref(&document)),
            ..Options::default()
        };
        assert_eq!(
            engine.feature("f", &attributes, &options).source,
            source,
            "{kept}"
        );
    }
}
