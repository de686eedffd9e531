//! `/api/v1`: everything the pages do, for programs. Each operation is a
//! handler of a few lines: take the actor, call one use case, map the error.
//! The description at `/api/v1/openapi.json` is generated from the same
//! handlers that the router serves, so the two can't drift apart.

mod audit;
mod deciding;
mod description;
mod environments;
mod experiments;
mod extract;
mod flag_imports;
mod flags;
mod holdouts;
mod ingest;
mod members;
mod notes;
mod page;
mod plan;
mod qa;
mod reviews;
mod saved_groups;
mod sdk;
mod sdk_keys;
mod templates;
mod tokens;
mod traffic;

use axum::body::Bytes;
use axum::routing::{any, get};
use axum::{Json, Router};
use http::{Method, StatusCode, Uri, header};
use nexus_control::views::Overview;
use serde_json::Value;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use extract::{ApiActor, Body, Path, Query};

use crate::identify::Web;
use crate::problem::{ApiError, ProblemDetails};

/// The routes below `/api/v1`, the description and its readable page, and `/metrics`.
pub fn router(web: Web) -> Router {
    let (router, described) = routes().split_for_parts();
    let description = description::document(&described);
    let page = page::render(&description);
    let description = Bytes::from(description.to_string());
    Router::new()
        .merge(router)
        .merge(crate::ops::metrics_router())
        .route(
            "/api/v1/openapi.json",
            get(move || {
                let json = [(header::CONTENT_TYPE, "application/json")];
                std::future::ready((json, description.clone()))
            }),
        )
        .route(
            "/api/docs",
            get(move |nonce| page::respond(nonce, page.clone())),
        )
        .method_not_allowed_fallback(not_allowed)
        .route("/api", any(unknown))
        .route("/api/{*rest}", any(unknown))
        .with_state(web)
}

async fn unknown(uri: Uri) -> ProblemDetails {
    let path: String = uri.path().chars().take(200).collect();
    let detail = format!("there is no {path}");
    ProblemDetails::new(StatusCode::NOT_FOUND, "not-found", detail)
}

/// The router adds the header `Allow`.
async fn not_allowed(method: Method, uri: Uri) -> ProblemDetails {
    let detail = format!("{} does not take {method}", uri.path());
    ProblemDetails::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", detail)
}

/// The generated description.
#[must_use]
pub fn description() -> Value {
    description::document(&routes().split_for_parts().1)
}

fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::with_openapi(description::Base::openapi())
        .routes(routes!(overview))
        .routes(routes!(experiments::list, experiments::create))
        .routes(routes!(experiments::detail, experiments::edit))
        .routes(routes!(sdk::growthbook))
        .routes(routes!(experiments::revisions))
        .routes(routes!(experiments::restore))
        .routes(routes!(experiments::why))
        .routes(routes!(experiments::compare_why))
        .routes(routes!(experiments::results))
        .routes(routes!(experiments::results_csv))
        .routes(routes!(experiments::goal))
        .routes(routes!(experiments::metric))
        .routes(routes!(experiments::start))
        .routes(routes!(reviews::ask))
        .routes(routes!(reviews::withdraw))
        .routes(routes!(reviews::approve))
        .routes(routes!(reviews::send_back))
        .routes(routes!(environments::list))
        .routes(routes!(environments::change))
        .routes(routes!(environments::snapshots))
        .routes(routes!(experiments::schedule))
        .routes(routes!(experiments::unschedule))
        .routes(routes!(experiments::hold_ramp))
        .routes(routes!(experiments::continue_ramp))
        .routes(routes!(experiments::pause))
        .routes(routes!(experiments::resume))
        .routes(routes!(experiments::stop))
        .routes(routes!(deciding::decide))
        .routes(routes!(deciding::archive))
        .routes(routes!(deciding::unarchive))
        .routes(routes!(deciding::shipping))
        .routes(routes!(flags::list, flags::create))
        .routes(routes!(flags::detail, flags::edit))
        .routes(routes!(flags::revisions))
        .routes(routes!(flags::changes))
        .routes(routes!(flags::restore))
        .routes(routes!(flags::copy))
        .routes(routes!(flags::why))
        .routes(routes!(flags::compare_why))
        .routes(routes!(notes::on_flag))
        .routes(routes!(notes::on_experiment))
        .routes(routes!(notes::code_references))
        .routes(routes!(flag_imports::preview))
        .routes(routes!(flag_imports::import))
        .routes(routes!(flags::enable))
        .routes(routes!(flags::disable))
        .routes(routes!(flags::archive))
        .routes(routes!(flags::unarchive))
        .routes(routes!(sdk_keys::list, sdk_keys::create))
        .routes(routes!(sdk_keys::detail, sdk_keys::change))
        .routes(routes!(sdk_keys::revoke))
        .routes(routes!(saved_groups::list, saved_groups::create))
        .routes(routes!(saved_groups::detail, saved_groups::edit))
        .routes(routes!(saved_groups::revisions))
        .routes(routes!(saved_groups::changes))
        .routes(routes!(saved_groups::restore))
        .routes(routes!(saved_groups::archive))
        .routes(routes!(saved_groups::unarchive))
        .routes(routes!(holdouts::list, holdouts::create))
        .routes(routes!(holdouts::detail))
        .routes(routes!(holdouts::stop))
        .routes(routes!(qa::of_experiment, qa::for_experiment))
        .routes(routes!(qa::of_flag, qa::for_flag))
        .routes(routes!(qa::revoke))
        .routes(routes!(templates::of_experiments))
        .routes(routes!(templates::of_flags))
        .routes(routes!(templates::save_experiment))
        .routes(routes!(templates::save_flag))
        .routes(routes!(templates::delete))
        .routes(routes!(plan::plan))
        .routes(routes!(traffic::experiment))
        .routes(routes!(traffic::flag))
        .routes(routes!(traffic::what_if_experiment))
        .routes(routes!(traffic::what_if_flag))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::export))
        .routes(routes!(audit::proof))
        .routes(routes!(audit::consistency))
        .routes(routes!(members::list, members::add))
        .routes(routes!(members::change))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(ingest::ingest))
}

/// What runs, what hurts, what waits for the caller.
#[utoipa::path(get, path = "/api/v1/overview", tag = "overview",
    responses((status = 200, body = Overview), ApiError))]
async fn overview(
    web: axum::extract::State<Web>,
    actor: ApiActor,
) -> Result<Json<Overview>, ApiError> {
    Ok(Json(web.console().overview(&actor.0).await?))
}
