//! Counting an experiment anew from raw events.

use axum::Json;
use axum::extract::State;
use nexus_control::views::{Recomputable, Recomputation};
use nexus_domain::experiment::Metric;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

/// Whether an experiment can be recomputed, and how far the newest attempt is.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/recomputation", tag = "experiments",
    params(("id" = String, Path)), responses((status = 200, body = Recomputable), ApiError))]
pub(super) async fn show(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<Recomputable>, ApiError> {
    Ok(Json(web.console().recomputable(&actor.0, &id).await?))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Recompute {
    /// Refuse if the experiment has another version by now.
    version: Option<u64>,
    /// The metrics beside the goal that it is to have from then on, all of them; absent:
    /// those it has. Guardrails and `pre_days` stay as they are.
    metrics: Option<Vec<Metric>>,
}

/// Recompute an experiment from raw events. Results stay as they are until it is done.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/recomputation", tag = "experiments",
    params(("id" = String, Path)), request_body = Recompute,
    responses((status = 200, body = Recomputation), ApiError))]
pub(super) async fn begin(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(Recompute { version, metrics }): Body<Recompute>,
) -> Result<Json<Recomputation>, ApiError> {
    let console = web.console();
    let begun = console.recompute_experiment(&actor.0, &id, version, metrics);
    Ok(Json(begun.await?))
}

/// Cancel it; results stay as they are.
#[utoipa::path(delete, path = "/api/v1/experiments/{id}/recomputation", tag = "experiments",
    params(("id" = String, Path)), responses((status = 200, body = Recomputation), ApiError))]
pub(super) async fn cancel(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<Recomputation>, ApiError> {
    let cancelled = web.console().cancel_recomputation(&actor.0, &id);
    Ok(Json(cancelled.await?))
}
