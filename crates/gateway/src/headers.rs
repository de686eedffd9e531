//! What a gateway does to headers on their way through (RFC 9110 §7.6).

use http::header::{self, Entry};
use http::uri::Uri;
use http::{HeaderMap, HeaderName, HeaderValue, Version};

use crate::limits::MAX_HOPS;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-nexus-request-id");
/// Ours alone: what a visitor sends under this prefix is read at most, never passed on.
const OWN_PREFIX: &str = "x-nexus-";
/// How we call ourselves in `Via`.
const PSEUDONYM: &str = "nexus-gateway";

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Meant for one connection only.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Believed only from proxies that are trusted.
const CLAIMS: [HeaderName; 8] = [
    FORWARDED_FOR,
    FORWARDED_HOST,
    FORWARDED_PROTO,
    header::FORWARDED,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("cf-ipcountry"),
];

/// Removes what was meant for this connection: the known names and those that
/// `Connection` lists.
pub(crate) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    if let Some(connection) = headers.get(header::CONNECTION)
        && !is_usual(connection)
    {
        for name in listed(headers) {
            headers.remove(name);
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

fn is_usual(connection: &HeaderValue) -> bool {
    connection == "keep-alive" || connection == "close"
}

/// Names listed in `Connection`. Host and length are not its to take away.
fn listed(headers: &HeaderMap) -> Vec<HeaderName> {
    headers
        .get_all(header::CONNECTION)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .filter(|name| *name != header::HOST && *name != header::CONTENT_LENGTH)
        .collect()
}

/// Where a request came from.
pub(crate) struct Provenance<'a> {
    /// The peer's address as text.
    pub(crate) ip: Option<&'a HeaderValue>,
    pub(crate) https: bool,
    /// Whether the peer is a proxy whose claims about the visitor are believed.
    pub(crate) trusted: bool,
    pub(crate) version: Version,
}

/// Readies a request's headers for the origin.
pub(crate) fn forward(
    headers: &mut HeaderMap,
    uri: &Uri,
    from: &Provenance<'_>,
    host: &HeaderValue,
) {
    strip_hop_by_hop(headers);
    strip_own(headers);
    // Answered by the server in front of us; the origin gets the body anyway.
    headers.remove(header::EXPECT);
    if !from.trusted {
        for name in &CLAIMS {
            headers.remove(name);
        }
    }
    let asked = headers.insert(header::HOST, host.clone());
    let asked = uri
        .authority()
        .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok())
        .or(asked);
    if let (Entry::Vacant(entry), Some(asked)) = (headers.entry(FORWARDED_HOST), asked) {
        entry.insert(asked);
    }
    if let Entry::Vacant(entry) = headers.entry(FORWARDED_PROTO) {
        entry.insert(HeaderValue::from_static(if from.https {
            "https"
        } else {
            "http"
        }));
    }
    if let Some(ip) = from.ip {
        append_to_list(headers, FORWARDED_FOR, ip);
    }
    append_to_list(headers, header::VIA, &via(from.version));
}

/// Whether the request went through gateways of this kind again and again.
pub(crate) fn is_loop(headers: &HeaderMap) -> bool {
    headers.contains_key(header::VIA) && {
        let all = headers.get_all(header::VIA).into_iter();
        let hops = all
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        hops.filter(|hop| hop.trim_end().ends_with(PSEUDONYM))
            .count()
            >= MAX_HOPS
    }
}

fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        Version::HTTP_10 => "1.0 nexus-gateway",
        Version::HTTP_2 => "2 nexus-gateway",
        Version::HTTP_3 => "3 nexus-gateway",
        _ => "1.1 nexus-gateway",
    })
}

fn append_to_list(headers: &mut HeaderMap, name: HeaderName, value: &HeaderValue) {
    match headers.entry(name) {
        Entry::Vacant(entry) => {
            entry.insert(value.clone());
        }
        Entry::Occupied(mut entry) => {
            entry.append(value.clone());
        }
    }
}

/// Removes everything under our prefix.
fn strip_own(headers: &mut HeaderMap) {
    let is_own = |name: &&HeaderName| name.as_str().starts_with(OWN_PREFIX);
    // Looked for first: nearly all requests have none, and then nothing is allocated.
    if headers.keys().any(|name| is_own(&name)) {
        let own: Vec<HeaderName> = headers.keys().filter(is_own).cloned().collect();
        for name in own {
            headers.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn forwarded(pairs: &[(&'static str, &str)], trusted: bool) -> HeaderMap {
        let mut headers = headers(pairs);
        let ip = HeaderValue::from_static("192.0.2.1");
        let from = Provenance {
            ip: Some(&ip),
            https: false,
            trusted,
            version: Version::HTTP_11,
        };
        forward(
            &mut headers,
            &Uri::from_static("/"),
            &from,
            &HeaderValue::from_static("origin:1"),
        );
        headers
    }

    #[test]
    fn what_belongs_to_the_connection_stays_behind() {
        let headers = forwarded(
            &[
                ("connection", "close, X-Hop, host"),
                ("x-hop", "1"),
                ("keep-alive", "5"),
                ("te", "trailers"),
                ("upgrade", "websocket"),
                ("proxy-authorization", "x"),
                ("expect", "100-continue"),
                ("accept", "*/*"),
                ("host", "shop.example"),
            ],
            false,
        );
        let mut names: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "accept",
                "host",
                "via",
                "x-forwarded-for",
                "x-forwarded-host",
                "x-forwarded-proto"
            ]
        );
        assert_eq!(headers["host"], "origin:1");
        assert_eq!(headers["x-forwarded-host"], "shop.example");
        assert_eq!(headers["via"], "1.1 nexus-gateway");
    }

    #[test]
    fn a_visitor_cannot_speak_for_the_gateway() {
        let lies = [
            ("x-nexus-decision", "{}"),
            ("x-nexus-user", "ann"),
            ("x-nexus-attr-plan", "pro"),
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("cf-connecting-ip", "1.1.1.1"),
            ("forwarded", "for=1.1.1.1"),
        ];
        let headers = forwarded(&lies, false);
        assert_eq!(headers.get_all("x-forwarded-for").iter().count(), 1);
        assert_eq!(headers["x-forwarded-for"], "192.0.2.1");
        assert_eq!(headers["x-forwarded-proto"], "http");
        assert!(
            headers
                .keys()
                .all(|name| !name.as_str().starts_with("x-nexus-"))
        );
        assert!(!headers.contains_key("cf-connecting-ip") && !headers.contains_key("forwarded"));
    }

    #[test]
    fn a_trusted_proxy_is_believed() {
        let claims = [
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
            ("x-nexus-decision", "{}"),
        ];
        let headers = forwarded(&claims, true);
        let chain: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        assert_eq!(chain, ["203.0.113.9", "192.0.2.1"]);
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert!(!headers.contains_key("x-nexus-decision"));
    }

    #[test]
    fn loops_are_seen() {
        assert!(!is_loop(&headers(&[(
            "via",
            "1.1 nexus-gateway, 1.1 varnish"
        )])));
        let often = ["1.1 nexus-gateway"; MAX_HOPS].join(", ");
        assert!(is_loop(&headers(&[("via", &often)])));
    }

    proptest::proptest! {
        #[test]
        fn no_headers_panic(pairs in proptest::collection::vec(("[a-zA-Z-]{1,12}", ".{0,20}"), 0..20)) {
            let mut headers = HeaderMap::new();
            for (name, value) in &pairs {
                if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                    headers.append(name, value);
                }
            }
            is_loop(&headers);
            let from = Provenance { ip: None, https: true, trusted: false, version: Version::HTTP_11 };
            forward(&mut headers, &Uri::from_static("/"), &from, &HeaderValue::from_static("o"));
            proptest::prop_assert!(HOP_BY_HOP.iter().all(|name| !headers.contains_key(name)));
        }
    }
}
