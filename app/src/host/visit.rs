//! One visit of a signed-in person: context, actor and console, taken from the
//! request; or the page that says why there is none.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use nexus_control::Console;
use nexus_domain::actor::Actor;
use nexus_web::{Caller, Nonce, RequestId, SignedOut};

use super::App;
use super::respond::signed_out;
use crate::cx::{Cx, Density, Theme};
use crate::lang::Lang;
use crate::zone::Zone;

pub struct Visit {
    pub cx: Cx,
    pub actor: Arc<Actor>,
    pub console: Console,
    pub dev: bool,
}

/// The context of a request, signed in or not.
pub(super) fn context(app: &App, parts: &Parts) -> Cx {
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let actor = match parts.extensions.get::<Caller>() {
        Some(Caller::Actor(actor)) => Some(Arc::new(actor.clone())),
        _ => None,
    };
    Cx {
        lang: Lang::En,
        theme: Theme::System,
        density: Density::Regular,
        zone: Zone::UTC,
        zone_is_known: false,
        now_ms: app.console.now_ms(),
        nonce: text(parts.extensions.get::<Nonce>().map(|n| &n.0)),
        request_id: text(parts.extensions.get::<RequestId>().map(|r| &r.0)),
        // Links to it must stay here: `//host` would lead elsewhere.
        path: format!("/{}", parts.uri.path().trim_start_matches(['/', '\\'])),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        environment: app.console.settings().environment,
        actor,
        assets: Arc::clone(&app.assets),
        live: app.live,
        mac: false,
    }
    .with_preferences(&parts.headers)
}

impl FromRequestParts<App> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let cx = context(app, parts);
        if let Some(actor) = cx.actor.clone() {
            let console = app.console.clone();
            return Ok(Self {
                cx,
                actor,
                console,
                dev: app.dev,
            });
        }
        let why = match parts.extensions.get::<Caller>() {
            Some(Caller::SignedOut(why)) => why.clone(),
            // Without the layer that says who calls, nobody does.
            _ => SignedOut::NoToken,
        };
        Err(signed_out(&cx, &why))
    }
}
