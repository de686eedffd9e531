//! `/experiments/{id}/revisions`: every state, what changed between two, and the way back.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::ExperimentRevisions;
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::experiment::{Draft, Experiment};

use super::form::{FormState, differences};
use super::parts::allowed;
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::problems::summary;
use crate::pages::revisions::{self, Compared, Past};
use crate::shell::{Page, Place};
use crate::text::domain::StatusWord;
use crate::text::experiments::ListWord;
use crate::text::revisions::RevisionsWord as W;
use crate::ui::{page_head, status_badge};

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    page(&visit, &id, StatusCode::OK, &[]).await
}

pub async fn restore(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let number = |name: &str| form.get(name).parse().unwrap_or(0);
    let done = visit
        .console
        .restore_experiment(&visit.actor, &id, number("version"), number("revision"))
        .await;
    match done {
        Ok(_) => Ok(see_other(&format!("/experiments/{id}?done=restored"))),
        Err(Error::Invalid(problems)) => {
            page(&visit, &id, StatusCode::UNPROCESSABLE_ENTITY, &problems).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn page(visit: &Visit, id: &str, status: StatusCode, problems: &[FieldProblem]) -> Answer {
    let all = visit
        .console
        .experiment_revisions(&visit.actor, id)
        .await
        .map_err(|e| visit.fail(&e))?;
    let compared = Compared::of_form(&Form::parse(&visit.cx.query), all.current.version);
    Ok(visit.page_with(status, |cx| view_revisions(cx, &all, compared, problems)))
}

pub fn view_revisions(
    cx: &Cx,
    all: &ExperimentRevisions,
    compared: Compared,
    problems: &[FieldProblem],
) -> Page {
    let current = &all.current;
    let home = format!("/experiments/{}", current.id);
    let may_go_back = allowed(cx, Action::EditExperiment, Some(current.environment)).is_ok();
    let mut past = all.revisions.iter();
    let lead = match may_go_back && past.any(|r| would_change(current, &r.experiment)) {
        true => W::Lead,
        false => W::LeadOnly,
    };
    let lead = view! { <p>{cx.t(lead)}</p> }.into_any();
    let of = |number: u64| {
        all.revisions
            .iter()
            .find(|r| r.experiment.version == number)
    };
    let two = of(compared.from).zip(of(compared.to));
    let compare = two.map(|(from, to)| view_compare(cx, all, &from.experiment, &to.experiment));
    let body = view! {
        {page_head(cx.t(W::Title).to_owned(), lead, ().into_any())}
        {(!problems.is_empty()).then(|| summary(cx, problems))}
        {compare}
        {view_list(cx, all)}
    };
    Page::new(cx.t(W::Title), Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, current.name.clone())
}

fn view_compare(cx: &Cx, all: &ExperimentRevisions, from: &Experiment, to: &Experiment) -> AnyView {
    let numbers = all.revisions.iter().map(|r| r.experiment.version);
    let compared = Compared {
        from: from.version,
        to: to.version,
    };
    let changes = view_changes(cx, compared, from, to);
    revisions::view_compare(
        cx,
        numbers,
        compared,
        changes,
        view_restore(cx, &all.current, compared, to),
    )
}

fn view_changes(cx: &Cx, compared: Compared, from: &Experiment, to: &Experiment) -> AnyView {
    let states = [from, to].map(|one| cx.t(StatusWord::of(one.status)));
    let state = revisions::view_states(cx, compared, states);
    let typed = |e: &Experiment| FormState::of_draft(&Draft::of(e), cx.lang);
    let rows = differences(&typed(from), &typed(to));
    if rows.is_empty() {
        return view! {
            {state}
            <p class="quiet">{cx.t(W::Same)}</p>
        }
        .into_any();
    }
    let rows = rows
        .into_iter()
        .map(|(word, before, after)| {
            view! {
                <tr>
                    <th scope="row">{cx.t(word)}</th>
                    <td data-label=cx.t(W::Before)>
                        {revisions::was(cx, before)}
                    </td>
                    <td data-label=cx.t(W::After)>
                        {revisions::becomes(cx, after)}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        {state}
        <table class="table diff stack">
            <caption class="sr">{cx.t(W::Compare)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Field)}</th>
                    <th scope="col">{cx.t(W::Before)}</th>
                    <th scope="col">{cx.t(W::After)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Whether going back to it changes anything. Of one that has started, name and hypothesis do.
fn would_change(current: &Experiment, to: &Experiment) -> bool {
    match current.status.is_before_start() {
        true => Draft::of(current) != Draft::of(to),
        false => (&current.name, &current.hypothesis) != (&to.name, &to.hypothesis),
    }
}

/// The way back, unless it is where we are.
fn view_restore(cx: &Cx, current: &Experiment, compared: Compared, to: &Experiment) -> AnyView {
    if !would_change(current, to) {
        return ().into_any();
    }
    let help = if current.status.is_before_start() {
        W::RestoreHelp
    } else {
        W::RestoreWords
    };
    let may = allowed(cx, Action::EditExperiment, Some(current.environment));
    revisions::view_restore(cx, may, cx.t(help), current.version, compared)
}

fn view_list(cx: &Cx, all: &ExperimentRevisions) -> AnyView {
    let past = all.revisions.iter().map(|revision| Past {
        number: revision.experiment.version,
        at_ms: revision.experiment.updated_ms,
        change: revision.change.as_ref(),
        badge: Some(status_badge(cx, revision.experiment.status)),
    });
    revisions::view_all(cx, cx.t(W::Title), all.current.version, past)
}
