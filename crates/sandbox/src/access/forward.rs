//! Passing a request on to the console, stamped, and its answer back, unbuffered.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, header};
use axum::response::Response;
use http_body_util::{LengthLimitError, Limited};

use super::pages::{self, Frame};
use super::random::hex_id;
use super::state::{Access, BASE};
use super::web::{is_navigation, page, problem, single};
use super::words::Lang;

/// What Access adds to a request it lets through.
pub(crate) struct Stamp {
    /// None of who was let through without being asked.
    pub(crate) assertion: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) country: String,
}

impl Stamp {
    /// Of a bypass policy.
    pub(crate) fn none(access: &Access) -> Self {
        Self {
            assertion: None,
            email: None,
            country: access.config.default_country.clone(),
        }
    }
}

/// Headers between two neighbours only (RFC 9110 §7.6.1). `Expect` is among them because our
/// own server has answered it already.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Sends the request on and returns the console's answer.
pub(crate) async fn forward(
    access: &Access,
    peer: SocketAddr,
    mut request: Request,
    stamp: Stamp,
) -> Response {
    let lang = Lang::of(None, request.headers());
    let for_person = is_navigation(request.method(), request.headers());
    let limit = access.config.body_limit_bytes;
    let length = single(request.headers(), "content-length").and_then(|text| text.parse().ok());
    if length.is_some_and(|bytes: usize| bytes > limit) {
        return too_large();
    }
    let Some(uri) = upstream_uri(access, request.uri()) else {
        return problem(StatusCode::BAD_REQUEST, "the address cannot be passed on");
    };
    let ray = ray(&access.config.colo);
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    clean(request.headers_mut());
    put_stamp(request.headers_mut(), access, peer, &stamp, &ray);
    let request = request.map(|body| Body::new(Limited::new(body, limit)));

    let patience = Duration::from_secs(access.config.upstream_timeout_s);
    let mut response = match tokio::time::timeout(patience, access.client.request(request)).await {
        Ok(Ok(response)) => response.map(Body::new),
        Ok(Err(error)) if is_too_large(&error) => return too_large(),
        Ok(Err(error)) => {
            tracing::warn!(error = %root(&error), "the console does not answer");
            return down(lang, StatusCode::BAD_GATEWAY, for_person);
        }
        Err(_) => return down(lang, StatusCode::GATEWAY_TIMEOUT, for_person),
    };
    *response.version_mut() = Version::HTTP_11;
    drop_hop_by_hop(response.headers_mut());
    if let Ok(ray) = HeaderValue::from_str(&ray) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("cf-ray"), ray);
    }
    response
}

/// Removes what only Cloudflare may say (also spelled with underscores, which some servers
/// read as hyphens) and what is not for the next neighbour.
fn clean(headers: &mut HeaderMap) {
    drop_hop_by_hop(headers);
    let reserved = |name: &str| {
        let name = name.replace('_', "-");
        name.starts_with("cf-")
            || name.starts_with("x-forwarded-")
            || matches!(name.as_str(), "forwarded" | "x-real-ip" | "true-client-ip")
    };
    let names: Vec<HeaderName> = headers
        .keys()
        .filter(|name| reserved(name.as_str()))
        .cloned()
        .collect();
    for name in names {
        headers.remove(name);
    }
}

fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

fn put_stamp(headers: &mut HeaderMap, access: &Access, peer: SocketAddr, stamp: &Stamp, ray: &str) {
    let ip = peer.ip().to_string();
    let origin = &access.config.public_origin;
    let host = access.origin.split_once("://").map_or("", |(_, host)| host);
    for (name, value) in [
        (
            "cf-access-jwt-assertion",
            stamp.assertion.as_deref().unwrap_or_default(),
        ),
        (
            "cf-access-authenticated-user-email",
            stamp.email.as_deref().unwrap_or_default(),
        ),
        ("cf-connecting-ip", &ip),
        ("cf-ipcountry", &stamp.country),
        ("cf-ray", ray),
        (
            "cf-visitor",
            &format!("{{\"scheme\":\"{}\"}}", origin.scheme()),
        ),
        ("x-forwarded-for", &ip),
        ("x-forwarded-host", host),
        ("x-forwarded-proto", origin.scheme()),
    ] {
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_str(value)) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}

fn upstream_uri(access: &Access, asked: &Uri) -> Option<Uri> {
    let upstream = &access.config.upstream;
    let mut parts = axum::http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(Authority::try_from(upstream.authority()).ok()?);
    parts.path_and_query = asked.path_and_query().cloned();
    Uri::from_parts(parts).ok()
}

/// Cloudflare's request id: 16 hexadecimal digits and the airport.
fn ray(colo: &str) -> String {
    format!("{}-{colo}", hex_id(8).unwrap_or_else(|_| "0".repeat(16)))
}

fn too_large() -> Response {
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        "the body is larger than Access lets through",
    )
}

fn down(lang: Lang, status: StatusCode, for_person: bool) -> Response {
    let words = lang.words();
    if !for_person {
        return problem(status, Lang::En.words().down);
    }
    let frame = Frame {
        lang,
        base: BASE,
        query: None,
    };
    // An empty address is this page's own.
    let html = pages::message(frame, words.down, words.down_why, Some(("", words.retry)));
    page(status, html, "")
}

fn is_too_large(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() {
            return true;
        }
        next = error.source();
    }
    false
}

fn root(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_else_can_say_what_cloudflare_says() {
        let mut headers = HeaderMap::new();
        for name in [
            "cf-access-jwt-assertion",
            "cf_access_jwt_assertion",
            "cf-connecting-ip",
            "x-forwarded-for",
            "x_forwarded_proto",
            "forwarded",
            "te",
            "x-hop",
        ] {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static("forged"),
            );
        }
        headers.append("connection", HeaderValue::from_static("close, X-Hop"));
        headers.append("x-kept", HeaderValue::from_static("kept"));
        clean(&mut headers);
        assert_eq!(
            headers.keys().map(HeaderName::as_str).collect::<Vec<_>>(),
            ["x-kept"]
        );
    }
}
