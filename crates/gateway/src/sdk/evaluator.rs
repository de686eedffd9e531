//! The evaluator of the payload that SDKs get.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use nexus_flags::growthbook::{Engine, PayloadError};
use serde_json::{Map, Value};

/// Flags with one value for everybody at any time, by name.
pub(super) type Constants = HashMap<Box<str>, Constant>;

/// Why a flag has one value for everybody.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Constant {
    /// Nothing else was asked for.
    Fixed,
    /// It is switched off.
    Off,
}

/// Evaluates what the payload says, as GrowthBook's SDKs do.
pub(super) struct Evaluator {
    pub(super) engine: Engine,
    /// Rules that take in a share of those they match.
    shares: HashSet<Box<str>>,
    constants: Arc<Constants>,
}

impl Evaluator {
    /// `groups` are the payload's saved groups as JSON; empty when it has none.
    pub(super) fn new(
        features: &[u8],
        groups: &str,
        constants: Arc<Constants>,
    ) -> Result<Self, PayloadError> {
        let features: Map<String, Value> =
            serde_json::from_slice(features).map_err(|_| PayloadError::NotAnObject)?;
        let shares = shares(&features).into_iter().map(Box::from).collect();
        let groups = serde_json::from_str(groups).unwrap_or_default();
        let payload = Map::from_iter([
            ("features".to_owned(), features.into()),
            ("savedGroups".to_owned(), groups),
        ]);
        Ok(Self {
            engine: Engine::compile_owned(payload.into())?,
            shares,
            constants,
        })
    }

    /// Of a flag with one value for everybody.
    pub(super) fn constant(&self, name: &str) -> Option<Constant> {
        self.constants.get(name).copied()
    }

    /// Whether a rule takes in only a share of those it matches.
    pub(super) fn is_share(&self, rule: &str) -> bool {
        self.shares.contains(rule)
    }
}

fn shares(features: &Map<String, Value>) -> BTreeSet<&str> {
    let rules = features.values().filter_map(|feature| feature.get("rules"));
    let rules = rules.filter_map(Value::as_array).flatten();
    rules
        .filter(|rule| rule.get("range").is_some())
        .filter_map(|rule| rule.get("id")?.as_str())
        .collect()
}
