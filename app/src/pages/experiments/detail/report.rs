//! Why a metric says nothing: none of its events has been counted, they have no value, or
//! nobody's days are over.

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use nexus_control::views::{MetricDetail, MetricResult, MetricValue, Results};
use nexus_domain::experiment::{Counted, Experiment, Metric, MetricKind};

use super::metric::is_of_events;
use crate::cx::Cx;
use crate::text::metric::MetricWord as W;
use crate::ui::{Callout, Tone, callout, copy};

/// Nothing where it says something.
#[must_use]
pub(super) fn why_silent(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    let valueless = detail.without_value.as_deref();
    days_left(cx, detail)
        .or_else(|| valueless.map(|event| no_value(cx, &detail.experiment, event)))
        .or_else(|| nothing_counted(cx, detail))
}

/// Of several metrics; those of one event are told of together.
#[must_use]
pub(super) fn why_valueless<'a>(
    cx: &Cx,
    (experiment, results): (&Experiment, &Results),
    metrics: impl Iterator<Item = &'a MetricResult>,
) -> AnyView {
    let metrics: Vec<&'a MetricResult> = metrics.collect();
    let all = metrics.iter().copied();
    let events = all.filter_map(|m| without_value(experiment, results, m));
    let events: BTreeSet<&str> = events.collect();
    let mut silent = silent_events(experiment, results, &metrics);
    silent.retain(|event, _| !events.contains(event));
    let lacking = events.into_iter();
    let lacking = lacking.map(|event| no_value(cx, experiment, event));
    let silent = silent.into_iter();
    let silent = silent.map(|missing| not_counted(cx, experiment, missing));
    lacking.chain(silent).collect_view().into_any()
}

/// Events of which nobody has sent any, each with whether it is to have a value. Where another
/// metric or the goal has counted one, there are some.
fn silent_events<'a>(
    experiment: &Experiment,
    results: &Results,
    metrics: &[&'a MetricResult],
) -> BTreeMap<&'a str, bool> {
    let mut events = BTreeMap::new();
    if results.variants.iter().all(|v| v.exposures == 0) {
        return events;
    }
    let converted = results.variants.iter().any(|v| v.conversions > 0);
    let is_counted = |event: &str| {
        let mut others = results.metrics.iter().filter(|of| !says_nothing(of));
        (event == experiment.goal && converted) || others.any(|of| of.metric.event() == event)
    };
    for of in metrics.iter().copied().filter(|of| says_nothing(of)) {
        let (event, has_value) = missing_of(&of.metric, &of.variants);
        if is_counted(event) {
            continue;
        }
        // Of several metrics of one event: one with a value is good for all of them; without
        // any value, some may have come all the same.
        let known = events.entry(event).or_insert(has_value);
        *known = match experiment.has_ended() {
            true => *known && has_value,
            false => *known || has_value,
        };
    }
    events
}

/// The median of all users is zero also where a few have more.
fn says_nothing(of: &MetricResult) -> bool {
    let kind = &of.metric.kind;
    let among_users = kind.is_quantile() && !is_of_events(kind);
    !among_users && has_none(Some(&of.metric), &of.variants)
}

/// The event that came and never had its value. Once the units' totals are gone, a mean does
/// not know; the conversion goal does where it counts the same.
#[must_use]
pub(super) fn without_value<'a>(
    experiment: &Experiment,
    results: &Results,
    of: &'a MetricResult,
) -> Option<&'a str> {
    let converted = || results.variants.iter().any(|v| v.conversions > 0);
    let adds_up = matches!(of.metric.kind, MetricKind::Mean { .. });
    let by_goal = || adds_up && is_zero(of) && is_of_goal(experiment, &of.metric) && converted();
    let told = of.without_value.as_deref();
    told.or_else(|| by_goal().then(|| of.metric.event()))
}

/// Whether there are users, and nothing but zero of any.
#[must_use]
pub(super) fn is_zero(of: &MetricResult) -> bool {
    let has_none = |v: &MetricValue| v.users > 0 && v.value.is_none_or(|value| value == 0.0);
    !of.variants.is_empty() && of.variants.iter().all(has_none)
}

/// Whether it is of the same events as the conversion goal, over the same time.
#[must_use]
pub(super) fn is_of_goal(experiment: &Experiment, metric: &Metric) -> bool {
    metric.event() == experiment.goal && metric.window_hours == experiment.goal_window_hours
}

/// How to send one is said while one can come.
fn no_value(cx: &Cx, experiment: &Experiment, event: &str) -> AnyView {
    let (title, body) = match experiment.has_ended() {
        true => (W::NoValueEver, said(cx, W::NoValueEverText)),
        false => (W::NoValue, sent_so(cx, W::NoValueText, code(event, true))),
    };
    callout(Callout {
        tone: Tone::Warn,
        title: cx.f(title, &[event]),
        body,
    })
}

fn said(cx: &Cx, text: W) -> AnyView {
    view! { <p>{cx.t(text)}</p> }.into_any()
}

fn sent_so(cx: &Cx, text: W, code: String) -> AnyView {
    view! {
        <p>{cx.t(text)} " " {copy(cx, code.clone())}</p>
        <pre class="code" tabindex="0">
            {code}
        </pre>
    }
    .into_any()
}

/// Of a retention whose users are all still within its days.
fn days_left(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    let metric = detail.metric.as_ref()?;
    let MetricKind::Retention { until_day, .. } = metric.kind else {
        return None;
    };
    let waits = goes_on(detail) && detail.values.iter().all(|of| of.users == 0);
    waits.then(|| {
        let text = cx.f(W::DaysLeftText, &[&until_day.to_string()]);
        callout(Callout {
            tone: Tone::Neutral,
            title: cx.t(W::DaysLeft).to_owned(),
            body: view! { <p>{text}</p> }.into_any(),
        })
    })
}

/// Nothing once any has been counted.
fn nothing_counted(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    is_silent(detail).then(|| {
        let missing = match &detail.metric {
            Some(metric) => missing_of(metric, &detail.values),
            None => (detail.experiment.goal.as_str(), false),
        };
        not_counted(cx, &detail.experiment, missing)
    })
}

fn not_counted(cx: &Cx, experiment: &Experiment, (event, has_value): (&str, bool)) -> AnyView {
    let (title, body) = match (experiment.has_ended(), has_value) {
        (false, _) => {
            let code = code(event, has_value);
            (W::Silent, sent_so(cx, W::SilentText, code))
        }
        // Whether any came without one is not known for long.
        (true, true) => (W::NoValueOf, said(cx, W::NoValueOfText)),
        (true, false) => (W::SilentEver, said(cx, W::SilentEverText)),
    };
    callout(Callout {
        tone: Tone::Neutral,
        title: cx.f(title, &[event]),
        body,
    })
}

/// The event that is not there, and whether it is to have a value. What nothing can be divided
/// by is missing first.
fn missing_of<'a>(metric: &'a Metric, values: &[MetricValue]) -> (&'a str, bool) {
    let has_none = values.iter().all(|of| of.value.is_none());
    match &metric.kind {
        MetricKind::Ratio { over, bottom, .. } if has_none => {
            (over.as_str(), *bottom == Counted::Values)
        }
        MetricKind::Ratio { top, .. } => (metric.event(), *top == Counted::Values),
        MetricKind::Mean { .. } | MetricKind::Quantile { .. } => (metric.event(), true),
        MetricKind::Proportion | MetricKind::Count | MetricKind::Retention { .. } => {
            (metric.event(), false)
        }
    }
}

/// Whether there are users, and nothing of any.
fn has_none(metric: Option<&Metric>, values: &[MetricValue]) -> bool {
    let of_events = metric.is_some_and(|m| is_of_events(&m.kind));
    let has_none = |of: &MetricValue| match of_events {
        true => of.users == 0,
        false => of.users > 0 && of.value.is_none_or(|value| value == 0.0),
    };
    !values.is_empty() && values.iter().all(has_none)
}

/// Of a metric's own page: whether none of its events has been counted.
#[must_use]
pub(super) fn is_silent(detail: &MetricDetail) -> bool {
    // The median of all users is zero also where a few have more.
    let mut levels = detail.quantiles.iter().flat_map(|point| &point.values);
    let is_zero = levels.all(|value| value.is_none_or(|value| value == 0.0));
    detail.experiment.started_ms.is_some()
        && is_zero
        && has_none(detail.metric.as_ref(), &detail.values)
}

fn goes_on(detail: &MetricDetail) -> bool {
    let experiment = &detail.experiment;
    experiment.started_ms.is_some() && !experiment.has_ended()
}

/// From a page that the gateway serves.
fn code(event: &str, has_value: bool) -> String {
    let value = if has_value { ", value: 12.5 " } else { " " };
    format!(
        "navigator.sendBeacon(\"/__nexus/events\", JSON.stringify({{ events: [\n  \
         {{ id: crypto.randomUUID(), metric: {}{value}}}\n] }}));",
        serde_json::Value::from(event)
    )
}
