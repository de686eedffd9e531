//! Telemetry from gateways.

use axum::Json;
use axum::extract::State;
use nexus_control::ingest::{IngestBatch, IngestReply};

use super::{ApiActor, Body};
use crate::identify::Web;
use crate::problem::ApiError;

/// Exposures, outcomes and conversions; at most 1,000 events. Idempotent by
/// event id, so an unanswered batch is simply sent again.
#[utoipa::path(post, path = "/api/v1/ingest", tag = "ingest", request_body = IngestBatch,
    responses((status = 200, body = IngestReply), ApiError))]
pub(super) async fn ingest(
    State(web): State<Web>,
    actor: ApiActor,
    Body(batch): Body<IngestBatch>,
) -> Result<Json<IngestReply>, ApiError> {
    Ok(Json(web.console().ingest(&actor.0, batch).await?))
}
