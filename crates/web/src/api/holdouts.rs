//! Holdouts.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::{HoldoutDetail, HoldoutRow};
use nexus_domain::Environment;
use nexus_domain::holdout::{Holdout, HoldoutDraft};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{ApiActor, Body, Path, Query};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListParams {
    /// Absent: all.
    environment: Option<Environment>,
}

/// List holdouts with their counts: those in force first, then the newest first, at most 200.
#[utoipa::path(get, path = "/api/v1/holdouts", tag = "holdouts", params(ListParams),
    responses((status = 200, body = Vec<HoldoutRow>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ListParams>,
) -> Result<Json<Vec<HoldoutRow>>, ApiError> {
    let holdouts = web.console().holdouts(&actor.0, p.environment);
    Ok(Json(holdouts.await?))
}

/// Create a holdout, in force at once. Its share and its metric never change.
#[utoipa::path(post, path = "/api/v1/holdouts", tag = "holdouts", request_body = HoldoutDraft,
    responses((status = 201, body = Holdout), ApiError))]
pub(super) async fn create(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<HoldoutDraft>,
) -> Result<(StatusCode, Json<Holdout>), ApiError> {
    let made = web.console().create_holdout(&actor.0, draft).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One holdout with the comparison of its two parts and its experiments.
#[utoipa::path(get, path = "/api/v1/holdouts/{id}", tag = "holdouts",
    params(("id" = String, Path)), responses((status = 200, body = HoldoutDetail), ApiError))]
pub(super) async fn detail(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<HoldoutDetail>, ApiError> {
    Ok(Json(web.console().holdout(&actor.0, &id).await?))
}

/// End it for good: what starts later leaves nobody out for it. Experiments that are in it
/// stay as they are until they end. Again is fine.
#[utoipa::path(post, path = "/api/v1/holdouts/{id}/stop", tag = "holdouts",
    params(("id" = String, Path)), responses((status = 200, body = Holdout), ApiError))]
pub(super) async fn stop(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<Holdout>, ApiError> {
    Ok(Json(web.console().stop_holdout(&actor.0, &id).await?))
}
