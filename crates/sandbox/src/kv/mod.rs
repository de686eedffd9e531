//! Workers KV: namespaces, values, bulk operations, key listings.

mod bulk;
mod entry;
mod keys;
mod limits;
mod namespaces;
mod values;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

use crate::Sandbox;
use crate::envelope::ApiError;
use crate::ids;

pub(crate) fn routes() -> Router<Sandbox> {
    const ONE: &str = "/accounts/{account}/storage/kv/namespaces/{namespace}";
    let one = Router::new()
        .route(
            "/values/{*key}",
            get(values::get).put(values::put).delete(values::delete),
        )
        // Values are read with their own limit, over the framework's.
        .layer(DefaultBodyLimit::disable())
        .route(
            "/",
            get(namespaces::get)
                .put(namespaces::rename)
                .delete(namespaces::delete),
        )
        .route("/keys", get(keys::list))
        .route("/metadata/{*key}", get(values::metadata))
        .route("/bulk", put(bulk::put).delete(bulk::delete))
        .route("/bulk/delete", post(bulk::delete))
        .route("/bulk/get", post(bulk::get));
    Router::new()
        .route(
            "/accounts/{account}/storage/kv/namespaces",
            get(namespaces::list).post(namespaces::create),
        )
        .nest(ONE, one)
}

/// Checks that the namespace exists; `operation` starts the message as on
/// Cloudflare. *Recorded*: 10011 for an id of another shape, 10013 otherwise.
async fn require(sandbox: &Sandbox, id: &str, operation: &str) -> Result<(), ApiError> {
    if !ids::is_hex_32(id) {
        let message = format!(
            "could not parse UUID from request's namespace_id: 'uuid: incorrect UUID length: {id}'"
        );
        return Err(ApiError::bad_request(10011, message));
    }
    let found: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM kv_namespaces WHERE id = ?")
        .bind(id)
        .fetch_optional(sandbox.state())
        .await?;
    found
        .map(|_| ())
        .ok_or_else(|| unknown_namespace(operation))
}

fn unknown_namespace(operation: &str) -> ApiError {
    ApiError::not_found(10013, format!("{operation}: 'namespace not found'"))
}

/// *Recorded*: 10009.
fn unknown_key(operation: &str) -> ApiError {
    ApiError::not_found(10009, format!("{operation}: 'key not found'"))
}
