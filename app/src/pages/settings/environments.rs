//! `/settings/environments`: what each environment asks of its experiments, and keeps of them.

use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_domain::access::Action;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::{Environment, Field as At, FieldProblem, Problem};

use crate::cx::Cx;
use crate::format::parse_count;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::problems::{error_of, summary_within};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::review::ReviewWord as W;
use crate::ui::{Allowed, Field, Input, check_row, environment_chip, input, page_head};

/// A form that was refused.
pub struct Typed {
    pub environment: Environment,
    pub review: bool,
    pub raw_days: String,
    pub problems: Vec<FieldProblem>,
}

pub async fn show(visit: Visit) -> Answer {
    page(&visit, StatusCode::OK, None).await
}

pub async fn change(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let named = form.trimmed("environment");
    let Some(environment) = Environment::parse(&named) else {
        let (kind, id) = ("environment", named.chars().take(40).collect());
        return Err(visit.fail(&Error::NotFound { kind, id }));
    };
    let mut typed = Typed {
        environment,
        review: form.has("review"),
        raw_days: form.trimmed("raw_days"),
        problems: Vec::new(),
    };
    // Of too many the console says how many may be.
    let days = parse_count(&typed.raw_days).map(|days| u16::try_from(days).unwrap_or(u16::MAX));
    let Some(raw_days) = days else {
        typed.problems = vec![FieldProblem::new(
            At::RawDays,
            Problem::not_whole(At::RawDays),
        )];
        return refuse(&visit, typed).await;
    };
    let rules = EnvironmentRules {
        environment,
        review: typed.review,
        raw_days,
    };
    let done = visit.console.set_environment_rules(&visit.actor, rules);
    match done.await {
        Ok(_) => Ok(see_other("/settings/environments?done=saved")),
        Err(Error::Invalid(problems)) => {
            typed.problems = problems;
            refuse(&visit, typed).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// Only who may change it is told what is wrong with what they typed.
async fn refuse(visit: &Visit, typed: Typed) -> Answer {
    let action = Action::ManageEnvironments;
    if !visit.cx.may(action, Some(typed.environment)) {
        return Err(visit.fail(&Error::Forbidden { action }));
    }
    page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some(&typed)).await
}

async fn page(visit: &Visit, status: StatusCode, typed: Option<&Typed>) -> Answer {
    let rules = visit.console.environment_rules(&visit.actor).await;
    let rules = rules.map_err(|e| visit.fail(&e))?;
    Ok(visit.page_with(status, |cx| view_environments(cx, &rules, typed)))
}

pub fn view_environments(cx: &Cx, rules: &[EnvironmentRules], typed: Option<&Typed>) -> Page {
    let of = |rules: &EnvironmentRules| typed.filter(|t| t.environment == rules.environment);
    // Who may change none of them is told so once.
    let why_none = match rules.iter().all(|rules| may_change(cx, rules).is_err()) {
        true => rules.first().and_then(|rules| may_change(cx, rules).err()),
        false => None,
    };
    let is_told = why_none.is_some();
    let forms = rules
        .iter()
        .map(|rules| form(cx, *rules, of(rules), is_told));
    let lead = view! { <p>{cx.t(W::EnvironmentsLead)}</p> }.into_any();
    let title = cx.t(W::EnvironmentsTitle);
    let body = view! {
        <div class="narrow">
            {page_head(title.to_owned(), lead, ().into_any())}
            {why_none.map(|reason| view! { <p class="quiet">{reason}</p> })}
            {typed.map(|typed| wrong(cx, typed))} {forms.collect_view()}
        </div>
    };
    Page::new(title, Place::ENVIRONMENTS, body.into_any())
}

/// Every environment has the same fields: whose they are is said.
fn wrong(cx: &Cx, typed: &Typed) -> AnyView {
    let name = cx.t(EnvironmentWord::of(typed.environment));
    summary_within(cx, name, &typed.problems)
}

fn may_change(cx: &Cx, rules: &EnvironmentRules) -> Allowed {
    allowed(cx, Action::ManageEnvironments, Some(rules.environment))
}

/// `is_told`: the page has said that the visitor may not change it.
fn form(cx: &Cx, rules: EnvironmentRules, typed: Option<&Typed>, is_told: bool) -> AnyView {
    let name = rules.environment.as_str();
    let id = format!("environment-{name}");
    let act = match may_change(cx, &rules) {
        Err(reason) => view_rules(cx, rules, (!is_told).then_some(reason)),
        Ok(()) => view_form(cx, rules, typed),
    };
    view! {
        <section class="panel" aria-labelledby=id.clone()>
            <h2 id=id.clone()>{environment_chip(cx, rules.environment)}</h2>
            {act}
        </section>
    }
    .into_any()
}

fn view_rules(cx: &Cx, rules: EnvironmentRules, reason: Option<String>) -> AnyView {
    let review = if rules.review {
        W::ReviewOn
    } else {
        W::ReviewOff
    };
    let raw = match rules.raw_days {
        0 => cx.t(W::RawOff).to_owned(),
        days => cx.f(W::RawOn, &[&days.to_string()]),
    };
    view! {
        <p>{cx.t(review)}</p>
        <p>{raw}</p>
        {reason.map(|reason| view! { <p class="panel-quiet">{reason}</p> })}
    }
    .into_any()
}

fn view_form(cx: &Cx, rules: EnvironmentRules, typed: Option<&Typed>) -> AnyView {
    let (label, help) = (
        cx.t(W::Required).to_owned(),
        cx.t(W::RequiredHelp).to_owned(),
    );
    let review = typed.map_or(rules.review, |typed| typed.review);
    let tick = check_row(
        "checkbox",
        "review",
        "on".to_owned(),
        review,
        label,
        Some(help),
    );
    let name = rules.environment.as_str();
    let raw_days = typed.map_or(rules.raw_days.to_string(), |typed| typed.raw_days.clone());
    // The summary leads to the one that was typed.
    let id = match typed {
        Some(_) => "raw_days".to_owned(),
        None => format!("raw-days-{name}"),
    };
    let problems = typed.map_or(&[][..], |typed| &typed.problems);
    let days = Field::new(id, cx.t(W::RawDays))
        .help(cx.t(W::RawDaysHelp))
        .error(error_of(cx, problems, At::RawDays));
    view! {
        <form method="post" action=cx.here() class="form-fields" novalidate=true>
            <input type="hidden" name="environment" value=name />
            {tick}
            {input(Input {
                class: "short",
                inputmode: Some("numeric"),
                ..Input::text(days, "raw_days", raw_days)
            })}
            <div class="act-form">
                <button type="submit" class="button">
                    {cx.t(Common::Save)}
                </button>
            </div>
        </form>
    }
    .into_any()
}
