use nexus_flags::{Context, Device, Engine, FlagReason, Snapshot};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Field, Problem};

fn rule(id: &str, coverage_bp: u16, value: Value) -> Rule {
    Rule {
        id: id.into(),
        coverage_bp,
        ..Rule::for_everybody(value)
    }
}

fn draft(rules: Vec<Rule>) -> FlagDraft {
    FlagDraft {
        key: "new-checkout".into(),
        name: "New checkout".into(),
        rules,
        ..FlagDraft::starter(Environment::Production)
    }
}

#[test]
fn a_schema_and_a_lifetime_are_checked() {
    let mut typed = draft(vec![rule("r1", 10_000, json!("b"))]);
    typed.kind = FlagKind::String;
    typed.value = json!("a");
    typed.schema = Some(json!({ "enum": ["a", "c"] }));
    let fields =
        |typed: &FlagDraft| -> Vec<Field> { typed.problems().iter().map(|p| p.field).collect() };
    assert_eq!(fields(&typed), [Field::RuleValue(0)]);
    // A schema that is none says so once, not for every value.
    typed.schema = Some(json!({ "enumeration": ["a"] }));
    assert_eq!(fields(&typed), [Field::Schema]);
    typed.schema = Some(json!({ "description": "x".repeat(20_000) }));
    assert_eq!(fields(&typed), [Field::Schema]);
    typed.schema = None;
    typed.due_ms = Some(5);
    assert_eq!(fields(&typed), []);
    typed.permanent = true;
    assert_eq!(fields(&typed), [Field::DueAt]);
}

fn on(rules: Vec<Rule>) -> Flag {
    let made = draft(rules).create("ann", 1).unwrap();
    made.after(FlagCommand::Enable, "ann", 2).unwrap().unwrap()
}

fn edited(flag: &Flag, change: impl FnOnce(&mut FlagDraft)) -> Flag {
    let mut edit = FlagDraft::of(flag);
    change(&mut edit);
    edit.apply(flag, "ben", 3).unwrap()
}

fn engine(flag: &Flag) -> Engine {
    let snapshot = Snapshot {
        version: 1,
        environment: "production".into(),
        created_ms: 0,
        experiments: Vec::new(),
        flags: flag_rule_of(flag, &[]).into_iter().collect(),
        sdk_keys: Vec::new(),
        qa_links: Vec::new(),
        saved_groups: std::collections::BTreeMap::new(),
        sampling_seed: None,
    };
    Engine::compile(&snapshot).unwrap()
}

/// Which of the users get what, by the engine.
fn values(flag: &Flag, users: usize) -> Vec<Value> {
    let engine = engine(flag);
    let value = |user: usize| {
        let unit = format!("user-{user}");
        let context = Context {
            unit: &unit,
            country: None,
            device: Device::Other,
            attributes: &[],
            now_ms: 10,
        };
        engine.flag("new-checkout", &context).unwrap().value.clone()
    };
    (0..users).map(value).collect()
}

#[test]
fn the_starter_only_lacks_key_and_name() {
    let problems = FlagDraft::starter(Environment::Production).problems();
    let fields: Vec<_> = problems.iter().map(|p| p.field).collect();
    assert_eq!(fields, [Field::Key, Field::Name]);
}

#[test]
fn every_problem_is_found_at_once() {
    let mut wrong = draft(vec![
        rule("a", 10_001, json!(true)),
        rule("a", 1, json!("yes")),
        rule("No", 1, json!(false)),
    ]);
    wrong.key = "-new".into();
    wrong.value = json!(0);
    wrong.rules[0].schedule.start_ms = Some(20);
    wrong.rules[0].schedule.end_ms = Some(20);
    wrong.rules[1].targeting.condition = Some(json!({ "plan": { "$in": "pro" } }));
    let fields: Vec<_> = wrong.problems().iter().map(|p| p.field).collect();
    assert_eq!(
        fields,
        [
            Field::Key,
            Field::Value,
            Field::RuleCoverage(0),
            Field::RuleEndAt(0),
            Field::RuleId(1),
            Field::RuleValue(1),
            Field::RuleCondition(1),
            Field::RuleId(2),
        ]
    );
}

#[test]
fn a_value_is_of_the_flags_kind_and_of_bounded_size_and_depth() {
    let with = |kind, value: Value| {
        let draft = FlagDraft {
            kind,
            value,
            ..draft(Vec::new())
        };
        draft.problems().pop().map(|p| p.problem)
    };
    for (kind, good, bad) in [
        (FlagKind::Boolean, json!(true), json!("true")),
        (FlagKind::String, json!("x"), json!(1)),
        (FlagKind::Number, json!(1.5), json!(null)),
    ] {
        assert_eq!(with(kind, good), None);
        let kind_name = kind.as_str().to_owned();
        let problem = Problem::NotOfKind { kind: kind_name };
        assert_eq!(with(kind, bad), Some(problem));
    }
    for value in [json!(null), json!([1, { "a": "b" }]), json!(false)] {
        assert_eq!(with(FlagKind::Json, value), None);
    }
    let long = json!("x".repeat(4_095));
    assert_eq!(
        with(FlagKind::Json, long),
        Some(Problem::TooLong { max: 4_096 })
    );
    let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    assert_eq!(with(FlagKind::Json, nested(16)), None);
    assert_eq!(
        with(FlagKind::Json, nested(17)),
        Some(Problem::TooDeep { max: 16 })
    );
}

#[test]
fn key_environment_and_kind_are_fixed() {
    let flag = on(Vec::new());
    let edit = FlagDraft {
        key: "other".into(),
        environment: Environment::Staging,
        kind: FlagKind::Json,
        ..FlagDraft::of(&flag)
    };
    let problems = edit.apply(&flag, "ben", 3).unwrap_err();
    let fields: Vec<_> = problems.iter().map(|p| p.field).collect();
    assert_eq!(fields, [Field::Key, Field::Environment, Field::Kind]);
    assert!(problems.iter().all(|p| p.problem == Problem::Fixed));
}

#[test]
fn an_id_is_given_once_and_kept() {
    let ids = |flag: &Flag| -> Vec<String> { flag.rules.iter().map(|r| r.id.clone()).collect() };
    let new = || rule("", 5_000, json!(true));
    let first = on(vec![new(), rule("beta", 1, json!(true)), new()]);
    assert_eq!(ids(&first), ["r1", "beta", "r2"]);
    let without = edited(&first, |d| drop(d.rules.pop()));
    let again = edited(&without, |d| d.rules.insert(0, new()));
    assert_eq!(ids(&again), ["r3", "r1", "beta"], "r2 was somebody else");
    let brought = edited(&again, |d| {
        d.rules = vec![rule("r9", 1, json!(true)), new()]
    });
    assert_eq!(ids(&brought), ["r9", "r10"]);
}

#[test]
fn the_switch_goes_both_ways_and_an_archived_flag_comes_back_off() {
    let flag = on(vec![rule("", 10_000, json!(true))]);
    let after = |flag: &Flag, command| flag.after(command, "ann", 5).unwrap();
    assert_eq!(after(&flag, FlagCommand::Enable), None, "it is on already");
    assert_eq!(after(&flag, FlagCommand::Unarchive), None);
    let killed = after(&flag, FlagCommand::Disable).unwrap();
    assert_eq!((killed.version, killed.status()), (3, FlagStatus::Off));
    let told = flag_rule_of(&killed, &[]).unwrap();
    assert_eq!((told.rules, told.is_off), (Vec::new(), true));
    let archived = after(&flag, FlagCommand::Archive).unwrap();
    assert!(flag_rule_of(&archived, &[]).is_none());
    for command in [FlagCommand::Enable, FlagCommand::Disable] {
        assert_eq!(archived.after(command, "ann", 6), Err(FlagArchived));
    }
    let back = after(&archived, FlagCommand::Unarchive).unwrap();
    assert_eq!(back.status(), FlagStatus::Off);
    assert_eq!(back.rules, flag.rules);
}

#[test]
fn the_gateway_counts_rules_as_people_do() {
    let mut first = rule("a", 10_000, json!(true));
    first.enabled = false;
    let flag = on(vec![first, rule("b", 10_000, json!(true))]);
    let engine = engine(&flag);
    let context = Context {
        unit: "u",
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms: 0,
    };
    let decided = engine.flag("new-checkout", &context).unwrap();
    assert_eq!(decided.reason, FlagReason::Rule { index: 1 });
}

#[test]
fn changes_name_every_part_once() {
    let a = on(vec![rule("a", 1, json!(true)), rule("b", 2, json!(true))]);
    assert_eq!(changes(&FlagDraft::of(&a), &FlagDraft::of(&a)), []);
    let b = edited(&a, |d| {
        d.name = "Newer".into();
        d.rules.swap(0, 1);
        d.rules[0].coverage_bp = 3;
        d.rules.push(rule("c", 1, json!(false)));
    });
    let found = changes(&FlagDraft::of(&a), &FlagDraft::of(&b));
    let places: Vec<_> = found.iter().map(|c| (c.at, c.rule.as_deref())).collect();
    assert_eq!(
        places,
        [
            (FlagPlace::Name, None),
            (FlagPlace::Order, None),
            (FlagPlace::RuleCoverage, Some("b")),
            (FlagPlace::Rule, Some("c")),
        ]
    );
    let back = changes(&FlagDraft::of(&b), &FlagDraft::of(&a));
    assert_eq!(back.len(), found.len());
    assert_eq!(back[3].after, None, "it was removed");
}

/// A rule of one value each, so that a value says which rule took the user in.
fn numbered(coverages: &[u16]) -> FlagDraft {
    let rules = coverages.iter().enumerate();
    let rules = rules.map(|(n, coverage)| rule("", *coverage, json!(n + 1)));
    FlagDraft {
        kind: FlagKind::Number,
        value: json!(0),
        ..draft(rules.collect())
    }
}

fn made(draft: FlagDraft) -> Flag {
    let made = draft.create("ann", 1).unwrap();
    made.after(FlagCommand::Enable, "ann", 2).unwrap().unwrap()
}

const USERS: usize = 300;

/// Users whom each rule by itself takes in.
fn taken(flag: &Flag) -> Vec<(String, Vec<bool>)> {
    let alone = |rule: &Rule| {
        let mut only = flag.clone();
        only.rules = vec![rule.clone()];
        let got = values(&only, USERS);
        (
            rule.id.clone(),
            got.iter().map(|v| *v != json!(0)).collect(),
        )
    };
    flag.rules.iter().map(alone).collect()
}

#[derive(Clone, Debug)]
enum Edit {
    Move(usize, usize),
    Words,
    Add(u16),
    Remove(usize),
    Ramp(usize, u16),
    Switch,
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (0..9usize, 0..9usize).prop_map(|(a, b)| Edit::Move(a, b)),
        Just(Edit::Words),
        (0..=10_000u16).prop_map(Edit::Add),
        (0..9usize).prop_map(Edit::Remove),
        (0..9usize, 0..3_000u16).prop_map(|(n, by)| Edit::Ramp(n, by)),
        Just(Edit::Switch),
    ]
}

proptest! {
    /// Whatever is edited in whatever order: whoever a rule takes in, it takes in for as long
    /// as it exists, when its coverage only grows.
    #[test]
    fn nobody_is_bucketed_anew(
        coverages in prop::collection::vec(0..=10_000u16, 1..4),
        edits in prop::collection::vec(edit(), 1..12),
    ) {
        let mut flag = made(numbered(&coverages));
        let mut before = taken(&flag);
        for edit in edits {
            let count = flag.rules.len().max(1);
            flag = match edit {
                Edit::Switch => {
                    let off = flag.after(FlagCommand::Disable, "a", 4).unwrap().unwrap();
                    off.after(FlagCommand::Enable, "a", 5).unwrap().unwrap()
                }
                other => edited(&flag, |d| match other {
                    Edit::Move(a, b) if !d.rules.is_empty() => d.rules.swap(a % count, b % count),
                    Edit::Words => {
                        d.name = "Other words".into();
                        for rule in &mut d.rules { rule.name = "x".into(); }
                    }
                    Edit::Add(coverage) if d.rules.len() < MAX_RULES => {
                        d.rules.insert(0, rule("", coverage, json!(99)));
                    }
                    Edit::Remove(n) if !d.rules.is_empty() => drop(d.rules.remove(n % count)),
                    Edit::Ramp(n, by) if !d.rules.is_empty() => {
                        let rule = &mut d.rules[n % count];
                        rule.coverage_bp = (rule.coverage_bp + by).min(10_000);
                    }
                    _ => {}
                }),
            };
            let after = taken(&flag);
            for (id, was) in &before {
                let Some((_, now)) = after.iter().find(|(other, _)| other == id) else { continue };
                prop_assert!(was.iter().zip(now).all(|(was, now)| *now || !was), "{}", id);
            }
            before = after;
        }
    }

    #[test]
    fn the_kill_switch_gives_everybody_the_off_value(
        coverages in prop::collection::vec(0..=10_000u16, 0..5),
    ) {
        let flag = made(numbered(&coverages));
        let killed = flag.after(FlagCommand::Disable, "ann", 5).unwrap().unwrap();
        prop_assert!(values(&killed, 200).iter().all(|value| *value == json!(0)));
        let back = killed.after(FlagCommand::Enable, "ann", 6).unwrap().unwrap();
        prop_assert_eq!(values(&back, 200), values(&flag, 200));
    }

    /// A copy takes in the same users: seeds know no environment.
    #[test]
    fn environments_agree_about_users(coverage in 1..10_000u16) {
        let here = made(numbered(&[coverage]));
        let mut there = numbered(&[coverage]);
        there.environment = Environment::Staging;
        prop_assert_eq!(values(&here, 200), values(&made(there), 200));
    }
}

#[test]
fn a_flag_is_stale_when_nothing_new_comes_of_it() {
    let day = 24 * 60 * 60 * 1_000;
    let now_ms = 100 * day;
    let flag = on(vec![rule("r1", 10_000, json!(true))]);
    let seen = |value: &str, first: i64, last: i64| ValueSeen {
        value: value.into(),
        first_ms: first * day,
        last_ms: last * day,
    };
    let since = Some(day);
    let one = [seen("true", 10, 99)];
    let value = "true".to_owned();
    assert_eq!(
        flag.stale(&one, since, now_ms),
        Some(Stale::OneValue { value })
    );
    let other = [seen("false", 10, 20), seen("true", 10, 99)];
    assert!(flag.stale(&other, since, now_ms).is_some());
    let both = [seen("false", 10, 80), seen("true", 10, 99)];
    assert_eq!(flag.stale(&both, since, now_ms), None);
    assert_eq!(
        flag.stale(&[seen("true", 90, 99)], since, now_ms),
        None,
        "new"
    );
    assert_eq!(
        flag.stale(&[seen("true", 10, 60)], since, now_ms),
        Some(Stale::Unused)
    );
    assert_eq!(flag.stale(&[], since, now_ms), Some(Stale::Unused));
    // Nobody counted for long enough to know.
    assert_eq!(flag.stale(&[], Some(90 * day), now_ms), None);
    assert_eq!(flag.stale(&[], None, now_ms), None);
    let changed = Flag {
        updated_ms: 90 * day,
        ..flag.clone()
    };
    assert_eq!(changed.stale(&one, since, now_ms), None);
    let permanent = Flag {
        permanent: true,
        ..flag.clone()
    };
    assert_eq!(permanent.stale(&one, since, now_ms), None);
    let due = Flag {
        due_ms: Some(99 * day),
        ..changed
    };
    assert!(matches!(
        due.stale(&one, since, now_ms),
        Some(Stale::Due { .. })
    ));
}
