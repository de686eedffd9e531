//! The look of another person at an experiment before it starts.

use axum::Json;
use axum::extract::State;
use nexus_domain::experiment::{Command, Experiment};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Word {
    /// Refuse if the experiment has another version by now.
    version: Option<u64>,
    /// To the other person; kept with the experiment and in the audit log.
    words: String,
}

async fn say(
    web: &Web,
    actor: &ApiActor,
    id: &str,
    version: Option<u64>,
    command: Command,
) -> Result<Json<Experiment>, ApiError> {
    let console = web.console();
    let said = console.command_experiment(&actor.0, id, version, command);
    Ok(Json(said.await?))
}

/// Send a draft to review.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/ask-review", tag = "experiments",
    params(("id" = String, Path)), request_body = Word,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn ask(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(Word { version, words }): Body<Word>,
) -> Result<Json<Experiment>, ApiError> {
    say(&web, &actor, &id, version, Command::AskReview { words }).await
}

/// Take it back from review.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/withdraw-review", tag = "experiments",
    params(("id" = String, Path)), request_body = Word,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn withdraw(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(Word { version, .. }): Body<Word>,
) -> Result<Json<Experiment>, ApiError> {
    say(&web, &actor, &id, version, Command::WithdrawReview).await
}

/// Approve it as it is; not one's own.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/approve", tag = "experiments",
    params(("id" = String, Path)), request_body = Word,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn approve(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(Word { version, words }): Body<Word>,
) -> Result<Json<Experiment>, ApiError> {
    say(&web, &actor, &id, version, Command::Approve { words }).await
}

/// Send it back with what is to change; also takes an approval back.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/send-back", tag = "experiments",
    params(("id" = String, Path)), request_body = Word,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn send_back(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(Word { version, words }): Body<Word>,
) -> Result<Json<Experiment>, ApiError> {
    say(&web, &actor, &id, version, Command::SendBack { words }).await
}
