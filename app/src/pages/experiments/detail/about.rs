//! A metric in a line.

use nexus_domain::experiment::{Among, Counted, Experiment, Metric, MetricKind, MetricRole};

use crate::cx::Cx;
use crate::format::{amount, bp, percent};
use crate::text::metric::MetricWord as W;

/// What is counted and when, direction, role and what is cut off.
#[must_use]
pub(super) fn about(cx: &Cx, metric: &Metric) -> String {
    let role = match metric.role {
        MetricRole::Secondary => cx.t(W::Secondary).to_owned(),
        MetricRole::Primary { .. } => cx.t(W::Primary).to_owned(),
        MetricRole::Guardrail { margin_bp } => cx.f(W::MarginOf, &[&bp(margin_bp)]),
    };
    described(cx, metric, role)
}

/// The same of a conversion goal that doesn't decide.
#[must_use]
pub(super) fn about_goal(cx: &Cx, goal: &Metric) -> String {
    described(cx, goal, cx.t(W::Goal).to_owned())
}

fn described(cx: &Cx, metric: &Metric, role: String) -> String {
    let counted = |counted: Counted, event: &str| match counted {
        Counted::Events => cx.f(W::CountOf, &[event]),
        Counted::Values => cx.f(W::ValuesOf, &[event]),
    };
    let kind = match &metric.kind {
        MetricKind::Proportion => cx.t(W::Proportion).to_owned(),
        MetricKind::Count => cx.t(W::Count).to_owned(),
        MetricKind::Mean { .. } => cx.t(W::Mean).to_owned(),
        MetricKind::Retention {
            from_day,
            until_day,
        } => {
            let last = until_day.saturating_sub(1);
            cx.f(W::RetentionOf, &[&from_day.to_string(), &last.to_string()])
        }
        MetricKind::Ratio { top, over, bottom } => {
            let (above, below) = (counted(*top, metric.event()), counted(*bottom, over));
            cx.f(W::RatioOf, &[&above, &below])
        }
        MetricKind::Quantile { level_bp, among } => {
            let of = match among {
                Among::Events => W::QuantileOfEvents,
                Among::Users => W::QuantileOfUsers,
            };
            cx.f(of, &[&percentile(cx, *level_bp)])
        }
    };
    let mut parts = vec![kind, cx.t(W::better(metric.better)).to_owned(), role];
    let is_named = matches!(metric.kind, MetricKind::Ratio { .. });
    if !metric.event.is_empty() && metric.event != metric.key && !is_named {
        parts.push(cx.f(W::EventOf, &[&metric.event]));
    }
    if let Some(hours) = metric.window_hours {
        parts.push(within(cx, hours));
    }
    if let MetricKind::Mean { cap: Some(cap) } = metric.kind {
        parts.push(cx.f(W::CapOf, &[&amount(cap)]));
    }
    parts.extend(before(cx, metric.pre_days));
    parts.join(" · ")
}

/// When the conversion goal counts, and by what it is adjusted; nothing of most.
#[must_use]
pub(super) fn about_when(cx: &Cx, experiment: &Experiment) -> Vec<String> {
    let hours = experiment.goal_window_hours;
    let window = hours.map(|hours| within(cx, hours));
    let before = before(cx, experiment.goal_pre_days);
    window.into_iter().chain(before).collect()
}

fn before(cx: &Cx, days: u16) -> Option<String> {
    (days > 0).then(|| cx.f(W::PreOf, &[&days.to_string()]))
}

fn percentile(cx: &Cx, level_bp: u16) -> String {
    match level_bp {
        5_000 => cx.t(W::Median).to_owned(),
        _ => cx.f(W::Percentile, &[&bp(level_bp)]),
    }
}

/// How a value of the metric is written.
#[must_use]
pub(super) fn say(metric: &Metric) -> fn(f64) -> String {
    if metric.kind.is_share() {
        percent
    } else {
        amount
    }
}

/// How long after the exposure something counts.
fn within(cx: &Cx, hours: u32) -> String {
    cx.f(W::WindowOf, &[&span(cx, hours)])
}

fn span(cx: &Cx, hours: u32) -> String {
    if hours.is_multiple_of(24) {
        cx.f(W::DaysLong, &[&(hours / 24).to_string()])
    } else {
        cx.f(W::Hours, &[&hours.to_string()])
    }
}
