//! Conditions: whole, and pruned.

use nexus_flags::growthbook::{Audience, Pruned, prune_condition};
use serde_json::Value;

use crate::suite::{object, same, section};

fn conditions(name: &str) {
    let mut wrong = Vec::new();
    for case in section(name) {
        let groups = case.get(4).unwrap_or(&Value::Null);
        let found = Audience::new(&case[1], groups).contains(&case[2]);
        if found != case[3].as_bool().expect("a verdict") {
            wrong.push(case.to_string());
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn whole() {
    conditions("evalCondition");
}

#[test]
fn of_saved_groups() {
    conditions("savedGroupReferencesV2/evalCondition");
    conditions("savedGroupReferencesRemote/evalCondition");
}

#[test]
fn pruned() {
    for case in section("pruneCondition") {
        let groups = case.get(4).unwrap_or(&Value::Null);
        let found = match prune_condition(&case[1], &object(&case[2]), groups) {
            Pruned::Decided(decided) => decided.into(),
            Pruned::Rest(rest) => rest,
        };
        assert!(same(&found, &case[3]), "{case}\nfound {found}");
    }
}
