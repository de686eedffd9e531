//! Answers, borrowed from the engine and from the question.

use serde_json::Value;

use super::attribute::{Attribute, truthy};
use super::bandit::BanditLeaf;
use super::experiment::{Experiment, Variation};
use super::feature::NULL;

/// A feature's answer.
#[derive(Debug, Clone, Copy)]
pub struct FeatureResult<'a> {
    /// Null where nothing was said.
    pub value: &'a Value,
    /// What decided.
    pub source: Source,
    /// The deciding rule's id; empty without one.
    pub rule_id: &'a str,
    /// The experiment that decided, if one did.
    pub experiment: Option<Participation<'a>>,
}

impl FeatureResult<'_> {
    /// Whether the value is true in JavaScript's sense: not null, false, zero or empty text.
    #[must_use]
    pub fn is_on(&self) -> bool {
        truthy(self.value)
    }
}

/// What decided a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    UnknownFeature,
    DefaultValue,
    Force,
    Experiment,
    /// A value the caller forced.
    Override,
    /// A prerequisite that gates the feature was not met.
    Prerequisite,
    /// Prerequisites depend on themselves, or are too deep or too many to follow.
    CyclicPrerequisite,
}

impl Source {
    /// GrowthBook's name for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownFeature => "unknownFeature",
            Self::DefaultValue => "defaultValue",
            Self::Force => "force",
            Self::Experiment => "experiment",
            Self::Override => "override",
            Self::Prerequisite => "prerequisite",
            Self::CyclicPrerequisite => "cyclicPrerequisite",
        }
    }
}

/// An experiment and how it treats somebody.
#[derive(Debug, Clone, Copy)]
pub struct Participation<'a> {
    pub experiment: &'a Experiment,
    pub result: ExperimentResult<'a>,
    /// Whose weights count instead of the experiment's own.
    pub(super) route: Option<BanditLeaf<'a>>,
}

/// How an experiment treats somebody.
#[derive(Debug, Clone, Copy)]
pub struct ExperimentResult<'a> {
    /// The feature that asked, if one did.
    pub feature: Option<&'a str>,
    /// Whether somebody takes part. Who does not gets the first variation.
    pub in_experiment: bool,
    /// Position of the variation.
    pub variation: usize,
    /// None for an experiment without any.
    pub(super) of_variation: Option<&'a Variation>,
    /// The attribute the unit is known by.
    pub hash_attribute: &'a str,
    /// Its value; the empty text where it is missing.
    pub hash_value: Attribute<'a>,
    /// The unit's place in `[0, 1)` that the variation was drawn by.
    pub bucket: Option<f64>,
    /// Whether a kept assignment decided.
    pub sticky_bucket_used: bool,
}

impl<'a> ExperimentResult<'a> {
    /// Key of the variation.
    #[must_use]
    pub fn key(&self) -> &'a str {
        self.of_variation.map_or("0", |variation| &variation.key)
    }

    /// Name of the variation.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.of_variation?.name.as_deref()
    }

    /// Value of the variation; null for an experiment without any.
    #[must_use]
    pub fn value(&self) -> &'a Value {
        self.of_variation
            .map_or(&NULL, |variation| &variation.value)
    }

    /// The feature's next rule decides, though the unit counts as exposed here.
    #[must_use]
    pub fn passthrough(&self) -> bool {
        self.of_variation
            .is_some_and(|variation| variation.passthrough)
    }

    /// Whether the variation was drawn rather than forced: only then it is an exposure.
    #[must_use]
    pub const fn hash_used(&self) -> bool {
        self.bucket.is_some()
    }
}

impl<'a> Participation<'a> {
    /// Whether somebody was drawn into the experiment, rather than forced or left out.
    #[must_use]
    pub const fn is_exposure(&self) -> bool {
        self.result.hash_used() && self.result.in_experiment
    }

    /// The contextual bandit's leaf that somebody was drawn by.
    #[must_use]
    pub fn bandit(&self) -> Option<BanditLeaf<'a>> {
        self.route.filter(|_| self.is_exposure())
    }
}

/// Is told of every exposure while a feature is evaluated, also of those in prerequisites
/// and of experiments that let the next rule decide.
pub trait Observer {
    fn exposed(&self, participation: &Participation<'_>);
}
