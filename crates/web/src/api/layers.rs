//! Layers.

use axum::Json;
use axum::extract::State;
use nexus_control::views::Layer;
use nexus_domain::Environment;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{ApiActor, Query};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LayerParams {
    /// Absent: all.
    environment: Option<Environment>,
}

/// List the layers that experiments name which have not ended, with their parts and what is
/// free.
#[utoipa::path(get, path = "/api/v1/layers", tag = "experiments", params(LayerParams),
    responses((status = 200, body = Vec<Layer>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
    Query(asked): Query<LayerParams>,
) -> Result<Json<Vec<Layer>>, ApiError> {
    let layers = web.console().layers(&actor.0, asked.environment);
    Ok(Json(layers.await?))
}
