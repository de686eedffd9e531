//! A metric by what the gateway saw of users at their first exposure.

use leptos::prelude::*;
use nexus_control::views::{MetricDetail, Slice, SliceValue};
use nexus_domain::experiment::Dimension;
use nexus_flags::Device;

use super::axis::Axis;
use super::metric::{names, say_of};
use super::metrics::plot;
use super::save::{Saved, save};
use crate::cx::Cx;
use crate::format::count;
use crate::pages::experiments::lift::{Unit, lift_text, scales_note};
use crate::text::detail::DetailWord;
use crate::text::domain::DeviceWord;
use crate::text::metric::MetricWord;
use crate::text::metric::SliceWord as W;
use crate::text::places::country_name;
use crate::ui::{linked_panel, verdict_badge};

/// What a slice is called.
#[must_use]
pub(super) fn value_name(cx: &Cx, by: Dimension, value: &str) -> String {
    let known = match (by, value) {
        (_, Dimension::UNKNOWN) => cx.t(W::Unknown),
        (_, Dimension::OTHER) => cx.t(W::Other),
        (Dimension::Device, "desktop") => cx.t(DeviceWord::of(Device::Desktop)),
        (Dimension::Device, "mobile") => cx.t(DeviceWord::of(Device::Mobile)),
        (Dimension::Device, "tablet") => cx.t(DeviceWord::of(Device::Tablet)),
        (Dimension::Browser, "chrome") => "Chrome",
        (Dimension::Browser, "edge") => "Edge",
        (Dimension::Browser, "firefox") => "Firefox",
        (Dimension::Browser, "opera") => "Opera",
        (Dimension::Browser, "safari") => "Safari",
        (Dimension::Browser, "samsung") => "Samsung Internet",
        (Dimension::Country, code) => country_name(cx.lang, code).unwrap_or(code),
        (_, code) => code,
    };
    known.to_owned()
}

#[must_use]
pub(super) fn view_slices(cx: &Cx, detail: &MetricDetail) -> AnyView {
    let slices = &detail.slices;
    let choices = Dimension::ALL.map(|by| {
        view! {
            <a
                class="button small"
                href=format!("?by={}#slices", by.as_str())
                aria-current=(by == slices.by).then_some("true")
            >
                {cx.t(W::of(by))}
            </a>
        }
    });
    let choose = view! {
        <nav class="choices" aria-label=cx.t(W::Choose)>
            {choices.collect_view()}
        </nav>
    };
    let body = if slices.rows.is_empty() {
        let empty = match detail.experiment.has_ended() {
            true => W::EmptyEnded,
            false => W::Empty,
        };
        view! { <p class="panel-quiet">{cx.t(empty)}</p> }.into_any()
    } else {
        table(cx, detail)
    };
    let title = cx.t(W::Breakdown);
    let saved = Saved {
        experiment: detail.experiment.id.as_str(),
        metric: detail.metric.as_ref().map(|metric| metric.key.as_str()),
        table: "slices",
        by: Some(slices.by),
    };
    let body = view! {
        {body}
        {(!slices.rows.is_empty()).then(|| save(cx, saved, title))}
    };
    linked_panel(cx, "slices", title, choose.into_any(), body.into_any())
}

fn table(cx: &Cx, detail: &MetricDetail) -> AnyView {
    let slices = &detail.slices;
    let lifts = || {
        let values = slices.rows.iter().flat_map(|row| &row.variants);
        values.map(|v| v.lift)
    };
    // A lift of all users says that there was a look, though every slice may be too small.
    let speaks =
        lifts().any(|lift| lift.is_some()) || detail.values.iter().any(|v| v.lift.is_some());
    let waits = detail.experiment.method.horizon().is_some() && !speaks;
    let note = if waits {
        cx.t(W::NoteWaits).to_owned()
    } else {
        cx.f(W::Note, &[&slices.comparisons.to_string()])
    };
    let unit = Unit::of(detail.metric.as_ref());
    let all = slices.rows.iter().flat_map(|row| &row.variants);
    let scales = scales_note(cx, unit, all.filter_map(|v| v.lift.as_ref()));
    let scales = scales.map(|note| view! { <p class="panel-help">{note}</p> });
    let axis = Axis::of(lifts());
    let names = names(&detail.experiment);
    let rows = slices
        .rows
        .iter()
        .flat_map(|slice| {
            let treatments = names.iter().zip(&slice.variants).skip(1).enumerate();
            treatments.map(move |(i, (name, value))| (i, slice, name, value))
        })
        .map(|(i, slice, name, value)| row(cx, detail, (i, slice, name, value), axis))
        .collect_view();
    let by = cx.t(W::of(slices.by));
    view! {
        <p class="panel-help">{note}</p>
        {scales}
        <table class="table stack results">
            <caption class="sr">{cx.f(W::Title, &[&by.to_lowercase()])}</caption>
            <thead>
                <tr>
                    <th scope="col">{by}</th>
                    <th scope="col">{cx.t(DetailWord::Variant)}</th>
                    <th scope="col" class="end">
                        {cx.t(MetricWord::Both)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(MetricWord::Control)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(MetricWord::Value)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(DetailWord::Lift)}
                    </th>
                    {axis.head(cx.t(DetailWord::Interval))}
                    <th scope="col">{cx.t(MetricWord::Said)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(
    cx: &Cx,
    detail: &MetricDetail,
    (i, slice, name, value): (usize, &Slice, &str, &SliceValue),
    axis: Axis,
) -> AnyView {
    let say = say_of(detail.metric.as_ref());
    let unit = Unit::of(detail.metric.as_ref());
    let number = |word: &'static str, text: String| {
        view! {
            <td class="end num" data-label=word>
                {text}
            </td>
        }
    };
    let none = || "–".to_owned();
    let control = slice.variants.first();
    let both = control.map_or(0, |c| c.users) + value.users;
    let control = control.and_then(|c| c.value).map_or_else(none, say);
    let lift = value
        .lift
        .map_or_else(none, |lift| lift_text(cx, unit, &lift));
    let title = value_name(cx, detail.slices.by, &slice.value);
    let plotted = format!("{title}, {name}");
    let broken = (slice.split_broken && i == 0)
        .then(|| view! { <span class="about warn">{cx.t(W::SplitBroken)}</span> });
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                {title}
                {broken}
            </th>
            <td data-label=cx.t(DetailWord::Variant)>{name.to_owned()}</td>
            {number(cx.t(MetricWord::Both), count(both))} {number(cx.t(MetricWord::Control), control)}
            {number(cx.t(MetricWord::Value), value.value.map_or_else(none, say))}
            {number(cx.t(DetailWord::Lift), lift)}
            <td class="forest-cell" data-label=cx.t(DetailWord::Interval)>
                {value.lift.map(|lift| plot(cx, unit, &plotted, &lift, axis))}
            </td>
            <td data-label=cx.t(
                MetricWord::Said,
            )>{value.lift.map(|lift| verdict_badge(cx, Some(lift.verdict)))}</td>
        </tr>
    }
    .into_any()
}
