//! The audit log and its proofs.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use nexus_control::views::{
    AuditConsistency, AuditProof, AuditQuery, AuditRow, AuditVerification, Page,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{ApiActor, Path, Query};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListParams {
    /// Part of actor, action, object id or reason.
    q: String,
    actor_kind: Option<String>,
    /// Exact action, as `experiment.start`.
    action: Option<String>,
    object_id: Option<String>,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
    /// From 1; 50 items a page.
    page: u32,
}

/// Search the log, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(ListParams),
    responses((status = 200, body = Page<AuditRow>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ListParams>,
) -> Result<Json<Page<AuditRow>>, ApiError> {
    let query = AuditQuery {
        q: p.q,
        actor_kind: p.actor_kind,
        action: p.action,
        object_id: p.object_id,
        from_ms: p.from_ms,
        to_ms: p.to_ms,
        page: p.page,
    };
    Ok(Json(web.console().audit(&actor.0, &query).await?))
}

/// Recompute the whole tree and compare it with the last signed checkpoint.
#[utoipa::path(post, path = "/api/v1/audit/verify", tag = "audit",
    responses((status = 200, body = AuditVerification), ApiError))]
pub(super) async fn verify(
    State(web): State<Web>,
    actor: ApiActor,
) -> Result<Json<AuditVerification>, ApiError> {
    Ok(Json(web.console().audit_verify(&actor.0).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ExportParams {
    /// First entry.
    from_seq: u64,
    /// At most 10,000.
    limit: u32,
}

impl Default for ExportParams {
    fn default() -> Self {
        Self {
            from_seq: 0,
            limit: 10_000,
        }
    }
}

/// Export as JSON lines that `nexus-admin audit verify` checks offline; the
/// format is described in `docs/audit.md`.
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit", params(ExportParams),
    responses((status = 200, content_type = "application/jsonl", body = String), ApiError))]
pub(super) async fn export(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ExportParams>,
) -> Result<Response, ApiError> {
    let chunk = web
        .console()
        .audit_export(&actor.0, p.from_seq, p.limit)
        .await?;
    let kind = [(header::CONTENT_TYPE, "application/jsonl; charset=utf-8")];
    Ok((kind, chunk.text).into_response())
}

/// Inclusion proof of one entry in the newest signed checkpoint.
#[utoipa::path(get, path = "/api/v1/audit/{seq}/proof", tag = "audit", params(("seq" = u64, Path)),
    responses((status = 200, body = AuditProof), ApiError))]
pub(super) async fn proof(
    State(web): State<Web>,
    actor: ApiActor,
    Path(seq): Path<u64>,
) -> Result<Json<AuditProof>, ApiError> {
    Ok(Json(web.console().audit_proof(&actor.0, seq).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsistencyParams {
    /// Number of entries of the earlier log, from 1.
    from: u64,
    /// Number of entries of the later log; as many as there are now if left out.
    to: Option<u64>,
}

/// Consistency proof: that the log only grew between two sizes.
#[utoipa::path(get, path = "/api/v1/audit/consistency", tag = "audit", params(ConsistencyParams),
    responses((status = 200, body = AuditConsistency), ApiError))]
pub(super) async fn consistency(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ConsistencyParams>,
) -> Result<Json<AuditConsistency>, ApiError> {
    let proof = web.console().audit_consistency(&actor.0, p.from, p.to);
    Ok(Json(proof.await?))
}
