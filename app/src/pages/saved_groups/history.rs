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
use crate::pages::experiments::parts::allowed;
use crate::pages::problems::summary;
use crate::pages::revisions::{self, Compared, Past};
use crate::shell::{Page, Place};
use crate::text::saved_groups::SavedGroupWord as W;
use crate::ui::page_head;

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
    let may = allowed(cx, Action::ManageSavedGroups, Some(current.environment));
    let lead = match may.is_ok() && !current.archived && all.revisions.len() > 1 {
        true => W::HistoryLead,
        false => W::HistoryLeadOnly,
    };
    let lead = view! { <p>{cx.t(lead)}</p> }.into_any();
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
    let numbers = all.revisions.iter().map(|r| r.version);
    let restore = view_restore(cx, all, compared);
    revisions::view_compare(cx, numbers, compared, view_changes(cx, found), restore)
}

/// The way back, unless it is where we are.
fn view_restore(cx: &Cx, all: &SavedGroupRevisions, compared: Compared) -> AnyView {
    let current = &all.current;
    if compared.to == current.version || current.archived {
        return ().into_any();
    }
    let may = allowed(cx, Action::ManageSavedGroups, Some(current.environment));
    let help = cx.t(W::RestoreHelp);
    revisions::view_restore(cx, may, help, current.version, compared)
}

fn view_list(cx: &Cx, all: &SavedGroupRevisions) -> AnyView {
    let past = all.revisions.iter().map(|revision| Past {
        number: revision.version,
        at_ms: revision.at_ms,
        change: revision.change.as_ref(),
        badge: None,
    });
    revisions::view_all(cx, cx.t(W::History), all.current.version, past)
}
