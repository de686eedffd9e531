//! The engine's rules, one by one.

#![expect(clippy::expect_used, reason = "helpers of tests")]

mod common;

use common::{experiment, snapshot, unit};
use nexus_flags::{
    AttributeRule, CompileProblem, Context, CountryCode, Decisions, Device, Engine, ExperimentRule,
    FlagReason, FlagRule, FlagRuleStep, Operator, Snapshot, Targeting,
};
use serde_json::json;

fn decided(rule: ExperimentRule, context: &Context<'_>) -> Option<String> {
    let engine = Engine::compile(&snapshot(vec![rule])).expect("it compiles");
    let mut decisions = Decisions::default();
    engine.decide(context, &mut decisions);
    engine
        .decided(&decisions)
        .next()
        .map(|decision| decision.reason().to_owned())
}

fn everybody() -> ExperimentRule {
    experiment("seed", 10_000, &[5_000, 5_000])
}

#[test]
fn a_decision_carries_what_the_variant_is() {
    let mut rule = experiment("seed", 10_000, &[0, 10_000]);
    rule.variants[1]
        .features
        .insert("layout".into(), json!("new"));
    rule.variants[1].deployment = Some("canary".into());
    let engine = Engine::compile(&snapshot(vec![rule])).expect("it compiles");
    let mut decisions = Decisions::default();
    engine.decide(&unit("ann"), &mut decisions);
    let decision = engine.decided(&decisions).next().expect("assigned");
    assert_eq!(
        (decision.experiment_id(), decision.variant_key()),
        ("exp", "v1")
    );
    assert_eq!(
        (decision.variant_index(), decision.is_control()),
        (1, false)
    );
    assert_eq!(decision.features_json(), r#"{"layout":"new"}"#);
    assert_eq!(decision.features()["layout"], "new");
    assert_eq!(
        (decision.deployment(), decision.reason()),
        (Some("canary"), "ab_test_exp_v1")
    );
}

#[test]
fn decisions_of_another_version_are_not_read() {
    let mut snapshot = snapshot(vec![everybody()]);
    let old = Engine::compile(&snapshot).expect("it compiles");
    snapshot.version = 2;
    let new = Engine::compile(&snapshot).expect("it compiles");
    let mut decisions = Decisions::default();
    old.decide(&unit("ann"), &mut decisions);
    assert_eq!(
        (
            old.decided(&decisions).count(),
            new.decided(&decisions).count()
        ),
        (1, 0)
    );
}

#[test]
fn it_runs_from_start_until_just_before_end() {
    let rule = ExperimentRule {
        start_ms: Some(10),
        end_ms: Some(20),
        ..everybody()
    };
    for (now_ms, runs) in [
        (9, false),
        (10, true),
        (19, true),
        (20, false),
        (i64::MAX, false),
    ] {
        let context = Context {
            now_ms,
            ..unit("ann")
        };
        assert_eq!(
            decided(rule.clone(), &context).is_some(),
            runs,
            "at {now_ms}"
        );
    }
    let forever = Context {
        now_ms: i64::MAX,
        ..unit("ann")
    };
    assert!(decided(everybody(), &forever).is_some());
}

#[test]
fn paused_uncovered_and_nameless_take_no_part() {
    assert!(decided(everybody(), &unit("ann")).is_some());
    assert!(
        decided(
            ExperimentRule {
                paused: true,
                ..everybody()
            },
            &unit("ann")
        )
        .is_none()
    );
    assert!(
        decided(
            ExperimentRule {
                coverage_bp: 0,
                ..everybody()
            },
            &unit("ann")
        )
        .is_none()
    );
    assert!(decided(everybody(), &unit("")).is_none());
}

#[test]
fn countries_and_devices() {
    let japan = CountryCode::new("jp").expect("a code");
    let targeting = Targeting {
        countries: vec![japan],
        devices: vec![Device::Mobile, Device::Tablet],
        ..Targeting::default()
    };
    let rule = ExperimentRule {
        targeting,
        ..everybody()
    };
    let matches = |country, device| {
        decided(
            rule.clone(),
            &Context {
                country,
                device,
                ..unit("ann")
            },
        )
        .is_some()
    };
    assert!(matches(Some(japan), Device::Mobile));
    assert!(!matches(Some(japan), Device::Desktop));
    assert!(!matches(CountryCode::new("US").ok(), Device::Mobile));
    assert!(!matches(None, Device::Mobile));
}

fn attribute_matches(operator: Operator, values: &[&str], attributes: &[(&str, &str)]) -> bool {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    let rule = AttributeRule {
        name: "plan".into(),
        operator,
        values,
    };
    let targeting = Targeting {
        attributes: vec![rule],
        ..Targeting::default()
    };
    let rule = ExperimentRule {
        targeting,
        ..everybody()
    };
    decided(
        rule,
        &Context {
            attributes,
            ..unit("ann")
        },
    )
    .is_some()
}

#[test]
fn attribute_operators() {
    use Operator::{Contains, DoesNotContain, EndsWith, Is, IsNot, StartsWith};
    let cases: [(Operator, &[&str], &str, bool); 12] = [
        (Is, &["team", "pro"], "pro", true),
        (Is, &["team", "pro"], "Pro", false),
        (IsNot, &["team", "pro"], "pro", false),
        (IsNot, &["team", "pro"], "free", true),
        (StartsWith, &["x", "pr"], "pro", true),
        (StartsWith, &["ro"], "pro", false),
        (EndsWith, &["ro"], "pro", true),
        (EndsWith, &["pr"], "pro", false),
        (Contains, &["z", "r"], "pro", true),
        (Contains, &["z"], "pro", false),
        (DoesNotContain, &["z", "r"], "pro", false),
        (DoesNotContain, &["z"], "pro", true),
    ];
    for (operator, values, found, expected) in cases {
        let result = attribute_matches(operator, values, &[("other", "x"), ("plan", found)]);
        assert_eq!(result, expected, "{operator:?} {values:?} {found}");
    }
}

#[test]
fn absent_attributes_fail_positive_operators_and_pass_negated_ones() {
    use Operator::{Contains, DoesNotContain, EndsWith, Is, IsNot, StartsWith};
    for operator in [Is, StartsWith, EndsWith, Contains] {
        assert!(
            !attribute_matches(operator, &[""], &[("other", "pro")]),
            "{operator:?}"
        );
    }
    for operator in [IsNot, DoesNotContain] {
        assert!(
            attribute_matches(operator, &["pro"], &[("other", "pro")]),
            "{operator:?}"
        );
    }
    assert!(attribute_matches(
        Operator::Is,
        &["first"],
        &[("plan", "first"), ("plan", "second")]
    ));
}

fn flags() -> Snapshot {
    let step = |coverage_bp, countries, value| FlagRuleStep {
        targeting: Targeting {
            countries,
            ..Targeting::default()
        },
        coverage_bp,
        ramp: Vec::new(),
        seed: "seed".into(),
        value,
        start_ms: None,
        end_ms: None,
        prerequisites: Vec::new(),
        slices: Vec::new(),
    };
    let japan = vec![CountryCode::new("JP").expect("a code")];
    let rules = vec![
        step(10_000, japan, json!("japan")),
        step(5_000, Vec::new(), json!("half")),
    ];
    let flag = FlagRule {
        is_off: false,
        key: "greeting".into(),
        value: json!("off"),
        rules,
        prerequisites: Vec::new(),
    };
    let plain = FlagRule {
        is_off: false,
        key: "a-plain".into(),
        value: json!(7),
        rules: Vec::new(),
        prerequisites: Vec::new(),
    };
    Snapshot {
        flags: vec![flag, plain],
        ..snapshot(Vec::new())
    }
}

#[test]
fn the_first_rule_that_takes_the_unit_in_decides_a_flag() {
    let engine = Engine::compile(&flags()).expect("it compiles");
    let japan = Context {
        country: CountryCode::new("JP").ok(),
        ..unit("")
    };
    let decision = engine.flag("greeting", &japan).expect("known");
    assert_eq!(
        (decision.value, decision.reason),
        (&json!("japan"), FlagReason::Rule { index: 0 })
    );
    assert_eq!(decision.reason_text, "flag_greeting_rule_0");

    let units: Vec<String> = (0..1_000).map(|n| n.to_string()).collect();
    let half = units.iter().filter(|name| {
        let decision = engine.flag("greeting", &unit(name)).expect("known");
        assert_eq!(decision.reason == FlagReason::Off, decision.value == "off");
        decision.value == "half"
    });
    assert!((450..550).contains(&half.count()));
    assert!(engine.flag("unknown", &japan).is_none());
    let keys: Vec<_> = engine
        .decide_all_flags(&japan)
        .map(|flag| flag.key)
        .collect();
    assert_eq!(keys, ["a-plain", "greeting"]);
}

#[test]
fn a_rule_of_a_flag_holds_from_its_start_until_just_before_its_end() {
    let mut snapshot = flags();
    let rule = &mut snapshot.flags[0].rules[0];
    (rule.start_ms, rule.end_ms) = (Some(10), Some(20));
    let engine = Engine::compile(&snapshot).expect("it compiles");
    let at = |now_ms| {
        let context = Context {
            country: CountryCode::new("JP").ok(),
            now_ms,
            ..unit("")
        };
        engine.flag("greeting", &context).expect("known").value == "japan"
    };
    let held: Vec<i64> = (8..22).filter(|now_ms| at(*now_ms)).collect();
    assert_eq!(held, (10..20).collect::<Vec<i64>>());

    let rule = &mut snapshot.flags[0].rules[0];
    (rule.start_ms, rule.end_ms) = (Some(20), Some(20));
    let fault = Engine::compile(&snapshot).expect_err("it never holds");
    assert_eq!(fault.path, "flags[0].rules[0].end_ms");
}

/// Coverage ends before the bucket it names: with 281 buckets, bucket 281 is out.
#[test]
fn the_end_of_a_flags_coverage_is_out() {
    let name = "user-123";
    assert_eq!(nexus_flags::bucketing::bucket("exp", name), 281);
    let mut snapshot = flags();
    for (coverage_bp, covered) in [(0, false), (281, false), (282, true), (10_000, true)] {
        let step = &mut snapshot.flags[0].rules[1];
        (step.coverage_bp, step.seed) = (coverage_bp, "exp".into());
        let engine = Engine::compile(&snapshot).expect("it compiles");
        let decision = engine.flag("greeting", &unit(name)).expect("known");
        assert_eq!(decision.value == "half", covered, "{coverage_bp}");
    }
}

/// Hashes are computed in batches; each experiment decides as if it were alone.
#[test]
fn many_experiments_decide_as_each_alone() {
    for count in [1, 7, 8, 9, 16, 21] {
        let rule = |n: usize| ExperimentRule {
            id: format!("e{n}"),
            paused: n % 5 == 4,
            ..experiment(&format!("seed-{n}"), 7_000, &[2_000, 3_000, 5_000])
        };
        let rules: Vec<_> = (0..count).map(rule).collect();
        let together = Engine::compile(&snapshot(rules.clone())).expect("it compiles");
        let mut decisions = Decisions::default();
        for name in ["ann", "bob", "é", "用户123", "d", "e-6", "f-7"] {
            together.decide(&unit(name), &mut decisions);
            let found: Vec<_> = together
                .decided(&decisions)
                .map(|d| d.reason().to_owned())
                .collect();
            let alone: Vec<_> = rules
                .iter()
                .filter_map(|rule| decided(rule.clone(), &unit(name)))
                .collect();
            assert_eq!(found, alone, "{count} experiments, {name}");
        }
    }
}

fn fault(change: impl FnOnce(&mut Snapshot)) -> (String, CompileProblem) {
    let mut broken = Snapshot {
        flags: flags().flags,
        ..snapshot(vec![everybody(), everybody()])
    };
    broken.experiments[1].id = "other".into();
    change(&mut broken);
    let error = Engine::compile(&broken).expect_err("it is broken");
    (error.path, error.problem)
}

#[test]
fn faults_name_their_place() {
    use CompileProblem::{
        AboveWhole, BadKey, Duplicate, Empty, EndsBeforeStart, TooFew, WeightSum,
    };
    let at = |path: &str, problem| (path.to_owned(), problem);
    assert_eq!(
        fault(|s| s.experiments[1].id = "exp".into()),
        at("experiments[1].id", Duplicate("exp".into()))
    );
    assert_eq!(
        fault(|s| s.experiments[1].variants[1].key = "v0".into()),
        at("experiments[1].variants[1].key", Duplicate("v0".into()))
    );
    assert_eq!(
        fault(|s| s.experiments[0].variants[0].weight_bp = 5_001),
        at("experiments[0].variants", WeightSum { sum: 10_001 })
    );
    assert_eq!(
        fault(|s| s.experiments[0].variants.truncate(1)),
        at("experiments[0].variants", TooFew { found: 1, limit: 2 })
    );
    assert_eq!(
        fault(|s| s.experiments[0].coverage_bp = 10_001),
        at("experiments[0].coverage_bp", AboveWhole { found: 10_001 })
    );
    assert_eq!(
        fault(|s| s.experiments[0].seed.clear()),
        at("experiments[0].seed", Empty)
    );
    assert_eq!(
        fault(|s| s.experiments[0].id = "a b".into()),
        at("experiments[0].id", BadKey)
    );
    assert_eq!(
        fault(|s| (s.experiments[1].start_ms, s.experiments[1].end_ms) = (Some(5), Some(5))),
        at("experiments[1].end_ms", EndsBeforeStart)
    );
    assert_eq!(
        fault(|s| s.flags[1].key = "greeting".into()),
        at("flags[1].key", Duplicate("greeting".into()))
    );
    let rule = AttributeRule {
        name: "n".into(),
        operator: Operator::Is,
        values: Vec::new(),
    };
    assert_eq!(
        fault(|s| s.flags[0].rules[1].targeting.attributes = vec![rule]),
        at("flags[0].rules[1].targeting.attributes[0].values", Empty)
    );
}

#[test]
fn a_paused_experiment_is_checked_too() {
    let rule = ExperimentRule {
        paused: true,
        coverage_bp: 20_000,
        ..everybody()
    };
    assert!(Engine::compile(&snapshot(vec![rule])).is_err());
}

#[test]
fn sizes_are_bounded() {
    let problem = |change: fn(&mut Snapshot)| fault(change).1;
    let long = problem(|s| s.experiments[0].id = "x".repeat(129));
    assert_eq!(
        long,
        CompileProblem::TooLong {
            bytes: 129,
            limit: 128
        }
    );
    let features = problem(|s| {
        s.experiments[0].variants[0]
            .features
            .insert("x".into(), json!("y".repeat(70_000)));
    });
    assert!(matches!(
        features,
        CompileProblem::TooLong { limit: 65_536, .. }
    ));
    let names = problem(|s| {
        s.experiments = (0..6)
            .map(|i| {
                let rule = |j| AttributeRule {
                    name: format!("name-{i}-{j}"),
                    operator: Operator::Is,
                    values: vec!["v".into()],
                };
                let attributes = (0..50).map(rule).collect();
                let targeting = Targeting {
                    attributes,
                    ..Targeting::default()
                };
                ExperimentRule {
                    id: format!("e{i}"),
                    targeting,
                    ..everybody()
                }
            })
            .collect();
    });
    assert_eq!(
        names,
        CompileProblem::TooMany {
            found: 300,
            limit: 255
        }
    );
}

#[test]
fn buckets_per_variant_are_the_real_split() {
    let whole = experiment("s", 10_000, &[3_334, 3_333, 3_333]);
    assert_eq!(whole.buckets_per_variant(), [3_334, 3_333, 3_333]);
    let small = experiment("s", 37, &[3_334, 3_333, 3_333]);
    let buckets = small.buckets_per_variant();
    assert!(
        buckets.iter().all(|count| (12..=13).contains(count)),
        "{buckets:?}"
    );
}
