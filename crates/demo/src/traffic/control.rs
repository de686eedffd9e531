//! The page that steers the crowd, as plain forms and as JSON.

use std::collections::BTreeMap;

use axum::extract::{Form, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::origins::{Behaviour, When};
use crate::traffic::page::page;
use crate::traffic::target::send;
use crate::traffic::{Settings, Traffic};

/// `GET /` the page, `GET|PUT /api/settings`, `GET /api/state`, `POST|DELETE /api/errors`
/// (a [`Behaviour`] for every origin).
pub fn control_router(traffic: Traffic) -> Router {
    Router::new()
        .route("/", get(show))
        .route("/settings", post(save_form))
        .route("/errors", post(errors_form))
        .route("/api/state", get(state))
        .route("/api/settings", get(settings).put(save))
        .route("/api/errors", post(errors).delete(no_errors))
        .layer(from_fn(only_from_here))
        .with_state(traffic)
}

/// A page elsewhere must not steer the crowd through the visitor's browser, neither by a
/// form nor by a name that resolves to this machine.
async fn only_from_here(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let host = text(headers, header::HOST);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let origin = text(headers, header::ORIGIN);
    let same = origin.is_empty() || origin.strip_prefix("http://") == Some(host);
    if !matches!(name, "127.0.0.1" | "localhost" | "[::1]") || !same {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

async fn state(State(traffic): State<Traffic>) -> Json<Value> {
    Json(json!({ "settings": traffic.settings(), "counters": traffic.counters() }))
}

async fn settings(State(traffic): State<Traffic>) -> Json<Settings> {
    Json(traffic.settings())
}

async fn save(State(traffic): State<Traffic>, Json(settings): Json<Settings>) -> Response {
    match store(&traffic, settings) {
        Ok(()) => Json(traffic.settings()).into_response(),
        Err(problem) => refused(&problem),
    }
}

fn store(traffic: &Traffic, settings: Settings) -> Result<(), String> {
    settings.check()?;
    traffic.state().settings = settings;
    Ok(())
}

fn refused(problem: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": problem }))).into_response()
}

/// Fields: `rate_per_second`, `day_seconds`, `metric`, `variant:<key>`, and a new
/// `variant_key` with `variant_share`.
async fn save_form(
    State(traffic): State<Traffic>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let mut settings = traffic.settings();
    match read_form(&mut settings, &fields).and_then(|()| store(&traffic, settings)) {
        Ok(()) => Redirect::to("/").into_response(),
        Err(problem) => refused(&problem),
    }
}

fn read_form(settings: &mut Settings, fields: &BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in fields {
        match name.as_str() {
            "rate_per_second" => settings.rate_per_second = number(value)?,
            "day_seconds" => settings.day_seconds = number(value)?,
            "conversion" => settings.conversion = number(value)? / 100.0,
            "metric" => settings.metric.clone_from(value),
            _ => {
                if let Some(variant) = name.strip_prefix("variant:") {
                    settings
                        .conversion_by_variant
                        .insert(variant.to_owned(), number(value)? / 100.0);
                }
            }
        }
    }
    Ok(())
}

fn number(text: &str) -> Result<f64, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("{text:?} is not a number"))
}

async fn errors(State(traffic): State<Traffic>, Json(behaviour): Json<Behaviour>) -> Response {
    let told = tell_origins(&traffic, "POST", &json!(behaviour)).await;
    Json(json!({ "origins_told": told })).into_response()
}

async fn no_errors(State(traffic): State<Traffic>) -> Response {
    let told = tell_origins(&traffic, "DELETE", &Value::Null).await;
    Json(json!({ "origins_told": told })).into_response()
}

/// Fields: `action` (`inject` or `stop`), `error_percent`, `delay_ms`, `experiment`,
/// `variant`; an empty variant means everybody.
async fn errors_form(
    State(traffic): State<Traffic>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    if field("action") == "stop" {
        tell_origins(&traffic, "DELETE", &Value::Null).await;
        return Redirect::to("/").into_response();
    }
    let (Ok(percent), Ok(delay_ms)) = (number(field("error_percent")), field("delay_ms").parse())
    else {
        return refused("give the errors in percent and the delay in milliseconds");
    };
    let some = |name: &str| Some(field(name).to_owned()).filter(|text| !text.is_empty());
    let behaviour = Behaviour {
        error_rate: percent / 100.0,
        delay_ms,
        when: some("variant").map(|variant| When {
            experiment: some("experiment"),
            variant,
        }),
    };
    match behaviour.validated() {
        Ok(behaviour) => {
            tell_origins(&traffic, "POST", &json!(behaviour)).await;
            Redirect::to("/").into_response()
        }
        Err(problem) => refused(problem),
    }
}

/// How many origins did as told.
async fn tell_origins(traffic: &Traffic, method: &str, body: &Value) -> usize {
    let mut told = 0;
    for origin in &traffic.0.origins {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(origin.join("/__demo/behaviour"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(body.to_string()));
        let Ok(request) = request else { continue };
        let answer = send(&traffic.0.client, request).await;
        told += usize::from(answer.is_some_and(|answer| answer.status.is_success()));
    }
    told
}

async fn show(State(traffic): State<Traffic>) -> Html<String> {
    Html(page(&traffic.settings(), &traffic.counters()))
}
