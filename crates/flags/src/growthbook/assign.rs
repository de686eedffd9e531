//! Who takes part in an experiment, and as what.
//!
//! Source: `runExperiment` of the GrowthBook SDK specification 0.12.0; its steps are in
//! its order.

use super::attribute::Attribute;
use super::bandit::BanditLeaf;
use super::experiment::{Experiment, Status};
use super::hashing::Identity;
use super::query::query_override;
use super::result::{ExperimentResult, Participation};
use super::run::{Frame, Run};
use super::sticky::{self, Kept};
use crate::bucketing::{bucket_ranges, choose_variation};

/// What an experiment does with somebody.
enum Assignment {
    Out,
    /// Out because of an older assignment that was kept.
    OutForGood,
    Forced(i64),
    Drawn {
        variation: usize,
        bucket: f64,
        sticky: bool,
    },
}

impl<'a> Run<'a> {
    pub(super) fn experiment(
        &self,
        experiment: &'a Experiment,
        feature: Option<&'a str>,
        frame: &Frame<'_>,
    ) -> Participation<'a> {
        let route = experiment.bandit.and_then(|bandit| {
            let bandits = &self.engine.bandits;
            self.with_user(|scope| bandits.route(bandit, &experiment.weights, scope))
        });
        let sticky = self.options.sticky.is_some() && !experiment.stickiness.disabled;
        let fallback = experiment.fallback_attribute().filter(|_| sticky);
        let unit = self.identity(&experiment.hash_attribute, fallback);
        let assignment = self.assign(experiment, unit.as_ref(), route.as_ref(), frame);
        let participation = Participation {
            experiment,
            result: result(experiment, feature, unit, &assignment),
            route,
        };
        if let Some(observer) = self.options.observer
            && participation.is_exposure()
        {
            observer.exposed(&participation);
        }
        participation
    }

    fn assign(
        &self,
        experiment: &'a Experiment,
        unit: Option<&Identity<'a>>,
        route: Option<&BanditLeaf<'a>>,
        frame: &Frame<'_>,
    ) -> Assignment {
        if experiment.variations.len() < 2 || !self.options.enabled || !self.in_place(experiment) {
            return Assignment::Out;
        }
        if let Some(variation) = self.overridden(experiment) {
            return Assignment::Forced(variation);
        }
        let Some(unit) = unit.filter(|_| experiment.status != Status::Draft) else {
            return Assignment::Out;
        };
        let kept = self.kept(experiment);
        let sticky = matches!(kept, Kept::Variation(_));
        if !sticky && !self.eligible(experiment, unit, frame) {
            return Assignment::Out;
        }
        let Some(bucket) = experiment.hasher.hash(unit) else {
            return Assignment::Out;
        };
        let variation = match kept {
            Kept::Blocked => return Assignment::OutForGood,
            Kept::Variation(variation) => Some(variation),
            Kept::Nothing => draw(experiment, route, bucket),
        };
        match (variation, experiment.forced) {
            (None, _) => Assignment::Out,
            (Some(_), Some(forced)) => Assignment::Forced(forced),
            _ if self.options.qa_mode || experiment.status == Status::Stopped => Assignment::Out,
            (Some(variation), None) => Assignment::Drawn {
                variation,
                bucket,
                sticky,
            },
        }
    }

    fn in_place(&self, experiment: &Experiment) -> bool {
        let targets = experiment.url_targets.as_ref();
        targets.is_none_or(|targets| targets.matches(self.url()))
    }

    /// By the address, or else by the caller.
    fn overridden(&self, experiment: &Experiment) -> Option<i64> {
        let options = self.options;
        let count = experiment.variations.len();
        let by_url = query_override(&experiment.key, options.url, count);
        by_url
            .and_then(|variation| i64::try_from(variation).ok())
            .or_else(|| {
                let mut forced = options.forced_variations.iter();
                forced
                    .find(|(key, _)| **key == *experiment.key)
                    .map(|(_, variation)| *variation)
            })
    }

    fn kept(&self, experiment: &'a Experiment) -> Kept {
        match self.options.sticky {
            Some(documents) if !experiment.stickiness.disabled => {
                let unit = self.identity(&experiment.hash_attribute, None);
                let fallback = experiment.fallback_attribute();
                let fallback = fallback.and_then(|attribute| self.identity(attribute, None));
                sticky::find(documents, experiment, [unit, fallback])
            }
            _ => Kept::Nothing,
        }
    }

    /// What a kept assignment need not pass any more. Filters replace a namespace.
    fn eligible(&self, experiment: &'a Experiment, unit: &Identity<'a>, frame: &Frame<'_>) -> bool {
        let admitted = match (&experiment.filters, &experiment.namespace) {
            (Some(filters), _) => self.admitted(filters),
            (None, Some(namespace)) => namespace.admits(unit),
            (None, None) => true,
        };
        admitted
            && experiment
                .condition
                .as_ref()
                .is_none_or(|condition| self.passes(condition))
            && self.all_met(&experiment.parents, frame)
    }
}

/// The variation whose range holds the bucket. A bandit's leaf brings weights of its own.
fn draw(experiment: &Experiment, route: Option<&BanditLeaf<'_>>, bucket: f64) -> Option<usize> {
    match route.filter(|leaf| leaf.routed && !experiment.fixed_ranges) {
        None => choose_variation(bucket, &experiment.ranges),
        Some(leaf) => {
            let count = experiment.variations.len();
            let ranges = bucket_ranges(count, experiment.coverage, Some(leaf.weights));
            choose_variation(bucket, &ranges)
        }
    }
}

fn result<'a>(
    experiment: &'a Experiment,
    feature: Option<&'a str>,
    unit: Option<Identity<'a>>,
    assignment: &Assignment,
) -> ExperimentResult<'a> {
    let (wanted, bucket) = match *assignment {
        Assignment::Out | Assignment::OutForGood => (None, None),
        Assignment::Forced(variation) => (usize::try_from(variation).ok(), None),
        Assignment::Drawn {
            variation, bucket, ..
        } => (Some(variation), Some(bucket)),
    };
    let variations = &experiment.variations;
    let assigned = wanted.filter(|variation| *variation < variations.len());
    let index = assigned.unwrap_or(0);
    ExperimentResult {
        feature,
        in_experiment: assigned.is_some(),
        variation: index,
        of_variation: variations.get(index),
        hash_attribute: unit.map_or(&experiment.hash_attribute, |unit| unit.attribute),
        hash_value: unit.map_or(Attribute::Text(""), |unit| unit.value),
        bucket,
        sticky_bucket_used: match assignment {
            Assignment::OutForGood => true,
            Assignment::Drawn { sticky, .. } => *sticky,
            _ => false,
        },
    }
}
