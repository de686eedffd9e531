//! Exposures and lift over time, each with its numbers as a table.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, SeriesPoint};

use super::headline::name_of;
use crate::charts::{Band, LineChart, Series, line_chart};
use crate::cx::Cx;
use crate::format::{change, count, short};
use crate::text::common::Common;
use crate::text::detail::DetailWord as W;
use crate::ui::{panel, when_in_words};

#[must_use]
pub(super) fn view_charts(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    if detail.results.series.len() < 2 {
        return ().into_any();
    }
    // A method that speaks at its looks only has no course of intervals.
    if detail.results.horizon.is_some() {
        return exposures(cx, detail);
    }
    view! {
        <div class="pair">
            {exposures(cx, detail)} {lift(cx, detail)}
        </div>
    }
    .into_any()
}

fn span_ms(series: &[SeriesPoint]) -> i64 {
    match (series.first(), series.last()) {
        (Some(first), Some(last)) => last.at_ms - first.at_ms,
        _ => 0,
    }
}

fn legend(names: &[String], first: usize) -> AnyView {
    let items = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            view! {
                <li>
                    <span class=format!("swatch s{}", (i + first) % 7) aria-hidden="true"></span>
                    {name.clone()}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="legend">{items}</ul> }.into_any()
}

fn exposures(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let points = &detail.results.series;
    let names: Vec<String> = detail.results.variants.iter().map(name_of).collect();
    let series = (0..names.len())
        .map(|index| Series {
            index,
            points: points
                .iter()
                .filter_map(|p| Some((p.at_ms as f64, *p.exposures.get(index)? as f64)))
                .collect(),
        })
        .collect();
    let span = span_ms(points);
    let chart = line_chart(LineChart {
        series,
        bands: Vec::new(),
        include: (0.0, 10.0),
        cut: None,
        mark: None,
        x_label: |ms| cx.zone.tick(ms as i64, span, cx.lang),
        y_label: short,
        label: cx.t(W::ChartExposuresLabel).to_owned(),
    });
    let table = table(cx, points, &names, |p, i| {
        p.exposures.get(i).map_or_else(String::new, |n| count(*n))
    });
    let body = view! {
        {chart}
        {table}
    };
    panel(
        "chart-exposures",
        cx.t(W::ChartExposures),
        legend(&names, 0),
        body.into_any(),
    )
}

fn lift(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let points = &detail.results.series;
    let names: Vec<String> = detail
        .results
        .variants
        .iter()
        .skip(1)
        .map(name_of)
        .collect();
    let known = |i: usize| {
        points
            .iter()
            .filter_map(move |p| Some((p.at_ms as f64, p.lifts.get(i).copied().flatten()?)))
    };
    let series = (0..names.len())
        .map(|i| Series {
            index: i + 1,
            points: known(i)
                .map(|(at, (relative, ..))| (at, relative))
                .collect(),
        })
        .collect();
    let bands = (0..names.len())
        .map(|i| Band {
            index: i + 1,
            points: known(i)
                .map(|(at, (_, low, high))| (at, low, high))
                .collect(),
        })
        .collect();
    let span = span_ms(points);
    let reach = reach(points);
    let chart = line_chart(LineChart {
        series,
        bands,
        include: (-0.05, 0.05),
        cut: Some((-reach, reach)),
        mark: Some(0.0),
        x_label: |ms| cx.zone.tick(ms as i64, span, cx.lang),
        y_label: |v: f64| format!("{:.0}%", v * 100.0).replace('-', "−"),
        label: cx.t(W::ChartLiftLabel).to_owned(),
    });
    let table = table(cx, points, &names, |p, i| {
        p.lifts
            .get(i)
            .copied()
            .flatten()
            .map_or_else(String::new, |(relative, low, high)| {
                let interval = cx.f(W::IntervalText, &[&change(low), &change(high)]);
                format!("{} ({interval})", change(relative))
            })
    });
    let body = view! {
        {chart}
        {table}
    };
    panel(
        "chart-lift",
        cx.t(W::ChartLift),
        legend(&names, 1),
        body.into_any(),
    )
}

/// The first intervals are huge and would squeeze the rest into a line: the axis
/// reaches as far as the newest interval needs, and half as far again.
fn reach(points: &[SeriesPoint]) -> f64 {
    let newest = points.iter().rev().find_map(|p| {
        let widest = p
            .lifts
            .iter()
            .flatten()
            .flat_map(|(_, low, high)| [low.abs(), high.abs()]);
        widest.filter(|v| v.is_finite()).reduce(f64::max)
    });
    (newest.unwrap_or(0.2) * 1.5).clamp(0.1, 5.0)
}

/// At most this many rows; the newest counts most.
const TABLE_ROWS: usize = 24;

fn table(
    cx: &Cx,
    points: &[SeriesPoint],
    names: &[String],
    value: impl Fn(&SeriesPoint, usize) -> String,
) -> AnyView {
    let step = points.len().div_ceil(TABLE_ROWS).max(1);
    let heads = names
        .iter()
        .map(|n| view! { <th scope="col" class="end">{n.clone()}</th> });
    let rows = points
        .iter()
        .rev()
        .step_by(step)
        .map(|point| {
            let cells = (0..names.len())
                .map(|i| view! { <td class="end num">{value(point, i)}</td> })
                .collect_view();
            view! {
                <tr>
                    <th scope="row">{when_in_words(cx, point.at_ms)}</th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="data">
            <summary>{cx.t(Common::DataTable)}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=cx.t(Common::DataTable)>
                <table class="table small">
                    <thead>
                        <tr>
                            <th scope="col">{cx.t(W::Time)}</th>
                            {heads.collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
