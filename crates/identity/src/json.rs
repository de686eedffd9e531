//! JSON for signed documents: an object in which no name occurs twice, at any
//! depth. `serde_json` alone keeps the last of two equal names; a gateway in
//! front of us may have read the first.

use std::fmt;

use serde::Deserialize;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Times from 2000 to 2100: outside, a date is a mistake or an attack (CVE-2026-25537
/// and its kin live from dates nobody could mean).
const EARLIEST_S: i64 = 946_684_800;
const LATEST_S: i64 = 4_102_444_800;

/// Parses one JSON object and nothing around it but white space.
pub(crate) fn parse_object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(Value::Object(map))) => Some(map),
        _ => None,
    }
}

/// A member that must be a string if it is there.
///
/// # Errors
/// `Err(())` if it is there and no string.
pub(crate) fn optional_str<'a>(
    map: &'a Map<String, Value>,
    name: &str,
) -> Result<Option<&'a str>, ()> {
    match map.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(()),
    }
}

/// RFC 7519 NumericDate in milliseconds. Only a JSON number counts: a string,
/// `null` or a list is an error, not an absent claim.
///
/// # Errors
/// `Err(())` if it is there and no sane number of seconds.
pub(crate) fn numeric_date_ms(map: &Map<String, Value>, name: &str) -> Result<Option<i64>, ()> {
    match map.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => number_to_ms(number).map(Some).ok_or(()),
        Some(_) => Err(()),
    }
}

fn number_to_ms(number: &Number) -> Option<i64> {
    if let Some(seconds) = number.as_i64() {
        return (EARLIEST_S..=LATEST_S)
            .contains(&seconds)
            .then(|| seconds * 1000);
    }
    let seconds = number.as_f64()?;
    // In this range f64 is exact to well under a millisecond and the cast can't overflow.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked against the range above"
    )]
    #[expect(clippy::cast_precision_loss, reason = "both bounds are exact in f64")]
    (seconds.is_finite() && seconds >= EARLIEST_S as f64 && seconds <= LATEST_S as f64)
        .then(|| (seconds * 1000.0).floor() as i64)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated names")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not finite"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let Strict(value) = access.next_value()?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("repeated name"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::{numeric_date_ms, parse_object};

    #[test]
    fn repeated_names_are_refused_at_any_depth_and_in_any_spelling() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[{"a":1,"a":2}]}"#,
            "[]",
            "null",
            "{} x",
            "{}{}",
            "",
            r#"{"a":NaN}"#,
            r#"{"a":1e400}"#,
            r#"{"a":"\ud800"}"#,
            "\u{feff}{}",
        ] {
            assert!(parse_object(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(parse_object(&[b'{', b'"', 0xff, b'"', b':', b'1', b'}']).is_none());
        let good = br#" { "a" : [1,-2,2.5,true,null,"x",{"b":{}}], "b":{"a":0} } "#;
        let plain: serde_json::Value = serde_json::from_slice(good).unwrap();
        assert_eq!(
            serde_json::Value::Object(parse_object(good).unwrap()),
            plain
        );
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(parse_object(deep.as_bytes()).is_none());
    }

    #[test]
    fn numeric_dates_are_numbers() {
        let date = |text: &str| {
            numeric_date_ms(
                &parse_object(format!("{{\"exp\":{text}}}").as_bytes()).unwrap(),
                "exp",
            )
        };
        assert_eq!(date("1700000000"), Ok(Some(1_700_000_000_000)));
        assert_eq!(date("1700000000.25"), Ok(Some(1_700_000_000_250)));
        assert_eq!(date("1.7e9"), Ok(Some(1_700_000_000_000)));
        for bad in [
            "\"1700000000\"",
            "null",
            "true",
            "[1700000000]",
            "{}",
            "0",
            "-1",
            "-0.0",
            "1e300",
            "-1e300",
            "18446744073709551615",
            "9223372036854775807",
            "4102444801",
            "1e-300",
            "\"NaN\"",
            "\"Infinity\"",
        ] {
            assert_eq!(date(bad), Err(()), "{bad}");
        }
    }
}
