//! The metric that decides, where it is not the conversion goal.
//!
//! Its comparisons have the whole level, shared among the treatments only (Bonferroni), by every
//! method, and nothing else has the last word on them. Methods with a planned end speak of its
//! sums at their looks; of several looks the first that decides stands. The goal is one more
//! comparison of the family of secondary metrics then ([`goal_shares`]).

use std::collections::HashMap;

use nexus_domain::experiment::{Experiment, Method, Metric};
use nexus_stats::{AdjustedProportion, Alpha, Effect, Fixed, Proportion};

use super::counts::Counts;
use super::family::{comparisons, possible, side};
use super::judge::{Said, believed, corrected, deciding, plan, posterior};
use super::measures::{always_valid, better};
use super::moments::select_sums;
use super::sample::{compared, value};
use super::sums::Sums;
use super::{Moments, share_of_level, treatments};
use crate::ports::{Statement, Value};
use crate::views::{Lift, Verdict};
use crate::{Console, Result};

/// By how many the level is divided for a comparison of the conversion goal.
pub(super) fn goal_shares(experiment: &Experiment) -> u32 {
    match (experiment.primary(), experiment.method) {
        (None, _) => treatments(experiment),
        // Posteriors of secondary metrics are not corrected.
        (Some(_), Method::Bayesian { .. }) => 1,
        (Some(_), _) => comparisons(experiment),
    }
}

/// Of each variant, none of the control.
pub(super) fn lifts(
    experiment: &Experiment,
    metric: &Metric,
    counts: &Counts,
) -> Vec<Option<Lift>> {
    let variants = experiment.variants.iter().enumerate();
    let of = |(i, variant): (usize, &nexus_domain::experiment::Variant)| match i {
        0 => None,
        _ if experiment.method.horizon().is_some() => {
            deciding(&at_looks(experiment, metric, counts, i))
        }
        _ => now(experiment, counts, &counts.primary, metric, &variant.key),
    };
    variants.map(of).collect()
}

/// The lift of sums as they are; none of a method that speaks at its looks only.
pub(super) fn now(
    experiment: &Experiment,
    counts: &Counts,
    sums: &Sums,
    metric: &Metric,
    variant: &str,
) -> Option<Lift> {
    let control = experiment.control()?;
    let alpha = Alpha::new(share_of_level(experiment)).ok()?;
    let arms = [control.key.as_str(), variant].map(|key| (key, counts.of(key).exposures));
    let effect = effect(metric, sums, arms)?;
    let lift = match experiment.method {
        Method::AlwaysValid => always_valid(experiment, metric, alpha, &effect)?,
        Method::Bayesian { prior_sd_bp } => {
            let said = posterior(alpha, prior_sd_bp, better(metric), &effect)?;
            let lift = believed(&effect, &said, |above, below| {
                side(metric, &effect, above, below)
            });
            possible(metric, lift)
        }
        Method::FixedHorizon { .. } | Method::GroupSequential { .. } => return None,
    };
    Some(enough(metric, sums, arms, lift))
}

/// The lifts of one treatment (an index into the variants) at every look so far.
pub(super) fn at_looks(
    experiment: &Experiment,
    metric: &Metric,
    counts: &Counts,
    treatment: usize,
) -> Vec<Option<Lift>> {
    let alpha = Alpha::new(share_of_level(experiment));
    let variants = (experiment.control(), experiment.variants.get(treatment));
    let (Ok(alpha), (Some(c), Some(t))) = (alpha, variants) else {
        return Vec::new();
    };
    let mut units: Vec<u64> = Vec::new();
    let looks = counts.looks.iter().map(|look| {
        let arms = [&c.key, &t.key].map(|key| (key.as_str(), look.of(key).exposures));
        // Where neither arm has anybody there is no look.
        let both = arms.map(|(key, exposed)| match metric.kind.waits() {
            true => look.primary.units(metric, key, exposed),
            false => exposed,
        });
        let [control, treatment] = both;
        units.extend(Some(control + treatment).filter(|n| *n > 0));
        let effect = effect(metric, &look.primary, arms)?;
        let said = match experiment.method {
            Method::FixedHorizon { .. } => Said::once(&Fixed::new(alpha), &effect),
            Method::GroupSequential { .. } => {
                let horizon = experiment.method.horizon()?;
                let weights = u32::from(c.weight_bp) + u32::from(t.weight_bp);
                let method = plan(alpha, horizon, weights);
                let is_last = look.look >= horizon.looks;
                Said::at_look(&method, &effect, &units, is_last)?
            }
            Method::AlwaysValid | Method::Bayesian { .. } => return None,
        };
        let [above, below] = said.apart();
        let lift = said.lift(side(metric, &said.effect, above, below))?;
        let p_value = lift.p_value.map(|p| corrected(p, treatments(experiment)));
        let lift = possible(metric, Lift { p_value, ..lift });
        Some(enough(metric, &look.primary, arms, lift))
    });
    looks.collect()
}

/// Keys of control and treatment, with their exposed users.
type Arms<'a> = [(&'a str, u64); 2];

fn effect(metric: &Metric, sums: &Sums, arms: Arms<'_>) -> Option<Effect> {
    let [control, treatment] = arms.map(|(key, exposed)| sums.sample(metric, key, exposed));
    compared(&control, &treatment)
}

/// A share asks for what the goal asks for: it is near normal with some of either kind only.
fn enough(metric: &Metric, sums: &Sums, arms: Arms<'_>, lift: Lift) -> Lift {
    if !metric.kind.is_share() {
        return lift;
    }
    let [control, treatment] = arms.map(|(key, exposed)| {
        let units = sums.units(metric, key, exposed);
        let share = value(&sums.sample(metric, key, exposed)).unwrap_or(0.0);
        Proportion::new((share * units as f64).round() as u64, units).into()
    });
    match AdjustedProportion::are_near_normal(control, treatment) {
        true => lift,
        false => Lift {
            verdict: Verdict::NotEnoughData,
            ..lift
        },
    }
}

/// Experiments, and keys of metrics, asked for in one statement.
const CHUNK: usize = 20;
const NOW: &str = select_sums!(
    "experiment_id, CAST(0 AS BIGINT), variant, metric",
    "metric_stats WHERE experiment_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
    ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) \
    AND metric IN (?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, \
    ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40)"
);
const AT_LOOKS: &str = select_sums!(
    "experiment_id, look, variant, metric",
    "look_metrics WHERE experiment_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
    ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) \
    AND metric IN (?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, \
    ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40)"
);
const DISTRIBUTIONS: &str = "SELECT experiment_id, CAST(0 AS BIGINT), variant, metric, \
    distribution FROM metric_distributions \
    WHERE experiment_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
    ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) \
    AND metric IN (?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, \
    ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40)";
const DISTRIBUTIONS_AT_LOOKS: &str = "SELECT experiment_id, look, variant, metric, \
    distribution FROM look_distributions \
    WHERE experiment_id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
    ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20) \
    AND metric IN (?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, \
    ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40)";

impl Console {
    /// Adds the sums of the metrics that decide, now and at each look, for those experiments
    /// that have one.
    pub(super) async fn add_primary(
        &self,
        some: &[Experiment],
        all: &mut HashMap<String, Counts>,
    ) -> Result<()> {
        let of = |is_quantile: bool, has_looks: bool| -> Vec<&Experiment> {
            let some = some
                .iter()
                .filter(|e| !has_looks || e.method.horizon().is_some());
            let is = |m: &Metric| m.kind.is_quantile() == is_quantile;
            some.filter(|e| e.primary().is_some_and(is)).collect()
        };
        for (sql, experiments, is_quantile) in [
            (NOW, of(false, false), false),
            (AT_LOOKS, of(false, true), false),
            (DISTRIBUTIONS, of(true, false), true),
            (DISTRIBUTIONS_AT_LOOKS, of(true, true), true),
        ] {
            if experiments.is_empty() {
                continue;
            }
            for mut row in self.rows(asked(sql, &experiments)).await? {
                let (id, look) = (row.text()?, row.u64()?);
                let place = (row.text()?, row.text()?);
                let Some(counts) = all.get_mut(&id) else {
                    continue;
                };
                let sums = match look {
                    0 => Some(&mut counts.primary),
                    _ => {
                        let mut looks = counts.looks.iter_mut();
                        let taken = looks.find(|taken| u64::from(taken.look) == look);
                        taken.map(|taken| &mut taken.primary)
                    }
                };
                let Some(sums) = sums else { continue };
                if is_quantile {
                    sums.distributions.insert(place, row.json()?);
                } else {
                    sums.moments.insert(place, Moments::read(&mut row)?);
                }
            }
        }
        Ok(())
    }
}

fn asked(sql: &'static str, experiments: &[&Experiment]) -> Statement {
    let value = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let ids = (0..CHUNK).map(|i| experiments.get(i).map(|e| e.id.as_str()));
    let keys = (0..CHUNK).map(|i| Some(experiments.get(i)?.primary()?.key.as_str()));
    Statement {
        sql,
        values: ids.chain(keys).map(value).collect(),
    }
}
