//! The authorization endpoint: is this a request we may answer, and to whom?

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::Provider;
use super::client::OidcClient;
use crate::access::pages::{self, Frame};
use crate::access::web::{page, query, see_other};
use crate::access::words::Lang;

/// Parameters of a query or a form, each at most once (RFC 6749 §3.1).
pub(crate) struct Params(HashMap<String, String>);

impl Params {
    /// Reads them; `None` when one is doubled.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut map = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if map.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(map))
    }

    /// One value; an empty one counts as absent, as RFC 6749 says.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// A request for a sign-in that was found good.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) scope: String,
}

/// `GET /authorize`.
pub(crate) async fn authorize(
    State(provider): State<Arc<Provider>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Response {
    let read = Params::read(&raw.unwrap_or_default());
    let locale = read.as_ref().and_then(|params| params.get("ui_locales"));
    let lang = Lang::of(
        locale.and_then(|tags| tags.split([' ', '-']).next()),
        &headers,
    );
    let Some(params) = read else {
        return unusable(&provider, lang, "a parameter is doubled");
    };
    // Until client and address are known good nothing may be sent there (RFC 6749 §4.1.2.1).
    let (client, redirect_uri) = match destination(&provider, &params) {
        Ok(found) => found,
        Err(why) => return unusable(&provider, lang, why),
    };
    let asked = match judge(client, redirect_uri, &params) {
        Ok(asked) => asked,
        Err(error) => {
            let pairs = [("error", error), ("iss", &provider.config.issuer)];
            return back(redirect_uri, &pairs, params.get("state"));
        }
    };
    match provider.asked.put(asked, provider.now_ms()) {
        Ok(name) => {
            let own = query(&[("request", &name), ("lang", lang.tag())]);
            see_other(&format!("{}/login?{own}", provider.base))
        }
        Err(error) => {
            tracing::error!(%error, "oidc");
            let pairs = [("error", "server_error"), ("iss", &provider.config.issuer)];
            back(redirect_uri, &pairs, params.get("state"))
        }
    }
}

fn destination<'a>(
    provider: &'a Provider,
    params: &'a Params,
) -> Result<(&'a OidcClient, &'a str), &'static str> {
    let id = params.get("client_id").ok_or("client_id is missing")?;
    let client = provider
        .config
        .clients
        .iter()
        .find(|client| client.id == id);
    let client = client.ok_or("client_id is not known")?;
    let uri = params
        .get("redirect_uri")
        .ok_or("redirect_uri is missing")?;
    client
        .may_redirect(uri)
        .then_some((client, uri))
        .ok_or("redirect_uri is not registered")
}

/// The request, or the error code of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
fn judge(client: &OidcClient, redirect_uri: &str, params: &Params) -> Result<Asked, &'static str> {
    if params.get("request").is_some() {
        return Err("request_not_supported");
    }
    if params.get("request_uri").is_some() {
        return Err("request_uri_not_supported");
    }
    if params.get("response_type") != Some("code") {
        return Err("unsupported_response_type");
    }
    if params
        .get("response_mode")
        .is_some_and(|mode| mode != "query")
    {
        return Err("invalid_request");
    }
    let scope = params.get("scope").unwrap_or_default();
    if !scope.split(' ').any(|word| word == "openid") {
        return Err("invalid_scope");
    }
    let challenge = params
        .get("code_challenge")
        .filter(|text| is_challenge(text));
    let challenge = challenge.ok_or("invalid_request")?;
    if params.get("code_challenge_method") != Some("S256") {
        return Err("invalid_request");
    }
    if params.get("prompt") == Some("none") {
        return Err("login_required");
    }
    let short = |name: &str| params.get(name).is_none_or(|value| value.len() <= 1024);
    if !short("state") || !short("nonce") || scope.len() > 1024 {
        return Err("invalid_request");
    }
    Ok(Asked {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.into(),
        state: params.get("state").map(str::to_owned),
        nonce: params.get("nonce").map(str::to_owned),
        challenge: challenge.into(),
        scope: scope.into(),
    })
}

/// BASE64URL(SHA-256) has 43 characters (RFC 7636 §4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Sends the browser back to the client with these pairs and its `state`.
pub(crate) fn back(redirect_uri: &str, pairs: &[(&str, &str)], state: Option<&str>) -> Response {
    let mut pairs = pairs.to_vec();
    pairs.extend(state.map(|state| ("state", state)));
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    see_other(&format!("{redirect_uri}{joint}{}", query(&pairs)))
}

/// A page for requests whose sender we do not know.
pub(crate) fn unusable(provider: &Provider, lang: Lang, why: &str) -> Response {
    let frame = Frame {
        lang,
        base: &provider.base,
        query: None,
    };
    let html = pages::message(frame, lang.words().bad_request, why, None);
    page(StatusCode::BAD_REQUEST, html, "")
}
