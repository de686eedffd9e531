//! What each safeguard of an experiment sees. A pure function of the counters, so that the
//! controller and the page can't disagree.
//!
//! Each safeguard has its own level, shared among the variants it watches. Errors are watched
//! in every variant; waiting and conversions in treatments only, because a stop gives everybody
//! the control, which can't help users of the control itself.

use std::collections::HashMap;

use nexus_domain::experiment::{
    Better, Evidence, Experiment, GuardrailEvidence, Method, MetricRole, SplitShare, Stop, Variant,
};
use nexus_stats::{Floor, Guardrail};

use super::counts::{Counts, VariantCounts};
use super::{
    GUARDRAIL_ALPHA, Measures, at_looks, guardrail, lifts, measures, split, treatments, verdict,
};
use crate::sql::sql;
use crate::views::{Lift, MarginState, SafeguardState, Seen, Verdict};
use crate::{Console, Result};

const HOUR_MS: i64 = 3_600_000;

/// Every safeguard that is on, as it stands; harm first. The one that has stopped the experiment
/// keeps the numbers of the stop: what came later decides nothing.
pub(crate) fn safeguards(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    now_ms: i64,
) -> Vec<SafeguardState> {
    let Some(started_ms) = experiment.started_ms else {
        return Vec::new();
    };
    let patient_until_ms = experiment.guardrail.patient_until_ms(started_ms);
    let mut seen = errors(experiment, counts);
    seen.extend(latency(experiment, counts));
    seen.extend(conversion(experiment, counts));
    seen.extend(metrics(experiment, counts, measures));
    seen.extend(broken_split(experiment, counts));
    seen.extend(answer(experiment, counts));
    let stop = experiment.stop.as_ref().and_then(Stop::evidence);
    let state = |(evidence, crossed): (Evidence, bool)| {
        let (evidence, crossed) = match &stop {
            Some(stop) if stop.is_about(&evidence) => (stop.clone(), true),
            _ => (evidence, crossed),
        };
        let waits = !evidence.is_harm() && now_ms < patient_until_ms;
        let seen = match (crossed, waits) {
            (false, _) => Seen::Quiet,
            (true, true) => Seen::Waits {
                until_ms: patient_until_ms,
            },
            (true, false) => Seen::Stops,
        };
        SafeguardState { evidence, seen }
    };
    seen.into_iter().map(state).collect()
}

fn errors(experiment: &Experiment, counts: &Counts) -> Vec<(Evidence, bool)> {
    let Some(test) = guardrail(experiment) else {
        return Vec::new();
    };
    let judge = |variant: &Variant| {
        let of = counts.of(&variant.key);
        let verdict = test.judge(of.errored_users, of.exposures);
        let evidence = GuardrailEvidence {
            variant: variant.key.clone(),
            errors: of.errored_users,
            users: of.exposures,
            max_error_rate_bp: experiment.guardrail.max_error_rate_bp,
            e_value: verdict.e_value,
            threshold: verdict.threshold,
        };
        (Evidence::Errors(evidence), verdict.crossed)
    };
    experiment.variants.iter().map(judge).collect()
}

fn latency(experiment: &Experiment, counts: &Counts) -> Vec<(Evidence, bool)> {
    let Some(max) = experiment.guardrail.max_latency else {
        return Vec::new();
    };
    let Ok(test) = Guardrail::new(f64::from(max.share_bp) / 1e4, GUARDRAIL_ALPHA) else {
        return Vec::new();
    };
    let test = test.among(treatments(experiment));
    let judge = |variant: &Variant| {
        let of = counts.of(&variant.key);
        let verdict = test.judge(of.slow_users, of.measured_users);
        let evidence = Evidence::Latency {
            variant: variant.key.clone(),
            slow: of.slow_users,
            users: of.measured_users,
            limit_ms: max.limit_ms,
            share_bp: max.share_bp,
            e_value: verdict.e_value,
            threshold: verdict.threshold,
        };
        (evidence, verdict.crossed)
    };
    experiment.variants.iter().skip(1).map(judge).collect()
}

fn conversion(experiment: &Experiment, counts: &Counts) -> Vec<(Evidence, bool)> {
    let Some(min) = experiment.guardrail.min_conversion else {
        return Vec::new();
    };
    let Ok(test) = Floor::new(f64::from(min.rate_bp) / 1e4, GUARDRAIL_ALPHA) else {
        return Vec::new();
    };
    let test = test.among(treatments(experiment));
    let judge = |variant: &Variant| {
        let of = counts.of(&variant.key);
        // More than the users only after an upgrade, see the migration `0021_converted`.
        let conversions = of.settled_conversions.min(of.settled_users);
        let verdict = test.judge(conversions, of.settled_users);
        let evidence = Evidence::Conversion {
            variant: variant.key.clone(),
            conversions,
            users: of.settled_users,
            min_rate_bp: min.rate_bp,
            within_hours: min.within_hours,
            e_value: verdict.e_value,
            threshold: verdict.threshold,
        };
        (evidence, verdict.crossed)
    };
    experiment.variants.iter().skip(1).map(judge).collect()
}

fn metrics(experiment: &Experiment, counts: &Counts, measures: &Measures) -> Vec<(Evidence, bool)> {
    if !experiment.guardrail.stop_on_metrics || !has_guardrail_metrics(experiment) {
        return Vec::new();
    }
    let control_users = control_of(experiment, counts).exposures;
    let mut seen = Vec::new();
    // Nothing is asked here of how far their windows have come.
    for result in measures::metrics(experiment, counts, measures, &[], 0) {
        let MetricRole::Guardrail { margin_bp } = result.metric.role else {
            continue;
        };
        for (variant, value) in experiment.variants.iter().zip(&result.variants).skip(1) {
            let Some(lift) = value.lift else { continue };
            let evidence = Evidence::Metric {
                variant: variant.key.clone(),
                metric: result.metric.key.clone(),
                better: result.metric.better,
                margin_bp,
                relative: lift.relative,
                low: lift.low,
                high: lift.high,
                scale: lift.scale,
                users: counts.of(&variant.key).exposures,
                control_users,
            };
            seen.push((evidence, value.margin == Some(MarginState::Broken)));
        }
    }
    seen
}

/// Whether the measures are needed to judge.
pub(crate) fn has_guardrail_metrics(experiment: &Experiment) -> bool {
    let is_guardrail = |role| matches!(role, MetricRole::Guardrail { .. });
    experiment.metrics.iter().any(|m| is_guardrail(m.role))
}

fn broken_split(experiment: &Experiment, counts: &Counts) -> Option<(Evidence, bool)> {
    if !experiment.guardrail.stop_on_split {
        return None;
    }
    let srm = split(counts.split_log_e);
    let share = |variant: &Variant| SplitShare {
        variant: variant.key.clone(),
        users: counts.of(&variant.key).exposures,
        weight_bp: variant.weight_bp,
    };
    let evidence = Evidence::Split {
        users: experiment.variants.iter().map(share).collect(),
        p_value: srm.p_value,
        alpha: srm.alpha,
    };
    Some((evidence, srm.broken))
}

/// The treatment that decides: the best one when any is better, else the worst when all are
/// worse. While neither is so, the one farthest from zero.
fn answer(experiment: &Experiment, counts: &Counts) -> Option<(Evidence, bool)> {
    if !(experiment.guardrail.stop_on_verdict && experiment.method.may_stop_early()) {
        return None;
    }
    let said = verdict(experiment, counts);
    let decided = matches!(said, Some(Verdict::Better | Verdict::Worse));
    let all = lifts(experiment, counts);
    let known = experiment
        .variants
        .iter()
        .enumerate()
        .zip(&all)
        .filter_map(|((i, variant), lift)| Some((i, variant, lift.as_ref()?)))
        .filter(|(_, _, lift)| !decided || Some(lift.verdict) == said);
    let width = |lift: &Lift| lift.relative.abs() / (lift.high - lift.low);
    let (i, variant, lift) = known.max_by(|a, b| width(a.2).total_cmp(&width(b.2)))?;
    let (users, control_users) = users_of(experiment, counts, i);
    let primary = experiment.primary();
    let good_up = primary.is_none_or(|metric| metric.better == Better::Higher);
    let evidence = Evidence::Verdict {
        variant: variant.key.clone(),
        metric: primary.map(|metric| metric.key.clone()),
        is_better: (lift.relative > 0.0) == good_up,
        method: experiment.method,
        relative: lift.relative,
        low: lift.low,
        high: lift.high,
        scale: lift.scale,
        p_value: lift.p_value,
        chance_to_win: lift.chance_to_win,
        users,
        control_users,
    };
    Some((evidence, decided))
}

/// Users behind a treatment's lift and those of the control: now, or at the look that decided.
fn users_of(experiment: &Experiment, counts: &Counts, treatment: usize) -> (u64, u64) {
    let control = experiment.control().map_or("", |v| v.key.as_str());
    let variant = experiment.variants.get(treatment);
    let variant = variant.map_or("", |v| v.key.as_str());
    if matches!(experiment.method, Method::GroupSequential { .. }) {
        let decided = |lift: &Option<Lift>| {
            lift.is_some_and(|l| matches!(l.verdict, Verdict::Better | Verdict::Worse))
        };
        let at_looks = at_looks(experiment, counts, treatment);
        let first = at_looks.iter().position(decided);
        let look = first.map_or_else(|| counts.looks.last(), |n| counts.looks.get(n));
        return look.map_or((0, 0), |look| {
            (look.of(variant).exposures, look.of(control).exposures)
        });
    }
    (counts.of(variant).exposures, counts.of(control).exposures)
}

fn control_of<'a>(experiment: &Experiment, counts: &'a Counts) -> &'a VariantCounts {
    counts.of(experiment.control().map_or("", |v| v.key.as_str()))
}

impl Console {
    /// Adds the counts that only some safeguards need.
    pub(super) async fn add_watched(
        &self,
        some: &[Experiment],
        all: &mut HashMap<String, Counts>,
    ) -> Result<()> {
        for experiment in some {
            let (id, chosen) = (experiment.id.as_str(), experiment.guardrail);
            let (Some(counts), Some(started_ms)) = (all.get_mut(id), experiment.started_ms) else {
                continue;
            };
            if chosen.max_latency.is_some() {
                let waits = sql!(
                    "SELECT variant, measured_users, slow_users FROM latency_stats \
                     WHERE experiment_id = ?1",
                    id
                );
                for mut row in self.rows(waits).await? {
                    let of = counts.entry(row.text()?);
                    (of.measured_users, of.slow_users) = (row.u64()?, row.u64()?);
                }
            }
            if let Some(min) = chosen.min_conversion {
                let settled_ms = self.now_ms() - i64::from(min.within_hours) * HOUR_MS;
                // A bucket counts when all of it is old enough; none is wider than this.
                let width_ms = super::series::width_ms((self.now_ms() - started_ms).max(0));
                let settled = sql!(
                    "SELECT variant, SUM(exposures), SUM(converted) FROM variant_series \
                     WHERE experiment_id = ?1 AND bucket_ms <= ?2 GROUP BY variant",
                    id,
                    settled_ms - width_ms
                );
                for mut row in self.rows(settled).await? {
                    let of = counts.entry(row.text()?);
                    // Below 0 for a moment only after an upgrade.
                    of.settled_users = u64::try_from(row.i64()?).unwrap_or(0);
                    of.settled_conversions = u64::try_from(row.i64()?).unwrap_or(0);
                }
            }
        }
        Ok(())
    }
}
