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
    /// The key asks more often than it may; after so many seconds it may again.
    Rate {
        after_s: u64,
    },
}

impl Asker {
    pub(super) fn key(&self) -> Option<&SdkKey> {
        self.published.keys().get(self.position)
    }

    /// Counts a request of this key.
    pub(super) fn pay(&self, rate: u32, now_us: u64) -> Result<(), Refused> {
        let buckets = &self.published.buckets;
        let taken = buckets.take(self.position, rate, now_us);
        taken.map_err(|after_s| Refused::Rate { after_s })
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
        if !self.has_snapshot {
            return Err(Refused::NoSnapshot);
        }
        let published = self.published.as_ref().ok_or(Refused::UnknownKey)?;
        let position = key::find(published.keys(), shown.unwrap_or_default());
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

    /// Whether somebody shows a key of this snapshot, wherever that is.
    pub(super) fn knows(&self, shown: &str) -> bool {
        let published = self.published.as_ref();
        published.is_some_and(|it| key::find(it.keys(), shown).is_some())
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

    /// The answer to a preflight (Fetch standard, CORS protocol).
    pub(crate) fn preflight(&self) -> Response<Bytes> {
        let mut response = empty(StatusCode::NO_CONTENT);
        self.grant(&mut response);
        if self.is_known_page() {
            let granted = [
                (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
                (
                    header::ACCESS_CONTROL_ALLOW_HEADERS,
                    "authorization, content-type, if-none-match, last-event-id, x-api-key, x-nexus-user",
                ),
                (header::ACCESS_CONTROL_MAX_AGE, "600"),
            ];
            for (name, value) in granted {
                response
                    .headers_mut()
                    .insert(name, HeaderValue::from_static(value));
            }
        }
        response
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
                let detail = "the SDK key asks more often than it may";
                let mut response = problem(StatusCode::TOO_MANY_REQUESTS, detail);
                let after = HeaderValue::from(after_s);
                response.headers_mut().insert(header::RETRY_AFTER, after);
                response
            }
        }
    }
}
