//! Two services with one code: a small shop that reads the gateway's decision and can be
//! told to hurt its visitors.

mod behaviour;
mod decision;
mod pages;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{Event, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

pub use behaviour::{Behaviour, When};
pub use decision::Decision;

use crate::Random;

/// Set by the gateway on every request it forwards.
const REQUEST_ID: &str = "x-nexus-request-id";
/// Tells the crowd which variants it saw: `experiment=variant`, comma-separated.
pub const VARIANT: &str = "x-demo-variant";

#[derive(Clone)]
struct Origin(Arc<Inner>);

struct Inner {
    name: &'static str,
    behaviour: Mutex<Behaviour>,
    random: Mutex<Random>,
}

/// One origin as a service. The name is shown on its pages and in its JSON.
pub fn router(name: &'static str, random: Random) -> Router {
    let origin = Origin(Arc::new(Inner {
        name,
        behaviour: Mutex::default(),
        random: Mutex::new(random),
    }));
    let shop = Router::new()
        .route("/", get(home))
        .route("/products/{id}", get(product))
        .route("/api/evaluate", get(evaluate).post(evaluate))
        .route("/stream", get(stream))
        .layer(from_fn_with_state(origin.clone(), misbehave));
    Router::new()
        .merge(shop)
        .route("/health", get(health))
        .route(
            "/__demo/behaviour",
            get(show_behaviour)
                .post(set_behaviour)
                .delete(reset_behaviour),
        )
        .with_state(origin)
}

impl Origin {
    fn behaviour(&self) -> Behaviour {
        self.0
            .behaviour
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, behaviour: Behaviour) {
        *self
            .0
            .behaviour
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = behaviour;
    }

    fn chance(&self, probability: f64) -> bool {
        self.0
            .random
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .chance(probability)
    }
}

/// Reads the decision, hurts the visitor as told, and says which variants were seen.
async fn misbehave(State(origin): State<Origin>, mut request: Request, next: Next) -> Response {
    let decision = Decision::from_headers(request.headers());
    let behaviour = origin.behaviour();
    let applies = behaviour.applies_to(&decision);
    if applies && behaviour.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(behaviour.delay_ms)).await;
    }
    let variants = HeaderValue::from_str(&decision.variants()).ok();
    let mut response = if applies && origin.chance(behaviour.error_rate) {
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            Json(json!({"error": "told to fail"})),
        )
            .into_response()
    } else {
        request.extensions_mut().insert(decision);
        next.run(request).await
    };
    if let Some(variants) = variants.filter(|variants| !variants.is_empty()) {
        response.headers_mut().insert(VARIANT, variants);
    }
    response
}

async fn home(
    State(origin): State<Origin>,
    Extension(decision): Extension<Decision>,
) -> Html<String> {
    Html(pages::home(origin.0.name, &decision))
}

async fn product(
    State(origin): State<Origin>,
    Path(id): Path<u32>,
    Extension(decision): Extension<Decision>,
) -> Response {
    match pages::product(origin.0.name, id, &decision) {
        Some(page) => Html(page).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn evaluate(
    State(origin): State<Origin>,
    headers: HeaderMap,
    Extension(decision): Extension<Decision>,
) -> Json<Value> {
    let request_id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    Json(json!({
        "origin": origin.0.name,
        "request_id": request_id,
        "score": 87,
        "decision": decision,
    }))
}

/// Five events, 200 ms apart: something that only streaming passes on in time.
async fn stream() -> Sse<impl futures::Stream<Item = Result<Event, std::convert::Infallible>>> {
    Sse::new(futures::stream::unfold(0, |n| async move {
        if n == 5 {
            return None;
        }
        if n > 0 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Some((Ok(Event::default().data(n.to_string())), n + 1))
    }))
}

async fn health(State(origin): State<Origin>) -> Json<Value> {
    Json(json!({"status": "ok", "origin": origin.0.name}))
}

/// Only those who reach the origin directly may steer it, not the gateway's visitors.
fn is_direct(headers: &HeaderMap) -> bool {
    !headers.contains_key(REQUEST_ID)
}

async fn show_behaviour(State(origin): State<Origin>) -> Json<Behaviour> {
    Json(origin.behaviour())
}

async fn set_behaviour(
    State(origin): State<Origin>,
    headers: HeaderMap,
    Json(behaviour): Json<Behaviour>,
) -> Response {
    if !is_direct(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match behaviour.validated() {
        Ok(behaviour) => {
            tracing::info!(origin = origin.0.name, ?behaviour, "behaviour changed");
            origin.set(behaviour.clone());
            Json(behaviour).into_response()
        }
        Err(problem) => (StatusCode::BAD_REQUEST, Json(json!({"error": problem}))).into_response(),
    }
}

async fn reset_behaviour(State(origin): State<Origin>, headers: HeaderMap) -> StatusCode {
    if !is_direct(&headers) {
        return StatusCode::FORBIDDEN;
    }
    origin.set(Behaviour::default());
    StatusCode::NO_CONTENT
}
