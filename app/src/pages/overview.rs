//! What runs, what hurts, what waits for me.

use leptos::prelude::*;
use nexus_control::views::{ExperimentRow, Hurt, Overview, Wait};
use nexus_domain::Environment;
use nexus_domain::access::Action;

use super::audit::row::compact;
use super::experiments::list::{decided_by, verdict_of_row};
use super::experiments::parts::{exposure_text, gateways_panel};
use crate::charts::sparkline;
use crate::cx::Cx;
use crate::format::{count, percent, short};
use crate::host::{Answer, Visit};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::overview::OverviewWord as W;
use crate::text::shell::Shell;
use crate::ui::{
    Empty, Icon, Tone, act_link, ago, empty, environment_chip, icon, page_head, panel,
    status_badge, verdict_words, when,
};

pub async fn show(visit: Visit) -> Answer {
    let data = visit
        .console
        .overview(&visit.actor)
        .await
        .map_err(|e| visit.fail(&e))?;
    Ok(visit.page(|cx| view_overview(cx, &data)))
}

pub fn view_overview(cx: &Cx, data: &Overview) -> Page {
    let create = act_link(
        "primary",
        Some(Icon::Plus),
        cx.t(Shell::NewExperiment),
        "/experiments/new".to_owned(),
        super::experiments::parts::allowed(cx, Action::CreateExperiment, Some(data.environment)),
    );
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), headline(cx, data), create)}
        <div id="live-stats" data-live="">{stats(cx, data)}</div>
        <div class="columns">
            <div class="column-main">
                <div id="live-hurts" data-live="">{hurts(cx, data)}</div>
                <div id="live-running" data-live="">{running(cx, data)}</div>
                <div id="live-recent" data-live="">{recent(cx, data)}</div>
            </div>
            <div class="column-side">
                <div id="live-waits" data-live="">{waits(cx, data)}</div>
                <div id="live-gateways" data-live="">{gateways_panel(cx, &data.propagation)}</div>
            </div>
        </div>
    };
    Page::new(cx.t(W::Title), Place::OVERVIEW, body.into_any()).live()
}

/// The state in one sentence.
fn headline(cx: &Cx, data: &Overview) -> AnyView {
    let n = data.running.len();
    let text = match (data.hurts.len(), n) {
        (0, 0) => cx.t(W::CalmNone).to_owned(),
        (0, 1) if unjudged(data).count() == n => cx.t(W::UnjudgedOne).to_owned(),
        (0, _) if unjudged(data).count() == n => cx.f(W::Unjudged, &[&n.to_string()]),
        (0, 1) => cx.t(W::CalmOne).to_owned(),
        (0, _) => cx.f(W::Calm, &[&n.to_string()]),
        (1, _) => cx.t(W::HurtsOne).to_owned(),
        (hurts, _) => cx.f(W::HurtsMany, &[&hurts.to_string()]),
    };
    view! {
        <div class="lead-line">
            {environment_chip(cx, data.environment)} <p id="live-headline" data-live="">
                {text}
            </p>
        </div>
    }
    .into_any()
}

fn stats(cx: &Cx, data: &Overview) -> AnyView {
    let rate = short(data.requests_per_s, cx.lang);
    let trend = sparkline(&data.traffic, cx.f(W::TrafficLabel, &[&rate]));
    let errors = data.error_rate.map_or_else(|| "–".to_owned(), percent);
    let errors_tone = match data.error_rate {
        Some(rate) if rate >= 0.05 => "bad",
        Some(rate) if rate >= 0.01 => "warn",
        _ => "",
    };
    let all = data.propagation.gateways.len();
    let current = data
        .propagation
        .gateways
        .iter()
        .filter(|g| g.current && !g.lost)
        .count();
    let gateways_note = match (all, data.propagation.version) {
        (0, _) => cx.t(W::GatewaysNone).to_owned(),
        (_, 0) => cx.t(W::NothingPublished).to_owned(),
        (_, version) => cx.f(W::GatewaysNote, &[&version.to_string()]),
    };
    let stat =
        |name: W, value: String, note: String, tone: &'static str, extra: Option<AnyView>| {
            view! {
                <div class=format!("stat {tone}")>
                    <dt>{cx.t(name)}</dt>
                    <dd>
                        <span class="stat-value">{value}</span>
                        <span class="stat-note">{note}</span>
                    </dd>
                    {extra.map(|extra| view! { <dd class="stat-extra">{extra}</dd> })}
                </div>
            }
        };
    view! {
        <dl class="stats">
            {stat(W::Traffic, rate, cx.t(W::PerSecond).to_owned(), "wide", Some(trend))}
            {stat(W::Errors, errors, cx.t(W::ErrorsNote).to_owned(), errors_tone, None)}
            {stat(
                W::RunningNow,
                data.running.len().to_string(),
                cx.t(W::RunningNote).to_owned(),
                "",
                None,
            )}
            {stat(
                W::Gateways,
                format!("{current}/{all}"),
                gateways_note,
                if current < all { "warn" } else { "" },
                None,
            )}
        </dl>
    }
    .into_any()
}

/// What runs and has no users whom a safeguard could have judged.
fn unjudged(data: &Overview) -> impl Iterator<Item = &ExperimentRow> {
    data.running.iter().filter(|row| row.exposures == 0)
}

fn calm(cx: &Cx, data: &Overview) -> AnyView {
    let names: Vec<&str> = unjudged(data).map(|row| row.name.as_str()).collect();
    let (title, text) = match (data.running.len(), names.len()) {
        (0, _) => (W::NothingHurts, W::NothingToJudge),
        (_, 0) => (W::NothingHurts, W::NothingHurtsText),
        (all, none) if none == all => (W::NothingJudged, W::NothingJudgedText),
        _ => (W::NothingHurts, W::JudgedText),
    };
    let rest =
        (text == W::JudgedText).then(|| cx.f(W::NotJudged, &[&names.join(cx.t(Common::Comma))]));
    let (class, mark) = match title {
        W::NothingJudged => ("calm open", Icon::Clock),
        _ => ("calm", Icon::Shield),
    };
    view! {
        <p class=class>
            {icon(mark)} <span>
                <strong>{cx.t(title)}</strong>
                " "
                <span>{cx.t(text)} " " {rest}</span>
            </span>
        </p>
    }
    .into_any()
}

fn hurts(cx: &Cx, data: &Overview) -> AnyView {
    if data.hurts.is_empty() {
        return calm(cx, data);
    }
    let items = data
        .hurts
        .iter()
        .map(|hurt| hurt_item(cx, hurt))
        .collect_view();
    panel(
        "hurts",
        cx.t(W::What),
        ().into_any(),
        view! { <ul class="hurts">{items}</ul> }.into_any(),
    )
}

fn hurt_item(cx: &Cx, hurt: &Hurt) -> AnyView {
    let (tone, title, detail, href) = match hurt {
        Hurt::StoppedForHarm {
            experiment,
            name,
            variant,
            at_ms,
        } => (
            Tone::Bad,
            cx.f(W::StoppedForHarm, &[name, variant]),
            ago(cx, *at_ms),
            Some(format!("/experiments/{experiment}")),
        ),
        Hurt::BrokenSplit { experiment, name } => (
            Tone::Warn,
            cx.f(W::BrokenSplit, &[name]),
            cx.t(W::BrokenSplitText).to_owned(),
            Some(format!("/experiments/{experiment}")),
        ),
        Hurt::NotPublished {
            version,
            since_ms,
            problem,
        } => (
            Tone::Bad,
            cx.f(W::NotPublished, &[&version.to_string()]),
            format!("{} · {problem}", ago(cx, *since_ms)),
            None,
        ),
        Hurt::GatewayLost { gateway, seen_ms } => (
            Tone::Warn,
            cx.f(W::GatewayLost, &[gateway]),
            cx.f(W::GatewayLostText, &[&ago(cx, *seen_ms)]),
            None,
        ),
        Hurt::NoGateway => (
            Tone::Warn,
            cx.t(W::NoGateway).to_owned(),
            cx.t(W::NoGatewayText).to_owned(),
            None,
        ),
    };
    let title = match href {
        Some(href) => view! { <a href=href>{title}</a> }.into_any(),
        None => title.into_any(),
    };
    view! {
        <li class=format!("hurt {}", tone.as_str())>
            {icon(Icon::Alert)} <div>
                <p class="hurt-title">{title}</p>
                <p class="hurt-detail">{detail}</p>
            </div>
        </li>
    }
    .into_any()
}

/// Running experiments on the overview; the rest is a click away.
const SHOWN: usize = 10;

fn running(cx: &Cx, data: &Overview) -> AnyView {
    let all = view! {
        <a class="more" href="/experiments?status=running">
            {cx.t(Common::ShowAll)}
            {icon(Icon::ArrowRight)}
        </a>
    }
    .into_any();
    if data.running.is_empty() {
        let create = cx.may(Action::CreateExperiment, Some(data.environment));
        let body = empty(Empty {
            mark: Icon::Experiment,
            title: cx.t(W::NothingRuns),
            text: cx.t(W::NothingRunsText).to_owned(),
            next: create.then(|| ("/experiments/new".to_owned(), cx.t(Shell::NewExperiment))),
        });
        return panel("running", cx.t(W::Running), all, body);
    }
    let rows = data
        .running
        .iter()
        .take(SHOWN)
        .map(|row| {
            view! {
                <li class="run">
                    <a class="run-name" href=format!("/experiments/{}", row.id)>
                        {row.name.clone()}
                    </a>
                    <span class="run-meta">
                        {status_badge(cx, row.status)} <span>{exposure_text(cx, row.exposures)}</span>
                        {row.started_ms.map(|ms| view! { <span>{cx.t(W::StartedAgo)} " " {when(cx, ms)}</span> })}
                    </span>
                    <span class="run-verdict">{verdict_of_row(cx, row)} {decided_by(cx, row)}</span>
                </li>
            }
        })
        .collect_view();
    panel(
        "running",
        cx.t(W::Running),
        all,
        view! { <ul class="runs">{rows}</ul> }.into_any(),
    )
}

fn waits(cx: &Cx, data: &Overview) -> AnyView {
    if data.waits.is_empty() {
        let body = view! { <p class="panel-quiet">{cx.t(W::NothingWaits)}</p> }.into_any();
        return panel("waits", cx.t(W::Waits), ().into_any(), body);
    }
    let items = data
        .waits
        .iter()
        .map(|wait| {
            let (id, name, note) = match wait {
                Wait::Draft {
                    experiment,
                    name,
                    updated_ms,
                } => (
                    experiment,
                    name,
                    view! {
                        {cx.t(W::WaitDraft)}
                        " · "
                        {when(cx, *updated_ms)}
                    }
                    .into_any(),
                ),
                Wait::Review {
                    experiment,
                    name,
                    environment,
                    asked_by,
                } => {
                    let said = cx.f(W::WaitReview, &[cx.named(asked_by)]);
                    let elsewhere = elsewhere(cx, data, *environment);
                    (experiment, name, view! { {elsewhere} {said} }.into_any())
                }
                Wait::SentBack {
                    experiment,
                    name,
                    environment,
                    by,
                    at_ms,
                } => {
                    let said = cx.f(W::WaitSentBack, &[cx.named(by)]);
                    let elsewhere = elsewhere(cx, data, *environment);
                    let note = view! { {elsewhere} {said} " · " {when(cx, *at_ms)} };
                    (experiment, name, note.into_any())
                }
                Wait::Decide {
                    experiment,
                    name,
                    verdict,
                } => {
                    let words = cx.t(verdict_words(*verdict).1);
                    (experiment, name, cx.f(W::WaitDecide, &[words]).into_any())
                }
                Wait::Answer {
                    experiment,
                    name,
                    stopped_ms,
                } => {
                    let note = view! { {cx.t(W::WaitAnswer)} " " {when(cx, *stopped_ms)} };
                    (experiment, name, note.into_any())
                }
                Wait::Missed {
                    experiment,
                    name,
                    planned_ms,
                } => {
                    let note = view! { {cx.t(W::WaitMissed)} " " {when(cx, *planned_ms)} };
                    (experiment, name, note.into_any())
                }
            };
            view! {
                <li>
                    <a href=format!("/experiments/{id}")>{name.clone()}</a>
                    <p class="item-note">{note}</p>
                </li>
            }
        })
        .collect_view();
    let number = count(data.waits.len() as u64).into_any();
    panel(
        "waits",
        cx.t(W::Waits),
        number,
        view! { <ul class="items">{items}</ul> }.into_any(),
    )
}

/// Names the environment of what is not in the page's.
fn elsewhere(cx: &Cx, data: &Overview, environment: Environment) -> Option<AnyView> {
    let chip = || view! { {environment_chip(cx, environment)} " " }.into_any();
    (environment != data.environment).then(chip)
}

fn recent(cx: &Cx, data: &Overview) -> AnyView {
    if !cx.may(Action::ViewAudit, None) {
        return ().into_any();
    }
    let all = view! {
        <a class="more" href="/audit">
            {cx.t(Common::ShowAll)}
            {icon(Icon::ArrowRight)}
        </a>
    }
    .into_any();
    let body = if data.recent.is_empty() {
        view! { <p class="panel-quiet">{cx.t(W::NoRecent)}</p> }.into_any()
    } else {
        compact(cx, &data.recent)
    };
    panel("recent", cx.t(W::Recent), all, body)
}
