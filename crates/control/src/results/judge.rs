//! The experiment's method at work: from the counts of two arms to a lift.
//!
//! Methods with a planned end speak at their looks only, of the counts as they
//! were then; the others speak of the counts as they are.

use nexus_domain::experiment::{Experiment, Horizon, Method, Scale};
use nexus_stats::{
    Alpha, AlwaysValid, Bayes, Better, DEFAULT_MINIMUM_UNITS, Difference, Effect, Fixed, Grouped,
    Inference, Metric, Posterior, Prior, PriorScale, Sequential, Spending, Status, Tail, compare,
};

use super::counts::{Counts, VariantCounts};
use super::primary::goal_shares;
use super::sample::{compared, reduced, scale_of};
use super::{sequential, share_of};
use crate::views::{Lift, Verdict};

/// Conversions, and users without one, that each arm would have at the common
/// rate before there is a verdict: below, a rate is not near normal.
pub(super) const MINIMUM_EVENTS: f64 = 10.0;

/// Of the conversion goal.
pub(super) struct Judge {
    rule: Rule,
    /// Comparisons that share the level; their p-values are corrected alike.
    shares: u32,
}

enum Rule {
    Always(Sequential),
    Bayes {
        alpha: Alpha,
        prior_sd_bp: u16,
    },
    /// One look.
    Fixed(Fixed),
    /// Several; the end is that of all variants together.
    Grouped {
        alpha: Alpha,
        horizon: Horizon,
    },
}

impl Judge {
    /// None when the experiment's numbers make no sense, which a draft's check
    /// would have refused.
    pub(super) fn of(experiment: &Experiment) -> Option<Self> {
        let shares = goal_shares(experiment);
        let alpha = Alpha::new(share_of(experiment, shares)).ok()?;
        let rule = match experiment.method {
            Method::AlwaysValid => Rule::Always(sequential(experiment, alpha)),
            Method::Bayesian { prior_sd_bp } => Rule::Bayes { alpha, prior_sd_bp },
            Method::FixedHorizon { .. } => Rule::Fixed(Fixed::new(alpha)),
            Method::GroupSequential { .. } => Rule::Grouped {
                alpha,
                horizon: experiment.method.horizon()?,
            },
        };
        Some(Self { rule, shares })
    }

    /// The lift of the counts as they are; none for a method that speaks at its
    /// looks only.
    pub(super) fn now(&self, control: &VariantCounts, treatment: &VariantCounts) -> Option<Lift> {
        let lift = match &self.rule {
            Rule::Always(method) => always(*method, control, treatment),
            Rule::Bayes { alpha, prior_sd_bp } => bayes(*alpha, *prior_sd_bp, control, treatment),
            Rule::Fixed(_) | Rule::Grouped { .. } => None,
        };
        lift.map(|lift| self.finished(lift))
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
            // Where neither arm has anybody there is no look.
            units.extend(Some(control.exposures + variant.exposures).filter(|n| *n > 0));
            match &self.rule {
                Rule::Fixed(method) => horizon(control, variant, |effect| {
                    Some(method.infer(effect, 0.0)).map(|i| (i, Some(i.p_value)))
                }),
                Rule::Grouped { alpha, horizon: h } => {
                    let method = plan(*alpha, *h, u32::from(c.weight_bp) + u32::from(t.weight_bp));
                    let is_last = look.look >= h.looks;
                    horizon(control, variant, |effect| {
                        Some((grouped(&method, effect, &units, is_last)?, None))
                    })
                }
                Rule::Always(_) | Rule::Bayes { .. } => None,
            }
        });
        let finished = looks.map(|lift| lift.map(|lift| self.finished(lift)));
        finished.collect()
    }

    /// The interval is at a share of the level; its p-value is multiplied by as much instead,
    /// so that both say the same (Bonferroni).
    fn finished(&self, lift: Lift) -> Lift {
        let p_value = lift.p_value.map(|p| corrected(p, self.shares));
        Lift { p_value, ..lift }.at_most_all_lost()
    }
}

/// Bonferroni.
pub(super) fn corrected(p_value: f64, comparisons: u32) -> f64 {
    (p_value * f64::from(comparisons.max(1))).min(1.0)
}

/// The looks of two arms, which have so much of the split.
pub(super) fn plan(alpha: Alpha, horizon: Horizon, weights_bp: u32) -> Grouped {
    let ours = u128::from(horizon.planned_users) * u128::from(weights_bp) / 10_000;
    Grouped {
        alpha,
        tail: Tail::Both,
        spending: Spending::OBrienFleming,
        horizon_units: u64::try_from(ours).unwrap_or(u64::MAX),
    }
}

/// Of the lifts at the looks, the one that counts: the first that decided, else
/// the newest.
pub(super) fn deciding(lifts: &[Option<Lift>]) -> Option<Lift> {
    let decided = |lift: &Lift| matches!(lift.verdict, Verdict::Better | Verdict::Worse);
    let mut known = lifts.iter().flatten().copied();
    known.clone().find(decided).or_else(|| known.next_back())
}

fn always(method: Sequential, control: &VariantCounts, treatment: &VariantCounts) -> Option<Lift> {
    let rule = AlwaysValid::by(method, Better::default());
    let comparison = compare(control.rate(), treatment.rate(), &rule);
    if let Some(interval) = comparison.relative {
        return Some(Lift {
            relative: interval.estimate,
            low: interval.lower,
            high: interval.upper,
            scale: Scale::Relative,
            p_value: Some(interval.p_value),
            chance_to_win: None,
            verdict: match comparison.status {
                Status::Better => Verdict::Better,
                Status::Worse => Verdict::Worse,
                Status::Unclear => Verdict::Unclear,
                Status::NotEnoughData => Verdict::NotEnoughData,
            },
        });
    }
    // Nobody of an arm converted: only all users together tell how rates vary.
    let effect = effect(control, treatment)?;
    let said = method.infer(&effect, 0.0);
    let (low, high) = (said.lower?, said.upper?);
    Some(Lift {
        relative: said.estimate,
        low,
        high,
        scale: scale_of(&effect),
        p_value: Some(said.p_value),
        chance_to_win: None,
        verdict: verdict(has_enough(control, treatment), low > 0.0, high < 0.0),
    })
}

fn bayes(
    alpha: Alpha,
    prior_sd_bp: u16,
    control: &VariantCounts,
    treatment: &VariantCounts,
) -> Option<Lift> {
    let effect = effect(control, treatment)?;
    let posterior = posterior(alpha, prior_sd_bp, Better::default(), &effect)?;
    Some(Lift {
        relative: posterior.mean,
        low: posterior.lower,
        high: posterior.upper,
        scale: scale_of(&effect),
        p_value: None,
        chance_to_win: Some(posterior.chance_to_win),
        verdict: verdict(
            has_enough(control, treatment),
            posterior.lower > 0.0,
            posterior.upper < 0.0,
        ),
    })
}

/// The prior is of relative lifts: where there is none, every difference is equally likely.
pub(super) fn posterior(
    alpha: Alpha,
    prior_sd_bp: u16,
    better: Better,
    effect: &Effect,
) -> Option<Posterior> {
    let deviation = f64::from(prior_sd_bp) / 10_000.0;
    let prior = match effect.difference {
        Difference::Relative => Some(Prior::new(0.0, deviation, PriorScale::Relative).ok()?),
        _ => None,
    };
    let method = Bayes {
        alpha,
        prior,
        better,
    };
    method.judge(effect).ok()
}

/// The newest look, given the units at all of them. There is no p-value of a single look.
pub(super) fn grouped(
    method: &Grouped,
    effect: &Effect,
    units: &[u64],
    is_last: bool,
) -> Option<Inference> {
    let look = if is_last {
        method.infer_last(effect, 0.0, units)
    } else {
        method.infer(effect, 0.0, units)
    };
    let look = look.ok()?;
    Some(Inference {
        estimate: look.estimate,
        standard_error: look.standard_error,
        lower: Some(look.lower?),
        upper: Some(look.upper?),
        p_value: 1.0,
    })
}

/// A verdict needs what [`compare`] needs: both intervals, so that the one on
/// display never contradicts it, and the difference measured with the variance
/// that both arms would have in common. Where an arm doesn't vary, that is what
/// the interval on display is measured with.
fn horizon(
    control: &VariantCounts,
    treatment: &VariantCounts,
    infer: impl Fn(&Effect) -> Option<(Inference, Option<f64>)>,
) -> Option<Lift> {
    let effect = effect(control, treatment)?;
    let (said, p_value) = infer(&effect)?;
    let (low, high) = (said.lower?, said.upper?);
    let [c, t] = [control, treatment].map(|arm| Metric::from(arm.rate()));
    let sure = match Effect::between(&c, &t, Difference::Absolute) {
        Ok(gap) => {
            let (absolute, _) = infer(&gap)?;
            let width = (absolute.upper? - absolute.estimate) / absolute.standard_error;
            gap.estimate.abs() > width * gap.common_error && absolute.excludes(0.0)
        }
        Err(_) => true,
    };
    Some(Lift {
        relative: said.estimate,
        low,
        high,
        scale: scale_of(&effect),
        p_value,
        chance_to_win: None,
        verdict: verdict(
            has_enough(control, treatment),
            sure && low > 0.0,
            sure && high < 0.0,
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

fn effect(control: &VariantCounts, treatment: &VariantCounts) -> Option<Effect> {
    compared(&control.rate().into(), &treatment.rate().into())
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
