//! What testers force for their own browser: links, the cookie that carries them on, and the
//! way back (`?nexus_qa=off`). Whoever is forced is counted nowhere.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri, header};
use nexus_flags::{Engine, Forced, MAX_QA_TEXT_BYTES, QaClaim, QaRefusal};
use serde_json::Value;

use crate::identity::cookies;
use crate::pipeline::{Gateway, Peer};
use crate::ports::Ports;
use crate::problem::{answer, empty};
use crate::routing::is_plain_development;

/// The parameter of links and the cookie.
const NAME: &str = "nexus_qa";
/// The link that ends all.
const OFF: &str = "off";
/// What is forced, in every answer to who is forced.
pub(crate) const QA_HEADER: HeaderName = HeaderName::from_static("x-nexus-qa");
/// Most links that one browser follows at once; further ones push the oldest out.
const MAX_LINKS: usize = 5;
/// Between links in the cookie; in none of them.
const SEPARATOR: &str = "~";

/// A link that holds now.
struct Link<'e, 't> {
    text: &'t str,
    claim: QaClaim,
    forced: &'e Forced,
}

impl Gateway {
    /// The answer to a link of a tester, wherever on the product it leads; `None` for any
    /// other request.
    pub(crate) fn qa_answer(
        &self,
        ports: &impl Ports,
        peer: Peer<'_>,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Option<Response<Bytes>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let asked = parameter(uri)?;
        let secure = self.settings.secure_cookie && !is_plain_development(peer, headers);
        if asked == OFF {
            return Some(redirect(uri, &cookie("", 0, secure)));
        }
        let now_ms = ports.now_ms();
        let current = self.snapshots.current().as_ref().map(Arc::clone);
        let followed = current.ok_or(QaRefusal::Unknown).and_then(|engine| {
            let link = self.link(&engine, asked, now_ms)?;
            Ok(self.joined(&engine, headers, &link, now_ms))
        });
        Some(match followed {
            Ok((links, seconds)) => redirect(uri, &cookie(&links, seconds, secure)),
            Err(refusal) => refused(refusal),
        })
    }

    /// What is forced for who sends these headers, without a link that holds no more.
    pub(crate) fn forced<'e>(
        &self,
        engine: &'e Engine,
        headers: &HeaderMap,
        now_ms: i64,
    ) -> Vec<&'e Forced> {
        let links = self.links(engine, headers, now_ms);
        links.into_iter().map(|link| link.forced).collect()
    }

    /// Whether anything is forced by the snapshot in force.
    pub(crate) fn is_forced(&self, ports: &impl Ports, headers: &HeaderMap) -> bool {
        let current = self.snapshots.current();
        let engine = current.as_ref();
        engine.is_some_and(|engine| !self.forced(engine, headers, ports.now_ms()).is_empty())
    }

    fn link<'e, 't>(
        &self,
        engine: &'e Engine,
        text: &'t str,
        now_ms: i64,
    ) -> Result<Link<'e, 't>, QaRefusal> {
        let claim = self.snapshots.verify_qa(text, now_ms)?;
        let forced = engine.qa(&claim, now_ms)?;
        Ok(Link {
            text,
            claim,
            forced,
        })
    }

    /// Those of the cookie that hold, one for each feature.
    fn links<'e, 'h>(
        &self,
        engine: &'e Engine,
        headers: &'h HeaderMap,
        now_ms: i64,
    ) -> Vec<Link<'e, 'h>> {
        if !engine.has_qa_links() {
            return Vec::new();
        }
        let texts = cookies(headers, NAME)
            .filter(|cookie| cookie.len() <= MAX_LINKS * (MAX_QA_TEXT_BYTES + 1))
            .flat_map(|cookie| cookie.split(SEPARATOR));
        let mut links: Vec<Link<'e, 'h>> = Vec::new();
        for text in texts.take(MAX_LINKS) {
            let Ok(link) = self.link(engine, text, now_ms) else {
                continue;
            };
            let is_new = |known: &Link<'_, '_>| known.claim.feature != link.claim.feature;
            if links.iter().all(is_new) {
                links.push(link);
            }
        }
        links
    }

    /// The cookie with one more link, and how many seconds it holds at most.
    fn joined(
        &self,
        engine: &Engine,
        headers: &HeaderMap,
        new: &Link<'_, '_>,
        now_ms: i64,
    ) -> (String, i64) {
        let kept = self.links(engine, headers, now_ms);
        let others = kept
            .iter()
            .filter(|link| link.claim.feature != new.claim.feature);
        let links: Vec<&Link<'_, '_>> =
            std::iter::once(new).chain(others).take(MAX_LINKS).collect();
        let ends = links.iter().map(|link| link.claim.expires_ms);
        let seconds = (ends.max().unwrap_or(now_ms) - now_ms).max(0) / 1000;
        let texts: Vec<&str> = links.iter().map(|link| link.text).collect();
        (texts.join(SEPARATOR), seconds)
    }
}

/// Every feature by name that is forced, of equal names the first.
pub(crate) fn forced_features<'e>(forced: &[&'e Forced]) -> Vec<(&'e str, &'e Value)> {
    let flags = forced.iter().filter_map(|forced| forced.flag());
    let flags = flags.map(|flag| (flag.key, flag.value));
    let variants = forced.iter().filter_map(|forced| forced.decision());
    let features = variants.flat_map(|variant| variant.features());
    let features = features.map(|(name, value)| (name.as_str(), value));
    flags.chain(features).collect()
}

/// `experiment:checkout=short; flag:cta=true`; what no header may hold everywhere becomes `?`.
pub(crate) fn told(forced: &[&Forced]) -> Option<HeaderValue> {
    if forced.is_empty() {
        return None;
    }
    let parts = forced
        .iter()
        .map(|forced| format!("{}={}", forced.feature(), forced.value()));
    let parts: Vec<String> = parts.collect();
    let text = parts.join("; ");
    let text = text.replace(|c: char| !c.is_ascii_graphic() && c != ' ', "?");
    HeaderValue::try_from(text).ok()
}

/// Says in the answer that something is forced; nobody else is to get it from a cache.
pub(crate) fn mark(headers: &mut HeaderMap, told: HeaderValue) {
    headers.insert(QA_HEADER, told);
    let private = HeaderValue::from_static("private, no-store");
    headers.insert(header::CACHE_CONTROL, private);
}

fn parameter(uri: &Uri) -> Option<&str> {
    let mut pairs = uri.query()?.split('&');
    pairs.find_map(|pair| pair.strip_prefix(NAME)?.strip_prefix('='))
}

/// The same address without the parameter. One slash at its beginning, so that it stays on
/// this host whatever the path is.
fn location(uri: &Uri) -> String {
    let path = uri.path().trim_start_matches(['/', '\\']);
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        !pair.is_empty() && name != NAME
    });
    let pairs: Vec<&str> = pairs.collect();
    match pairs.is_empty() {
        true => format!("/{path}"),
        false => format!("/{path}?{}", pairs.join("&")),
    }
}

fn redirect(uri: &Uri, cookie: &str) -> Response<Bytes> {
    let mut response = empty(StatusCode::FOUND);
    let headers = response.headers_mut();
    let values = [
        (header::LOCATION, location(uri)),
        (header::SET_COOKIE, cookie.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
    response
}

fn cookie(links: &str, seconds: i64, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{NAME}={links}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

/// A tester must not take the usual page for the forced one, so it says what is wrong.
fn refused(refusal: QaRefusal) -> Response<Bytes> {
    let status = match refusal {
        QaRefusal::Expired => StatusCode::GONE,
        QaRefusal::Unknown => StatusCode::NOT_FOUND,
        QaRefusal::Forged | QaRefusal::WrongEnvironment => StatusCode::FORBIDDEN,
    };
    let text = format!("Nothing is forced: {refusal}.\n");
    let mut response = answer(status, "text/plain; charset=utf-8", text.into());
    let headers = response.headers_mut();
    headers.insert(QA_HEADER, HeaderValue::from_static("refused"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(target: &str) -> Uri {
        target.parse().unwrap()
    }

    #[test]
    fn the_parameter_goes_and_the_rest_stays() {
        for (asked, left) in [
            ("/?nexus_qa=x", "/"),
            ("/cart?a=1&nexus_qa=x&b=%26", "/cart?a=1&b=%26"),
            ("/cart?nexus_qa=x&nexus_qa=y", "/cart"),
            ("/cart?nexus_qax=1&nexus_qa=x", "/cart?nexus_qax=1"),
            ("//evil.example/?nexus_qa=off", "/evil.example/"),
        ] {
            assert_eq!(location(&at(asked)), left, "{asked}");
        }
        assert_eq!(parameter(&at("/?nexus_qax=1")), None);
        assert_eq!(parameter(&at("/?a=1&nexus_qa=x.y")), Some("x.y"));
    }

    proptest::proptest! {
        #[test]
        fn a_redirect_never_leaves_the_host(path in "[/\\\\a-z.:@]{0,20}", query in "[a-z=&/:]{0,20}") {
            let target = format!("/{path}?{query}&nexus_qa=off");
            if let Ok(uri) = target.parse::<Uri>() {
                let left = location(&uri);
                proptest::prop_assert!(left.starts_with('/') && parameter(&at(&left)).is_none());
                proptest::prop_assert!(!left.starts_with("//") && !left.starts_with("/\\"));
            }
        }
    }
}
