//! The looks of a method with a planned end: what was to be seen at each.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, HorizonProgress, LookResult, Results};

use super::headline::name_of;
use crate::cx::Cx;
use crate::format::count;
use crate::pages::experiments::lift::{Unit, interval, lift_text};
use crate::text::detail::DetailWord;
use crate::text::method::MethodWord as W;
use crate::ui::{linked_panel, verdict_badge, when};

#[must_use]
pub(super) fn view_looks(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let Some(horizon) = &detail.results.horizon else {
        return ().into_any();
    };
    let aside = cx.f(
        W::LookProgress,
        &[&count(horizon.users), &count(horizon.planned_users)],
    );
    let runs_on = !detail.experiment.has_ended();
    let next = horizon.next_look_users.filter(|_| runs_on).map(|users| {
        let word = if horizon.looks.is_empty() {
            W::LooksNone
        } else {
            W::LooksNext
        };
        view! { <p class="panel-line">{cx.f(word, &[&count(users)])}</p> }
    });
    let body = view! {
        {next}
        {table(cx, detail, horizon)}
    };
    linked_panel(
        cx,
        "looks",
        cx.t(W::Looks),
        aside.into_any(),
        body.into_any(),
    )
}

/// The look of which the lift of what decides is: the first that decided it, else the newest
/// that had one. None of a method without looks.
#[must_use]
pub(super) fn look_of<'r>(
    results: &'r Results,
    variant: &str,
) -> Option<(&'r HorizonProgress, &'r LookResult)> {
    let horizon = results.horizon.as_ref()?;
    let index = results.variants.iter().position(|v| v.key == variant)?;
    let lift = results.deciding_lifts().into_iter().nth(index)??;
    let treatment = index.checked_sub(1)?;
    let is_its = |look: &&LookResult| look.lifts.get(treatment) == Some(&Some(lift));
    horizon
        .looks
        .iter()
        .find(is_its)
        .map(|look| (horizon, look))
}

/// Which look that is, beside the variant.
#[must_use]
pub(super) fn at_its_look(cx: &Cx, results: &Results, variant: &str) -> Option<AnyView> {
    let (horizon, look) = look_of(results, variant)?;
    let word = match horizon.planned_looks {
        1 => W::LiftAtOneLook,
        _ => W::LiftAtLook,
    };
    let [at, of] = [look.look, horizon.planned_looks].map(|n| n.to_string());
    let text = cx.f(word, &[&at, &of, &count(look.users)]);
    Some(view! { <span class="about">{text}</span> }.into_any())
}

/// That counts go on while lifts stay; nothing where both are of the same users.
#[must_use]
pub(super) fn live_note(cx: &Cx, results: &Results) -> Option<AnyView> {
    let mut looks = results
        .variants
        .iter()
        .filter_map(|v| look_of(results, &v.key));
    let is_past = looks.any(|(horizon, look)| look.users < horizon.users);
    is_past.then(|| view! { <p class="panel-help">{cx.t(W::LooksLive)}</p> }.into_any())
}

fn table(cx: &Cx, detail: &ExperimentDetail, horizon: &HorizonProgress) -> AnyView {
    if horizon.looks.is_empty() {
        return ().into_any();
    }
    let names: Vec<String> = detail
        .results
        .variants
        .iter()
        .skip(1)
        .map(name_of)
        .collect();
    let heads = names
        .iter()
        .map(|name| {
            view! {
                <th scope="col" class="end">
                    {name.clone()}
                </th>
            }
        })
        .collect_view();
    let unit = Unit::of(detail.experiment.primary());
    let rows = horizon
        .looks
        .iter()
        .map(|look| row(cx, unit, &names, horizon, look))
        .collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Looks)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Look)}</th>
                    <th scope="col">{cx.t(W::LookTime)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::LookUsers)}
                    </th>
                    {heads}
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(
    cx: &Cx,
    unit: Unit,
    names: &[String],
    horizon: &HorizonProgress,
    look: &LookResult,
) -> AnyView {
    let of = cx.f(
        W::LookOf,
        &[&look.look.to_string(), &horizon.planned_looks.to_string()],
    );
    let lifts = names
        .iter()
        .zip(&look.lifts)
        .map(|(name, lift)| {
            let said = lift.map_or_else(
                || view! { "–" }.into_any(),
                |lift| {
                    let text = cx.f(
                        W::LookLift,
                        &[&lift_text(cx, unit, &lift), &interval(cx, unit, &lift)],
                    );
                    view! {
                        {text}
                        " "
                        {verdict_badge(cx, Some(lift.verdict))}
                    }
                    .into_any()
                },
            );
            view! {
                <td class="end num" data-label=name.clone()>
                    {said}
                </td>
            }
        })
        .collect_view();
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                {of}
            </th>
            <td data-label=cx.t(DetailWord::Time)>{when(cx, look.at_ms)}</td>
            <td class="end num" data-label=cx.t(W::LookUsers)>
                {count(look.users)}
            </td>
            {lifts}
        </tr>
    }
    .into_any()
}
