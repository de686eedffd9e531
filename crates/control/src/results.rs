//! From counters to what can be said: rates, lifts with always-valid intervals,
//! the check of the split, progress of the guardrails.

mod counts;
mod series;

use nexus_domain::experiment::Experiment;
use nexus_stats::{AlwaysValid, Better, Guardrail, Plan, Proportion, compare};

pub(crate) use counts::{Counts, VariantCounts};
pub(crate) use series::bucket_ms;

use crate::experiments::stopped_for_harm;
use crate::views::{Lift, Results, SeriesPoint, Srm, VariantResult, Verdict};

/// Level of the split check: a sound split is ever called broken with at most
/// this probability.
pub(crate) const SPLIT_ALPHA: f64 = 0.01;
/// The same for stopping a harmless experiment, all its variants together.
pub(crate) const GUARDRAIL_ALPHA: f64 = 0.05;
const POWER: f64 = 0.8;

/// Everything the page of results shows.
pub(crate) fn results(
    experiment: &Experiment,
    counts: &Counts,
    series: Vec<SeriesPoint>,
    now_ms: i64,
) -> Results {
    let control = control_of(experiment, counts);
    let method = method(experiment);
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
                lift: if i == 0 {
                    None
                } else {
                    lift(control, c, method.as_ref())
                },
                guardrail_e_value: c.guardrail_log_e.min(f64::MAX.ln()).exp(),
                guardrail_threshold: threshold,
            }
        })
        .collect();
    Results {
        verdict: verdict(experiment, counts).unwrap_or(Verdict::NotEnoughData),
        variants,
        srm: split(counts.split_log_e),
        planned_users_per_variant: planned_users(experiment),
        series,
        updated_ms: now_ms,
    }
}

/// In one word; none before any data. Harm and a broken split outweigh whatever
/// the rates say.
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
    let control = control_of(experiment, counts);
    let method = method(experiment);
    let treatments: Vec<Verdict> = experiment
        .variants
        .iter()
        .skip(1)
        .map(|v| {
            lift(control, counts.of(&v.key), method.as_ref())
                .map_or(Verdict::NotEnoughData, |l| l.verdict)
        })
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

/// The test of the error limit, shared among all variants; none when the limit
/// is 100 %, which nothing can exceed.
pub(crate) fn guardrail(experiment: &Experiment) -> Option<Guardrail> {
    let limit = f64::from(experiment.guardrail.max_error_rate_bp) / 10_000.0;
    let guardrail = Guardrail::new(limit, GUARDRAIL_ALPHA).ok()?;
    Some(guardrail.among(experiment.variants.len() as u32))
}

/// Users per variant that the plan asks for; 0 when the plan can't be met (its
/// target is beyond 100 %).
fn planned_users(experiment: &Experiment) -> u64 {
    let plan = Plan::new(
        f64::from(experiment.plan.baseline_bp) / 10_000.0,
        f64::from(experiment.plan.minimum_effect_bp) / 10_000.0,
        alpha(experiment),
        POWER,
    );
    plan.and_then(|p| nexus_stats::sample_size_always_valid(&p))
        .unwrap_or(0)
}

/// The significance is shared among the treatments (Bonferroni).
fn alpha(experiment: &Experiment) -> f64 {
    let treatments = experiment.variants.len().saturating_sub(1).max(1);
    experiment.significance / treatments as f64
}

/// The intervals are tightest at the planned size: it can't change after the start.
fn method(experiment: &Experiment) -> Option<AlwaysValid> {
    let method = AlwaysValid::new(alpha(experiment), Better::default()).ok()?;
    match planned_users(experiment) {
        0 => Some(method),
        users => method.tuned_for(users as f64 * 2.0).ok(),
    }
}

fn control_of<'a>(experiment: &Experiment, counts: &'a Counts) -> &'a VariantCounts {
    counts.of(experiment.control().map_or("", |v| &v.key))
}

fn lift(
    control: &VariantCounts,
    treatment: &VariantCounts,
    method: Option<&AlwaysValid>,
) -> Option<Lift> {
    let comparison = compare(
        Proportion::new(control.conversions, control.exposures),
        Proportion::new(treatment.conversions, treatment.exposures),
        method?,
    );
    let interval = comparison.relative?;
    Some(Lift {
        relative: interval.estimate,
        low: interval.lower,
        high: interval.upper,
        p_value: interval.p_value,
        verdict: match comparison.status {
            nexus_stats::Status::Better => Verdict::Better,
            nexus_stats::Status::Worse => Verdict::Worse,
            nexus_stats::Status::Unclear => Verdict::Unclear,
            nexus_stats::Status::NotEnoughData => Verdict::NotEnoughData,
        },
    })
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
