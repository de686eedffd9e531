//! `/experiments/{id}/decide`: what came of it, and the winner as flags.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, ShipPlan};
use nexus_control::{Deciding, Error};
use nexus_domain::access::Action;
use nexus_domain::experiment::{Command, Evidence, Experiment, Outcome, Status, Stop};
use nexus_domain::{Field as At, FieldProblem};

use super::detail::stopped_of;
use super::lift::{Unit, interval, lift_text};
use super::meanwhile::{Meanwhile, view_meanwhile};
use super::parts::{allowed, name_of, rolled_out};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::flags::short_value;
use crate::pages::problems::error_of;
use crate::pages::sure::{NameForm, name_field};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::decide::DecideWord as W;
use crate::text::domain::StatusWord;
use crate::text::experiments::{CommandWord, ListWord};
use crate::text::metric::MetricWord;
use crate::text::problem::{ProblemWord, place, placed_problem, problem_text};
use crate::ui::{
    Callout, Field, Tone, callout, check_row, error_summary, field_error, page_head, text_area,
};

/// The form as typed.
#[derive(Default)]
pub struct Typed {
    /// `ship:<variant>`, `keep_control` or `inconclusive`.
    pub outcome: String,
    pub learned: String,
    pub as_flags: bool,
    /// What was typed to confirm; asked for while it has not ended.
    pub name: Option<String>,
    pub problems: Vec<FieldProblem>,
    /// Sent without a choice.
    pub unchosen: bool,
    /// What others did in between.
    pub meanwhile: Option<Meanwhile>,
}

impl Typed {
    /// What was decided before. Whatever the numbers say, a person chooses: nothing is
    /// recorded with one press.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        let conclusion = experiment.conclusion.as_ref();
        Self {
            outcome: conclusion.map(|c| written(&c.outcome)).unwrap_or_default(),
            learned: conclusion.map(|c| c.learned.clone()).unwrap_or_default(),
            as_flags: conclusion.is_none(),
            ..Self::default()
        }
    }

    fn of_form(form: &Form) -> Self {
        Self {
            outcome: form.trimmed("outcome"),
            learned: form.get("learned").to_owned(),
            as_flags: form.has("as_flags"),
            ..Self::default()
        }
    }
}

fn written(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Ship { variant } => format!("ship:{variant}"),
        Outcome::KeepControl => "keep_control".to_owned(),
        Outcome::Inconclusive => "inconclusive".to_owned(),
    }
}

fn outcome_of(text: &str) -> Option<Outcome> {
    match text.split_once(':') {
        Some(("ship", variant)) => Some(Outcome::Ship {
            variant: variant.to_owned(),
        }),
        _ if text == "keep_control" => Some(Outcome::KeepControl),
        _ if text == "inconclusive" => Some(Outcome::Inconclusive),
        _ => None,
    }
}

/// The decision in words.
#[must_use]
pub fn outcome_text(cx: &Cx, experiment: &Experiment, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Ship { variant } => cx.f(W::Ship, &[&name_of(experiment, variant)]),
        Outcome::KeepControl => cx.t(W::KeepControl).to_owned(),
        Outcome::Inconclusive => cx.t(W::Inconclusive).to_owned(),
    }
}

/// Deciding ends what has not ended, for good: as for a stop, its id is typed.
const fn ends(experiment: &Experiment) -> bool {
    experiment.status.at_the_edge()
}

pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let (detail, plans) = load(&visit, &id).await?;
    let typed = Typed::of(&detail.experiment);
    Ok(visit.page(|cx| view_decide(cx, &detail, &plans, &typed)))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let mut typed = Typed::of_form(&form);
    let stored = visit.console.experiment(&visit.actor, &id).await;
    let stored = stored.map_err(|e| visit.fail(&e))?.experiment;
    typed.name = ends(&stored).then(|| form.trimmed("typed"));
    let misnamed = typed.name.as_ref().is_some_and(|typed| *typed != id);
    let outcome = outcome_of(&typed.outcome);
    typed.unchosen = outcome.is_none();
    let Some(outcome) = outcome.filter(|_| !misnamed) else {
        return refused(&visit, &id, &typed).await;
    };
    let deciding = Deciding {
        outcome,
        learned: typed.learned.clone(),
        as_flags: typed.as_flags,
    };
    let version = form.get("version").parse().ok();
    let console = &visit.console;
    let decided = console.decide_experiment(&visit.actor, &id, version, deciding);
    match decided.await {
        Ok(_) => Ok(see_other(&format!("/experiments/{id}?done=decided"))),
        Err(Error::Invalid(problems)) => {
            typed.problems = problems;
            refused(&visit, &id, &typed).await
        }
        Err(Error::Conflict { expected, .. }) => {
            typed.meanwhile = Some(Meanwhile::since(&visit, &id, expected).await?);
            refused(&visit, &id, &typed).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn load(visit: &Visit, id: &str) -> Result<(ExperimentDetail, Vec<ShipPlan>), Response> {
    let (console, actor) = (&visit.console, &visit.actor);
    let detail = console.experiment(actor, id).await;
    let plans = console.shipping(actor, id).await;
    let both = detail.and_then(|detail| Ok((detail, plans?)));
    both.map_err(|e| visit.fail(&e))
}

async fn refused(visit: &Visit, id: &str, typed: &Typed) -> Answer {
    let (detail, plans) = load(visit, id).await?;
    let status = match typed.meanwhile {
        Some(_) => StatusCode::CONFLICT,
        None => StatusCode::UNPROCESSABLE_ENTITY,
    };
    Ok(visit.page_with(status, |cx| view_decide(cx, &detail, &plans, typed)))
}

pub fn view_decide(cx: &Cx, detail: &ExperimentDetail, plans: &[ShipPlan], typed: &Typed) -> Page {
    let experiment = &detail.experiment;
    let home = format!("/experiments/{}", experiment.id);
    let title = cx.f(W::Title, &[&experiment.name]);
    let fits = Command::Decide {
        outcome: Outcome::Inconclusive,
        learned: String::new(),
    }
    .fits(experiment.status);
    let permitted = allowed(cx, Action::DecideExperiment, Some(experiment.environment));
    let not_now = match (permitted, fits) {
        (Err(reason), _) => Some(reason),
        (Ok(()), false) => {
            let status = cx.t(StatusWord::of(experiment.status));
            Some(cx.f(CommandWord::NotWhile, &[status]))
        }
        (Ok(()), true) => None,
    };
    let act = match not_now {
        Some(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        }),
        None => view_form(cx, detail, plans, typed, &home),
    };
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())}
            {errors(cx, experiment, typed)}
            {typed.meanwhile.as_ref().map(|found| view_meanwhile(cx, found))}
            {act}
        </div>
    };
    Page::new(title, Place::EXPERIMENTS, body.into_any())
        .below("/experiments", cx.t(ListWord::Title))
        .below(home, experiment.name.clone())
}

/// Everything wrong with the form, with links to its fields.
fn errors(cx: &Cx, experiment: &Experiment, typed: &Typed) -> AnyView {
    let id = experiment.id.as_str();
    let misnamed = typed.name.as_ref().is_some_and(|typed| typed != id);
    let misnamed = misnamed.then(|| ("typed".to_owned(), cx.f(CommandWord::WrongName, &[id])));
    let unchosen = ("variants".to_owned(), cx.t(W::Choose).to_owned());
    let unchosen = typed.unchosen.then_some(unchosen);
    let others = typed.problems.iter();
    let others = others.map(|p| (place(p.field).1, placed_problem(cx, p)));
    let all: Vec<(String, String)> = unchosen.into_iter().chain(others).chain(misnamed).collect();
    let title = cx.f(ProblemWord::Summary, &[&all.len().to_string()]);
    error_summary(title, all)
}

fn view_form(
    cx: &Cx,
    detail: &ExperimentDetail,
    plans: &[ShipPlan],
    typed: &Typed,
    home: &str,
) -> AnyView {
    let experiment = &detail.experiment;
    let warning = ends(experiment).then(|| {
        let title = match experiment.status {
            Status::Paused => W::EndsPaused,
            _ => W::Ends,
        };
        let body = view! { <p>{cx.t(CommandWord::StopB)}</p> };
        callout(Callout {
            tone: Tone::Warn,
            title: cx.t(title).to_owned(),
            body: body.into_any(),
        })
    });
    let harm = experiment.stop.as_ref().and_then(Stop::evidence);
    let harm = harm.filter(Evidence::is_harm);
    let hurt = harm.as_ref().and_then(Evidence::variant);
    let stopped = harm.as_ref().map(|evidence| {
        let (tone, title, text) = stopped_of(cx, detail, evidence);
        callout(Callout {
            tone,
            title,
            body: view! { <p>{text}</p> }.into_any(),
        })
    });
    let stays = rolled_out(cx, experiment).map(|flags| {
        view! {
            <p class="panel-line">
                {flags} ". " {cx.t(W::RolledOutStays)}
            </p>
        }
    });
    let results = &detail.results;
    let lifts = results.deciding_lifts();
    let unit = Unit::of(experiment.primary());
    let decides = experiment.primary().map(|metric| {
        let said = cx.f(MetricWord::Decides, &[&metric.key]);
        view! { <p class="field-help">{said}</p> }
    });
    let ships = experiment.variants.iter().skip(1).map(|variant| {
        let mut of = results.variants.iter().zip(&lifts);
        let of = of.find(|(v, _)| v.key == variant.key);
        let help = match of.and_then(|(_, lift)| lift.as_ref()) {
            Some(lift) => cx.f(
                W::Lift,
                &[&lift_text(cx, unit, lift), &interval(cx, unit, lift)],
            ),
            None => cx.t(W::ShipHelp).to_owned(),
        };
        let help = match hurt == Some(variant.key.as_str()) {
            true => format!("{} {help}", cx.t(W::ShipHurt)),
            false => help,
        };
        let label = cx.f(W::Ship, &[&name_of(experiment, &variant.key)]);
        (format!("ship:{}", variant.key), label, help)
    });
    let others = [
        ("keep_control", W::KeepControl, W::KeepControlHelp),
        ("inconclusive", W::Inconclusive, W::InconclusiveHelp),
    ]
    .map(|(value, label, help)| {
        let [label, help] = [label, help].map(|word| cx.t(word).to_owned());
        (value.to_owned(), label, help)
    });
    let choices = ships
        .chain(others)
        .map(|(value, label, help)| {
            let chosen = value == typed.outcome;
            check_row("radio", "outcome", value, chosen, label, Some(help))
        })
        .collect_view();
    let has_flags = plans
        .iter()
        .any(|plan| !plan.flags.is_empty() || !plan.problems.is_empty());
    let unchosen = typed.unchosen.then(|| cx.t(W::Choose).to_owned());
    let field = Field::new("learned", cx.t(W::Learned))
        .help(cx.t(W::LearnedHelp))
        .error(error_of(cx, &typed.problems, At::Reason));
    let (described, invalid) = (field.described_by(), field.error.is_some());
    let id = field.id.clone();
    let learned = text_area(id, "learned", 4, &typed.learned, "", described, invalid);
    // Once it has ended everybody has the control already.
    let as_flags_help = match experiment.status {
        Status::Running => W::AsFlagsHelp,
        _ => W::AsFlagsLater,
    };
    let as_flags = check_row(
        "checkbox",
        "as_flags",
        "on".to_owned(),
        typed.as_flags,
        cx.t(W::AsFlags).to_owned(),
        Some(cx.t(as_flags_help).to_owned()),
    );
    let plans = plans
        .iter()
        .map(|plan| view_plan(cx, experiment, plan))
        .collect_view();
    let described = typed.unchosen.then_some("variants-error");
    view! {
        {warning}
        {stopped}
        {stays}
        <form method="post" action=cx.here() class="form-fields">
            <input type="hidden" name="version" value=experiment.version.to_string() />
            <fieldset
                class="field"
                id="variants"
                role="radiogroup"
                aria-required="true"
                aria-describedby=described
            >
                <legend class="field-label">
                    {cx.t(W::Answer)} <span class="req" aria-hidden="true">
                        "*"
                    </span>
                </legend>
                {decides}
                <div class="cards">{choices}</div>
                {field_error("variants", unchosen)}
            </fieldset>
            {field.wrap(learned)}
            <div class="field ship-only">{has_flags.then_some(as_flags)} {plans}</div>
            <div class="act-form">{buttons(cx, experiment, typed, home)}</div>
        </form>
    }
    .into_any()
}

fn buttons(cx: &Cx, experiment: &Experiment, typed: &Typed, home: &str) -> AnyView {
    if ends(experiment) {
        let form = NameForm {
            name: experiment.id.to_string(),
            typed: typed.name.clone(),
            action: cx.t(W::ActEnds),
            back: home.to_owned(),
        };
        return name_field(cx, form);
    }
    view! {
        <button type="submit" class="button primary">
            {cx.t(W::Act)}
        </button>
        <a class="button quiet-button" href=home.to_owned()>
            {cx.t(Common::Cancel)}
        </a>
    }
    .into_any()
}

/// What the check box would do for this variant.
fn view_plan(cx: &Cx, experiment: &Experiment, plan: &ShipPlan) -> AnyView {
    let mut lines: Vec<String> = plan
        .flags
        .iter()
        .map(|flag| {
            let value = flag.value.as_ref().map(short_value).unwrap_or_default();
            let word = match (flag.exists, flag.enabled) {
                (false, _) => W::FlagNew,
                (true, true) => W::FlagRule,
                (true, false) => W::FlagRuleOff,
            };
            let said = cx.f(word, &[&flag.key, &value]);
            match (&flag.off_value, flag.exists) {
                (Some(off), false) => {
                    format!("{said}; {}", cx.f(W::WhileOff, &[&short_value(off)]))
                }
                _ => said,
            }
        })
        .collect();
    let problems = plan.problems.iter();
    lines.extend(problems.map(|p| cx.f(W::CanNot, &[&problem_text(cx, &p.problem)])));
    if lines.is_empty() {
        let variant = experiment.variant(&plan.variant);
        let word = match variant.is_some_and(|variant| !variant.features.is_empty()) {
            true => W::FlagsThere,
            false => W::NoFeatures,
        };
        lines.push(cx.t(word).to_owned());
    }
    let lines = lines
        .into_iter()
        .map(|line| view! { <li>{line}</li> })
        .collect_view();
    view! {
        <div class="plan-of">
            <p class="panel-line">{cx.f(W::FlagsOf, &[&name_of(experiment, &plan.variant)])}</p>
            <ul class="rules">{lines}</ul>
        </div>
    }
    .into_any()
}

/// Whether the question waits for its answer.
#[must_use]
pub(super) const fn action_word(status: Status) -> W {
    match status {
        Status::Decided => W::Again,
        _ => W::Short,
    }
}
