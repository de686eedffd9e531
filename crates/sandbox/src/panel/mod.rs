//! The sandbox's own page at `/` and its JSON under `/__sandbox`.
//!
//! There is no sign-in: it listens on loopback. Changes asked for by another
//! site's page are refused all the same, by `Sec-Fetch-Site` and `Origin`.

mod form;
mod page;

use axum::extract::{Path, Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::json;

use crate::envelope::json_body;
use crate::faults::FaultError;
use crate::{FaultRule, Sandbox};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", get(show))
        .route("/__sandbox/style.css", get(style))
        .route("/__sandbox/faults", get(list).post(add).delete(clear))
        .route("/__sandbox/faults/{id}", axum::routing::delete(remove))
        .route("/__sandbox/log", get(log).delete(clear_log))
        .route("/__sandbox/health", get(|| async { "ok" }))
        .route("/__sandbox/forms/add", post(form_add))
        .route("/__sandbox/forms/remove/{id}", post(form_remove))
        .route("/__sandbox/forms/clear", post(form_clear))
        .route("/__sandbox/forms/clear-log", post(form_clear_log))
        .layer(axum::middleware::from_fn(protect))
}

/// Refuses changes from other sites and adds the security headers.
async fn protect(request: Request, next: Next) -> Response {
    if request.method() != Method::GET && !same_site(request.headers()) {
        return (
            StatusCode::FORBIDDEN,
            "changes from other sites are refused\n",
        )
            .into_response();
    }
    let mut reply = next.run(request).await;
    let policy = "default-src 'none'; img-src data:; style-src 'self'; form-action 'self'; base-uri 'none'; \
                  frame-ancestors 'none'";
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (HeaderName::from_static("referrer-policy"), "same-origin"),
        (CACHE_CONTROL, "no-store"),
    ] {
        reply
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    reply
}

/// Programs send neither header; browsers cannot leave both out of a change.
/// A page's own host must be loopback: a foreign name that was pointed at this
/// machine (DNS rebinding) would pass as its own origin.
fn same_site(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let fetched = text(HeaderName::from_static("sec-fetch-site"));
    let origin = text(ORIGIN).map(|o| o.split_once("://").map_or(o, |(_, host)| host));
    fetched.is_none_or(|f| matches!(f, "same-origin" | "none"))
        && origin.is_none_or(|o| Some(o) == text(HOST) && is_loopback(o))
}

fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name == "[::1]" || name.starts_with("127.")
}

async fn show(State(sandbox): State<Sandbox>) -> Response {
    Html(page::page(&sandbox, None).into_string()).into_response()
}

async fn style() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("style.css"),
    )
}

async fn list(State(sandbox): State<Sandbox>) -> Json<Vec<FaultRule>> {
    Json(sandbox.faults().rules())
}

/// Takes one rule as JSON, whatever the content type; 201 with the rule.
async fn add(State(sandbox): State<Sandbox>, body: axum::body::Bytes) -> Response {
    let rule: FaultRule = match json_body(&body, 0) {
        Ok(rule) => rule,
        Err(error) => return refused(&error.message),
    };
    match sandbox.faults().add(rule) {
        Ok(rule) => (StatusCode::CREATED, Json(rule)).into_response(),
        Err(error) => refused(&error.to_string()),
    }
}

fn refused(why: &str) -> Response {
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        Json(json!({ "error": why })),
    )
        .into_response()
}

async fn clear(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.faults().clear();
    StatusCode::NO_CONTENT
}

async fn remove(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> StatusCode {
    if sandbox.faults().remove(&id) {
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}

async fn log(State(sandbox): State<Sandbox>) -> Response {
    Json(sandbox.journal().entries()).into_response()
}

async fn clear_log(State(sandbox): State<Sandbox>) -> StatusCode {
    sandbox.journal().clear();
    StatusCode::NO_CONTENT
}

async fn form_add(State(sandbox): State<Sandbox>, Form(form): Form<form::AddRule>) -> Response {
    let added: Result<FaultRule, FaultError> = form.rule().and_then(|r| sandbox.faults().add(r));
    match added {
        Ok(_) => Redirect::to("/").into_response(),
        Err(error) => {
            let page = page::page(&sandbox, Some((&form, error)));
            (StatusCode::UNPROCESSABLE_ENTITY, Html(page.into_string())).into_response()
        }
    }
}

async fn form_remove(State(sandbox): State<Sandbox>, Path(id): Path<String>) -> Redirect {
    sandbox.faults().remove(&id);
    Redirect::to("/")
}

async fn form_clear(State(sandbox): State<Sandbox>) -> Redirect {
    sandbox.faults().clear();
    Redirect::to("/")
}

async fn form_clear_log(State(sandbox): State<Sandbox>) -> Redirect {
    sandbox.journal().clear();
    Redirect::to("/")
}
