//! Features and their rules, compiled.

use serde_json::{Map, Value};

use super::attribute::{text_field, truthy, truthy_field};
use super::bandit::Bandits;
use super::condition::Condition;
use super::experiment::{Definition, Experiment, read_coverage};
use super::hashing::{DEFAULT_ATTRIBUTE, Filter, Hasher, read_range};
use super::parse::Parser;
use crate::bucketing::BucketRange;

/// What every absent value is.
pub(super) static NULL: Value = Value::Null;

#[derive(Debug, Clone)]
pub(super) struct Feature {
    pub(super) key: Box<str>,
    pub(super) default: Value,
    pub(super) rules: Box<[Rule]>,
}

/// One rule. The first that applies decides.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) id: Box<str>,
    pub(super) parents: Box<[Parent]>,
    pub(super) filters: Box<[Filter]>,
    pub(super) action: Action,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Force(Box<Force>),
    Run(Box<Experiment>),
    /// Neither a value nor variations: only its prerequisites matter.
    Nothing,
}

#[derive(Debug, Clone)]
pub(super) struct Force {
    pub(super) value: Value,
    pub(super) condition: Option<Condition>,
    pub(super) rollout: Option<Rollout>,
}

/// The share of units a value is forced for.
#[derive(Debug, Clone)]
pub(super) struct Rollout {
    pub(super) hash_attribute: Box<str>,
    pub(super) fallback_attribute: Option<Box<str>>,
    pub(super) hasher: Hasher,
    pub(super) range: BucketRange,
}

/// A prerequisite: another feature, and what its value has to be.
#[derive(Debug, Clone)]
pub(super) struct Parent {
    pub(super) feature: Box<str>,
    pub(super) condition: Condition,
    /// Failing blocks the whole feature, not only the rule.
    pub(super) gate: bool,
}

impl Feature {
    pub(super) fn read(key: &str, json: &Value, parser: &Parser<'_>, bandits: &Bandits) -> Self {
        let rules = json
            .get("rules")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let rules = rules.filter_map(Value::as_object);
        Self {
            key: key.into(),
            default: json.get("defaultValue").cloned().unwrap_or_default(),
            rules: rules
                .map(|rule| Rule::read(key, rule, parser, bandits))
                .collect(),
        }
    }
}

impl Rule {
    fn read(key: &str, json: &Map<String, Value>, parser: &Parser<'_>, bandits: &Bandits) -> Self {
        let filters = truthy_field(json, "filters").map(Filter::read_all);
        Self {
            id: text_field(json, "id").unwrap_or_default().into(),
            parents: Parent::read_all(json, parser),
            filters: filters.unwrap_or_default(),
            action: Action::read(key, json, parser, bandits),
        }
    }
}

impl Action {
    fn read(key: &str, json: &Map<String, Value>, parser: &Parser<'_>, bandits: &Bandits) -> Self {
        if let Some(value) = json.get("force") {
            return Self::Force(Box::new(Force {
                value: value.clone(),
                condition: parser.optional(truthy_field(json, "condition")),
                rollout: Rollout::read(key, json),
            }));
        }
        // Bandits keep their variations apart, so that SDKs that know none skip the rule.
        let variations = json.get("contextualVariations").filter(|v| !v.is_null());
        let variations = variations.or_else(|| json.get("variations"));
        let Some(variations) = variations.and_then(Value::as_array) else {
            return Self::Nothing;
        };
        let mut experiment = Experiment::read(json, key, variations, parser);
        experiment.definition = definition(json);
        experiment.bandit =
            text_field(json, "contextualBanditRef").and_then(|id| bandits.index(id));
        Self::Run(Box::new(experiment))
    }
}

/// The fields of a rule that are its experiment's.
fn definition(rule: &Map<String, Value>) -> Definition {
    const WHEN_PRESENT: [&str; 3] = ["coverage", "bucketVersion", "minBucketVersion"];
    const WHEN_TRUE: [&str; 12] = [
        "hashAttribute",
        "fallbackAttribute",
        "disableStickyBucketing",
        "namespace",
        "meta",
        "ranges",
        "name",
        "phase",
        "seed",
        "hashVersion",
        "filters",
        "condition",
    ];
    let belongs = |(name, value): &(&String, &Value)| {
        WHEN_PRESENT.contains(&name.as_str())
            || (WHEN_TRUE.contains(&name.as_str()) && truthy(value))
    };
    Definition::of(rule.iter().filter(belongs))
}

impl Rollout {
    /// Nothing when everybody is included. A range counts before a coverage.
    fn read(key: &str, json: &Map<String, Value>) -> Option<Self> {
        let coverage = |end: f64| BucketRange { start: 0.0, end };
        let range = truthy_field(json, "range")
            .map(read_range)
            .or_else(|| read_coverage(json).map(coverage))?;
        let sticky = truthy_field(json, "disableStickyBucketing").is_none();
        let fallback = text_field(json, "fallbackAttribute").filter(|_| sticky);
        Some(Self {
            hash_attribute: text_field(json, "hashAttribute")
                .unwrap_or(DEFAULT_ATTRIBUTE)
                .into(),
            fallback_attribute: fallback.map(Box::from),
            hasher: Hasher::read(json, text_field(json, "seed").unwrap_or(key), 1),
            range,
        })
    }
}

impl Parent {
    /// What is no list of prerequisites is one that nobody meets.
    pub(super) fn read_all(json: &Map<String, Value>, parser: &Parser<'_>) -> Box<[Self]> {
        match truthy_field(json, "parentConditions") {
            None => Box::default(),
            Some(Value::Array(parents)) => parents.iter().map(|p| Self::read(p, parser)).collect(),
            Some(_) => [Self::read(&NULL, parser)].into(),
        }
    }

    fn read(json: &Value, parser: &Parser<'_>) -> Self {
        let Some(parent) = json.as_object() else {
            return Self {
                feature: Box::default(),
                condition: Condition::broken(),
                gate: false,
            };
        };
        let condition = parser.optional(truthy_field(parent, "condition"));
        Self {
            feature: text_field(parent, "id").unwrap_or_default().into(),
            condition: condition.unwrap_or_default(),
            gate: truthy_field(parent, "gate").is_some(),
        }
    }
}
