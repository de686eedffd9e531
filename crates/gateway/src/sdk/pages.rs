//! Which page an SDK asks for, and what it gets there.

use bytes::Bytes;
use http::request::Parts;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
};
use uuid::Uuid;

use super::door::{Asker, Door, Refused};
use super::exposure::{Looks, Seen};
use super::feed::{Feed, Voice};
use super::question::{Fault, Question};
use super::{key, ofrep, payload};
use crate::context::Circumstances;
use crate::limits::{FLAGS_PER_TOKEN, MAX_CONTEXT_BODY_BYTES};
use crate::pipeline::{Gateway, Peer, Reply, request_id};
use crate::ports::{Ports, ReadBody, ReadBodyError};
use crate::problem::{answer, json, problem};
use crate::qa::forced_features;
use crate::routing::country;

/// What SDKs ask for, by the rest of the path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// GrowthBook's payload for a key.
    Features(String),
    /// And its stream.
    Subscription(String),
    /// One flag.
    Flag(String),
    /// All flags.
    Flags,
    /// The stream of changes for a key.
    Changes(String),
}

/// Where events are reported.
const EVENTS: &str = "events";
/// Where the stream of changes is, before the key.
const CHANGES: &str = "ofrep/v1/changes/";

impl Page {
    /// `None` for pages of others.
    pub(crate) fn of(page: &str) -> Option<Self> {
        let rest = |prefix| page.strip_prefix(prefix).and_then(decoded);
        if page == "ofrep/v1/evaluate/flags" {
            return Some(Self::Flags);
        }
        rest("api/features/")
            .map(Self::Features)
            .or_else(|| rest("sub/").map(Self::Subscription))
            .or_else(|| rest("ofrep/v1/evaluate/flags/").map(Self::Flag))
            .or_else(|| rest(CHANGES).map(Self::Changes))
    }

    /// The key that a request for it shows.
    fn key<'a>(&'a self, headers: &'a HeaderMap) -> Option<&'a str> {
        match self {
            Self::Features(key) | Self::Subscription(key) | Self::Changes(key) => Some(key),
            Self::Flag(_) | Self::Flags => key::in_headers(headers),
        }
    }

    const fn allowed(&self) -> &'static str {
        match self {
            Self::Features(_) => "GET, HEAD, OPTIONS",
            Self::Subscription(_) | Self::Changes(_) => "GET, OPTIONS",
            Self::Flag(_) | Self::Flags => "POST, OPTIONS",
        }
    }

    fn allows(&self, method: &Method) -> bool {
        let mut allowed = self.allowed().split(", ");
        allowed.any(|allowed| allowed == method.as_str())
    }
}

/// A request of an SDK.
pub(crate) struct Call<'a, P> {
    pub(crate) ports: &'a P,
    pub(crate) peer: Peer<'a>,
    pub(crate) parts: &'a Parts,
    pub(crate) id: Uuid,
}

/// Which of the gateways of several environments is asked: the one whose key is shown, else
/// one that knows the page's origin (a preflight shows no key), else one with a snapshot.
#[must_use]
pub fn asked<'g>(
    gateways: impl Iterator<Item = &'g Gateway> + Clone,
    uri: &Uri,
    headers: &HeaderMap,
) -> Option<usize> {
    let page = gateways
        .clone()
        .find_map(|gateway| gateway.page(uri.path()));
    let shown = match &page {
        Some(page) => page.key(headers).map(str::to_owned),
        None => events_key(uri, headers),
    };
    let shown = shown.unwrap_or_default();
    let first = |is: &dyn Fn(&Gateway) -> bool| gateways.clone().position(is);
    first(&|gateway| gateway.door(headers).knows(&shown))
        .or_else(|| first(&|gateway| gateway.door(headers).is_known_page()))
        .or_else(|| first(&|gateway| gateway.snapshots.version().is_some()))
        .or_else(|| first(&|_| true))
}

impl Gateway {
    /// Answers what an SDK asks, and nothing else.
    pub async fn serve_sdk<P: Ports>(
        &self,
        ports: &P,
        peer: Peer<'_>,
        request: Request<P::RequestBody>,
    ) -> Response<Reply<P::ResponseBody>> {
        let path = request.uri().path();
        if path.strip_prefix(self.settings.sdk_path) == Some(EVENTS) {
            return self.take_events(ports, peer, request).await.map(Reply::Own);
        }
        let Some(page) = self.page(path) else {
            let detail = "there is no such page for SDKs";
            return problem(StatusCode::NOT_FOUND, detail).map(Reply::Own);
        };
        let (parts, body) = request.into_parts();
        let call = Call {
            ports,
            peer,
            parts: &parts,
            id: request_id(ports),
        };
        self.sdk_page(call, page, body).await
    }

    fn page(&self, path: &str) -> Option<Page> {
        Page::of(path.strip_prefix(self.settings.sdk_path)?)
    }

    /// The door that everybody with this request's headers passes.
    pub(crate) fn door<'h>(&self, headers: &'h HeaderMap) -> Door<'h> {
        let has_snapshot = self.snapshots.version().is_some();
        Door::new(self.snapshots.published(), has_snapshot, headers)
    }

    pub(crate) async fn sdk_page<P: Ports>(
        &self,
        call: Call<'_, P>,
        page: Page,
        body: P::RequestBody,
    ) -> Response<Reply<P::ResponseBody>> {
        let door = self.door(&call.parts.headers);
        if call.parts.method == Method::OPTIONS {
            return door.preflight().map(Reply::Own);
        }
        let mut response = if page.allows(&call.parts.method) {
            self.open_page(&call, page, body, &door).await
        } else {
            not_allowed(page.allowed()).map(Reply::Own)
        };
        door.grant(&mut response);
        response
    }

    async fn open_page<P: Ports>(
        &self,
        call: &Call<'_, P>,
        page: Page,
        body: P::RequestBody,
        door: &Door<'_>,
    ) -> Response<Reply<P::ResponseBody>> {
        let headers = &call.parts.headers;
        let admitted = match &page {
            Page::Changes(shown) => door.admit_to_changes(shown),
            _ => door.admit(page.key(headers)),
        };
        let asker =
            match admitted.and_then(|asker| self.pays(call.ports, &asker, 1).map(|()| asker)) {
                Ok(asker) => asker,
                Err(refused) => return refused.answer().map(Reply::Own),
            };
        let name = match page {
            Page::Features(_) => {
                let has_streams = self.settings.has_streams();
                let now_ms = call.ports.now_ms();
                return payload::features(&asker, headers, now_ms, has_streams).map(Reply::Own);
            }
            Page::Subscription(_) => return self.feed(&asker, headers, Voice::Payload),
            Page::Changes(_) => return self.feed(&asker, headers, Voice::Change),
            Page::Flag(name) => Some(name),
            Page::Flags => None,
        };
        let evaluated = match body.read(MAX_CONTEXT_BODY_BYTES).await {
            Ok(body) => self.evaluate(call, &asker, name.as_deref(), &body),
            Err(error) => unread(error, name.as_deref()),
        };
        evaluated.map(Reply::Own)
    }

    /// Counts what somebody's key asks for.
    pub(crate) fn pays(
        &self,
        ports: &impl Ports,
        asker: &Asker,
        tokens: u64,
    ) -> Result<(), Refused> {
        asker.pay(tokens, self.settings.sdk_rate, ports.monotonic_us())
    }

    /// What the request says of a visitor; `None` where a service asks.
    pub(crate) fn visitor(
        &self,
        ports: &impl Ports,
        peer: Peer<'_>,
        headers: &HeaderMap,
        asker: &Asker,
    ) -> Option<Circumstances> {
        let is_visitor = asker.is_visitor();
        is_visitor.then(|| Circumstances::of(headers, country(peer, headers), ports.now_ms()))
    }

    /// The head of a stream; the host keeps it open.
    fn feed<B>(&self, asker: &Asker, headers: &HeaderMap, voice: Voice) -> Response<Reply<B>> {
        let last = headers.get("last-event-id");
        let last = last.and_then(|last| last.to_str().ok());
        let feed = Feed::new(asker, voice, last).filter(|_| self.settings.has_streams());
        let Some(feed) = feed else {
            let detail = "no streams are kept here; ask again from time to time";
            return problem(StatusCode::NOT_FOUND, detail).map(Reply::Own);
        };
        let mut response = answer(StatusCode::OK, "text/event-stream", Bytes::new());
        // Proxies are not to gather it.
        response.headers_mut().insert(
            HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        );
        response.map(|_| Reply::Feed(Box::new(feed)))
    }

    /// One flag, or all where there is no name.
    fn evaluate<P: Ports>(
        &self,
        call: &Call<'_, P>,
        asker: &Asker,
        name: Option<&str>,
        body: &[u8],
    ) -> Response<Bytes> {
        let headers = &call.parts.headers;
        let visitor = self.visitor(call.ports, call.peer, headers, asker);
        let question = match Question::read(body, visitor.as_ref()) {
            Ok(question) => question,
            Err(fault) => return ofrep::failure(StatusCode::BAD_REQUEST, name, &fault),
        };
        let view = asker.published.view(call.ports.now_ms());
        let evaluator = match view.as_ref().map(|view| view.evaluator()) {
            Some(Ok(evaluator)) => evaluator,
            Some(Err(error)) => return broken(name, error.to_string()),
            None => return broken(name, "the snapshot cannot be read"),
        };
        if name.is_none() {
            // The request itself is paid for.
            let flags = evaluator.engine.feature_keys().count() as u64;
            if let Err(refused) = self.pays(call.ports, asker, flags / FLAGS_PER_TOKEN) {
                return refused.answer();
            }
        }
        let version = asker.published.version();
        let in_force = self.snapshots.current();
        let forced = in_force.as_ref().map_or_else(Vec::new, |engine| {
            self.forced(engine, headers, call.ports.now_ms())
        });
        let counts = forced.is_empty();
        let forced = forced_features(&forced);
        let looks = match &visitor {
            Some(visitor) => Looks::of(visitor).or(question.looks()),
            None => question.looks(),
        };
        if let (Some(sampling), Some(engine)) = (call.ports.sampling(), in_force.as_ref())
            && counts
            && !looks.is_bot()
        {
            question.sample(sampling, engine, call.ports.now_ms());
        }
        let Some(name) = name else {
            let stream = self.settings.has_streams().then(|| {
                let shown = asker.shown_to_changes(headers);
                format!("{}{CHANGES}{}", self.settings.sdk_path, encoded(shown))
            });
            let counted = call.ports.evaluations().filter(|_| counts);
            return ofrep::all(
                evaluator,
                version,
                &question,
                headers,
                stream.as_deref(),
                counted,
                &forced,
            );
        };
        let Some((flag, dealt)) = ofrep::one(evaluator, name, &question, &forced) else {
            let fault = Fault::new("FLAG_NOT_FOUND", "there is no flag of this name");
            return ofrep::failure(StatusCode::NOT_FOUND, Some(name), &fault);
        };
        let seen = Seen {
            id: call.id,
            unit: question.unit(),
            version,
            looks,
            failed: false,
        };
        if let (Some(to), Some(value)) = (call.ports.evaluations(), flag.get("value"))
            && counts
        {
            to.told(name, value, 1);
        }
        if counts {
            seen.report(call.ports, dealt);
        }
        json(StatusCode::OK, &flag)
    }
}

fn broken(name: Option<&str>, details: impl Into<String>) -> Response<Bytes> {
    let fault = Fault::new("GENERAL", details);
    ofrep::failure(StatusCode::INTERNAL_SERVER_ERROR, name, &fault)
}

fn unread(error: ReadBodyError, name: Option<&str>) -> Response<Bytes> {
    let status = match error {
        ReadBodyError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ReadBodyError::TooSlow => StatusCode::REQUEST_TIMEOUT,
        ReadBodyError::Broken => StatusCode::BAD_REQUEST,
    };
    let code = match error {
        ReadBodyError::TooLarge => "INVALID_CONTEXT",
        ReadBodyError::TooSlow | ReadBodyError::Broken => "GENERAL",
    };
    ofrep::failure(status, name, &Fault::new(code, error.to_string()))
}

fn not_allowed(methods: &'static str) -> Response<Bytes> {
    let mut response = problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "this page does not know the method",
    );
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(methods));
    response
}

/// The key that is shown with events.
fn events_key(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let header = key::in_api_key_header(headers).map(str::to_owned);
    let query = || key_in_query(uri.query());
    let bearer = || key::as_bearer(headers).map(str::to_owned);
    header.or_else(query).or_else(bearer)
}

/// The key of `?key=`, for `sendBeacon`, which can set no header.
pub(super) fn key_in_query(query: Option<&str>) -> Option<String> {
    let mut pairs = query?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("key=").and_then(decoded))
}

/// A part of a path or query without its percent signs; `None` when it is empty or none.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            byte => byte,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.is_empty())
}

/// A text as one part of a path (RFC 3986 §2.3).
fn encoded(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_found() {
        let flag = |name: &str| Some(Page::Flag(name.to_owned()));
        assert_eq!(Page::of("ofrep/v1/evaluate/flags"), Some(Page::Flags));
        assert_eq!(Page::of("ofrep/v1/evaluate/flags/a%2Fb"), flag("a/b"));
        assert_eq!(Page::of("ofrep/v1/evaluate/flags/a/b"), flag("a/b"));
        assert_eq!(Page::of("sub/k"), Some(Page::Subscription("k".to_owned())));
        for other in ["", "sub/", "api/features/%", "api/features/%ff", "status"] {
            assert_eq!(Page::of(other), None, "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in ".{1,20}") {
            proptest::prop_assert_eq!(decoded(&encoded(&text)), Some(text));
        }

        #[test]
        fn no_text_panics(text in ".{0,20}|[%0-9a-g]{0,9}") {
            let _ = decoded(&text);
            let _ = key_in_query(Some(&text));
        }
    }
}
