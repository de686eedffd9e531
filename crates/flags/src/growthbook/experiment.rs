//! An experiment, compiled.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::attribute::{text_field, truthy_field};
use super::condition::Condition;
use super::feature::Parent;
use super::hashing::{DEFAULT_ATTRIBUTE, Filter, Hasher, Namespace, read_ranges, whole_number};
use super::parse::Parser;
use super::url_target::UrlTargets;
use crate::bucketing::{BucketRange, bucket_ranges, equal_weights};

/// An experiment of a payload: a rule of a feature, or one of its own.
#[derive(Debug, Clone)]
pub struct Experiment {
    pub(super) key: Box<str>,
    pub(super) variations: Box<[Variation]>,
    /// As declared, or equal ones.
    pub(super) weights: Box<[f64]>,
    /// The weights are as declared.
    pub(super) weighted: bool,
    pub(super) coverage: f64,
    pub(super) ranges: Box<[BucketRange]>,
    /// The ranges were given rather than computed from weights.
    pub(super) fixed_ranges: bool,
    pub(super) hasher: Hasher,
    pub(super) hash_attribute: Box<str>,
    pub(super) stickiness: Stickiness,
    pub(super) filters: Option<Box<[Filter]>>,
    pub(super) namespace: Option<Namespace>,
    pub(super) condition: Option<Condition>,
    pub(super) parents: Box<[Parent]>,
    pub(super) url_targets: Option<UrlTargets>,
    pub(super) status: Status,
    pub(super) forced: Option<i64>,
    /// Where in the payload's contextual bandits its weights come from.
    pub(super) bandit: Option<u32>,
    pub(super) definition: Definition,
}

/// What GrowthBook reports of an experiment, without variations and weights: its fields as JSON
/// text, which takes a tenth of the room of the tree and is read only when somebody reports.
#[derive(Debug, Clone, Default)]
pub(super) struct Definition(Box<str>);

impl Definition {
    pub(super) fn of<'v>(fields: impl Iterator<Item = (&'v String, &'v Value)>) -> Self {
        let fields: BTreeMap<&str, &Value> = fields.map(|(name, v)| (name.as_str(), v)).collect();
        // Names are texts and values were JSON, so they can be written.
        Self(serde_json::to_string(&fields).unwrap_or_default().into())
    }

    pub(super) fn to_map(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

/// One way a unit can be treated.
#[derive(Debug, Clone)]
pub(super) struct Variation {
    pub(super) value: Value,
    /// Of `meta`, or its position.
    pub(super) key: Box<str>,
    /// Whether the key is of `meta`: only such a key is found in a sticky bucket.
    pub(super) named: bool,
    pub(super) name: Option<Box<str>>,
    pub(super) passthrough: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Running,
    /// Only an override assigns anybody.
    Draft,
    /// As a draft, unless the experiment itself forces a variation.
    Stopped,
}

/// How an assignment outlives changes of weights.
#[derive(Debug, Clone)]
pub(super) struct Stickiness {
    pub(super) disabled: bool,
    pub(super) fallback_attribute: Option<Box<str>>,
    /// `<experiment key>__<bucket version>`.
    pub(super) bucket_key: Box<str>,
    /// Units with an assignment of an earlier version are left out.
    pub(super) min_version: u64,
}

impl Experiment {
    /// The key that results and sticky buckets carry.
    #[must_use]
    pub const fn key(&self) -> &str {
        &self.key
    }

    /// The attribute that tells its units apart.
    #[must_use]
    pub const fn hash_attribute(&self) -> &str {
        &self.hash_attribute
    }

    /// The attribute used in its place where that is missing and buckets are sticky.
    #[must_use]
    pub fn fallback_attribute(&self) -> Option<&str> {
        self.stickiness.fallback_attribute.as_deref()
    }

    /// `key` counts when the JSON has none; `variations` are given, because bandits keep
    /// theirs under another name.
    pub(super) fn read(
        json: &Map<String, Value>,
        key: &str,
        variations: &[Value],
        parser: &Parser<'_>,
    ) -> Self {
        let key = text_field(json, "key").unwrap_or(key);
        let coverage = read_coverage(json).unwrap_or(1.0);
        let declared = truthy_field(json, "weights").and_then(numbers);
        let fixed = truthy_field(json, "ranges");
        let ranges = match fixed {
            Some(ranges) => read_ranges(ranges),
            None => bucket_ranges(variations.len(), coverage, declared.as_deref()).into(),
        };
        Self {
            key: key.into(),
            variations: read_variations(variations, json.get("meta")),
            weighted: declared.is_some(),
            weights: declared
                .unwrap_or_else(|| equal_weights(variations.len()))
                .into(),
            coverage,
            ranges,
            fixed_ranges: fixed.is_some(),
            hasher: Hasher::read(json, text_field(json, "seed").unwrap_or(key), 1),
            hash_attribute: text_field(json, "hashAttribute")
                .unwrap_or(DEFAULT_ATTRIBUTE)
                .into(),
            stickiness: Stickiness::read(json, key),
            filters: truthy_field(json, "filters").map(Filter::read_all),
            namespace: truthy_field(json, "namespace").map(Namespace::read),
            condition: parser.optional(truthy_field(json, "condition")),
            parents: Box::default(),
            url_targets: None,
            status: Status::read(json),
            forced: json.get("force").map(|force| force.as_i64().unwrap_or(-1)),
            bandit: None,
            definition: Definition::default(),
        }
    }
}

impl Status {
    fn read(json: &Map<String, Value>) -> Self {
        let status = json.get("status").and_then(Value::as_str);
        if status == Some("draft") || json.get("active") == Some(&Value::Bool(false)) {
            Self::Draft
        } else if status == Some("stopped") {
            Self::Stopped
        } else {
            Self::Running
        }
    }
}

impl Stickiness {
    fn read(json: &Map<String, Value>, key: &str) -> Self {
        let version = |name: &str| json.get(name).and_then(whole_number).unwrap_or(0);
        Self {
            disabled: truthy_field(json, "disableStickyBucketing").is_some(),
            fallback_attribute: text_field(json, "fallbackAttribute").map(Box::from),
            bucket_key: format!("{key}__{}", version("bucketVersion")).into(),
            min_version: version("minBucketVersion"),
        }
    }
}

/// Present but not a number covers nobody.
pub(super) fn read_coverage(json: &Map<String, Value>) -> Option<f64> {
    json.get("coverage")
        .map(|coverage| coverage.as_f64().unwrap_or(0.0))
}

/// Nothing unless it is a list of numbers.
pub(super) fn numbers(json: &Value) -> Option<Vec<f64>> {
    json.as_array()?.iter().map(Value::as_f64).collect()
}

fn read_variations(values: &[Value], meta: Option<&Value>) -> Box<[Variation]> {
    let variation = |(index, value): (usize, &Value)| {
        let meta = meta
            .and_then(|meta| meta.get(index))
            .and_then(Value::as_object);
        let text = |name: &str| meta.and_then(|meta| text_field(meta, name));
        let key = text("key");
        Variation {
            value: value.clone(),
            key: key.map_or_else(|| index.to_string().into(), Box::from),
            named: key.is_some(),
            name: text("name").map(Box::from),
            passthrough: meta.is_some_and(|meta| truthy_field(meta, "passthrough").is_some()),
        }
    };
    values.iter().enumerate().map(variation).collect()
}
