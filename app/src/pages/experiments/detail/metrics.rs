//! What does not decide: each treatment against the control.

use leptos::prelude::*;
use nexus_control::views::{
    ExperimentDetail, Lift, MetricResult, MetricValue, VariantResult, Verdict,
};
use nexus_domain::experiment::{Correction, Experiment, Metric, MetricRole};

use super::about::{about, about_goal, say};
use super::axis::Axis;
use super::headline::name_of;
use super::metric::said_of;
use super::report::{why_valueless, without_value};
use super::results::{certainty, certainty_head, trim};
use super::save::{Saved, save};
use crate::charts::{Forest, forest};
use crate::cx::Cx;
use crate::format::percent;
use crate::pages::experiments::lift::{Unit, interval_alone, lift_text};
use crate::text::detail::DetailWord;
use crate::text::method::MethodWord;
use crate::text::metric::MetricWord as W;
use crate::ui::linked_panel;

#[must_use]
pub(super) fn view_metrics(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let metrics = others(detail);
    if metrics.is_empty() {
        return ().into_any();
    }
    let values = metrics.iter().flat_map(|(_, m)| &m.variants);
    let axis = Axis::of(values.map(|v| v.lift));
    let names: Vec<String> = detail.results.variants.iter().map(name_of).collect();
    let rows = metrics
        .iter()
        .flat_map(|(is_goal, metric)| {
            let treatments = names.iter().zip(&metric.variants).skip(1).enumerate();
            treatments.map(move |(i, (name, value))| (i, (*is_goal, metric), name, value))
        })
        .map(|(i, metric, name, value)| row(cx, detail, (i, metric, name, value), axis))
        .collect_view();
    let body = view! {
        <p class="panel-help">{note(cx, &detail.experiment)}</p>
        {newest_look(cx, detail)}
        {why_valueless(cx, (&detail.experiment, &detail.results), metrics.iter().map(|(_, m)| m))}
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
                    {axis.head(cx.t(DetailWord::Interval))}
                    <th scope="col" class="end">
                        {certainty_head(cx, detail.experiment.method)}
                    </th>
                    <th scope="col">{cx.t(W::Said)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {save(cx, Saved::results(&detail.experiment.id), cx.t(W::Title))}
    };
    linked_panel(
        cx,
        "metrics",
        cx.t(W::Title),
        ().into_any(),
        body.into_any(),
    )
}

/// What the verdicts of the table hold for.
fn note(cx: &Cx, experiment: &Experiment) -> String {
    match experiment.corrected_by() {
        Some(Correction::BenjaminiHochberg) => {
            cx.f(W::PanelNoteShare, &[&trim(100.0 * experiment.significance)])
        }
        _ => cx.t(W::PanelNote).to_owned(),
    }
}

/// Of which look the lifts of secondary metrics are; nothing of a method without looks.
fn newest_look(cx: &Cx, detail: &ExperimentDetail) -> Option<AnyView> {
    let horizon = detail.results.horizon.as_ref()?;
    let metrics = detail.results.metrics.iter();
    let mut secondary = metrics.filter(|m| m.metric.role == MetricRole::Secondary);
    let speaks = secondary.any(|m| m.variants.iter().any(|v| v.lift.is_some()));
    (speaks && !horizon.looks.is_empty())
        .then(|| view! { <p class="panel-help">{cx.t(MethodWord::LooksNewest)}</p> }.into_any())
}

/// The conversion goal where it does not decide, and all metrics that don't.
fn others(detail: &ExperimentDetail) -> Vec<(bool, MetricResult)> {
    let (experiment, results) = (&detail.experiment, &detail.results);
    let value = |of: &VariantResult| MetricValue {
        users: of.exposures,
        value: of.rate,
        lift: of.lift,
        margin: None,
        variance_reduced: of.variance_reduced,
    };
    let goal = results.primary().map(|_| MetricResult {
        metric: Metric {
            key: experiment.goal.clone(),
            window_hours: experiment.goal_window_hours,
            pre_days: experiment.goal_pre_days,
            ..Metric::default()
        },
        through_window: None,
        variants: results.variants.iter().map(value).collect(),
        without_value: None,
    });
    let metrics = results.metrics.iter();
    let metrics = metrics.filter(|m| !m.metric.role.is_primary());
    let goal = goal.map(|goal| (true, goal)).into_iter();
    goal.chain(metrics.map(|m| (false, m.clone()))).collect()
}

fn row(
    cx: &Cx,
    detail: &ExperimentDetail,
    (i, (is_goal, metric), name, value): (usize, (bool, &MetricResult), &str, &MetricValue),
    axis: Axis,
) -> AnyView {
    // What holds for all treatments is said once.
    let first = (i == 0).then(|| {
        let said = match is_goal {
            true => about_goal(cx, &metric.metric),
            false => about(cx, &metric.metric),
        };
        view! { <span class="about">{said}</span> }
    });
    let home = format!("/experiments/{}", detail.experiment.id);
    let href = match is_goal {
        true => format!("{home}/goal"),
        false => format!("{home}/metrics/{}", metric.metric.key),
    };
    let control = metric.variants.first().and_then(|v| v.value);
    let number = |word: &'static str, text: String| {
        view! {
            <td class="end num" data-label=word>
                {text}
            </td>
        }
    };
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), say(&metric.metric));
    let unit = Unit::of(Some(&metric.metric));
    let sure = value
        .lift
        .as_ref()
        .map_or_else(|| "–".to_owned(), certainty);
    let lift = value
        .lift
        .map_or_else(|| "–".to_owned(), |lift| lift_text(cx, unit, &lift));
    let plot = value.lift.map(|lift| plot(cx, unit, name, &lift, axis));
    let lacking = without_value(&detail.experiment, &detail.results, metric);
    let verdict = said_of(cx, &detail.experiment, value, lacking);
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                <a href=href>
                    <code>{metric.metric.key.clone()}</code>
                </a>
                {first}
                {notes(cx, value.variance_reduced, metric.through_window.filter(|_| i == 0))}
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

/// Of a metric's numbers: what the time before was worth, and how many are through.
pub(super) fn notes(cx: &Cx, reduced: Option<f64>, through: Option<f64>) -> AnyView {
    let reduced = reduced.map(|share| match share {
        s if s >= 0.005 => cx.f(W::Reduced, &[&percent(s)]),
        _ => cx.t(W::NotReduced).to_owned(),
    });
    let through = through
        .filter(|share| *share < 1.0)
        .map(|share| cx.f(W::Through, &[&percent(share)]));
    reduced
        .into_iter()
        .chain(through)
        .map(|note| view! { <span class="about">{note}</span> })
        .collect_view()
        .into_any()
}

/// Its picture with the ends of the axis, which only a narrow screen shows here.
pub(super) fn plot(cx: &Cx, unit: Unit, name: &str, lift: &Lift, axis: Axis) -> AnyView {
    let span = interval_alone(cx, unit, lift);
    let tone = match lift.verdict {
        Verdict::Better => "good",
        Verdict::Worse | Verdict::Harmful => "bad",
        _ => "neutral",
    };
    let label = cx.f(
        DetailWord::ForestLabel,
        &[name, &lift_text(cx, unit, lift), &span],
    );
    // The axis is of shares.
    let row = lift.scale.is_relative().then_some(Forest {
        relative: lift.relative,
        low: lift.low,
        high: lift.high,
        tone,
        label,
    });
    view! {
        {row.map(|row| view! { {axis.ends()} {forest(row, axis.reach)} })}
        <span class="forest-text">{span}</span>
    }
    .into_any()
}
