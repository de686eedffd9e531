//! Small HTTP questions and answers every handler needs.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use url::Url;

/// The value of a header when it is there exactly once and readable.
pub(crate) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The first cookie of a name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// One `Set-Cookie` value. `max_age_s` 0 clears the cookie. Our names and values hold
/// nothing that would need quoting.
pub(crate) fn set_cookie(
    name: &str,
    value: &str,
    path: &str,
    same_site: &str,
    max_age_s: i64,
    secure: bool,
) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!(
        "{name}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite={same_site}{secure}"
    );
    HeaderValue::from_str(&text).ok()
}

/// Whether a person's browser is going somewhere, as opposed to a script fetching something.
pub(crate) fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    if !(method == Method::GET || method == Method::HEAD) {
        return false;
    }
    match single(headers, "sec-fetch-mode") {
        Some(mode) => mode == "navigate",
        None => {
            let accept = single(headers, "accept").unwrap_or_default();
            accept.contains("text/html") && !headers.contains_key("x-requested-with")
        }
    }
}

/// Whether a form was sent from a page of `origin` itself. Browsers say so by `Origin`,
/// newer ones also by `Sec-Fetch-Site`; a request that says neither is refused.
pub(crate) fn is_own_form(headers: &HeaderMap, origin: &str) -> bool {
    let site = headers
        .get("sec-fetch-site")
        .map(|site| site == "same-origin");
    let from = headers.get(header::ORIGIN).map(|from| from == origin);
    site.is_some_and(|own| own) && from != Some(false) || site.is_none() && from == Some(true)
}

/// A place on our own site to go to after signing in, or `/` for anything else: other
/// hosts, other schemes, tricks with slashes, and Access's own pages.
pub(crate) fn local_target(asked: &str, origin: &Url) -> String {
    let plain = asked.starts_with('/')
        && !asked.starts_with("//")
        && asked.len() <= 2048
        && !asked
            .bytes()
            .any(|byte| byte == b'\\' || byte <= b' ' || byte == 0x7f);
    let joined = plain.then(|| origin.join(asked).ok()).flatten();
    let Some(target) = joined.filter(|target| target.origin() == origin.origin()) else {
        return "/".into();
    };
    if target.path().starts_with("//") || target.path().starts_with("/cdn-cgi/") {
        return "/".into();
    }
    target[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
}

/// A page of ours: never cached, never framed, no script at all. `form_target` is another
/// origin a form may end up at after its redirect (browsers check those too).
pub(crate) fn page(status: StatusCode, html: maud::Markup, form_target: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self' {form_target}"
    );
    let mut response = (status, html.into_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    if let Ok(policy) = HeaderValue::from_str(policy.trim_end()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not no-referrer: that would make browsers send `Origin: null` with our forms.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (header::VARY, "accept-language"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// An answer for programs (RFC 9457).
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = uncached_json(status, &body);
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// JSON nobody may keep.
pub(crate) fn uncached_json(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

/// A redirect the browser follows with GET and does not keep.
pub(crate) fn see_other(to: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(to) else {
        return problem(
            StatusCode::BAD_REQUEST,
            "the target cannot be written as a header",
        );
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(header::LOCATION, location);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The first value of a query's parameter, decoded.
pub(crate) fn param(query: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// Encodes a query from pairs.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn targets_elsewhere_become_the_front_page() {
        let origin = Url::parse("http://127.0.0.1:7800").unwrap();
        for (asked, target) in [
            ("/experiments?q=a%20b&page=2", "/experiments?q=a%20b&page=2"),
            ("/", "/"),
            ("", "/"),
            ("https://evil.example/", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("\\\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/\r\nSet-Cookie: a=b", "/"),
            ("/.//evil.example", "/"),
            ("/x/..//evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("http:evil.example", "/"),
            ("/cdn-cgi/access/logout", "/"),
            ("/a/../cdn-cgi/access/logout", "/"),
        ] {
            assert_eq!(local_target(asked, &origin), target, "{asked:?}");
        }
    }

    proptest! {
        #[test]
        fn no_target_leaves_the_site(asked in "[/\\\\.:a@%?# \t]{0,24}") {
            let origin = Url::parse("http://127.0.0.1:7800").unwrap();
            let target = local_target(&asked, &origin);
            prop_assert_eq!(origin.join(&target).unwrap().origin(), origin.origin());
        }
    }

    #[test]
    fn only_our_own_forms_count() {
        let ours = "http://127.0.0.1:7800";
        let with = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            is_own_form(&headers, ours)
        };
        assert!(with(&[("origin", ours)]));
        assert!(with(&[("origin", ours), ("sec-fetch-site", "same-origin")]));
        assert!(!with(&[]));
        assert!(!with(&[("origin", "null")]));
        assert!(!with(&[("origin", "http://127.0.0.1:7801")]));
        assert!(!with(&[("origin", ours), ("sec-fetch-site", "same-site")]));
        assert!(!with(&[
            ("origin", "http://e.example"),
            ("sec-fetch-site", "same-origin")
        ]));
    }

    #[test]
    fn scripts_are_told_from_navigations() {
        let asks = |method: Method, pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            is_navigation(&method, &headers)
        };
        assert!(asks(Method::GET, &[("accept", "text/html,*/*")]));
        assert!(asks(Method::GET, &[("sec-fetch-mode", "navigate")]));
        assert!(!asks(
            Method::GET,
            &[("accept", "text/html"), ("sec-fetch-mode", "cors")]
        ));
        assert!(!asks(Method::GET, &[("accept", "application/json")]));
        assert!(!asks(Method::POST, &[("accept", "text/html")]));
    }
}
