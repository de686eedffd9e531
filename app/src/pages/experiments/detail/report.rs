//! Why a metric says nothing: none of its events has been counted, or nobody's days are over.

use leptos::prelude::*;
use nexus_control::views::{MetricDetail, MetricValue};
use nexus_domain::experiment::{Counted, MetricKind};

use super::metric::is_of_events;
use crate::cx::Cx;
use crate::text::metric::MetricWord as W;
use crate::ui::{Callout, Tone, callout, copy};

/// Nothing where it says something.
#[must_use]
pub(super) fn why_silent(cx: &Cx, detail: &MetricDetail) -> Option<AnyView> {
    days_left(cx, detail).or_else(|| how_to_report(cx, detail))
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
        let event = detail.metric.as_ref().map(|metric| metric.key.as_str());
        let event = event.unwrap_or(&detail.experiment.goal);
        let code = code(event, has_value(detail));
        callout(Callout {
            tone: Tone::Neutral,
            title: cx.f(W::Silent, &[event]),
            body: view! {
                <p>{cx.t(W::SilentText)} " " {copy(cx, code.clone())}</p>
                <pre class="code" tabindex="0">
                    {code}
                </pre>
            }
            .into_any(),
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
