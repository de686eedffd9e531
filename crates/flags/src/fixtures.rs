//! Deterministic snapshots of any size, for measurements and for other crates' tests.

mod every_kind;
mod mutated;

pub use every_kind::every_kind;
pub use mutated::mutated;

use serde_json::{Map, Value, json};

use crate::context::{CountryCode, Device};
use crate::snapshot::{
    AttributeRule, ExperimentRule, FlagRule, FlagRuleStep, Operator, Snapshot, Targeting,
    VariantRule,
};

/// A snapshot of the environment `development` with a realistic mix: half of the
/// experiments and flag rules are for everybody, the rest are targeted by country, device
/// or the attribute `plan`; coverages and numbers of variants differ.
#[must_use]
pub fn fixture(flags: usize, experiments: usize) -> Snapshot {
    Snapshot {
        version: 1,
        environment: "development".to_owned(),
        created_ms: 1_767_225_600_000,
        experiments: (0..experiments).map(experiment).collect(),
        flags: (0..flags).map(flag).collect(),
        sdk_keys: Vec::new(),
        qa_links: Vec::new(),
        saved_groups: std::collections::BTreeMap::new(),
        sampling_seed: None,
    }
}

/// Country codes that [`fixture`] targets and some that it does not.
#[must_use]
pub fn countries() -> Vec<CountryCode> {
    let codes = ["US", "CA", "GB", "JP", "DE", "BR"];
    codes
        .iter()
        .filter_map(|code| CountryCode::new(code).ok())
        .collect()
}

fn experiment(index: usize) -> ExperimentRule {
    let (weights, coverage_bp): (&[u16], u16) = match index % 3 {
        0 => (&[5_000, 5_000], 10_000),
        1 => (&[9_000, 1_000], 5_000),
        _ => (&[3_334, 3_333, 3_333], 8_000),
    };
    ExperimentRule {
        id: format!("experiment-{index}"),
        seed: format!("experiment-{index}"),
        coverage_bp,
        variants: weights
            .iter()
            .enumerate()
            .map(|(i, weight)| variant(i, *weight))
            .collect(),
        targeting: targeting(index),
        start_ms: None,
        end_ms: None,
        slices: Vec::new(),
        prerequisites: Vec::new(),
        paused: false,
    }
}

fn variant(index: usize, weight_bp: u16) -> VariantRule {
    let key = if index == 0 {
        "control".to_owned()
    } else {
        format!("treatment-{index}")
    };
    let features = Map::from_iter([("layout".to_owned(), Value::from(key.as_str()))]);
    VariantRule {
        key,
        weight_bp,
        features,
        deployment: (index > 0).then(|| "canary".to_owned()),
    }
}

fn flag(index: usize) -> FlagRule {
    let step = |number: usize, coverage_bp| FlagRuleStep {
        targeting: targeting(index + number),
        coverage_bp,
        ramp: Vec::new(),
        seed: format!("flag-{index}-{number}"),
        value: json!({ "on": true, "step": number }),
        // One in eight has a schedule, which at the moment 0 holds for half of them.
        start_ms: (index.is_multiple_of(8)).then_some(i64::from(index.is_multiple_of(16))),
        end_ms: None,
        prerequisites: Vec::new(),
        slices: Vec::new(),
    };
    FlagRule {
        is_off: false,
        key: format!("flag-{index}"),
        value: json!({ "on": false }),
        rules: vec![step(1, 2_500), step(2, 10_000)],
        prerequisites: Vec::new(),
    }
}

fn targeting(index: usize) -> Targeting {
    let none = Targeting::default();
    match index % 6 {
        3 => Targeting {
            countries: countries().into_iter().take(3).collect(),
            ..none
        },
        4 => Targeting {
            devices: vec![Device::Desktop, Device::Tablet],
            ..none
        },
        5 => {
            let (name, values) = ("plan".to_owned(), vec!["pro".to_owned(), "team".to_owned()]);
            let rule = AttributeRule {
                name,
                operator: Operator::Is,
                values,
            };
            Targeting {
                attributes: vec![rule],
                ..none
            }
        }
        _ => none,
    }
}
