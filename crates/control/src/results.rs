//! From counters to what can be said: rates, lifts with intervals by the
//! experiment's method, the check of the split, progress of the guardrails.

#[cfg(test)]
mod agreement;
mod counts;
mod course;
pub(crate) mod csv;
#[cfg(test)]
mod deciding;
mod export;
mod family;
mod judge;
mod looks;
mod measures;
mod metric;
mod moments;
mod plan;
mod primary;
mod quantile_course;
mod safeguards;
mod sample;
mod series;
mod slices;
mod sums;
mod valueless;

use nexus_domain::experiment::{Experiment, rule_of};
use nexus_stats::Guardrail;

use self::judge::Judge;
use self::plan::Planned;

pub(crate) use counts::{Counts, VariantCounts};
pub(crate) use looks::{look_at_the_end, take_look};
pub(crate) use measures::Measures;
pub(crate) use moments::Moments;
use plan::sequential;
pub(crate) use safeguards::{has_guardrail_metrics, safeguards};
pub(crate) use series::bucket_ms;
pub(crate) use sums::{quantile, whole};

use crate::experiments::stopped_for_harm;
use crate::views::{Lift, Quality, Results, SeriesPoint, Srm, VariantResult, Verdict};

/// Level of the split check: a sound split is ever called broken with at most
/// this probability.
pub(crate) const SPLIT_ALPHA: f64 = 0.01;
/// The same for stopping a harmless experiment, all its variants together.
pub(crate) const GUARDRAIL_ALPHA: f64 = 0.05;

/// Everything the page of results shows.
pub(crate) fn results(
    experiment: &Experiment,
    counts: &Counts,
    measures: &Measures,
    series: Vec<SeriesPoint>,
    now_ms: i64,
) -> Results {
    let lifts = goal_lifts(experiment, counts);
    let planned = Planned::of(experiment);
    let threshold = guardrail(experiment).map_or(0.0, |g| g.judge(0, 0).threshold);
    let variants = experiment
        .variants
        .iter()
        .enumerate()
        .map(|(i, variant)| {
            let c = counts.of(&variant.key);
            let users = c.exposures;
            VariantResult {
                key: variant.key.clone(),
                name: variant.name.clone(),
                exposures: users,
                conversions: c.conversions,
                rate: share(c.conversions, users),
                errored_users: c.errored_users,
                error_rate: share(c.errored_users, users),
                lift: lifts.get(i).copied().flatten(),
                variance_reduced: judge::variance_reduced(experiment, counts, i),
                planned_users: planned.of_variant(i),
                guardrail_e_value: c.guardrail_log_e.min(f64::MAX.ln()).exp(),
                guardrail_threshold: threshold,
            }
        })
        .collect();
    Results {
        verdict: verdict(experiment, counts).unwrap_or(Verdict::NotEnoughData),
        variants,
        metrics: measures::metrics(experiment, counts, measures, &series, now_ms),
        srm: split(counts.split_log_e),
        quality: quality(experiment, counts, measures),
        safeguards: safeguards(experiment, counts, measures, now_ms),
        planned_users_per_variant: planned.of_smallest(),
        days_to_plan: planned.days(experiment, counts, &series, now_ms),
        plan_reached: planned.is_reached(experiment, counts),
        horizon: looks::progress(experiment, counts),
        series,
        course: Vec::new(),
        updated_ms: now_ms,
    }
}

fn quality(experiment: &Experiment, counts: &Counts, measures: &Measures) -> Quality {
    let sum = |of: fn(&VariantCounts) -> u64| counts.all().map(of).sum();
    Quality {
        bots: sum(|v| v.bots),
        duplicates: sum(|v| v.duplicates),
        conflicts: sum(|v| v.conflicts),
        splits: slices::splits(experiment, &measures.slices),
    }
}

/// Of the best treatment, in one word; none before any data. Harm and a broken split outweigh
/// whatever the rates say. One that is worse decides nothing while another may be better:
/// [`Results::decisive`] names it all the same.
pub(crate) fn verdict(experiment: &Experiment, counts: &Counts) -> Option<Verdict> {
    if stopped_for_harm(experiment) {
        return Some(Verdict::Harmful);
    }
    if counts.exposures() == 0 {
        return None;
    }
    if split(counts.split_log_e).broken {
        return Some(Verdict::BrokenSplit);
    }
    let treatments: Vec<Verdict> = lifts(experiment, counts)
        .into_iter()
        .skip(1)
        .map(|lift| lift.map_or(Verdict::NotEnoughData, |l| l.verdict))
        .collect();
    let all = |wanted| treatments.iter().all(|v| *v == wanted);
    Some(if treatments.contains(&Verdict::Better) {
        Verdict::Better
    } else if all(Verdict::Worse) {
        Verdict::Worse
    } else if all(Verdict::NotEnoughData) {
        Verdict::NotEnoughData
    } else {
        Verdict::Unclear
    })
}

/// The evidence is a running maximum, so the p-value never grows back.
pub(crate) fn split(log_e: f64) -> Srm {
    let p_value = (-log_e).exp().min(1.0);
    Srm {
        p_value,
        alpha: SPLIT_ALPHA,
        broken: p_value <= SPLIT_ALPHA,
    }
}

/// Evidence against the configured split, natural log of the e-value; none where there are
/// fewer than two variants with a share.
///
/// Each step of a ramp is judged by its own buckets: at a small coverage rounding is a large
/// part of them. Steps follow one another, so their e-values multiply.
pub(crate) fn split_log_e(experiment: &Experiment, counts: &Counts) -> Option<f64> {
    let buckets = rule_of(experiment)?.buckets_per_variant();
    let weights: Vec<f64> = buckets.into_iter().map(f64::from).collect();
    let of_step = |key: &str| {
        let of = counts.of(key);
        of.exposures.saturating_sub(of.step_exposures)
    };
    let variants = experiment.variants.iter();
    let users: Vec<u64> = variants.map(|v| of_step(&v.key)).collect();
    let verdict = nexus_stats::srm(&users, &weights).ok()?;
    Some(counts.step_log_e + verdict.ln_e_value)
}

/// The test of the error limit, shared among all variants; none when the limit
/// is 100 %, which nothing can exceed.
pub(crate) fn guardrail(experiment: &Experiment) -> Option<Guardrail> {
    let limit = f64::from(experiment.guardrail.max_error_rate_bp) / 10_000.0;
    let guardrail = Guardrail::new(limit, GUARDRAIL_ALPHA).ok()?;
    Some(guardrail.among(experiment.variants.len() as u32))
}

/// Of what decides, one per variant; the control has none.
fn lifts(experiment: &Experiment, counts: &Counts) -> Vec<Option<Lift>> {
    match experiment.primary() {
        Some(metric) => primary::lifts(experiment, metric, counts),
        None => goal_lifts(experiment, counts),
    }
}

/// Of what decides, the lifts of one treatment (an index into the variants) at every look.
fn at_looks(experiment: &Experiment, counts: &Counts, treatment: usize) -> Vec<Option<Lift>> {
    if let Some(metric) = experiment.primary() {
        return primary::at_looks(experiment, metric, counts, treatment);
    }
    let judge = Judge::of(experiment);
    judge.map_or_else(Vec::new, |j| j.at_looks(experiment, counts, treatment))
}

/// Of the conversion goal, as [`lifts`].
fn goal_lifts(experiment: &Experiment, counts: &Counts) -> Vec<Option<Lift>> {
    let judge = Judge::of(experiment);
    let control = counts.of(experiment.control().map_or("", |v| &v.key));
    let of = |i: usize, key: &str| {
        let judge = judge.as_ref().filter(|_| i > 0)?;
        if experiment.method.horizon().is_some() {
            return judge::deciding(&judge.at_looks(experiment, counts, i));
        }
        judge.now(control, counts.of(key))
    };
    let variants = experiment.variants.iter().enumerate();
    variants.map(|(i, v)| of(i, &v.key)).collect()
}

/// The significance is shared among the treatments (Bonferroni).
fn share_of_level(experiment: &Experiment) -> f64 {
    share_of(experiment, treatments(experiment))
}

fn share_of(experiment: &Experiment, comparisons: u32) -> f64 {
    experiment.significance / f64::from(comparisons.max(1))
}

fn treatments(experiment: &Experiment) -> u32 {
    experiment.variants.len().saturating_sub(1) as u32
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
