//! The metrics beside the conversion goal: their sums as stored, and what they say.
//!
//! Secondary metrics are one family, see [`super::family`]. Guardrails are outside it and
//! always valid, because harm must show at any time.

use std::collections::HashMap;

use nexus_domain::experiment::{self as domain, Experiment, Method, MetricRole};
use nexus_stats::{
    Alpha, Better, BinnedQuantile, Decision, Difference, Effect, Margin, NonInferiority,
};

use super::counts::{Counts, LookCounts};
use super::family::{Own, correct, possible, secondary, verdict_of};
use super::judge::{Said, corrected};
use super::moments::select_sums;
use super::primary;
use super::sample::{compared, value, variance_reduced};
use super::slices::SliceCounts;
use super::sums::Sums;
use super::{Moments, sequential, share_of_level};
use crate::ports::Statement;
use crate::sql::sql;
use crate::views::{Lift, MarginState, MetricResult, MetricValue, SeriesPoint};
use crate::{Console, Result};

/// What is stored of an experiment besides its counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measures {
    pub(super) now: Sums,
    /// At the newest look.
    pub(super) at_look: Sums,
    /// Units at each look of metrics that count some of the exposed only, by look, variant
    /// and metric; of group-sequential experiments.
    pub(super) look_units: HashMap<(u16, String, String), u64>,
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

    /// The treatment against the control, of the sums as they are.
    pub(super) fn effect_now(
        &self,
        counts: &Counts,
        metric: &domain::Metric,
        arms: [&str; 2],
    ) -> Option<Effect> {
        let [control, treatment] =
            arms.map(|of| self.now.sample(metric, of, counts.of(of).exposures));
        compared(&control, &treatment)
    }

    /// The same of the newest look.
    pub(super) fn effect_at_look(
        &self,
        counts: &Counts,
        metric: &domain::Metric,
        arms: [&str; 2],
    ) -> Option<Effect> {
        let look = counts.looks.last()?;
        let [control, treatment] =
            arms.map(|of| self.at_look.sample(metric, of, look.of(of).exposures));
        compared(&control, &treatment)
    }

    /// Units of two arms at each look that had any: how far the information has come.
    pub(super) fn units_at_looks(
        &self,
        counts: &Counts,
        metric: &domain::Metric,
        arms: [&str; 2],
    ) -> Vec<u64> {
        let units = |look: &LookCounts, of: &str| {
            if !metric.kind.waits() {
                return look.of(of).exposures;
            }
            let place = (look.look, of.to_owned(), metric.key.clone());
            self.look_units.get(&place).copied().unwrap_or(0)
        };
        let looks = counts.looks.iter();
        let both = looks.map(|look| arms.into_iter().map(|of| units(look, of)).sum());
        both.filter(|units| *units > 0).collect()
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
            let looks_often = matches!(experiment.method, Method::GroupSequential { .. });
            if looks_often && experiment.metrics.iter().any(|m| m.kind.waits()) {
                measures.look_units = self.look_units(id).await?;
            }
        }
        Ok(measures)
    }

    async fn look_units(&self, experiment: &str) -> Result<HashMap<(u16, String, String), u64>> {
        let rows = self
            .rows(sql!(
                "SELECT look, variant, metric, units FROM look_metrics WHERE experiment_id = ?1",
                experiment
            ))
            .await?;
        let units = rows.into_iter().map(|mut row| {
            let look = u16::try_from(row.i64()?).unwrap_or(u16::MAX);
            Ok(((look, row.text()?, row.text()?), row.u64()?))
        });
        units.collect()
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
            without_value: None,
        })
        .collect();
    correct(experiment, &mut all, &own);
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

/// The lift of the sums as they are, at its share of the level; none of a method
/// that speaks at its looks only.
pub(super) fn lift_now(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    metric: &domain::Metric,
    variant: &str,
) -> Option<Lift> {
    match metric.role {
        MetricRole::Guardrail { margin_bp } => {
            let arms = [experiment.control()?.key.as_str(), variant];
            let effect = measures.effect_now(counts, metric, arms)?;
            guard(experiment, metric, margin_bp, &effect).map(|(lift, _)| lift)
        }
        MetricRole::Primary { .. } => {
            primary::now(experiment, counts, &measures.now, metric, variant)
        }
        MetricRole::Secondary => {
            secondary(experiment, counts, measures, metric, variant).map(|(lift, _)| lift)
        }
    }
}

/// Always valid, whatever the experiment's method: for what is not decided by. `alpha` is an
/// equal share of the level, by which the p-value is corrected.
pub(super) fn always_valid(
    experiment: &Experiment,
    metric: &domain::Metric,
    alpha: Alpha,
    effect: &Effect,
) -> Option<Lift> {
    let method = sequential(experiment, alpha);
    let said = Said::ever(&method, effect);
    let status = Decision::new(method, better(metric)).judge(effect);
    let lift = possible(metric, said.lift(verdict_of(status))?);
    let shares = (experiment.significance / alpha.get()).round() as u32;
    let p_value = lift.p_value.map(|p| corrected(p, shares));
    Some(Lift { p_value, ..lift })
}

/// `own` collects what the correction needs of those that have a p-value.
fn values(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    metric: &domain::Metric,
    own: &mut Vec<Own>,
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
    let deciding = match metric.role {
        MetricRole::Primary { .. } => primary::lifts(experiment, metric, counts),
        _ => Vec::new(),
    };
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
                let arms = [control, variant.key.as_str()];
                let effect = measures.effect_now(counts, metric, arms);
                let said = effect.and_then(|e| guard(experiment, metric, margin_bp, &e));
                value.margin = Some(said.map_or(MarginState::Unclear, |(_, state)| state));
                value.lift = said.map(|(lift, _)| lift);
            }
            MetricRole::Primary { .. } => value.lift = deciding.get(i).copied().flatten(),
            MetricRole::Secondary => {
                if let Some((lift, ours)) =
                    secondary(experiment, counts, measures, metric, &variant.key)
                {
                    own.extend(ours);
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
    // A share of nothing is nothing: then no difference at all is allowed.
    let margin = match effect.difference {
        Difference::Relative => f64::from(margin_bp) / 10_000.0,
        _ => 0.0,
    };
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
