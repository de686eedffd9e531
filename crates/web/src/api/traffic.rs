//! What rules would do with the visitors of the last day.

use axum::Json;
use axum::extract::State;
use nexus_control::views::{AudienceEstimate, FlagAudience, HoldoutEstimate, WhatIf};
use nexus_domain::experiment::Draft;
use nexus_domain::flag::FlagDraft;
use nexus_domain::holdout::HoldoutDraft;
use nexus_domain::saved_group::SavedGroupDraft;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiActor, Body};
use crate::identify::Web;
use crate::problem::ApiError;

/// Who of the last day's visitors would take part in an experiment if it ran now. Of the
/// draft only what says whom it is for must make sense; nothing is stored.
#[utoipa::path(post, path = "/api/v1/estimates/experiment", tag = "estimates",
    request_body = Draft, responses((status = 200, body = AudienceEstimate), ApiError))]
pub(super) async fn experiment(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<Draft>,
) -> Result<Json<AudienceEstimate>, ApiError> {
    let estimate = web.console().estimate_experiment(&actor.0, &draft);
    Ok(Json(estimate.await?))
}

/// Whom of the last day's visitors each rule of a flag would take in if it were on. Nothing
/// is stored.
#[utoipa::path(post, path = "/api/v1/estimates/flag", tag = "estimates",
    request_body = FlagDraft, responses((status = 200, body = FlagAudience), ApiError))]
pub(super) async fn flag(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<FlagDraft>,
) -> Result<Json<FlagAudience>, ApiError> {
    let estimate = web.console().estimate_flag(&actor.0, &draft);
    Ok(Json(estimate.await?))
}

/// Who of the last hour's visitors would get another variant if the experiment started now
/// like this. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/what-if/experiment", tag = "estimates",
    request_body = Draft, responses((status = 200, body = WhatIf), ApiError))]
pub(super) async fn what_if_experiment(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<Draft>,
) -> Result<Json<WhatIf>, ApiError> {
    let answer = web.console().what_if_experiment(&actor.0, draft);
    Ok(Json(answer.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlagAfterwards {
    draft: FlagDraft,
    /// Whether the flag is on then; absent: as it is now.
    #[serde(default)]
    enabled: Option<bool>,
}

/// Who of the last hour's visitors would get another value if the flag were saved like this.
/// Nothing is stored.
#[utoipa::path(post, path = "/api/v1/what-if/flag", tag = "estimates",
    request_body = FlagAfterwards, responses((status = 200, body = WhatIf), ApiError))]
pub(super) async fn what_if_flag(
    State(web): State<Web>,
    actor: ApiActor,
    Body(after): Body<FlagAfterwards>,
) -> Result<Json<WhatIf>, ApiError> {
    let console = web.console();
    let answer = console.what_if_flag(&actor.0, after.draft, after.enabled);
    Ok(Json(answer.await?))
}

/// Which flags and experiments would change for the last hour's visitors as soon as the saved
/// group were saved like this. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/what-if/saved-group", tag = "estimates",
    request_body = SavedGroupDraft, responses((status = 200, body = WhatIf), ApiError))]
pub(super) async fn what_if_saved_group(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<SavedGroupDraft>,
) -> Result<Json<WhatIf>, ApiError> {
    let answer = web.console().what_if_saved_group(&actor.0, draft);
    Ok(Json(answer.await?))
}

/// Whom of the last day's visitors a holdout would leave out of everything that starts later.
/// Nothing is stored.
#[utoipa::path(post, path = "/api/v1/estimates/holdout", tag = "estimates",
    request_body = HoldoutDraft, responses((status = 200, body = HoldoutEstimate), ApiError))]
pub(super) async fn holdout(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<HoldoutDraft>,
) -> Result<Json<HoldoutEstimate>, ApiError> {
    let estimate = web.console().estimate_holdout(&actor.0, &draft);
    Ok(Json(estimate.await?))
}
