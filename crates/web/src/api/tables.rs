//! Results as tables to save, each as JSON and as CSV.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header;
use nexus_control::TableRow;
use nexus_control::views::{CourseRow, QuantileRow, ResultRow, SliceRow};
use nexus_domain::experiment::Dimension;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{ApiActor, Path, Query};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Of {
    /// Key of a metric; the conversion goal when absent.
    metric: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfSlices {
    /// Key of a metric; the conversion goal when absent.
    metric: Option<String>,
    /// By what the slices are; `country` when absent.
    #[serde(default = "country")]
    by: Dimension,
}

const fn country() -> Dimension {
    Dimension::Country
}

/// Who asks which experiment for what.
type Asked<Q> = (State<Web>, ApiActor, Path<String>, Query<Q>);

fn file<R: TableRow>(rows: Vec<R>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    (kind, nexus_control::csv(&rows)).into_response()
}

/// Results as rows: one per metric and variant, what decides first.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/results", tag = "experiments", params(("id" = String, Path)),
    responses((status = 200, body = Vec<ResultRow>), ApiError))]
pub(super) async fn results(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<Vec<ResultRow>>, ApiError> {
    Ok(Json(web.console().result_rows(&actor.0, &id).await?))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/results.csv", tag = "experiments", params(("id" = String, Path)),
    responses((status = 200, content_type = "text/csv", body = String), ApiError))]
pub(super) async fn results_csv(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(file(web.console().result_rows(&actor.0, &id).await?))
}

/// The course of a metric as rows: one per point of time, oldest first, and variant.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/course", tag = "experiments", params(("id" = String, Path), Of),
    responses((status = 200, body = Vec<CourseRow>), ApiError))]
pub(super) async fn course(asked: Asked<Of>) -> Result<Json<Vec<CourseRow>>, ApiError> {
    Ok(Json(course_rows(asked).await?))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/course.csv", tag = "experiments", params(("id" = String, Path), Of),
    responses((status = 200, content_type = "text/csv", body = String), ApiError))]
pub(super) async fn course_csv(asked: Asked<Of>) -> Result<Response, ApiError> {
    Ok(file(course_rows(asked).await?))
}

async fn course_rows(
    (State(web), actor, Path(id), Query(of)): Asked<Of>,
) -> Result<Vec<CourseRow>, ApiError> {
    let rows = web
        .console()
        .course_rows(&actor.0, &id, of.metric.as_deref());
    Ok(rows.await?)
}

/// The slices of a metric as rows: one per slice, those with most users first, and variant.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/slices", tag = "experiments", params(("id" = String, Path), OfSlices),
    responses((status = 200, body = Vec<SliceRow>), ApiError))]
pub(super) async fn slices(asked: Asked<OfSlices>) -> Result<Json<Vec<SliceRow>>, ApiError> {
    Ok(Json(slice_rows(asked).await?))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/slices.csv", tag = "experiments", params(("id" = String, Path), OfSlices),
    responses((status = 200, content_type = "text/csv", body = String), ApiError))]
pub(super) async fn slices_csv(asked: Asked<OfSlices>) -> Result<Response, ApiError> {
    Ok(file(slice_rows(asked).await?))
}

async fn slice_rows(
    (State(web), actor, Path(id), Query(of)): Asked<OfSlices>,
) -> Result<Vec<SliceRow>, ApiError> {
    let rows = web
        .console()
        .slice_rows(&actor.0, &id, of.metric.as_deref(), of.by);
    Ok(rows.await?)
}

/// The distribution behind a quantile as rows: one per level, lowest first, and variant.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/quantiles", tag = "experiments", params(("id" = String, Path), Of),
    responses((status = 200, body = Vec<QuantileRow>), ApiError))]
pub(super) async fn quantiles(asked: Asked<Of>) -> Result<Json<Vec<QuantileRow>>, ApiError> {
    Ok(Json(quantile_rows(asked).await?))
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/quantiles.csv", tag = "experiments", params(("id" = String, Path), Of),
    responses((status = 200, content_type = "text/csv", body = String), ApiError))]
pub(super) async fn quantiles_csv(asked: Asked<Of>) -> Result<Response, ApiError> {
    Ok(file(quantile_rows(asked).await?))
}

async fn quantile_rows(
    (State(web), actor, Path(id), Query(of)): Asked<Of>,
) -> Result<Vec<QuantileRow>, ApiError> {
    let rows = web
        .console()
        .quantile_rows(&actor.0, &id, of.metric.as_deref());
    Ok(rows.await?)
}
