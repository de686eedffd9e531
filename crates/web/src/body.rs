//! How large a request's body may be, on every host alike.

use axum::body::{Body, HttpBody as _};
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use http_body_util::{BodyExt as _, Limited};

use crate::problem::ProblemDetails;

const MEBIBYTE: usize = 1024 * 1024;
/// A batch of 1,000 events is about 400 kB.
const USUAL: usize = MEBIBYTE;
/// A list of a saved group has 1 MB as JSON, and a file of flags is of that size. A form writes
/// three bytes for most signs of JSON and six for the end of a line.
const LISTS: usize = 8 * MEBIBYTE;
/// What is read of a body that is refused.
const DRAINED: usize = 32 * MEBIBYTE;

/// The most bytes that a body for this path may have.
#[must_use]
pub fn max_body_bytes(path: &str) -> usize {
    const WITH_LISTS: [&str; 5] = [
        "/saved-groups/",
        "/flags/import",
        "/api/v1/saved-groups",
        "/api/v1/what-if/saved-group",
        "/api/v1/flag-imports",
    ];
    match WITH_LISTS.iter().any(|start| path.starts_with(start)) {
        true => LISTS,
        false => USUAL,
    }
}

/// Refuses bodies that are too large, at once where their size is told.
pub async fn limit_body(request: Request, next: Next) -> Response {
    let max = max_body_bytes(request.uri().path());
    let told = request.headers().get(header::CONTENT_LENGTH);
    let told = told.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let told = told.or_else(|| request.body().size_hint().exact());
    if told.is_some_and(|bytes| bytes > max as u64) {
        drain(request.into_body(), told).await;
        let detail = format!("The body is larger than {} MiB", max / MEBIBYTE);
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return ProblemDetails::new(status, "too-large", detail).into_response();
    }
    let mut request = request.map(|body| Body::new(Limited::new(body, max)));
    // The limit above is the one that counts.
    DefaultBodyLimit::disable().apply(&mut request);
    next.run(request).await
}

/// A browser reads the answer only once it could send everything.
async fn drain(body: Body, told: Option<u64>) {
    if told.is_some_and(|bytes| bytes > DRAINED as u64) {
        return;
    }
    let mut body = Limited::new(body, DRAINED);
    while let Some(Ok(_)) = body.frame().await {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_may_be_long_and_nothing_else() {
        for path in [
            "/saved-groups/new",
            "/saved-groups/production/beta/edit",
            "/api/v1/saved-groups",
            "/api/v1/saved-groups/production/beta",
            "/flags/import",
            "/api/v1/flag-imports/preview",
        ] {
            assert_eq!(max_body_bytes(path), LISTS, "{path}");
        }
        for path in ["/flags/new", "/api/v1/ingest", "/events", "/api/v1/flags"] {
            assert_eq!(max_body_bytes(path), USUAL, "{path}");
        }
    }
}
