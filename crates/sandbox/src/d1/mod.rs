//! D1: a SQLite file per database, and the statements clients run in it.

mod databases;
mod error;
mod guard;
mod import;
mod lexer;
mod meta;
mod outcome;
mod pool;
mod query;
mod run;

use axum::Router;
use axum::routing::{get, post, put};

use crate::Sandbox;

pub(crate) use pool::Databases;

pub(crate) fn routes() -> Router<Sandbox> {
    const ALL: &str = "/accounts/{account}/d1/database";
    let one = Router::new()
        .route("/", get(databases::get).delete(databases::delete))
        .route("/query", post(query::query))
        .route("/raw", post(query::raw))
        .route("/import", post(import::import));
    Router::new()
        .route(ALL, get(databases::list).post(databases::create))
        .nest("/accounts/{account}/d1/database/{database}", one)
}

/// Where imports are uploaded: the URL itself is the permission, as with the
/// presigned URL that Cloudflare gives out.
pub(crate) fn upload_routes() -> Router<Sandbox> {
    Router::new().route("/__sandbox/uploads/{token}", put(import::upload))
}
