//! Headers of every response: a nonce Content-Security-Policy, no sniffing, no
//! framing, no referrer to others, no caching of pages, and the request id.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderName, HeaderValue, header};
use nexus_control::ports::Random;
use tracing::Instrument as _;

use crate::identify::Web;
use crate::{Nonce, RequestId};

/// Everything from ourselves; scripts and styles by nonce; WebAssembly may be
/// compiled (`wasm-unsafe-eval`) but nothing else evaluated.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
         style-src 'self' 'nonce-{nonce}'; \
         script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'"
    )
}

const FIXED: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Outermost layer: gives the request its [`Nonce`] and [`RequestId`], every line
/// of the log about it the id, and the response its headers.
pub async fn secure(State(web): State<Web>, mut request: Request, next: Next) -> Response {
    let nonce = random_text(web.random());
    let request_id = web.console().request_id();
    let https = web.is_https();
    request.extensions_mut().insert(Nonce(nonce.clone()));
    request
        .extensions_mut()
        .insert(RequestId(request_id.clone()));
    // An error's level, so that no filter takes the id from an error's line.
    let span = tracing::error_span!("request", request_id);
    let mut response = next.run(request).instrument(span).await;
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let Ok(value) = HeaderValue::try_from(policy(&nonce)) {
        headers
            .entry(header::CONTENT_SECURITY_POLICY)
            .or_insert(value);
    }
    if let Ok(value) = HeaderValue::try_from(request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=63072000; includeSubDomains"),
        );
    }
    response
}

fn random_text(random: &dyn Random) -> String {
    let mut bytes = [0; 18];
    random.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
