//! The metrics beside the primary one: each treatment against the control.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, Lift, MetricResult, MetricValue, Verdict};

use super::about::about;
use super::headline::{interval, name_of};
use super::results::{certainty, certainty_head};
use crate::charts::{Forest, forest, forest_scale};
use crate::cx::Cx;
use crate::format::{amount, change, percent};
use crate::text::detail::DetailWord;
use crate::text::metric::MetricWord as W;
use crate::ui::{panel, verdict_badge};

#[must_use]
pub(super) fn view_metrics(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let metrics = &detail.results.metrics;
    if metrics.is_empty() {
        return ().into_any();
    }
    let lifts: Vec<_> = metrics
        .iter()
        .flat_map(|m| &m.variants)
        .filter_map(|v| v.lift.map(|l| (l.relative, l.low, l.high)))
        .collect();
    let reach = forest_scale(&lifts);
    let names: Vec<String> = detail.results.variants.iter().map(name_of).collect();
    let rows = metrics
        .iter()
        .flat_map(|metric| {
            let treatments = names.iter().zip(&metric.variants).skip(1);
            treatments.map(move |(name, value)| (metric, name, value))
        })
        .map(|(metric, name, value)| row(cx, detail, (metric, name, value), reach))
        .collect_view();
    let body = view! {
        <p class="panel-help">{cx.t(W::PanelNote)}</p>
        <table class="table stack results">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Key)}</th>
                    <th scope="col">{cx.t(DetailWord::Variant)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Control)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(W::Value)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(DetailWord::Lift)}
                    </th>
                    <th scope="col" class="forest-head">
                        {cx.t(DetailWord::Interval)}
                    </th>
                    <th scope="col" class="end">
                        {certainty_head(cx, detail.experiment.method)}
                    </th>
                    <th scope="col">{cx.t(W::Said)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    panel("metrics", cx.t(W::Title), ().into_any(), body.into_any())
}

fn row(
    cx: &Cx,
    detail: &ExperimentDetail,
    (metric, name, value): (&MetricResult, &str, &MetricValue),
    reach: f64,
) -> AnyView {
    let control = metric.variants.first().and_then(|v| v.value);
    let number = |word: &'static str, text: String| {
        view! {
            <td class="end num" data-label=word>
                {text}
            </td>
        }
    };
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |v| said(metric, v));
    let sure = value
        .lift
        .as_ref()
        .map_or_else(|| "–".to_owned(), certainty);
    let lift = value
        .lift
        .map_or_else(|| "–".to_owned(), |lift| change(lift.relative));
    let plot = value.lift.map(|lift| plot(cx, name, &lift, reach));
    let verdict = match value.margin {
        Some(state) => view! { {cx.t(W::margin(state))} }.into_any(),
        None => verdict_badge(cx, value.lift.map(|l| l.verdict)),
    };
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                <code>{metric.metric.key.clone()}</code>
                <span class="about">{about(cx, &metric.metric)}</span>
            </th>
            <td data-label=cx.t(DetailWord::Variant)>{name.to_owned()}</td>
            {number(cx.t(W::Control), shown(control))}
            {number(cx.t(W::Value), shown(value.value))} {number(cx.t(DetailWord::Lift), lift)}
            <td class="forest-cell" data-label=cx.t(DetailWord::Interval)>
                {plot}
            </td>
            {number(certainty_head(cx, detail.experiment.method), sure)}
            <td data-label=cx.t(W::Said)>{verdict}</td>
        </tr>
    }
    .into_any()
}

fn said(metric: &MetricResult, value: f64) -> String {
    if metric.metric.kind.is_share() {
        percent(value)
    } else {
        amount(value)
    }
}

fn plot(cx: &Cx, name: &str, lift: &Lift, reach: f64) -> AnyView {
    let span = interval(cx, lift);
    let tone = match lift.verdict {
        Verdict::Better => "good",
        Verdict::Worse | Verdict::Harmful => "bad",
        _ => "neutral",
    };
    let label = cx.f(
        DetailWord::ForestLabel,
        &[name, &change(lift.relative), &span],
    );
    let row = Forest {
        relative: lift.relative,
        low: lift.low,
        high: lift.high,
        tone,
        label,
    };
    view! {
        {forest(row, reach)}
        <span class="forest-text">{span}</span>
    }
    .into_any()
}
