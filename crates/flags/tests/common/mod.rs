//! Small builders shared by the tests.

use std::collections::BTreeMap;

use nexus_flags::{Context, Device, ExperimentRule, Snapshot, Targeting, VariantRule};
use serde_json::Map;

pub(crate) fn snapshot(experiments: Vec<ExperimentRule>) -> Snapshot {
    let environment = "development".to_owned();
    Snapshot {
        version: 1,
        environment,
        created_ms: 0,
        experiments,
        flags: Vec::new(),
        sdk_keys: Vec::new(),
        qa_links: Vec::new(),
        saved_groups: BTreeMap::new(),
        sampling_seed: None,
    }
}

pub(crate) fn experiment(seed: &str, coverage_bp: u16, weights_bp: &[u16]) -> ExperimentRule {
    let variant = |(index, weight_bp): (usize, &u16)| VariantRule {
        key: format!("v{index}"),
        weight_bp: *weight_bp,
        features: Map::new(),
        deployment: None,
    };
    ExperimentRule {
        id: "exp".to_owned(),
        seed: seed.to_owned(),
        coverage_bp,
        variants: weights_bp.iter().enumerate().map(variant).collect(),
        targeting: Targeting::default(),
        start_ms: None,
        end_ms: None,
        slices: Vec::new(),
        prerequisites: Vec::new(),
        paused: false,
    }
}

pub(crate) const fn unit(unit: &str) -> Context<'_> {
    Context {
        unit,
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms: 0,
    }
}

/// A part of all units.
#[allow(dead_code, reason = "each test takes what it needs")]
pub(crate) fn part(from_bp: u16, to_bp: u16) -> nexus_flags::SliceRule {
    let seed = "layer:a".to_owned();
    nexus_flags::SliceRule {
        seed,
        from_bp,
        to_bp,
    }
}

/// So many cases of what takes long, unless `PROPTEST_CASES` asks for others.
#[allow(dead_code, reason = "each test takes what it needs")]
pub(crate) fn cases(few: u32) -> proptest::test_runner::Config {
    let config = proptest::test_runner::Config::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let cases = if asked { config.cases } else { few };
    proptest::test_runner::Config { cases, ..config }
}
