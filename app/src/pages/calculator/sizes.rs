//! The sizes as a table, and what the rule of thumb is worth.

use leptos::prelude::*;
use nexus_control::views::{PlannedSize, SizePlan};

use super::CalculatorState;
use crate::cx::Cx;
use crate::format::{count, percent};
use crate::text::calculator::CalculatorWord as W;
use crate::text::method::MethodWord;
use crate::ui::panel;

/// Below it an average is not yet normal, as every rule of thumb has it.
const FEW: u64 = 30;

#[must_use]
pub(super) fn view_sizes(cx: &Cx, state: &CalculatorState, plan: &SizePlan) -> AnyView {
    let looks = plan.group_sequential.looks.to_string();
    let few = (plan.fixed.per_variant < FEW)
        .then(|| view! { <p class="panel-line">{cx.f(W::TooFew, &[&FEW.to_string()])}</p> });
    let grouped = &plan.group_sequential;
    let sizes = [
        (
            MethodWord::FixedHorizon,
            cx.t(W::FixedNote).to_owned(),
            &plan.fixed,
        ),
        (
            MethodWord::GroupSequential,
            cx.f(W::MaximumNote, &[&looks]),
            &grouped.maximum,
        ),
        (
            MethodWord::GroupSequential,
            cx.t(W::ExpectedNote).to_owned(),
            &grouped.expected,
        ),
        (
            MethodWord::AlwaysValid,
            cx.t(W::AlwaysNote).to_owned(),
            &plan.always_valid,
        ),
    ];
    let is_even = plan
        .fixed
        .by_variant
        .iter()
        .all(|n| *n == plan.fixed.per_variant);
    let each = match is_even {
        true => W::PerVariant,
        false => W::EachVariant,
    };
    let rows = sizes
        .map(|(method, note, size)| row(cx, method, note, size, each))
        .into_iter()
        .collect_view();
    let sign = sign(state);
    let effect = format!("{sign}{}", state.minimum_effect);
    let help = cx.f(W::SizesHelp, &[&effect, &state.power, &state.significance]);
    let thumb = plan.rule_of_thumb;
    let lift = |found: Option<f64>| {
        found.map_or_else(
            || cx.t(W::Nothing).to_owned(),
            |found| format!("{sign}{}", percent(found)),
        )
    };
    let text = cx.f(
        W::ThousandText,
        &[
            &lift(thumb.fixed),
            &lift(thumb.group_sequential),
            &lift(thumb.always_valid),
        ],
    );
    let title = match is_even {
        true => W::Thousand,
        false => W::ThousandSmallest,
    };
    let title = cx.f(title, &[&count(thumb.users_per_variant)]);
    let body = view! {
        <p class="panel-help">{help}</p>
        <table class="table stack">
            <caption class="sr">{cx.t(W::Sizes)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Method)}</th>
                    <th scope="col" class="end">
                        {cx.t(each)}
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
            {few} <p class="panel-line">{cx.t(W::GroupNote)}</p>
            <h3>{title}</h3>
            <p class="panel-line">{text}</p>
        </div>
    };
    panel("sizes", cx.t(W::Sizes), ().into_any(), body.into_any())
}

/// Of the change; the minus is as wide as the plus.
fn sign(state: &CalculatorState) -> &'static str {
    match state.is_decrease() {
        true => "−",
        false => "+",
    }
}

fn row(cx: &Cx, method: MethodWord, note: String, size: &PlannedSize, each: W) -> AnyView {
    let cell = |word: W, value: String| {
        view! {
            <td class="end num" data-label=cx.t(word)>
                {value}
            </td>
        }
    };
    let days = size.days.map_or_else(|| "–".to_owned(), count);
    let users = match each {
        W::PerVariant => count(size.per_variant),
        _ => {
            let all = size.by_variant.iter().map(|n| count(*n));
            all.collect::<Vec<_>>().join(" / ")
        }
    };
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                {cx.t(method)} <span class="about">{note}</span>
            </th>
            {cell(each, users)} {cell(W::Total, count(size.total))} {cell(W::Days, days)}
        </tr>
    }
    .into_any()
}
