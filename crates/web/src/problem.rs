//! Problem details (RFC 9457): how the API and the layers say no.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use nexus_control::Error;
use nexus_domain::FieldProblem;
use serde::Serialize;
use utoipa::openapi::{self, ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

const MEDIA_TYPE: &str = "application/problem+json";

/// Body of every error, `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// `/problems/<code>`: stable, made for programs.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// What is wrong here, for people; English.
    pub detail: String,
    /// Every wrong field, for `invalid`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<FieldProblem>,
    /// Digest to step up for, for `step-up-required`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action_digest: Option<String>,
    /// The current version, for `conflict`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_version: Option<u64>,
    /// The wrong parameter of path or query, for `bad-parameter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
}

impl ProblemDetails {
    #[must_use]
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("/problems/{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            problems: Vec::new(),
            action_digest: None,
            current_version: None,
            parameter: None,
        }
    }
}

impl IntoResponse for ProblemDetails {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
        }
        response
    }
}

/// A use case's error on its way out of the API. What is internal goes to the
/// log, never into the response.
#[derive(Debug)]
pub struct ApiError(pub Error);

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Error::Internal(cause) | Error::Unavailable { cause, .. } = &self.0 {
            tracing::error!(error = %self.0, %cause, "request failed");
        }
        let mut problem = ProblemDetails::new(status, self.0.code(), self.0.to_string());
        match self.0 {
            Error::Invalid(problems) => problem.problems = problems,
            Error::StepUpRequired { action_digest, .. } => {
                problem.action_digest = Some(action_digest);
            }
            Error::Conflict { actual, .. } => problem.current_version = Some(actual),
            _ => {}
        }
        problem.into_response()
    }
}

/// How the description of the API tells of errors.
impl IntoResponses for ApiError {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDetails")));
        let response = ResponseBuilder::new()
            .description("Problem details (RFC 9457)")
            .content(MEDIA_TYPE, problem.build());
        BTreeMap::from([("default".to_owned(), response.build().into())])
    }
}
