//! What came of an experiment.

use axum::Json;
use axum::extract::State;
use nexus_control::Deciding;
use nexus_control::views::ShipPlan;
use nexus_domain::experiment::{Command, Experiment, Outcome};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Deserialize, ToSchema)]
pub(super) struct Decide {
    /// Refuse if the experiment has another version by now.
    version: Option<u64>,
    #[serde(flatten)]
    outcome: Outcome,
    /// What was learned; kept with the experiment and in the audit log.
    #[serde(default)]
    learned: String,
    /// With `ship`: what the variant sets becomes flags, in the same commit.
    #[serde(default)]
    as_flags: bool,
}

/// Say what came of it. Ends an experiment that still runs; the answer may be changed.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/decide", tag = "experiments",
    params(("id" = String, Path)), request_body = Decide,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn decide(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(asked): Body<Decide>,
) -> Result<Json<Experiment>, ApiError> {
    let deciding = Deciding {
        outcome: asked.outcome,
        learned: asked.learned,
        as_flags: asked.as_flags,
    };
    let console = web.console();
    let decided = console.decide_experiment(&actor.0, &id, asked.version, deciding);
    Ok(Json(decided.await?))
}

#[derive(Deserialize, Default, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Shelve {
    /// Refuse if the experiment has another version by now.
    version: Option<u64>,
}

/// Put an experiment that does not run out of the lists.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/archive", tag = "experiments",
    params(("id" = String, Path)), request_body = Shelve,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn archive(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(asked): Body<Shelve>,
) -> Result<Json<Experiment>, ApiError> {
    let console = web.console();
    let done = console.command_experiment(&actor.0, &id, asked.version, Command::Archive);
    Ok(Json(done.await?))
}

/// Bring an archived experiment back to where it was.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/unarchive", tag = "experiments",
    params(("id" = String, Path)), request_body = Shelve,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn unarchive(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(asked): Body<Shelve>,
) -> Result<Json<Experiment>, ApiError> {
    let console = web.console();
    let done = console.command_experiment(&actor.0, &id, asked.version, Command::Unarchive);
    Ok(Json(done.await?))
}

/// What shipping each variant would do to the flags.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/shipping", tag = "experiments",
    params(("id" = String, Path)), responses((status = 200, body = Vec<ShipPlan>), ApiError))]
pub(super) async fn shipping(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<Vec<ShipPlan>>, ApiError> {
    Ok(Json(web.console().shipping(&actor.0, &id).await?))
}
