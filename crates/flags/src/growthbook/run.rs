//! One question: a feature's rules from the first to the one that decides.
//!
//! Source: `evalFeature` of the GrowthBook SDK specification 0.12.0.

use std::cell::{Cell, OnceCell};

use serde_json::Value;
use url::Url;

use super::attribute::Attributes;
use super::condition::{Budget, Condition, Scope};
use super::engine::Engine;
use super::feature::{Action, Feature, Force, NULL, Parent, Rollout, Rule};
use super::hashing::{Filter, Identity};
use super::options::Options;
use super::path::Subject;
use super::result::{FeatureResult, Participation, Source};
use super::url_target;

/// Deepest chain of prerequisites that is followed.
const MAX_DEPTH: u32 = 50;
/// Most prerequisites one question may look at: features that name each other several
/// times would otherwise cost exponential time.
const MAX_PREREQUISITES: u32 = 4_096;

/// A question under way.
pub(super) struct Run<'a> {
    pub(super) engine: &'a Engine,
    pub(super) options: &'a Options<'a>,
    subject: Subject<'a>,
    features_left: Cell<u32>,
    url: OnceCell<Option<Box<Url>>>,
}

/// The features we are inside of, to notice a cycle.
pub(super) struct Frame<'f> {
    key: &'f str,
    depth: u32,
    parent: Option<&'f Frame<'f>>,
}

impl Frame<'_> {
    fn holds(&self, key: &str) -> bool {
        self.key == key || self.parent.is_some_and(|parent| parent.holds(key))
    }
}

/// How a prerequisite turned out.
enum Met {
    Yes,
    No,
    Cyclic,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        attributes: &'a dyn Attributes,
        options: &'a Options<'a>,
    ) -> Self {
        Self {
            engine,
            options,
            subject: Subject::User {
                attributes,
                remote_group_ids: options.remote_group_ids,
            },
            features_left: Cell::new(MAX_PREREQUISITES),
            url: OnceCell::new(),
        }
    }

    pub(super) fn feature(&self, key: &str, parent: Option<&Frame<'_>>) -> FeatureResult<'a> {
        let depth = parent.map_or(0, |parent| parent.depth + 1);
        let left = self.features_left.get();
        if depth > MAX_DEPTH || left == 0 || parent.is_some_and(|parent| parent.holds(key)) {
            return answer(&NULL, Source::CyclicPrerequisite);
        }
        self.features_left.set(left - 1);
        if let Some((_, value)) = self.options.forced_features.iter().find(|(k, _)| *k == key) {
            return answer(value, Source::Override);
        }
        let Some(feature) = self.engine.find(key) else {
            return answer(&NULL, Source::UnknownFeature);
        };
        let frame = Frame { key, depth, parent };
        for rule in &feature.rules {
            if let Some(decided) = self.rule(feature, rule, &frame) {
                return decided;
            }
        }
        answer(&feature.default, Source::DefaultValue)
    }

    /// Nothing where the next rule is to decide.
    fn rule(
        &self,
        feature: &'a Feature,
        rule: &'a Rule,
        frame: &Frame<'_>,
    ) -> Option<FeatureResult<'a>> {
        for parent in &rule.parents {
            match self.prerequisite(parent, frame) {
                Met::Yes => {}
                Met::Cyclic => return Some(answer(&NULL, Source::CyclicPrerequisite)),
                Met::No if parent.gate => return Some(answer(&NULL, Source::Prerequisite)),
                Met::No => return None,
            }
        }
        if !self.admitted(&rule.filters) {
            return None;
        }
        match &rule.action {
            Action::Nothing => None,
            Action::Force(force) => self.applies(force).then(|| FeatureResult {
                rule_id: &rule.id,
                ..answer(&force.value, Source::Force)
            }),
            Action::Run(experiment) => {
                let participation = self.experiment(experiment, Some(&feature.key), frame);
                let result = &participation.result;
                if !result.in_experiment || result.passthrough() {
                    return None;
                }
                Some(FeatureResult {
                    value: result.value(),
                    source: Source::Experiment,
                    rule_id: &rule.id,
                    experiment: Some(participation),
                })
            }
        }
    }

    fn applies(&self, force: &'a Force) -> bool {
        force
            .condition
            .as_ref()
            .is_none_or(|condition| self.passes(condition))
            && force
                .rollout
                .as_ref()
                .is_none_or(|rollout| self.included(rollout))
    }

    fn included(&self, rollout: &'a Rollout) -> bool {
        let sticky = self.options.sticky.is_some();
        let fallback = rollout.fallback_attribute.as_deref().filter(|_| sticky);
        let unit = self.identity(&rollout.hash_attribute, fallback);
        let hash = unit.and_then(|unit| rollout.hasher.hash(&unit));
        hash.is_some_and(|hash| rollout.range.contains(hash))
    }

    /// Whether every prerequisite is met, with no difference why not.
    pub(super) fn all_met(&self, parents: &'a [Parent], frame: &Frame<'_>) -> bool {
        let met = |parent| matches!(self.prerequisite(parent, frame), Met::Yes);
        parents.iter().all(met)
    }

    fn prerequisite(&self, parent: &'a Parent, frame: &Frame<'_>) -> Met {
        let result = self.feature(&parent.feature, Some(frame));
        if result.source == Source::CyclicPrerequisite {
            return Met::Cyclic;
        }
        let subject = Subject::Prerequisite(result.value);
        if self.passes_for(&parent.condition, subject) {
            Met::Yes
        } else {
            Met::No
        }
    }

    pub(super) fn admitted(&self, filters: &'a [Filter]) -> bool {
        let admits = |filter: &'a Filter| {
            let unit = self.identity(&filter.attribute, None);
            unit.is_some_and(|unit| filter.admits(&unit))
        };
        filters.iter().all(admits)
    }

    /// Who is asked about: by `attribute`, or by `fallback` where that is missing.
    #[inline]
    pub(super) fn identity(
        &self,
        attribute: &'a str,
        fallback: Option<&'a str>,
    ) -> Option<Identity<'a>> {
        let identity = |attribute: &'a str| {
            let value = self.subject.field(attribute)?;
            value.identifies().then_some(Identity { attribute, value })
        };
        identity(attribute).or_else(|| identity(fallback?))
    }

    #[inline]
    pub(super) fn passes(&self, condition: &Condition) -> bool {
        self.passes_for(condition, self.subject)
    }

    fn passes_for(&self, condition: &Condition, subject: Subject<'a>) -> bool {
        self.with_scope(subject, |scope| condition.passes(scope))
    }

    pub(super) fn with_user<R>(&self, f: impl FnOnce(&Scope<'_, 'a>) -> R) -> R {
        self.with_scope(self.subject, f)
    }

    #[inline]
    fn with_scope<R>(&self, subject: Subject<'a>, f: impl FnOnce(&Scope<'_, 'a>) -> R) -> R {
        let budget = Budget::new();
        f(&Scope {
            groups: &self.engine.groups,
            subject,
            trail: None,
            budget: &budget,
        })
    }

    /// The address, read once.
    pub(super) fn url(&self) -> Option<&Url> {
        let read = || url_target::parse(self.options.url).map(Box::new);
        self.url.get_or_init(read).as_deref()
    }

    /// An experiment that no feature asks for.
    pub(super) fn standalone(&self, experiment: &'a super::Experiment) -> Participation<'a> {
        let outside = Frame {
            key: "",
            depth: 0,
            parent: None,
        };
        self.experiment(experiment, None, &outside)
    }
}

const fn answer(value: &Value, source: Source) -> FeatureResult<'_> {
    FeatureResult {
        value,
        source,
        rule_id: "",
        experiment: None,
    }
}
