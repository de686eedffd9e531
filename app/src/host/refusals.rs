//! What layers refuse before a page is asked (a body too large, no answer in time, a panic, a
//! request from another site) is told to people as a page, in their language.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{StatusCode, header};

use super::App;
use super::respond::refused;
use super::visit::context;

/// Paths that programs ask, whatever they accept.
const FOR_PROGRAMS: [&str; 7] = [
    "/api", "/ofrep/", "/sub/", "/events", "/metrics", "/health", "/ready",
];

/// Goes around all layers that may refuse, within the one that gives the nonce.
pub async fn refusals(State(app): State<App>, request: Request, next: Next) -> Response {
    if !is_persons(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let cx = context(&app, &parts);
    let path = parts.uri.path().to_owned();
    let response = next.run(Request::from_parts(parts, body)).await;
    if is_told(&response) {
        return response;
    }
    let status = response.status();
    let mut page = refused(&cx, status, nexus_web::max_body_bytes(&path));
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

/// A browser that shows what it gets, on a path that has pages.
fn is_persons(request: &Request) -> bool {
    let accepted = request.headers().get(header::ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    let path = request.uri().path();
    accepted.is_some_and(|kinds| kinds.contains("text/html"))
        && !FOR_PROGRAMS.iter().any(|start| path.starts_with(start))
}

/// Whether there is nothing to explain, or a page explains it.
fn is_told(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    !is_error || is_page || response.status() == StatusCode::NOT_FOUND
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn pages_are_for_people_only() {
        let asked = |path: &str, accept: &str| {
            let request = Request::get(path).header(header::ACCEPT, accept);
            is_persons(&request.body(Body::empty()).unwrap())
        };
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!(asked("/saved-groups/new", browser));
        assert!(!asked("/saved-groups/new", "*/*"));
        for path in [
            "/api/v1/flags",
            "/ofrep/v1/evaluate/flags",
            "/sub/key",
            "/health",
        ] {
            assert!(!asked(path, browser), "{path}");
        }
    }
}
