//! Templates that a team saved.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_domain::Environment;
use nexus_domain::template::{Template, TemplateDraft, TemplateKind};

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

/// Templates of experiments, by name. Create an experiment with their `draft`.
#[utoipa::path(get, path = "/api/v1/templates/experiments", tag = "templates",
    responses((status = 200, body = Vec<Template>), ApiError))]
pub(super) async fn of_experiments(
    State(web): State<Web>,
    actor: ApiActor,
) -> Result<Json<Vec<Template>>, ApiError> {
    let templates = web.console().templates(&actor.0, TemplateKind::Experiment);
    Ok(Json(templates.await?))
}

/// Templates of flags, by name. Create a flag with their `draft`.
#[utoipa::path(get, path = "/api/v1/templates/flags", tag = "templates",
    responses((status = 200, body = Vec<Template>), ApiError))]
pub(super) async fn of_flags(
    State(web): State<Web>,
    actor: ApiActor,
) -> Result<Json<Vec<Template>>, ApiError> {
    let templates = web.console().templates(&actor.0, TemplateKind::Flag);
    Ok(Json(templates.await?))
}

/// Save an experiment's settings as a template.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/template", tag = "templates",
    params(("id" = String, Path)), request_body = TemplateDraft,
    responses((status = 201, body = Template), ApiError))]
pub(super) async fn save_experiment(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(draft): Body<TemplateDraft>,
) -> Result<(StatusCode, Json<Template>), ApiError> {
    let console = web.console();
    let saved = console.save_experiment_as_template(&actor.0, &id, draft);
    Ok((StatusCode::CREATED, Json(saved.await?)))
}

/// Save a flag's settings as a template.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/template", tag = "templates",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = TemplateDraft, responses((status = 201, body = Template), ApiError))]
pub(super) async fn save_flag(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): Path<(Environment, String)>,
    Body(draft): Body<TemplateDraft>,
) -> Result<(StatusCode, Json<Template>), ApiError> {
    let console = web.console();
    let saved = console.save_flag_as_template(&actor.0, environment, &key, draft);
    Ok((StatusCode::CREATED, Json(saved.await?)))
}

/// Delete a template. What began from it stays as it is.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path)), responses((status = 200, body = Template), ApiError))]
pub(super) async fn delete(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<Template>, ApiError> {
    Ok(Json(web.console().delete_template(&actor.0, &id).await?))
}
