//! Secondary metrics: all their comparisons with the control are one family.
//!
//! They follow the experiment's method: always valid and Bayesian on the counts as they are,
//! methods with a planned end on those of the newest look. Their intervals are at equal shares
//! of the level (Bonferroni) and hold together. Where there are p-values, the correction that
//! was chosen decides: when Holm's does so although that interval includes zero, the interval
//! that goes with the corrected p-value is shown; what Benjamini and Hochberg's decides has
//! intervals adjusted for the selection, see [`Alpha::of_selected`].

use nexus_domain::experiment::{self as domain, Experiment, Method, MetricRole};
use nexus_stats::{
    Alpha, Correction, DEFAULT_MINIMUM_UNITS, Effect, Fixed, Sequential, Status, adjusted_width,
};

use super::counts::Counts;
use super::judge::{Said, believed, plan, posterior};
use super::measures::{Measures, better};
use super::{sequential, treatments};
use crate::views::{Lift, MetricResult, Verdict};

/// What the correction needs of a comparison that has a p-value.
pub(super) struct Own {
    /// As it is shown.
    effect: Effect,
    test: Test,
    p_value: f64,
    /// By the larger of its own error and the one the arms have in common: small arms happen to
    /// vary too little.
    careful_p: f64,
}

/// A test with p-values.
enum Test {
    Sequential(Sequential),
    Fixed,
}

impl Test {
    /// The p-value is the same at every level.
    fn say(&self, alpha: Alpha, effect: &Effect) -> Said {
        match self {
            Self::Sequential(method) => Said::ever(&method.at(alpha), effect),
            Self::Fixed => Said::once(&Fixed::new(alpha), effect),
        }
    }
}

impl Own {
    fn of(effect: &Effect, shown: &Said, test: Test) -> Self {
        let p_value =
            |effect: &Effect| test.say(Alpha::FIVE_PERCENT, effect).p_value.unwrap_or(1.0);
        Self {
            effect: shown.effect,
            p_value: p_value(effect),
            careful_p: p_value(&effect.careful()),
            test,
        }
    }

    fn is_small(&self) -> bool {
        self.effect.smaller_arm < DEFAULT_MINIMUM_UNITS as f64
    }

    /// The ends at another level.
    fn ends(&self, alpha: Alpha) -> Option<(f64, f64)> {
        self.within(self.test.say(alpha, &self.effect).width)
    }

    /// The ends that go with the corrected p-value.
    fn ends_at(&self, p_value: f64, alpha: Alpha) -> Option<(f64, f64)> {
        let width = self.test.say(alpha, &self.effect).width;
        self.within(adjusted_width(self.effect.z(0.0), width, p_value, alpha)?)
    }

    fn within(&self, width: f64) -> Option<(f64, f64)> {
        let (low, high) = self.effect.within(width);
        low.zip(high)
    }
}

/// Comparisons of the family, with data or without: those of the conversion goal too, where
/// another metric decides.
pub(super) fn comparisons(experiment: &Experiment) -> u32 {
    let metrics = experiment.metrics.iter().filter(|m| is_secondary(m));
    let goal = u32::from(experiment.primary().is_some());
    (metrics.count() as u32 + goal) * treatments(experiment)
}

fn is_secondary(metric: &domain::Metric) -> bool {
    metric.role == MetricRole::Secondary
}

/// Where there is a p-value, [`correct`] has the last word on it, on the interval and on the
/// verdict, which says until then only which way the difference points.
pub(super) fn secondary(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    metric: &domain::Metric,
    variant: &str,
) -> Option<(Lift, Option<Own>)> {
    let control = experiment.control()?;
    let arms = [control.key.as_str(), variant];
    let alpha = Alpha::new(experiment.significance).ok()?;
    let share = alpha.among(comparisons(experiment));
    match experiment.method {
        Method::AlwaysValid => {
            let effect = measures.effect_now(counts, metric, arms)?;
            let method = sequential(experiment, share);
            let said = Said::ever(&method, &effect);
            let own = Own::of(&effect, &said, Test::Sequential(method));
            Some((points(metric, &said)?, Some(own)))
        }
        Method::Bayesian { prior_sd_bp } => {
            let effect = measures.effect_now(counts, metric, arms)?;
            let said = posterior(alpha, prior_sd_bp, better(metric), &effect)?;
            let lift = believed(&effect, &said, |above, below| {
                side(metric, &effect, above, below)
            });
            Some((possible(metric, lift), None))
        }
        Method::FixedHorizon { .. } => {
            let effect = measures.effect_at_look(counts, metric, arms)?;
            let said = Said::once(&Fixed::new(share), &effect);
            let own = Own::of(&effect, &said, Test::Fixed);
            Some((points(metric, &said)?, Some(own)))
        }
        Method::GroupSequential { .. } => {
            let horizon = experiment.method.horizon()?;
            let effect = measures.effect_at_look(counts, metric, arms)?;
            let treatment = experiment.variant(variant)?;
            let weights = u32::from(control.weight_bp) + u32::from(treatment.weight_bp);
            let method = plan(share, horizon, weights);
            let units = measures.units_at_looks(counts, metric, arms);
            let is_last = counts.looks.last()?.look >= horizon.looks;
            let said = Said::at_look(&method, &effect, &units, is_last)?;
            let [above, below] = said.apart();
            let verdict = side(metric, &said.effect, above, below);
            Some((possible(metric, said.lift(verdict)?), None))
        }
    }
}

/// Only which way it points: the correction decides.
fn points(metric: &domain::Metric, said: &Said) -> Option<Lift> {
    let up = said.effect.estimate > 0.0;
    let verdict = side(metric, &said.effect, up, !up);
    Some(possible(metric, said.lift(verdict)?))
}

pub(super) fn possible(metric: &domain::Metric, lift: Lift) -> Lift {
    let lift = match metric.kind.is_share() {
        true => lift.of_shares(),
        false => lift,
    };
    match metric.kind.is_never_negative() {
        true => lift.at_most_all_lost(),
        false => lift,
    }
}

pub(super) fn side(metric: &domain::Metric, effect: &Effect, above: bool, below: bool) -> Verdict {
    let good_up = metric.better == domain::Better::Higher;
    match (above, below) {
        _ if effect.smaller_arm < DEFAULT_MINIMUM_UNITS as f64 => Verdict::NotEnoughData,
        (true, _) if good_up => Verdict::Better,
        (true, _) => Verdict::Worse,
        (_, true) if good_up => Verdict::Worse,
        (_, true) => Verdict::Better,
        _ => Verdict::Unclear,
    }
}

pub(super) const fn verdict_of(status: Status) -> Verdict {
    match status {
        Status::Better => Verdict::Better,
        Status::Worse => Verdict::Worse,
        Status::Unclear => Verdict::Unclear,
        Status::NotEnoughData => Verdict::NotEnoughData,
    }
}

/// The correction over the whole family, in the order of `own`. What has no data yet keeps its
/// place with a p-value of 1: else the first metric with data would be judged as if it were
/// alone. So do the comparisons of a goal that doesn't decide, which have their equal shares:
/// whatever is true, Holm spends at most the level on it and on all others together.
pub(super) fn correct(experiment: &Experiment, all: &mut [MetricResult], own: &[Own]) {
    let significance = experiment.significance;
    let Ok(alpha) = Alpha::new(significance) else {
        return;
    };
    let by = match experiment.correction {
        domain::Correction::Holm => Correction::Holm,
        domain::Correction::BenjaminiHochberg => Correction::BenjaminiHochberg,
    };
    let family = comparisons(experiment).max(own.len() as u32);
    let adjusted = |p_value: fn(&Own) -> f64| {
        let mut p_values: Vec<f64> = own.iter().map(p_value).collect();
        p_values.resize(family as usize, 1.0);
        by.adjust(&p_values)
    };
    let shown = adjusted(|own| own.p_value);
    let careful = match by {
        Correction::Holm => adjusted(|own| own.careful_p),
        // A share of false results is one of those that are called: what is too small to be
        // called makes room for none.
        Correction::BenjaminiHochberg => adjusted(|own| match own.is_small() {
            true => 1.0,
            false => own.careful_p,
        }),
    };
    let selected = shown.iter().filter(|p| **p <= significance).count() as u32;
    let lifts = all
        .iter_mut()
        .filter(|result| is_secondary(&result.metric))
        .flat_map(|result| {
            let MetricResult {
                metric, variants, ..
            } = result;
            let lifts = variants.iter_mut().filter_map(|value| value.lift.as_mut());
            lifts.map(|lift| (&*metric, lift))
        })
        .filter(|(_, lift)| lift.p_value.is_some());
    for (((metric, lift), own), (p, careful_p)) in
        lifts.zip(own).zip(shown.into_iter().zip(careful))
    {
        lift.p_value = Some(p);
        if p <= significance {
            if by == Correction::BenjaminiHochberg {
                let level = alpha.of_selected(selected, family);
                show(metric, lift, own.ends(level));
            }
            if (lift.low..=lift.high).contains(&0.0) {
                show(metric, lift, own.ends_at(p, alpha));
            }
        }
        if careful_p > significance && lift.verdict != Verdict::NotEnoughData {
            lift.verdict = Verdict::Unclear;
        }
    }
}

/// Another interval of the same estimate.
fn show(metric: &domain::Metric, lift: &mut Lift, ends: Option<(f64, f64)>) {
    if let Some((low, high)) = ends {
        *lift = possible(metric, Lift { low, high, ..*lift });
    }
}
