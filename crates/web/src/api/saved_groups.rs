//! Saved groups.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::{
    Page, SavedGroupDetail, SavedGroupQuery, SavedGroupRevisions, SavedGroupRow,
};
use nexus_domain::Environment;
use nexus_domain::saved_group::{SavedGroup, SavedGroupChanges, SavedGroupDraft};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{ApiActor, Body, Path, Query};
use crate::identify::Web;
use crate::problem::ApiError;

/// Environment and id: ids repeat between environments.
type At = Path<(Environment, String)>;

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListParams {
    /// Part of id, name or description.
    q: String,
    environment: Option<Environment>,
    /// The archived ones instead of the others.
    archived: bool,
    /// From 1; 20 items a page.
    page: u32,
}

/// List saved groups, the ones changed last first, without their values.
#[utoipa::path(get, path = "/api/v1/saved-groups", tag = "saved groups", params(ListParams),
    responses((status = 200, body = Page<SavedGroupRow>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ListParams>,
) -> Result<Json<Page<SavedGroupRow>>, ApiError> {
    let query = SavedGroupQuery {
        q: p.q,
        environment: p.environment,
        archived: p.archived,
        page: p.page,
    };
    Ok(Json(web.console().saved_groups(&actor.0, &query).await?))
}

/// Create a saved group: `kind` is `list` (with `attribute` and `values`) or `condition`
/// (with `condition`).
#[utoipa::path(post, path = "/api/v1/saved-groups", tag = "saved groups",
    request_body = SavedGroupDraft, responses((status = 201, body = SavedGroup), ApiError))]
pub(super) async fn create(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<SavedGroupDraft>,
) -> Result<(StatusCode, Json<SavedGroup>), ApiError> {
    let made = web.console().create_saved_group(&actor.0, draft).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// One group with its values, what names it, its propagation and its history.
#[utoipa::path(get, path = "/api/v1/saved-groups/{environment}/{id}", tag = "saved groups",
    params(("environment" = Environment, Path), ("id" = String, Path)),
    responses((status = 200, body = SavedGroupDetail), ApiError))]
pub(super) async fn detail(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, id)): At,
) -> Result<Json<SavedGroupDetail>, ApiError> {
    let detail = web.console().saved_group(&actor.0, environment, &id);
    Ok(Json(detail.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedGroupEdit {
    /// The version that was read; another one in between is a conflict.
    version: u64,
    draft: SavedGroupDraft,
}

/// Replace words and content. Whatever names the group follows in the same commit.
#[utoipa::path(put, path = "/api/v1/saved-groups/{environment}/{id}", tag = "saved groups",
    params(("environment" = Environment, Path), ("id" = String, Path)),
    request_body = SavedGroupEdit, responses((status = 200, body = SavedGroup), ApiError))]
pub(super) async fn edit(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, id)): At,
    Body(edit): Body<SavedGroupEdit>,
) -> Result<Json<SavedGroup>, ApiError> {
    let console = web.console();
    let edited = console.edit_saved_group(&actor.0, environment, &id, edit.version, edit.draft);
    Ok(Json(edited.await?))
}

/// Every state it ever had, newest first, without values.
#[utoipa::path(get, path = "/api/v1/saved-groups/{environment}/{id}/revisions",
    tag = "saved groups",
    params(("environment" = Environment, Path), ("id" = String, Path)),
    responses((status = 200, body = SavedGroupRevisions), ApiError))]
pub(super) async fn revisions(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, id)): At,
) -> Result<Json<SavedGroupRevisions>, ApiError> {
    let revisions = web.console();
    let revisions = revisions.saved_group_revisions(&actor.0, environment, &id);
    Ok(Json(revisions.await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Two {
    /// Number of the older revision.
    from: u64,
    /// Number of the newer one.
    to: u64,
}

/// What differs in two revisions: values that came and went are counted, and up to 100 of
/// each are listed.
#[utoipa::path(get, path = "/api/v1/saved-groups/{environment}/{id}/changes",
    tag = "saved groups",
    params(("environment" = Environment, Path), ("id" = String, Path), Two),
    responses((status = 200, body = SavedGroupChanges), ApiError))]
pub(super) async fn changes(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, id)): At,
    Query(two): Query<Two>,
) -> Result<Json<SavedGroupChanges>, ApiError> {
    let console = web.console();
    let found = console.saved_group_changes(&actor.0, environment, &id, two.from, two.to);
    Ok(Json(found.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedGroupRestore {
    /// The version that was read; another one in between is a conflict.
    version: u64,
    /// Number of the revision to go back to.
    revision: u64,
}

/// Make an older revision the newest state.
#[utoipa::path(post, path = "/api/v1/saved-groups/{environment}/{id}/restore",
    tag = "saved groups",
    params(("environment" = Environment, Path), ("id" = String, Path)),
    request_body = SavedGroupRestore, responses((status = 200, body = SavedGroup), ApiError))]
pub(super) async fn restore(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, id)): At,
    Body(to): Body<SavedGroupRestore>,
) -> Result<Json<SavedGroup>, ApiError> {
    let console = web.console();
    let done = console.restore_saved_group(&actor.0, environment, &id, to.version, to.revision);
    Ok(Json(done.await?))
}

/// Put it out of use; refused while anything names it. Again is fine.
#[utoipa::path(post, path = "/api/v1/saved-groups/{environment}/{id}/archive",
    tag = "saved groups",
    params(("environment" = Environment, Path), ("id" = String, Path)),
    responses((status = 200, body = SavedGroup), ApiError))]
pub(super) async fn archive(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, id)): At,
) -> Result<Json<SavedGroup>, ApiError> {
    let console = web.console();
    let done = console.archive_saved_group(&actor.0, environment, &id, None, true);
    Ok(Json(done.await?))
}

/// Take it back into use. Again is fine.
#[utoipa::path(post, path = "/api/v1/saved-groups/{environment}/{id}/unarchive",
    tag = "saved groups",
    params(("environment" = Environment, Path), ("id" = String, Path)),
    responses((status = 200, body = SavedGroup), ApiError))]
pub(super) async fn unarchive(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, id)): At,
) -> Result<Json<SavedGroup>, ApiError> {
    let console = web.console();
    let done = console.archive_saved_group(&actor.0, environment, &id, None, false);
    Ok(Json(done.await?))
}
