use nexus_flags::fixtures::mutated;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn breaks(schema: &Value, value: Value) -> Option<(String, String)> {
    assert_eq!(schema_fault(schema), None, "{schema}");
    value_fault(schema, &value).map(|fault| (fault.at, fault.rule))
}

#[test]
fn each_keyword_is_checked_where_it_stands() {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "size": { "type": "integer", "minimum": 1, "maximum": 5 },
            "colors": { "type": "array", "items": { "$ref": "#/$defs/color" }, "uniqueItems": true },
            "mode": { "enum": ["a", "b", null] },
        },
        "required": ["size"],
        "additionalProperties": false,
        "$defs": { "color": { "type": "string", "pattern": "^#[0-9a-f]{6}$" } },
    });
    let told = |at: &str, rule: &str| Some((at.to_owned(), rule.to_owned()));
    for (value, expected) in [
        (
            json!({ "size": 2.0, "colors": ["#00ff00"], "mode": null }),
            None,
        ),
        (json!([]), told("value", r#"type: "object""#)),
        (json!({}), told("value", r#"required: ["size"]"#)),
        (json!({ "size": 9 }), told("value.size", "maximum: 5")),
        (
            json!({ "size": 1.5 }),
            told("value.size", r#"type: "integer""#),
        ),
        (
            json!({ "size": 1, "colors": ["#00ff00", "red"] }),
            told("value.colors[1]", r##"pattern: "^#[0-9a-f]{6}$""##),
        ),
        (
            json!({ "size": 1, "colors": ["#00ff00", "#00ff00"] }),
            told("value.colors", "uniqueItems: true"),
        ),
        (
            json!({ "size": 1, "mode": "c" }),
            told("value.mode", r#"enum: ["a","b",null]"#),
        ),
        (
            json!({ "size": 1, "more": 1 }),
            told("value.more", "additionalProperties: false"),
        ),
    ] {
        assert_eq!(breaks(&schema, value.clone()), expected, "{value}");
    }
}

#[test]
fn the_other_keywords_hold_too() {
    for (schema, good, bad) in [
        (
            json!({ "anyOf": [{ "type": "string" }, { "minimum": 3 }] }),
            json!(3),
            json!(2),
        ),
        (
            json!({ "oneOf": [{ "minimum": 1 }, { "maximum": 5 }] }),
            json!(9),
            json!(3),
        ),
        (json!({ "not": { "const": 1 } }), json!(2), json!(1.0)),
        (
            json!({ "if": { "minimum": 5 }, "then": { "multipleOf": 5 } }),
            json!(4),
            json!(6),
        ),
        (json!({ "multipleOf": 0.01 }), json!(19.99), json!(0.005)),
        (
            json!({ "prefixItems": [{ "type": "number" }], "items": false }),
            json!([1]),
            json!([1, 2]),
        ),
        (
            json!({ "contains": { "const": 1 }, "maxContains": 1 }),
            json!([1, 2]),
            json!([1, 1]),
        ),
        (
            json!({ "minItems": 1, "maxItems": 2 }),
            json!([1]),
            json!([]),
        ),
        (
            json!({ "minLength": 2, "maxLength": 3 }),
            json!("日本"),
            json!("日"),
        ),
        (
            json!({ "exclusiveMinimum": 1, "exclusiveMaximum": 3 }),
            json!(2),
            json!(3),
        ),
        (
            json!({ "minProperties": 1, "maxProperties": 1 }),
            json!({ "a": 1 }),
            json!({}),
        ),
        (
            json!({ "patternProperties": { "^x": { "type": "string" } } }),
            json!({ "x": "" }),
            json!({ "xy": 1 }),
        ),
        (
            json!({ "propertyNames": { "pattern": "^[a-z]+$" } }),
            json!({ "a": 1 }),
            json!({ "A": 1 }),
        ),
        (
            json!({ "dependentRequired": { "a": ["b"] } }),
            json!({ "b": 1 }),
            json!({ "a": 1 }),
        ),
        (
            json!({ "allOf": [true, { "type": ["null", "boolean"] }] }),
            json!(null),
            json!(1),
        ),
        (
            json!({ "properties": { "a": false } }),
            json!({ "b": 1 }),
            json!({ "a": 1 }),
        ),
    ] {
        assert_eq!(breaks(&schema, good.clone()), None, "{schema} {good}");
        assert!(breaks(&schema, bad.clone()).is_some(), "{schema} {bad}");
    }
}

#[test]
fn what_is_no_schema_is_named_by_its_place() {
    for (schema, at) in [
        (json!(1), "schema"),
        (
            json!({ "properties": { "a": { "typ": "string" } } }),
            "schema.properties.a.typ",
        ),
        (json!({ "type": "text" }), "schema.type"),
        (
            json!({ "$ref": "https://example.com/x.json" }),
            "schema.$ref",
        ),
        (json!({ "$ref": "#/$defs/none" }), "schema.$ref"),
        (json!({ "anyOf": [{}, 1] }), "schema.anyOf[1]"),
        (json!({ "pattern": "(?=x)" }), "schema.pattern"),
        (json!({ "multipleOf": 0 }), "schema.multipleOf"),
    ] {
        assert_eq!(schema_fault(&schema).as_deref(), Some(at), "{schema}");
    }
}

#[test]
fn references_to_themselves_end() {
    let twice = json!({ "anyOf": [{ "$ref": "#" }, { "$ref": "#" }] });
    assert!(breaks(&twice, json!(1)).is_some());
    let tree = json!({ "properties": { "next": { "$ref": "#" } }, "required": ["id"] });
    assert_eq!(breaks(&tree, json!({ "id": 1, "next": { "id": 2 } })), None);
    let at = breaks(&tree, json!({ "id": 1, "next": {} })).map(|fault| fault.0);
    assert_eq!(at.as_deref(), Some("value.next"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = vec![
        "type",
        "properties",
        "items",
        "$ref",
        "enum",
        "minimum",
        "not",
        "anyOf",
        "a",
        "pattern",
        "required",
        "additionalProperties",
    ];
    let leaf = prop_oneof![
        any::<i8>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        proptest::sample::select(vec!["string", "object", "#", "#/not", "^a"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let name = proptest::sample::select(names.clone()).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..3)
                .prop_map(|fields| fields.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    /// What looks like a schema is refused with words or answers.
    #[test]
    fn a_mutated_schema_does_no_harm(numbers in proptest::collection::vec(any::<u64>(), 1..6), value in any_json()) {
        let schema = json!({
            "type": ["object", "array"], "minProperties": 1, "maxItems": 3, "uniqueItems": true,
            "properties": { "a": { "type": "integer", "minimum": 1, "multipleOf": 0.5 } },
            "patternProperties": { "^b+$": { "enum": ["a", null] } },
            "prefixItems": [{ "const": 1 }], "items": { "$ref": "#/$defs/c" },
            "anyOf": [{ "required": ["a"] }, { "not": { "minLength": 2, "pattern": "(x+)+$" } }],
            "if": { "contains": { "format": "date" } }, "then": false,
            "$defs": { "c": { "$ref": "#/$defs/c" } },
        });
        let text = mutated(&schema, &numbers);
        if let Ok(schema) = serde_json::from_slice::<Value>(&text)
            && schema_fault(&schema).is_none()
        {
            value_fault(&schema, &value);
        }
    }

    /// Any schema that passes gives an answer about any value, and its opposite the other.
    #[test]
    fn every_question_is_answered(schema in any_json(), value in any_json()) {
        if schema_fault(&schema).is_none() && !schema.to_string().contains("$ref") {
            let opposite = json!({ "not": schema });
            let fits = value_fault(&schema, &value).is_none();
            prop_assert_ne!(fits, value_fault(&opposite, &value).is_none());
        } else if schema_fault(&schema).is_none() {
            value_fault(&schema, &value);
        }
    }
}
