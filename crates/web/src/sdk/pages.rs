//! The routes and their description. All lead to one handler: the gateway's code knows its
//! pages, their methods and their refusals.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use super::Sdk;
use crate::problem::ApiError;

/// The routes. Put them outside the layers that ask who calls.
pub fn router(sdk: Sdk) -> Router {
    routes()
        .split_for_parts()
        .0
        // No pages, but SDKs are to be told so in their words.
        .route("/ofrep/{*rest}", any(answer))
        .with_state(sdk)
}

/// Their description.
#[must_use]
pub fn description() -> OpenApi {
    routes().split_for_parts().1
}

/// A path for the log: an SDK key in it may be a secret.
#[must_use]
pub fn without_key(path: &str) -> &str {
    let keyed = ["/api/features/", "/sub/", "/ofrep/v1/changes/"];
    let keyed = keyed.into_iter().find(|start| path.starts_with(start));
    keyed.unwrap_or(path)
}

fn routes() -> OpenApiRouter<Sdk> {
    // Preflights, and methods that there are not.
    let and_others = |(schemas, paths, methods): UtoipaMethodRouter<Sdk>| {
        (schemas, paths, methods.fallback(answer))
    };
    OpenApiRouter::new()
        .routes(and_others(routes!(evaluate_flag)))
        .routes(and_others(routes!(evaluate_flags)))
        .routes(and_others(routes!(changes)))
        .routes(and_others(routes!(features)))
        .routes(and_others(routes!(subscription)))
        .routes(and_others(routes!(events)))
}

async fn answer(State(sdk): State<Sdk>, request: Request) -> Response {
    sdk.answer(request).await
}

/// For whom flags are evaluated (OFREP 0.3.0).
#[derive(Serialize, Deserialize, ToSchema)]
struct OfrepQuestion {
    /// `targetingKey` is the user: 1 to 128 visible ASCII characters. At most 256 properties.
    #[schema(value_type = Object)]
    context: Map<String, Value>,
}

/// What a flag is for somebody (OFREP 0.3.0).
#[derive(Serialize, Deserialize, ToSchema)]
struct OfrepFlag {
    key: String,
    /// Left out where it is the application's own default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    /// `DISABLED`, `STATIC`, `SPLIT`, `TARGETING_MATCH` or `UNKNOWN`.
    reason: String,
    /// The variant's key, `rule_0` and so on, or `off`.
    variant: String,
    /// The `rule` and the `experiment` that decided.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

/// What all flags are for somebody.
#[derive(Serialize, Deserialize, ToSchema)]
struct OfrepFlags {
    flags: Vec<OfrepFlag>,
    /// The snapshot's `version`.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// Where changes are told, by server-sent events.
    #[serde(rename = "eventStreams", default)]
    event_streams: Vec<Value>,
}

/// Why flags were not evaluated (OFREP 0.3.0).
#[derive(Serialize, Deserialize, ToSchema)]
struct OfrepFailure {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// `PARSE_ERROR`, `INVALID_CONTEXT`, `TARGETING_KEY_MISSING`, `FLAG_NOT_FOUND` or `GENERAL`.
    #[serde(rename = "errorCode")]
    error_code: String,
    #[serde(rename = "errorDetails")]
    error_details: String,
}

/// What happened to users.
#[derive(Serialize, Deserialize, ToSchema)]
struct SdkEvents {
    /// At most 100 in 64 KiB: exposures
    /// `{"type":"exposure","id":uuid,"experiment":s,"variant":s,"unit"?:s,"at"?:RFC 3339,
    /// "failed"?:bool}`, conversions `{"id":uuid,"metric":s,"value"?:n,"unit"?:s,"at"?:RFC 3339}`
    /// and evaluations `{"type":"evaluation","flag":s,"value":any,"count"?:n}`. With a server key
    /// exposures also take `"country"`, `"device"` and `"browser"`.
    events: Vec<Value>,
}

/// What became of them; each stands for itself. Those that were sent before are accepted again.
#[derive(Serialize, Deserialize, ToSchema)]
struct SdkEventsTaken {
    accepted: u32,
    rejected: Vec<SdkEventRejected>,
}

/// What a gateway holds and will deliver.
#[derive(Serialize, Deserialize, ToSchema)]
struct SdkEventsQueued {
    queued: u32,
    rejected: Vec<SdkEventRejected>,
}

#[derive(Serialize, Deserialize, ToSchema)]
struct SdkEventRejected {
    /// Position in the report, from 0.
    index: u32,
    problem: String,
}

/// An event of a stream.
#[derive(Serialize, Deserialize, ToSchema)]
struct StreamEvent {
    /// Names the content; sent back as `Last-Event-ID` by whoever comes again.
    id: String,
    /// `message` or `features`.
    event: String,
    /// JSON.
    data: String,
}

/// Evaluate one flag for a user, as a gateway does (OFREP 0.3.0). Shows an SDK key, not a token.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags/{flag}", tag = "sdk",
    params(("flag" = String, Path)), request_body = OfrepQuestion, security(("sdk_key" = [])),
    responses((status = 200, body = OfrepFlag), (status = 400, body = OfrepFailure),
        (status = 404, body = OfrepFailure), (status = 413, body = OfrepFailure), ApiError))]
async fn evaluate_flag(sdk: State<Sdk>, request: Request) -> Response {
    answer(sdk, request).await
}

/// Evaluate all flags for a user, as a gateway does (OFREP 0.3.0). `If-None-Match` with the
/// last `ETag` gets 304 while nothing changed.
#[utoipa::path(post, path = "/ofrep/v1/evaluate/flags", tag = "sdk",
    request_body = OfrepQuestion, security(("sdk_key" = [])),
    responses((status = 200, body = OfrepFlags), (status = 304),
        (status = 400, body = OfrepFailure), (status = 413, body = OfrepFailure), ApiError))]
async fn evaluate_flags(sdk: State<Sdk>, request: Request) -> Response {
    answer(sdk, request).await
}

/// The stream that tells when to evaluate again (OFREP 0.3.0): events `refetchEvaluation`.
#[utoipa::path(get, path = "/ofrep/v1/changes/{key}", tag = "sdk",
    params(("key" = String, Path, description = "An SDK key")), security(()),
    responses((status = 200, body = StreamEvent, content_type = "text/event-stream"), ApiError))]
async fn changes(sdk: State<Sdk>, request: Request) -> Response {
    answer(sdk, request).await
}

/// The payload that GrowthBook's SDKs evaluate, encrypted where the key says so.
#[utoipa::path(get, path = "/api/features/{key}", tag = "sdk",
    params(("key" = String, Path, description = "An SDK key")), security(()),
    responses((status = 200, body = Object), (status = 304), ApiError))]
async fn features(sdk: State<Sdk>, request: Request) -> Response {
    answer(sdk, request).await
}

/// Its stream: events `features` with the whole payload.
#[utoipa::path(get, path = "/sub/{key}", tag = "sdk",
    params(("key" = String, Path, description = "An SDK key")), security(()),
    responses((status = 200, body = StreamEvent, content_type = "text/event-stream"), ApiError))]
async fn subscription(sdk: State<Sdk>, request: Request) -> Response {
    answer(sdk, request).await
}

/// Report exposures that an SDK decided by itself, conversions, and what flags gave. Sending an
/// exposure or conversion twice does no harm; evaluations are sums. It answers when the events are
/// committed. The key may also stand in the query, for `sendBeacon`.
/// A gateway answers 202 before that, unless it is asked to wait (`Prefer: wait`), and takes
/// conversions without a key from its own pages.
#[utoipa::path(post, path = "/events", tag = "sdk",
    request_body = SdkEvents, security((), ("sdk_key" = []), ("sdk_key_in_query" = [])),
    responses((status = 200, body = SdkEventsTaken), (status = 202, body = SdkEventsQueued), ApiError))]
async fn events(sdk: State<Sdk>, request: Request) -> Response {
    answer(sdk, request).await
}

#[cfg(test)]
mod tests {
    use super::without_key;

    #[test]
    fn keys_stay_out_of_the_log() {
        assert_eq!(without_key("/sub/sdk-secret"), "/sub/");
        assert_eq!(without_key("/ofrep/v1/changes/k"), "/ofrep/v1/changes/");
        assert_eq!(without_key("/api/v1/flags"), "/api/v1/flags");
    }
}
