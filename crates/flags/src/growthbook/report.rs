//! Answers as JSON, in the shape of GrowthBook's SDKs: for tracking and for remote
//! evaluation.

use serde_json::{Map, Value, json};

use super::attribute::Attribute;
use super::bandit::BanditLeaf;
use super::experiment::Experiment;
use super::result::{ExperimentResult, FeatureResult, Participation};

impl FeatureResult<'_> {
    /// `value`, `on`, `off`, `source`, `ruleId`, and of an experiment `experiment` and
    /// `experimentResult`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "value": self.value,
            "on": self.is_on(),
            "off": !self.is_on(),
            "source": self.source.name(),
            "ruleId": self.rule_id,
        });
        if let Some(participation) = &self.experiment {
            json["experiment"] = participation.experiment_to_json();
            json["experimentResult"] = participation.result.to_json();
        }
        json
    }
}

impl Participation<'_> {
    /// The experiment with the weights that counted.
    #[must_use]
    pub fn experiment_to_json(&self) -> Value {
        let mut json = self.experiment.to_map();
        if let Some(leaf) = self.route.filter(|leaf| leaf.routed) {
            json.insert("weights".to_owned(), numbers(leaf.weights));
        }
        if let Some(leaf) = &self.result.bandit {
            json.insert("contextualBandit".to_owned(), Value::Object(leaf.to_map()));
        }
        Value::Object(json)
    }
}

impl Experiment {
    fn to_map(&self) -> Map<String, Value> {
        let mut json = self.definition.clone();
        let variations = self
            .variations
            .iter()
            .map(|variation| variation.value.clone());
        json.insert("variations".to_owned(), variations.collect());
        json.insert("key".to_owned(), (*self.key).into());
        if self.weighted {
            json.insert("weights".to_owned(), numbers(&self.weights));
        }
        json
    }
}

impl BanditLeaf<'_> {
    fn to_map(self) -> Map<String, Value> {
        let mut json = Map::new();
        json.insert("leafId".to_owned(), self.id.into());
        json.insert("variationWeights".to_owned(), numbers(self.weights));
        if let Some(version) = self.version {
            json.insert("banditVersion".to_owned(), version.clone());
        }
        json
    }
}

impl ExperimentResult<'_> {
    /// GrowthBook's `Result`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = json!({
            "key": self.key,
            "featureId": self.feature,
            "inExperiment": self.in_experiment,
            "hashUsed": self.hash_used,
            "variationId": self.variation,
            "value": self.value,
            "hashAttribute": self.hash_attribute,
            "hashValue": scalar(self.hash_value),
            "stickyBucketUsed": self.sticky_bucket_used,
        });
        if let Some(name) = self.name {
            json["name"] = name.into();
        }
        if let Some(bucket) = self.bucket {
            json["bucket"] = bucket.into();
        }
        if self.passthrough {
            json["passthrough"] = true.into();
        }
        if let (Some(leaf), Some(json)) = (self.bandit, json.as_object_mut()) {
            json.append(&mut leaf.to_map());
        }
        json
    }
}

fn scalar(value: Attribute<'_>) -> Value {
    match value {
        Attribute::Text(text) => text.into(),
        Attribute::Number(number) => self::number(number),
        _ => Value::Null,
    }
}

/// Whole numbers without a fraction, as JavaScript writes them.
fn number(number: f64) -> Value {
    if number.trunc() == number && number.abs() < 1e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}

fn numbers(numbers: &[f64]) -> Value {
    numbers.iter().copied().map(number).collect()
}
