//! The sizes as a table, and what the rule of thumb is worth.

use leptos::prelude::*;
use nexus_control::views::{PlannedSize, SizePlan};

use super::CalculatorState;
use crate::cx::Cx;
use crate::format::{count, percent};
use crate::text::calculator::CalculatorWord as W;
use crate::text::method::MethodWord;
use crate::ui::panel;

#[must_use]
pub(super) fn view_sizes(cx: &Cx, state: &CalculatorState, plan: &SizePlan) -> AnyView {
    let sizes = [
        (MethodWord::FixedHorizon, W::FixedNote, plan.fixed),
        (MethodWord::AlwaysValid, W::AlwaysNote, plan.always_valid),
    ];
    let rows = sizes
        .map(|(method, note, size)| row(cx, method, note, size))
        .into_iter()
        .collect_view();
    let help = cx.f(
        W::SizesHelp,
        &[&state.minimum_effect, &state.power, &state.significance],
    );
    let thumb = plan.rule_of_thumb;
    let lift = |found: Option<f64>| found.map_or_else(|| cx.t(W::Nothing).to_owned(), percent);
    let text = cx.f(
        W::ThousandText,
        &[&lift(thumb.fixed), &lift(thumb.always_valid)],
    );
    let title = cx.f(W::Thousand, &[&count(thumb.users_per_variant)]);
    let body = view! {
        <p class="panel-help">{help}</p>
        <table class="table stack">
            <caption class="sr">{cx.t(W::Sizes)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Method)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::PerVariant)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(W::Total)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(W::Days)}
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <div class="panel-notes">
            <p class="panel-line">{cx.t(W::GroupNote)}</p>
            <h3>{title}</h3>
            <p class="panel-line">{text}</p>
        </div>
    };
    panel("sizes", cx.t(W::Sizes), ().into_any(), body.into_any())
}

fn row(cx: &Cx, method: MethodWord, note: W, size: PlannedSize) -> AnyView {
    let cell = |word: W, value: String| {
        view! {
            <td class="end num" data-label=cx.t(word)>
                {value}
            </td>
        }
    };
    let days = size.days.map_or_else(|| "–".to_owned(), count);
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                {cx.t(method)} <span class="about">{cx.t(note)}</span>
            </th>
            {cell(W::PerVariant, count(size.per_variant))}
            {cell(W::Total, count(size.total))} {cell(W::Days, days)}
        </tr>
    }
    .into_any()
}
