//! SHA-256 digests of canonical JSON, shown as lower-case hex.
//!
//! Canonical: keys sorted at every depth, no white space, numbers and text as
//! `serde_json` writes them. Two equal values give one digest. The sorting is
//! done here and not left to `serde_json`'s map, whose order depends on a cargo
//! feature that any dependency could switch on.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Digest of a value's canonical JSON, 64 hex digits.
///
/// # Errors
/// When the value can't be written as JSON (a map with non-text keys).
pub fn of<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    Ok(of_bytes(canonical(value)?.as_bytes()))
}

/// As [`of`], with members under the names (`now`, `then`) that they had when the first digests
/// were taken: a change of words changes no digest.
///
/// # Errors
/// As [`of`].
pub fn under_first_names<T: Serialize>(
    value: &T,
    names: &[(&str, &str)],
) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    if let Some(members) = value.as_object_mut() {
        for (now, then) in names {
            if let Some(member) = members.remove(*now) {
                members.insert((*then).to_owned(), member);
            }
        }
    }
    of(&value)
}

#[must_use]
pub fn of_bytes(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Canonical JSON text: keys sorted at every depth.
///
/// # Errors
/// As [`of`].
pub fn canonical<T: Serialize>(value: &T) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    write(&serde_json::to_value(value)?, &mut text)?;
    Ok(text)
}

fn write(value: &Value, out: &mut String) -> Result<(), serde_json::Error> {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<&String, &Value> = map.iter().collect();
            out.push('{');
            for (i, (key, value)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(key)?);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        plain => out.push_str(&serde_json::to_string(plain)?),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let a: serde_json::Value = serde_json::json!({"b": 1, "a": {"d": 1, "c": 2}});
        let b: serde_json::Value = serde_json::json!({"a": {"c": 2, "d": 1}, "b": 1});
        assert_eq!(of(&a).unwrap(), of(&b).unwrap());
        assert_eq!(canonical(&a).unwrap(), r#"{"a":{"c":2,"d":1},"b":1}"#);
    }
}
