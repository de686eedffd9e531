//! `/experiments/{id}/qa` and `/flags/{environment}/{key}/qa`: links by which a browser sees a
//! variant or value and counts nowhere.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{QaLinkRow, QaLinks};
use nexus_domain::access::Action;
use nexus_domain::qa::{QaDraft, QaLink, QaTarget, USUAL_HOURS};
use nexus_domain::{Environment, Field as At, FieldProblem};
use serde_json::Value;

use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::experiments::parts::{allowed, gateways_panel};
use crate::pages::flags::short_value;
use crate::pages::problems::{error_of, summary};
use crate::pages::subject::{Subject, nowhere, subject_of_experiment, subject_of_flag};
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::experiments::ListWord;
use crate::text::flags::FlagListWord;
use crate::text::qa::QaWord as W;
use crate::ui::{
    Field, Icon, Input, act_link, check_row, copy, environment_chip, field_error, icon, input,
    page_head, panel, select, submit, when,
};

/// What was typed, exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    pub page: String,
    pub hours: String,
    /// As JSON.
    pub only: Vec<String>,
}

impl Typed {
    fn of_form(form: &Form) -> Self {
        Self {
            page: form.trimmed("page"),
            hours: form.trimmed("hours"),
            only: form.all("only").into_iter().map(str::to_owned).collect(),
        }
    }

    fn draft(&self) -> QaDraft {
        let only = self.only.iter();
        QaDraft {
            page: self.page.clone(),
            hours: self.hours.parse().unwrap_or(0),
            only: only
                .map(|text| serde_json::from_str(text).unwrap_or(Value::Null))
                .collect(),
        }
    }
}

/// The way to the page, for those who may.
#[must_use]
pub(crate) fn qa_link(cx: &Cx, home: &str, environment: Environment) -> AnyView {
    act_link(
        "",
        Some(Icon::Search),
        cx.t(W::Title),
        format!("{home}/qa"),
        allowed(cx, Action::MakeQaLinks, Some(environment)),
    )
}

pub async fn of_experiment(visit: Visit, Path(id): Path<String>) -> Answer {
    let (subject, links) = experiment(&visit, &id).await?;
    let typed = fresh(&links);
    Ok(visit.page(|cx| view_links(cx, &subject, &links, &typed, &[])))
}

pub async fn for_experiment(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let typed = Typed::of_form(&Form::parse(&body));
    let draft = typed.draft();
    let made = visit.console.make_variant_links(&visit.actor, &id, &draft);
    match made.await {
        Ok(_) => Ok(see_other(&format!("/experiments/{id}/qa?done=qa-made"))),
        Err(Error::Invalid(problems)) => {
            let (subject, links) = experiment(&visit, &id).await?;
            Ok(refused(&visit, &subject, &links, &typed, &problems))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

pub async fn of_flag(visit: Visit, Path((environment, key)): Path<(String, String)>) -> Answer {
    let (subject, links) = flag(&visit, &environment, &key).await?;
    let typed = fresh(&links);
    Ok(visit.page(|cx| view_links(cx, &subject, &links, &typed, &[])))
}

pub async fn for_flag(
    visit: Visit,
    Path((environment, key)): Path<(String, String)>,
    body: String,
) -> Answer {
    let typed = Typed::of_form(&Form::parse(&body));
    let at = Environment::parse(&environment).ok_or_else(|| nowhere(&visit, &environment))?;
    let draft = typed.draft();
    let console = &visit.console;
    let made = console.make_value_links(&visit.actor, at, &key, &draft);
    match made.await {
        Ok(_) => Ok(see_other(&format!("/flags/{at}/{key}/qa?done=qa-made"))),
        Err(Error::Invalid(problems)) => {
            let (subject, links) = flag(&visit, &environment, &key).await?;
            Ok(refused(&visit, &subject, &links, &typed, &problems))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

pub async fn ask_revoke(visit: Visit, Path(id): Path<String>) -> Answer {
    let link = visit.console.qa_link(&visit.actor, &id).await;
    let link = link.map_err(|e| visit.fail(&e))?;
    if link.revoked_ms.is_some() {
        return Ok(see_other(&format!("{}/qa", home_of(&link))));
    }
    Ok(visit.page(|cx| view_revoke(cx, &link, None)))
}

pub async fn revoke(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let link = visit.console.qa_link(&visit.actor, &id).await;
    let link = link.map_err(|e| visit.fail(&e))?;
    if let Some(wrong) = wrong_name(&body, &subject_id(&link)) {
        return Ok(again(&visit, |cx| view_revoke(cx, &link, Some(wrong))));
    }
    let revoked = visit.console.revoke_qa_link(&visit.actor, &id).await;
    let home = home_of(&revoked.map_err(|e| visit.fail(&e))?);
    Ok(see_other(&format!("{home}/qa?done=qa-revoked")))
}

/// What a link's experiment or flag is called: a link has no name of its own.
fn subject_id(link: &QaLink) -> String {
    match &link.target {
        QaTarget::Variant { experiment, .. } => experiment.to_string(),
        QaTarget::Value { flag, .. } => flag.to_string(),
    }
}

/// `wrong` is what was typed instead of the experiment's id or the flag's key.
pub fn view_revoke(cx: &Cx, link: &QaLink, wrong: Option<String>) -> Page {
    let subject = subject_id(link);
    let title = cx.f(W::RevokeTitle, &[&called(cx, &link.target)]);
    let (place, word) = match &link.target {
        QaTarget::Variant { .. } => (Place::EXPERIMENTS, cx.t(ListWord::Title)),
        QaTarget::Value { .. } => (Place::FLAGS, cx.t(FlagListWord::Title)),
    };
    let home = home_of(link);
    let back = format!("{home}/qa");
    let sure = Sure {
        title: title.clone(),
        id: link.page.clone(),
        what: [W::RevokeA, W::RevokeB, W::RevokeC]
            .map(|word| cx.t(word).to_owned())
            .into(),
        may: allowed(cx, Action::MakeQaLinks, Some(link.environment)),
        form: NameForm {
            name: subject.clone(),
            typed: wrong,
            action: cx.t(W::Revoke),
            back: back.clone(),
        },
    };
    Page::new(title, place, view_sure(cx, sure))
        .below(place.path, word)
        .below(home, subject)
        .below(back, cx.t(W::Title))
}

fn home_of(link: &QaLink) -> String {
    match &link.target {
        QaTarget::Variant { experiment, .. } => format!("/experiments/{experiment}"),
        QaTarget::Value { flag, .. } => format!("/flags/{}/{flag}", link.environment),
    }
}

async fn experiment(visit: &Visit, id: &str) -> Result<(Subject, QaLinks), Response> {
    let links = visit.console.variant_links(&visit.actor, id).await;
    let links = links.map_err(|e| visit.fail(&e))?;
    Ok((subject_of_experiment(visit, id).await?.0, links))
}

async fn flag(visit: &Visit, environment: &str, key: &str) -> Result<(Subject, QaLinks), Response> {
    let (subject, environment) = subject_of_flag(visit, environment, key).await?;
    let links = visit.console.value_links(&visit.actor, environment, key);
    Ok((subject, links.await.map_err(|e| visit.fail(&e))?))
}

fn fresh(links: &QaLinks) -> Typed {
    Typed {
        page: links.page.clone(),
        hours: USUAL_HOURS.to_string(),
        only: Vec::new(),
    }
}

fn refused(
    visit: &Visit,
    subject: &Subject,
    links: &QaLinks,
    typed: &Typed,
    problems: &[FieldProblem],
) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    visit.page_with(status, |cx| view_links(cx, subject, links, typed, problems))
}

/// “See it as variant short”.
fn called(cx: &Cx, target: &QaTarget) -> String {
    match target {
        QaTarget::Variant { variant, .. } => cx.f(W::SeeVariant, &[variant]),
        QaTarget::Value { value, .. } => cx.f(W::SeeValue, &[&short_value(value)]),
    }
}

pub fn view_links(
    cx: &Cx,
    subject: &Subject,
    links: &QaLinks,
    typed: &Typed,
    problems: &[FieldProblem],
) -> Page {
    let lead = view! {
        <div class="lead-line">{environment_chip(cx, links.environment)} <span>{cx.t(W::Lead)}</span></div>
    };
    let make = match links.open {
        true => form(cx, links, typed, problems),
        false => view! { <p class="panel-quiet">{cx.t(W::Over)}</p> }.into_any(),
    };
    let title = cx.t(W::Title);
    let body = view! {
        {page_head(title.to_owned(), lead.into_any(), ().into_any())} {summary(cx, problems)}
        <div class="columns">
            <div class="column-main">
                {panel("links", cx.t(W::InForce), ().into_any(), list(cx, links))}
                {panel("new", cx.t(W::New), ().into_any(), make)}
            </div>
            <div class="column-side">
                <div id="live-gateways" data-live="">
                    {gateways_panel(cx, &links.propagation)}
                </div>
            </div>
        </div>
    };
    subject.page_below(cx, title, body.into_any()).live()
}

fn list(cx: &Cx, links: &QaLinks) -> AnyView {
    if links.links.is_empty() {
        return view! { <p class="panel-quiet">{cx.t(W::None)}</p> }.into_any();
    }
    let rows = links.links.iter().map(|row| view_link(cx, row));
    view! {
        <ul class="qa-links">{rows.collect_view()}</ul>
        <p class="panel-line">{cx.t(W::Secret)}</p>
        <p class="panel-line">{cx.t(W::Leave)}</p>
    }
    .into_any()
}

fn view_link(cx: &Cx, row: &QaLinkRow) -> AnyView {
    let link = &row.link;
    let name = called(cx, &link.target);
    let label = format!("{}: {name}", cx.t(W::Address));
    view! {
        <li class="qa-link">
            <h3>{name.clone()}</h3>
            <p class="secret">
                <code tabindex="0" aria-label=label>
                    {row.url.clone()}
                </code>
                {copy(cx, row.url.clone())}
            </p>
            <p class="quiet">
                {cx.t(W::Until)} " " {when(cx, link.expires_ms)} " · " {cx.f(W::By, &[cx.named(&link.created_by)])}
            </p>
            <div class="actions">
                <a class="button small" href=row.url.clone() target="_blank" rel="noopener noreferrer">
                    {icon(Icon::ArrowRight)}
                    <span>{cx.t(W::Open)}</span>
                    <span class="sr">{format!(" ({name})")}</span>
                </a>
                <a class="button small danger-quiet" href=format!("/qa-links/{}/revoke", link.id)>
                    {cx.t(W::Revoke)}
                    <span class="sr">{format!(" ({name})")}</span>
                </a>
            </div>
        </li>
    }
    .into_any()
}

fn form(cx: &Cx, links: &QaLinks, typed: &Typed, problems: &[FieldProblem]) -> AnyView {
    let page = input(Input {
        kind: "url",
        class: "mono",
        placeholder: Some("https://shop.example/".to_owned()),
        ..Input::text(
            Field::new("page", cx.t(W::Page))
                .help(cx.t(W::PageHelp))
                .error(error_of(cx, problems, At::QaPage))
                .required(),
            "page",
            typed.page.clone(),
        )
    });
    let hours = [
        ("1", W::Hour),
        ("24", W::Day),
        ("168", W::Week),
        ("720", W::Month),
    ];
    let hours = hours.map(|(hours, word)| (hours.to_owned(), cx.t(word).to_owned()));
    let hours = select(
        Field::new("hours", cx.t(W::Hours)).error(error_of(cx, problems, At::QaHours)),
        "hours",
        &typed.hours,
        hours.into(),
    );
    let targets = links.targets.iter().map(|target| {
        let value = target.choice().to_string();
        let checked = typed.only.contains(&value);
        check_row("checkbox", "only", value, checked, called(cx, target), None)
    });
    view! {
        <form method="post" action=cx.here() class="form-fields" novalidate=true>
            {page} {hours}
            <fieldset class="field" id="only">
                <legend class="field-label">{cx.t(W::Only)}</legend>
                <p class="field-help">{cx.t(W::OnlyHelp)}</p>
                <div class="checks">{targets.collect_view()}</div>
                {field_error("only", error_of(cx, problems, At::QaOnly))}
            </fieldset>
            <div class="form-act">{submit("primary", cx.t(W::Make))}</div>
        </form>
    }
    .into_any()
}
