//! For machines that watch the console: is it up, can it serve, how is it.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::api::ApiActor;
use crate::identify::Web;
use crate::problem::{ApiError, ProblemDetails};

/// `/health` (the process answers) and `/ready` (the database answers too). They tell
/// nothing else and need no sign-in.
pub fn router(web: Web) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok\n" }))
        .route("/ready", get(ready))
        .with_state(web)
}

async fn ready(State(web): State<Web>) -> Response {
    match web.console().ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(%error, "not ready");
            let status = StatusCode::SERVICE_UNAVAILABLE;
            ProblemDetails::new(status, "unavailable", "The database does not answer")
                .into_response()
        }
    }
}

/// `/metrics` (Prometheus text format 0.0.4). It tells how experiments do, so it is for those
/// who may read them: put it inside [`identify`](fn@crate::identify) and give Prometheus an API token.
pub fn metrics_router() -> Router<Web> {
    Router::new().route("/metrics", get(metrics))
}

async fn metrics(State(web): State<Web>, actor: ApiActor) -> Result<impl IntoResponse, ApiError> {
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    Ok((kind, web.console().metrics(&actor.0).await?))
}
