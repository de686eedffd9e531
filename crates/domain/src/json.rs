//! Limits of JSON that people type.

use serde_json::Value;

/// Whether arrays and objects lie within each other more than `max` times.
pub(crate) fn is_deeper(value: &Value, max: u8) -> bool {
    let inner: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => return false,
    };
    max.checked_sub(1)
        .is_none_or(|max| inner.into_iter().any(|v| is_deeper(v, max)))
}
