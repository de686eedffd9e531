//! `/settings/sdk-keys/{id}/revoke`: says what will happen, and asks for the name.

use axum::extract::Path;
use nexus_domain::access::Action;
use nexus_domain::sdk_key::SdkKey;

use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::domain::EnvironmentWord;
use crate::text::sdk_keys::SdkKeyWord as W;

pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = visit.console.sdk_key(&visit.actor, &id).await;
    let key = detail.map_err(|e| visit.fail(&e))?.sdk_key;
    if key.revoked_ms.is_some() {
        return Ok(see_other(&home(&key)));
    }
    Ok(visit.page(|cx| view_revoke(cx, &key, None)))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let detail = visit.console.sdk_key(&visit.actor, &id).await;
    let key = detail.map_err(|e| visit.fail(&e))?.sdk_key;
    if let Some(wrong) = wrong_name(&body, &key.name) {
        return Ok(again(&visit, |cx| view_revoke(cx, &key, Some(wrong))));
    }
    let revoked = visit.console.revoke_sdk_key(&visit.actor, &id).await;
    revoked.map_err(|e| visit.fail(&e))?;
    Ok(see_other(&format!("{}?done=sdk-key-revoked", home(&key))))
}

/// `wrong` is what was typed instead of the name.
pub fn view_revoke(cx: &Cx, key: &SdkKey, wrong: Option<String>) -> Page {
    let title = cx.f(W::RevokeTitle, &[&key.name]);
    let environment = cx.t(EnvironmentWord::of(key.environment));
    let sure = Sure {
        title: title.clone(),
        id: format!("{}…", key.hint),
        what: vec![
            cx.f(W::RevokeA, &[environment]),
            cx.t(W::RevokeB).to_owned(),
            cx.t(W::RevokeC).to_owned(),
        ],
        may: allowed(cx, Action::ManageSdkKeys, Some(key.environment)),
        form: NameForm {
            name: key.name.clone(),
            typed: wrong,
            action: cx.t(W::Revoke),
            back: home(key),
        },
    };
    Page::new(title, Place::SDK_KEYS, view_sure(cx, sure))
        .below(LIST, cx.t(W::Title))
        .below(home(key), key.name.clone())
}
