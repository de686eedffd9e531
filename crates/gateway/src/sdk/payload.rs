//! `GET /__nexus/api/features/{key}`: the payload as GrowthBook's SDKs fetch it.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use super::door::Asker;
use crate::problem::{answer, empty, problem};

/// Says that there is a stream of changes.
const SSE_SUPPORT: HeaderName = HeaderName::from_static("x-sse-support");

/// The payload, or 304 to whoever has it already.
pub(super) fn features(
    asker: &Asker,
    headers: &HeaderMap,
    now_ms: i64,
    has_streams: bool,
) -> Response<Bytes> {
    let Some((body, etag)) = current(asker, now_ms) else {
        return problem(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the payload cannot be made for this key",
        );
    };
    let mut response = match is_known(headers, &etag) {
        true => empty(StatusCode::NOT_MODIFIED),
        false => answer(StatusCode::OK, "application/json", body),
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    // Kept, but never given without asking: a key can be taken back.
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    if has_streams {
        headers.insert(SSE_SUPPORT, HeaderValue::from_static("enabled"));
    }
    response
}

fn current(asker: &Asker, now_ms: i64) -> Option<(Bytes, HeaderValue)> {
    let view = asker.published.view(now_ms)?;
    let body = view.payload(asker.position, asker.key()?)?;
    Some((body, view.etag()?))
}

/// Whether the asker has what this tag names (RFC 9110 §13.1.2).
pub(super) fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).into_iter();
    let tags = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"));
    tags.into_iter()
        .any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly() {
        let etag = HeaderValue::from_static("\"7-0\"");
        let known = |list: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, list.parse().unwrap());
            is_known(&headers, &etag)
        };
        assert!(known("\"7-0\"") && known("W/\"7-0\"") && known("\"x\", \"7-0\"") && known("*"));
        assert!(!known("\"7\"") && !known("7-0") && !is_known(&HeaderMap::new(), &etag));
    }
}
