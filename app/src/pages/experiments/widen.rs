//! `/experiments/{id}/move-end` and `…/grow-coverage`: more time and more users for an
//! experiment that runs.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{ExperimentDetail, RampPlace, WhatIf};
use nexus_domain::experiment::{Command, Experiment, Verb};
use nexus_domain::{Field as At, FieldProblem, Problem};
use nexus_flags::BASIS_POINTS;

use super::life::planned_text;
use super::parts::allowed;
use crate::cx::Cx;
use crate::format::{bp, parse_bp};
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::estimate::{OfWhat, view_what_if};
use crate::pages::problems::{error_of, summary};
use crate::pages::sure::consequences;
use crate::pages::typed::Reader;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::StatusWord;
use crate::text::estimate::WhatIfWord;
use crate::text::experiments::{CommandWord, ListWord};
use crate::text::form::FormWord;
use crate::text::problem::problem_text;
use crate::text::widen::WidenWord as W;
use crate::ui::{
    Allowed, Callout, Field, Icon, Input, Tone, act_link, callout, icon, input, page_head, panel,
    text_area,
};
use crate::zone::Zone;

/// The forms as typed.
#[derive(Default)]
pub struct Typed {
    pub end: String,
    pub coverage: String,
    pub reason: String,
    pub problems: Vec<FieldProblem>,
    /// What it would change for recent visitors.
    pub what_if: Option<WhatIf>,
}

impl Typed {
    /// What is there now; of coverage, everybody.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        let end_ms = experiment.schedule.end_ms;
        Self {
            end: end_ms
                .map(|ms| zone_of(experiment).local(ms))
                .unwrap_or_default(),
            coverage: bp(BASIS_POINTS),
            ..Self::default()
        }
    }

    fn of_form(form: &Form) -> Self {
        Self {
            end: form.trimmed("end"),
            coverage: form.trimmed("coverage"),
            reason: form.get("reason").to_owned(),
            ..Self::default()
        }
    }

    fn command(&self, verb: Verb, experiment: &Experiment) -> Result<Command, Vec<FieldProblem>> {
        let mut read = Reader::default();
        let reason = self.reason.clone();
        let command = match verb {
            Verb::GrowCoverage => Command::GrowCoverage {
                coverage_bp: self.coverage_bp(&mut read, experiment),
                reason,
            },
            _ => Command::MoveEnd {
                end_ms: read.moment(At::EndAt, &self.end, zone_of(experiment)),
                reason,
            },
        };
        if read.problems.is_empty() {
            return Ok(command);
        }
        if self.reason.trim().is_empty() {
            read.note(At::Reason, Problem::Required);
        }
        Err(read.problems)
    }

    /// What is no number is told the range of one that does not fit.
    fn coverage_bp(&self, read: &mut Reader, experiment: &Experiment) -> u16 {
        let than_bp = experiment.coverage_bp;
        parse_bp(&self.coverage).unwrap_or_else(|| {
            let problem = match self.coverage.is_empty() {
                true => Problem::Required,
                false => Problem::NotMore { than_bp },
            };
            read.note(At::Coverage, problem);
            0
        })
    }
}

/// What is wrong with the share that is only looked at: a look needs no reason.
fn problems_of_look(
    experiment: &Experiment,
    command: Result<Command, Vec<FieldProblem>>,
) -> Vec<FieldProblem> {
    let found: Vec<FieldProblem> = match command {
        Ok(Command::GrowCoverage { coverage_bp, .. }) => {
            let problem = experiment.coverage_problem(coverage_bp);
            let problem = problem.map(|problem| FieldProblem::new(At::Coverage, problem));
            problem.into_iter().collect()
        }
        Ok(_) => Vec::new(),
        Err(problems) => problems,
    };
    let of_share = found.into_iter().filter(|one| one.field == At::Coverage);
    of_share.collect()
}

/// The zone in which its times are read.
fn zone_of(experiment: &Experiment) -> Zone {
    Zone::parse(&experiment.schedule.timezone).unwrap_or(Zone::UTC)
}

pub async fn ask_end(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = load(&visit, &id).await?;
    let typed = Typed::of(&detail.experiment);
    Ok(visit.page(|cx| view_widen(cx, Verb::MoveEnd, &detail, &typed)))
}

pub async fn ask_coverage(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = load(&visit, &id).await?;
    let mut typed = Typed::of(&detail.experiment);
    typed.what_if = what_if(&visit, &detail.experiment, &typed).await;
    Ok(visit.page(|cx| view_widen(cx, Verb::GrowCoverage, &detail, &typed)))
}

pub async fn move_end(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    act(visit, id, &body, Verb::MoveEnd).await
}

pub async fn grow_coverage(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    act(visit, id, &body, Verb::GrowCoverage).await
}

/// No version is asked for: the end only moves later and coverage only grows, whatever else
/// happened meanwhile.
async fn act(visit: Visit, id: String, body: &str, verb: Verb) -> Answer {
    let form = Form::parse(body);
    let detail = load(&visit, &id).await?;
    let mut typed = Typed::of_form(&form);
    let command = typed.command(verb, &detail.experiment);
    if form.get("do") == "look" {
        typed.problems = problems_of_look(&detail.experiment, command);
        let status = match typed.problems.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
        return again(&visit, &id, verb, status, typed).await;
    }
    let console = &visit.console;
    let done = match command {
        Ok(command) => {
            console
                .command_experiment(&visit.actor, &id, None, command)
                .await
        }
        Err(problems) => Err(Error::Invalid(problems)),
    };
    match done {
        Ok(_) => {
            let toast = match verb {
                Verb::GrowCoverage => "coverage-grown",
                _ => "end-moved",
            };
            Ok(see_other(&format!("/experiments/{id}?done={toast}")))
        }
        Err(Error::Invalid(problems)) => {
            typed.problems = problems;
            again(&visit, &id, verb, StatusCode::UNPROCESSABLE_ENTITY, typed).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// The same page with what was typed.
async fn again(
    visit: &Visit,
    id: &str,
    verb: Verb,
    status: StatusCode,
    mut typed: Typed,
) -> Answer {
    let detail = load(visit, id).await?;
    if verb == Verb::GrowCoverage {
        typed.what_if = what_if(visit, &detail.experiment, &typed).await;
    }
    Ok(visit.page_with(status, |cx| view_widen(cx, verb, &detail, &typed)))
}

async fn what_if(visit: &Visit, experiment: &Experiment, typed: &Typed) -> Option<WhatIf> {
    let command = typed.command(Verb::GrowCoverage, experiment).ok()?;
    let (console, actor) = (&visit.console, &visit.actor);
    let found = console.what_if_command(actor, experiment.id.as_str(), command);
    found.await.ok()
}

async fn load(visit: &Visit, id: &str) -> Result<ExperimentDetail, Response> {
    let detail = visit.console.experiment(&visit.actor, id).await;
    detail.map_err(|e| visit.fail(&e))
}

/// Links to the two pages, where there is something to widen.
pub(super) fn links(cx: &Cx, experiment: &Experiment) -> AnyView {
    let fits = Verb::MoveEnd.fits(experiment.status);
    let end = fits && experiment.end_problem(None, cx.now_ms).is_none();
    let coverage = fits && experiment.coverage_bp < BASIS_POINTS;
    let link = |word: W, mark: Icon, page: &str| {
        let href = format!("/experiments/{}/{page}", experiment.id);
        let may = allowed(cx, Verb::MoveEnd.action(), Some(experiment.environment));
        act_link("", Some(mark), cx.t(word), href, may)
    };
    view! {
        {end.then(|| link(W::MoveEnd, Icon::Clock, "move-end"))}
        {coverage.then(|| link(W::Grow, Icon::Members, "grow-coverage"))}
    }
    .into_any()
}

/// Whether it can be done, or why not.
fn possible(cx: &Cx, verb: Verb, detail: &ExperimentDetail) -> Allowed {
    let experiment = &detail.experiment;
    allowed(cx, verb.action(), Some(experiment.environment))?;
    if !verb.fits(experiment.status) {
        let status = cx.t(StatusWord::of(experiment.status));
        return Err(cx.f(CommandWord::NotWhile, &[status]));
    }
    if verb == Verb::GrowCoverage && experiment.coverage_bp >= BASIS_POINTS {
        let word = match RampPlace::of(experiment) {
            Some(_) => W::AllByRamp,
            None => W::All,
        };
        return Err(cx.t(word).to_owned());
    }
    let problem = match verb {
        Verb::MoveEnd => experiment.end_problem(None, cx.now_ms),
        _ => None,
    };
    let own = detail.rules.review && experiment.is_work_of(cx.who());
    let problem = problem.or(own.then_some(Problem::NotByAuthor));
    problem.map_or(Ok(()), |problem| Err(problem_text(cx, &problem)))
}

pub fn view_widen(cx: &Cx, verb: Verb, detail: &ExperimentDetail, typed: &Typed) -> Page {
    let experiment = &detail.experiment;
    let home = format!("/experiments/{}", experiment.id);
    let (title, lead) = match verb {
        Verb::GrowCoverage => (W::GrowTitle, coverage_now(cx, experiment)),
        _ => (W::MoveEndTitle, end_now(cx, experiment)),
    };
    let title = cx.f(title, &[&experiment.name]);
    let act = match possible(cx, verb, detail) {
        Err(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        }),
        Ok(()) => view_form(cx, verb, typed, &home),
    };
    let change = typed.what_if.as_ref().map(|found| {
        let of = OfWhat::experiment(format!("{home}/why"), experiment);
        let body = view_what_if(cx, found, &of);
        panel("what-if", cx.t(WhatIfWord::WhenDone), ().into_any(), body)
    });
    let lead = view! { <p>{lead}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())} {summary(cx, &typed.problems)}
            {consequences(cx, what(cx, verb, experiment))} {change} {act}
        </div>
    };
    Page::new(title, Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
}

fn end_now(cx: &Cx, experiment: &Experiment) -> String {
    let end_ms = experiment.schedule.end_ms;
    let said = end_ms.map(|ms| cx.f(W::EndsNow, &[&planned_text(cx, experiment, ms)]));
    said.unwrap_or_default()
}

fn coverage_now(cx: &Cx, experiment: &Experiment) -> String {
    let (now, whole) = (bp(experiment.coverage_now_bp()), bp(experiment.coverage_bp));
    match experiment.ramping {
        Some(_) => cx.f(W::RampNow, &[&now, &whole]),
        None => cx.f(W::CoverageNow, &[&whole]),
    }
}

fn what(cx: &Cx, verb: Verb, experiment: &Experiment) -> Vec<String> {
    let mut words = match verb {
        Verb::GrowCoverage => vec![W::GrowA, W::GrowB, W::GrowC],
        _ => vec![W::MoveEndA, W::MoveEndB, W::MoveEndC],
    };
    if verb == Verb::GrowCoverage && experiment.ramping.is_some() {
        words.insert(0, W::GrowRamp);
    }
    words
        .into_iter()
        .map(|word| cx.t(word).to_owned())
        .collect()
}

fn view_form(cx: &Cx, verb: Verb, typed: &Typed, home: &str) -> AnyView {
    let error = |at: At| error_of(cx, &typed.problems, at);
    let grows = verb == Verb::GrowCoverage;
    let (what, action) = match grows {
        true => {
            let field = Field::new("coverage", cx.t(FormWord::Coverage))
                .help(cx.t(W::CoverageHelp))
                .error(error(At::Coverage))
                .required();
            let field = Input::percent(field, "coverage", typed.coverage.clone());
            (input(field), W::GrowAct)
        }
        false => {
            let field = Field::new("end", cx.t(FormWord::EndAt))
                .help(cx.t(W::EndHelp))
                .error(error(At::EndAt));
            let field = Input {
                kind: "datetime-local",
                ..Input::text(field, "end", typed.end.clone())
            };
            (input(field), W::MoveEndAct)
        }
    };
    let look = grows.then(|| {
        view! {
            <button type="submit" class="button" name="do" value="look">
                {cx.t(W::Look)}
            </button>
        }
    });
    let field = Field::new("reason", cx.t(W::Reason))
        .help(cx.t(W::ReasonHelp))
        .error(error(At::Reason))
        .required();
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = "reason".to_owned();
    let reason = text_area(id, "reason", 3, &typed.reason, "", described, invalid);
    view! {
        <form method="post" action=cx.here() class="form-fields" novalidate=true>
            // Enter in a field presses the first button.
            <button type="submit" class="sr" tabindex="-1" aria-hidden="true">
                {cx.t(action)}
            </button>
            {what}
            {field.wrap(reason)}
            <div class="act-form">
                <button type="submit" class="button primary">
                    {icon(if grows { Icon::Members } else { Icon::Clock })}
                    <span>{cx.t(action)}</span>
                </button>
                {look}
                <a class="button quiet-button" href=home.to_owned()>
                    {cx.t(Common::Cancel)}
                </a>
            </div>
        </form>
    }
    .into_any()
}
