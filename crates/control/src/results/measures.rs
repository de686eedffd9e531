//! The metrics beside the primary one: their sums as stored, and what they say.
//!
//! Secondary metrics follow the experiment's method: always valid and Bayesian on
//! the counts as they are, methods with a planned end on those of the newest look.
//! All their comparisons with the control are one family. Their intervals are at
//! equal shares of the level (Bonferroni) and hold together; where there are
//! p-values, Holm's correction decides, and when it does so although that interval
//! includes zero, the interval that goes with the corrected p-value is shown.
//! Guardrails are outside the family and always valid, because harm must show at
//! any time.

use nexus_domain::experiment::{self as domain, Experiment, Method, MetricRole};
use nexus_stats::{
    Alpha, Bayes, Better, BinnedQuantile, Correction, DEFAULT_MINIMUM_UNITS, Decision, Effect,
    Fixed, Grouped, Inference, Margin, NonInferiority, Prior, PriorScale, Spending, Status, Tail,
    adjusted_interval,
};

use super::counts::{Counts, LookCounts};
use super::moments::select_sums;
use super::sample::{relative, value, variance_reduced};
use super::slices::SliceCounts;
use super::sums::Sums;
use super::{Moments, sequential, share_of_level};
use crate::ports::Statement;
use crate::sql::sql;
use crate::views::{Lift, MarginState, MetricResult, MetricValue, SeriesPoint, Verdict};
use crate::{Console, Result};

/// What is stored of an experiment besides its counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measures {
    pub(super) now: Sums,
    /// At the newest look.
    at_look: Sums,
    /// Of all dimensions.
    pub(super) slices: SliceCounts,
}

impl Measures {
    /// The sums of one metric, as they were at some time, by variant.
    pub(super) fn at(
        metric: &domain::Metric,
        sums: impl Iterator<Item = (String, Moments)>,
    ) -> Self {
        let moments = sums.map(|(variant, moments)| ((variant, metric.key.clone()), moments));
        let now = Sums {
            moments: moments.collect(),
            ..Sums::default()
        };
        Self {
            now,
            ..Self::default()
        }
    }

    /// The same of a quantile.
    pub(super) fn of_quantile(
        metric: &domain::Metric,
        quantiles: impl Iterator<Item = (String, BinnedQuantile)>,
    ) -> Self {
        let of = |(variant, quantile)| ((variant, metric.key.clone()), quantile);
        let now = Sums {
            quantiles: quantiles.map(of).collect(),
            ..Sums::default()
        };
        Self {
            now,
            ..Self::default()
        }
    }

    pub(super) fn now_of(&self, variant: &str, metric: &domain::Metric) -> &Moments {
        self.now.moments_of(variant, metric)
    }
}

impl Console {
    pub(crate) async fn measures(
        &self,
        experiment: &Experiment,
        counts: &Counts,
    ) -> Result<Measures> {
        let id = experiment.id.as_str();
        let mut measures = Measures {
            slices: self.slice_counts(experiment).await?,
            ..Measures::default()
        };
        if experiment.metrics.is_empty() {
            return Ok(measures);
        }
        let has_quantiles = experiment.metrics.iter().any(|m| m.kind.is_quantile());
        let now = sql!(
            select_sums!("variant, metric", "metric_stats WHERE experiment_id = ?1"),
            id
        );
        let distributions = sql!(
            "SELECT variant, metric, distribution FROM metric_distributions \
             WHERE experiment_id = ?1",
            id
        );
        let distributions = has_quantiles.then_some(distributions);
        measures.now = self.sums(now, distributions).await?;
        if let Some(look) = counts.looks.last() {
            let look = u32::from(look.look);
            let at_look = sql!(
                select_sums!(
                    "variant, metric",
                    "look_metrics WHERE experiment_id = ?1 AND look = ?2"
                ),
                id,
                look
            );
            let distributions = sql!(
                "SELECT variant, metric, distribution FROM look_distributions \
                 WHERE experiment_id = ?1 AND look = ?2",
                id,
                look
            );
            let distributions = has_quantiles.then_some(distributions);
            measures.at_look = self.sums(at_look, distributions).await?;
        }
        Ok(measures)
    }

    async fn sums(&self, moments: Statement, distributions: Option<Statement>) -> Result<Sums> {
        let mut sums = Sums::default();
        for mut row in self.rows(moments).await? {
            let place = (row.text()?, row.text()?);
            sums.moments.insert(place, Moments::read(&mut row)?);
        }
        if let Some(distributions) = distributions {
            for mut row in self.rows(distributions).await? {
                let place = (row.text()?, row.text()?);
                sums.distributions.insert(place, row.json()?);
            }
        }
        Ok(sums)
    }
}

/// Everything that is said of the metrics, in their order.
pub(super) fn metrics(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    series: &[SeriesPoint],
    now_ms: i64,
) -> Vec<MetricResult> {
    let mut own = Vec::new();
    let mut all: Vec<MetricResult> = experiment
        .metrics
        .iter()
        .map(|metric| MetricResult {
            metric: metric.clone(),
            through_window: through_window(metric, counts, measures, series, now_ms),
            variants: values(experiment, counts, measures, metric, &mut own),
        })
        .collect();
    correct(experiment.significance, &mut all, &own);
    all
}

/// Share of the exposed users whose window has ended, as far as the course of the
/// exposures tells: those of the newest bucket that may be through count as not.
pub(super) fn through_window(
    metric: &domain::Metric,
    counts: &Counts,
    measures: &Measures,
    series: &[SeriesPoint],
    now_ms: i64,
) -> Option<f64> {
    let until_ms = metric.window_ms().1?;
    let users = |point: &SeriesPoint| point.exposures.iter().sum::<u64>() as f64;
    let through = if metric.kind.waits() {
        let ours = measures
            .now
            .moments
            .iter()
            .filter(|((_, of), _)| *of == metric.key);
        ours.map(|(_, moments)| moments.units).sum::<i64>() as f64
    } else {
        let last = series.iter().rev().find(|p| p.at_ms <= now_ms - until_ms);
        last.map_or(0.0, users)
    };
    let all = counts.exposures() as f64;
    (all > 0.0).then(|| through / all)
}

/// The lift of the sums as they are, at its equal share of the level; none of a method
/// that speaks at its looks only.
pub(super) fn lift_now(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    metric: &domain::Metric,
    variant: &str,
) -> Option<Lift> {
    if let MetricRole::Guardrail { margin_bp } = metric.role {
        let arms = [experiment.control()?.key.as_str(), variant]
            .map(|of| measures.now.sample(metric, of, counts.of(of).exposures));
        let effect = relative(&arms[0], &arms[1])?;
        return guard(experiment, metric, margin_bp, &effect).map(|(lift, _)| lift);
    }
    secondary(experiment, counts, measures, metric, variant).map(|(lift, _)| lift)
}

/// Always valid, whatever the experiment's method: for what is not decided by.
pub(super) fn always_valid(
    experiment: &Experiment,
    metric: &domain::Metric,
    alpha: Alpha,
    effect: &Effect,
) -> Option<Lift> {
    let method = sequential(experiment, alpha);
    let said = method.infer(effect, 0.0);
    let status = Decision::new(method, better(metric)).judge(effect);
    lift(metric, &said, Some(said.p_value), verdict_of(status))
}

/// `own` collects the intervals at the whole level of those that have a p-value.
fn values(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    metric: &domain::Metric,
    own: &mut Vec<Inference>,
) -> Vec<MetricValue> {
    let sums = |variant: &str| {
        let units = counts.of(variant).exposures;
        (units, measures.now_of(variant, metric))
    };
    let now = |variant: &str| {
        let exposed = counts.of(variant).exposures;
        measures.now.sample(metric, variant, exposed)
    };
    let control = experiment.control().map_or("", |v| v.key.as_str());
    let mut values = Vec::new();
    for (i, variant) in experiment.variants.iter().enumerate() {
        let arms = [sums(control), sums(&variant.key)];
        let exposed = counts.of(&variant.key).exposures;
        let mut value = MetricValue {
            users: measures.now.units(metric, &variant.key, exposed),
            value: value(&now(&variant.key)),
            lift: None,
            margin: None,
            variance_reduced: (i > 0).then(|| variance_reduced(metric, arms)).flatten(),
        };
        match metric.role {
            _ if i == 0 => {}
            MetricRole::Guardrail { margin_bp } => {
                let effect = relative(&now(control), &now(&variant.key));
                let said = effect.and_then(|e| guard(experiment, metric, margin_bp, &e));
                value.margin = Some(said.map_or(MarginState::Unclear, |(_, state)| state));
                value.lift = said.map(|(lift, _)| lift);
            }
            MetricRole::Secondary => {
                if let Some((lift, whole)) =
                    secondary(experiment, counts, measures, metric, &variant.key)
                {
                    own.extend(whole);
                    value.lift = Some(lift);
                }
            }
        }
        values.push(value);
    }
    values
}

pub(super) const fn better(metric: &domain::Metric) -> Better {
    match metric.better {
        domain::Better::Higher => Better::Higher,
        domain::Better::Lower => Better::Lower,
    }
}

fn guard(
    experiment: &Experiment,
    metric: &domain::Metric,
    margin_bp: u16,
    effect: &Effect,
) -> Option<(Lift, MarginState)> {
    let alpha = Alpha::new(share_of_level(experiment)).ok()?;
    let margin = f64::from(margin_bp) / 10_000.0;
    let test = NonInferiority::new(margin, better(metric), alpha).ok()?;
    let state = match test
        .tuned_as(&sequential(experiment, alpha))
        .judge(effect)
        .margin
    {
        Margin::Kept => MarginState::Kept,
        Margin::Broken => MarginState::Broken,
        Margin::Unclear => MarginState::Unclear,
    };
    let lift = always_valid(experiment, metric, alpha, effect)?;
    Some((lift, state))
}

fn secondary(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    metric: &domain::Metric,
    variant: &str,
) -> Option<(Lift, Option<Inference>)> {
    let control = &experiment.control()?.key;
    let alpha = Alpha::new(experiment.significance).ok()?;
    let family = experiment
        .metrics
        .iter()
        .filter(|m| is_secondary(m))
        .count();
    let treatments = experiment.variants.len().saturating_sub(1);
    let share = alpha.among((family * treatments) as u32);
    let now = |of: &str| {
        let exposed = counts.of(of).exposures;
        measures.now.sample(metric, of, exposed)
    };
    match experiment.method {
        Method::AlwaysValid => {
            let effect = relative(&now(control), &now(variant))?;
            let method = sequential(experiment, alpha);
            let whole = method.infer(&effect, 0.0);
            let status = Decision::new(method, better(metric)).judge(&effect);
            let shared = sequential(experiment, share).infer(&effect, 0.0);
            let lift = lift(metric, &shared, Some(whole.p_value), verdict_of(status))?;
            Some((lift, Some(whole)))
        }
        Method::Bayesian { prior_sd_bp } => {
            let effect = relative(&now(control), &now(variant))?;
            let deviation = f64::from(prior_sd_bp) / 10_000.0;
            let prior = Prior::new(0.0, deviation, PriorScale::Relative).ok()?;
            let method = Bayes {
                alpha,
                prior: Some(prior),
                better: better(metric),
            };
            let said = method.judge(&effect).ok()?;
            let lift = Lift {
                relative: said.mean,
                low: said.lower,
                high: said.upper,
                p_value: None,
                chance_to_win: Some(said.chance_to_win),
                verdict: side(metric, &effect, said.lower > 0.0, said.upper < 0.0),
            };
            Some((possible(metric, lift), None))
        }
        Method::FixedHorizon { .. } => {
            let effect = at_look(counts, measures, metric, [control, variant])?;
            let whole = Fixed::new(alpha).infer(&effect, 0.0);
            let shared = Fixed::new(share).infer(&effect, 0.0);
            let verdict = sure(metric, &effect, &whole);
            Some((
                lift(metric, &shared, Some(whole.p_value), verdict)?,
                Some(whole),
            ))
        }
        Method::GroupSequential { planned_users, .. } => {
            let effect = at_look(counts, measures, metric, [control, variant])?;
            let weight = |key: &str| experiment.variant(key).map_or(0, |v| v.weight_bp);
            let weights = u128::from(weight(control)) + u128::from(weight(variant));
            let horizon = u128::from(planned_users) * weights / 10_000;
            let family = experiment
                .metrics
                .iter()
                .filter(|m| is_secondary(m))
                .count();
            let treatments = experiment.variants.len().saturating_sub(1);
            let method = Grouped {
                alpha: alpha.among((family * treatments) as u32),
                tail: Tail::Both,
                spending: Spending::OBrienFleming,
                horizon_units: u64::try_from(horizon).unwrap_or(u64::MAX),
            };
            let both = |l: &LookCounts| l.of(control).exposures + l.of(variant).exposures;
            let looks: Vec<u64> = counts.looks.iter().map(both).collect();
            let look = method.infer(&effect, 0.0, &looks).ok()?;
            let said = Inference {
                estimate: look.estimate,
                standard_error: look.standard_error,
                lower: look.lower,
                upper: look.upper,
                p_value: 1.0,
            };
            Some((
                lift(metric, &said, None, sure(metric, &effect, &said))?,
                None,
            ))
        }
    }
}

fn at_look(
    counts: &Counts,
    measures: &Measures,
    metric: &domain::Metric,
    [control, variant]: [&str; 2],
) -> Option<Effect> {
    let look = counts.looks.last()?;
    let of = |key: &str| {
        let exposed = look.of(key).exposures;
        measures.at_look.sample(metric, key, exposed)
    };
    relative(&of(control), &of(variant))
}

fn lift(
    metric: &domain::Metric,
    said: &Inference,
    p_value: Option<f64>,
    verdict: Verdict,
) -> Option<Lift> {
    let lift = Lift {
        relative: said.estimate,
        low: said.lower?,
        high: said.upper?,
        p_value,
        chance_to_win: None,
        verdict,
    };
    Some(possible(metric, lift))
}

fn possible(metric: &domain::Metric, lift: Lift) -> Lift {
    match metric.kind.is_never_negative() {
        true => lift.at_most_all_lost(),
        false => lift,
    }
}

/// As [`Decision`] asks it, for an interval of another method.
fn sure(metric: &domain::Metric, effect: &Effect, said: &Inference) -> Verdict {
    let width = said
        .upper
        .map_or(f64::INFINITY, |u| (u - said.estimate) / said.standard_error);
    let beyond = effect.estimate.abs() > width * effect.common_error;
    let apart = beyond && said.excludes(0.0);
    let up = effect.estimate > 0.0;
    side(metric, effect, apart && up, apart && !up)
}

fn side(metric: &domain::Metric, effect: &Effect, above: bool, below: bool) -> Verdict {
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

const fn verdict_of(status: Status) -> Verdict {
    match status {
        Status::Better => Verdict::Better,
        Status::Worse => Verdict::Worse,
        Status::Unclear => Verdict::Unclear,
        Status::NotEnoughData => Verdict::NotEnoughData,
    }
}

fn is_secondary(metric: &domain::Metric) -> bool {
    metric.role == MetricRole::Secondary
}

/// Holm over all secondary comparisons that have a p-value, in the order of `own`.
fn correct(significance: f64, all: &mut [MetricResult], own: &[Inference]) {
    let Ok(alpha) = Alpha::new(significance) else {
        return;
    };
    let family = all
        .iter_mut()
        .filter(|result| is_secondary(&result.metric))
        .flat_map(
            |MetricResult {
                 metric, variants, ..
             }| {
                let lifts = variants.iter_mut().filter_map(|value| value.lift.as_mut());
                lifts.map(|lift| (&*metric, lift))
            },
        )
        .filter(|(_, lift)| lift.p_value.is_some());
    let p_values: Vec<f64> = own.iter().map(|whole| whole.p_value).collect();
    let adjusted = Correction::Holm.adjust(&p_values);
    for (((metric, lift), whole), p) in family.zip(own).zip(adjusted) {
        lift.p_value = Some(p);
        if !matches!(lift.verdict, Verdict::Better | Verdict::Worse) {
            continue;
        }
        if p > significance {
            lift.verdict = Verdict::Unclear;
        } else if lift.low <= 0.0 && lift.high >= 0.0 {
            let said = adjusted_interval(whole, p, alpha);
            if let (Some(low), Some(high)) = (said.lower, said.upper) {
                *lift = possible(metric, Lift { low, high, ..*lift });
            }
        }
    }
}
