//! Conditions and slices: who can take part at all.
#![expect(clippy::expect_used, reason = "tests")]

mod common;

use common::{experiment, snapshot, unit};
use nexus_flags::{
    Context, CountryCode, Decisions, Device, Engine, ExperimentRule, SliceRule, Targeting,
};
use serde_json::json;

fn takes_part(rule: &ExperimentRule, context: &Context<'_>) -> bool {
    let engine = Engine::compile(&snapshot(vec![rule.clone()])).expect("it compiles");
    let mut decisions = Decisions::default();
    engine.decide(context, &mut decisions);
    !decisions.is_empty()
}

fn everybody() -> ExperimentRule {
    experiment("seed", 10_000, &[5_000, 5_000])
}

#[test]
fn a_condition_says_what_the_other_parts_cannot() {
    let japan = CountryCode::new("jp").ok();
    let condition = json!({ "$or": [
        { "country": "JP", "device": { "$ne": "bot" } },
        { "app": { "$vgte": "2.0.0" }, "id": { "$regex": "^a" } },
        { "age": { "$gte": 18 } },
        { "staff": true },
        { "note": { "$exists": true, "$regex": "^tr" } },
    ] });
    let rule = ExperimentRule {
        targeting: Targeting {
            condition: Some(condition),
            ..Targeting::default()
        },
        ..everybody()
    };
    let matches = |unit_id, country, device, attributes| {
        let context = Context {
            country,
            device,
            attributes,
            ..unit(unit_id)
        };
        takes_part(&rule, &context)
    };
    assert!(matches("x", japan, Device::Mobile, &[]));
    assert!(!matches("x", japan, Device::Bot, &[]));
    assert!(!matches("x", None, Device::Mobile, &[]));
    assert!(matches("ann", None, Device::Bot, &[("app", "2.1.0")]));
    assert!(!matches("bob", None, Device::Bot, &[("app", "2.1.0")]));
    assert!(!matches("ann", None, Device::Bot, &[("app", "1.9.9")]));
    // Attributes come as texts; beside a number they are read as numbers.
    assert!(matches("x", None, Device::Bot, &[("age", "100")]));
    assert!(!matches("x", None, Device::Bot, &[("age", "9")]));
    // Beside true or false as such; whether one is there asks for no kind.
    assert!(matches("x", None, Device::Bot, &[("staff", "true")]));
    assert!(!matches("x", None, Device::Bot, &[("staff", "yes")]));
    assert!(matches("x", None, Device::Bot, &[("note", "true")]));
}

#[test]
fn slices_of_one_seed_share_nobody_and_leave_nobody_out() {
    let slice = |from_bp, to_bp| SliceRule {
        seed: "layer:checkout".into(),
        from_bp,
        to_bp,
    };
    let of = |slices| ExperimentRule {
        slices,
        ..everybody()
    };
    let (first, second) = (of(vec![slice(0, 3_000)]), of(vec![slice(3_000, 10_000)]));
    let (mut firsts, mut both) = (0, vec![slice(0, 5_000), slice(4_000, 10_000)]);
    both[1].seed = "holdout".into();
    let both = of(both);
    let mut in_both = 0;
    for n in 0..10_000 {
        let name = format!("user-{n}");
        let context = unit(&name);
        let takes_part = |rule: &ExperimentRule| takes_part(rule, &context);
        assert!(takes_part(&first) ^ takes_part(&second), "{name}");
        firsts += u32::from(takes_part(&first));
        in_both += u32::from(takes_part(&both));
    }
    assert!((2_850..=3_150).contains(&firsts), "{firsts}");
    // Half of all, and 60 % of those: the two hashes are independent.
    assert!((2_850..=3_150).contains(&in_both), "{in_both}");
    let empty = of(vec![slice(3_000, 3_000)]);
    let error = Engine::compile(&snapshot(vec![empty])).expect_err("it is empty");
    assert_eq!(error.path, "experiments[0].slices[0].from_bp");
}

#[test]
fn a_condition_that_means_nothing_is_refused() {
    let rule = ExperimentRule {
        targeting: Targeting {
            condition: Some(json!({ "plan": { "$like": "p" } })),
            ..Targeting::default()
        },
        ..everybody()
    };
    let error = Engine::compile(&snapshot(vec![rule])).expect_err("it means nothing");
    assert_eq!(
        error.to_string(),
        "experiments[0].targeting.condition.plan.$like: there is no operator $like"
    );
}
