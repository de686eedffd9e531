//! Targeting in GrowthBook's condition language.
//!
//! Only operators that SDKs have known for years are used. What an SDK may do with an
//! attribute that is missing differs (JavaScript's `$regex` reads it as the text `null`),
//! so nothing is left to it: texts are only searched where there is one.

use serde_json::{Value, json};

use crate::context::{CountryCode, Device};
use crate::snapshot::{AttributeRule, Operator, Targeting};

/// Most bytes of one regular expression, beyond a single value's; longer lists become
/// several, because SDKs bound what an expression may take.
const PATTERN_BYTES: usize = 1_024;

pub(super) enum Condition {
    Everybody,
    Nobody,
    Who(Value),
}

pub(super) fn condition(targeting: &Targeting) -> Condition {
    let mut parts = Vec::new();
    parts.extend(countries(&targeting.countries));
    parts.extend(devices(&targeting.devices));
    for rule in &targeting.attributes {
        match attribute(rule) {
            Condition::Everybody => {}
            Condition::Nobody => return Condition::Nobody,
            Condition::Who(part) => parts.push(part),
        }
    }
    parts.extend(targeting.condition.clone());
    match parts.len() {
        0 => Condition::Everybody,
        1 => parts.pop().map_or(Condition::Everybody, Condition::Who),
        _ => Condition::Who(json!({ "$and": parts })),
    }
}

fn countries(countries: &[CountryCode]) -> Option<Value> {
    (!countries.is_empty()).then(|| json!({ "country": { "$in": countries } }))
}

/// To us a device that is missing or unheard of is `other`.
fn devices(devices: &[Device]) -> Option<Value> {
    let (wanted, unwanted): (Vec<Device>, Vec<Device>) = Device::ALL
        .into_iter()
        .partition(|device| devices.contains(device));
    if wanted.is_empty() || unwanted.is_empty() {
        return None;
    }
    Some(match wanted.contains(&Device::Other) {
        true => json!({ "device": { "$nin": unwanted } }),
        false => json!({ "device": { "$in": wanted } }),
    })
}

fn attribute(rule: &AttributeRule) -> Condition {
    // Such a name would be an operator, so no SDK can have the attribute.
    if rule.name.starts_with('$') {
        return match rule.operator {
            Operator::IsNot | Operator::DoesNotContain => Condition::Everybody,
            _ => Condition::Nobody,
        };
    }
    let name = rule.name.as_str();
    Condition::Who(match rule.operator {
        Operator::Is => json!({ name: { "$in": scalars(&rule.values) } }),
        Operator::IsNot => json!({ name: { "$nin": scalars(&rule.values) } }),
        Operator::StartsWith => found(rule, |any| format!("^(?:{any})")),
        Operator::EndsWith => found(rule, |any| format!("(?:{any})$")),
        Operator::Contains => found(rule, |any| format!("(?:{any})")),
        Operator::DoesNotContain => json!({ "$not": found(rule, |any| format!("(?:{any})")) }),
    })
}

/// The texts, and the numbers and truth values that are written so: SDKs keep attributes
/// in types of their own and compare them strictly.
pub(super) fn scalars(texts: &[String]) -> Vec<Value> {
    let typed = texts.iter().filter_map(|text| scalar(text));
    let texts = texts.iter().map(|text| Value::from(text.as_str()));
    texts.chain(typed).collect()
}

fn scalar(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(true.into()),
        "false" => return Some(false.into()),
        _ => {}
    }
    let number: f64 = text.parse().ok()?;
    (number_text(number).as_deref() == Some(text)).then(|| match number.fract() == 0.0 {
        true => Value::from(number as i64),
        false => Value::from(number),
    })
}

/// A number as an attribute's text, the same as JavaScript's; `None` where that would be
/// written with an exponent.
fn number_text(number: f64) -> Option<String> {
    let plain = number == 0.0 || (1e-6..1e15).contains(&number.abs());
    // Zero has a sign in Rust only.
    plain.then(|| (number + 0.0).to_string())
}

/// The attribute is a text in which one of the values is found.
fn found(rule: &AttributeRule, pattern: impl Fn(&str) -> String) -> Value {
    let name = rule.name.as_str();
    let mut patterns = alternatives(&rule.values);
    if patterns.len() == 1 {
        let any = patterns.pop().unwrap_or_default();
        return json!({ name: { "$exists": true, "$regex": pattern(&any) } });
    }
    let any: Vec<Value> = patterns
        .iter()
        .map(|any| json!({ name: { "$regex": pattern(any) } }))
        .collect();
    json!({ "$and": [{ name: { "$exists": true } }, { "$or": any }] })
}

/// The values as alternatives of as few expressions as will do.
fn alternatives(values: &[String]) -> Vec<String> {
    let mut patterns: Vec<String> = Vec::new();
    for value in values {
        let escaped = escape(value);
        match patterns.last_mut() {
            Some(pattern) if pattern.len() + escaped.len() < PATTERN_BYTES => {
                pattern.push('|');
                pattern.push_str(&escaped);
            }
            _ => patterns.push(escaped),
        }
    }
    patterns
}

/// The text as an expression for itself, in every dialect that SDKs use.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if r"\^$.|?*+()[]{}".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
