//! `/saved-groups/{environment}/{id}`: who is in it, how to name it, what does.

use axum::extract::Path;
use leptos::prelude::*;
use nexus_control::views::SavedGroupDetail;
use nexus_domain::access::Action;
use nexus_domain::saved_group::{GroupContent, SavedGroup};
use nexus_domain::{Environment, FieldProblem};
use serde_json::json;

use super::{LIST, home, no_such_page, url_of_use};
use crate::cx::Cx;
use crate::format::count;
use crate::host::{Answer, Form, Visit};
use crate::pages::audit::row::compact;
use crate::pages::condition::view_condition;
use crate::pages::experiments::parts::{allowed, gateways_panel};
use crate::pages::problems::summary;
use crate::shell::{Page, Place};
use crate::text::saved_groups::SavedGroupWord as W;
use crate::ui::{
    Callout, Field, Icon, Input, Tone, act_link, callout, copy, environment_chip, input, page_head,
    panel,
};

/// A list shows so many of its values.
const SHOWN: usize = 100;

pub async fn show(visit: Visit, Path((environment, id)): Path<(String, String)>) -> Answer {
    let environment = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let detail = visit.console.saved_group(&visit.actor, environment, &id);
    let detail = detail.await.map_err(|e| visit.fail(&e))?;
    let asked = Form::parse(&visit.cx.query).trimmed("find");
    Ok(visit.page(|cx| view_group(cx, &detail, &asked, &[])))
}

/// `asked` is the value that was looked for; empty when none was.
pub fn view_group(
    cx: &Cx,
    detail: &SavedGroupDetail,
    asked: &str,
    problems: &[FieldProblem],
) -> Page {
    let group = &detail.group;
    let lead = view! {
        <div class="lead-line">
            {environment_chip(cx, group.environment)}
            <code class="row-id">{group.id.to_string()}</code>
            <span class="quiet">{cx.t(W::of(group.content.kind()))}</span>
        </div>
    };
    let archived = group.archived.then(|| {
        callout(Callout {
            tone: Tone::Neutral,
            title: cx.t(W::ArchivedTitle).to_owned(),
            body: view! { <p>{cx.t(W::ArchivedText)}</p> }.into_any(),
        })
    });
    let description = (!group.description.is_empty()).then(|| {
        view! { <p class="description">{group.description.clone()}</p> }
    });
    let body = view! {
        {page_head(group.name.clone(), lead.into_any(), actions(cx, detail))}
        {summary_of(cx, problems)}
        {archived}
        <div class="columns">
            <div class="column-main">
                {description}
                {content(cx, group, asked)}
                {how_to(cx, group)}
            </div>
            <div class="column-side">
                <div id="live-uses" data-live="">
                    {uses(cx, detail)}
                </div>
                <div id="live-gateways" data-live="">
                    {gateways_panel(cx, &detail.propagation)}
                </div>
                <div id="live-history" data-live="">
                    {history(cx, detail)}
                </div>
            </div>
        </div>
    };
    Page::new(group.name.clone(), Place::SAVED_GROUPS, body.into_any())
        .below(LIST, cx.t(W::Title))
        .live()
}

fn summary_of(cx: &Cx, problems: &[FieldProblem]) -> Option<AnyView> {
    (!problems.is_empty()).then(|| summary(cx, problems))
}

fn actions(cx: &Cx, detail: &SavedGroupDetail) -> AnyView {
    let group = &detail.group;
    let may = allowed(cx, Action::ManageSavedGroups, Some(group.environment));
    let edit = (!group.archived).then(|| {
        let href = format!("{}/edit", home(group));
        let icon = Some(Icon::Pencil);
        act_link("primary", icon, cx.t(W::Edit), href, may.clone())
    });
    let uses = detail.used_by.len();
    let act = match group.archived {
        true => {
            let (disabled, title) = (may.is_err(), may.err());
            view! {
                <form method="post" action=format!("{}/unarchive", home(group))>
                    <button class="button" type="submit" disabled=disabled title=title>
                        {cx.t(W::Unarchive)}
                    </button>
                </form>
            }
            .into_any()
        }
        false => {
            let free = match uses {
                0 => Ok(()),
                _ => Err(cx.f(W::ArchiveBlocked, &[&uses.to_string()])),
            };
            let (href, mark) = (format!("{}/archive", home(group)), Some(Icon::Archive));
            act_link("", mark, cx.t(W::Archive), href, may.and(free))
        }
    };
    view! {
        <div class="actions" id="id" tabindex="-1">
            {edit} {act}
        </div>
    }
    .into_any()
}

fn content(cx: &Cx, group: &SavedGroup, asked: &str) -> AnyView {
    let body = match &group.content {
        GroupContent::Condition { condition } => {
            let text = serde_json::to_string_pretty(condition).unwrap_or_default();
            view! {
                <div class="panel-line">{view_condition(cx, condition)}</div>
                <details class="disclosure">
                    <summary>{cx.t(W::AsJson)}</summary>
                    <pre class="code" tabindex="0">
                        {text}
                    </pre>
                </details>
            }
            .into_any()
        }
        GroupContent::List { values, .. } if values.is_empty() => {
            view! { <p class="panel-quiet">{cx.t(W::NobodyYet)}</p> }.into_any()
        }
        GroupContent::List { attribute, values } => {
            let (all, some) = (values.len(), values.len().min(SHOWN));
            let [all, some] = [all, some].map(|n| count(n as u64));
            let size = cx.f(W::Size, &[&all, attribute]);
            let caption = match values.len() > SHOWN {
                true => cx.f(W::Values100, &[&some, &all]),
                false => cx.f(W::ValuesAll, &[&all]),
            };
            let shown = values.iter().take(SHOWN);
            let shown = shown
                .map(|value| view! { <li>{value.clone()}</li> })
                .collect_view();
            view! {
                <p class="panel-line">{size}</p>
                {find(cx, values, asked)}
                <h3>{caption.clone()}</h3>
                // What scrolls can be reached by keys.
                <ul class="value-list" tabindex="0" aria-label=caption>
                    {shown}
                </ul>
            }
            .into_any()
        }
    };
    panel("content", cx.t(W::Content), ().into_any(), body)
}

/// Long lists are asked, not read.
fn find(cx: &Cx, values: &[String], asked: &str) -> AnyView {
    let answer = (!asked.is_empty()).then(|| {
        let found = values.iter().any(|value| value == asked);
        let (word, tone) = match found {
            true => (W::Found, "good"),
            false => (W::NotFound, "quiet"),
        };
        view! {
            <p class=tone role="status">
                {cx.f(word, &[asked])}
            </p>
        }
    });
    let field = Input {
        class: "mono",
        ..Input::text(Field::new("find", cx.t(W::Find)), "find", asked)
    };
    view! {
        <form method="get" class="inline-form">
            {input(field)}
            <button class="button" type="submit">
                {cx.t(W::FindAct)}
            </button>
        </form>
        {answer}
    }
    .into_any()
}

/// Conditions to copy.
fn how_to(cx: &Cx, group: &SavedGroup) -> AnyView {
    let id = group.id.as_str();
    let (inside, outside) = match &group.content {
        GroupContent::List { attribute, .. } => (
            json!({ attribute: { "$inGroup": id } }),
            json!({ attribute: { "$notInGroup": id } }),
        ),
        GroupContent::Condition { .. } => (
            json!({ "$savedGroups": [id] }),
            json!({ "$not": { "$savedGroups": [id] } }),
        ),
    };
    let both = json!({ "country": "JP", "$savedGroups": [id] });
    let lines = [
        (W::HowToIn, inside),
        (W::HowToNot, outside),
        (W::HowToWith, both),
    ]
    .map(|(word, condition)| {
        let text = condition.to_string();
        view! {
            <dt>{cx.t(word)}</dt>
            <dd class="secret">
                <code>{text.clone()}</code>
                {copy(cx, text)}
            </dd>
        }
    })
    .collect_view();
    let body = view! { <dl class="snippets">{lines}</dl> };
    panel("how-to", cx.t(W::HowTo), ().into_any(), body.into_any())
}

fn uses(cx: &Cx, detail: &SavedGroupDetail) -> AnyView {
    let environment = detail.group.environment;
    let body = if detail.used_by.is_empty() {
        view! { <p class="panel-quiet">{cx.t(W::UsedByNothing)}</p> }.into_any()
    } else {
        let items = detail
            .used_by
            .iter()
            .map(|used| {
                view! {
                    <li>
                        <a href=url_of_use(environment, used)>{used.name.clone()}</a>
                        " "
                        <span class="quiet">{cx.t(W::of_use(used.kind))}</span>
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="use-list">{items}</ul> }.into_any()
    };
    panel("uses", cx.t(W::UsedBy), ().into_any(), body)
}

fn history(cx: &Cx, detail: &SavedGroupDetail) -> AnyView {
    let list = if detail.history.is_empty() {
        view! { <p class="panel-quiet">{cx.t(W::NoHistory)}</p> }.into_any()
    } else {
        compact(cx, &detail.history)
    };
    let more = view! {
        <a class="panel-link" href=format!("{}/history", home(&detail.group))>
            {cx.t(W::ShowHistory)}
        </a>
    };
    panel("history", cx.t(W::History), more.into_any(), list)
}
