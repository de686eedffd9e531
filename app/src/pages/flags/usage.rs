//! What a flag gave, and whether it can go.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use leptos::prelude::*;
use nexus_control::views::{FlagDetail, FlagHour};
use nexus_domain::access::Action;
use nexus_domain::flag::{STALE_MS, Stale};

use super::form::day;
use super::home;
use crate::charts::{LineChart, Series, line_chart};
use crate::cx::Cx;
use crate::format::{bp, count, short};
use crate::pages::experiments::parts::allowed;
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::flags::FlagUsageWord as W;
use crate::ui::{Callout, Icon, Tone, act_link, callout, data_table, panel, when, when_in_words};

const HOUR_MS: i64 = 60 * 60_000;
const HOURS: i64 = 7 * 24;

/// Why the flag can go, where it is still asked for, and the way there.
pub(super) fn view_stale(cx: &Cx, detail: &FlagDetail) -> Option<AnyView> {
    let stale = detail.usage.stale.as_ref()?;
    let because = match stale {
        Stale::Due { due_ms } => cx.f(W::Due, &[&day(*due_ms)]),
        Stale::OneValue { value } => cx.f(W::OneValue, &[value]),
        Stale::Unused => cx.t(W::Unused).to_owned(),
    };
    let flag = &detail.flag;
    let here = detail.usage.values.first().map(|one| one.last_ms);
    let there = detail.elsewhere.iter();
    let there = there.map(|other| (other.environment, other.evaluated_ms));
    let used: Vec<&str> = std::iter::once((flag.environment, here))
        .chain(there)
        .filter(|(_, at_ms)| at_ms.is_some_and(|at_ms| at_ms >= cx.now_ms - STALE_MS))
        .map(|(environment, _)| cx.t(EnvironmentWord::of(environment)))
        .collect();
    let used = match used.is_empty() {
        true => cx.t(W::NotUsed).to_owned(),
        false => cx.f(W::StillUsed, &[&used.join(cx.t(Common::Comma))]),
    };
    let places: usize = detail.code.iter().map(|one| one.places.len()).sum();
    let code = (places > 0).then(|| {
        view! { <p>{cx.f(W::CodeUsed, &[&places.to_string()])}</p> }
    });
    let archive = act_link(
        "",
        Some(Icon::Archive),
        cx.t(W::CleanUp),
        format!("{}/archive", home(flag)),
        allowed(cx, Action::ArchiveFlag, Some(flag.environment)),
    );
    Some(callout(Callout {
        tone: Tone::Warn,
        title: cx.t(W::StaleTitle).to_owned(),
        body: view! {
            <p>{because}</p>
            <p>{used}</p>
            {code}
            <p class="quiet">{cx.t(W::Keep)}</p>
            <p>{archive}</p>
        }
        .into_any(),
    }))
}

/// All values together of every hour that is over, oldest first: its start and how often. An
/// hour without any has none.
fn per_hour(now_ms: i64, hours: &[FlagHour]) -> Vec<(f64, f64)> {
    let newest_ms = now_ms.div_euclid(HOUR_MS) * HOUR_MS;
    let empty = (1..HOURS).map(|ago| (newest_ms - ago * HOUR_MS, 0));
    let mut sums: BTreeMap<i64, u64> = empty.collect();
    for hour in hours {
        if let Some(sum) = sums.get_mut(&hour.from_ms) {
            *sum = sum.saturating_add(hour.count);
        }
    }
    let sums = sums.into_iter();
    sums.map(|(at_ms, sum)| (at_ms as f64, sum as f64))
        .collect()
}

/// With its numbers. Before the first hour is over it is said to come: the table of values has
/// all there is.
fn chart(cx: &Cx, hours: &[FlagHour], total: u64) -> Option<AnyView> {
    if hours.is_empty() {
        return None;
    }
    let points = per_hour(cx.now_ms, hours);
    if points.iter().all(|(_, sum)| *sum == 0.0) {
        let later = view! { <p class="panel-help">{cx.t(W::ChartLater)}</p> };
        return Some(later.into_any());
    }
    // All of them do not fit beside each other.
    let days = cx.zone.midnights(cx.now_ms - HOURS * HOUR_MS, cx.now_ms);
    let days = days.into_iter().step_by(2).map(|ms| ms as f64).collect();
    let chart = line_chart(LineChart {
        series: vec![Series { index: 1, points }],
        bands: Vec::new(),
        // Whole numbers up the axis, also where it is asked for seldom.
        include: (0.0, 5.0),
        cut: None,
        mark: None,
        x_ticks: Some(days),
        x_label: |ms| cx.zone.short_day(ms as i64, cx.lang),
        y_label: |n| short(n, cx.lang),
        label: cx.f(W::Chart, &[&count(total)]),
    });
    let chart = view! {
        <p class="panel-help">{cx.t(W::PerHour)}</p>
        <div class="usage-chart">{chart}</div>
        {by_hour(cx, hours)}
    };
    Some(chart.into_any())
}

/// The chart's numbers, the newest first.
fn by_hour(cx: &Cx, hours: &[FlagHour]) -> AnyView {
    let mut hours: Vec<&FlagHour> = hours.iter().collect();
    hours.sort_by_key(|hour| Reverse(hour.from_ms));
    let rows = hours.iter().map(|hour| {
        let goes_on = hour.from_ms + HOUR_MS > cx.now_ms;
        let so_far = goes_on.then(|| view! { " " <span class="quiet">{cx.t(W::SoFar)}</span> });
        view! {
            <tr>
                <th scope="row">{when_in_words(cx, hour.from_ms)} {so_far}</th>
                <td>
                    <code>{hour.value.clone()}</code>
                </td>
                <td class="end num">{count(hour.count)}</td>
            </tr>
        }
    });
    let heads = view! {
        <th scope="col">{cx.t(Common::Time)}</th>
        <th scope="col">{cx.t(W::Value)}</th>
        <th scope="col" class="end">
            {cx.t(W::Evaluations)}
        </th>
    };
    data_table(cx, heads.into_any(), rows.collect_view().into_any())
}

pub(super) fn view_usage(cx: &Cx, detail: &FlagDetail) -> AnyView {
    let usage = &detail.usage;
    if usage.values.is_empty() {
        let body = view! { <p class="panel-quiet">{cx.t(W::None)}</p> };
        return panel("usage", cx.t(W::Title), ().into_any(), body.into_any());
    }
    let of = |value: &str| -> u64 {
        let hours = usage.hours.iter().filter(|hour| hour.value == value);
        hours.map(|hour| hour.count).sum()
    };
    let total: u64 = usage.hours.iter().map(|hour| hour.count).sum();
    let rows = usage.values.iter().map(|seen| {
        let own = of(&seen.value);
        let share = (own.saturating_mul(10_000) + total / 2).checked_div(total);
        let share = share.map(|share| format!("{}%", bp(share as u16)));
        view! {
            <tr>
                <th scope="row"><code>{seen.value.clone()}</code></th>
                <td class="end num" data-label=cx.t(W::Count)>{count(own)}</td>
                <td class="end num" data-label=cx.t(W::Share)>{share}</td>
                <td class="end" data-label=cx.t(W::First)>{when(cx, seen.first_ms)}</td>
                <td class="end" data-label=cx.t(W::Last)>{when(cx, seen.last_ms)}</td>
            </tr>
        }
    });
    let body = view! {
        <p class="panel-line">{cx.t(W::Lead)}</p>
        {chart(cx, &usage.hours, total)}
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Value)}</th>
                    <th scope="col" class="end">{cx.t(W::Count)}</th>
                    <th scope="col" class="end">{cx.t(W::Share)}</th>
                    <th scope="col" class="end">{cx.t(W::First)}</th>
                    <th scope="col" class="end">{cx.t(W::Last)}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    };
    panel("usage", cx.t(W::Title), ().into_any(), body.into_any())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_is_over_has_all_values_together_or_none() {
        let now_ms = 500_000 * HOUR_MS + 7;
        let hour = |ago: i64, value: &str, count| FlagHour {
            from_ms: (500_000 - ago) * HOUR_MS,
            value: value.to_owned(),
            count,
        };
        let hours = [
            hour(0, "on", 3),
            hour(1, "on", 2),
            hour(2, "on", 4),
            hour(2, "off", 1),
            hour(HOURS, "on", 9),
        ];
        let points = per_hour(now_ms, &hours);
        assert_eq!(points.len(), 7 * 24 - 1);
        assert!(points.is_sorted_by(|a, b| a.0 < b.0));
        let newest: Vec<f64> = points.iter().rev().take(4).map(|p| p.1).collect();
        assert_eq!(newest, [2.0, 5.0, 0.0, 0.0]);
        let all: f64 = points.iter().map(|p| p.1).sum();
        assert_eq!(all, 7.0, "what is older is not in the chart");
    }
}
