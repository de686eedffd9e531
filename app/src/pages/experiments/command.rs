//! Start, pause, resume, stop: a page that spells out the consequences, and
//! the POST that does it.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{ExperimentDetail, WhatIf};
use nexus_domain::experiment::{Command, Experiment, Status};
use nexus_domain::{Field as At, FieldProblem};

use super::foreseen::{foreseen, view_change, what};
use super::meanwhile::{Meanwhile, view_meanwhile};
use super::review::{ask_link, lacks_approval, may_give};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::problems::error_of;
use crate::pages::sure::{NameForm, consequences, name_form};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::StatusWord;
use crate::text::experiments::{CommandWord as W, ListWord};
use crate::text::life::LifeWord as L;
use crate::text::problem::{placed_problem, problem_text};
use crate::text::review::ReviewWord as R;
use crate::ui::{Callout, Field, Icon, Tone, callout, icon, listed, page_head, text_area};

/// A command people give; the controllers' own are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    AskReview,
    Approve,
    SendBack,
    WithdrawReview,
    Start,
    Pause,
    Resume,
    Stop,
    Archive,
    Unarchive,
    Unschedule,
    HoldRamp,
    ContinueRamp,
}

impl Asked {
    pub const ALL: [Self; 13] = [
        Self::WithdrawReview,
        Self::SendBack,
        Self::AskReview,
        Self::Approve,
        Self::Start,
        Self::Unschedule,
        Self::HoldRamp,
        Self::ContinueRamp,
        Self::Pause,
        Self::Resume,
        Self::Stop,
        Self::Archive,
        Self::Unarchive,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AskReview => "ask-review",
            Self::Approve => "approve",
            Self::SendBack => "send-back",
            Self::WithdrawReview => "withdraw-review",
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
            Self::Unschedule => "unschedule",
            Self::HoldRamp => "hold-ramp",
            Self::ContinueRamp => "continue-ramp",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|asked| asked.as_str() == text)
    }

    #[must_use]
    pub fn command(self, reason: String) -> Command {
        match self {
            Self::AskReview => Command::AskReview { words: reason },
            Self::Approve => Command::Approve { words: reason },
            Self::SendBack => Command::SendBack { words: reason },
            Self::WithdrawReview => Command::WithdrawReview,
            Self::Start => Command::Start,
            Self::Pause => Command::Pause,
            Self::Resume => Command::Resume,
            Self::Stop => Command::Stop { reason },
            Self::Archive => Command::Archive,
            Self::Unarchive => Command::Unarchive,
            Self::Unschedule => Command::Unschedule,
            Self::HoldRamp => Command::HoldRamp,
            Self::ContinueRamp => Command::ContinueRamp,
        }
    }

    /// Short name, title of the page, words of its button.
    #[must_use]
    pub fn words(self, cx: &Cx) -> [&'static str; 3] {
        let words = |words: [W; 3]| words.map(|word| cx.t(word));
        let life = |words: [L; 3]| words.map(|word| cx.t(word));
        let review = |words: [R; 3]| words.map(|word| cx.t(word));
        match self {
            Self::AskReview => review([R::Ask, R::AskTitle, R::AskAct]),
            Self::Approve => review([R::Approve, R::ApproveTitle, R::ApproveAct]),
            Self::SendBack => review([R::SendBack, R::SendBackTitle, R::SendBackAct]),
            Self::WithdrawReview => review([R::Withdraw, R::WithdrawTitle, R::WithdrawAct]),
            Self::Start => words([W::Start, W::StartTitle, W::StartAct]),
            Self::Pause => words([W::Pause, W::PauseTitle, W::PauseAct]),
            Self::Resume => words([W::Resume, W::ResumeTitle, W::ResumeAct]),
            Self::Stop => words([W::Stop, W::StopTitle, W::StopAct]),
            Self::Archive => words([W::Archive, W::ArchiveTitle, W::ArchiveAct]),
            Self::Unarchive => words([W::Unarchive, W::UnarchiveTitle, W::UnarchiveAct]),
            Self::Unschedule => life([L::Unschedule, L::UnscheduleTitle, L::UnscheduleAct]),
            Self::HoldRamp => life([L::HoldRamp, L::HoldRampTitle, L::HoldRampAct]),
            Self::ContinueRamp => life([L::ContinueRamp, L::ContinueRampTitle, L::ContinueRampAct]),
        }
    }

    /// It takes something away, so the experiment's id is typed.
    const fn asks_name(self) -> bool {
        matches!(self, Self::Stop | Self::Archive)
    }

    /// Whoever ends or slows it wants that whatever happened meanwhile; the life table says
    /// whether it still can be. Anything else is meant for what was seen.
    const fn needs_version(self) -> bool {
        !matches!(self, Self::Stop | Self::Pause | Self::HoldRamp)
    }

    /// Toast afterwards.
    const fn done(self) -> &'static str {
        match self {
            Self::AskReview => "asked",
            Self::Approve => "approved",
            Self::SendBack => "sent-back",
            Self::WithdrawReview => "withdrawn",
            Self::Start => "started",
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Stop => "stopped",
            Self::Archive => "archived",
            Self::Unarchive => "unarchived",
            Self::Unschedule => "unscheduled",
            Self::HoldRamp => "ramp-held",
            Self::ContinueRamp => "ramp-continued",
        }
    }

    #[must_use]
    pub const fn mark(self) -> Icon {
        match self {
            Self::Start | Self::Resume | Self::ContinueRamp => Icon::Play,
            Self::AskReview => Icon::Members,
            Self::Approve => Icon::Check,
            Self::SendBack | Self::WithdrawReview => Icon::ArrowDown,
            Self::Pause | Self::HoldRamp => Icon::Pause,
            Self::Unschedule => Icon::Clock,
            Self::Stop => Icon::Stop,
            Self::Archive | Self::Unarchive => Icon::Archive,
        }
    }
}

/// What was typed, and what came of it.
#[derive(Default)]
pub struct Typed {
    pub reason: String,
    /// What was typed to confirm.
    pub name: Option<String>,
    /// Why the use case refused it.
    pub problems: Vec<FieldProblem>,
    /// What it would change for recent visitors.
    pub what_if: Option<WhatIf>,
    /// Names of the holdouts in force, by their ids; only of a start.
    pub holdouts: BTreeMap<String, String>,
    /// What others did in between.
    pub meanwhile: Option<Meanwhile>,
}

fn no_such_page(visit: &Visit) -> Response {
    visit.fail(&Error::NotFound {
        kind: "page",
        id: visit.cx.path.clone(),
    })
}

pub async fn ask(visit: Visit, Path((id, command)): Path<(String, String)>) -> Answer {
    let asked = Asked::parse(&command).ok_or_else(|| no_such_page(&visit))?;
    let detail = visit
        .console
        .experiment(&visit.actor, &id)
        .await
        .map_err(|e| visit.fail(&e))?;
    let typed = foreseen(&visit, asked, &detail, Typed::default()).await;
    Ok(visit.page(|cx| view_command(cx, asked, &detail, &typed)))
}

pub async fn act(
    visit: Visit,
    Path((id, command)): Path<(String, String)>,
    body: String,
) -> Answer {
    let asked = Asked::parse(&command).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&body);
    let mut typed = Typed {
        reason: form.trimmed("reason"),
        name: asked.asks_name().then(|| form.trimmed("typed")),
        ..Typed::default()
    };
    if typed.name.as_ref().is_some_and(|typed| *typed != id) {
        return refused(&visit, &id, asked, typed).await;
    }
    let version = form.get("version").parse().ok();
    let version = version.filter(|_| asked.needs_version());
    let command = asked.command(typed.reason.clone());
    let done = visit
        .console
        .command_experiment(&visit.actor, &id, version, command)
        .await;
    match done {
        Ok(_) => Ok(see_other(&format!(
            "/experiments/{id}?done={}",
            asked.done()
        ))),
        Err(Error::Invalid(problems)) => {
            typed.problems = problems;
            refused(&visit, &id, asked, typed).await
        }
        Err(Error::Conflict { expected, .. }) => {
            typed.meanwhile = Some(Meanwhile::since(&visit, &id, expected).await?);
            refused(&visit, &id, asked, typed).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// The same page with what is wrong, or what changed.
async fn refused(visit: &Visit, id: &str, asked: Asked, typed: Typed) -> Answer {
    let detail = visit
        .console
        .experiment(&visit.actor, id)
        .await
        .map_err(|e| visit.fail(&e))?;
    let status = match typed.meanwhile {
        Some(_) => StatusCode::CONFLICT,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let typed = foreseen(visit, asked, &detail, typed).await;
    Ok(visit.page_with(status, |cx| view_command(cx, asked, &detail, &typed)))
}

pub fn view_command(cx: &Cx, asked: Asked, detail: &ExperimentDetail, typed: &Typed) -> Page {
    let experiment = &detail.experiment;
    let home = format!("/experiments/{}", experiment.id);
    let [_, title, _] = asked.words(cx);
    let title = title.replacen("{0}", &experiment.name, 1);
    let verb = asked.command(String::new()).verb();
    let permitted = may_give(cx, experiment, detail.rules, verb);
    let fits = experiment.takes(verb, cx.now_ms);
    let lacks = fits && lacks_approval(experiment, detail.rules, verb);
    let not_now = match (&permitted, fits) {
        (Err(reason), _) => Some(reason.clone()),
        (Ok(()), false) => Some(match (asked, experiment.status) {
            (Asked::HoldRamp, Status::Running) => cx.t(L::NothingToHold).to_owned(),
            (Asked::ContinueRamp, Status::Running) => cx.t(L::NotHeld).to_owned(),
            (_, status) => cx.f(W::NotWhile, &[cx.t(StatusWord::of(status))]),
        }),
        (Ok(()), true) => None,
    };
    // What can't be done has no consequences.
    let act = match not_now {
        Some(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: lacks.then(|| ask_link(cx, experiment)).flatten().into_any(),
        }),
        None => view! {
            {consequences(cx, what(cx, asked, detail, typed))}
            {typed.what_if.as_ref().map(|found| view_change(cx, asked, experiment, found))}
            {command_form(cx, asked, experiment, typed, &home)}
        }
        .into_any(),
    };
    let lead = view! { <p class="row-id">{experiment.id.to_string()}</p> }.into_any();
    let problems = (!typed.problems.is_empty()).then(|| problems(cx, asked, typed));
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())}
            {problems}
            {typed.meanwhile.as_ref().map(|found| view_meanwhile(cx, found))}
            {act}
        </div>
    };
    Page::new(title, Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
}

fn problems(cx: &Cx, asked: Asked, typed: &Typed) -> AnyView {
    // The words are called here as their field is.
    let said = |found: &FieldProblem| match words_of(cx, asked) {
        Some([label, _]) if found.field == At::Reason => {
            format!("{label}: {}", problem_text(cx, &found.problem))
        }
        _ => placed_problem(cx, found),
    };
    let items = typed
        .problems
        .iter()
        .map(|found| view! { <li>{listed(&said(found))}</li> })
        .collect_view();
    let shown = callout(Callout {
        tone: Tone::Bad,
        title: cx.t(W::NotDone).to_owned(),
        body: view! { <ul class="rules">{items}</ul> }.into_any(),
    });
    view! {
        <div role="alert" tabindex="-1" autofocus=true>
            {shown}
        </div>
    }
    .into_any()
}

fn command_form(
    cx: &Cx,
    asked: Asked,
    experiment: &Experiment,
    typed: &Typed,
    home: &str,
) -> AnyView {
    let [_, _, action] = asked.words(cx);
    let words = words_of(cx, asked).map(|words| reason_field(cx, asked, words, typed));
    let version = asked.needs_version().then(|| {
        view! { <input type="hidden" name="version" value=experiment.version.to_string() /> }
    });
    let fields = view! {
        {version}
        {words}
    };
    if asked.asks_name() {
        let form = NameForm {
            name: experiment.id.to_string(),
            typed: typed.name.clone(),
            action,
            back: home.to_owned(),
        };
        return name_form(cx, form, fields.into_any());
    }
    view! {
        <form method="post" action=cx.here() class="act-form">
            {fields}
            <button type="submit" class="button primary">
                {icon(asked.mark())}
                <span>{action}</span>
            </button>
            <a class="button quiet-button" href=home.to_owned()>
                {cx.t(Common::Cancel)}
            </a>
        </form>
    }
    .into_any()
}

/// Label and help of the field of words, where there is one.
fn words_of(cx: &Cx, asked: Asked) -> Option<[&'static str; 2]> {
    match asked {
        Asked::AskReview => Some([cx.t(R::AskWords), cx.t(R::AskWordsHelp)]),
        Asked::Approve | Asked::SendBack => Some([cx.t(R::Words), cx.t(R::WordsHelp)]),
        Asked::Stop => Some([cx.t(W::Reason), cx.t(W::ReasonHelp)]),
        _ => None,
    }
}

fn reason_field(cx: &Cx, asked: Asked, [label, help]: [&'static str; 2], typed: &Typed) -> AnyView {
    let mut field =
        Field::new("reason", label)
            .help(help)
            .error(error_of(cx, &typed.problems, At::Reason));
    field.required = asked == Asked::SendBack;
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = field.id.clone();
    let text = text_area(id, "reason", 3, &typed.reason, "", described, invalid);
    field.wrap(text)
}
