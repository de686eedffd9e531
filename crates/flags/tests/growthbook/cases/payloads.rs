//! Payloads: decrypted and reduced.

use nexus_flags::growthbook::{ReduceOptions, decrypt, reduce_payload};
use serde_json::{Value, json};

use super::{object, text};

pub(super) fn decrypted(case: &Value) -> Vec<Value> {
    vec![json!(decrypt(text(&case[1]), text(&case[2])).ok())]
}

pub(super) fn reduced(case: &Value) -> Vec<Value> {
    let input = &case[1];
    let mut known = object(&input["globalAttributes"]);
    known.append(&mut object(&input["attributes"]));
    let options: ReduceOptions =
        serde_json::from_value(Value::Object(object(input))).expect("options");
    vec![reduce_payload(&object(&input["payload"]), &known, &options)]
}
