//! `/settings/sdk-keys/{id}/revoke`: says what will happen, and asks for the name.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_domain::access::Action;
use nexus_domain::sdk_key::SdkKey;

use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::islands::TypedName;
use crate::pages::experiments::parts::allowed;
use crate::shell::{Page, Place};
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::experiments::CommandWord;
use crate::text::sdk_keys::SdkKeyWord as W;
use crate::ui::{Callout, Icon, Tone, callout, icon, page_head};

pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = visit.console.sdk_key(&visit.actor, &id).await;
    let key = detail.map_err(|e| visit.fail(&e))?.sdk_key;
    if key.revoked_ms.is_some() {
        return Ok(see_other(&home(&key)));
    }
    Ok(visit.page(|cx| view_revoke(cx, &key, None)))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let typed = Form::parse(&body).trimmed("typed");
    let detail = visit.console.sdk_key(&visit.actor, &id).await;
    let key = detail.map_err(|e| visit.fail(&e))?.sdk_key;
    if typed != key.name {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(visit.page_with(status, |cx| view_revoke(cx, &key, Some(typed))));
    }
    let revoked = visit.console.revoke_sdk_key(&visit.actor, &id).await;
    revoked.map_err(|e| visit.fail(&e))?;
    Ok(see_other(&format!("{}?done=sdk-key-revoked", home(&key))))
}

/// `wrong` is what was typed instead of the name.
pub fn view_revoke(cx: &Cx, key: &SdkKey, wrong: Option<String>) -> Page {
    let title = cx.f(W::RevokeTitle, &[&key.name]);
    let environment = cx.t(EnvironmentWord::of(key.environment));
    let what = [
        cx.f(W::RevokeA, &[environment]),
        cx.t(W::RevokeB).to_owned(),
        cx.t(W::RevokeC).to_owned(),
    ]
    .map(|text| view! { <li>{icon(Icon::ArrowRight)} <span>{text}</span></li> })
    .collect_view();
    let act = match allowed(cx, Action::ManageSdkKeys, Some(key.environment)) {
        Err(title) => callout(Callout {
            tone: Tone::Warn,
            title,
            body: ().into_any(),
        }),
        Ok(()) => {
            let label = cx.f(CommandWord::TypeName, &[&key.name]);
            let error = wrong.is_some().then(|| cx.t(W::WrongName).to_owned());
            let value = wrong.unwrap_or_default();
            let action = cx.t(W::Revoke).to_owned();
            let expected = key.name.clone();
            view! {
                <form method="post" class="act-form">
                    <TypedName
                        expected=expected
                        label=label
                        action=action
                        value=value
                        error=error
                    />
                    <a class="button quiet-button" href=home(key)>
                        {cx.t(Common::Cancel)}
                    </a>
                </form>
            }
            .into_any()
        }
    };
    let lead = view! { <p class="row-id">{format!("{}…", key.hint)}</p> }.into_any();
    let body = view! {
        <div class="narrow">
            {page_head(title.clone(), lead, ().into_any())}
            <section class="panel" aria-labelledby="what">
                <h2 id="what">{cx.t(CommandWord::What)}</h2>
                <ul class="consequences">{what}</ul>
            </section>
            {act}
        </div>
    };
    Page::new(title, Place::SDK_KEYS, body.into_any())
        .below(LIST, cx.t(W::Title))
        .below(home(key), key.name.clone())
}
