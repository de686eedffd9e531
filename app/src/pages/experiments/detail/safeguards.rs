//! What stops the experiment by itself, as it stands, and in words when it did. Errors have
//! their own part in the health panel.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, Results, SafeguardState, Seen, VariantResult};
use nexus_domain::experiment::{Evidence, Experiment, Metric, SplitShare, Stop};

use super::headline::name_of;
use crate::charts::{log_share, meter};
use crate::cx::Cx;
use crate::format::{bp, count, evidence_ratio, p_value, percent};
use crate::pages::experiments::lift::{Unit, end_text, scaled, span};
use crate::text::detail::DetailWord;
use crate::text::safeguards::SafeguardWord as W;
use crate::ui::{Icon, Tone, icon, when, when_in_words};

/// One part per kind of safeguard that is on.
#[must_use]
pub(super) fn view_safeguards(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let states = &detail.results.safeguards;
    let same_kind = |a: &SafeguardState, b: &SafeguardState| {
        std::mem::discriminant(&a.evidence) == std::mem::discriminant(&b.evidence)
    };
    states
        .chunk_by(same_kind)
        .filter_map(|of| Some((of, of.first()?)))
        .filter(|(_, first)| !matches!(first.evidence, Evidence::Errors(_)))
        .map(|(of, first)| part(cx, detail, of, &first.evidence))
        .collect_view()
        .into_any()
}

/// Until when only harm stops; nothing once that is over.
#[must_use]
pub(super) fn patience(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let experiment = &detail.experiment;
    let chosen = experiment.guardrail;
    let waits = chosen.stop_on_split || chosen.stop_on_verdict;
    let until_ms = experiment.started_ms.map(|ms| chosen.patient_until_ms(ms));
    let until_ms =
        until_ms.filter(|ms| waits && experiment.status.at_the_edge() && *ms > cx.now_ms);
    until_ms
        .map(|ms| view! { <p class="health-note">{cx.t(W::Patient)} " " {when_in_words(cx, ms)}</p> })
        .into_any()
}

fn part(cx: &Cx, detail: &ExperimentDetail, states: &[SafeguardState], kind: &Evidence) -> AnyView {
    let (title, text, formula) = match kind {
        Evidence::Errors(_) => (W::Errors, String::new(), W::FormulaShare),
        Evidence::Latency {
            limit_ms, share_bp, ..
        } => {
            let limit = count(u64::from(*limit_ms));
            let text = cx.f(W::LatencyText, &[&limit, &bp(*share_bp)]);
            (W::Latency, text, W::FormulaShare)
        }
        Evidence::Conversion {
            min_rate_bp,
            within_hours,
            ..
        } => {
            let text = cx.f(
                W::ConversionText,
                &[&bp(*min_rate_bp), &within_hours.to_string()],
            );
            (W::Conversion, text, W::FormulaFloor)
        }
        Evidence::Metric { .. } => (W::Metric, cx.t(W::MetricText).to_owned(), W::FormulaMetric),
        Evidence::Split { .. } => (W::Split, cx.t(W::SplitText).to_owned(), W::FormulaSplit),
        Evidence::Verdict { .. } => {
            let text = cx.t(W::VerdictText).to_owned();
            (W::Verdict, text, W::FormulaVerdict)
        }
    };
    let rows = states
        .iter()
        .map(|state| row(cx, detail, state))
        .collect_view();
    view! {
        <section class="health-part wide">
            <h3>{cx.t(title)}</h3>
            <p class="health-note">{text}</p>
            <ul class="guards">{rows}</ul>
            {how(cx, formula)}
        </section>
    }
    .into_any()
}

/// The rule behind a safeguard, for who wants to know.
#[must_use]
pub(super) fn how(cx: &Cx, formula: W) -> AnyView {
    view! {
        <details class="disclosure">
            <summary>{cx.t(W::How)}</summary>
            <p class="health-note">{cx.t(formula)}</p>
        </details>
    }
    .into_any()
}

pub(super) fn called(detail: &ExperimentDetail, variant: &str) -> String {
    let variants = &detail.results.variants;
    let found = variants.iter().find(|v| v.key == variant);
    found.map_or_else(|| variant.to_owned(), name_of)
}

/// Keys of the variants that are beyond the limit by which it was stopped for harm, the one of
/// the stop among them; none where it was not. When all are, the cause is hardly a variant.
#[must_use]
pub(in crate::pages::experiments) fn over_the_limit<'r>(
    experiment: &Experiment,
    results: &'r Results,
) -> Vec<&'r str> {
    let stop = experiment.stop.as_ref().and_then(Stop::evidence);
    let Some(stop) = stop.filter(Evidence::is_harm) else {
        return Vec::new();
    };
    // A page of results has the evidence on errors with each variant, at its largest so far.
    let errs = |of: &VariantResult| {
        matches!(stop, Evidence::Errors(_))
            && of.guardrail_threshold > 0.0
            && of.guardrail_e_value >= of.guardrail_threshold
    };
    let crossed = |of: &VariantResult| {
        let mut states = results.safeguards.iter();
        states.any(|state| {
            state.seen == Seen::Stops
                && is_same_limit(&state.evidence, &stop)
                && state.evidence.variant() == Some(of.key.as_str())
        })
    };
    let is_over =
        |of: &&VariantResult| stop.variant() == Some(of.key.as_str()) || errs(of) || crossed(of);
    let over = results.variants.iter().filter(is_over);
    over.map(|of| of.key.as_str()).collect()
}

/// Whoever's numbers they are.
fn is_same_limit(a: &Evidence, b: &Evidence) -> bool {
    match (a, b) {
        (Evidence::Metric { metric: a, .. }, Evidence::Metric { metric: b, .. }) => a == b,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}

/// That the numbers below are newer than those of the stop.
#[must_use]
pub(super) fn since_the_stop(cx: &Cx, detail: &ExperimentDetail) -> Option<AnyView> {
    let stop = detail.experiment.stop.as_ref().and_then(Stop::evidence);
    let Some(Evidence::Errors(then)) = stop else {
        return None;
    };
    let mut variants = detail.results.variants.iter();
    let now = variants.find(|v| v.key == then.variant)?;
    let has_more = now.exposures != then.users || now.errored_users != then.errors;
    has_more.then(|| {
        let name = name_of(now);
        let text = cx.f(
            DetailWord::GuardrailSince,
            &[&name, &count(then.errors), &count(then.users)],
        );
        view! { <p class="health-note">{text}</p> }.into_any()
    })
}

fn rate(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    percent(part as f64 / whole as f64)
}

fn row(cx: &Cx, detail: &ExperimentDetail, state: &SafeguardState) -> AnyView {
    let name = match state.evidence.variant() {
        Some(variant) => called(detail, variant),
        None => cx.t(W::Split).to_owned(),
    };
    let note = numbers(cx, detail, &state.evidence);
    match &state.evidence {
        Evidence::Latency {
            e_value, threshold, ..
        }
        | Evidence::Conversion {
            e_value, threshold, ..
        } => {
            let share = log_share(*e_value, *threshold);
            let tone = match share {
                s if s >= 1.0 => "bad",
                s if s >= 0.5 => "warn",
                _ => "good",
            };
            let part = format!("{:.0}%", share * 100.0);
            let label = cx.f(DetailWord::GuardrailMeter, &[&name, &part]);
            view! {
                <li>
                    <span class="guard-name">{name}</span>
                    {meter(share, tone, label)}
                    <span class="guard-note">{note}</span>
                    <span class="guard-share">{cx.f(DetailWord::Evidence, &[&part])}</span>
                </li>
            }
            .into_any()
        }
        _ => view! {
            <li class="guard-plain">
                <span class="guard-name">{name}</span>
                <span class="guard-note">{note}</span>
                {seen(cx, state.seen)}
            </li>
        }
        .into_any(),
    }
}

fn seen(cx: &Cx, seen: Seen) -> AnyView {
    let (class, mark, word) = match seen {
        Seen::Quiet => ("check-line good", Icon::Check, W::Quiet),
        Seen::Waits { .. } => ("check-line warn", Icon::Clock, W::Waits),
        Seen::Stops => ("check-line bad", Icon::Alert, W::Stops),
    };
    let until = match seen {
        Seen::Waits { until_ms } => Some(when(cx, until_ms)),
        _ => None,
    };
    view! { <span class=class>{icon(mark)} <span>{cx.t(word)} " " {until}</span></span> }.into_any()
}

/// Observed, limit and how many users, in a line.
fn numbers(cx: &Cx, detail: &ExperimentDetail, evidence: &Evidence) -> String {
    let metrics = &detail.experiment.metrics;
    let named = |key: &str| metrics.iter().find(|metric| metric.key == key);
    let unit = unit_of(evidence, named);
    match evidence {
        Evidence::Errors(e) => cx.f(
            DetailWord::GuardrailRow,
            &[&count(e.errors), &count(e.users), &rate(e.errors, e.users)],
        ),
        Evidence::Latency { slow, users, .. } => cx.f(
            W::LatencyRow,
            &[&count(*slow), &count(*users), &rate(*slow, *users)],
        ),
        Evidence::Conversion {
            conversions, users, ..
        } => cx.f(
            W::ConversionRow,
            &[
                &count(*conversions),
                &count(*users),
                &rate(*conversions, *users),
            ],
        ),
        Evidence::Metric {
            metric,
            relative,
            low,
            high,
            scale,
            margin_bp,
            ..
        } => cx.f(
            W::MetricRow,
            &[
                metric,
                &scaled(cx, unit, *scale, *relative),
                &end_text(cx, unit, *scale, *low),
                &end_text(cx, unit, *scale, *high),
                &bp(*margin_bp),
            ],
        ),
        Evidence::Split { users, .. } => split(cx, &|variant| called(detail, variant), users),
        Evidence::Verdict {
            metric,
            relative,
            low,
            high,
            scale,
            users,
            control_users,
            ..
        } => {
            let row = cx.f(
                W::VerdictRow,
                &[
                    &scaled(cx, unit, *scale, *relative),
                    &end_text(cx, unit, *scale, *low),
                    &end_text(cx, unit, *scale, *high),
                    &count(*users),
                    &count(*control_users),
                ],
            );
            match metric {
                Some(metric) => cx.f(W::VerdictOn, &[metric, &row]),
                None => row,
            }
        }
    }
}

/// A metric that nobody knows by its key is in an amount.
fn unit_of<'m>(evidence: &Evidence, named: impl Fn(&str) -> Option<&'m Metric>) -> Unit {
    let key = match evidence {
        Evidence::Metric { metric, .. } => Some(metric.as_str()),
        Evidence::Verdict { metric, .. } => metric.as_deref(),
        _ => None,
    };
    key.map_or(Unit::Points, |key| {
        named(key).map_or(Unit::Amount, |metric| Unit::of(Some(metric)))
    })
}

fn split(cx: &Cx, called: &dyn Fn(&str) -> String, users: &[SplitShare]) -> String {
    let of = |share: &SplitShare| {
        cx.f(
            W::SplitRow,
            &[
                &called(&share.variant),
                &count(share.users),
                &bp(share.weight_bp),
            ],
        )
    };
    users.iter().map(of).collect::<Vec<_>>().join(" / ")
}

/// The headline of an experiment that a safeguard stopped. `called` names a variant; of a metric
/// that is not among `metrics` differences are amounts.
#[must_use]
pub(crate) fn stopped(
    cx: &Cx,
    called: &dyn Fn(&str) -> String,
    metrics: &[Metric],
    evidence: &Evidence,
) -> (Tone, String, String) {
    let name = evidence.variant().map(called);
    let name = name.unwrap_or_default();
    let unit = unit_of(evidence, |key| metrics.iter().find(|m| m.key == *key));
    let harm = |text: String| (Tone::Bad, cx.f(DetailWord::HeadlineHarm, &[&name]), text);
    match evidence {
        Evidence::Errors(e) => harm(cx.f(
            DetailWord::HeadlineHarmText,
            &[
                &count(e.errors),
                &count(e.users),
                &rate(e.errors, e.users),
                &bp(e.max_error_rate_bp),
                &evidence_ratio(e.e_value),
                &evidence_ratio(e.threshold),
            ],
        )),
        Evidence::Latency {
            slow,
            users,
            limit_ms,
            share_bp,
            e_value,
            threshold,
            ..
        } => harm(cx.f(
            W::StoppedLatency,
            &[
                &count(*slow),
                &count(*users),
                &rate(*slow, *users),
                &count(u64::from(*limit_ms)),
                &bp(*share_bp),
                &evidence_ratio(*e_value),
                &evidence_ratio(*threshold),
            ],
        )),
        Evidence::Conversion {
            conversions,
            users,
            min_rate_bp,
            within_hours,
            e_value,
            threshold,
            ..
        } => harm(cx.f(
            W::StoppedConversion,
            &[
                &count(*conversions),
                &count(*users),
                &rate(*conversions, *users),
                &within_hours.to_string(),
                &bp(*min_rate_bp),
                &evidence_ratio(*e_value),
                &evidence_ratio(*threshold),
            ],
        )),
        Evidence::Metric {
            metric,
            margin_bp,
            relative,
            low,
            high,
            scale,
            users,
            control_users,
            ..
        } => harm(cx.f(
            W::StoppedMetric,
            &[
                metric,
                &scaled(cx, unit, *scale, *relative),
                &end_text(cx, unit, *scale, *low),
                &end_text(cx, unit, *scale, *high),
                &count(*users),
                &count(*control_users),
                &bp(*margin_bp),
            ],
        )),
        Evidence::Split {
            users,
            p_value: p,
            alpha,
        } => (
            Tone::Warn,
            cx.t(W::StoppedSplitTitle).to_owned(),
            cx.f(
                W::StoppedSplit,
                &[&split(cx, called, users), &p_value(*p), &alpha.to_string()],
            ),
        ),
        Evidence::Verdict {
            metric,
            is_better,
            relative,
            low,
            high,
            scale,
            users,
            control_users,
            ..
        } => {
            let (tone, title) = match (is_better, metric) {
                (true, None) => (Tone::Good, W::StoppedBetter),
                (true, Some(_)) => (Tone::Good, W::StoppedBetterOn),
                (false, None) => (Tone::Bad, W::StoppedWorse),
                (false, Some(_)) => (Tone::Bad, W::StoppedWorseOn),
            };
            let on = metric.as_deref().unwrap_or_default();
            let span = span(cx, unit, *scale, [*low, *high]);
            (
                tone,
                cx.f(title, &[&name, &scaled(cx, unit, *scale, *relative), on]),
                cx.f(
                    W::StoppedVerdict,
                    &[&span, &count(*users), &count(*control_users)],
                ),
            )
        }
    }
}
