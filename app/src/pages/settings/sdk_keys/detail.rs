//! `/settings/sdk-keys/{id}`: the key, how to use it, and what can change.

use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::SdkKeyDetail;
use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::sdk_key::{EncryptionChange, SdkKey, SdkKeyEdit, SdkKeyKind};

use super::encryption::href;
use super::fields::{name_field, origins_field, origins_of, summary};
use super::list::{origins, state};
use super::usage::view_usage;
use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::audit::row::compact;
use crate::pages::experiments::parts::{allowed, gateways_panel};
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::sdk_keys::SdkKeyWord as W;
use crate::ui::{
    Allowed, Callout, Icon, Tone, act_link, callout, copy, environment_chip, page_head, panel,
    submit, when,
};

/// The form of name and origins as typed.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The version that the page was opened at.
    pub version: u64,
    pub name: String,
    pub origins: String,
}

impl Typed {
    #[must_use]
    pub fn of(key: &SdkKey) -> Self {
        Self {
            version: key.version,
            name: key.name.clone(),
            origins: key.origins.join("\n"),
        }
    }
}

pub async fn show(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = load(&visit, &id).await?;
    let typed = Typed::of(&detail.sdk_key);
    Ok(visit.page(|cx| view_key(cx, &detail, &typed, &[])))
}

pub async fn change(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let form = Form::parse(&body);
    let detail = load(&visit, &id).await?;
    let typed = Typed {
        version: form.get("version").parse().unwrap_or(0),
        name: form.trimmed("name"),
        origins: form.get("origins").to_owned(),
    };
    let edit = SdkKeyEdit {
        name: typed.name.clone(),
        origins: origins_of(&typed.origins),
        encryption: EncryptionChange::Keep,
    };
    let console = &visit.console;
    let changed = console.change_sdk_key(&visit.actor, &id, typed.version, &edit);
    match changed.await {
        Ok(key) => Ok(see_other(&format!("{}?done=saved", home(&key)))),
        Err(Error::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(visit.page_with(status, |cx| view_key(cx, &detail, &typed, &problems)))
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn load(visit: &Visit, id: &str) -> Result<SdkKeyDetail, Response> {
    let detail = visit.console.sdk_key(&visit.actor, id).await;
    detail.map_err(|e| visit.fail(&e))
}

pub fn view_key(cx: &Cx, detail: &SdkKeyDetail, typed: &Typed, problems: &[FieldProblem]) -> Page {
    let key = &detail.sdk_key;
    let in_use = key.revoked_ms.is_none();
    let lead = view! {
        <div class="lead-line">
            {state(cx, key)} {environment_chip(cx, key.environment)}
            <span class="quiet">{cx.t(W::of(key.kind))}</span>
        </div>
    };
    let may = allowed(cx, Action::ManageSdkKeys, Some(key.environment));
    let revoke = in_use.then(|| {
        let href = format!("{}/revoke", home(key));
        act_link(
            "danger-quiet",
            Some(Icon::Close),
            cx.t(W::Revoke),
            href,
            may.clone(),
        )
    });
    let main = if in_use {
        let care = match may {
            Ok(()) => view! {
                {settings(cx, key, typed, problems)}
                {encryption(cx, detail, Ok(()))}
            }
            .into_any(),
            Err(reason) => encryption(cx, detail, Err(reason)),
        };
        view! {
            {text_panel(cx, key)}
            {view_usage(cx, key, detail.encrypted)}
            {care}
        }
        .into_any()
    } else {
        callout(Callout {
            tone: Tone::Neutral,
            title: cx.t(W::RevokedTitle).to_owned(),
            body: view! { <p>{cx.t(W::RevokedText)}</p> }.into_any(),
        })
    };
    let actions = view! { <div class="actions">{revoke}</div> }.into_any();
    let body = view! {
        {page_head(key.name.clone(), lead.into_any(), actions)} {summary(cx, &typed.origins, problems)}
        <div class="columns">
            <div class="column-main">{main}</div>
            <div class="column-side">
                {facts(cx, key)}
                <div id="live-gateways" data-live="">
                    {gateways_panel(cx, &detail.propagation)}
                </div>
                <div id="live-history" data-live="">
                    {history(cx, detail)}
                </div>
            </div>
        </div>
    };
    Page::new(key.name.clone(), Place::SDK_KEYS, body.into_any())
        .below(LIST, cx.t(W::Title))
        .live()
}

fn text_panel(cx: &Cx, key: &SdkKey) -> AnyView {
    let body = match &key.key {
        Some(text) => view! {
            <p class="secret">
                <code aria-label=cx.t(W::Key)>{text.clone()}</code>
                {copy(cx, text.clone())}
            </p>
        }
        .into_any(),
        None => view! { <p class="panel-line">{cx.f(W::KeyHidden, &[&key.hint])}</p> }.into_any(),
    };
    panel("key", cx.t(W::Key), ().into_any(), body)
}

fn settings(cx: &Cx, key: &SdkKey, typed: &Typed, problems: &[FieldProblem]) -> AnyView {
    let origins =
        (key.kind == SdkKeyKind::Client).then(|| origins_field(cx, &typed.origins, problems));
    let body = view! {
        <form method="post" action=cx.here() class="form" novalidate=true>
            <input type="hidden" name="version" value=typed.version.to_string() />
            {name_field(cx, &typed.name, problems)}
            {origins}
            <div class="actions">{submit("primary", cx.t(Common::Save))}</div>
        </form>
    };
    panel(
        "settings",
        cx.t(W::Settings),
        ().into_any(),
        body.into_any(),
    )
}

fn encryption(cx: &Cx, detail: &SdkKeyDetail, may: Allowed) -> AnyView {
    let key = &detail.sdk_key;
    let link = |to: EncryptionChange, label: W| {
        act_link("", None, cx.t(label), href(key, to), may.clone())
    };
    let (said, links) = match &key.encryption_key {
        None if detail.encrypted => (
            view! { <p class="panel-line">{cx.t(W::DecryptionHidden)}</p> }.into_any(),
            None,
        ),
        None => (
            view! { <p class="panel-line">{cx.t(W::EncryptionOff)}</p> }.into_any(),
            Some(link(EncryptionChange::On, W::TurnOn)),
        ),
        Some(secret) => (
            view! {
                <p class="panel-line">{cx.t(W::EncryptionOn)}</p>
                <p class="secret">
                    <code aria-label=cx.t(W::DecryptionKey)>{secret.clone()}</code>
                    {copy(cx, secret.clone())}
                </p>
            }
            .into_any(),
            Some(
                view! {
                    {link(EncryptionChange::Rotate, W::Rotate)}
                    {link(EncryptionChange::Off, W::TurnOff)}
                }
                .into_any(),
            ),
        ),
    };
    let body = view! {
        {said}
        {links.map(|links| view! { <div class="act-form">{links}</div> })}
    };
    panel(
        "encryption",
        cx.t(W::Encryption),
        ().into_any(),
        body.into_any(),
    )
}

fn facts(cx: &Cx, key: &SdkKey) -> AnyView {
    let fact = |word: W, value: AnyView| {
        view! {
            <div class="fact">
                <dt>{cx.t(word)}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    let by = |ms: i64, who: &str| {
        view! {
            {when(cx, ms)}
            " "
            <span class="quiet">{cx.f(W::By, &[cx.named(who)])}</span>
        }
        .into_any()
    };
    let revoked = key
        .revoked_ms
        .map(|ms| fact(W::Revoked, by(ms, &key.updated_by)));
    let body = view! {
        <dl class="facts">
            {fact(W::Origins, origins(cx, key))} {fact(W::Created, by(key.created_ms, &key.created_by))}
            {fact(W::Changed, by(key.updated_ms, &key.updated_by))} {revoked}
        </dl>
    };
    panel("facts", cx.t(W::Facts), ().into_any(), body.into_any())
}

fn history(cx: &Cx, detail: &SdkKeyDetail) -> AnyView {
    let body = if detail.history.is_empty() {
        view! { <p class="panel-quiet">{cx.t(W::NoHistory)}</p> }.into_any()
    } else {
        compact(cx, &detail.history)
    };
    panel("history", cx.t(W::History), ().into_any(), body)
}
