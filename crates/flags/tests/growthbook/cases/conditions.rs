//! Conditions: whole, and pruned.

use nexus_flags::growthbook::{Audience, Pruned, prune_condition};
use serde_json::Value;

use super::object;

pub(super) fn whole(case: &Value) -> Vec<Value> {
    let groups = case.get(4).unwrap_or(&Value::Null);
    vec![Audience::new(&case[1], groups).contains(&case[2]).into()]
}

pub(super) fn pruned(case: &Value) -> Vec<Value> {
    let groups = case.get(4).unwrap_or(&Value::Null);
    vec![match prune_condition(&case[1], &object(&case[2]), groups) {
        Pruned::Decided(decided) => decided.into(),
        Pruned::Rest(rest) => rest,
    }]
}
