//! Adding and changing a member: both lead through step-up to a confirmation.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{MemberRow, PendingRequest};
use nexus_domain::access::{Action, Grant};
use nexus_domain::{Field as At, FieldProblem};

use super::grants::{grant_fields, grants_of};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit};
use crate::pages::confirm;
use crate::pages::problems::{error_of, summary};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::settings::MemberWord as W;
use crate::ui::{Field, Input, check_row, input, page_head};

/// The form as typed.
#[derive(Clone, Debug, Default)]
pub struct MemberForm {
    /// Of an existing member: id and version.
    pub existing: Option<(String, u64)>,
    pub email: String,
    pub machine: bool,
    pub disabled: bool,
    pub grants: Vec<Grant>,
}

pub async fn add_form(visit: Visit) -> Answer {
    if let Some(no) = refusal(&visit) {
        return Err(no);
    }
    Ok(visit.page(|cx| view_member(cx, &MemberForm::default(), &[])))
}

pub async fn add(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let typed = MemberForm {
        existing: None,
        email: form.trimmed("email"),
        machine: form.get("kind") == "machine",
        disabled: false,
        grants: grants_of(&form),
    };
    let request = PendingRequest::AddMember {
        email: typed.email.clone(),
        machine: typed.machine,
        grants: typed.grants.clone(),
    };
    to_step_up(&visit, request, &typed).await
}

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    if let Some(no) = refusal(&visit) {
        return Err(no);
    }
    let member = find(&visit, &id).await?;
    let form = MemberForm {
        existing: Some((member.id, member.version)),
        email: member.email,
        machine: member.machine,
        disabled: member.disabled,
        grants: member.grants,
    };
    Ok(visit.page(|cx| view_member(cx, &form, &[])))
}

pub async fn change(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let member = find(&visit, &id).await?;
    let version = form.get("version").parse().unwrap_or(0);
    let typed = MemberForm {
        existing: Some((member.id.clone(), version)),
        email: member.email.clone(),
        machine: member.machine,
        disabled: !form.has("enabled"),
        grants: grants_of(&form),
    };
    let request = PendingRequest::ChangeMember {
        id: member.id,
        email: member.email,
        version,
        grants: typed.grants.clone(),
        disabled: typed.disabled,
    };
    to_step_up(&visit, request, &typed).await
}

/// The page that says no, for those who may not manage members.
fn refusal(visit: &Visit) -> Option<Response> {
    let action = Action::ManageMembers;
    (!visit.cx.may(action, None)).then(|| visit.fail(&Error::Forbidden { action }))
}

async fn find(visit: &Visit, id: &str) -> Result<MemberRow, Response> {
    let members = visit
        .console
        .members(&visit.actor)
        .await
        .map_err(|e| visit.fail(&e))?;
    members
        .into_iter()
        .find(|member| member.id == id)
        .ok_or_else(|| {
            visit.fail(&Error::NotFound {
                kind: "member",
                id: id.to_owned(),
            })
        })
}

/// Stores the request and sends the person through the step-up application.
async fn to_step_up(visit: &Visit, request: PendingRequest, typed: &MemberForm) -> Answer {
    match visit.console.request(&visit.actor, request).await {
        Ok(pending) => Ok(confirm::lead_to(visit, &pending.id)),
        Err(Error::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_member(cx, typed, &problems)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

pub fn view_member(cx: &Cx, form: &MemberForm, problems: &[FieldProblem]) -> Page {
    let title = match form.existing {
        Some(_) => form.email.clone(),
        None => cx.t(W::AddTitle).to_owned(),
    };
    let lead = match form.existing {
        Some(_) => ().into_any(),
        None => view! { <p>{cx.t(W::AddLead)}</p> }.into_any(),
    };
    let version = form.existing.as_ref().map(|(_, version)| {
        view! { <input type="hidden" name="version" value=version.to_string() /> }
    });
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())} {summary(cx, problems)}
            <form method="post" action=cx.here() class="form" novalidate=true>
                {version}
                {if form.existing.is_some() { access(cx, form) } else { identity(cx, form, problems) }}
                {grant_fields(cx, &form.grants, error_of(cx, problems, At::Roles))}
                <div class="form-foot">
                    <button type="submit" class="button primary">
                        {cx.t(W::ToConfirm)}
                    </button>
                    <a class="button quiet-button" href="/settings/members">
                        {cx.t(Common::Cancel)}
                    </a>
                </div>
            </form>
        </div>
    };
    Page::new(title, Place::MEMBERS, body.into_any()).below("/settings/members", cx.t(W::Title))
}

fn identity(cx: &Cx, form: &MemberForm, problems: &[FieldProblem]) -> AnyView {
    let field = Field::new("email", cx.t(W::Email))
        .help(cx.t(W::EmailHelp))
        .error(error_of(cx, problems, At::Email))
        .required();
    let kind = |value: &str, label: W, help: W, on: bool| {
        let (label, help) = (cx.t(label).to_owned(), cx.t(help).to_owned());
        check_row("radio", "kind", value.to_owned(), on, label, Some(help))
    };
    view! {
        {input(Input::text(field, "email", form.email.clone()))}
        <fieldset class="field">
            <legend class="field-label">{cx.t(W::Kind)}</legend>
            <div class="cards">
                {kind("person", W::KindPerson, W::KindPersonHelp, !form.machine)}
                {kind("machine", W::KindMachine, W::KindMachineHelp, form.machine)}
            </div>
        </fieldset>
    }
    .into_any()
}

fn access(cx: &Cx, form: &MemberForm) -> AnyView {
    let (label, help) = (cx.t(W::Enabled).to_owned(), cx.t(W::EnabledHelp).to_owned());
    view! {
        <fieldset class="field">
            <legend class="field-label">{cx.t(W::Access)}</legend>
            {check_row("checkbox", "enabled", "yes".to_owned(), !form.disabled, label, Some(help))}
        </fieldset>
    }
    .into_any()
}
