//! `/experiments/{id}/recompute`: whether an experiment can be counted anew, how far it is, and
//! what became of it.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{Recomputable, Recomputation, RecomputeStatus, Recounted};
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::experiment::{Draft, Experiment, Metric, Status};

use super::form::{FormState, view_metrics};
use super::parts::allowed;
use crate::charts::meter;
use crate::cx::Cx;
use crate::format::count;
use crate::host::{Answer, Form, Visit, see_other};
use crate::lang::Lang;
use crate::pages::problems::summary;
use crate::shell::{Page, Place};
use crate::text::experiments::ListWord;
use crate::text::problem::problem_text;
use crate::text::recompute::RecomputeWord as W;
use crate::ui::{Callout, Icon, Tone, callout, icon, page_head, panel, when};

/// The metrics as typed, and what is wrong with them.
pub struct Typed {
    pub state: FormState,
    pub problems: Vec<FieldProblem>,
}

impl Typed {
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        Self {
            // Of its metrics only, which are written alike in every language.
            state: FormState::of_draft(&Draft::of(experiment), Lang::En),
            problems: Vec::new(),
        }
    }

    fn is_other(&self, of: &Experiment) -> bool {
        self.state.metrics != Self::of(of).state.metrics
    }

    /// None where they are as they were.
    fn metrics(&self, of: &Experiment) -> Result<Option<Vec<Metric>>, Vec<FieldProblem>> {
        if !self.is_other(of) {
            return Ok(None);
        }
        Ok(Some(self.state.draft()?.metrics))
    }
}

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let found = load(&visit, &id).await?;
    let typed = Typed::of(&found.experiment);
    Ok(visit.page(|cx| view_recompute(cx, &found, &typed)))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let (console, home) = (&visit.console, format!("/experiments/{id}/recompute"));
    if form.get("do") == "cancel" {
        return match console.cancel_recomputation(&visit.actor, &id).await {
            Ok(_) => Ok(see_other(&format!("{home}?done=recompute-cancelled"))),
            // It has ended meanwhile.
            Err(Error::NotFound { kind, .. }) if kind != "experiment" => Ok(see_other(&home)),
            Err(error) => Err(visit.fail(&error)),
        };
    }
    let found = load(&visit, &id).await?;
    let mut typed = Typed::of(&found.experiment);
    if form.has("metrics") {
        typed.state.metrics = FormState::of_form(&form).metrics;
    }
    if typed.state.rearrange(form.get("do")) {
        return Ok(visit.page(|cx| view_recompute(cx, &found, &typed)));
    }
    let version = form.get("version").parse().ok();
    let done = match typed.metrics(&found.experiment) {
        Ok(metrics) => {
            console
                .recompute_experiment(&visit.actor, &id, version, metrics)
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    match done {
        Ok(_) => Ok(see_other(&format!("{home}?done=recomputing"))),
        Err(Error::Invalid(problems)) => {
            typed.problems = problems;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_recompute(cx, &found, &typed)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn load(visit: &Visit, id: &str) -> Result<Recomputable, Response> {
    let found = visit.console.recomputable(&visit.actor, id).await;
    found.map_err(|e| visit.fail(&e))
}

pub fn view_recompute(cx: &Cx, found: &Recomputable, typed: &Typed) -> Page {
    let experiment = &found.experiment;
    let title = cx.f(W::Title, &[&experiment.name]);
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let running = found.newest.as_ref().filter(|job| is_running(job));
    let act = match running {
        Some(_) => ().into_any(),
        None => view_act(cx, found, typed),
    };
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())}
            {(!typed.problems.is_empty()).then(|| summary(cx, &typed.problems))}
            <div id="live-recompute" data-live="">
                {found.newest.as_ref().map(|job| view_newest(cx, experiment, job))}
            </div> {view_covered(cx, found)} {act}
        </div>
    };
    Page::new(title, Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(
            format!("/experiments/{}", experiment.id),
            experiment.name.clone(),
        )
        .live()
}

fn is_running(job: &Recomputation) -> bool {
    job.status == RecomputeStatus::Running
}

fn view_covered(cx: &Cx, found: &Recomputable) -> AnyView {
    let row = |word: W, value: AnyView| {
        view! {
            <div class="fact">
                <dt>{cx.t(word)}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let time = |word: W, ms: Option<i64>| ms.map(|ms| row(word, when(cx, ms)));
    let body = if found.raw_days == 0 {
        view! { <p>{cx.t(W::Off)}</p> }.into_any()
    } else {
        let days = cx.f(W::DaysValue, &[&found.raw_days.to_string()]);
        view! {
            <dl class="facts">
                {row(W::Days, days.into_any())} {time(W::Since, found.raw_since_ms)}
                {time(W::Needed, found.needed_ms)}
            </dl>
        }
        .into_any()
    };
    let settings = view! {
        <a class="more" href="/settings/environments">
            {cx.t(W::Settings)}
            {icon(Icon::ArrowRight)}
        </a>
    };
    panel("covered", cx.t(W::Covered), settings.into_any(), body)
}

/// Why it can't be done now, or the button.
fn view_act(cx: &Cx, found: &Recomputable, typed: &Typed) -> AnyView {
    let experiment = &found.experiment;
    let may = allowed(cx, Action::EditExperiment, Some(experiment.environment));
    let why_not = match (may, &found.obstacle) {
        (Err(reason), _) => Some(reason),
        _ if found.needed_ms.is_none() => Some(cx.t(W::NotStarted).to_owned()),
        _ if experiment.status == Status::Archived => Some(cx.t(W::Archived).to_owned()),
        (Ok(()), Some(problem)) => Some(problem_text(cx, problem)),
        (Ok(()), None) => None,
    };
    if let Some(title) = why_not {
        return callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        });
    }
    let consequences = [W::A, W::B, W::C]
        .map(|word| view! { <li>{icon(Icon::ArrowRight)} <span>{cx.t(word)}</span></li> });
    // Closed, what is wrong inside would not be seen.
    let open = typed.is_other(experiment) || !typed.problems.is_empty();
    view! {
        <section class="panel" aria-labelledby="what">
            <h2 id="what">{cx.t(W::What)}</h2>
            <ul class="consequences">{consequences.into_iter().collect_view()}</ul>
        </section>
        <form method="post" action=cx.here() class="form-fields" novalidate=true>
            <input type="hidden" name="version" value=experiment.version.to_string() />
            <input type="hidden" name="metrics" value="on" />
            // Enter in a field recomputes, and adds no row.
            <button type="submit" class="sr" name="do" value="recompute" tabindex="-1">
                {cx.t(W::Act)}
            </button>
            <details open=open>
                <summary>{cx.t(W::Correct)}</summary>
                <p class="field-help">{cx.t(W::MetricsHelp)}</p>
                {view_metrics(cx, &typed.state, &typed.problems)}
            </details>
            <div class="act-form">
                <button type="submit" class="button primary" name="do" value="recompute">
                    {cx.t(W::Act)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn view_newest(cx: &Cx, experiment: &Experiment, job: &Recomputation) -> AnyView {
    let asked = view! {
        <p class="panel-quiet">
            {cx.f(W::AskedBy, &[&job.asked_by])} " " {when(cx, job.ended_ms.unwrap_or(job.asked_ms))}
        </p>
    };
    let (title, body) = match job.status {
        RecomputeStatus::Running => (W::Running, view_progress(cx, experiment, job)),
        RecomputeStatus::Done => {
            let outcome = job.outcome.as_deref().unwrap_or_default();
            (W::Newest, view_outcome(cx, outcome))
        }
        RecomputeStatus::Cancelled => (W::Newest, view! { <p>{cx.t(W::Cancelled)}</p> }.into_any()),
        RecomputeStatus::Failed => {
            let why = job.failure.map_or(W::Unknown, W::of);
            let body = view! { <p>{cx.t(W::Failed)} " " {cx.t(why)}</p> };
            (W::Newest, body.into_any())
        }
    };
    let body = view! { <div class="panel-notes">{asked} {body}</div> };
    panel("recompute", cx.t(title), ().into_any(), body.into_any())
}

fn view_progress(cx: &Cx, experiment: &Experiment, job: &Recomputation) -> AnyView {
    let share = job.events_done as f64 / job.events_all.max(1) as f64;
    let percent = ((share * 100.0) as u64).to_string();
    let said = cx.f(
        W::Progress,
        &[&percent, &count(job.events_done), &count(job.events_all)],
    );
    let attempts = job.attempts;
    let retrying = (attempts > 0).then(|| cx.f(W::Retrying, &[&count(attempts)]));
    let may = allowed(cx, Action::EditExperiment, Some(experiment.environment));
    let cancel = may.is_ok().then(|| {
        view! {
            <form method="post" action=cx.here() class="act-form">
                <button type="submit" class="button" name="do" value="cancel">
                    {cx.t(W::Cancel)}
                </button>
            </form>
        }
    });
    view! {
        {meter(share, "accent", said.clone())}
        <p role="status">{said}</p>
        {retrying.map(|said| view! { <p class="panel-quiet">{said}</p> })}
        {cancel}
    }
    .into_any()
}

fn view_outcome(cx: &Cx, outcome: &[Recounted]) -> AnyView {
    let columns = [
        W::Variant,
        W::UsersBefore,
        W::Users,
        W::ConvertedBefore,
        W::Converted,
    ];
    let heads = columns.map(|word| view! { <th scope="col">{cx.t(word)}</th> });
    let cell = |word: W, n: u64| view! { <td class="num" data-label=cx.t(word)>{count(n)}</td> };
    let rows = outcome.iter().map(|r| {
        view! {
            <tr>
                <th scope="row">{r.variant.clone()}</th>
                {cell(W::UsersBefore, r.exposures_before)}
                {cell(W::Users, r.exposures)}
                {cell(W::ConvertedBefore, r.conversions_before)}
                {cell(W::Converted, r.conversions)}
            </tr>
        }
    });
    view! {
        <p>{cx.t(W::Done)}</p>
        <table class="table stack">
            <caption class="sr">{cx.t(W::Newest)}</caption>
            <thead>
                <tr>{heads.into_iter().collect_view()}</tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
