//! Flags that need others: what is refused, and that circles and long chains take no time.

mod common;

use common::{experiment, snapshot, unit};
use nexus_flags::{
    CompileProblem, Engine, FlagRule, FlagRuleStep, Prerequisite, Snapshot, Targeting,
    ValueOperator, check_prerequisites,
};
use serde_json::{Value, json};

fn need(flag: &str, value: Value) -> Prerequisite {
    Prerequisite {
        flag: flag.into(),
        operator: ValueOperator::Is,
        value,
    }
}

/// On for everybody who has what it needs.
fn flag(key: &str, prerequisites: Vec<Prerequisite>) -> FlagRule {
    let step = FlagRuleStep {
        targeting: Targeting::default(),
        coverage_bp: 10_000,
        ramp: Vec::new(),
        seed: key.into(),
        value: json!(true),
        start_ms: None,
        end_ms: None,
        prerequisites: Vec::new(),
        slices: Vec::new(),
    };
    FlagRule {
        is_off: false,
        key: key.into(),
        value: json!(false),
        rules: vec![step],
        prerequisites,
    }
}

fn fault(flags: &[FlagRule]) -> Option<(String, CompileProblem)> {
    let error = check_prerequisites(flags, &[]).err()?;
    Some((error.path, error.problem))
}

#[test]
fn faults_have_their_place() {
    let flags = [flag("a", vec![need("b", json!(true))])];
    let unknown = CompileProblem::UnknownFlag("b".into());
    let path = "flags[0].prerequisites[0].flag".to_owned();
    assert_eq!(fault(&flags), Some((path, unknown)));
    let mut flags = [flag("a", vec![]), flag("b", vec![])];
    flags[1].rules[0].prerequisites = vec![need("a", json!([1]))];
    let path = "flags[1].rules[0].prerequisites[0].value".to_owned();
    assert_eq!(fault(&flags), Some((path, CompileProblem::NotScalar)));
}

#[test]
fn a_circle_through_an_experiment_is_one() {
    let flags = [flag("a", vec![]), flag("b", vec![need("a", json!(true))])];
    let mut setter = experiment("s", 10_000, &[5_000, 5_000]);
    setter.variants[0].features.insert("a".into(), json!(true));
    setter.prerequisites = vec![need("b", json!(true))];
    let error = check_prerequisites(&flags, &[setter]).expect_err("a circle");
    assert_eq!(error.problem, CompileProblem::Circle("a → b → a".into()));
}

#[test]
fn chains_are_bounded_however_long() {
    let chain = |length: usize| -> Vec<FlagRule> {
        let one = |n: usize| match n {
            0 => flag("f0", vec![]),
            n => flag(
                &format!("f{n}"),
                vec![need(&format!("f{}", n - 1), json!(true))],
            ),
        };
        (0..length).map(one).collect()
    };
    assert_eq!(fault(&chain(10)), None);
    for length in [11, 200_000] {
        let found = fault(&chain(length)).map(|(_, problem)| problem);
        assert!(
            matches!(found, Some(CompileProblem::TooManyLevels { limit: 10, .. })),
            "{found:?}"
        );
    }
}

/// Ten levels, each needing the one below it ten times over: asked once each.
#[test]
fn what_many_need_is_asked_once() {
    let flags = (0..10).flat_map(|level| {
        (0..10).map(move |n| {
            let below = (0..10).map(|m| need(&format!("l{}-{m}", level - 1), json!(true)));
            let needs = if level == 0 { vec![] } else { below.collect() };
            flag(&format!("l{level}-{n}"), needs)
        })
    });
    let snapshot = Snapshot {
        flags: flags.collect(),
        ..snapshot(Vec::new())
    };
    let engine = Engine::compile(&snapshot).expect("it compiles");
    let context = unit("ann");
    let on = engine
        .decide_all_flags(&context)
        .filter(|f| *f.value == json!(true));
    assert_eq!(on.count(), 100);
}
