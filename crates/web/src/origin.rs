//! Defence against requests that another site makes a browser send.
//!
//! Every method that may change something must come from our own pages: by
//! `Sec-Fetch-Site: same-origin` (or `none`: typed by the person), else by an
//! `Origin` that is ours. A request with an `Authorization` header is not
//! forgeable by a browser across sites and passes; so does one to the API that says
//! nothing of who sends it: it is answered that a token is missing. The export of the audit log
//! changes nothing but is recorded under a person's name, so no other site may
//! set it off either.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};

use nexus_identity::access::ASSERTION_HEADER;

use crate::identify::Web;
use crate::problem::ProblemDetails;

/// Refuses cross-site mutations with 403.
pub async fn same_origin(State(web): State<Web>, request: Request, next: Next) -> Response {
    let harmless = is_safe(request.method()) && !is_recorded(&request);
    if harmless || is_nobodys(&request) || allowed(request.headers(), web.public_origin()) {
        return next.run(request).await;
    }
    tracing::warn!(method = %request.method(), path = request.uri().path(), "cross-site request refused");
    ProblemDetails::new(
        StatusCode::FORBIDDEN,
        "cross-site",
        "Refused: the request does not come from this console's own pages",
    )
    .into_response()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A browser always says where a request comes from; a program need not.
fn is_recorded(request: &Request) -> bool {
    request.uri().path().ends_with("/audit/export")
        && request.headers().contains_key("sec-fetch-site")
}

/// A program that forgot its token: browsers always send one of these.
fn is_nobodys(request: &Request) -> bool {
    const SOMEBODYS: [&str; 4] = ["cookie", ASSERTION_HEADER, "origin", "sec-fetch-site"];
    let headers = request.headers();
    request.uri().path().starts_with("/api/") && !SOMEBODYS.iter().any(|h| headers.contains_key(*h))
}

fn allowed(headers: &HeaderMap, public_origin: &str) -> bool {
    if headers.contains_key(header::AUTHORIZATION) {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    text("origin") == Some(public_origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_program_without_a_token_is_told_so() {
        let request = |path: &str, header: Option<&'static str>| {
            let mut request = Request::post(path);
            if let Some(name) = header {
                request = request.header(name, "x");
            }
            request.body(axum::body::Body::empty()).unwrap()
        };
        assert!(is_nobodys(&request("/api/v1/tokens", None)));
        assert!(!is_nobodys(&request("/settings/tokens", None)));
        for header in ["cookie", ASSERTION_HEADER, "origin", "sec-fetch-site"] {
            assert!(
                !is_nobodys(&request("/api/v1/tokens", Some(header))),
                "{header}"
            );
        }
    }

    #[test]
    fn only_our_own_pages_may_change_things() {
        let ours = "https://admin.example";
        for (pairs, expected) in [
            (&[][..], false),
            (&[("origin", "https://admin.example")], true),
            (&[("origin", "https://evil.example")], false),
            (&[("origin", "null")], false),
            (&[("sec-fetch-site", "same-origin")], true),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://admin.example"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("authorization", "Bearer x")], true),
        ] {
            assert_eq!(allowed(&headers(pairs), ours), expected, "{pairs:?}");
        }
    }
}
