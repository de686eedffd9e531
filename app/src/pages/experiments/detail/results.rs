//! The table of variants with their lifts as a forest plot.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, Lift, MetricResult, Results, VariantResult, Verdict};
use nexus_domain::experiment::{Experiment, Method};

use super::about::about;
use super::axis::Axis;
use super::headline::name_of;
use super::looks::{at_its_look, live_note};
use super::metric::{Values, values_table};
use super::metrics::{notes, plot};
use super::report::{why_valueless, without_value};
use super::safeguards::over_the_limit;
use super::save::{Saved, save};
use crate::cx::Cx;
use crate::format::{count, p_value, percent};
use crate::pages::experiments::lift::{Unit, lift_text};
use crate::text::detail::DetailWord as W;
use crate::text::method::MethodWord;
use crate::ui::{linked_panel, verdict_badge};

#[must_use]
pub(super) fn view_results(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let experiment = &detail.experiment;
    if let Some(primary) = detail.results.primary() {
        return view_primary(cx, detail, primary);
    }
    let metric = view! {
        <a href=format!(
            "/experiments/{}/goal",
            experiment.id,
        )>{cx.f(W::Metric, &[&experiment.goal])}</a>
    };
    let saved = save(cx, Saved::results(&experiment.id), cx.t(W::Results));
    view_results_of(cx, experiment, &detail.results, metric.into_any(), saved)
}

/// The variants by the metric that decides.
fn view_primary(cx: &Cx, detail: &ExperimentDetail, primary: &MetricResult) -> AnyView {
    let (experiment, key) = (&detail.experiment, &primary.metric.key);
    let metric = view! {
        {notes(cx, None, primary.through_window)}
        " "
        <a href=format!(
            "/experiments/{}/metrics/{key}",
            experiment.id,
        )>{cx.f(W::Metric, &[key])}</a>
    };
    let body = if detail.results.variants.iter().all(|v| v.exposures == 0) {
        view! {
            <p class="panel-quiet">{cx.t(no_results(experiment))}</p>
            {save(cx, Saved::results(&experiment.id), cx.t(W::Results))}
        }
        .into_any()
    } else {
        view! {
            <p class="panel-help">{about(cx, &primary.metric)}</p>
            {together(cx, experiment)}
            {why_valueless(cx, (experiment, &detail.results), std::iter::once(primary))}
            {live_note(cx, &detail.results)}
            {values_table(
                cx,
                &Values {
                    experiment,
                    metric: Some(&primary.metric),
                    values: &primary.variants,
                    without_value: without_value(experiment, &detail.results, primary),
                    results: Some(&detail.results),
                },
            )}
        }
        .into_any()
    };
    linked_panel(cx, "results", cx.t(W::Results), metric.into_any(), body)
}

const fn no_results(experiment: &Experiment) -> W {
    match experiment.has_ended() {
        true => W::NoResultsEnded,
        false => W::NoResults,
    }
}

/// That several treatments share the level.
fn together(cx: &Cx, experiment: &Experiment) -> Option<AnyView> {
    let treatments = experiment.variants.len().saturating_sub(1);
    let is_corrected = treatments > 1 && !matches!(experiment.method, Method::Bayesian { .. });
    is_corrected.then(|| {
        let note = cx.f(W::Together, &[&treatments.to_string()]);
        view! { <p class="panel-help">{note}</p> }.into_any()
    })
}

/// The same of whatever is counted as an experiment; `metric` says by what, `saved` how to keep
/// it.
#[must_use]
pub(crate) fn view_results_of(
    cx: &Cx,
    experiment: &Experiment,
    results: &Results,
    metric: AnyView,
    saved: AnyView,
) -> AnyView {
    if results.variants.iter().all(|v| v.exposures == 0) {
        let body = view! {
            <p class="panel-quiet">{cx.t(no_results(experiment))}</p>
            {saved}
        };
        return linked_panel(cx, "results", cx.t(W::Results), metric, body.into_any());
    }
    let axis = Axis::of(results.variants.iter().map(|v| v.lift));
    let method = experiment.method;
    let level = trim(100.0 * (1.0 - experiment.significance));
    let caption = cx.f(MethodWord::interval(method), &[&level]);
    let rows = results
        .variants
        .iter()
        .enumerate()
        .map(|(i, variant)| row(cx, (experiment, results), (i, variant), (&caption, axis)))
        .collect_view();
    let body = view! {
        {together(cx, experiment)}
        {live_note(cx, results)}
        <table class="table stack results">
            <caption class="sr">{cx.t(W::Results)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Variant)}</th>
                    <th scope="col" class="end">
                        {cx.t(W::Exposures)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(W::Conversions)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(W::Rate)}
                    </th>
                    <th scope="col" class="end">
                        {cx.t(W::Lift)}
                    </th>
                    {axis.head(&caption)}
                    <th scope="col" class="end">
                        {certainty_head(cx, method)}
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {saved}
    };
    linked_panel(
        cx,
        "results",
        cx.t(W::Results),
        metric.into_any(),
        body.into_any(),
    )
}

/// Of a variant that hurt users.
pub(super) fn hurt_badge(cx: &Cx, is_hurt: bool) -> Option<AnyView> {
    is_hurt.then(|| verdict_badge(cx, Some(Verdict::Harmful)))
}

/// A better rate does not hide that a variant hurt users: it is said quietly.
pub(super) fn verdict_beside(cx: &Cx, is_hurt: bool, verdict: Option<Verdict>) -> AnyView {
    match verdict {
        Some(Verdict::Better) if is_hurt => {
            view! { <span class="about">{cx.t(W::HurtYetBetter)}</span> }.into_any()
        }
        _ => verdict_badge(cx, verdict),
    }
}

pub(super) fn trim(value: f64) -> String {
    format!("{value:.1}").trim_end_matches(".0").to_owned()
}

/// How sure the method is: a p-value, or the chance to win.
pub(super) fn certainty_head(cx: &Cx, method: Method) -> &'static str {
    match method {
        Method::Bayesian { .. } => cx.t(MethodWord::ChanceToWin),
        _ => cx.t(W::PValue),
    }
}

pub(super) fn certainty(lift: &Lift) -> String {
    lift.chance_to_win
        .map(percent)
        .or_else(|| lift.p_value.map(p_value))
        .unwrap_or_else(|| "–".to_owned())
}

fn row(
    cx: &Cx,
    (experiment, results): (&Experiment, &Results),
    (index, variant): (usize, &VariantResult),
    (caption, axis): (&str, Axis),
) -> AnyView {
    let method = experiment.method;
    let name = name_of(variant);
    let is_hurt = over_the_limit(experiment, results).contains(&variant.key.as_str());
    let rate = variant.rate.map_or_else(|| "–".to_owned(), percent);
    let number = |word: W, value: String| {
        view! {
            <td class="end num" data-label=cx.t(word)>
                {value}
            </td>
        }
    };
    // Of a holdout nobody has chosen the keys.
    let of = experiment.variants.get(index);
    let is_named = of.is_none_or(|of| !of.name.is_empty());
    let key = (is_named && name != variant.key).then(|| variant.key.clone());
    let lift = match variant.lift {
        None => view! {
            <td class="end quiet" data-label=cx.t(W::Lift)>
                {if index == 0 { cx.t(W::Control) } else { "–" }}
            </td>
            <td class="forest-cell"></td>
            <td class="end"></td>
        }
        .into_any(),
        Some(lift) => view! {
            <td class="end num strong" data-label=cx.t(W::Lift)>
                {lift_text(cx, Unit::Points, &lift)}
            </td>
            <td class="forest-cell" data-label=caption.to_owned()>
                {plot(cx, Unit::Points, &name, &lift, axis)}
            </td>
            <td class="end num" data-label=certainty_head(cx, method)>
                {certainty(&lift)}
            </td>
        }
        .into_any(),
    };
    view! {
        <tr>
            <th scope="row" class="lead-cell">
                <span class=format!("swatch s{}", index % 7) aria-hidden="true"></span>
                <span class="variant-name">{name}</span>
                {key.map(|key| view! { <span class="row-id">{key}</span> })}
                {hurt_badge(cx, is_hurt)}
                {variant.lift.map(|lift| verdict_beside(cx, is_hurt, Some(lift.verdict)))}
                {at_its_look(cx, results, &variant.key)}
                {notes(cx, variant.variance_reduced, None)}
            </th>
            {number(W::Exposures, count(variant.exposures))}
            {number(W::Conversions, count(variant.conversions))} {number(W::Rate, rate)} {lift}
        </tr>
    }
    .into_any()
}
