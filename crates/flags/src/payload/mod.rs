//! A snapshot as GrowthBook's SDKs read it (specification 0.12.0).
//!
//! Each flag is a feature that forces values. Each running experiment is a rule of every
//! feature that one of its variants sets, before the flag's own rules, because at the
//! gateway experiments win over flags and earlier experiments over later ones. A variant
//! that does not set the feature passes through to the next rule; the console leaves out of a
//! snapshot what variants set of flags that are off. And each experiment is a
//! feature of its own id, whose value is the key of the variant, so that an application
//! can ask which one it is.
//!
//! The SDK needs these attributes: `id` (the unit), `country` (two capital letters),
//! `device` (one of the words of [`Device`](crate::Device)), and what targeting names. A
//! dot in an attribute's name is a step into an object there.
//!
//! Prerequisites become `parentConditions` without `gate`: a rule whose prerequisite does not
//! hold is passed over, and what remains is the flag's off value. A gate would give null.

mod condition;
mod rule;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value, json};

use self::condition::scalars;
use self::rule::{experiment_rule, flag_rule};
use crate::snapshot::{ExperimentRule, FlagRule, Snapshot};

/// The payload's `features` at this moment; experiments that are paused, not yet started or
/// over are left out, and so are rules of flags out of their time.
#[must_use]
pub fn features(snapshot: &Snapshot, now_ms: i64) -> Map<String, Value> {
    let mut features: BTreeMap<&str, Feature> = BTreeMap::new();
    let running: Vec<&ExperimentRule> = snapshot
        .experiments
        .iter()
        .filter(|experiment| runs_at(experiment, now_ms))
        .collect();
    for experiment in &running {
        for name in names(experiment) {
            let value = |index: usize| experiment.variants.get(index)?.features.get(name).cloned();
            let feature = features.entry(name).or_default();
            feature.rules.extend(experiment_rule(experiment, value));
        }
    }
    for flag in &snapshot.flags {
        features.entry(&flag.key).or_default().add(flag, now_ms);
    }
    for experiment in &running {
        // A feature that is called like an experiment comes first.
        if !features.contains_key(&*experiment.id) {
            let key = |index: usize| Some(experiment.variants.get(index)?.key.clone().into());
            let feature = features.entry(&experiment.id).or_default();
            feature.rules.extend(experiment_rule(experiment, key));
        }
    }
    let written = features.into_iter();
    written
        .map(|(name, feature)| (name.to_owned(), feature.into_json()))
        .collect()
}

/// The payload's `savedGroups`: what `$inGroup` and `$notInGroup` refer to.
#[must_use]
pub fn saved_groups(lists: &BTreeMap<String, Vec<String>>) -> Map<String, Value> {
    let written = lists.iter();
    written
        .map(|(name, values)| (name.clone(), scalars(values).into()))
        .collect()
}

/// The time around this moment in which nothing starts or ends, so that the payload stays
/// the same.
#[must_use]
pub fn steady(snapshot: &Snapshot, now_ms: i64) -> Range<i64> {
    let experiments = snapshot.experiments.iter().filter(|one| !one.paused);
    let experiments = experiments.flat_map(|one| [one.start_ms, one.end_ms]);
    let steps = snapshot.flags.iter().flat_map(|flag| &flag.rules);
    let ramps = steps.clone().flat_map(|step| &step.ramp);
    let steps = steps.flat_map(|step| [step.start_ms, step.end_ms]);
    let ramps = ramps.map(|step| Some(step.from_ms));
    let turns = experiments.chain(steps).chain(ramps).flatten();
    turns.fold(i64::MIN..i64::MAX, |span, at_ms| match at_ms <= now_ms {
        true => span.start.max(at_ms)..span.end,
        false => span.start..span.end.min(at_ms),
    })
}

/// Flags that have one value for everybody at any time: no rules, and no experiment that sets
/// them.
pub fn constants(snapshot: &Snapshot) -> impl Iterator<Item = &FlagRule> {
    let experiments = snapshot.experiments.iter().filter(|one| !one.paused);
    let set: std::collections::BTreeSet<&str> = experiments.flat_map(names).collect();
    let flags = snapshot.flags.iter().filter(|flag| flag.rules.is_empty());
    flags.filter(move |flag| !set.contains(flag.key.as_str()))
}

#[derive(Default)]
struct Feature {
    /// Null, which an SDK's own default replaces, where no flag says otherwise.
    default: Value,
    rules: Vec<Value>,
}

impl Feature {
    fn add(&mut self, flag: &FlagRule, now_ms: i64) {
        self.default = flag.value.clone();
        let steps = flag.rules.iter().enumerate();
        let steps = steps.filter(|(_, step)| is_within(step.start_ms, step.end_ms, now_ms));
        self.rules
            .extend(steps.filter_map(|(index, step)| flag_rule(flag, index, step, now_ms)));
    }

    fn into_json(self) -> Value {
        match self.rules.is_empty() {
            true => json!({ "defaultValue": self.default }),
            false => json!({ "defaultValue": self.default, "rules": self.rules }),
        }
    }
}

fn runs_at(experiment: &ExperimentRule, now_ms: i64) -> bool {
    !experiment.paused && is_within(experiment.start_ms, experiment.end_ms, now_ms)
}

fn is_within(start_ms: Option<i64>, end_ms: Option<i64>, now_ms: i64) -> bool {
    start_ms.is_none_or(|start_ms| now_ms >= start_ms)
        && end_ms.is_none_or(|end_ms| now_ms < end_ms)
}

/// Names of the features that any of its variants sets, each once.
fn names(experiment: &ExperimentRule) -> impl Iterator<Item = &str> {
    let variants = experiment.variants.iter();
    let names: std::collections::BTreeSet<&str> = variants
        .flat_map(|variant| variant.features.keys())
        .map(String::as_str)
        .collect();
    names.into_iter()
}
