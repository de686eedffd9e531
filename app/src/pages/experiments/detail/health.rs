//! Whether the results can be trusted and nobody is hurt: split, guardrail,
//! progress towards the planned size.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, Results, VariantResult};
use nexus_domain::access::Action;

use super::headline::name_of;
use super::safeguards;
use super::slices::value_name;
use crate::charts::{log_share, meter};
use crate::cx::Cx;
use crate::format::{bp, count, p_value, percent};
use crate::pages::experiments::parts::allowed;
use crate::text::common::Common;
use crate::text::detail::DetailWord as W;
use crate::text::method::MethodWord;
use crate::text::metric::SliceWord;
use crate::text::recompute::RecomputeWord;
use crate::text::safeguards::SafeguardWord;
use crate::ui::{Icon, act_link, icon, linked_panel};

#[must_use]
pub(super) fn view_health(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let body = view! {
        <div class="health">
            {split(cx, &detail.results)} {progress(cx, detail)} {safeguards::patience(cx, detail)}
            {guardrail(cx, detail)} {safeguards::view_safeguards(cx, detail)} {quality(cx, detail)}
        </div>
    };
    linked_panel(
        cx,
        "health",
        cx.t(W::Health),
        ().into_any(),
        body.into_any(),
    )
}

/// The split alone, of whatever is counted as an experiment.
#[must_use]
pub(crate) fn view_split_of(cx: &Cx, results: &Results) -> AnyView {
    let body = view! { <div class="health">{split(cx, results)}</div> };
    linked_panel(
        cx,
        "health",
        cx.t(W::Health),
        ().into_any(),
        body.into_any(),
    )
}

/// Below, only a split that nobody would configure could be told from a fair one.
const FEW_USERS: u64 = 200;

fn split(cx: &Cx, results: &Results) -> AnyView {
    let srm = results.srm;
    let users: u64 = results.variants.iter().map(|v| v.exposures).sum();
    let (class, mark, word) = if srm.broken {
        ("check-line warn", Icon::Alert, W::SrmBroken)
    } else if users < FEW_USERS {
        ("check-line", Icon::Clock, W::SrmFew)
    } else {
        ("check-line good", Icon::Check, W::SrmFine)
    };
    view! {
        <section class="health-part">
            <h3>{cx.t(W::Srm)}</h3>
            <p class=class>{icon(mark)} <span>{cx.t(word)}</span></p>
            <p class="health-note">
                {cx.f(W::SrmNumbers, &[&p_value(srm.p_value), &srm.alpha.to_string()])}
            </p>
        </section>
    }
    .into_any()
}

fn progress(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let results = &detail.results;
    if let Some(horizon) = &results.horizon {
        let share = horizon.users as f64 / horizon.planned_users.max(1) as f64;
        let numbers = [count(horizon.users), count(horizon.planned_users)];
        let text = cx.f(MethodWord::LookProgress, &[&numbers[0], &numbers[1]]);
        return progress_part(cx, detail, share, text);
    }
    let share = |v: &VariantResult| v.exposures as f64 / v.planned_users.max(1) as f64;
    let planned = || results.variants.iter().filter(|v| v.planned_users > 0);
    let Some(last) = planned().min_by(|a, b| share(a).total_cmp(&share(b))) else {
        return progress_part(cx, detail, 0.0, cx.t(W::PlanImpossible).to_owned());
    };
    let numbers = [count(last.exposures), count(last.planned_users)];
    // Rounding apart, all are to have the same number.
    let all_alike = planned().all(|v| v.planned_users.abs_diff(last.planned_users) <= 10);
    let text = match all_alike {
        true => cx.f(W::PlannedText, &[&numbers[0], &numbers[1]]),
        false => cx.f(
            W::PlannedTextOf,
            &[&numbers[0], &numbers[1], &name_of(last)],
        ),
    };
    progress_part(cx, detail, share(last), text)
}

fn progress_part(cx: &Cx, detail: &ExperimentDetail, share: f64, text: String) -> AnyView {
    let days = detail.results.days_to_plan.map(|days| {
        let text = match days {
            0 | 1 => cx.t(W::LastDay).to_owned(),
            days => cx.f(W::DaysToPlan, &[&count(days)]),
        };
        view! { <p class="health-note">{text}</p> }
    });
    let label = cx.f(W::PlannedMeter, &[&percent(share)]);
    view! {
        <section class="health-part">
            <h3>{cx.t(W::Planned)}</h3>
            {meter(share, "accent", label)}
            <p class="health-note">{text}</p>
            {days}
        </section>
    }
    .into_any()
}

fn guardrail(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let limit = bp(detail.experiment.guardrail.max_error_rate_bp);
    let rows = detail
        .results
        .variants
        .iter()
        .map(|v| guardrail_row(cx, v))
        .collect_view();
    view! {
        <section class="health-part wide">
            <h3>{cx.t(W::Guardrail)}</h3>
            <p class="health-note">{cx.f(W::GuardrailText, &[&limit])}</p>
            {safeguards::since_the_stop(cx, detail)}
            <ul class="guards">{rows}</ul>
            {safeguards::how(cx, SafeguardWord::FormulaShare)}
        </section>
    }
    .into_any()
}

/// What was not counted, and the split where it may hide.
fn quality(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let quality = &detail.results.quality;
    let number = |word: W, n: u64| {
        view! {
            <dt>{cx.t(word)}</dt>
            <dd class="num">{count(n)}</dd>
        }
    };
    let splits = quality
        .splits
        .iter()
        .map(|split| {
            let by = cx.t(SliceWord::of(split.by)).to_lowercase();
            let values: Vec<String> = split
                .values
                .iter()
                .map(|value| value_name(cx, split.by, value))
                .collect();
            let (class, said) = match (split.broken, values.is_empty()) {
                (true, true) => ("warn", cx.t(W::QualitySplitBroken).to_owned()),
                (_, false) => (
                    "warn",
                    cx.f(W::QualitySplitIn, &[&values.join(cx.t(Common::Comma))]),
                ),
                (false, true) => ("", cx.t(W::QualitySplitFine).to_owned()),
            };
            view! {
                <dt>{cx.f(W::QualitySplit, &[&by])}</dt>
                <dd class=class>{said}</dd>
            }
        })
        .collect_view();
    let recompute = act_link(
        "small",
        None,
        cx.t(RecomputeWord::Short),
        format!("/experiments/{}/recompute", detail.experiment.id),
        allowed(
            cx,
            Action::EditExperiment,
            Some(detail.experiment.environment),
        ),
    );
    view! {
        <section class="health-part wide" id="quality">
            <h3>{cx.t(W::Quality)}</h3>
            <dl class="quality">
                {number(W::QualityBots, quality.bots)}
                {number(W::QualityDuplicates, quality.duplicates)}
                {number(W::QualityConflicts, quality.conflicts)} {splits}
            </dl>
            <p class="health-note">{recompute}</p>
        </section>
    }
    .into_any()
}

fn guardrail_row(cx: &Cx, variant: &VariantResult) -> AnyView {
    let share = log_share(variant.guardrail_e_value, variant.guardrail_threshold);
    let tone = match share {
        s if s >= 1.0 => "bad",
        s if s >= 0.5 => "warn",
        _ => "good",
    };
    let part = format!("{:.0}%", share * 100.0);
    let name = name_of(variant);
    let rate = variant.error_rate.map_or_else(|| "–".to_owned(), percent);
    let label = cx.f(W::GuardrailMeter, &[&name, &part]);
    view! {
        <li>
            <span class="guard-name">{name}</span>
            {meter(share, tone, label)}
            <span class="guard-note">
                {cx.f(
                    W::GuardrailRow,
                    &[&count(variant.errored_users), &count(variant.exposures), &rate],
                )}
            </span>
            <span class="guard-share">{cx.f(W::Evidence, &[&part])}</span>
        </li>
    }
    .into_any()
}
