//! A payload, compiled once, and the questions it answers.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::Redirect;
use super::attribute::Attributes;
use super::bandit::Bandits;
use super::feature::{Action, Feature};
use super::groups::Groups;
use super::options::Options;
use super::parse::Parser;
use super::pattern::MAX_PATTERNS;
use super::redirect::AutoExperiment;
use super::result::{FeatureResult, Participation};
use super::run::Run;
use crate::lookup::Lookup;

/// A payload ready to answer. Immutable: share it in an `Arc` and swap the `Arc`.
#[derive(Debug, Clone, Default)]
pub struct Engine {
    /// Sorted by key.
    features: Box<[Feature]>,
    lookup: Lookup,
    /// In the payload's order: the first redirect wins.
    experiments: Box<[AutoExperiment]>,
    pub(super) groups: Groups,
    pub(super) bandits: Bandits,
}

/// Why a payload cannot be obeyed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    #[error("the payload is not a JSON object")]
    NotAnObject,
    #[error("the payload has more than {limit} regular expressions")]
    TooManyPatterns { limit: usize },
}

impl Engine {
    /// Compiles a payload as GrowthBook publishes it: an object with `features`,
    /// `experiments`, `savedGroups` and `contextualBandits`, each of which may be missing.
    ///
    /// As in GrowthBook's SDKs a part that cannot be read spoils no other part: a malformed
    /// condition lets nobody in, a rule that is none is skipped.
    ///
    /// # Errors
    /// When there is nothing to read, or too much to hold.
    pub fn compile(payload: &Value) -> Result<Self, PayloadError> {
        let payload = payload.as_object().ok_or(PayloadError::NotAnObject)?;
        let features = payload.get("features").and_then(Value::as_object);
        Self::read(payload, |parser, bandits| {
            let features = features.into_iter().flatten();
            let features = features.filter(|(_, json)| json.is_object());
            features
                .map(|(key, json)| Feature::read(key, json, parser, bandits))
                .collect()
        })
    }

    /// As [`Engine::compile`], freeing each feature's JSON once it is read: the two never take
    /// memory at the same time.
    ///
    /// # Errors
    /// As [`Engine::compile`].
    pub fn compile_owned(payload: Value) -> Result<Self, PayloadError> {
        let Value::Object(mut payload) = payload else {
            return Err(PayloadError::NotAnObject);
        };
        let features = match payload.remove("features") {
            Some(Value::Object(features)) => features,
            _ => Map::new(),
        };
        Self::read(&payload, |parser, bandits| {
            let features = features.into_iter().filter(|(_, json)| json.is_object());
            features
                .map(|(key, json)| Feature::read(&key, &json, parser, bandits))
                .collect()
        })
    }

    fn read(
        payload: &Map<String, Value>,
        features: impl FnOnce(&Parser<'_>, &Bandits) -> Vec<Feature>,
    ) -> Result<Self, PayloadError> {
        let part = |name: &str| payload.get(name);
        let no_groups = Value::Null;
        let parser = Parser::new(part("savedGroups").unwrap_or(&no_groups));
        let bandits = Bandits::compile(part("contextualBandits"), &parser);
        let mut features = features(&parser, &bandits);
        features.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let experiments = part("experiments")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let experiments = experiments.filter_map(Value::as_object);
        let engine = Self {
            lookup: Lookup::new(features.iter().map(|feature| &*feature.key)),
            features: features.into(),
            experiments: experiments
                .map(|json| AutoExperiment::read(json, &parser, &bandits))
                .collect(),
            groups: Groups::compile(&parser),
            bandits,
        };
        if parser.patterns.too_many() {
            return Err(PayloadError::TooManyPatterns {
                limit: MAX_PATTERNS,
            });
        }
        Ok(engine)
    }

    /// What a feature says. Borrows from the engine and from the question; allocates
    /// nothing for rules that target by `$in`, equality, order or saved lists and force,
    /// roll out or draw.
    #[must_use]
    pub fn feature<'a>(
        &'a self,
        key: &str,
        attributes: &'a dyn Attributes,
        options: &'a Options<'a>,
    ) -> FeatureResult<'a> {
        Run::new(self, attributes, options).feature(key, None)
    }

    /// What an experiment of the payload's own says; nothing when there is none of that
    /// key.
    #[must_use]
    pub fn experiment<'a>(
        &'a self,
        key: &str,
        attributes: &'a dyn Attributes,
        options: &'a Options<'a>,
    ) -> Option<Participation<'a>> {
        let mut experiments = self.experiments.iter().map(|auto| &auto.experiment);
        let experiment = experiments.find(|experiment| experiment.key() == key)?;
        Some(Run::new(self, attributes, options).standalone(experiment))
    }

    /// The first of the payload's redirects that takes somebody in. Experiments that wait
    /// to be triggered by hand are passed over.
    #[must_use]
    pub fn redirect<'a>(
        &'a self,
        attributes: &'a dyn Attributes,
        options: &'a Options<'a>,
    ) -> Option<Redirect<'a>> {
        let run = Run::new(self, attributes, options);
        let mut redirects = self
            .experiments
            .iter()
            .filter(|auto| auto.redirects && !auto.manual);
        redirects.find_map(|auto| auto.redirect(&run))
    }

    /// Keys of all features, sorted.
    pub fn feature_keys(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|feature| &*feature.key)
    }

    /// The attributes that assignments are kept by: what to fetch sticky buckets for.
    #[must_use]
    pub fn sticky_attributes(&self) -> BTreeSet<&str> {
        let rules = self.features.iter().flat_map(|feature| &feature.rules);
        let of_rules = rules.filter_map(|rule| match &rule.action {
            Action::Run(experiment) => Some(&**experiment),
            _ => None,
        });
        let own = self.experiments.iter().map(|auto| &auto.experiment);

        of_rules.chain(own).flat_map(names_of).collect()
    }

    pub(super) fn find(&self, key: &str) -> Option<&Feature> {
        let key_at = |position: usize| self.features.get(position).map(|it| &*it.key);
        self.features.get(self.lookup.find(key, key_at)?)
    }
}

fn names_of(experiment: &super::Experiment) -> impl Iterator<Item = &str> {
    let fallback = experiment.fallback_attribute();
    std::iter::once(experiment.hash_attribute()).chain(fallback)
}
