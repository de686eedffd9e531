//! Hashing, ranges and who is where.

use nexus_flags::bucketing::{BucketRange, bucket_ranges, choose_variation, equal_weights, hash};
use nexus_flags::growthbook::{Namespace, query_override};
use serde_json::{Value, json};

use super::{count, number, numbers, text};

pub(super) fn hashed(case: &Value) -> Vec<Value> {
    let version = u32::try_from(count(&case[2])).expect("small");
    vec![json!(hash(text(&case[0]), text(&case[1]), version))]
}

pub(super) fn ranges(case: &Value) -> Vec<Value> {
    let input = &case[1];
    let weights = input[2].as_array().map(|_| numbers(&input[2]));
    let ranges = bucket_ranges(count(&input[0]), number(&input[1]), weights.as_deref());
    let ranges = ranges.iter().map(|range| json!([range.start, range.end]));
    vec![ranges.collect()]
}

pub(super) fn choice(case: &Value) -> Vec<Value> {
    let range = |range: &Value| BucketRange {
        start: number(&range[0]),
        end: number(&range[1]),
    };
    let ranges = case[2].as_array().expect("ranges").iter();
    let ranges: Vec<_> = ranges.map(range).collect();
    let chosen = choose_variation(number(&case[1]), &ranges);
    vec![chosen.map_or_else(|| json!(-1), |index| json!(index))]
}

/// The engine counts with unsigned numbers: the case of -1 variations is that of none.
pub(super) fn weights(case: &Value) -> Vec<Value> {
    vec![json!(equal_weights(count(&case[0])))]
}

pub(super) fn namespace(case: &Value) -> Vec<Value> {
    let namespace = &case[2];
    let (start, end) = (number(&namespace[1]), number(&namespace[2]));
    let namespace = Namespace::new(text(&namespace[0]), start, end);
    vec![json!(namespace.contains(text(&case[1])))]
}

pub(super) fn query(case: &Value) -> Vec<Value> {
    let found = query_override(text(&case[1]), text(&case[2]), count(&case[3]));
    vec![json!(found)]
}
