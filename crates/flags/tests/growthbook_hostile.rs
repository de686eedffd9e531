//! No payload and no attributes panic, hang or let anybody in by accident.

use nexus_flags::fixtures::mutated;
use nexus_flags::growthbook::{
    Audience, Engine, Options, Pruned, ReduceOptions, Source, StickyDocument, decrypt,
    prune_condition, query_override, reduce_payload,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Words that mean something somewhere, so that arbitrary JSON reaches deep.
fn word() -> impl Strategy<Value = String> {
    let known = vec![
        "$or",
        "$nor",
        "$and",
        "$not",
        "$savedGroup",
        "$in",
        "$nin",
        "$ini",
        "$all",
        "$alli",
        "$eq",
        "$ne",
        "$lt",
        "$gte",
        "$veq",
        "$vgt",
        "$exists",
        "$size",
        "$elemMatch",
        "$regex",
        "$type",
        "$inGroup",
        "$notInGroup",
        "$later",
        "id",
        "a",
        "a.b",
        "0",
        "type",
        "list",
        "condition",
        "remote",
        "values",
        "attributeKey",
        "force",
        "variations",
        "weights",
        "coverage",
        "range",
        "ranges",
        "meta",
        "key",
        "hashVersion",
        "hashAttribute",
        "seed",
        "filters",
        "namespace",
        "parentConditions",
        "gate",
        "rules",
        "defaultValue",
        "value",
        "contextualVariations",
        "contextualBanditRef",
        "contexts",
        "leafId",
        "banditVersion",
        "urlPatterns",
        "pattern",
        "include",
        "simple",
        "regex",
        "urlRedirect",
        "bucketVersion",
        "minBucketVersion",
        "fallbackAttribute",
        "metadata",
        "projects",
        "f",
        "g",
        "x",
    ];
    prop_oneof![9 => prop::sample::select(known).prop_map(str::to_owned), 1 => ".{0,8}"]
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (0..5_i64).prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 5, |inner| {
        let map = prop::collection::vec((word(), inner.clone()), 0..5);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            map.prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(word(), anything(), 0..5).prop_map(|map| map.into_iter().collect())
}

/// A payload with arbitrary things where features, groups and so on belong.
fn payload() -> impl Strategy<Value = Map<String, Value>> {
    let rules = prop::collection::vec(object().prop_map(Value::Object), 0..4);
    let group = prop_oneof![
        anything(),
        anything().prop_map(|c| json!({ "type": "condition", "condition": c })),
        anything().prop_map(|v| json!({ "type": "list", "attributeKey": "a", "values": [v] })),
    ];
    let parts = (
        rules,
        group,
        anything(),
        prop::collection::vec(anything(), 0..3),
        object(),
    );
    parts.prop_map(|(rules, group, bandit, experiments, extra)| {
        let mut payload = extra;
        let features =
            json!({ "f": { "defaultValue": 1, "rules": rules }, "x": { "rules": rules } });
        payload.insert("features".to_owned(), features);
        payload.insert("savedGroups".to_owned(), json!({ "g": group, "x": group }));
        payload.insert(
            "contextualBandits".to_owned(),
            json!({ "x": { "contexts": bandit } }),
        );
        payload.insert("experiments".to_owned(), Value::Array(experiments));
        payload
    })
}

/// Something of everything that a payload can say.
fn valid_payload() -> Value {
    let condition = json!({
        "country": { "$in": ["JP", "US"] }, "age": { "$gte": 3, "$lt": 1e3 },
        "$or": [{ "tags": { "$elemMatch": { "$eq": "a" } } }, { "v": { "$vgte": "1.2.0-rc.1" } }],
        "$not": { "id": { "$regex": "^(a+)+$" } }, "id": { "$inGroup": "staff" },
    });
    let variations = json!([{ "urlRedirect": "https://b.com/" }, "b"]);
    json!({
        "features": {
            "rules": { "defaultValue": { "a": [1] }, "rules": [
                { "id": "1", "condition": condition, "force": 1, "coverage": 0.5, "hashAttribute": "id", "seed": "s" },
                { "id": "2", "condition": { "$savedGroups": ["adults"] }, "range": [0.1, 0.9], "force": true },
                { "key": "e", "variations": [1, 2, 3], "weights": [0.2, 0.3, 0.5], "hashVersion": 2,
                  "namespace": ["n", 0, 0.5], "filters": [{ "seed": "f", "ranges": [[0, 1]], "hashVersion": 2 }],
                  "meta": [{ "key": "a", "name": "A" }, { "passthrough": true }], "ranges": [[0, 0.3], [0.3, 1]],
                  "bucketVersion": 1, "minBucketVersion": 0, "fallbackAttribute": "device" },
                { "contextualVariations": ["x", "y"], "contextualBanditRef": "bandit" },
            ] },
            "gated": { "defaultValue": 2, "rules": [{ "force": 3, "parentConditions": [
                { "id": "rules", "condition": { "value": { "$exists": true } }, "gate": true },
            ] }] },
        },
        "experiments": [{ "key": "sale", "status": "running", "variations": variations, "coverage": 1,
            "urlPatterns": [{ "type": "simple", "include": true, "pattern": "a.com/*?sale=1" },
                            { "type": "regex", "include": false, "pattern": "^/out" }],
            "persistQueryString": true, "condition": condition }],
        "savedGroups": {
            "staff": ["u", 1],
            "adults": { "type": "condition", "condition": { "age": { "$gt": 17 } } },
        },
        "contextualBandits": { "bandit": { "banditVersion": 3, "contexts": [
            { "leafId": 1, "condition": condition, "weights": [0.1, 0.9] },
        ] } },
    })
}

proptest! {
    #[test]
    fn conditions_never_panic(condition in anything(), groups in anything(), user in object()) {
        let whole = Audience::new(&condition, &groups).contains(&user);
        // What is decided with everything known, is decided rightly.
        if let Pruned::Decided(decided) = prune_condition(&condition, &user, &groups) {
            prop_assert!(decided == whole, "{condition} {groups} {user:?}");
        }
    }

    #[test]
    fn payloads_never_panic(payload in payload(), user in object(), url in ".{0,20}") {
        let documents = [StickyDocument::default()];
        let whole = Value::Object(payload.clone());
        let engine = Engine::compile(&whole).expect("it is an object");
        let owned = Engine::compile_owned(whole).expect("it is an object");
        for sticky in [None, Some(documents.as_slice())] {
            let options = Options { url: &url, sticky, ..Options::default() };
            for key in ["f", "x", "absent"] {
                let result = engine.feature(key, &user, &options);
                let json = result.to_json();
                prop_assert_eq!(&json["value"], result.value);
                prop_assert_eq!(owned.feature(key, &user, &options).to_json(), json);
            }
            let _ = engine.experiment("x", &user, &options);
            let _ = engine.redirect(&user, &options);
        }
        // A payload reduced by what is known says the same to whoever agrees.
        let options = Options::default();
        let reduced = reduce_payload(&payload, &user, &ReduceOptions::default());
        let reduced = Engine::compile(&reduced).expect("it is an object");
        let (before, after) =
            (engine.feature("f", &user, &options), reduced.feature("f", &user, &options));
        prop_assert_eq!(before.value, after.value);
        prop_assert_eq!(before.source, after.source);
    }

    #[test]
    fn mutated_payloads_never_panic(numbers in prop::collection::vec(any::<u64>(), 1..8)) {
        let text = mutated(&valid_payload(), &numbers);
        let payload = serde_json::from_slice(&text).map(Engine::compile_owned);
        if let Ok(Ok(engine)) = payload {
            let user = json!({ "id": "u", "country": "JP", "tags": ["a"], "age": 4, "v": "1.2.3" });
            let options = Options { url: "https://a.com/shop?sale=1", ..Options::default() };
            for key in ["rules", "gated"] {
                let _ = engine.feature(key, &user, &options).to_json();
            }
            let _ = engine.experiment("sale", &user, &options);
            let _ = engine.redirect(&user, &options);
        }
        if let Ok(payload) = serde_json::from_slice::<Map<String, Value>>(&text) {
            let known = Map::from_iter([("id".to_owned(), json!("u"))]);
            let _ = reduce_payload(&payload, &known, &ReduceOptions::default());
        }
    }

    #[test]
    fn texts_never_panic(a in ".{0,40}", b in ".{0,40}", n in any::<usize>()) {
        let _ = decrypt(&a, &b);
        let _ = query_override(&b, &a, n);
        let pattern = json!({ "a": { "$regex": a, "$veq": b } });
        let _ = Audience::new(&pattern, &Value::Null).contains(&json!({ "a": b }));
    }
}

#[test]
fn nesting_without_end_lets_nobody_in() {
    let deep = |levels: usize| (0..levels).fold(json!({}), |inner, _| json!({ "$and": [inner] }));
    let admits = |condition| Audience::new(&condition, &Value::Null).contains(&json!({}));
    assert!(admits(deep(30)));
    assert!(!admits(deep(100)));
    assert!(!admits(json!({ "$not": deep(100) })));
    let values = (0..100).fold(json!(1), |inner, _| json!({ "$not": inner }));
    assert!(!admits(json!({ "a": values })));
}

#[test]
fn groups_that_name_each_other_twice_take_no_time() {
    let twice = |n: usize| json!({ "$savedGroup": { "id": format!("g{n}") } });
    let group = |n: usize| {
        let both = json!({ "$and": [twice(n + 1), twice(n + 1)] });
        (
            format!("g{n}"),
            json!({ "type": "condition", "condition": both }),
        )
    };
    let mut groups: Map<String, Value> = (0..40).map(group).collect();
    groups.insert(
        "g40".to_owned(),
        json!({ "type": "condition", "condition": {} }),
    );
    let groups = Value::Object(groups);
    assert!(!Audience::new(&twice(0), &groups).contains(&json!({})));
    assert!(Audience::new(&twice(35), &groups).contains(&json!({})));
    let rest = prune_condition(&twice(0), &Map::new(), &groups);
    assert_eq!(rest, Pruned::Rest(twice(0)));
}

#[test]
fn prerequisites_that_name_each_other_twice_take_no_time() {
    let parent = |n: usize| json!({ "id": format!("f{n}"), "condition": { "value": true } });
    let feature = |n: usize| {
        let rule = json!({ "parentConditions": [parent(n + 1), parent(n + 1)], "force": true });
        (
            format!("f{n}"),
            json!({ "defaultValue": false, "rules": [rule] }),
        )
    };
    let mut features: Map<String, Value> = (0..40).map(feature).collect();
    features.insert("f40".to_owned(), json!({ "defaultValue": true }));
    let engine = Engine::compile(&json!({ "features": features })).expect("it compiles");
    let options = Options::default();
    let source = |key: &str| engine.feature(key, &Value::Null, &options).source;
    assert_eq!(source("f0"), Source::CyclicPrerequisite);
    assert_eq!(source("f35"), Source::Force);
}

#[test]
fn expressions_cannot_run_away() {
    let admits = |expression: &str, text: &str| {
        let condition = json!({ "a": { "$regex": expression } });
        Audience::new(&condition, &Value::Null).contains(&json!({ "a": text }))
    };
    assert!(!admits("^(a+)+$", &format!("{}b", "a".repeat(10_000))));
    assert!(!admits("(((a{1000}){1000}){1000})", "a"));
    let nested = format!("{}a{}", "(".repeat(1_000), ")".repeat(1_000));
    assert!(!admits(&nested, "a"));
    // What we cannot run is unknown, so its opposite lets nobody in either.
    let not = json!({ "a": { "$not": { "$regex": "(?=b)" } } });
    assert!(!Audience::new(&not, &Value::Null).contains(&json!({ "a": "c" })));
    let many: Vec<_> = (0..5_000)
        .map(|n| json!({ "a": { "$regex": n.to_string() } }))
        .collect();
    let rule = json!({ "condition": { "$or": many }, "force": 1 });
    let payload = json!({ "features": { "f": { "rules": [rule] } } });
    assert!(Engine::compile(&payload).is_err());
}

/// A Worker has a stack of one megabyte; the frames of a build without optimisation are
/// several times as large as its own.
#[test]
fn a_small_stack_is_enough() {
    let question = || {
        let deep = (0..60).fold(json!({ "a": 1 }), |inner, _| json!({ "$not": inner }));
        let group = |n: usize| {
            let next = json!({ "$savedGroup": { "id": format!("g{}", n + 1) } });
            let condition = json!({ "$and": [next, deep] });
            (
                format!("g{n}"),
                json!({ "type": "condition", "condition": condition }),
            )
        };
        let groups: Map<String, Value> = (0..100).map(group).collect();
        let feature = |n: usize| {
            let parent = json!({ "id": format!("f{}", n + 1), "condition": { "value": 1 } });
            let condition = json!({ "$savedGroup": { "id": "g0" } });
            let rule = json!({ "parentConditions": [parent], "condition": condition, "force": 1 });
            (
                format!("f{n}"),
                json!({ "defaultValue": 1, "rules": [rule] }),
            )
        };
        let features: Map<String, Value> = (0..100).map(feature).collect();
        let payload = json!({ "features": features, "savedGroups": groups });
        let engine = Engine::compile(&payload).expect("it compiles");
        let user = json!({ "a": 1 });
        let options = Options::default();
        let source = |key: &str| engine.feature(key, &user, &options).source;
        let payload = payload.as_object().expect("an object");
        let _ = reduce_payload(payload, &Map::new(), &ReduceOptions::default());
        (source("f0"), source("f60"))
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let found = thread
        .spawn(question)
        .expect("it starts")
        .join()
        .expect("it ends");
    assert_eq!(found, (Source::CyclicPrerequisite, Source::DefaultValue));
}

#[test]
fn goals_that_are_no_web_pages_do_no_harm() {
    for goal in [
        "data:x",
        "mailto:a@b",
        "//",
        "https://",
        "/only/a/path",
        "javascript:1",
        "?a",
    ] {
        let payload = json!({ "experiments": [{
            "key": "x", "persistQueryString": true, "variations": [{}, { "urlRedirect": goal }],
            "urlPatterns": [{ "type": "simple", "pattern": "*" }, { "type": "regex", "pattern": "." }],
            "weights": [0, 1],
        }] });
        let engine = Engine::compile(&payload).expect("it compiles");
        let user = json!({ "id": "1" });
        for url in [
            "https://a.com/?b=c",
            "data:?b=c",
            "a?b=c#d",
            "mailto:a?b=c",
            "\u{0}",
        ] {
            let options = Options {
                url,
                ..Options::default()
            };
            let _ = engine.redirect(&user, &options);
        }
    }
}
