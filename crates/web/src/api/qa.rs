//! Links of testers.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::{QaLinkRow, QaLinks};
use nexus_domain::Environment;
use nexus_domain::qa::{QaDraft, QaLink};

use super::{ApiActor, Body, Path};
use crate::identify::Web;
use crate::problem::ApiError;

/// The experiment's links in force, by which a browser sees one variant and counts nowhere.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/qa-links", tag = "qa links",
    params(("id" = String, Path)), responses((status = 200, body = QaLinks), ApiError))]
pub(super) async fn of_experiment(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<QaLinks>, ApiError> {
    Ok(Json(web.console().variant_links(&actor.0, &id).await?))
}

/// Make links for variants, also of a draft. Gateways honour them within seconds.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/qa-links", tag = "qa links",
    params(("id" = String, Path)), request_body = QaDraft,
    responses((status = 201, body = Vec<QaLinkRow>), ApiError))]
pub(super) async fn for_experiment(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(draft): Body<QaDraft>,
) -> Result<(StatusCode, Json<Vec<QaLinkRow>>), ApiError> {
    let console = web.console();
    let made = console.make_variant_links(&actor.0, &id, &draft).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// The flag's links in force.
#[utoipa::path(get, path = "/api/v1/flags/{environment}/{key}/qa-links", tag = "qa links",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    responses((status = 200, body = QaLinks), ApiError))]
pub(super) async fn of_flag(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): Path<(Environment, String)>,
) -> Result<Json<QaLinks>, ApiError> {
    let console = web.console();
    Ok(Json(
        console.value_links(&actor.0, environment, &key).await?,
    ))
}

/// Make links for values of a flag, whether it is on or off.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/qa-links", tag = "qa links",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = QaDraft, responses((status = 201, body = Vec<QaLinkRow>), ApiError))]
pub(super) async fn for_flag(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): Path<(Environment, String)>,
    Body(draft): Body<QaDraft>,
) -> Result<(StatusCode, Json<Vec<QaLinkRow>>), ApiError> {
    let console = web.console();
    let made = console.make_value_links(&actor.0, environment, &key, &draft);
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// End a link: gateways refuse it as soon as they have the next snapshot. Again is fine.
#[utoipa::path(post, path = "/api/v1/qa-links/{id}/revoke", tag = "qa links",
    params(("id" = String, Path)), responses((status = 200, body = QaLink), ApiError))]
pub(super) async fn revoke(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<QaLink>, ApiError> {
    Ok(Json(web.console().revoke_qa_link(&actor.0, &id).await?))
}
