//! What SDKs read.

use axum::Json;
use axum::extract::State;
use nexus_control::views::SdkPayload;
use nexus_domain::Environment;

use super::{ApiActor, Path};
use crate::identify::Web;
use crate::problem::ApiError;

/// The experiments of an environment as a GrowthBook payload: hand it to any of its SDKs,
/// and it answers as the gateway does.
#[utoipa::path(get, path = "/api/v1/environments/{environment}/growthbook", tag = "sdk",
    params(("environment" = Environment, Path)),
    responses((status = 200, body = SdkPayload), ApiError))]
pub(super) async fn growthbook(
    State(web): State<Web>,
    actor: ApiActor,
    Path(environment): Path<Environment>,
) -> Result<Json<SdkPayload>, ApiError> {
    Ok(Json(
        web.console().sdk_payload(&actor.0, environment).await?,
    ))
}
