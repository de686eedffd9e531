//! The distribution behind a quantile: the value at each share, per variant.

use leptos::prelude::*;
use nexus_control::views::{MetricDetail, QuantilePoint};

use super::charts::legend;
use super::save::{Saved, save};
use crate::charts::{LineChart, Series, line_chart};
use crate::cx::Cx;
use crate::format::{amount, bp, short};
use crate::text::metric::MetricWord as W;
use crate::ui::linked_panel;

/// `names` are the variants', control first.
#[must_use]
pub(super) fn view_distribution(cx: &Cx, names: &[String], detail: &MetricDetail) -> AnyView {
    let points = &detail.quantiles;
    let line = |index: usize| Series {
        index,
        points: points
            .iter()
            .filter_map(|p| Some((f64::from(p.level_bp), p.values.get(index).copied()??)))
            .collect(),
    };
    let largest = points.iter().flat_map(|p| &p.values).flatten();
    let largest = largest.copied().reduce(f64::max);
    let chart = largest.map(|largest| {
        line_chart(LineChart {
            series: (0..names.len()).map(line).collect(),
            bands: Vec::new(),
            include: (0.0, 0.0),
            cut: None,
            mark: None,
            x_ticks: None,
            x_label: |level: f64| format!("{:.0}%", level / 100.0),
            // Seconds need their decimals.
            y_label: |value: f64| match largest < 10.0 {
                true => amount(value),
                false => short(value, cx.lang),
            },
            label: cx.t(W::DistributionLabel).to_owned(),
        })
    });
    let body = view! {
        <p class="panel-help">{cx.t(W::DistributionNote)}</p>
        {chart}
    };
    let (title, legend) = (cx.t(W::Distribution), legend(names, 0));
    let saved = Saved {
        experiment: detail.experiment.id.as_str(),
        metric: detail.metric.as_ref().map(|metric| metric.key.as_str()),
        table: "quantiles",
        by: None,
    };
    let of_values = cx.t(W::Quantiles);
    let values = view! {
        {table(cx, names, points)}
        {save(cx, saved, of_values)}
    };
    view! {
        <div class="pair">
            {linked_panel(cx, "distribution", title, legend, body.into_any())}
            {linked_panel(cx, "quantiles", of_values, ().into_any(), values.into_any())}
        </div>
    }
    .into_any()
}

fn table(cx: &Cx, names: &[String], points: &[QuantilePoint]) -> AnyView {
    let heads = names
        .iter()
        .map(|name| view! { <th scope="col" class="end">{name.clone()}</th> })
        .collect_view();
    let cell = |value: &Option<f64>| {
        let text = value.map_or_else(|| "–".to_owned(), amount);
        view! { <td class="end num">{text}</td> }
    };
    let rows = points
        .iter()
        .map(|point| {
            view! {
                <tr>
                    <th scope="row">{format!("{}%", bp(point.level_bp))}</th>
                    {point.values.iter().map(cell).collect_view()}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=cx.t(W::DistributionLabel)>
            <table class="table small">
                <thead>
                    <tr>
                        <th scope="col">{cx.t(W::Level)}</th>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
