//! JSON Schema (draft 2020-12) of the values of a flag.
//!
//! Source: JSON Schema Core and Validation, 2020-12. References stay within the schema
//! (`#/$defs/…`): nothing is fetched. `format` and what only describes are accepted and not
//! checked. A keyword that is not known is refused, because a check that silently does not
//! happen is none. Patterns run in linear time, and every check has a budget of steps.

mod check;
mod fault;
#[cfg(test)]
mod tests;
mod validate;

use serde_json::Value;

pub(crate) use check::schema_fault;
pub use fault::{KeywordFault, SchemaFault};
pub(crate) use validate::value_faults;

/// Most bytes of a schema.
pub(crate) const MAX_SCHEMA_BYTES: usize = 16 * 1024;
/// Deepest nesting of a schema.
pub(crate) const MAX_SCHEMA_DEPTH: u8 = 32;
/// Most bytes one compiled pattern may take.
const PATTERN_BYTES: usize = 64 * 1024;

fn pattern(expression: &str) -> Option<regex_lite::Regex> {
    let mut builder = regex_lite::RegexBuilder::new(expression);
    builder
        .size_limit(PATTERN_BYTES)
        .nest_limit(50)
        .build()
        .ok()
}

/// What a local reference names.
fn referred<'s>(root: &'s Value, reference: &str) -> Option<&'s Value> {
    root.pointer(reference.strip_prefix('#')?)
}

fn is_type(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|n| n.fract() == 0.0),
        _ => false,
    }
}
