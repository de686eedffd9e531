//! The experiment's method at work: from the counts of two arms to a lift.
//!
//! Methods with a planned end speak at their looks only, of the counts as they
//! were then; the others speak of the counts as they are.

use nexus_domain::experiment::{Experiment, Horizon, Method};
use nexus_stats::{
    AdjustedProportion, Alpha, Bayes, Better, DEFAULT_MINIMUM_UNITS, Difference, Effect, Fixed,
    Grouped, Metric, Posterior, Prior, PriorScale, Sequential, Spending, Tail,
};

use super::counts::{Counts, VariantCounts};
use super::primary::goal_shares;
use super::sample::{compared, reduced, scale_of};
use super::{sequential, share_of};
use crate::views::{Lift, Verdict};

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
            Rule::Always(method) => judged(control, treatment, |effect| {
                Some(Said::ever(method, effect))
            }),
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
                Rule::Fixed(method) => {
                    judged(control, variant, |effect| Some(Said::once(method, effect)))
                }
                Rule::Grouped { alpha, horizon: h } => {
                    let method = plan(*alpha, *h, u32::from(c.weight_bp) + u32::from(t.weight_bp));
                    let is_last = look.look >= h.looks;
                    judged(control, variant, |effect| {
                        Said::at_look(&method, effect, &units, is_last)
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
        let lift = Lift { p_value, ..lift };
        lift.at_most_all_lost().of_shares()
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

/// What a method says of a comparison.
pub(super) struct Said {
    /// As a share of the control's value, if that is known well enough.
    pub(super) effect: Effect,
    /// None without a p-value, as of a single look of several.
    pub(super) p_value: Option<f64>,
    /// Half the interval, in standard errors.
    pub(super) width: f64,
}

impl Said {
    /// At any time.
    pub(super) fn ever(method: &Sequential, effect: &Effect) -> Self {
        let width = method.width(effect.units);
        Self::within(width, effect, Some(method.infer(effect, 0.0).p_value))
    }

    pub(super) fn once(method: &Fixed, effect: &Effect) -> Self {
        let width = method.width(effect);
        Self::within(width, effect, Some(method.infer(effect, 0.0).p_value))
    }

    /// At the newest look, given the units at all of them.
    pub(super) fn at_look(
        method: &Grouped,
        effect: &Effect,
        units: &[u64],
        is_last: bool,
    ) -> Option<Self> {
        let look = match is_last {
            true => method.infer_last(effect, 0.0, units),
            false => method.infer(effect, 0.0, units),
        };
        Some(Self::within(look.ok()?.boundary?, effect, None))
    }

    fn within(width: f64, effect: &Effect, p_value: Option<f64>) -> Self {
        Self {
            effect: effect.readable(width),
            p_value,
            width,
        }
    }

    /// Zero is left out, also by the variance that both arms have in common: above or below?
    pub(super) fn apart(&self) -> [bool; 2] {
        let z = self.effect.careful().z(0.0);
        [z > self.width, z < -self.width]
    }

    pub(super) fn lift(&self, verdict: Verdict) -> Option<Lift> {
        let (low, high) = self.effect.within(self.width);
        Some(Lift {
            relative: self.effect.estimate,
            low: low?,
            high: high?,
            scale: scale_of(&self.effect),
            p_value: self.p_value,
            chance_to_win: None,
            verdict,
        })
    }
}

/// A verdict needs, besides the interval, the difference measured with the variance that both
/// arms would have in common, and rates that are near normal.
fn judged(
    control: &VariantCounts,
    treatment: &VariantCounts,
    say: impl Fn(&Effect) -> Option<Said>,
) -> Option<Lift> {
    let said = say(&effect(control, treatment)?)?;
    let [above, below] = said.apart();
    said.lift(verdict(has_enough(control, treatment), above, below))
}

fn bayes(
    alpha: Alpha,
    prior_sd_bp: u16,
    control: &VariantCounts,
    treatment: &VariantCounts,
) -> Option<Lift> {
    let effect = effect(control, treatment)?;
    let posterior = posterior(alpha, prior_sd_bp, Better::default(), &effect)?;
    let enough = has_enough(control, treatment);
    Some(believed(&effect, &posterior, |above, below| {
        verdict(enough, above, below)
    }))
}

/// What a posterior says, as [`Said::lift`]. `judge`: whether its interval is above zero, and
/// whether below.
pub(super) fn believed(
    effect: &Effect,
    posterior: &Posterior,
    judge: impl FnOnce(bool, bool) -> Verdict,
) -> Lift {
    Lift {
        relative: posterior.mean,
        low: posterior.lower,
        high: posterior.upper,
        scale: scale_of(effect),
        p_value: None,
        chance_to_win: Some(posterior.chance_to_win),
        verdict: judge(posterior.lower > 0.0, posterior.upper < 0.0),
    }
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
    if experiment.goal_pre_days == 0 || treatment == 0 {
        return None;
    }
    let arms = [experiment.control()?, experiment.variants.get(treatment)?];
    let arms = arms.map(|variant| counts.of(&variant.key).rate());
    reduced(&arms.map(Metric::from), &arms.map(|rate| rate.after.into()))
}

fn has_enough(control: &VariantCounts, treatment: &VariantCounts) -> bool {
    let smaller = control.exposures.min(treatment.exposures);
    smaller >= DEFAULT_MINIMUM_UNITS
        && AdjustedProportion::are_near_normal(control.rate(), treatment.rate())
}
