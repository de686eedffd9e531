//! What environments ask of their experiments.

use axum::Json;
use axum::extract::State;
use nexus_control::views::SnapshotRow;
use nexus_domain::Environment;
use nexus_domain::environment::EnvironmentRules;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

/// What each environment asks of its experiments.
#[utoipa::path(get, path = "/api/v1/environments", tag = "environments",
    responses((status = 200, body = Vec<EnvironmentRules>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
) -> Result<Json<Vec<EnvironmentRules>>, ApiError> {
    Ok(Json(web.console().environment_rules(&actor.0).await?))
}

/// The snapshots that are still kept, the newest first, at most 100.
#[utoipa::path(get, path = "/api/v1/environments/{environment}/snapshots", tag = "environments",
    params(("environment" = Environment, Path)),
    responses((status = 200, body = Vec<SnapshotRow>), ApiError))]
pub(super) async fn snapshots(
    State(web): State<Web>,
    actor: ApiActor,
    Path(environment): Path<Environment>,
) -> Result<Json<Vec<SnapshotRow>>, ApiError> {
    Ok(Json(web.console().snapshots(&actor.0, environment).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    /// Another person must approve an experiment before it starts.
    review: bool,
}

/// Change what an environment asks; holds from the next start on.
#[utoipa::path(put, path = "/api/v1/environments/{environment}", tag = "environments",
    params(("environment" = Environment, Path)), request_body = Rules,
    responses((status = 200, body = EnvironmentRules), ApiError))]
pub(super) async fn change(
    State(web): State<Web>,
    actor: ApiActor,
    Path(environment): Path<Environment>,
    Body(rules): Body<Rules>,
) -> Result<Json<EnvironmentRules>, ApiError> {
    let new = EnvironmentRules {
        environment,
        review: rules.review,
    };
    let done = web.console().set_environment_rules(&actor.0, new);
    Ok(Json(done.await?))
}
