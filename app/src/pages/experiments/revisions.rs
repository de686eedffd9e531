//! `/experiments/{id}/revisions`: every state, what changed between two, and the way back.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{ExperimentRevisions, Revision};
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::experiment::{Draft, Experiment, Status};

use super::form::{FormState, differences};
use super::parts::allowed;
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::audit::row::did;
use crate::pages::problems::summary;
use crate::shell::{Page, Place};
use crate::text::domain::StatusWord;
use crate::text::experiments::ListWord;
use crate::text::revisions::RevisionsWord as W;
use crate::ui::{Field, page_head, panel, select, status_badge, when};

/// Which two are compared, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub from: u64,
    pub to: u64,
}

impl Compared {
    /// What the URL asks for; without it the newest with the one before.
    #[must_use]
    pub fn of_form(form: &Form, newest: u64) -> Self {
        let to = form.get("to").parse().unwrap_or(newest);
        let from = form.get("from").parse();
        Self {
            from: from.unwrap_or_else(|_| to.saturating_sub(1).max(1)),
            to,
        }
    }
}

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
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
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
    let numbers: Vec<(String, String)> = all
        .revisions
        .iter()
        .map(|r| r.experiment.version.to_string())
        .map(|number| (number.clone(), cx.f(W::Number, &[&number])))
        .collect();
    let choice = |name: &'static str, word: W, chosen: u64| {
        let field = Field::new(name, cx.t(word));
        select(field, name, &chosen.to_string(), numbers.clone())
    };
    let title = cx.f(
        W::Changes,
        &[&from.version.to_string(), &to.version.to_string()],
    );
    let body = view! {
        <form class="form-fields" method="get">
            <div class="trio">
                {choice("from", W::From, from.version)} {choice("to", W::To, to.version)}
            </div>
            <div class="form-act">
                <button class="button" type="submit">
                    {cx.t(W::Show)}
                </button>
            </div>
        </form>
        <h3>{title}</h3>
        {view_changes(cx, from, to)}
        {view_restore(cx, &all.current, to)}
    };
    panel("changes", cx.t(W::Compare), ().into_any(), body.into_any())
}

fn view_changes(cx: &Cx, from: &Experiment, to: &Experiment) -> AnyView {
    let state = (from.status != to.status).then(|| {
        let word = |status: Status| cx.t(StatusWord::of(status));
        let text = cx.f(W::StateChanged, &[word(from.status), word(to.status)]);
        view! { <p>{text}</p> }
    });
    let typed = |e: &Experiment| FormState::of_draft(&Draft::of(e));
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
                        <del>{before}</del>
                    </td>
                    <td data-label=cx.t(W::After)>
                        <ins>{after}</ins>
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

/// The way back, unless it is where we are.
fn view_restore(cx: &Cx, current: &Experiment, to: &Experiment) -> AnyView {
    if to.version == current.version {
        return ().into_any();
    }
    let help = if current.status.is_before_start() {
        W::RestoreHelp
    } else {
        W::RestoreWords
    };
    let may = allowed(cx, Action::EditExperiment, Some(current.environment));
    let (disabled, title) = match may {
        Ok(()) => (false, None),
        Err(reason) => (true, Some(reason)),
    };
    view! {
        <form class="act-form" method="post">
            <input type="hidden" name="version" value=current.version.to_string() />
            <input type="hidden" name="revision" value=to.version.to_string() />
            <p class="quiet">{title.unwrap_or_else(|| cx.t(help).to_owned())}</p>
            <button class="button" type="submit" disabled=disabled>
                {cx.f(W::Restore, &[&to.version.to_string()])}
            </button>
        </form>
    }
    .into_any()
}

fn view_list(cx: &Cx, all: &ExperimentRevisions) -> AnyView {
    let rows = all
        .revisions
        .iter()
        .map(|revision| view_row(cx, all, revision))
        .collect_view();
    let table = view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Revision)}</th>
                    <th scope="col">{cx.t(W::What)}</th>
                    <th scope="col">{cx.t(W::State)}</th>
                    <th scope="col">{cx.t(W::When)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    panel("all", cx.t(W::Title), ().into_any(), table.into_any())
}

fn view_row(cx: &Cx, all: &ExperimentRevisions, revision: &Revision) -> AnyView {
    let experiment = &revision.experiment;
    let number = experiment.version;
    let what = match &revision.change {
        Some(change) => format!("{} · {}", change.entry.actor, did(cx, &change.entry)),
        None => cx.t(W::Unknown).to_owned(),
    };
    let current = (number == all.current.version)
        .then(|| view! { <span class="quiet">{cx.t(W::Current)}</span> });
    view! {
        <tr>
            <th scope="row">
                <a href=format!("?to={number}")>{cx.f(W::Number, &[&number.to_string()])}</a>
                " "
                {current}
            </th>
            <td data-label=cx.t(W::What)>{what}</td>
            <td data-label=cx.t(W::State)>{status_badge(cx, experiment.status)}</td>
            <td data-label=cx.t(W::When)>{when(cx, experiment.updated_ms)}</td>
        </tr>
    }
    .into_any()
}
