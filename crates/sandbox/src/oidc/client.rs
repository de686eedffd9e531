//! Who may ask for sign-ins, and how a client proves who it is.

use axum::http::{HeaderMap, header};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::{Host, Url};

use super::authorize::Params;

/// A registered client.
pub struct OidcClient {
    /// `client_id`.
    pub id: String,
    /// `client_secret`; `None` for a public client, which PKCE alone protects.
    pub secret: Option<SecretString>,
    /// Where codes may be sent. Compared exactly, but for the port of a loopback address
    /// (RFC 8252 §7.3).
    pub redirect_uris: Vec<String>,
    /// Where a browser may be sent after signing out.
    pub post_logout_redirect_uris: Vec<String>,
}

impl OidcClient {
    /// Whether codes may be sent there.
    pub(crate) fn may_redirect(&self, uri: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|registered| same_place(registered, uri))
    }

    /// Whether a browser may be sent there after signing out.
    pub(crate) fn may_return(&self, uri: &str) -> bool {
        self.post_logout_redirect_uris
            .iter()
            .any(|registered| same_place(registered, uri))
    }
}

fn same_place(registered: &str, asked: &str) -> bool {
    if registered == asked {
        return true;
    }
    let (Ok(mut registered), Ok(parsed)) = (Url::parse(registered), Url::parse(asked)) else {
        return false;
    };
    let loopback = match registered.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    };
    // The written form has to be the same too, so nothing is normalised into a match.
    loopback
        && registered.scheme() == "http"
        && registered.set_port(parsed.port()).is_ok()
        && registered.as_str() == asked
}

/// The client of a token request by HTTP Basic or by the form, one of the two (RFC 6749
/// §2.3.1); a public client only names itself. `None` whatever was wrong.
pub(crate) fn authenticated<'a>(
    clients: &'a [OidcClient],
    headers: &HeaderMap,
    form: &Params,
) -> Option<&'a OidcClient> {
    let (id, secret) = match headers.get(header::AUTHORIZATION) {
        Some(value) if form.get("client_secret").is_none() => {
            let (id, secret) = basic(value.to_str().ok()?)?;
            (id, Some(secret))
        }
        Some(_) => return None,
        None => {
            let secret = form.get("client_secret").map(str::to_owned);
            (form.get("client_id")?.to_owned(), secret)
        }
    };
    let client = clients.iter().find(|client| client.id == id)?;
    match (&client.secret, secret) {
        (None, None) => Some(client),
        (Some(known), Some(given)) => {
            let known = Sha256::digest(known.expose_secret());
            bool::from(known.ct_eq(&Sha256::digest(given))).then_some(client)
        }
        _ => None,
    }
}

/// User and password of HTTP Basic, each form-encoded as RFC 6749 wants it.
fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let plain = |text: &str| {
        url::form_urlencoded::parse(format!("x={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    Some((plain(id)?, plain(secret)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        let registered = "http://127.0.0.1:7810/auth/callback";
        assert!(same_place(registered, registered));
        assert!(same_place(
            registered,
            "http://127.0.0.1:49152/auth/callback"
        ));
        for other in [
            "http://127.0.0.1:7810/auth/callback/",
            "http://127.0.0.1:7810/auth/callback?x=1",
            "http://127.0.0.1:7810/auth/x/../callback",
            "http://user@127.0.0.1:7810/auth/callback",
            "https://127.0.0.1:7810/auth/callback",
            "http://127.0.0.2:7810/auth/callback",
            "http://evil.example:7810/auth/callback",
            "nonsense",
        ] {
            assert!(!same_place(registered, other), "{other}");
        }
        assert!(!same_place(
            "https://a.example/cb",
            "https://a.example:444/cb"
        ));
    }

    #[test]
    fn basic_credentials_are_decoded_as_a_form() {
        let header = format!("Basic {}", STANDARD.encode("a%3Ab:c+d%25"));
        assert_eq!(basic(&header), Some(("a:b".into(), "c d%".into())));
        assert_eq!(basic("Bearer x"), None);
    }
}
