//! What a client does with a code, and afterwards: tokens, userinfo, signing out.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::authorize::{Asked, Params};
use super::client::{OidcClient, authenticated};
use super::{ACR_MFA, ACR_NONE, Provider};
use crate::access::pages::{self, Frame};
use crate::access::web::{self, page, query, see_other, uncached_json};
use crate::access::words::Lang;
use crate::access::{AccessError, Person, subject};

/// What a code stands for.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) asked: Asked,
    pub(crate) person: Person,
    pub(crate) second_factor: bool,
    pub(crate) auth_time_s: i64,
}

/// What an access token stands for.
#[derive(Clone)]
pub(crate) struct Granted {
    person: Person,
    scope: String,
}

/// `POST /token`.
pub(crate) async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let is_form = web::single(&headers, "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let Some(form) = Params::read(&body).filter(|_| is_form) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request");
    };
    let Some(client) = authenticated(&provider.config.clients, &headers, &form) else {
        let mut response = refuse(StatusCode::UNAUTHORIZED, "invalid_client");
        let basic = HeaderValue::from_static("Basic realm=\"token\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, basic);
        return response;
    };
    if form.get("grant_type") != Some("authorization_code") {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let code = form.get("code").unwrap_or_default();
    let Some(grant) = redeem(&provider, client, code, &form) else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    issue(&provider, code, &grant).unwrap_or_else(|error| {
        tracing::error!(%error, "oidc");
        refuse(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
    })
}

/// The code's grant, if everything about the request fits it. The code is gone in any case,
/// and the token it gave before too, should it come a second time (RFC 6749 §4.1.2).
fn redeem(provider: &Provider, client: &OidcClient, code: &str, form: &Params) -> Option<Grant> {
    let now_ms = provider.now_ms();
    if let Some(token) = provider.spent.take(code, now_ms) {
        provider.tokens.take(&token, now_ms);
    }
    let grant = provider.codes.take(code, now_ms)?;
    let verifier = form.get("code_verifier").filter(|text| is_verifier(text))?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    let proven = challenge.as_bytes().ct_eq(grant.asked.challenge.as_bytes());
    let same = grant.asked.client_id == client.id
        && form.get("redirect_uri") == Some(grant.asked.redirect_uri.as_str());
    (bool::from(proven) && same).then_some(grant)
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

fn issue(provider: &Provider, code: &str, grant: &Grant) -> Result<Response, AccessError> {
    let now_ms = provider.now_ms();
    let granted = Granted {
        person: grant.person.clone(),
        scope: grant.asked.scope.clone(),
    };
    let access_token = provider.tokens.put(granted, now_ms)?;
    provider
        .spent
        .put_as(code.into(), access_token.clone(), now_ms);
    let id_token = provider
        .keys
        .sign(&id_claims(provider, grant, &access_token))?;
    let body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": provider.config.access_token_life_s,
        "scope": grant.asked.scope,
        "id_token": id_token,
    });
    Ok(uncached_json(StatusCode::OK, &body))
}

/// Claims of OpenID Connect Core §2 and §3.1.3.6.
fn id_claims(provider: &Provider, grant: &Grant, access_token: &str) -> Value {
    let now_s = provider.now_ms().div_euclid(1000);
    let half = &Sha256::digest(access_token)[..16];
    let mut claims = json!({
        "iss": provider.config.issuer,
        "aud": grant.asked.client_id,
        "exp": now_s + provider.config.id_token_life_s,
        "iat": now_s,
        "auth_time": grant.auth_time_s,
        "at_hash": URL_SAFE_NO_PAD.encode(half),
        "acr": if grant.second_factor { ACR_MFA } else { ACR_NONE },
    });
    if grant.second_factor {
        claims["amr"] = json!(["mfa", "otp"]);
    }
    if let Some(nonce) = &grant.asked.nonce {
        claims["nonce"] = json!(nonce);
    }
    merge(&mut claims, about(&grant.person, &grant.asked.scope));
    claims
}

/// The claims about a person that the scopes open.
fn about(person: &Person, scope: &str) -> Value {
    let has = |wanted: &str| scope.split(' ').any(|word| word == wanted);
    let mut claims = json!({ "sub": subject(&person.email) });
    if has("email") {
        claims["email"] = json!(person.email);
        claims["email_verified"] = json!(true);
    }
    if has("profile") {
        claims["name"] = json!(person.name);
    }
    claims
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(into), Value::Object(more)) = (into.as_object_mut(), more) {
        into.extend(more);
    }
}

/// `GET|POST /userinfo` with a bearer token.
pub(crate) async fn userinfo(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
) -> Response {
    let token = web::single(&headers, "authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    });
    let granted = token.and_then(|token| provider.tokens.look(token, provider.now_ms()));
    let Some(granted) = granted else {
        let mut response = refuse(StatusCode::UNAUTHORIZED, "invalid_token");
        let bearer = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, bearer);
        return response;
    };
    uncached_json(StatusCode::OK, &about(&granted.person, &granted.scope))
}

/// `GET|POST /end_session`: withdraws the person's access tokens and sends the browser back
/// to the client, when the ID token says whose it is and the address is registered.
pub(crate) async fn end_session(
    State(provider): State<Arc<Provider>>,
    request: Request,
) -> Response {
    #[derive(Deserialize)]
    struct Hint {
        sub: String,
        aud: String,
    }
    let lang = Lang::of(None, request.headers());
    let raw = match request.uri().query() {
        Some(query) => query.to_owned(),
        None => axum::body::to_bytes(request.into_body(), 16 * 1024)
            .await
            .map_or_else(
                |_| String::new(),
                |body| String::from_utf8_lossy(&body).into_owned(),
            ),
    };
    let params = Params::read(&raw);
    let get = |name: &str| params.as_ref().and_then(|params| params.get(name));
    let hint = get("id_token_hint").and_then(|hint| provider.keys.open_token::<Hint>(hint));
    if let Some((_, hint)) = &hint {
        provider
            .tokens
            .retain(|granted| subject(&granted.person.email) != hint.sub);
    }
    let client = hint.and_then(|(_, hint)| {
        provider
            .config
            .clients
            .iter()
            .find(|client| client.id == hint.aud)
    });
    let to = get("post_logout_redirect_uri");
    if let (Some(client), Some(to)) = (client, to)
        && client.may_return(to)
    {
        let joint = if to.contains('?') { '&' } else { '?' };
        return match get("state") {
            Some(state) => see_other(&format!("{to}{joint}{}", query(&[("state", state)]))),
            None => see_other(to),
        };
    }
    let frame = Frame {
        lang,
        base: &provider.base,
        query: None,
    };
    let words = lang.words();
    page(
        StatusCode::OK,
        pages::message(frame, words.signed_out, words.signed_out_why, None),
        "",
    )
}

/// An error as RFC 6749 §5.2 writes it.
fn refuse(status: StatusCode, error: &str) -> Response {
    uncached_json(status, &json!({ "error": error }))
}
