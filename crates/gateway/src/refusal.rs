//! Requests that go no further.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use crate::headers::is_loop;
use crate::limits::MAX_TARGET_BYTES;
use crate::problem::problem;

/// Everything but CONNECT and TRACE; what is behind may serve fewer.
const SERVED: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

/// The answer to a request that is not served, whoever asks.
pub(crate) fn refusal<B>(request: &Request<B>, max_body_bytes: u64) -> Option<Response<Bytes>> {
    let refuse = |status, detail| Some(problem(status, detail));
    let (uri, headers) = (request.uri(), request.headers());
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        let mut refused = problem(
            StatusCode::METHOD_NOT_ALLOWED,
            "the gateway does not serve this method",
        );
        refused.headers_mut().insert(header::ALLOW, SERVED);
        return Some(refused);
    }
    let target = uri.path_and_query().map_or("", |target| target.as_str());
    if !target.starts_with('/') {
        return refuse(StatusCode::BAD_REQUEST, "the request target must be a path");
    }
    if target.len() > MAX_TARGET_BYTES {
        return refuse(
            StatusCode::URI_TOO_LONG,
            "path and query are longer than 8192 bytes",
        );
    }
    let framings = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    if framings.iter().all(|name| headers.contains_key(name)) {
        return refuse(
            StatusCode::BAD_REQUEST,
            "Content-Length and Transfer-Encoding exclude each other",
        );
    }
    if headers.get_all(header::HOST).iter().count() > 1 {
        return refuse(StatusCode::BAD_REQUEST, "there is more than one Host");
    }
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    if length
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > max_body_bytes)
    {
        return refuse(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is longer than allowed",
        );
    }
    is_loop(headers).then(|| {
        problem(
            StatusCode::LOOP_DETECTED,
            "the request passed here too often",
        )
    })
}
