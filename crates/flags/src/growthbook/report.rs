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
            json["experimentResult"] = participation.result_to_json();
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
        if let Some(leaf) = &self.bandit() {
            json.insert("contextualBandit".to_owned(), Value::Object(leaf.to_map()));
        }
        Value::Object(json)
    }

    /// GrowthBook's `Result`: the result and the bandit's leaf.
    #[must_use]
    pub fn result_to_json(&self) -> Value {
        let mut json = self.result.to_map();
        if let Some(leaf) = self.bandit() {
            json.append(&mut leaf.to_map());
        }
        Value::Object(json)
    }
}

impl Experiment {
    fn to_map(&self) -> Map<String, Value> {
        let mut json = self.definition.to_map();
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
    fn to_map(self) -> Map<String, Value> {
        let fields = [
            ("key", Some(self.key().into())),
            ("name", self.name().map(Value::from)),
            ("featureId", Some(self.feature.into())),
            ("inExperiment", Some(self.in_experiment.into())),
            ("hashUsed", Some(self.hash_used().into())),
            ("variationId", Some(self.variation.into())),
            ("value", Some(self.value().clone())),
            ("hashAttribute", Some(self.hash_attribute.into())),
            ("hashValue", Some(scalar(self.hash_value))),
            ("bucket", self.bucket.map(Value::from)),
            ("stickyBucketUsed", Some(self.sticky_bucket_used.into())),
            (
                "passthrough",
                self.passthrough().then_some(Value::Bool(true)),
            ),
        ];
        let present = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        present
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
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
