//! `/settings/sdk-keys/new`, and the one time a server key is shown.

use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::SdkKeyOnce;
use nexus_domain::access::Action;
use nexus_domain::sdk_key::{SdkKeyDraft, SdkKeyKind};
use nexus_domain::{Environment, Field as At, FieldProblem};

use super::fields::{name_field, origins_field, origins_of, summary};
use super::usage::view_usage;
use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::problems::error_of;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::sdk_keys::SdkKeyWord as W;
use crate::ui::{
    Callout, Field, Tone, callout, check_row, copy, field_error, page_head, select, submit,
};

pub async fn form(visit: Visit) -> Answer {
    let environment = visit.cx.environment;
    let action = Action::ManageSdkKeys;
    if !visit.cx.may(action, Some(environment)) {
        return Err(visit.fail(&Error::Forbidden { action }));
    }
    let draft = SdkKeyDraft::starter(environment);
    Ok(visit.page(|cx| view_form(cx, &draft, "", &[])))
}

pub async fn create(visit: Visit, body: String) -> Answer {
    let form = Form::parse(&body);
    let typed = form.get("origins");
    let here = visit.cx.environment;
    let draft = SdkKeyDraft {
        name: form.trimmed("name"),
        environment: Environment::parse(form.get("environment")).unwrap_or(here),
        kind: SdkKeyKind::parse(form.get("kind")).unwrap_or(SdkKeyKind::Client),
        origins: origins_of(typed),
        encrypted: form.has("encrypted"),
    };
    let made = visit.console.create_sdk_key(&visit.actor, draft.clone());
    match made.await {
        Ok(made) if made.sdk_key.kind == SdkKeyKind::Server => {
            Ok(visit.page(|cx| view_once(cx, &made)))
        }
        Ok(made) => {
            let home = home(&made.sdk_key);
            Ok(see_other(&format!("{home}?done=sdk-key-created")))
        }
        Err(Error::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_form(cx, &draft, typed, &problems)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

/// `origins` are as typed.
pub fn view_form(cx: &Cx, draft: &SdkKeyDraft, origins: &str, problems: &[FieldProblem]) -> Page {
    let environments = Environment::ALL
        .into_iter()
        .filter(|e| cx.may(Action::ManageSdkKeys, Some(*e)))
        .map(|e| {
            let name = cx.t(EnvironmentWord::of(e)).to_owned();
            (e.as_str().to_owned(), name)
        })
        .collect();
    let environment = Field::new("environment", cx.t(W::Environment)).error(error_of(
        cx,
        problems,
        At::Environment,
    ));
    let kind = |kind: SdkKeyKind, help: W| {
        let (value, label) = (kind.as_str().to_owned(), cx.t(W::of(kind)).to_owned());
        let help = Some(cx.t(help).to_owned());
        check_row("radio", "kind", value, draft.kind == kind, label, help)
    };
    let full = error_of(cx, problems, At::SdkKeys);
    let encrypted = check_row(
        "checkbox",
        "encrypted",
        "yes".to_owned(),
        draft.encrypted,
        cx.t(W::Encrypted).to_owned(),
        Some(cx.t(W::EncryptedHelp).to_owned()),
    );
    let lead = view! { <p>{cx.t(W::NewLead)}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(cx.t(W::New).to_owned(), lead, ().into_any())} {summary(cx, origins, problems)}
            <form method="post" action=cx.here() class="form" novalidate=true>
                {name_field(cx, &draft.name, problems)}
                <div id="sdk-keys" tabindex="-1">
                    {select(environment, "environment", draft.environment.as_str(), environments)}
                    {field_error("sdk-keys", full)}
                </div>
                <fieldset class="field">
                    <legend class="field-label">{cx.t(W::Kind)}</legend>
                    <div class="cards">
                        {kind(SdkKeyKind::Client, W::ClientHelp)}
                        {kind(SdkKeyKind::Server, W::ServerHelp)}
                    </div>
                </fieldset>
                {origins_field(cx, origins, problems)}
                <fieldset class="field">
                    <legend class="field-label">{cx.t(W::Encryption)}</legend>
                    {encrypted}
                </fieldset>
                <div class="form-foot">
                    {submit("primary", cx.t(W::New))}
                    <a class="button quiet-button" href=LIST>
                        {cx.t(Common::Cancel)}
                    </a>
                </div>
            </form>
        </div>
    };
    Page::new(cx.t(W::New), Place::SDK_KEYS, body.into_any()).below(LIST, cx.t(W::Title))
}

/// The text of a server key, once. The response must not be stored anywhere.
pub fn view_once(cx: &Cx, made: &SdkKeyOnce) -> Page {
    let key = &made.sdk_key;
    let body = view! {
        <p>{cx.t(W::OnceText)}</p>
        <p class="secret">
            <code aria-label=cx.t(W::Key)>{made.key.clone()}</code>
            {copy(cx, made.key.clone())}
        </p>
    };
    let shown = callout(Callout {
        tone: Tone::Warn,
        title: cx.t(W::OnceTitle).to_owned(),
        body: body.into_any(),
    });
    let body = view! {
        <div class="narrow">
            {page_head(key.name.clone(), ().into_any(), ().into_any())} {shown}
            <a class="button primary" href=home(key)>
                {cx.t(W::ToKey)}
            </a> {view_usage(cx, key, key.encryption_key.is_some())}
        </div>
    };
    Page::new(key.name.clone(), Place::SDK_KEYS, body.into_any()).below(LIST, cx.t(W::Title))
}
