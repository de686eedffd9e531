//! What an SDK asks about: OFREP's evaluation context.

use std::borrow::Cow;

use nexus_flags::growthbook::{Attribute, Attributes};
use nexus_flags::{Context, CountryCode, Device, Engine};
use serde_json::{Map, Value};

use super::exposure::Looks;
use crate::context::Circumstances;
use crate::identity::is_unit;
use crate::limits::{MAX_ATTRIBUTE_BYTES, MAX_CONTEXT_ATTRIBUTES, MAX_UNIT_BYTES};
use crate::samples::{MAX_ATTRIBUTES, Sampling, is_told};

/// The property by which a context names the unit.
const TARGETING_KEY: &str = "targetingKey";

/// Somebody to evaluate flags for.
#[derive(Debug)]
pub(super) struct Question {
    context: Map<String, Value>,
    country: Option<String>,
    device: Option<&'static str>,
}

/// Why there is no answer, in OFREP's words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) details: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, details: impl Into<String>) -> Self {
        Self {
            code,
            details: details.into(),
        }
    }
}

impl Question {
    /// Reads the body of a request. What a visitor's context leaves open is read off the
    /// request; a service asks for others, so of it only the context counts.
    pub(super) fn read(body: &[u8], visitor: Option<&Circumstances>) -> Result<Self, Fault> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| Fault::new("PARSE_ERROR", format!("not JSON: {error}")))?;
        let context = match body {
            Value::Object(mut body) => body.remove("context"),
            _ => None,
        };
        let Some(Value::Object(mut context)) = context else {
            let details = "the body is to be an object with an object `context`";
            return Err(Fault::new("INVALID_CONTEXT", details));
        };
        if context.len() > MAX_CONTEXT_ATTRIBUTES {
            let details = format!("a context has at most {MAX_CONTEXT_ATTRIBUTES} properties");
            return Err(Fault::new("INVALID_CONTEXT", details));
        }
        let unit = unit(context.remove(TARGETING_KEY))?;
        context.insert("id".to_owned(), unit.into());
        let country = visitor.and_then(|visitor| visitor.country);
        Ok(Self {
            context,
            country: country.map(|country| country.as_str().to_owned()),
            device: visitor.map(|visitor| visitor.device.as_str()),
        })
    }

    /// What the context says of country, device and browser.
    pub(super) fn looks(&self) -> Looks {
        let text = |name| self.context.get(name).and_then(Value::as_str);
        Looks::in_context(["country", "device", "browser"].map(text))
    }

    /// Offers whom it is about to the sample, with what gateways know of an attribute: texts,
    /// numbers, yes and no.
    pub(super) fn sample(&self, sampling: &Sampling, engine: &Engine, now_ms: i64) {
        if !sampling.chooses(engine, self.unit()) {
            return;
        }
        let told = |name| match self.attribute(name) {
            Some(Attribute::Text(text)) => Some(text),
            _ => None,
        };
        let values = self.context.iter().filter_map(|(name, value)| {
            let text = match value {
                // Applications write whole addresses; what may be secret is in the query.
                Value::String(text) if name == "path" => text.split(['?', '#']).next()?.into(),
                Value::String(text) => Cow::Borrowed(text.as_str()),
                Value::Number(_) | Value::Bool(_) => value.to_string().into(),
                _ => return None,
            };
            let fits = text.len() <= MAX_ATTRIBUTE_BYTES && is_told(engine, name);
            fits.then_some((name.as_str(), text))
        });
        let values: Vec<(&str, Cow<'_, str>)> = values.take(MAX_ATTRIBUTES).collect();
        let attributes: Vec<(&str, &str)> =
            values.iter().map(|(name, text)| (*name, &**text)).collect();
        let mut devices = Device::ALL.into_iter();
        let device = told("device");
        let context = Context {
            unit: self.unit(),
            country: told("country").and_then(|code| CountryCode::new(code).ok()),
            device: devices
                .find(|known| device == Some(known.as_str()))
                .unwrap_or(Device::Other),
            attributes: &attributes,
            now_ms,
        };
        sampling.consider(engine, &context);
    }

    pub(super) fn unit(&self) -> &str {
        let unit = self.context.get("id").and_then(Value::as_str);
        unit.unwrap_or_default()
    }
}

impl Attributes for Question {
    fn attribute(&self, name: &str) -> Option<Attribute<'_>> {
        let given = self.context.get(name).map(Attribute::from);
        given.or_else(|| match name {
            "country" => self.country.as_deref().map(Attribute::Text),
            "device" => self.device.map(Attribute::Text),
            _ => None,
        })
    }
}

fn unit(key: Option<Value>) -> Result<String, Fault> {
    match key {
        Some(Value::String(unit)) if is_unit(&unit) => Ok(unit),
        None | Some(Value::Null) => Err(missing()),
        Some(Value::String(unit)) if unit.is_empty() => Err(missing()),
        Some(_) => Err(Fault::new(
            "INVALID_CONTEXT",
            format!("targetingKey must be 1 to {MAX_UNIT_BYTES} visible ASCII characters"),
        )),
    }
}

fn missing() -> Fault {
    Fault::new("TARGETING_KEY_MISSING", "the context has no targetingKey")
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use serde_json::json;

    use super::*;

    fn code(body: &str) -> &'static str {
        Question::read(body.as_bytes(), None).map_or_else(|fault| fault.code, |_| "")
    }

    #[test]
    fn faults_have_their_codes() {
        let long = json!({ "context": { "targetingKey": "u".repeat(129) } }).to_string();
        let many: Map<String, Value> = (0..257).map(|n| (n.to_string(), n.into())).collect();
        let many = json!({ "context": many }).to_string();
        for (body, expected) in [
            ("{", "PARSE_ERROR"),
            ("\u{0}", "PARSE_ERROR"),
            ("[]", "INVALID_CONTEXT"),
            ("{}", "INVALID_CONTEXT"),
            (r#"{"context":[]}"#, "INVALID_CONTEXT"),
            (r#"{"context":{"targetingKey":5}}"#, "INVALID_CONTEXT"),
            (r#"{"context":{"targetingKey":"é"}}"#, "INVALID_CONTEXT"),
            (&long, "INVALID_CONTEXT"),
            (&many, "INVALID_CONTEXT"),
            (r#"{"context":{}}"#, "TARGETING_KEY_MISSING"),
            (
                r#"{"context":{"targetingKey":""}}"#,
                "TARGETING_KEY_MISSING",
            ),
            (r#"{"context":{"targetingKey":"u"}}"#, ""),
        ] {
            assert_eq!(code(body), expected, "{body}");
        }
        let deep = format!("{{\"context\":{}1", "[".repeat(10_000));
        assert_eq!(code(&deep), "PARSE_ERROR");
    }

    #[test]
    fn whom_it_is_about_is_sampled_with_what_rules_ask_for() {
        let aimed = json!({ "attributes": [
            { "name": "plan", "operator": "is", "values": ["pro"] },
            { "name": "seats", "operator": "is", "values": ["5"] },
            { "name": "tags", "operator": "is", "values": ["x"] },
        ] });
        let snapshot: nexus_flags::Snapshot = serde_json::from_value(json!({
            "version": 1, "environment": "e", "created_ms": 0, "experiments": [],
            "sampling_seed": "00000000000000000000000000000001",
            "flags": [{ "key": "f", "value": false, "rules": [
                { "targeting": aimed, "coverage_bp": 10_000, "seed": "s", "value": true },
            ] }],
        }))
        .unwrap();
        let engine = Engine::compile(&snapshot).unwrap();
        let sampling = Sampling::default();
        let body = json!({ "context": {
            "targetingKey": "ann", "country": "JP", "device": "tablet", "plan": "pro", "seats": 5,
            "tags": ["x"], "secret": "s", "path": "/cart?token=t#x",
        } });
        let question = Question::read(body.to_string().as_bytes(), None).unwrap();
        question.sample(&sampling, &engine, 1);
        let taken = sampling.take(60_000).unwrap();
        let [ann] = taken.visitors.as_slice() else {
            panic!("one visitor, not {:?}", taken.visitors);
        };
        let attributes = [("path", "/cart"), ("plan", "pro"), ("seats", "5")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(
            (ann.unit.as_str(), ann.country.as_deref()),
            ("ann", Some("JP"))
        );
        assert_eq!(ann.device, "tablet");
        assert_eq!(ann.attributes, attributes.into());
    }

    #[test]
    fn a_visitors_request_fills_gaps_and_no_more() {
        let visitor = Circumstances::of(&HeaderMap::new(), Some("jp"), 0);
        let asked = |context: Value, visitor| {
            let body = json!({ "context": context }).to_string();
            let question = Question::read(body.as_bytes(), visitor).unwrap();
            ["id", "country", "device"].map(|name| match question.attribute(name) {
                Some(Attribute::Text(text)) => text.to_owned(),
                _ => String::new(),
            })
        };
        let plain = json!({ "targetingKey": "u", "id": "other" });
        assert_eq!(asked(plain.clone(), Some(&visitor)), ["u", "JP", "other"]);
        assert_eq!(asked(plain, None), ["u", "", ""]);
        let told = json!({ "targetingKey": "u", "country": "DE", "device": "tablet" });
        assert_eq!(asked(told, Some(&visitor)), ["u", "DE", "tablet"]);
    }

    proptest::proptest! {
        #[test]
        fn garbage_never_panics(bytes: Vec<u8>) {
            let _ = Question::read(&bytes, None);
        }

        #[test]
        fn a_mutated_question_never_panics(numbers in proptest::collection::vec(proptest::prelude::any::<u64>(), 1..6)) {
            let body = json!({ "context": {
                "targetingKey": "u", "country": "JP", "device": "mobile", "plan": ["pro", 1, null],
            } });
            let text = nexus_flags::fixtures::mutated(&body, &numbers);
            if let Ok(question) = Question::read(&text, None) {
                for name in ["id", "country", "device", "plan"] {
                    let _ = question.attribute(name);
                }
            }
        }
    }
}
