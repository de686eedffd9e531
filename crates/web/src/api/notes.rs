//! What stands beside flags and experiments: comments, and places in code.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::Comment;
use nexus_domain::Environment;
use nexus_domain::code::CodeReferences;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    /// Plain text of at most 2,000 characters.
    text: String,
}

/// Say something of a flag.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/comments", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = Said, responses((status = 201, body = Comment), ApiError))]
pub(super) async fn on_flag(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): Path<(Environment, String)>,
    Body(said): Body<Said>,
) -> Result<(StatusCode, Json<Comment>), ApiError> {
    let console = web.console();
    let made = console.comment_on_flag(&actor.0, environment, &key, &said.text);
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Say something of an experiment.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/comments", tag = "experiments",
    params(("id" = String, Path)),
    request_body = Said, responses((status = 201, body = Comment), ApiError))]
pub(super) async fn on_experiment(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(said): Body<Said>,
) -> Result<(StatusCode, Json<Comment>), ApiError> {
    let console = web.console();
    let made = console.comment_on_experiment(&actor.0, &id, &said.text);
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Say where a repository's code asks for flags; it replaces what was said before.
#[utoipa::path(post, path = "/api/v1/code-references", tag = "flags",
    request_body = CodeReferences, responses((status = 204), ApiError))]
pub(super) async fn code_references(
    State(web): State<Web>,
    actor: ApiActor,
    Body(upload): Body<CodeReferences>,
) -> Result<StatusCode, ApiError> {
    let console = web.console();
    console.upload_code_references(&actor.0, &upload).await?;
    Ok(StatusCode::NO_CONTENT)
}
