//! What is typed into the form, read and written.

use nexus_domain::flag::FlagKind;
use nexus_domain::{Field, Problem};
use serde_json::Value;

use crate::half_width::half_width;
use crate::pages::typed::Reader;
use crate::zone::Zone;

/// A value as it is edited.
pub(super) fn shown(kind: FlagKind, value: &Value) -> String {
    match (kind, value) {
        (FlagKind::String, Value::String(text)) => text.clone(),
        (FlagKind::Json, value) => serde_json::to_string_pretty(value).unwrap_or_default(),
        (_, value) => value.to_string(),
    }
}

/// The value typed, and whether it could be read.
pub(super) fn value_of(
    read: &mut Reader,
    kind: FlagKind,
    field: Field,
    typed: &str,
) -> (Value, bool) {
    let (value, problem) = match kind {
        FlagKind::String => (Some(Value::from(typed)), Problem::Required),
        FlagKind::Boolean => {
            let kind = kind.as_str().to_owned();
            (
                typed.parse::<bool>().ok().map(Value::from),
                Problem::NotOfKind { kind },
            )
        }
        FlagKind::Number if typed.trim().is_empty() => (None, Problem::Required),
        FlagKind::Number => {
            let number = serde_json::from_str::<serde_json::Number>(&half_width(typed)).ok();
            let kind = kind.as_str().to_owned();
            (number.map(Value::Number), Problem::NotOfKind { kind })
        }
        FlagKind::Json => match serde_json::from_str::<Value>(typed) {
            Ok(value) => (Some(value), Problem::Required),
            Err(_) if typed.trim().is_empty() => (None, Problem::Required),
            Err(error) => {
                let detail = format!("{}:{}", error.line(), error.column());
                (None, Problem::NotJson { detail })
            }
        },
    };
    match value {
        Some(value) => (value, true),
        None => {
            read.note(field, problem);
            // A stand-in of the kind.
            let stand_in = match kind {
                FlagKind::Boolean => Value::Bool(false),
                FlagKind::Number => Value::from(0),
                FlagKind::String | FlagKind::Json => Value::from(""),
            };
            (stand_in, false)
        }
    }
}

/// A JSON document that may be missing.
pub(super) fn json_of(read: &mut Reader, field: Field, typed: &str) -> Option<Value> {
    if typed.trim().is_empty() {
        return None;
    }
    match serde_json::from_str(typed) {
        Ok(value) => Some(value),
        Err(error) => {
            let detail = format!("{}:{}", error.line(), error.column());
            read.note(field, Problem::NotJson { detail });
            None
        }
    }
}

/// The day of a moment in UTC, as dates are typed.
#[must_use]
pub(crate) fn day(ms: i64) -> String {
    Zone::UTC
        .local(ms)
        .split('T')
        .next()
        .unwrap_or_default()
        .to_owned()
}
