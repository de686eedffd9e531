//! Members and their roles. Changes need a step-up and so become pending
//! actions that a person confirms in the browser.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::{MemberRow, PendingAction, PendingRequest};
use nexus_domain::access::Grant;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

/// List members.
#[utoipa::path(get, path = "/api/v1/members", tag = "members",
    responses((status = 200, body = Vec<MemberRow>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
) -> Result<Json<Vec<MemberRow>>, ApiError> {
    Ok(Json(web.console().members(&actor.0).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMember {
    /// Address of a person, or client id of an Access service token.
    email: String,
    #[serde(default)]
    machine: bool,
    grants: Vec<Grant>,
}

/// Ask for a new member. Answers 202 with the pending action; open
/// `/step-up/{id}` in the browser to confirm it.
#[utoipa::path(post, path = "/api/v1/members", tag = "members", request_body = NewMember,
    responses((status = 202, body = PendingAction), ApiError))]
pub(super) async fn add(
    State(web): State<Web>,
    actor: ApiActor,
    Body(new): Body<NewMember>,
) -> Result<(StatusCode, Json<PendingAction>), ApiError> {
    let NewMember {
        email,
        machine,
        grants,
    } = new;
    let request = PendingRequest::AddMember {
        email,
        machine,
        grants,
    };
    Ok((
        StatusCode::ACCEPTED,
        Json(web.console().request(&actor.0, request).await?),
    ))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeMember {
    email: String,
    version: u64,
    grants: Vec<Grant>,
    disabled: bool,
}

/// Ask for a change of roles or state; 202 as for a new member.
#[utoipa::path(put, path = "/api/v1/members/{id}", tag = "members", params(("id" = String, Path)),
    request_body = ChangeMember,
    responses((status = 202, body = PendingAction), ApiError))]
pub(super) async fn change(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<ChangeMember>,
) -> Result<(StatusCode, Json<PendingAction>), ApiError> {
    let ChangeMember {
        email,
        version,
        grants,
        disabled,
    } = change;
    let request = PendingRequest::ChangeMember {
        id,
        email,
        version,
        grants,
        disabled,
    };
    Ok((
        StatusCode::ACCEPTED,
        Json(web.console().request(&actor.0, request).await?),
    ))
}
