//! `/holdouts/{id}`: the held-out beside the others, and the experiments that leave them out.

use axum::extract::Path;
use leptos::prelude::*;
use nexus_control::views::HoldoutDetail;
use nexus_domain::access::Action;

use super::{LIST, home, reach, state};
use crate::cx::Cx;
use crate::format::bp;
use crate::host::{Answer, Visit};
use crate::pages::audit::row::compact;
use crate::pages::experiments::detail::{view_headline_of, view_results_of, view_split_of};
use crate::pages::experiments::parts::{allowed, gateways_panel};
use crate::pages::saved_groups::url_of_use;
use crate::shell::{Page, Place};
use crate::text::detail::DetailWord;
use crate::text::holdouts::HoldoutWord as W;
use crate::ui::{Icon, act_link, environment_chip, page_head, panel, when};

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = visit.console.holdout(&visit.actor, &id).await;
    let detail = detail.map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_holdout(cx, &detail)))
}

pub fn view_holdout(cx: &Cx, detail: &HoldoutDetail) -> Page {
    let holdout = &detail.holdout;
    let lead = view! {
        <div class="lead-line">
            {state(cx, holdout)} {environment_chip(cx, holdout.environment)}
            <code class="row-id">{holdout.id.to_string()}</code>
        </div>
    };
    let stop = holdout.stopped_ms.is_none().then(|| {
        act_link(
            "danger-quiet",
            Some(Icon::Stop),
            cx.t(W::Stop),
            format!("{}/stop", home(holdout)),
            allowed(cx, Action::ManageHoldouts, Some(holdout.environment)),
        )
    });
    let actions = view! { <div class="actions">{stop}</div> }.into_any();
    let mut results = detail.results.clone();
    // Nobody has planned its size.
    results.plan_reached = false;
    for (variant, word) in results.variants.iter_mut().zip([W::HeldOut, W::Others]) {
        cx.t(word).clone_into(&mut variant.name);
    }
    let metric = cx.f(DetailWord::Metric, &[&holdout.goal]).into_any();
    let description = (!holdout.description.is_empty()).then(|| {
        view! { <p class="description">{holdout.description.clone()}</p> }
    });
    let counted = holdout.as_experiment();
    let body = view! {
        {page_head(holdout.name.clone(), lead.into_any(), actions)}
        {description}
        <div id="live-headline" data-live="">
            {view_headline_of(cx, &counted, &results, cx.t(W::TooFew))}
        </div>
        <div id="live-results" data-live="">
            {view_results_of(cx, &counted, &results, metric, ().into_any())}
        </div>
        <div class="columns">
            <div class="column-main">
                <div id="live-health" data-live="">
                    {view_split_of(cx, &results)}
                </div>
                <div id="live-experiments" data-live="">
                    {experiments(cx, detail)}
                </div>
                <div id="live-unbound" data-live="">
                    {unbound(cx, detail)}
                </div>
                <div id="live-history" data-live="">
                    {history(cx, detail)}
                </div>
            </div>
            <div class="column-side">
                {facts(cx, detail)} <div id="live-gateways" data-live="">
                    {gateways_panel(cx, &detail.propagation)}
                </div>
            </div>
        </div>
    };
    Page::new(holdout.name.clone(), Place::HOLDOUTS, body.into_any())
        .below(LIST, cx.t(W::Title))
        .live()
}

fn experiments(cx: &Cx, detail: &HoldoutDetail) -> AnyView {
    let environment = detail.holdout.environment;
    let items = detail.experiments.iter().map(|used| {
        view! {
            <li>
                <a href=url_of_use(environment, used)>{used.name.clone()}</a>
                " "
                <code class="row-id">{used.id.clone()}</code>
            </li>
        }
    });
    let holdout = &detail.holdout;
    let body = match detail.experiments.is_empty() {
        false => view! { <ul class="use-list">{items.collect_view()}</ul> }.into_any(),
        true => {
            let word = match (holdout.global, &holdout.team) {
                (true, _) => W::NoExperiments,
                (false, Some(_)) => W::NoExperimentsTeam,
                (false, None) => W::NoExperimentsNamed,
            };
            view! { <p class="panel-quiet">{cx.t(word)}</p> }.into_any()
        }
    };
    panel("experiments", cx.t(W::Experiments), ().into_any(), body)
}

/// Rules that take its users in all the same; nothing where it binds no flags.
fn unbound(cx: &Cx, detail: &HoldoutDetail) -> Option<AnyView> {
    if !detail.holdout.binds_flags_now() {
        return None;
    }
    let environment = detail.holdout.environment;
    let items = detail.unbound.iter().map(|rule| {
        let name = match rule.rule_name.is_empty() {
            true => String::new(),
            false => format!(": {}", rule.rule_name),
        };
        let why = match &rule.exemption {
            Some(reason) => cx.f(W::UnboundWhy, &[reason]),
            None if rule.permanent => cx.t(W::UnboundPermanent).to_owned(),
            None => cx.t(W::UnboundOlder).to_owned(),
        };
        view! {
            <li>
                <a href=format!("/flags/{environment}/{}", rule.flag)>{rule.flag_name.clone()}</a>
                {name} " "
                <code class="row-id">{format!("{}/{}", rule.flag, rule.rule)}</code>
                <p class="quiet prose">{why}</p>
            </li>
        }
    });
    let body = match detail.unbound.is_empty() {
        true => view! { <p class="panel-quiet">{cx.t(W::UnboundNone)}</p> }.into_any(),
        false => view! {
            <p class="panel-line">{cx.t(W::UnboundLead)}</p>
            <ul class="use-list">{items.collect_view()}</ul>
        }
        .into_any(),
    };
    Some(panel("unbound", cx.t(W::Unbound), ().into_any(), body))
}

fn facts(cx: &Cx, detail: &HoldoutDetail) -> AnyView {
    let holdout = &detail.holdout;
    let fact = |word: W, value: AnyView| {
        view! {
            <div class="fact">
                <dt>{cx.t(word)}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let by = |ms: i64, who: &str| {
        view! {
            {when(cx, ms)}
            " "
            <span class="quiet">{cx.f(W::By, &[cx.named(who)])}</span>
        }
        .into_any()
    };
    let flags = match holdout.binds_flags {
        true => W::FlagsJoin,
        false => W::FlagsChoose,
    };
    let until = holdout.stopped_ms.map(|ms| {
        let who = holdout.stopped_by.as_deref().unwrap_or_default();
        fact(W::Until, by(ms, who))
    });
    let metric = view! { <code>{holdout.goal.clone()}</code> };
    let body = view! {
        <dl class="facts">
            {fact(W::Share, format!("{}%", bp(holdout.share_bp)).into_any())}
            {fact(W::Reach, reach(cx, holdout).into_any())} {fact(W::Flags, cx.t(flags).into_any())}
            {fact(W::Metric, metric.into_any())}
            {fact(W::Since, by(holdout.started_ms, &holdout.created_by))} {until}
        </dl>
    };
    panel("facts", cx.t(W::Facts), ().into_any(), body.into_any())
}

fn history(cx: &Cx, detail: &HoldoutDetail) -> AnyView {
    let body = if detail.history.is_empty() {
        view! { <p class="panel-quiet">{cx.t(W::NoHistory)}</p> }.into_any()
    } else {
        compact(cx, &detail.history)
    };
    panel("history", cx.t(W::History), ().into_any(), body)
}
