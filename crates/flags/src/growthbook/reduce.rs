//! Payloads with only what one visitor's client still needs.
//!
//! Source: `reducePayload` of the GrowthBook SDK specification 0.12.0. What is left answers
//! like the whole for everybody who agrees with the known attributes.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attribute::{text_field, truthy, truthy_field};
use super::filters::{Filters, Metadata};
use super::prune::{Pruned, Pruner};
use super::reduce_groups::keep_groups;

/// Features of this prefix are holdouts: no filter drops them.
const HOLDOUT: &str = "$holdout:";

/// What to keep of a payload.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReduceOptions {
    /// Only features and experiments that match all of it.
    pub include: Metadata,
    /// No features and experiments that match any of it.
    pub exclude: Metadata,
    pub prerequisites: Prerequisites,
}

/// What happens to prerequisites that the filters drop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Prerequisites {
    /// They stay, because the client evaluates them.
    #[default]
    Keep,
    /// They go.
    Filter,
}

/// Reduces a payload in clear for a visitor of whom `known` is known. Fields of the payload
/// that are not ours stay.
#[must_use]
pub fn reduce_payload(
    payload: &Map<String, Value>,
    known: &Map<String, Value>,
    options: &ReduceOptions,
) -> Value {
    let no_groups = json!({});
    let groups = payload.get("savedGroups").unwrap_or(&no_groups);
    let pruner = Pruner::new(known, groups);
    let mut reducer = Reducer {
        all: payload.get("features").and_then(Value::as_object),
        filters: Filters::new(&options.include, &options.exclude),
        pruner: &pruner,
        prerequisites: options.prerequisites,
        features: Map::new(),
    };
    let experiments = reducer.reduce(payload.get("experiments"));
    let mut kept = json!({ "features": reducer.features, "experiments": experiments });
    if payload.get("contextualBandits").is_some_and(truthy) {
        kept["contextualBandits"] = bandits(payload, &kept, &pruner);
    }
    kept["savedGroups"] = keep_groups(&kept, groups, &pruner);
    let mut reduced = payload.clone();
    reduced.remove("contextualBandits");
    if let Some(kept) = kept.as_object_mut() {
        reduced.append(kept);
    }
    Value::Object(reduced)
}

struct Reducer<'v> {
    all: Option<&'v Map<String, Value>>,
    filters: Filters,
    pruner: &'v Pruner<'v>,
    prerequisites: Prerequisites,
    features: Map<String, Value>,
}

impl Reducer<'_> {
    /// Fills `features` and gives the experiments that stay.
    fn reduce(&mut self, experiments: Option<&Value>) -> Vec<Value> {
        let features = self.all.into_iter().flatten();
        let kept = features.filter(|(_, feature)| self.filters.keep(feature));
        let mut wanted: Vec<String> = kept.map(|(key, _)| key.clone()).collect();
        let experiments = experiments.and_then(Value::as_array).into_iter().flatten();
        let experiments = experiments.filter(|experiment| self.filters.keep(experiment));
        let experiments: Vec<Value> = experiments
            .map(|experiment| prune_item(experiment, self.pruner, false))
            .collect();
        wanted.extend(
            experiments
                .iter()
                .flat_map(|experiment| self.followed(experiment)),
        );
        while let Some(key) = wanted.pop() {
            let found = self
                .all
                .and_then(|all| all.get(&key))
                .filter(|feature| truthy(feature));
            if let Some(feature) = found.filter(|_| !self.features.contains_key(&key)) {
                let feature = self.feature(feature);
                wanted.extend(rules(&feature).flat_map(|rule| self.followed(rule)));
                self.features.insert(key, feature);
            }
        }
        experiments
    }

    /// A feature with its rules pruned. One that is here only as a prerequisite keeps the
    /// rules of its own projects.
    fn feature(&self, feature: &Value) -> Value {
        let everywhere = !self.filters.in_projects(feature);
        let kept = rules(feature).filter(|rule| everywhere || self.filters.keep_rule(rule));
        let kept: Vec<Value> = kept
            .map(|rule| prune_item(rule, self.pruner, true))
            .collect();
        let mut feature = feature.clone();
        if let Some(rules) = feature.get_mut("rules").filter(|rules| rules.is_array()) {
            *rules = Value::Array(kept);
        }
        feature
    }

    /// The prerequisites of a rule or experiment that come with it.
    fn followed(&self, item: &Value) -> Vec<String> {
        let parents = item.get("parentConditions").and_then(Value::as_array);
        let ids = parents
            .into_iter()
            .flatten()
            .filter_map(|parent| parent.get("id")?.as_str());
        let all = self.prerequisites == Prerequisites::Keep;
        ids.filter(|id| all || id.starts_with(HOLDOUT))
            .map(str::to_owned)
            .collect()
    }
}

fn rules(feature: &Value) -> impl Iterator<Item = &Value> {
    feature
        .get("rules")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// A rule or experiment with its condition pruned. One that can never match stays, because
/// its prerequisites are looked at first and a kept assignment skips the condition; only
/// the value that a rule would force is of no more use.
fn prune_item(item: &Value, pruner: &Pruner<'_>, is_rule: bool) -> Value {
    let mut item = item.clone();
    let Some(fields) = item.as_object_mut() else {
        return item;
    };
    let Some(condition) = truthy_field(fields, "condition") else {
        return item;
    };
    let left = match pruner.condition(condition) {
        Pruned::Decided(true) => {
            fields.remove("condition");
            return item;
        }
        Pruned::Decided(false) => {
            if let Some(force) = fields.get_mut("force").filter(|_| is_rule) {
                *force = Value::Null;
            }
            json!({ "$not": {} })
        }
        Pruned::Rest(rest) => rest,
    };
    fields.insert("condition".to_owned(), left);
    item
}

/// The bandits that something kept refers to.
fn bandits(payload: &Map<String, Value>, kept: &Value, pruner: &Pruner<'_>) -> Value {
    let features = kept["features"].as_object().into_iter().flatten();
    let rules = features.flat_map(|(_, feature)| rules(feature));
    let experiments = kept["experiments"].as_array().into_iter().flatten();
    let named = rules.chain(experiments).filter_map(Value::as_object);
    let mut bandits = Map::new();
    for id in named.filter_map(|item| text_field(item, "contextualBanditRef")) {
        let bandit = payload.get("contextualBandits").and_then(|all| all.get(id));
        if let Some(bandit) = bandit.filter(|_| !bandits.contains_key(id)) {
            bandits.insert(id.to_owned(), prune_bandit(bandit, pruner));
        }
    }
    Value::Object(bandits)
}

/// A bandit without the leaves that can never be the first to match.
fn prune_bandit(bandit: &Value, pruner: &Pruner<'_>) -> Value {
    let mut bandit = bandit.clone();
    let always = json!({});
    if let Some(leaves) = bandit.get_mut("contexts").and_then(Value::as_array_mut) {
        leaves.retain_mut(|leaf| {
            let Some(fields) = leaf.as_object_mut() else {
                return true;
            };
            let condition = truthy_field(fields, "condition").unwrap_or(&always);
            let left = match pruner.condition(condition) {
                Pruned::Decided(false) => return false,
                Pruned::Decided(true) => always.clone(),
                Pruned::Rest(rest) => rest,
            };
            fields.insert("condition".to_owned(), left);
            true
        });
    }
    bandit
}
