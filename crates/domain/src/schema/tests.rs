use nexus_flags::fixtures::mutated;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Problem;

/// What is said of a value, one place after the other.
fn said(schema: &Value, value: &Value) -> Vec<String> {
    assert_eq!(schema_fault(schema), None, "{schema}");
    let faults = value_faults(schema, value);
    faults.iter().map(SchemaFault::to_string).collect()
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
    for (value, expected) in [
        (
            json!({ "size": 2.0, "colors": ["#00ff00"], "mode": null }),
            "",
        ),
        (json!([]), "the value must be an object"),
        (json!({}), "the value is missing the field \"size\""),
        (json!({ "size": 9 }), "/size must be at most 5"),
        (json!({ "size": 1.5 }), "/size must be a whole number"),
        (
            json!({ "size": 1, "colors": ["#00ff00", "red"] }),
            "/colors/1 must match the pattern ^#[0-9a-f]{6}$",
        ),
        (
            json!({ "size": 1, "colors": ["#00ff00", "#00ff00"] }),
            "/colors has the same item twice",
        ),
        (
            json!({ "size": 1, "mode": "c" }),
            "/mode must be one of \"a\", \"b\", null",
        ),
        (
            json!({ "size": 1, "more": 1 }),
            "the value has the unknown field \"more\"",
        ),
    ] {
        assert_eq!(said(&schema, &value).join("; "), expected, "{value}");
    }
}

#[test]
fn every_fault_is_told_once_in_the_order_of_the_value() {
    let size = json!({ "type": "integer", "maximum": 5 });
    let schema = json!({
        "properties": { "a/b": size, "c~d": size, "e": { "items": size } },
        "required": ["name", "size"],
    });
    let many: Vec<u8> = (0..12).map(|i| i % 2 * 9).collect();
    let value = json!({ "a/b": 9, "c~d": "9", "e": many });
    assert_eq!(
        said(&schema, &value),
        [
            "the value is missing the field \"name\"",
            "the value is missing the field \"size\"",
            "/a~1b must be at most 5",
            "/c~0d must be a whole number",
            "/e/1 must be at most 5",
            "/e/3 must be at most 5",
            "/e/5 must be at most 5",
            "/e/7 must be at most 5",
            "/e/9 must be at most 5",
            "/e/11 must be at most 5",
        ]
    );
    let Problem::BreaksSchema {
        detail,
        faults,
        more,
        ..
    } = Problem::breaks_schema(value_faults(&schema, &value))
    else {
        panic!("it breaks the schema");
    };
    assert_eq!((faults.len(), more), (5, 5));
    assert!(
        detail.ends_with("/e/1 must be at most 5; and 5 more"),
        "{detail}"
    );
    let few = Problem::breaks_schema(value_faults(&size, &json!("9")));
    assert!(matches!(&few, Problem::BreaksSchema { detail, more: 0, .. }
        if detail == "the value must be a whole number"));
    let long = vec![9; 300];
    assert_eq!(said(&json!({ "items": size }), &json!(long)).len(), 100);
    let same = json!({ "allOf": [{ "minimum": 3 }, { "minimum": 3 }, { "const": 4 }] });
    assert_eq!(
        said(&same, &json!(2)),
        ["the value must be at least 3", "the value must be 4",]
    );
    // What a branch says that is only asked about is nobody's fault.
    let either = json!({ "anyOf": [{ "minimum": 3 }, { "type": "string" }], "maximum": 1 });
    assert_eq!(said(&either, &json!(4)), ["the value must be at most 1"]);
}

#[test]
fn every_keyword_has_words() {
    for (schema, value, expected) in [
        (
            json!({ "type": ["number", "null"] }),
            json!("9"),
            "must be a number or null",
        ),
        (
            json!({ "type": "boolean" }),
            json!(1),
            "must be true or false",
        ),
        (json!({ "const": "a" }), json!("b"), "must be \"a\""),
        (
            json!({ "exclusiveMinimum": 1 }),
            json!(1),
            "must be more than 1",
        ),
        (
            json!({ "exclusiveMaximum": 1.5 }),
            json!(2),
            "must be less than 1.5",
        ),
        (
            json!({ "multipleOf": 5 }),
            json!(6),
            "must be a multiple of 5",
        ),
        (
            json!({ "minLength": 2 }),
            json!("日"),
            "has fewer characters than 2",
        ),
        (
            json!({ "maxLength": 1 }),
            json!("日本"),
            "has more characters than 1",
        ),
        (
            json!({ "minItems": 1 }),
            json!([]),
            "has fewer items than 1",
        ),
        (
            json!({ "maxItems": 0 }),
            json!([1]),
            "has more items than 0",
        ),
        (
            json!({ "minProperties": 1 }),
            json!({}),
            "has fewer fields than 1",
        ),
        (
            json!({ "maxProperties": 0 }),
            json!({ "a": 1 }),
            "has more fields than 0",
        ),
        (
            json!({ "dependentRequired": { "a": ["b"] } }),
            json!({ "a": 1 }),
            "is missing the field \"b\"",
        ),
        (
            json!({ "propertyNames": { "pattern": "^[a-z]+$" } }),
            json!({ "A": 1 }),
            "has the field \"A\", whose name is not allowed",
        ),
        (
            json!({ "contains": { "const": 1 } }),
            json!([2]),
            "does not have the items that \"contains\" asks for",
        ),
        (
            json!({ "anyOf": [{ "type": "string" }] }),
            json!(1),
            "fits none of the alternatives of \"anyOf\"",
        ),
        (
            json!({ "oneOf": [true, true] }),
            json!(1),
            "must fit exactly one of the alternatives of \"oneOf\"",
        ),
        (
            json!({ "not": { "const": 1 } }),
            json!(1),
            "is what \"not\" rules out",
        ),
        (json!(false), json!(1), "is not allowed"),
    ] {
        let expected = format!("the value {expected}");
        assert_eq!(said(&schema, &value), [expected], "{schema}");
    }
    let other = SchemaFault {
        at: "/a".to_owned(),
        keyword: "format".to_owned(),
        asked: "date".to_owned(),
    };
    assert_eq!(other.to_string(), "/a breaks \"format\": date");
    let long = said(&json!({ "enum": ["x".repeat(200)] }), &json!(1));
    assert!(long[0].ends_with("x…") && long[0].len() < 140, "{long:?}");
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
        assert!(said(&schema, &good).is_empty(), "{schema} {good}");
        assert!(!said(&schema, &bad).is_empty(), "{schema} {bad}");
    }
}

#[test]
fn what_is_no_schema_is_named_by_its_place_and_why() {
    use KeywordFault as F;
    for (schema, at, why) in [
        (json!(1), "schema", F::NotASchema),
        (
            json!({ "properties": { "a": { "typ": "string" } } }),
            "schema.properties.a.typ",
            F::Unknown,
        ),
        (json!({ "type": "text" }), "schema.type", F::NotAType),
        (json!({ "type": [] }), "schema.type", F::NotAType),
        (
            json!({ "$ref": "https://example.com/x.json" }),
            "schema.$ref",
            F::Remote,
        ),
        (
            json!({ "$ref": "#/$defs/none" }),
            "schema.$ref",
            F::NothingThere,
        ),
        (json!({ "$ref": 1 }), "schema.$ref", F::BadValue),
        (
            json!({ "anyOf": [{}, 1] }),
            "schema.anyOf[1]",
            F::NotASchema,
        ),
        (json!({ "anyOf": [] }), "schema.anyOf", F::BadValue),
        (json!({ "pattern": "(?=x)" }), "schema.pattern", F::BadValue),
        (json!({ "multipleOf": 0 }), "schema.multipleOf", F::BadValue),
    ] {
        let expected = Some((at.to_owned(), why));
        assert_eq!(schema_fault(&schema), expected, "{schema}");
    }
    let mut deep = json!({});
    for _ in 0..40 {
        deep = json!({ "not": deep });
    }
    let why = schema_fault(&deep).map(|(_, why)| why);
    assert_eq!(why, Some(F::TooDeep));
}

#[test]
fn references_to_themselves_end() {
    let twice = json!({ "anyOf": [{ "$ref": "#" }, { "$ref": "#" }] });
    let told = said(&twice, &json!(1));
    assert_eq!(
        told,
        ["the value fits none of the alternatives of \"anyOf\""]
    );
    let tree = json!({ "properties": { "next": { "$ref": "#" } }, "required": ["id"] });
    assert!(said(&tree, &json!({ "id": 1, "next": { "id": 2 } })).is_empty());
    let told = said(&tree, &json!({ "id": 1, "next": {} }));
    assert_eq!(told, ["/next is missing the field \"id\""]);
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
            value_faults(&schema, &value);
        }
    }

    /// Any schema that passes gives an answer about any value, and its opposite the other.
    #[test]
    fn every_question_is_answered(schema in any_json(), value in any_json()) {
        if schema_fault(&schema).is_none() && !schema.to_string().contains("$ref") {
            let opposite = json!({ "not": schema });
            let fits = value_faults(&schema, &value).is_empty();
            prop_assert_ne!(fits, value_faults(&opposite, &value).is_empty());
        } else if schema_fault(&schema).is_none() {
            value_faults(&schema, &value);
        }
    }
}
