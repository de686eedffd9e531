//! `/settings/sdk-keys/{id}/encryption?to=rotate&version=2`: says which applications can read
//! no more, and asks for the name.

use axum::extract::Path;
use nexus_control::Error;
use nexus_domain::access::Action;
use nexus_domain::sdk_key::{EncryptionChange, SdkKey, SdkKeyEdit};

use super::{LIST, home};
use crate::cx::Cx;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::experiments::parts::allowed;
use crate::pages::sure::{NameForm, Sure, again, view_sure, wrong_name};
use crate::shell::{Page, Place};
use crate::text::sdk_keys::SdkKeyWord as W;

/// The page that asks, for the version that was seen.
pub(super) fn href(key: &SdkKey, to: EncryptionChange) -> String {
    let version = key.version;
    format!(
        "{}/encryption?to={}&version={version}",
        home(key),
        to.as_str()
    )
}

/// What the address asks for.
fn asked(visit: &Visit) -> (EncryptionChange, u64) {
    let query = Form::parse(&visit.cx.query);
    let to = EncryptionChange::parse(query.get("to"));
    let version = query.get("version").parse();
    (to.unwrap_or_default(), version.unwrap_or(0))
}

pub async fn ask(visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = visit.console.sdk_key(&visit.actor, &id).await;
    let key = detail.map_err(|e| visit.fail(&e))?.sdk_key;
    let (to, _) = asked(&visit);
    if key.revoked_ms.is_some() || to == EncryptionChange::Keep {
        return Ok(see_other(&home(&key)));
    }
    Ok(visit.page(|cx| view_encryption(cx, &key, to, None)))
}

pub async fn act(visit: Visit, Path(id): Path<String>, body: String) -> Answer {
    let console = &visit.console;
    let detail = console.sdk_key(&visit.actor, &id).await;
    let key = detail.map_err(|e| visit.fail(&e))?.sdk_key;
    let (encryption, version) = asked(&visit);
    if let Some(wrong) = wrong_name(&body, &key.name) {
        let view = |cx: &Cx| view_encryption(cx, &key, encryption, Some(wrong));
        return Ok(again(&visit, view));
    }
    let edit = SdkKeyEdit {
        encryption,
        ..SdkKeyEdit::of(&key)
    };
    let changed = console.change_sdk_key(&visit.actor, &id, version, &edit);
    let key = changed.await.map_err(|e: Error| visit.fail(&e))?;
    Ok(see_other(&format!("{}?done=saved", home(&key))))
}

/// `wrong` is what was typed instead of the name.
pub fn view_encryption(cx: &Cx, key: &SdkKey, to: EncryptionChange, wrong: Option<String>) -> Page {
    let (action, what) = match to {
        EncryptionChange::Keep | EncryptionChange::On => (W::TurnOn, [W::OnA, W::OnB]),
        EncryptionChange::Rotate => (W::Rotate, [W::RotateA, W::RotateB]),
        EncryptionChange::Off => (W::TurnOff, [W::OffA, W::OffB]),
    };
    let title = cx.f(W::EncryptionTitle, &[cx.t(action), &key.name]);
    let sure = Sure {
        title: title.clone(),
        id: format!("{}…", key.hint),
        what: what.map(|word| cx.t(word).to_owned()).into(),
        may: allowed(cx, Action::ManageSdkKeys, Some(key.environment)),
        form: NameForm {
            name: key.name.clone(),
            typed: wrong,
            action: cx.t(action),
            back: home(key),
        },
    };
    Page::new(title, Place::SDK_KEYS, view_sure(cx, sure))
        .below(LIST, cx.t(W::Title))
        .below(home(key), key.name.clone())
}
