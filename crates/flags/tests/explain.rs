//! An explanation says what the engine decides.
#![expect(clippy::expect_used, reason = "tests")]

mod common;

use common::{experiment, snapshot, unit};
use nexus_flags::bucketing::{Fnv1a, hash};
use nexus_flags::{
    AttributeRule, Buckets, Check, Context, CountryCode, Decisions, Device, Draw, Engine,
    ExperimentRule, FlagReason, FlagRule, FlagRuleStep, Operator, Prerequisite, Reach, SliceRule,
    Snapshot, Targeting, ValueOperator,
};
use proptest::prelude::*;
use serde_json::json;

fn country(code: &str) -> CountryCode {
    CountryCode::new(code).expect("a code")
}

fn rule() -> ExperimentRule {
    ExperimentRule {
        targeting: Targeting {
            countries: vec![country("JP")],
            devices: vec![Device::Mobile],
            attributes: vec![AttributeRule {
                name: "plan".into(),
                operator: Operator::Is,
                values: vec!["pro".into()],
            }],
            condition: Some(json!({ "age": { "$gte": 18 } })),
        },
        slices: vec![SliceRule {
            seed: "layer:checkout".into(),
            from_bp: 0,
            to_bp: 5_000,
        }],
        start_ms: Some(10),
        end_ms: Some(20),
        ..experiment("s", 5_000, &[5_000, 5_000])
    }
}

/// The engine of an environment without anything else.
fn nothing() -> Engine {
    Engine::compile(&snapshot(Vec::new())).expect("it compiles")
}

#[test]
fn everything_that_keeps_somebody_out_is_said() {
    let context = Context {
        country: Some(country("US")),
        attributes: &[("plan", "free")],
        now_ms: 20,
        ..unit("ann")
    };
    let paused = ExperimentRule {
        paused: true,
        ..rule()
    };
    let explanation = paused.explain(&context, &nothing()).expect("it compiles");
    assert_eq!(explanation.variant, None);
    let failed: Vec<&Check> = explanation
        .steps
        .iter()
        .filter(|step| !step.passed)
        .map(|step| &step.check)
        .collect();
    let found = Some("free".to_owned());
    for check in [
        Check::Running,
        Check::Schedule,
        Check::Country {
            found: Some(country("US")),
        },
        Check::Device {
            found: Device::Other,
        },
        Check::Attribute { index: 0, found },
    ] {
        assert!(failed.contains(&&check), "{check:?} in {failed:?}");
    }
    let is_condition = |check: &&&Check| matches!(check, Check::Condition { .. });
    assert!(failed.iter().any(|check| is_condition(&check)));
    assert_eq!(explanation.steps.len(), 9);
}

#[test]
fn a_draw_can_be_computed_by_hand() {
    let explanation = rule()
        .explain(&unit("ann"), &nothing())
        .expect("it compiles");
    let draws = explanation
        .steps
        .iter()
        .filter_map(|step| match &step.check {
            Check::Slice { draw, .. } | Check::Coverage { draw } => Some((draw, step.passed)),
            _ => None,
        });
    let draws: Vec<(&Draw, bool)> = draws.collect();
    assert_eq!(draws.len(), 2);
    for (draw, passed) in draws {
        let again = Fnv1a::EMPTY.text(&format!("{}ann", draw.seed));
        assert_eq!((draw.hash, draw.bucket), (again.value(), again.bucket()));
        assert_eq!(hash(&draw.seed, "ann", draw.hash_version), Some(draw.value));
        assert_eq!(draw.holder().is_some(), passed, "{draw:?}");
    }
    let Check::Coverage { draw } = &explanation.steps.last().expect("some").check else {
        unreachable!("coverage comes last");
    };
    // Half of the buckets, and of each half of them the first half.
    let ranges = [(0, 2_500), (5_000, 7_500)].map(|(from, to)| Buckets { from, to });
    assert_eq!(draw.ranges, ranges);
}

#[test]
fn a_rule_that_makes_no_sense_is_no_explanation() {
    let broken = experiment("s", 10_000, &[5_000, 4_000]);
    assert!(broken.explain(&unit("ann"), &nothing()).is_err());
}

fn step(targeting: Targeting, coverage_bp: u16, times: (Option<i64>, Option<i64>)) -> FlagRuleStep {
    FlagRuleStep {
        targeting,
        coverage_bp,
        ramp: Vec::new(),
        seed: "flag".into(),
        value: json!(coverage_bp),
        start_ms: times.0,
        end_ms: times.1,
        prerequisites: Vec::new(),
        slices: Vec::new(),
    }
}

proptest! {
    #[test]
    fn of_a_flag_it_agrees_with_the_engine_rule_by_rule(
        name in "[a-z]{0,6}", japan: bool, mobile: bool, age in 15_u8..22,
        now_ms in 9_i64..21, coverages in prop::collection::vec(0_u16..=10_001, 0..4),
    ) {
        let all = || Targeting::default();
        let targetings = [rule().targeting, Targeting { countries: vec![country("JP")], ..all() }, all()];
        let times = [(None, None), (Some(10), Some(20)), (None, Some(15))];
        let rules = coverages.iter().enumerate().map(|(n, coverage_bp)| {
            step(targetings[n % 3].clone(), (*coverage_bp).min(10_000), times[n % 3])
        });
        let flag = FlagRule { is_off: false, key: "f".into(), value: json!("off"), rules: rules.collect(), prerequisites: Vec::new() };
        let age = age.to_string();
        let attributes = [("plan", "pro"), ("age", age.as_str())];
        let context = Context {
            unit: &name,
            country: japan.then(|| country("JP")),
            device: if mobile { Device::Mobile } else { Device::Desktop },
            attributes: &attributes,
            now_ms,
        };
        let snapshot = Snapshot { flags: vec![flag.clone()], ..snapshot(Vec::new()) };
        let engine = Engine::compile(&snapshot).expect("it compiles");
        let explained = flag.explain(&context, &engine).expect("it compiles");
        let decided = engine.flag("f", &context).expect("known");
        let expected = match decided.reason {
            FlagReason::Off => None,
            FlagReason::Rule { index } => Some(index as u32),
            FlagReason::Forced => unreachable!("no link"),
        };
        prop_assert_eq!(explained.decided, expected);
        prop_assert_eq!(explained.rules.len(), flag.rules.len());
        for rule in &explained.rules {
            prop_assert_eq!(rule.passed, rule.steps.iter().all(|step| step.passed));
        }
    }

    /// With every prerequisite as the engine finds it, and all that fail said.
    #[test]
    fn prerequisites_are_found_as_the_engine_finds_them(
        name in "[a-z]{1,6}", own: bool, of_step: bool, negated: bool, held: bool,
        base_bp in 0_u16..=10_000,
    ) {
        let need = |value: bool| Prerequisite {
            flag: "base".into(),
            operator: if negated { ValueOperator::IsNot } else { ValueOperator::Is },
            value: json!(value),
        };
        let base = FlagRule { is_off: false,
            key: "base".into(),
            value: json!(false),
            rules: vec![FlagRuleStep { value: json!(true), ..step(Targeting::default(), base_bp, (None, None)) }],
            prerequisites: Vec::new(),
        };
        let of = FlagRuleStep {
            prerequisites: vec![need(of_step)],
            slices: Vec::from_iter(held.then(|| SliceRule {
                seed: "holdout".into(),
                from_bp: 5_000,
                to_bp: 10_000,
            })),
            ..step(Targeting::default(), 10_000, (None, None))
        };
        let flag = FlagRule { is_off: false,
            key: "f".into(),
            value: json!("off"),
            rules: vec![of],
            prerequisites: vec![need(own)],
        };
        let snapshot = Snapshot { flags: vec![flag.clone(), base], ..snapshot(Vec::new()) };
        let engine = Engine::compile(&snapshot).expect("it compiles");
        let context = unit(&name);
        let found = engine.flag("base", &context).expect("known").value.clone();
        let explained = flag.explain(&context, &engine).expect("it compiles");
        let check = Check::Prerequisite { index: 0, found: Some(found) };
        prop_assert_eq!(&explained.prerequisites[0].check, &check);
        let decided = engine.flag("f", &context).expect("known");
        let in_slice = explained.rules[0].steps.iter().all(|step| {
            !matches!(step.check, Check::Slice { .. }) || step.passed
        });
        prop_assert!(in_slice || decided.reason == FlagReason::Off);
        prop_assert_eq!(explained.decided.is_some(), decided.reason != FlagReason::Off);
        let all = explained.prerequisites[0].passed && explained.rules[0].passed;
        prop_assert_eq!(explained.decided.is_some(), all);
    }

    #[test]
    fn it_agrees_with_the_engine(
        name in "[a-z]{0,6}", japan: bool, mobile: bool, pro: bool, age in 15_u8..22,
        now_ms in 9_i64..21, paused: bool, coverage_bp in 0_u16..=10_000,
        parts in 0_u8..16,
    ) {
        let mut rule = ExperimentRule { paused, coverage_bp, ..rule() };
        // Every subset of the targeting.
        if parts & 1 == 0 { rule.targeting.countries.clear(); }
        if parts & 2 == 0 { rule.targeting.devices.clear(); }
        if parts & 4 == 0 { rule.targeting.attributes.clear(); }
        if parts & 8 == 0 { rule.targeting.condition = None; }
        let age = age.to_string();
        let attributes = [("plan", if pro { "pro" } else { "free" }), ("age", age.as_str())];
        let context = Context {
            unit: &name,
            country: japan.then(|| country("JP")),
            device: if mobile { Device::Mobile } else { Device::Desktop },
            attributes: &attributes,
            now_ms,
        };
        let engine = Engine::compile(&snapshot(vec![rule.clone()])).expect("it compiles");
        let mut decisions = Decisions::default();
        engine.decide(&context, &mut decisions);
        let decided = engine.decided(&decisions).next().map(|d| d.variant_index() as u32);
        let explained = rule.explain(&context, &engine).expect("it compiles");
        prop_assert_eq!(explained.variant, decided);
        let all = explained.steps.iter().all(|step| step.passed);
        prop_assert_eq!(all, decided.is_some());
    }
}

proptest! {
    /// How far somebody gets is where the explanation first says no; a variant is what the
    /// engine decides.
    #[test]
    fn a_reach_is_the_first_no(
        unit in "[a-z]{0,3}", jp: bool, mobile: bool, pro: bool, age in 10u32..30, open: bool,
    ) {
        let need = Prerequisite {
            flag: "open".into(),
            operator: ValueOperator::Is,
            value: true.into(),
        };
        let rule = ExperimentRule {
            start_ms: None,
            end_ms: None,
            prerequisites: vec![need],
            ..rule()
        };
        let flag = FlagRule { is_off: false,
            key: "open".into(),
            value: open.into(),
            rules: Vec::new(),
            prerequisites: Vec::new(),
        };
        let snapshot = Snapshot { flags: vec![flag], ..snapshot(vec![rule.clone()]) };
        let engine = Engine::compile(&snapshot).expect("it compiles");
        let age = age.to_string();
        let attributes = [("plan", if pro { "pro" } else { "free" }), ("age", age.as_str())];
        let context = Context {
            unit: &unit,
            country: Some(country(if jp { "JP" } else { "US" })),
            device: if mobile { Device::Mobile } else { Device::Desktop },
            attributes: &attributes,
            now_ms: 0,
        };
        let steps = rule.explain(&context, &engine).expect("it compiles").steps;
        let failed = |is: fn(&Check) -> bool| steps.iter().any(|s| is(&s.check) && !s.passed);
        let targeting = failed(|check| matches!(
            check,
            Check::Unit | Check::Country { .. } | Check::Device { .. }
                | Check::Attribute { .. } | Check::Condition { .. }
        ));
        let reach = engine.reach("exp", &context).expect("it runs");
        let mut decisions = Decisions::default();
        engine.decide(&context, &mut decisions);
        let decided = engine.decided(&decisions).next().map(|d| d.variant_index());
        let expected = if targeting {
            Reach::Targeting
        } else if failed(|check| matches!(check, Check::Slice { .. })) {
            Reach::Slice(0)
        } else if failed(|check| matches!(check, Check::Prerequisite { .. })) {
            Reach::Prerequisites
        } else {
            decided.map_or(Reach::Coverage, Reach::Variant)
        };
        prop_assert_eq!(reach, expected);
        prop_assert_eq!(decided.is_some(), matches!(reach, Reach::Variant(_)));
        prop_assert_eq!(engine.attribute_names(), ["age".into(), "plan".into()]);
    }
}
