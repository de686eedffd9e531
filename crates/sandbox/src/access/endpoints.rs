//! Access's fixed addresses for programs, logout, and the sandbox's own handles for tests.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::AccessError;
use super::login::{add_cookie, broken};
use super::pages::{self, Frame};
use super::people::subject;
use super::state::{Access, BASE, Caller, TOKEN_COOKIE};
use super::web::{self, page, problem, uncached_json};
use super::words::Lang;

/// Tests and scripts name this header; a foreign page in a browser cannot send it without
/// asking first, and is never allowed to.
const HANDLE_HEADER: &str = "x-nexus-sandbox";

/// `GET /cdn-cgi/access/certs`. Cloudflare also lists `public_cert(s)`, the same keys as
/// X.509, and advises against using them; they are left out.
pub(crate) async fn certs(State(access): State<Arc<Access>>) -> Response {
    uncached_json(StatusCode::OK, &access.keys.jwks())
}

/// `GET /cdn-cgi/access/get-identity`: more about the person of the cookie.
pub(crate) async fn identity(State(access): State<Arc<Access>>, headers: HeaderMap) -> Response {
    let Some(session) = access.session_of(&headers) else {
        return uncached_json(
            StatusCode::UNAUTHORIZED,
            &json!({ "err": "no app token set" }),
        );
    };
    let mut body = json!({
        "email": session.email,
        "name": session.name,
        "idp": { "id": "5a9d0c31-7e42-4b8f-9c60-d1f2a3b4c5e6", "type": "onetimepin" },
        "geo": { "country": session.country },
        "user_uuid": subject(&session.email),
        "account_id": "",
        "iat": session.started_ms / 1000,
        "ip": session.ip,
        "auth_status": "NONE",
        "common_name": "",
        "service_token_id": "",
        "service_token_status": false,
        "is_warp": false,
        "is_gateway": false,
        "device_id": "",
        "device_sessions": {},
        "devicePosture": {},
        "version": 2,
    });
    if session.second_factor {
        body["amr"] = json!(["mfa", "otp"]);
    }
    uncached_json(StatusCode::OK, &body)
}

/// `GET /cdn-cgi/access/logout`: ends the session and clears the cookie. That it is a GET is
/// Access's choice; a link on a foreign site gets a question first.
pub(crate) async fn logout(
    State(access): State<Arc<Access>>,
    RawQuery(asked): RawQuery,
    headers: HeaderMap,
) -> Response {
    let lang = Lang::of(
        web::param(&asked.unwrap_or_default(), "lang").as_deref(),
        &headers,
    );
    let words = lang.words();
    let frame = Frame {
        lang,
        base: BASE,
        query: None,
    };
    if web::single(&headers, "sec-fetch-site").is_some_and(|site| site.starts_with("cross")) {
        let link = Some(("/cdn-cgi/access/logout", words.go_on));
        let html = pages::message(frame, words.foreign, words.foreign_why, link);
        return page(StatusCode::FORBIDDEN, html, "");
    }
    if let Some(session) = access.session_of(&headers)
        && let Err(error) = access.sessions.end(&session.id)
    {
        return broken(lang, &error);
    }
    let link = Some(("/", words.sign_in));
    let html = pages::message(frame, words.signed_out, words.signed_out_why, link);
    let mut response = page(StatusCode::OK, html, "");
    add_cookie(
        &mut response,
        access.cookie(TOKEN_COOKIE, "", "/", "Lax", 0),
    );
    response
}

/// `POST /__sandbox/access/rotate-keys` → `{"kid":…}`: a new signing key.
pub(crate) async fn rotate(State(access): State<Arc<Access>>, headers: HeaderMap) -> Response {
    if let Some(refused) = not_a_handle(&headers) {
        return refused;
    }
    let keys = Arc::clone(&access.keys);
    let now_ms = access.clock.now_ms();
    let rotated = tokio::task::spawn_blocking(move || keys.rotate(now_ms)).await;
    answer(
        rotated.unwrap_or_else(|error| Err(AccessError::Key(error.to_string()))),
        |kid| json!({ "kid": kid }),
    )
}

/// Body of the two handles below.
#[derive(Deserialize)]
pub(crate) struct Whom {
    email: String,
}

/// `POST /__sandbox/access/revoke {"email"}` → `{"ended":n}`: ends all sessions of a person,
/// as an administrator of Access can.
pub(crate) async fn revoke(
    State(access): State<Arc<Access>>,
    headers: HeaderMap,
    Json(whom): Json<Whom>,
) -> Response {
    if let Some(refused) = not_a_handle(&headers) {
        return refused;
    }
    answer(
        access.sessions.end_all_of(&whom.email),
        |ended| json!({ "ended": ended }),
    )
}

/// `POST /__sandbox/access/sign-in {"email"}` → `{"token":…}` and the cookie: a session as
/// after the two pages (with the second factor, where the identity has one), for test runs
/// that would otherwise have to wait for the next code.
pub(crate) async fn sign_in(
    State(access): State<Arc<Access>>,
    headers: HeaderMap,
    Json(whom): Json<Whom>,
) -> Response {
    if let Some(refused) = not_a_handle(&headers) {
        return refused;
    }
    let Some(person) = access.people.find(&whom.email) else {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "not an e-mail address");
    };
    let times = (access.clock.now_ms(), access.config.session_life_s);
    let started = access
        .sessions
        .start(&person, person.second_factor, "127.0.0.1", times, None);
    let signed = started.and_then(|session| {
        let token = access.main_token(&Caller::Person(session.clone()))?;
        Ok((access.token_cookie(&session, &token), token))
    });
    let cookie = signed.as_ref().ok().and_then(|(cookie, _)| cookie.clone());
    let mut response = answer(signed, |(_, token)| json!({ "token": token }));
    add_cookie(&mut response, cookie);
    response
}

fn not_a_handle(headers: &HeaderMap) -> Option<Response> {
    let named = web::single(headers, HANDLE_HEADER) == Some("1");
    (!named).then(|| problem(StatusCode::FORBIDDEN, "send the header X-Nexus-Sandbox: 1"))
}

fn answer<T>(result: Result<T, AccessError>, say: impl FnOnce(T) -> Value) -> Response {
    match result {
        Ok(value) => uncached_json(StatusCode::OK, &say(value)),
        Err(error) => {
            tracing::error!(%error, "access");
            problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the sandbox failed; its log says why",
            )
        }
    }
}
