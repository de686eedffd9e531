//! The lines of a condition say what the engine's own evaluation comes to.
#![expect(clippy::expect_used, reason = "tests")]

mod common;

use common::{experiment, snapshot, unit};
use nexus_flags::{
    Asks, Check, ConditionLine, Context, CountryCode, Decisions, Engine, ExperimentRule,
    NamedConditions, Snapshot, Targeting,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn rule(condition: &Value) -> ExperimentRule {
    ExperimentRule {
        targeting: Targeting {
            condition: Some(condition.clone()),
            ..Targeting::default()
        },
        ..experiment("s", 10_000, &[5_000, 5_000])
    }
}

fn engine(rule: &ExperimentRule) -> Engine {
    let staff = vec!["ann".to_owned(), "ben".to_owned()];
    Engine::compile(&Snapshot {
        saved_groups: [("staff".to_owned(), staff)].into(),
        ..snapshot(vec![rule.clone()])
    })
    .expect("it compiles")
}

/// The lines, and whether the whole condition holds.
fn explained(
    condition: &Value,
    context: &Context<'_>,
    named: &NamedConditions,
) -> (Vec<ConditionLine>, bool) {
    let rule = rule(condition);
    let explanation = rule.explain_naming(context, &engine(&rule), named);
    let mut steps = explanation.expect("it compiles").steps.into_iter();
    let found = steps.find_map(|step| match step.check {
        Check::Condition { lines } => Some((lines, step.passed)),
        _ => None,
    });
    found.expect("a step about the condition")
}

fn japanese<'a>(attributes: &'a [(&'a str, &'a str)]) -> Context<'a> {
    Context {
        country: CountryCode::new("JP").ok(),
        attributes,
        ..unit("ann")
    }
}

/// As a reader sees it.
fn said(lines: &[ConditionLine]) -> Vec<String> {
    let said = lines.iter().map(|line| {
        let mark = if line.passed { '+' } else { '-' };
        let asks = match &line.asks {
            Asks::All => "all".to_owned(),
            Asks::Any => "any".to_owned(),
            Asks::None => "none".to_owned(),
            Asks::Named { name } => format!("named {name}"),
            Asks::Attribute {
                attribute,
                operator,
                wanted,
                more,
                found,
            } => {
                let found = found
                    .as_ref()
                    .map_or("nothing".to_owned(), Value::to_string);
                let more = if *more > 0 {
                    format!(" and {more}")
                } else {
                    String::new()
                };
                format!("{attribute} {operator} {wanted}{more}: {found}")
            }
        };
        let indent = "  ".repeat(line.depth as usize);
        format!("{indent}{mark} {asks}")
    });
    said.collect()
}

#[test]
fn every_leaf_says_what_it_wants_and_what_it_found() {
    let many: Vec<u32> = (0..13).collect();
    let condition = json!({ "$and": [
        { "age": { "$gte": 18, "$lt": 65 } },
        { "$or": [{ "country": "US" }, { "plan": { "$not": { "$in": ["free", "pro"] } } }] },
        { "$nor": [{ "id": { "$inGroup": "staff" } }] },
        { "app": { "$vgte": "2.0.0" }, "size": { "$in": many } },
    ] });
    let attributes = [("age", "70"), ("plan", "pro"), ("app", "2.1.0")];
    let (lines, passed) = explained(
        &condition,
        &japanese(&attributes),
        &NamedConditions::default(),
    );
    assert!(!passed);
    let expected = [
        "- all",
        "  + age $gte 18: 70",
        "  - age $lt 65: 70",
        "- any",
        "  - country $eq \"US\": \"JP\"",
        "  - none",
        "    + plan $in [\"free\",\"pro\"]: \"pro\"",
        "- none",
        "  + id $inGroup \"staff\": \"ann\"",
        "- all",
        "  + app $vgte \"2.0.0\": \"2.1.0\"",
        "  - size $in [0,1,2,3,4,5,6,7,8,9] and 3: nothing",
    ];
    assert_eq!(said(&lines), expected);
}

#[test]
fn a_condition_with_a_name_is_called_by_it() {
    let rich = json!({ "plan": "pro", "age": { "$gte": 18 } });
    let named = NamedConditions::new(vec![("rich".to_owned(), rich.clone())]);
    let context = japanese(&[("age", "20"), ("plan", "pro")]);
    let condition = json!({ "$and": [{ "country": "JP" }, { "$not": rich.clone() }] });
    let (lines, passed) = explained(&condition, &context, &named);
    assert!(!passed);
    let mut lines = said(&lines);
    // Fields of one object have no order.
    lines.sort_by_key(|line| line.contains("plan"));
    let expected = [
        "+ country $eq \"JP\": \"JP\"",
        "- none",
        "  + named rich",
        "    + all",
        "      + age $gte 18: 20",
        "      + plan $eq \"pro\": \"pro\"",
    ];
    assert_eq!(lines, expected);
    let (lines, passed) = explained(&rich, &context, &named);
    assert!(passed);
    assert_eq!(said(&lines)[0], "+ named rich", "also when it is the whole");
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(vec![
            json!({ "country": "JP" }),
            json!({ "country": { "$in": ["US", "FR"] } }),
            json!({ "id": { "$inGroup": "staff" } }),
            json!({ "id": { "$notInGroup": "staff" } }),
            json!({ "plan": { "$ne": "pro" } }),
            json!({ "plan": { "$exists": true } }),
            json!({ "plan": { "$not": { "$regex": "^p" } } }),
            json!({ "staff": true }),
            json!({ "address.city": "Kyoto" }),
            json!({ "app": { "$vgt": "1.9.0" } }),
            json!({}),
        ]),
        (15..22).prop_map(|age| json!({ "age": { "$gte": age, "$lt": 20 } })),
    ]
}

fn joined(parts: &[Value]) -> Value {
    let fields = parts.iter().filter_map(Value::as_object).flatten();
    let fields = fields.map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn any_condition() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(5, 40, 4, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            parts().prop_map(|parts| json!({ "$and": parts })),
            parts().prop_map(|parts| json!({ "$or": parts })),
            parts().prop_map(|parts| json!({ "$nor": parts })),
            inner.clone().prop_map(|part| json!({ "$not": part })),
            parts().prop_map(|parts| joined(&parts)),
        ]
    })
}

/// Whether the lines that are one level deeper, up to the next of this level, bear it out.
fn is_borne_out(line: &ConditionLine, below: &[ConditionLine]) -> bool {
    let within = below.iter().take_while(|other| other.depth > line.depth);
    let mut parts = within.filter(|other| other.depth == line.depth + 1);
    match &line.asks {
        Asks::All | Asks::Named { .. } => line.passed == parts.all(|part| part.passed),
        Asks::Any => line.passed == parts.any(|part| part.passed),
        Asks::None => line.passed != parts.any(|part| part.passed),
        Asks::Attribute { .. } => parts.next().is_none(),
    }
}

proptest! {
    #[test]
    fn lines_come_to_what_the_engine_decides(
        condition in any_condition(), name in prop::sample::select(vec!["ann", "cleo"]),
        japan: bool, age in 15_u8..22, plan in prop::option::of("pro|free"), staff: bool,
    ) {
        let age = age.to_string();
        let mut attributes = vec![("age", age.as_str()), ("app", "2.0.0")];
        attributes.extend(plan.as_deref().map(|plan| ("plan", plan)));
        attributes.extend(staff.then_some(("staff", "true")));
        let context = Context {
            country: CountryCode::new(if japan { "JP" } else { "US" }).ok(),
            attributes: &attributes,
            ..unit(name)
        };
        let (lines, passed) = explained(&condition, &context, &NamedConditions::default());
        let mut decisions = Decisions::default();
        engine(&rule(&condition)).decide(&context, &mut decisions);
        prop_assert_eq!(passed, !decisions.is_empty());
        let mut roots = lines.iter().filter(|line| line.depth == 0);
        prop_assert_eq!(passed, roots.all(|line| line.passed), "{}: {:?}", condition, lines);
        for (position, line) in lines.iter().enumerate() {
            let below = &lines[position + 1..];
            prop_assert!(is_borne_out(line, below), "{}: {:?} of {:?}", condition, line, lines);
        }
    }
}
