//! API tokens. Creating one needs a step-up, so it ends in a pending action
//! that a person confirms in the browser.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::{PendingAction, PendingRequest, TokenRow};
use nexus_domain::access::Scope;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

/// List API tokens; never their secrets.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens",
    responses((status = 200, body = Vec<TokenRow>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
) -> Result<Json<Vec<TokenRow>>, ApiError> {
    Ok(Json(web.console().tokens(&actor.0).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    name: String,
    scopes: Vec<Scope>,
    /// 1 to 365.
    expires_days: u32,
}

/// Ask for a token. Answers 202 with the pending action; open
/// `/step-up/{id}` in the browser to confirm it and see the secret once.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 202, body = PendingAction), ApiError))]
pub(super) async fn create(
    State(web): State<Web>,
    actor: ApiActor,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<PendingAction>), ApiError> {
    let NewToken {
        name,
        scopes,
        expires_days,
    } = new;
    let request = PendingRequest::CreateToken {
        name,
        scopes,
        expires_days,
    };
    Ok((
        StatusCode::ACCEPTED,
        Json(web.console().request(&actor.0, request).await?),
    ))
}

/// Revoke a token at once.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", params(("id" = String, Path)),
    responses((status = 204), ApiError))]
pub(super) async fn revoke(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    web.console().revoke_token(&actor.0, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
