//! The experiment's method at work: from the counts of two arms to a lift.
//!
//! Methods with a planned end speak at their looks only, of the counts as they
//! were then; the others speak of the counts as they are.

use nexus_domain::experiment::{Experiment, Method};
use nexus_stats::{
    Alpha, AlwaysValid, Bayes, Better, Comparison, DEFAULT_MINIMUM_UNITS, Difference, Effect,
    Fixed, Grouped, Inference, Metric, Prior, PriorScale, Spending, Status, Tail, compare,
};

use super::counts::{Counts, VariantCounts};
use super::sample::reduced;
use super::{sequential, share_of_level};
use crate::views::{Lift, Verdict};

/// Conversions, and users without one, that each arm would have at the common
/// rate before there is a verdict: below, a rate is not near normal.
const MINIMUM_EVENTS: f64 = 10.0;

pub(super) enum Judge {
    Always(AlwaysValid),
    Bayes(Bayes),
    /// One look.
    Fixed(Fixed),
    /// Several; the end is that of all variants together.
    Grouped {
        alpha: Alpha,
        planned_users: u64,
    },
}

impl Judge {
    /// None when the experiment's numbers make no sense, which a draft's check
    /// would have refused.
    pub(super) fn of(experiment: &Experiment) -> Option<Self> {
        let level = share_of_level(experiment);
        let alpha = Alpha::new(level).ok()?;
        Some(match experiment.method {
            Method::AlwaysValid => {
                let method = sequential(experiment, alpha);
                Self::Always(AlwaysValid::by(method, Better::default()))
            }
            Method::Bayesian { prior_sd_bp } => {
                let deviation = f64::from(prior_sd_bp) / 10_000.0;
                Self::Bayes(Bayes {
                    alpha,
                    prior: Some(Prior::new(0.0, deviation, PriorScale::Relative).ok()?),
                    better: Better::default(),
                })
            }
            Method::FixedHorizon { .. } => Self::Fixed(Fixed::new(alpha)),
            Method::GroupSequential { planned_users, .. } => Self::Grouped {
                alpha,
                planned_users,
            },
        })
    }

    /// The lift of the counts as they are; none for a method that speaks at its
    /// looks only.
    pub(super) fn now(&self, control: &VariantCounts, treatment: &VariantCounts) -> Option<Lift> {
        let lift = match self {
            Self::Always(method) => always(&compare(control.rate(), treatment.rate(), method)),
            Self::Bayes(method) => bayes(method, control, treatment),
            Self::Fixed(_) | Self::Grouped { .. } => None,
        };
        lift.map(Lift::at_most_all_lost)
    }

    /// The lifts of one treatment (an index into the variants) at every look so far.
    pub(super) fn at_looks(
        &self,
        experiment: &Experiment,
        counts: &Counts,
        treatment: usize,
    ) -> Vec<Option<Lift>> {
        let (Some(c), Some(t)) = (experiment.control(), experiment.variants.get(treatment)) else {
            return Vec::new();
        };
        let mut units: Vec<u64> = Vec::new();
        let looks = counts.looks.iter().map(|look| {
            let (control, variant) = (look.of(&c.key), look.of(&t.key));
            units.push(control.exposures + variant.exposures);
            match self {
                Self::Fixed(method) => horizon(control, variant, |effect| {
                    Some(method.infer(effect, 0.0)).map(|i| (i, Some(i.p_value)))
                }),
                Self::Grouped {
                    alpha,
                    planned_users,
                } => {
                    let weights = u128::from(c.weight_bp) + u128::from(t.weight_bp);
                    let ours = u128::from(*planned_users) * weights / 10_000;
                    let method = Grouped {
                        alpha: *alpha,
                        tail: Tail::Both,
                        spending: Spending::OBrienFleming,
                        horizon_units: u64::try_from(ours).unwrap_or(u64::MAX),
                    };
                    horizon(control, variant, |effect| grouped(&method, effect, &units))
                }
                Self::Always(_) | Self::Bayes(_) => None,
            }
        });
        looks.map(|lift| lift.map(Lift::at_most_all_lost)).collect()
    }
}

/// Of the lifts at the looks, the one that counts: the first that decided, else
/// the newest.
pub(super) fn deciding(lifts: &[Option<Lift>]) -> Option<Lift> {
    let decided = |lift: &Lift| matches!(lift.verdict, Verdict::Better | Verdict::Worse);
    let mut known = lifts.iter().flatten().copied();
    known.clone().find(decided).or_else(|| known.next_back())
}

fn always(comparison: &Comparison) -> Option<Lift> {
    let interval = comparison.relative?;
    Some(Lift {
        relative: interval.estimate,
        low: interval.lower,
        high: interval.upper,
        p_value: Some(interval.p_value),
        chance_to_win: None,
        verdict: match comparison.status {
            Status::Better => Verdict::Better,
            Status::Worse => Verdict::Worse,
            Status::Unclear => Verdict::Unclear,
            Status::NotEnoughData => Verdict::NotEnoughData,
        },
    })
}

fn bayes(method: &Bayes, control: &VariantCounts, treatment: &VariantCounts) -> Option<Lift> {
    let effect = effect(control, treatment, Difference::Relative)?;
    let posterior = method.judge(&effect).ok()?;
    Some(Lift {
        relative: posterior.mean,
        low: posterior.lower,
        high: posterior.upper,
        p_value: None,
        chance_to_win: Some(posterior.chance_to_win),
        verdict: verdict(
            has_enough(control, treatment),
            posterior.lower > 0.0,
            posterior.upper < 0.0,
        ),
    })
}

/// There is no p-value of a single look.
fn grouped(method: &Grouped, effect: &Effect, units: &[u64]) -> Option<(Inference, Option<f64>)> {
    let look = method.infer(effect, 0.0, units).ok()?;
    let inference = Inference {
        estimate: look.estimate,
        standard_error: look.standard_error,
        lower: Some(look.lower?),
        upper: Some(look.upper?),
        p_value: 1.0,
    };
    Some((inference, None))
}

/// A verdict needs what [`compare`] needs: both intervals, so that the one on
/// display never contradicts it, and the difference measured with the variance
/// that both arms would have in common.
fn horizon(
    control: &VariantCounts,
    treatment: &VariantCounts,
    infer: impl Fn(&Effect) -> Option<(Inference, Option<f64>)>,
) -> Option<Lift> {
    let gap = effect(control, treatment, Difference::Absolute)?;
    let (absolute, _) = infer(&gap)?;
    let (relative, p_value) = infer(&effect(control, treatment, Difference::Relative)?)?;
    let (low, high) = (relative.lower?, relative.upper?);
    let width = (absolute.upper? - absolute.estimate) / absolute.standard_error;
    let sure = gap.estimate.abs() > width * gap.common_error
        && absolute.excludes(0.0)
        && relative.excludes(0.0);
    Some(Lift {
        relative: relative.estimate,
        low,
        high,
        p_value,
        chance_to_win: None,
        verdict: verdict(
            has_enough(control, treatment),
            sure && gap.estimate > 0.0,
            sure && gap.estimate < 0.0,
        ),
    })
}

const fn verdict(enough: bool, above: bool, below: bool) -> Verdict {
    match (enough, above, below) {
        (false, ..) => Verdict::NotEnoughData,
        (true, true, _) => Verdict::Better,
        (true, false, true) => Verdict::Worse,
        (true, false, false) => Verdict::Unclear,
    }
}

fn effect(control: &VariantCounts, treatment: &VariantCounts, of: Difference) -> Option<Effect> {
    let [control, treatment] = [control, treatment].map(|arm| Metric::from(arm.rate()));
    Effect::between(&control, &treatment, of).ok()
}

/// By what share the time before the exposure makes the variance of a treatment's lift smaller
/// (an index into the variants); none where the experiment doesn't ask for it.
pub(super) fn variance_reduced(
    experiment: &Experiment,
    counts: &Counts,
    treatment: usize,
) -> Option<f64> {
    if experiment.primary_pre_days == 0 || treatment == 0 {
        return None;
    }
    let arms = [experiment.control()?, experiment.variants.get(treatment)?];
    let arms = arms.map(|variant| counts.of(&variant.key).rate());
    reduced(&arms.map(Metric::from), &arms.map(|rate| rate.after.into()))
}

fn has_enough(control: &VariantCounts, treatment: &VariantCounts) -> bool {
    let smaller = control.exposures.min(treatment.exposures);
    let both = control.exposures + treatment.exposures;
    let common = (control.conversions + treatment.conversions) as f64 / both.max(1) as f64;
    smaller >= DEFAULT_MINIMUM_UNITS && smaller as f64 * common.min(1.0 - common) >= MINIMUM_EVENTS
}
