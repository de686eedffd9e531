//! Where the cases are.

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::{Map, Value};

/// The whole suite, or nothing (said aloud) where it is not there.
pub(crate) fn suite(wanted_by: &str) -> Option<Value> {
    let default = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/suites");
    let suites = std::env::var_os("NEXUS_SUITES").map_or(default, PathBuf::from);
    let path = suites.join("growthbook/cases.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        // Not `println!`, which is hidden when a test passes.
        writeln!(
            std::io::stderr(),
            "skipped {wanted_by}: no {}",
            path.display()
        )
        .expect("it is open");
        return None;
    };
    Some(serde_json::from_str(&text).expect("the suite is JSON"))
}

/// The cases of a section, or of a part of one as `section/part`.
pub(crate) fn section(name: &str) -> Vec<Value> {
    let Some(suite) = suite(name) else {
        return Vec::new();
    };
    let cases = suite
        .pointer(&format!("/{name}"))
        .expect("the section is there");
    let cases = cases.as_array().expect("a list of cases").clone();
    assert!(!cases.is_empty(), "{name} has no cases");
    println!("{name}: {} cases", cases.len());
    cases
}

/// An object, or an empty one where there is nothing.
pub(crate) fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// Equal as JavaScript sees it: 1 and 1.0 are one number.
pub(crate) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, a)| b.get(k).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}

/// Every case is one that a test here runs.
#[test]
fn the_sections_are_those_we_know() {
    let Some(suite) = suite("the count of cases") else {
        return;
    };
    assert_eq!(suite["specVersion"], "0.12.0");
    let sections = suite.as_object().expect("an object").iter();
    let sections = sections.filter(|(name, _)| *name != "specVersion");
    let count = |section: &Value| match section {
        Value::Object(parts) => parts
            .values()
            .filter_map(Value::as_array)
            .map(Vec::len)
            .sum(),
        section => section.as_array().map_or(0, Vec::len),
    };
    let counts: Vec<_> = sections
        .map(|(name, section)| (name.as_str(), count(section)))
        .collect();
    let expected = [
        ("chooseVariation", 13),
        ("contextualBandit", 35),
        ("decrypt", 10),
        ("evalCondition", 583),
        ("feature", 61),
        ("getBucketRange", 13),
        ("getEqualWeights", 6),
        ("getQueryStringOverride", 16),
        ("hash", 27),
        ("inNamespace", 16),
        ("pruneCondition", 39),
        ("reducePayload", 29),
        ("run", 88),
        ("savedGroupReferencesRemote", 18),
        ("savedGroupReferencesV2", 64),
        ("stickyBucket", 13),
        ("urlRedirect", 4),
    ];
    assert_eq!(counts, expected);
    assert_eq!(counts.iter().map(|(_, count)| count).sum::<usize>(), 1_035);
}
