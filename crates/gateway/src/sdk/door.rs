//! Who may ask: the key, and the web origin that its bearer asks from.
//!
//! A client key stands in pages and apps; its origins say whose pages. A server key is a
//! secret, so nothing that a browser sends is accepted with it. A preflight carries no
//! headers of the request's own, so it is granted to every page that some key admits.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use nexus_flags::{SdkKey, SdkKeyKind};

use super::key;
use super::published::Published;
use crate::problem::{empty, problem, retry_later};

/// What an asker passes.
pub(crate) struct Door<'h> {
    published: Option<Arc<Published>>,
    has_snapshot: bool,
    headers: &'h HeaderMap,
}

/// Somebody with a key that is good where it is used.
pub(crate) struct Asker {
    pub(super) published: Arc<Published>,
    pub(super) position: usize,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    NoSnapshot,
    UnknownKey,
    /// The key may not be used by pages, or not by these.
    Place,
    /// The key asks for more than it may; after so many seconds it may again.
    Rate {
        after_s: u64,
    },
    /// So does an address without a key.
    AddressRate {
        after_s: u64,
    },
}

impl Asker {
    pub(super) fn key(&self) -> Option<&SdkKey> {
        self.published.keys().get(self.position)
    }

    /// Counts what this key asks for.
    pub(crate) fn pay(&self, tokens: u64, rate: u32, now_us: u64) -> Result<(), Refused> {
        let buckets = &self.published.buckets;
        let taken = buckets.take(self.position, tokens, rate, now_us);
        taken.map_err(|after_s| Refused::Rate { after_s })
    }

    /// What stands in the address of this asker's stream of changes.
    pub(super) fn shown_to_changes<'a>(&'a self, headers: &'a HeaderMap) -> &'a str {
        let token = self.published.tokens.get(self.position);
        let token = token.and_then(Option::as_deref);
        token.unwrap_or_else(|| key::in_headers(headers).unwrap_or_default())
    }

    /// Whether a visitor asks, whose request tells of country and device.
    pub(super) fn is_visitor(&self) -> bool {
        self.key().is_some_and(|key| key.kind == SdkKeyKind::Client)
    }
}

impl<'h> Door<'h> {
    pub(crate) const fn new(
        published: Option<Arc<Published>>,
        has_snapshot: bool,
        headers: &'h HeaderMap,
    ) -> Self {
        Self {
            published,
            has_snapshot,
            headers,
        }
    }

    /// Lets in whoever shows a good key in a good place.
    pub(super) fn admit(&self, shown: Option<&str>) -> Result<Asker, Refused> {
        self.admit_by(|published| key::find(published.keys(), shown.unwrap_or_default()))
    }

    /// Lets in to a stream of changes, also whoever shows a token for it.
    pub(super) fn admit_to_changes(&self, shown: &str) -> Result<Asker, Refused> {
        self.admit_by(|published| {
            let by_token = || key::find_by_token(&published.tokens, shown);
            key::find(published.keys(), shown).or_else(by_token)
        })
    }

    fn admit_by(&self, find: impl FnOnce(&Published) -> Option<usize>) -> Result<Asker, Refused> {
        if !self.has_snapshot {
            return Err(Refused::NoSnapshot);
        }
        let published = self.published.as_ref().ok_or(Refused::UnknownKey)?;
        let position = find(published);
        let asker = Asker {
            published: Arc::clone(published),
            position: position.ok_or(Refused::UnknownKey)?,
        };
        match asker.key().is_some_and(|key| self.is_good_place(key)) {
            true => Ok(asker),
            false => Err(Refused::Place),
        }
    }

    /// The key that is shown with events, where there may be none.
    pub(crate) fn admit_events(&self, query: Option<&str>) -> Result<Option<Asker>, Refused> {
        let shown = key::in_api_key_header(self.headers).map(str::to_owned);
        let shown = shown.or_else(|| super::pages::key_in_query(query));
        if shown.is_some() {
            return self.admit(shown.as_deref()).map(Some);
        }
        // An application's own authorization goes to the same host.
        let keys = self.published.as_ref().map_or(&[][..], |it| it.keys());
        match key::as_bearer(self.headers) {
            Some(shown) if key::find(keys, shown).is_some() => self.admit(Some(shown)).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether somebody shows a key of this snapshot or a token of one, wherever that is.
    pub(super) fn knows(&self, shown: &str) -> bool {
        let published = self.published.as_ref();
        published.is_some_and(|it| {
            key::find(it.keys(), shown).is_some() || key::find_by_token(&it.tokens, shown).is_some()
        })
    }

    fn is_good_place(&self, key: &SdkKey) -> bool {
        let site = self.headers.get("sec-fetch-site");
        match (key.kind, self.origin()) {
            (SdkKeyKind::Server, None) => site.is_none(),
            (SdkKeyKind::Server, Some(_)) => false,
            (SdkKeyKind::Client, None) => {
                key.origins.is_empty() || site.is_none_or(|site| site != "cross-site")
            }
            (SdkKeyKind::Client, Some(origin)) => admits(key, origin),
        }
    }

    fn origin(&self) -> Option<&'h HeaderValue> {
        self.headers.get(header::ORIGIN)
    }

    /// Whether pages of this origin may use any key.
    pub(crate) fn is_known_page(&self) -> bool {
        let keys = self.published.iter().flat_map(|published| published.keys());
        self.origin()
            .is_some_and(|origin| keys.into_iter().any(|key| admits(key, origin)))
    }

    /// Lets a page that some key admits read the answer. Whoever keeps answers keeps one
    /// for each origin.
    pub(crate) fn grant<B>(&self, response: &mut Response<B>) {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.origin().filter(|_| self.is_known_page()) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("etag, retry-after, x-sse-support"),
            );
        }
    }

    /// As [`grant`](Self::grant), and with credentials where the key in the query, or any key
    /// where there is none, names this origin: `sendBeacon` always asks with them (Beacon,
    /// W3C, §3.1). A key of every origin names none.
    pub(crate) fn grant_events<B>(&self, query: Option<&str>, response: &mut Response<B>) {
        self.grant(response);
        self.grant_credentials(query, response);
    }

    fn grant_credentials<B>(&self, query: Option<&str>, response: &mut Response<B>) {
        if self
            .origin()
            .is_some_and(|origin| self.names(query, origin))
        {
            response.headers_mut().insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
        }
    }

    fn names(&self, query: Option<&str>, origin: &HeaderValue) -> bool {
        let named = |key: &SdkKey| !key.origins.is_empty() && admits(key, origin);
        let keys = self.published.as_ref().map_or(&[][..], |it| it.keys());
        match super::pages::key_in_query(query) {
            Some(shown) => {
                key::find(keys, &shown).is_some_and(|at| keys.get(at).is_some_and(named))
            }
            None => keys.iter().any(named),
        }
    }

    /// The answer to a preflight (Fetch standard, CORS protocol).
    pub(crate) fn preflight(&self) -> Response<Bytes> {
        let mut response = empty(StatusCode::NO_CONTENT);
        self.grant(&mut response);
        if self.is_known_page() {
            allow(&mut response);
        }
        response
    }

    /// The same for events: only to pages of the key that the query shows.
    pub(crate) fn events_preflight(&self, query: Option<&str>) -> Response<Bytes> {
        let shown = super::pages::key_in_query(query);
        if shown.is_some_and(|shown| self.admit(Some(&shown)).is_err()) {
            return empty(StatusCode::NO_CONTENT);
        }
        let mut response = self.preflight();
        self.grant_credentials(query, &mut response);
        response
    }
}

/// What pages may send.
fn allow(response: &mut Response<Bytes>) {
    let granted = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, if-none-match, last-event-id, prefer, x-api-key, \
             x-nexus-user",
        ),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    for (name, value) in granted {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
}

fn admits(key: &SdkKey, origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(|origin| key.admits(origin))
}

impl Refused {
    pub(crate) fn answer(self) -> Response<Bytes> {
        match self {
            Self::NoSnapshot => {
                retry_later(StatusCode::SERVICE_UNAVAILABLE, "there is no snapshot yet")
            }
            Self::UnknownKey => {
                let detail = "the SDK key is unknown or missing";
                let mut response = problem(StatusCode::UNAUTHORIZED, detail);
                let scheme = HeaderValue::from_static("Bearer");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, scheme);
                response
            }
            Self::Place => problem(
                StatusCode::FORBIDDEN,
                "the key may not be used by pages of this origin",
            ),
            Self::Rate { after_s } => {
                too_often(after_s, "the SDK key asks for more than it may at once")
            }
            Self::AddressRate { after_s } => {
                let detail = "this address reports more events than it may without an SDK key";
                too_often(after_s, detail)
            }
        }
    }
}

fn too_often(after_s: u64, detail: &str) -> Response<Bytes> {
    let mut response = problem(StatusCode::TOO_MANY_REQUESTS, detail);
    let after = HeaderValue::from(after_s);
    response.headers_mut().insert(header::RETRY_AFTER, after);
    response
}
