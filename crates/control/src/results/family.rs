//! Secondary metrics: all their comparisons with the control are one family.
//!
//! They follow the experiment's method: always valid and Bayesian on the counts as they are,
//! methods with a planned end on those of the newest look. Their intervals are at equal shares
//! of the level (Bonferroni) and hold together; where there are p-values, Holm's correction
//! decides, and when it does so although that interval includes zero, the interval that goes
//! with the corrected p-value is shown.

use nexus_domain::experiment::{self as domain, Experiment, Method, MetricRole};
use nexus_stats::{
    Alpha, Correction, DEFAULT_MINIMUM_UNITS, Effect, Fixed, Inference, Status, adjusted_interval,
};

use super::counts::Counts;
use super::judge::{grouped, plan, posterior};
use super::measures::{Measures, better};
use super::sample::scale_of;
use super::{sequential, treatments};
use crate::views::{Lift, MetricResult, Verdict};

/// What the correction needs of a comparison that has a p-value.
pub(super) struct Own {
    /// At the whole level.
    whole: Inference,
    /// The p-value by the larger of its own error and the one the arms have in common: small
    /// arms happen to vary too little.
    careful_p: f64,
}

impl Own {
    fn of(effect: &Effect, infer: impl Fn(&Effect) -> Inference) -> Self {
        let careful = Effect {
            standard_error: effect.standard_error.max(effect.common_error),
            ..*effect
        };
        Self {
            whole: infer(effect),
            careful_p: infer(&careful).p_value,
        }
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
            let own = Own::of(&effect, |effect| method.at(alpha).infer(effect, 0.0));
            let said = method.infer(&effect, 0.0);
            Some((points(metric, &effect, &said, &own)?, Some(own)))
        }
        Method::Bayesian { prior_sd_bp } => {
            let effect = measures.effect_now(counts, metric, arms)?;
            let said = posterior(alpha, prior_sd_bp, better(metric), &effect)?;
            let lift = Lift {
                relative: said.mean,
                low: said.lower,
                high: said.upper,
                scale: scale_of(&effect),
                p_value: None,
                chance_to_win: Some(said.chance_to_win),
                verdict: side(metric, &effect, said.lower > 0.0, said.upper < 0.0),
            };
            Some((possible(metric, lift), None))
        }
        Method::FixedHorizon { .. } => {
            let effect = measures.effect_at_look(counts, metric, arms)?;
            let own = Own::of(&effect, |effect| Fixed::new(alpha).infer(effect, 0.0));
            let said = Fixed::new(share).infer(&effect, 0.0);
            Some((points(metric, &effect, &said, &own)?, Some(own)))
        }
        Method::GroupSequential { .. } => {
            let horizon = experiment.method.horizon()?;
            let effect = measures.effect_at_look(counts, metric, arms)?;
            let treatment = experiment.variant(variant)?;
            let weights = u32::from(control.weight_bp) + u32::from(treatment.weight_bp);
            let method = plan(share, horizon, weights);
            let units = measures.units_at_looks(counts, metric, arms);
            let is_last = counts.looks.last()?.look >= horizon.looks;
            let said = grouped(&method, &effect, &units, is_last)?;
            let verdict = sure(metric, &effect, &said);
            Some((lift(metric, &effect, &said, None, verdict)?, None))
        }
    }
}

fn points(metric: &domain::Metric, effect: &Effect, said: &Inference, own: &Own) -> Option<Lift> {
    let up = effect.estimate > 0.0;
    let verdict = side(metric, effect, up, !up);
    lift(metric, effect, said, Some(own.whole.p_value), verdict)
}

pub(super) fn lift(
    metric: &domain::Metric,
    effect: &Effect,
    said: &Inference,
    p_value: Option<f64>,
    verdict: Verdict,
) -> Option<Lift> {
    let lift = Lift {
        relative: said.estimate,
        low: said.lower?,
        high: said.upper?,
        scale: scale_of(effect),
        p_value,
        chance_to_win: None,
        verdict,
    };
    Some(possible(metric, lift))
}

pub(super) fn possible(metric: &domain::Metric, lift: Lift) -> Lift {
    match metric.kind.is_never_negative() {
        true => lift.at_most_all_lost(),
        false => lift,
    }
}

/// As [`nexus_stats::Decision`] asks it, for an interval of another method.
pub(super) fn sure(metric: &domain::Metric, effect: &Effect, said: &Inference) -> Verdict {
    let width = said
        .upper
        .map_or(f64::INFINITY, |u| (u - said.estimate) / said.standard_error);
    let beyond = effect.estimate.abs() > width * effect.common_error;
    let apart = beyond && said.excludes(0.0);
    let up = effect.estimate > 0.0;
    side(metric, effect, apart && up, apart && !up)
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

/// Holm over the whole family, in the order of `own`. What has no data yet keeps its place
/// with a p-value of 1: else the first metric with data would be judged as if it were alone. So
/// do the comparisons of a goal that doesn't decide, which have their equal shares: whatever is
/// true, at most the level is spent on it and on all others together.
pub(super) fn correct(experiment: &Experiment, all: &mut [MetricResult], own: &[Own]) {
    let significance = experiment.significance;
    let Ok(alpha) = Alpha::new(significance) else {
        return;
    };
    let holm = |p_value: fn(&Own) -> f64| {
        let mut family: Vec<f64> = own.iter().map(p_value).collect();
        family.resize(family.len().max(comparisons(experiment) as usize), 1.0);
        Correction::Holm.adjust(&family)
    };
    let shown = holm(|own| own.whole.p_value);
    let careful = holm(|own| own.careful_p);
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
        if p <= significance && lift.low <= 0.0 && lift.high >= 0.0 {
            let said = adjusted_interval(&own.whole, p, alpha);
            if let (Some(low), Some(high)) = (said.lower, said.upper) {
                *lift = possible(metric, Lift { low, high, ..*lift });
            }
        }
        if careful_p > significance && lift.verdict != Verdict::NotEnoughData {
            lift.verdict = Verdict::Unclear;
        }
    }
}
