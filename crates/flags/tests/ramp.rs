//! A rule of a flag that takes in more users as time goes by.

use std::collections::BTreeMap;

use nexus_flags::{
    CompileProblem, Context, Device, Engine, FlagRule, FlagRuleStep, RampStep, Snapshot, Targeting,
};
use proptest::prelude::*;

fn flag(coverage_bp: u16, ramp: &[(i64, u16)]) -> Snapshot {
    let ramp = ramp.iter().map(|(from_ms, coverage_bp)| RampStep {
        from_ms: *from_ms,
        coverage_bp: *coverage_bp,
    });
    let step = FlagRuleStep {
        targeting: Targeting::default(),
        coverage_bp,
        ramp: ramp.collect(),
        seed: "flag:f:r1".to_owned(),
        value: true.into(),
        start_ms: None,
        end_ms: None,
        prerequisites: Vec::new(),
        slices: Vec::new(),
    };
    Snapshot {
        flags: vec![FlagRule {
            is_off: false,
            key: "f".to_owned(),
            value: false.into(),
            rules: vec![step],
            prerequisites: Vec::new(),
        }],
        version: 1,
        environment: "development".to_owned(),
        created_ms: 0,
        experiments: Vec::new(),
        sdk_keys: Vec::new(),
        qa_links: Vec::new(),
        saved_groups: BTreeMap::new(),
        sampling_seed: None,
    }
}

fn taken_in(engine: &Engine, name: &str, now_ms: i64) -> bool {
    let context = Context {
        unit: name,
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms,
    };
    let flag = engine.flag("f", &context);
    flag.is_some_and(|flag| *flag.value == true)
}

#[test]
fn each_step_counts_from_its_moment_on() {
    let engine = Engine::compile(&flag(0, &[(10, 2_500), (20, 10_000), (30, 0)])).expect("good");
    let names: Vec<String> = (0..4_000).map(|n| format!("u{n}")).collect();
    let share = |now_ms| {
        let taken = names.iter().filter(|name| taken_in(&engine, name, now_ms));
        taken.count() * 100 / names.len()
    };
    assert_eq!(
        (share(9), share(20), share(29), share(30)),
        (0, 100, 100, 0)
    );
    assert!((22..=28).contains(&share(10)) && share(10) == share(19));
}

#[test]
fn steps_are_in_the_order_of_time() {
    for (ramp, place) in [
        (&[(10, 1), (10, 2)][..], "flags[0].rules[0].ramp[1].from_ms"),
        (&[(10, 1), (9, 2)][..], "flags[0].rules[0].ramp[1].from_ms"),
    ] {
        let fault = Engine::compile(&flag(0, ramp)).expect_err("out of order");
        assert_eq!(
            (&*fault.path, fault.problem),
            (place, CompileProblem::NotLater)
        );
    }
    assert!(Engine::compile(&flag(0, &[(1, 10_001)])).is_err());
}

proptest! {
    /// Steps upwards never let anybody go, whoever they are and whenever one looks.
    #[test]
    fn whoever_is_in_stays_in_while_it_ramps_up(
        mut shares in prop::collection::vec(0_u16..=10_000, 1..12),
        name in "[a-z0-9]{1,12}",
    ) {
        shares.sort_unstable();
        let (first, later) = shares.split_first().expect("one at least");
        let ramp: Vec<(i64, u16)> = (1..).map(|n| n * 100).zip(later.iter().copied()).collect();
        let engine = Engine::compile(&flag(*first, &ramp)).expect("good");
        let mut was_in = false;
        for now_ms in (0..1_300).step_by(50) {
            let is_in = taken_in(&engine, &name, now_ms);
            prop_assert!(is_in || !was_in);
            was_in = is_in;
        }
    }
}
