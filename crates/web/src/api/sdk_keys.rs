//! SDK keys.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::{SdkKeyDetail, SdkKeyOnce};
use nexus_domain::Environment;
use nexus_domain::sdk_key::{EncryptionChange, SdkKey, SdkKeyDraft, SdkKeyEdit};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

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

/// List SDK keys: those in use first, then the newest first, at most 400.
#[utoipa::path(get, path = "/api/v1/sdk-keys", tag = "sdk keys", params(ListParams),
    responses((status = 200, body = Vec<SdkKey>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ListParams>,
) -> Result<Json<Vec<SdkKey>>, ApiError> {
    let keys = web.console().sdk_keys(&actor.0, p.environment);
    Ok(Json(keys.await?))
}

/// Create a key. The text of a server key is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/sdk-keys", tag = "sdk keys", request_body = SdkKeyDraft,
    responses((status = 201, body = SdkKeyOnce), ApiError))]
pub(super) async fn create(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<SdkKeyDraft>,
) -> Result<(StatusCode, Json<SdkKeyOnce>), ApiError> {
    let made = web.console().create_sdk_key(&actor.0, draft).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One key with its propagation and its history.
#[utoipa::path(get, path = "/api/v1/sdk-keys/{id}", tag = "sdk keys",
    params(("id" = String, Path)), responses((status = 200, body = SdkKeyDetail), ApiError))]
pub(super) async fn detail(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<SdkKeyDetail>, ApiError> {
    Ok(Json(web.console().sdk_key(&actor.0, &id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SdkKeyChange {
    /// The version that was read; another one in between is a conflict.
    version: u64,
    /// What uses it; unique among the environment's keys in use.
    name: String,
    /// All of them; none is any.
    #[serde(default)]
    origins: Vec<String>,
    #[serde(default)]
    encryption: EncryptionChange,
}

/// Replace name and origins, and switch or rotate the encryption.
#[utoipa::path(put, path = "/api/v1/sdk-keys/{id}", tag = "sdk keys",
    params(("id" = String, Path)), request_body = SdkKeyChange,
    responses((status = 200, body = SdkKey), ApiError))]
pub(super) async fn change(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<SdkKeyChange>,
) -> Result<Json<SdkKey>, ApiError> {
    let edit = SdkKeyEdit {
        name: change.name,
        origins: change.origins,
        encryption: change.encryption,
    };
    let console = web.console();
    let changed = console.change_sdk_key(&actor.0, &id, change.version, &edit);
    Ok(Json(changed.await?))
}

/// End it for good: gateways refuse it as soon as they have the next snapshot. Again is fine.
#[utoipa::path(post, path = "/api/v1/sdk-keys/{id}/revoke", tag = "sdk keys",
    params(("id" = String, Path)), responses((status = 200, body = SdkKey), ApiError))]
pub(super) async fn revoke(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<SdkKey>, ApiError> {
    Ok(Json(web.console().revoke_sdk_key(&actor.0, &id).await?))
}
