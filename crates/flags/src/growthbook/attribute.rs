//! What a condition sees of a value: JSON as JavaScript reads it, borrowed.

use serde_json::{Map, Value};

/// A value of an attribute. Copied freely, because it borrows everything large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Attribute<'a> {
    /// JSON's null; an attribute that is missing counts as null too.
    Null,
    Bool(bool),
    /// All numbers are doubles, as in JavaScript.
    Number(f64),
    Text(&'a str),
    List(&'a [Value]),
    Map(&'a Map<String, Value>),
}

impl<'a> Attribute<'a> {
    /// A field of an object, an element of a list by its index, or a list's `length`.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        match self {
            Self::Map(fields) => fields.get(name).map(Self::from),
            Self::List(items) if name == "length" => Some(Self::Number(items.len() as f64)),
            Self::List(items) => items.get(index(name)?).map(Self::from),
            _ => None,
        }
    }

    /// The value as JSON writes it; nothing for null.
    pub(crate) fn to_json(self) -> Option<Value> {
        Some(match self {
            Self::Null => return None,
            Self::Bool(flag) => flag.into(),
            // A whole number is written without a point.
            Self::Number(number) => match number as i64 {
                whole if whole as f64 == number => whole.into(),
                _ => number.into(),
            },
            Self::Text(text) => text.into(),
            Self::List(items) => items.into(),
            Self::Map(fields) => Value::Object(fields.clone()),
        })
    }

    /// JavaScript's `===` between two values that came from different documents: lists and
    /// objects are never the same.
    pub(super) fn is(self, other: Attribute<'_>) -> bool {
        match (self, other) {
            (Self::Null, Attribute::Null) => true,
            (Self::Bool(a), Attribute::Bool(b)) => a == b,
            (Self::Number(a), Attribute::Number(b)) => a == b,
            (Self::Text(a), Attribute::Text(b)) => a == b,
            _ => false,
        }
    }

    /// Whether an experiment can tell units apart by it: a text that is not empty or a
    /// number that is not zero.
    pub(super) fn identifies(self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => number != 0.0 && !number.is_nan(),
            _ => false,
        }
    }
}

impl<'a> From<&'a Value> for Attribute<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => number.as_f64().map_or(Self::Null, Self::Number),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items),
            Value::Object(fields) => Self::Map(fields),
        }
    }
}

/// `text` as an index, if JavaScript would write that index so.
fn index(text: &str) -> Option<usize> {
    let canonical = text == "0" || !text.starts_with(['0', '+']);
    canonical.then(|| text.parse().ok()).flatten()
}

/// What is known about who or what is asked about. Implemented for JSON objects and for
/// slices of pairs; a server can implement it on its own request and copy nothing.
pub trait Attributes {
    /// The attribute of this name. Names are not paths: dots are resolved by the engine.
    fn attribute(&self, name: &str) -> Option<Attribute<'_>>;
}

impl Attributes for Map<String, Value> {
    fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        self.get(name).map(Attribute::from)
    }
}

/// Anything but an object has no attributes.
impl Attributes for Value {
    fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        self.as_object()?.attribute(name)
    }
}

/// The first of equal names counts.
impl Attributes for &[(&str, Attribute<'_>)] {
    #[inline]
    fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        let pair = self.iter().find(|(known, _)| *known == name)?;
        Some(pair.1)
    }
}

impl<const N: usize> Attributes for [(&str, Attribute<'_>); N] {
    #[inline]
    fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        let pair = self.iter().find(|(known, _)| *known == name)?;
        Some(pair.1)
    }
}

/// JavaScript's truth of a value.
pub(super) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64().is_some_and(|n| n != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// A field that is present and true in JavaScript's sense.
pub(super) fn truthy_field<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    object.get(name).filter(|value| truthy(value))
}

/// A text field that is present and not empty.
pub(super) fn text_field<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    truthy_field(object, name)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_texts_and_numbers_identify() {
        let identifying = [json!("a"), json!(1), json!(-0.5)];
        assert!(identifying.iter().all(|v| Attribute::from(v).identifies()));
        let others = [json!(""), json!(0), json!(true), json!(null), json!(["a"])];
        assert!(!others.iter().any(|v| Attribute::from(v).identifies()));
    }

    #[test]
    fn lists_have_indexes_and_a_length() {
        let list = json!(["a", "b"]);
        let list = Attribute::from(&list);
        assert_eq!(list.field("1"), Some(Attribute::Text("b")));
        assert_eq!(list.field("length"), Some(Attribute::Number(2.0)));
        for other in ["01", "+1", "-1", "2", "", "x"] {
            assert_eq!(list.field(other), None, "{other}");
        }
    }
}
