//! Why a metric says nothing: none of its events has been counted, they have no value, or
//! nobody's days are over.

use std::collections::BTreeSet;

use leptos::prelude::*;
use nexus_control::views::{MetricDetail, MetricResult, MetricValue};
use nexus_domain::experiment::{Counted, Metric, MetricKind};

use super::metric::is_of_events;
use crate::cx::Cx;
use crate::text::metric::MetricWord as W;
use crate::ui::{Callout, Tone, callout, copy};

/// Nothing where it says something.
#[must_use]
pub(super) fn why_silent(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    let valueless = detail.without_value.as_deref();
    days_left(cx, detail)
        .or_else(|| valueless.map(|event| how_to_give_a_value(cx, event)))
        .or_else(|| how_to_report(cx, detail))
}

/// Of several metrics; those of one event are told of together.
#[must_use]
pub(super) fn why_valueless<'a>(
    cx: &Cx,
    metrics: impl Iterator<Item = &'a MetricResult>,
) -> AnyView {
    let events: BTreeSet<&str> = metrics.filter_map(|m| m.without_value.as_deref()).collect();
    let told = events.into_iter();
    told.map(|event| how_to_give_a_value(cx, event))
        .collect_view()
        .into_any()
}

fn how_to_give_a_value(cx: &Cx, event: &str) -> AnyView {
    callout(Callout {
        tone: Tone::Warn,
        title: cx.f(W::NoValue, &[event]),
        body: sent_so(cx, W::NoValueText, code(event, true)),
    })
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

/// Nothing once any has been counted, or when none can be any more.
fn how_to_report(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    is_silent(detail).then(|| {
        let event = detail.metric.as_ref().map(Metric::event);
        let event = event.unwrap_or(&detail.experiment.goal);
        callout(Callout {
            tone: Tone::Neutral,
            title: cx.f(W::Silent, &[event]),
            body: sent_so(cx, W::SilentText, code(event, has_value(detail))),
        })
    })
}

fn is_silent(detail: &MetricDetail) -> bool {
    let of_events = detail
        .metric
        .as_ref()
        .is_some_and(|m| is_of_events(&m.kind));
    let has_none = |of: &MetricValue| match of_events {
        true => of.users == 0,
        false => of.users > 0 && of.value.is_some_and(|value| value <= 0.0),
    };
    goes_on(detail) && !detail.values.is_empty() && detail.values.iter().all(has_none)
}

fn goes_on(detail: &MetricDetail) -> bool {
    let experiment = &detail.experiment;
    experiment.started_ms.is_some() && !experiment.has_ended()
}

fn has_value(detail: &MetricDetail) -> bool {
    detail
        .metric
        .as_ref()
        .is_some_and(|metric| match metric.kind {
            MetricKind::Mean { .. } | MetricKind::Quantile { .. } => true,
            MetricKind::Ratio { top, .. } => top == Counted::Values,
            MetricKind::Proportion | MetricKind::Count | MetricKind::Retention { .. } => false,
        })
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
