//! Samples of SDK keys: their pages in every state.

use std::sync::Arc;

use nexus_app::Cx;
use nexus_app::pages::settings::sdk_keys::{detail, encryption, new, revoke};
use nexus_app::shell::Page;
use nexus_control::views::{SdkKeyDetail, SdkKeyOnce};
use nexus_domain::access::Role;
use nexus_domain::sdk_key::{
    EncryptionChange, KeyMaterial, OriginFault, SdkKey, SdkKeyDraft, SdkKeyKind,
};
use nexus_domain::{Environment, Field, FieldProblem, Problem};

use super::{DAY, NOW_MS};

/// A client key, a server key, a revoked one.
pub(crate) fn sdk_keys() -> Vec<SdkKey> {
    let key = |n: u8, name: &str, environment, kind, origins: &[&str]| {
        let draft = SdkKeyDraft {
            name: name.to_owned(),
            environment,
            kind,
            origins: origins.iter().map(|o| (*o).to_owned()).collect(),
            encrypted: n == 1,
        };
        let random = KeyMaterial {
            id: 0x0193_0000 + u128::from(n),
            text: [n * 37; 16],
            encryption: [n; 16],
        };
        draft.create(&random, "mika@autoforge.example", NOW_MS - 9 * DAY)
    };
    let (client, server) = (SdkKeyKind::Client, SdkKeyKind::Server);
    let shop = ["https://shop.example", "http://localhost:5173"];
    let made = [
        key(1, "web-shop", Environment::Production, client, &shop),
        key(2, "checkout-service", Environment::Production, server, &[]),
        key(3, "app", Environment::Staging, client, &[]),
    ];
    let made = made.into_iter().filter_map(Result::ok);
    let mut keys: Vec<SdkKey> = made.map(|(key, _)| key).collect();
    if let Some(last) = keys.last_mut() {
        *last = last.revoked("ren@autoforge.example", NOW_MS - DAY);
    }
    keys
}

fn sdk_key(n: usize) -> SdkKeyDetail {
    SdkKeyDetail {
        sdk_key: sdk_keys().remove(n),
        encrypted: sdk_keys()[n].encryption_key.is_some(),
        propagation: super::propagation(),
        history: super::audit_rows(),
    }
}

/// The page of the n-th key.
pub(crate) fn sdk_key_page(cx: &Cx, n: usize) -> Page {
    let detail = sdk_key(n);
    let typed = detail::Typed::of(&detail.sdk_key);
    detail::view_key(cx, &detail, &typed, &[])
}

/// An encrypted key's page, for somebody who may not read how to decrypt.
pub(crate) fn sdk_key_viewer(cx: &Cx) -> Page {
    let mut cx = cx.clone();
    if let Some(actor) = cx.actor.as_mut().map(Arc::make_mut) {
        actor
            .grants
            .iter_mut()
            .for_each(|it| it.role = Role::Viewer);
    }
    let mut detail = sdk_key(0);
    detail.encrypted = true;
    detail.sdk_key = detail.sdk_key.without_secret();
    let typed = detail::Typed::of(&detail.sdk_key);
    detail::view_key(&cx, &detail, &typed, &[])
}

/// The form as it comes back with problems.
pub(crate) fn sdk_key_form(cx: &Cx) -> Page {
    let draft = SdkKeyDraft::starter(Environment::Production);
    let fault = OriginFault::HasPath;
    let problems = [
        FieldProblem::new(Field::Name, Problem::Required),
        FieldProblem::new(Field::Origin(0), Problem::NotAnOrigin { fault }),
    ];
    new::view_form(cx, &draft, "https://shop.example/", &problems)
}

pub(crate) fn sdk_key_once(cx: &Cx) -> Page {
    let once = SdkKeyOnce {
        sdk_key: sdk_key(1).sdk_key,
        key: "sdk-4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a4a".to_owned(),
    };
    new::view_once(cx, &once)
}

pub(crate) fn sdk_key_revoke(cx: &Cx) -> Page {
    revoke::view_revoke(cx, &sdk_key(0).sdk_key, Some("shop".to_owned()))
}

pub(crate) fn sdk_key_rotate(cx: &Cx) -> Page {
    encryption::view_encryption(cx, &sdk_key(0).sdk_key, EncryptionChange::Rotate, None)
}
