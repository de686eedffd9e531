//! `/experiments/{id}/schedule`: when it is to start and end by itself.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::ExperimentDetail;
use nexus_domain::experiment::{Command, Experiment, Schedule, Verb};
use nexus_domain::{Field as At, FieldProblem, Problem};

use super::meanwhile::{Meanwhile, view_meanwhile};
use super::review::{ask_link, lacks_approval, may_give};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::problems::{error_of, summary};
use crate::pages::typed::Reader;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::StatusWord;
use crate::text::experiments::{CommandWord, ListWord};
use crate::text::form::FormWord;
use crate::text::life::LifeWord as W;
use crate::ui::{Callout, Field, Icon, Input, Tone, callout, icon, input, page_head, zone_list};
use crate::zone::Zone;

/// The form as typed.
#[derive(Default)]
pub struct Typed {
    pub start: String,
    pub end: String,
    pub timezone: String,
    pub problems: Vec<FieldProblem>,
    /// What others did in between.
    pub meanwhile: Option<Meanwhile>,
}

impl Typed {
    /// What is planned or was set with the draft; a draft without times is asked in the
    /// zone it names, unless that is UTC, which drafts have by default: then in the reader's.
    #[must_use]
    pub fn of(cx: &Cx, experiment: &Experiment) -> Self {
        let schedule = &experiment.schedule;
        let has_times = schedule.start_ms.is_some() || schedule.end_ms.is_some();
        let chosen = |zone: &Zone| has_times || *zone != Zone::UTC;
        let zone = Zone::parse(&schedule.timezone).filter(chosen);
        let zone = zone.unwrap_or(cx.zone);
        let local = |ms: Option<i64>| ms.map(|ms| zone.local(ms)).unwrap_or_default();
        Self {
            start: local(schedule.start_ms),
            end: local(schedule.end_ms),
            timezone: zone.name().to_owned(),
            ..Self::default()
        }
    }

    fn of_form(form: &Form) -> Self {
        Self {
            start: form.trimmed("start"),
            end: form.trimmed("end"),
            timezone: form.trimmed("timezone"),
            ..Self::default()
        }
    }

    fn schedule(&self) -> Result<Schedule, Vec<FieldProblem>> {
        let mut read = Reader::default();
        let zone = Zone::parse(&self.timezone).unwrap_or_else(|| {
            read.note(At::Timezone, Problem::UnknownTimezone);
            Zone::UTC
        });
        let schedule = Schedule {
            start_ms: read.moment(At::StartAt, &self.start, zone),
            end_ms: read.moment(At::EndAt, &self.end, zone),
            timezone: zone.name().to_owned(),
        };
        if read.problems.is_empty() {
            Ok(schedule)
        } else {
            Err(read.problems)
        }
    }
}

pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = load(&visit, &id).await?;
    Ok(visit.page(|cx| view_schedule(cx, &detail, &Typed::of(cx, &detail.experiment))))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let mut typed = Typed::of_form(&form);
    let version = form.get("version").parse().ok();
    let planned = match typed.schedule() {
        Ok(schedule) => {
            let plan = Command::Schedule(schedule);
            let console = &visit.console;
            console
                .command_experiment(&visit.actor, &id, version, plan)
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    match planned {
        Ok(_) => Ok(see_other(&format!("/experiments/{id}?done=scheduled"))),
        Err(Error::Invalid(problems)) => {
            typed.problems = problems;
            again(&visit, &id, StatusCode::UNPROCESSABLE_ENTITY, &typed).await
        }
        Err(Error::Conflict { expected, .. }) => {
            typed.meanwhile = Some(Meanwhile::since(&visit, &id, expected).await?);
            again(&visit, &id, StatusCode::CONFLICT, &typed).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn again(visit: &Visit, id: &str, status: StatusCode, typed: &Typed) -> Answer {
    let detail = load(visit, id).await?;
    Ok(visit.page_with(status, |cx| view_schedule(cx, &detail, typed)))
}

async fn load(visit: &Visit, id: &str) -> Result<ExperimentDetail, axum::response::Response> {
    let detail = visit.console.experiment(&visit.actor, id).await;
    detail.map_err(|e| visit.fail(&e))
}

pub fn view_schedule(cx: &Cx, detail: &ExperimentDetail, typed: &Typed) -> Page {
    let experiment = &detail.experiment;
    let home = format!("/experiments/{}", experiment.id);
    let title = cx.f(W::ScheduleTitle, &[&experiment.name]);
    let permitted = may_give(cx, experiment, detail.rules, Verb::Schedule);
    let lacks = lacks_approval(experiment, detail.rules, Verb::Schedule);
    let not_now = match permitted {
        Err(reason) => Some(reason),
        Ok(()) if !Verb::Schedule.fits(experiment.status) => {
            let status = cx.t(StatusWord::of(experiment.status));
            Some(cx.f(CommandWord::NotWhile, &[status]))
        }
        Ok(()) => None,
    };
    let act = match not_now {
        Some(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: lacks.then(|| ask_link(cx, experiment)).flatten().into_any(),
        }),
        None => view_form(cx, experiment, typed, &home),
    };
    let consequences = [W::ScheduleA, W::ScheduleB, W::ScheduleC]
        .map(|word| view! { <li>{icon(Icon::ArrowRight)} <span>{cx.t(word)}</span></li> });
    let lead = view! { <p>{cx.t(W::ScheduleLead)}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())} {summary(cx, &typed.problems)}
            {typed.meanwhile.as_ref().map(|found| view_meanwhile(cx, found))}
            <section class="panel" aria-labelledby="what">
                <h2 id="what">{cx.t(CommandWord::What)}</h2>
                <ul class="consequences">{consequences.into_iter().collect_view()}</ul>
            </section>
            {act}
        </div>
    };
    Page::new(title, Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
}

fn view_form(cx: &Cx, experiment: &Experiment, typed: &Typed, home: &str) -> AnyView {
    let field = |id: &'static str, label: FormWord, at: At| {
        Field::new(id, cx.t(label)).error(error_of(cx, &typed.problems, at))
    };
    let start = field("start", FormWord::StartAt, At::StartAt)
        .help(cx.t(W::StartHelp))
        .required();
    let end = field("end", FormWord::EndAt, At::EndAt).help(cx.t(W::EndHelp));
    let zone = field("timezone", FormWord::Timezone, At::Timezone);
    let moment = |field: Field, name: &'static str, value: &str| {
        input(Input {
            kind: "datetime-local",
            ..Input::text(field, name, value)
        })
    };
    view! {
        <form method="post" action=cx.here() class="form-fields" novalidate=true>
            <input type="hidden" name="version" value=experiment.version.to_string() />
            {moment(start, "start", &typed.start)}
            {input(Input {
                list: Some("zones"),
                ..Input::text(zone, "timezone", typed.timezone.clone())
            })}
            {zone_list()}
            {moment(end, "end", &typed.end)}
            <div class="act-form">
                <button type="submit" class="button primary">
                    {icon(Icon::Clock)}
                    <span>{cx.t(W::ScheduleAct)}</span>
                </button>
                <a class="button quiet-button" href=home.to_owned()>
                    {cx.t(Common::Cancel)}
                </a>
            </div>
        </form>
    }
    .into_any()
}
