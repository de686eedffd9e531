use nexus_flags::fixtures::mutated;
use nexus_flags::growthbook::{Audience, check_condition};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn row(attribute: &str, operator: RowOperator, value: &str) -> ConditionRow {
    ConditionRow {
        attribute: attribute.to_owned(),
        operator,
        value: value.to_owned(),
    }
}

fn group(join: Join, rows: &[ConditionRow]) -> ConditionGroup {
    let rows = rows.to_vec();
    ConditionGroup { join, rows }
}

#[test]
fn rows_and_groups_are_the_json_one_would_write() {
    use RowOperator as Is;
    let form = ConditionForm {
        join: Join::All,
        groups: vec![
            group(
                Join::All,
                &[
                    row("country", Is::OneOf, "JP、 US"),
                    row("plan", Is::Is, " pro "),
                    row("", Is::Is, ""),
                ],
            ),
            group(
                Join::Any,
                &[
                    row("age", Is::AtLeast, "18"),
                    row("app", Is::VersionAtLeast, "2.10.0"),
                    row("path", Is::StartsWith, "/a.b"),
                    row("beta", Is::Exists, "ignored"),
                ],
            ),
        ],
    };
    assert_eq!(
        form.condition(),
        Some(json!({ "$and": [
            { "country": { "$in": ["JP", "US"] }, "plan": "pro" },
            { "$or": [
                { "age": { "$gte": 18 } },
                { "app": { "$vgte": "2.10.0" } },
                { "path": { "$regex": r"^/a\.b" } },
                { "beta": { "$exists": true } },
            ] },
        ] }))
    );
}

#[test]
fn conditions_of_others_have_a_form() {
    use RowOperator as Is;
    let form = ConditionForm::of_json(&json!({
        "age": { "$gte": 18, "$lt": 65 },
        "$or": [{ "plan": "18" }, { "tag": { "$in": ["a,b", true, "c"] } }],
        "$not": { "email": { "$regex": r"@example\.com$" } },
    }));
    let expected = [
        group(Join::None, &[row("email", Is::EndsWith, "@example.com")]),
        group(
            Join::Any,
            &[
                row("plan", Is::Is, r#""18""#),
                row("tag", Is::OneOf, r#""a,b", true, c"#),
            ],
        ),
    ];
    let form = form.unwrap();
    assert_eq!(form.groups[0].rows.len(), 2);
    assert_eq!(form.groups[1..], expected);
    assert_eq!(
        ConditionForm::of_json(&json!({})),
        Some(ConditionForm::default())
    );
}

#[test]
fn what_rows_cannot_say_has_no_form() {
    for condition in [
        json!([]),
        json!({ "$or": [] }),
        json!({ "a": {} }),
        json!({ "a": [1] }),
        json!({ "a": { "$in": [] } }),
        json!({ "a": { "$size": 2 } }),
        json!({ "$savedGroups": [] }),
        json!({ "$savedGroups": "g" }),
        json!({ "$or": [{ "$and": [{ "$or": [{ "a": 1 }] }, { "b": 1 }] }, { "c": 1 }] }),
        json!({ "x": 1, "$not": { "a": 1, "b": 2 } }),
    ] {
        assert_eq!(ConditionForm::of_json(&condition), None, "{condition}");
    }
}

#[test]
fn saved_groups_are_rows_beside_others() {
    use RowOperator as Is;
    let japan = row("", Is::InSaved, "japan");
    let staff = row("", Is::NotInSaved, "2027");
    let plan = row("plan", Is::Is, "pro");
    let both = ConditionForm {
        join: Join::All,
        groups: vec![group(
            Join::Any,
            &[japan.clone(), staff.clone(), plan.clone()],
        )],
    };
    let expected = json!({ "$or": [
        { "$savedGroups": ["japan"] }, { "$not": { "$savedGroups": ["2027"] } }, { "plan": "pro" },
    ] });
    assert_eq!(both.condition(), Some(expected.clone()));
    let read = ConditionForm::of_json(&expected).unwrap();
    assert_eq!(read.condition(), Some(expected));
    // As the pages of saved groups write it.
    let written = json!({ "$savedGroups": ["japan"], "plan": "pro" });
    let read = ConditionForm::of_json(&written).unwrap();
    assert_eq!(read.groups[0].rows, [japan.clone(), plan]);
    assert_eq!(read.condition(), Some(written));
    // Each of several is a row; not being in all of several is none.
    let several = json!({ "$savedGroups": ["japan", "beta"] });
    assert_eq!(
        ConditionForm::of_json(&several).unwrap().groups[0]
            .rows
            .len(),
        2
    );
    let not_all = ConditionForm::of_json(&json!({ "$not": several })).unwrap();
    assert_eq!(
        (not_all.join, not_all.groups[0].rows.len()),
        (Join::None, 2)
    );
    assert_eq!(row("", Is::InSaved, " ").problem(), None, "blank");
}

#[test]
fn a_row_says_what_it_lacks() {
    use RowOperator as Is;
    for (one, problem) in [
        (row("", Is::Is, ""), None),
        (row("", Is::Is, "x"), Some(RowProblem::NoAttribute)),
        (row("$or", Is::Is, "x"), Some(RowProblem::AttributeName)),
        (row("a", Is::Is, " "), Some(RowProblem::NoValue)),
        (row("a", Is::OneOf, " , "), Some(RowProblem::NoValue)),
        (row("a", Is::Exists, ""), None),
        (row("a", Is::Greater, "true"), Some(RowProblem::NotOrdered)),
        (row("a", Is::Matches, "(?=x)"), Some(RowProblem::Pattern)),
        (row("a", Is::Is, r#""""#), None),
    ] {
        assert_eq!(one.problem(), problem, "{one:?}");
    }
}

fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~、]{0,8}",
        any::<i32>().prop_map(|n| n.to_string()),
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("1.5".to_owned()),
        "\"[ -~]{0,4}\"",
    ]
}

fn a_row() -> impl Strategy<Value = ConditionRow> {
    let operators: Vec<RowOperator> = RowOperator::ALL.into_iter().map(|(one, _)| one).collect();
    let operator = proptest::sample::select(operators);
    ("[a-d$ ]{0,3}", operator, typed()).prop_map(|(attribute, operator, value)| ConditionRow {
        attribute,
        operator,
        value,
    })
}

fn join() -> impl Strategy<Value = Join> {
    proptest::sample::select(vec![Join::All, Join::Any, Join::None])
}

fn form() -> impl Strategy<Value = ConditionForm> {
    let rows = proptest::collection::vec(a_row(), 0..4);
    let group = (join(), rows).prop_map(|(join, rows)| ConditionGroup { join, rows });
    let groups = proptest::collection::vec(group, 0..4);
    (join(), groups).prop_map(|(join, groups)| ConditionForm { join, groups })
}

/// Conditions as programs write them, most of which have a form.
fn condition() -> impl Strategy<Value = Value> {
    let operand = prop_oneof![
        Just(json!("x")),
        Just(json!("1.2")),
        Just(json!(3)),
        Just(json!(true)),
        Just(json!(["x", 3])),
        Just(json!("^x")),
    ];
    let names = vec![
        "$eq", "$ne", "$in", "$nin", "$gt", "$lte", "$vgt", "$veq", "$exists", "$regex", "$not",
    ];
    let operators = proptest::sample::select(names);
    let operators = proptest::collection::vec((operators, operand.clone()), 1..3).prop_map(
        |operators| -> Value {
            let named = |(name, operand): (&str, Value)| (name.to_owned(), operand);
            operators.into_iter().map(named).collect()
        },
    );
    let test = prop_oneof![operand, operators];
    let leaf = proptest::collection::vec(("[a-c]", test), 1..3)
        .prop_map(|fields| fields.into_iter().collect::<Value>());
    leaf.prop_recursive(3, 12, 3, |inner| {
        let list = proptest::collection::vec(inner.clone(), 1..3);
        let joined = (proptest::sample::select(vec!["$or", "$and", "$nor"]), list);
        prop_oneof![
            joined
                .clone()
                .prop_map(|(name, list)| json!({ name: list })),
            inner.clone().prop_map(|one| json!({ "$not": one })),
            (joined, "[a-c]").prop_map(|((op, list), name)| json!({ op: list, name: "x" })),
        ]
    })
}

fn says(condition: &Value, attributes: &Value) -> bool {
    let attributes = attributes.as_object().cloned().unwrap_or_default();
    Audience::new(condition, &Value::Null).contains(&attributes)
}

proptest! {
    /// A condition that passes has a form or none, and lets somebody in or not.
    #[test]
    fn a_mutated_condition_does_no_harm(numbers in proptest::collection::vec(any::<u64>(), 1..6)) {
        let condition = json!({
            "country": { "$in": ["JP", "US"] }, "age": { "$gte": 3, "$lt": 10 },
            "$or": [{ "tags": { "$elemMatch": { "$eq": "a" } } }, { "v": { "$vgte": "1.2.0" } }],
            "$not": { "id": { "$regex": "^a+$" } }, "plan": { "$inGroup": "staff" },
        });
        let text = mutated(&condition, &numbers);
        if let Ok(condition) = serde_json::from_slice::<Value>(&text) {
            let _ = check_condition(&condition);
            let _ = ConditionForm::of_json(&condition);
            let audience = Audience::new(&condition, &json!({ "staff": ["a"] }));
            let _ = audience.contains(&json!({ "id": "aa", "tags": ["a"], "age": 4 }));
        }
    }

    /// To JSON and back is the same form, in its simplest shape.
    #[test]
    fn nothing_is_lost_on_the_way_to_json_and_back(form in form()) {
        let normal = form.normal();
        prop_assert_eq!(normal.normal(), normal.clone());
        match form.condition() {
            None => prop_assert!(normal.groups.is_empty()),
            Some(json) => {
                let mut rows = normal.groups.iter().flat_map(|group| &group.rows);
                let named = |row: &ConditionRow| row.operator.names_group();
                prop_assert!(rows.any(named) || check_condition(&json).is_ok(), "{}", json);
                prop_assert_eq!(ConditionForm::of_json(&json), Some(normal), "{}", json);
            }
        }
    }

    /// From JSON and back means the same for everybody.
    #[test]
    fn a_condition_read_into_a_form_means_the_same(
        condition in condition(),
        attributes in proptest::collection::vec(
            ("[a-c]", proptest::sample::select(vec![json!("x"), json!("1.2"), json!(3), json!(true), json!(1)])),
            0..4,
        ),
    ) {
        if check_condition(&condition).is_ok()
            && let Some(form) = ConditionForm::of_json(&condition)
        {
            let again = form.condition().unwrap_or_else(|| json!({}));
            let attributes: Value = attributes.into_iter().collect();
            prop_assert_eq!(says(&condition, &attributes), says(&again, &attributes), "{} {}", condition, again);
        }
    }
}
