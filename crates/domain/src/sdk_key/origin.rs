//! Web origins: where pages that may use a client key come from.

use std::net::Ipv6Addr;

use serde::{Deserialize, Serialize};

/// RFC 1035 §2.3.4.
const MAX_HOST: usize = 253;
const MAX_LABEL: usize = 63;

/// Why a text is not the origin that a browser would send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OriginFault {
    /// It does not begin with `https://` (or with `http://`, on the own machine).
    NoScheme,
    /// `http` for something else than the own machine.
    NotHttps,
    /// Something stands behind host and port, if only a slash.
    HasPath,
    /// `*` stands for nothing: every host is listed.
    Wildcard,
    /// No host, or one that no browser would send: other letters than `a-z`, `0-9`, `-`
    /// and `.` travel in their ASCII form (`xn--…`).
    BadHost,
    /// Not a number from 1 to 65,535 without leading zeros.
    BadPort,
    /// Browsers leave out the scheme's own port (443 or 80), so it would never match.
    DefaultPort,
}

/// What keeps a text in lower case from being an origin as browsers write it in the header
/// `Origin` (RFC 6454 §6.2): scheme, host, and the port unless it is the scheme's own.
#[must_use]
pub fn origin_fault(text: &str) -> Option<OriginFault> {
    let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Some(OriginFault::NoScheme),
    };
    if rest.contains('*') {
        return Some(OriginFault::Wildcard);
    }
    if rest.contains(['/', '?', '#', '\\']) {
        return Some(OriginFault::HasPath);
    }
    let (host, port) = match rest.rsplit_once(':') {
        // The colons of an IPv6 address are within brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    if !is_host(host) {
        return Some(OriginFault::BadHost);
    }
    if !secure && !is_own_machine(host) {
        return Some(OriginFault::NotHttps);
    }
    port.and_then(|port| port_fault(port, if secure { 443 } else { 80 }))
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return address
            .parse::<Ipv6Addr>()
            .is_ok_and(|parsed| parsed.to_string() == address);
    }
    let label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    host.len() <= MAX_HOST && host.split('.').all(label)
}

/// Browsers count these as safe without TLS (Secure Contexts §3.1).
fn is_own_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

fn port_fault(port: &str, own: u16) -> Option<OriginFault> {
    match port.parse::<u16>() {
        Ok(number) if number == own => Some(OriginFault::DefaultPort),
        Ok(number) if number > 0 && number.to_string() == port => None,
        _ => Some(OriginFault::BadPort),
    }
}
