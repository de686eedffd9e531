//! `/saved-groups/{environment}/{id}/history`: every state, what changed between two, the way
//! back.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::SavedGroupRevisions;
use nexus_domain::access::Action;
use nexus_domain::saved_group::SavedGroupChanges;
use nexus_domain::{Environment, FieldProblem};

use super::changes::view_changes;
use super::{LIST, home, no_such_page};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::audit::row::did;
use crate::pages::experiments::parts::allowed;
use crate::pages::experiments::revisions::Compared;
use crate::pages::problems::summary;
use crate::shell::{Page, Place};
use crate::text::revisions::RevisionsWord;
use crate::text::saved_groups::SavedGroupWord as W;
use crate::ui::{Field, page_head, panel, select, when};

pub async fn show(visit: Visit, Path(at): Path<(String, String)>) -> Answer {
    page(&visit, &at, StatusCode::OK, &[]).await
}

pub async fn restore(visit: Visit, Path(at): Path<(String, String)>, body: String) -> Answer {
    let environment = Environment::parse(&at.0).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&body);
    let number = |name: &str| form.get(name).parse().unwrap_or(0);
    let (version, revision) = (number("version"), number("revision"));
    let console = &visit.console;
    let done = console.restore_saved_group(&visit.actor, environment, &at.1, version, revision);
    match done.await {
        Ok(group) => Ok(see_other(&format!("{}?done=restored", home(&group)))),
        Err(Error::Invalid(problems)) => {
            page(&visit, &at, StatusCode::UNPROCESSABLE_ENTITY, &problems).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn page(
    visit: &Visit,
    (environment, id): &(String, String),
    status: StatusCode,
    problems: &[FieldProblem],
) -> Answer {
    let environment = Environment::parse(environment).ok_or_else(|| no_such_page(visit))?;
    let (console, actor) = (&visit.console, &visit.actor);
    let all = console.saved_group_revisions(actor, environment, id).await;
    let all = all.map_err(|e| visit.fail(&e))?;
    let compared = Compared::of_form(&Form::parse(&visit.cx.query), all.current.version);
    let found = console.saved_group_changes(actor, environment, id, compared.from, compared.to);
    // The first state has none before it.
    let found = found.await.ok();
    Ok(visit.page_with(status, |cx| {
        view_history(cx, &all, compared, found.as_ref(), problems)
    }))
}

pub fn view_history(
    cx: &Cx,
    all: &SavedGroupRevisions,
    compared: Compared,
    found: Option<&SavedGroupChanges>,
    problems: &[FieldProblem],
) -> Page {
    let current = &all.current;
    let title = cx.f(W::HistoryTitle, &[&current.name]);
    let lead = view! { <p>{cx.t(W::HistoryLead)}</p> }.into_any();
    let body = view! {
        {page_head(title.clone(), lead, ().into_any())}
        {(!problems.is_empty()).then(|| summary(cx, problems))}
        {found.map(|found| view_compare(cx, all, compared, found))}
        {view_list(cx, all)}
    };
    Page::new(title, Place::SAVED_GROUPS, body.into_any())
        .below(LIST, cx.t(W::Title))
        .below(home(current), current.name.clone())
}

fn view_compare(
    cx: &Cx,
    all: &SavedGroupRevisions,
    compared: Compared,
    found: &SavedGroupChanges,
) -> AnyView {
    let numbers = all.revisions.iter().map(|r| r.version.to_string());
    let numbers = numbers.map(|number| {
        let label = cx.f(RevisionsWord::Number, &[&number]);
        (number, label)
    });
    let numbers: Vec<(String, String)> = numbers.collect();
    let choice = |name: &'static str, word: RevisionsWord, chosen: u64| {
        let field = Field::new(name, cx.t(word));
        select(field, name, &chosen.to_string(), numbers.clone())
    };
    let said = [compared.from.to_string(), compared.to.to_string()];
    let body = view! {
        <form class="form-fields" method="get">
            <div class="trio">
                {choice("from", RevisionsWord::From, compared.from)}
                {choice("to", RevisionsWord::To, compared.to)}
            </div>
            <div class="form-act">
                <button class="button" type="submit">
                    {cx.t(RevisionsWord::Show)}
                </button>
            </div>
        </form>
        <h3>{cx.f(RevisionsWord::Changes, &[&said[0], &said[1]])}</h3>
        {view_changes(cx, found)}
        {view_restore(cx, all, compared.to)}
    };
    let name = cx.t(RevisionsWord::Compare);
    panel("changes", name, ().into_any(), body.into_any())
}

/// The way back, unless it is where we are.
fn view_restore(cx: &Cx, all: &SavedGroupRevisions, to: u64) -> AnyView {
    let current = &all.current;
    if to == current.version || current.archived {
        return ().into_any();
    }
    let may = allowed(cx, Action::ManageSavedGroups, Some(current.environment));
    let (disabled, help) = match may {
        Ok(()) => (false, cx.t(W::RestoreHelp).to_owned()),
        Err(reason) => (true, reason),
    };
    view! {
        <form class="act-form" method="post">
            <input type="hidden" name="version" value=current.version.to_string() />
            <input type="hidden" name="revision" value=to.to_string() />
            <p class="quiet">{help}</p>
            <button class="button" type="submit" disabled=disabled>
                {cx.f(RevisionsWord::Restore, &[&to.to_string()])}
            </button>
        </form>
    }
    .into_any()
}

fn view_list(cx: &Cx, all: &SavedGroupRevisions) -> AnyView {
    let rows = all
        .revisions
        .iter()
        .map(|revision| {
            let number = revision.version;
            let what = match &revision.change {
                Some(change) => format!("{} · {}", change.entry.actor, did(cx, &change.entry)),
                None => cx.t(RevisionsWord::Unknown).to_owned(),
            };
            let current = (number == all.current.version)
                .then(|| view! { <span class="quiet">{cx.t(RevisionsWord::Current)}</span> });
            view! {
                <tr>
                    <th scope="row">
                        <a href=format!("?to={number}")>
                            {cx.f(RevisionsWord::Number, &[&number.to_string()])}
                        </a>
                        " "
                        {current}
                    </th>
                    <td data-label=cx.t(RevisionsWord::What)>{what}</td>
                    <td data-label=cx.t(RevisionsWord::When)>{when(cx, revision.at_ms)}</td>
                </tr>
            }
        })
        .collect_view();
    let table = view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::History)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(RevisionsWord::Revision)}</th>
                    <th scope="col">{cx.t(RevisionsWord::What)}</th>
                    <th scope="col">{cx.t(RevisionsWord::When)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    panel("all", cx.t(W::History), ().into_any(), table.into_any())
}
