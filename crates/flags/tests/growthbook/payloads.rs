//! Payloads: decrypted and reduced.

use nexus_flags::growthbook::{ReduceOptions, decrypt, reduce_payload};
use serde_json::Value;

use crate::suite::{object, same, section};

#[test]
fn decrypted() {
    for case in section("decrypt") {
        let text = |index: usize| case[index].as_str().expect("a text");
        let found = decrypt(text(1), text(2)).ok();
        assert_eq!(found.as_deref(), case[3].as_str(), "{case}");
    }
}

#[test]
fn reduced() {
    let mut wrong = Vec::new();
    for case in section("reducePayload") {
        let input = &case[1];
        let mut known = object(&input["globalAttributes"]);
        known.append(&mut object(&input["attributes"]));
        let options: ReduceOptions =
            serde_json::from_value(Value::Object(object(input))).expect("options");
        let found = reduce_payload(&object(&input["payload"]), &known, &options);
        if !same(&found, &case[2]) {
            wrong.push(format!("{case}\nfound {found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
