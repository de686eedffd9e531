//! Whether a schema means something.

use serde_json::{Map, Value};

use super::{KeywordFault, MAX_SCHEMA_DEPTH, pattern, referred};
use crate::json::is_deeper;

/// Where a schema cannot be understood, as `schema.properties.size.minimum`, and why.
pub(crate) fn schema_fault(schema: &Value) -> Option<(String, KeywordFault)> {
    if is_deeper(schema, MAX_SCHEMA_DEPTH) {
        return Some(("schema".to_owned(), KeywordFault::TooDeep));
    }
    Check { root: schema }.schema("schema", schema).err()
}

struct Check<'s> {
    root: &'s Value,
}

type Checked = Result<(), (String, KeywordFault)>;

impl Check<'_> {
    fn schema(&self, at: &str, schema: &Value) -> Checked {
        match schema {
            Value::Bool(_) => Ok(()),
            Value::Object(keywords) => keywords.iter().try_for_each(|(name, operand)| {
                self.keyword(&format!("{at}.{name}"), name, operand)
            }),
            _ => Err((at.to_owned(), KeywordFault::NotASchema)),
        }
    }

    fn keyword(&self, at: &str, name: &str, operand: &Value) -> Checked {
        let is_count = operand.as_u64().is_some();
        let holds = |right: bool| is_right(at, right, KeywordFault::BadValue);
        match name {
            "title" | "description" | "$comment" | "format" | "$schema" => {
                holds(operand.is_string())
            }
            "default" | "examples" | "deprecated" | "readOnly" | "writeOnly" | "const" => Ok(()),
            "type" => is_right(at, is_type_names(operand), KeywordFault::NotAType),
            "enum" => holds(operand.is_array()),
            "$ref" => self.reference(at, operand),
            "$defs" | "definitions" | "properties" => self.each(at, operand),
            "patternProperties" => {
                let names = operand.as_object().map(Map::keys);
                let mut names = names.into_iter().flatten();
                holds(names.all(|name| pattern(name).is_some()))?;
                self.each(at, operand)
            }
            "additionalProperties"
            | "propertyNames"
            | "items"
            | "contains"
            | "not"
            | "if"
            | "then"
            | "else" => self.schema(at, operand),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => self.list(at, operand),
            "required" => holds(is_texts(operand)),
            "dependentRequired" => {
                let lists = operand.as_object();
                holds(lists.is_some_and(|lists| lists.values().all(is_texts)))
            }
            "minProperties" | "maxProperties" | "minItems" | "maxItems" | "minLength"
            | "maxLength" | "minContains" | "maxContains" => holds(is_count),
            "uniqueItems" => holds(operand.is_boolean()),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                holds(operand.is_number())
            }
            "multipleOf" => holds(operand.as_f64().is_some_and(|step| step > 0.0)),
            "pattern" => holds(operand.as_str().is_some_and(|text| pattern(text).is_some())),
            _ => Err((at.to_owned(), KeywordFault::Unknown)),
        }
    }

    fn reference(&self, at: &str, operand: &Value) -> Checked {
        let Some(reference) = operand.as_str() else {
            return bad_value(at);
        };
        is_right(at, reference.starts_with('#'), KeywordFault::Remote)?;
        let found = referred(self.root, reference);
        let is_schema = found.is_some_and(|found| found.is_object() || found.is_boolean());
        is_right(at, is_schema, KeywordFault::NothingThere)
    }

    fn each(&self, at: &str, operand: &Value) -> Checked {
        let Some(fields) = operand.as_object() else {
            return bad_value(at);
        };
        let mut fields = fields.iter();
        fields.try_for_each(|(name, schema)| self.schema(&format!("{at}.{name}"), schema))
    }

    fn list(&self, at: &str, operand: &Value) -> Checked {
        let Some(items) = operand.as_array().filter(|items| !items.is_empty()) else {
            return bad_value(at);
        };
        let mut items = items.iter().enumerate();
        items.try_for_each(|(i, schema)| self.schema(&format!("{at}[{i}]"), schema))
    }
}

fn is_right(at: &str, right: bool, fault: KeywordFault) -> Checked {
    match right {
        true => Ok(()),
        false => Err((at.to_owned(), fault)),
    }
}

fn bad_value(at: &str) -> Checked {
    is_right(at, false, KeywordFault::BadValue)
}

fn is_texts(value: &Value) -> bool {
    let items = value.as_array();
    items.is_some_and(|items| items.iter().all(Value::is_string))
}

fn is_type_names(value: &Value) -> bool {
    const NAMES: [&str; 7] = [
        "null", "boolean", "object", "array", "string", "number", "integer",
    ];
    let is_name = |value: &Value| value.as_str().is_some_and(|name| NAMES.contains(&name));
    match value {
        Value::Array(names) => !names.is_empty() && names.iter().all(is_name),
        name => is_name(name),
    }
}
