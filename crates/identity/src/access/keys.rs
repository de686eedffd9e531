//! The organisation's signing keys: fetched rarely, kept long, never asked for by
//! whoever can invent a `kid`.
//!
//! Cloudflare rotates about every six weeks and keeps the old key valid for seven days
//! (one may rotate sooner by hand), so: an unknown `kid` refetches at most once a minute,
//! a known one refreshes once an hour, and if the endpoint is dead the
//! last good copy serves for seven days.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};

use crate::FetchError;
use crate::jwk::{JwkSet, MAX_SET_BYTES, RsaKey};

/// Shortest time between two fetches, in milliseconds.
pub(crate) const REFETCH_MS: i64 = 60_000;
/// After this age a copy is refreshed even though every `kid` is known, so that a key
/// withdrawn by the team stops working within the hour.
pub(crate) const REFRESH_MS: i64 = 3_600_000;
/// After this age a copy is worthless.
pub(crate) const MAX_AGE_MS: i64 = 7 * 24 * 3_600_000;
/// Fetches allowed per [`REFETCH_MS`] where requests may not wait for each other.
const UNSHARED_FETCHES: u32 = 4;

/// Gets the key set.
#[async_trait]
pub trait JwksFetch: Send + Sync + 'static {
    /// The body of a `GET` that answered 200 without redirects. Implementations stop reading
    /// after `max_bytes` and give up after a few seconds.
    async fn fetch(&self, url: &str, max_bytes: usize) -> Result<Vec<u8>, FetchError>;

    /// Whether one request may wait for a fetch that another one began. Workers say no:
    /// there, I/O belongs to the request that started it.
    fn can_share(&self) -> bool {
        true
    }
}

/// Why a token's key could not be found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There never was a good copy, or it is over seven days old.
    #[error("the organisation's keys are not available")]
    Unavailable,
}

type Flight = Shared<BoxFuture<'static, ()>>;

#[derive(Default)]
struct State {
    good: Option<(Arc<JwkSet>, i64)>,
    window_start_ms: Option<i64>,
    fetches_in_window: u32,
    flight: Option<Flight>,
}

pub(crate) struct Keys<F> {
    fetcher: Arc<F>,
    url: String,
    state: Arc<Mutex<State>>,
}

enum Lookup {
    Fresh(Arc<RsaKey>),
    Aging(Arc<RsaKey>),
    UnknownId,
    NoKeys,
}

impl<F: JwksFetch> Keys<F> {
    pub(crate) fn new(fetcher: F, url: String) -> Self {
        Self {
            fetcher: Arc::new(fetcher),
            url,
            state: Arc::default(),
        }
    }

    /// The key with this id, or `None` if the organisation has no such key.
    pub(crate) async fn get(
        &self,
        kid: &str,
        now_ms: i64,
    ) -> Result<Option<Arc<RsaKey>>, KeyError> {
        let under_way = lock(&self.state).flight.clone();
        match (self.lookup(kid, now_ms), under_way) {
            (Lookup::Fresh(key), _) => return Ok(Some(key)),
            // Only the request that starts the refresh waits for it. The others give it a push
            // in passing, so that it ends even if that one has gone away.
            (Lookup::Aging(key), Some(flight)) => {
                if flight.now_or_never().is_none() {
                    return Ok(Some(key));
                }
            }
            _ => {
                if let Some(flight) = self.flight(now_ms) {
                    flight.await;
                }
            }
        }
        match self.lookup(kid, now_ms) {
            Lookup::Fresh(key) | Lookup::Aging(key) => Ok(Some(key)),
            Lookup::UnknownId => Ok(None),
            Lookup::NoKeys => Err(KeyError::Unavailable),
        }
    }

    fn lookup(&self, kid: &str, now_ms: i64) -> Lookup {
        let state = lock(&self.state);
        let Some((set, fetched_ms)) = &state.good else {
            return Lookup::NoKeys;
        };
        let age_ms = now_ms.saturating_sub(*fetched_ms);
        match set.get(kid) {
            _ if age_ms > MAX_AGE_MS => Lookup::NoKeys,
            Some(key) if age_ms > REFRESH_MS => Lookup::Aging(Arc::clone(key)),
            Some(key) => Lookup::Fresh(Arc::clone(key)),
            None => Lookup::UnknownId,
        }
    }

    /// Joins the fetch under way or starts one if the throttle allows.
    ///
    /// The future lives in the shared state: a caller that goes away in the middle (a
    /// client that hangs up) neither loses the fetch nor frees the slot for another one;
    /// whoever comes next drives it on.
    fn flight(&self, now_ms: i64) -> Option<Flight> {
        let share = self.fetcher.can_share();
        let mut state = lock(&self.state);
        if let Some(flight) = &state.flight {
            return Some(flight.clone());
        }
        if !state.admit(now_ms, if share { 1 } else { UNSHARED_FETCHES }) {
            return None;
        }
        let work = fetch_into(
            Arc::clone(&self.fetcher),
            self.url.clone(),
            Arc::downgrade(&self.state),
            now_ms,
        );
        let flight = work.boxed().shared();
        if share {
            state.flight = Some(flight.clone());
        }
        Some(flight)
    }
}

impl State {
    /// At most `limit` fetches per window. A clock that jumped, either way, opens a new one.
    fn admit(&mut self, now_ms: i64, limit: u32) -> bool {
        let in_window = self
            .window_start_ms
            .is_some_and(|start_ms| now_ms.abs_diff(start_ms) < REFETCH_MS.unsigned_abs());
        if !in_window {
            self.window_start_ms = Some(now_ms);
            self.fetches_in_window = 0;
        }
        let admitted = self.fetches_in_window < limit;
        self.fetches_in_window += u32::from(admitted);
        admitted
    }
}

/// Fetches and, only if the answer holds usable keys, replaces the last good copy.
async fn fetch_into<F: JwksFetch>(
    fetcher: Arc<F>,
    url: String,
    state: Weak<Mutex<State>>,
    now_ms: i64,
) {
    let body = fetcher.fetch(&url, MAX_SET_BYTES).await;
    let set = body.ok().and_then(|body| JwkSet::parse(&body).ok());
    if let Some(state) = state.upgrade() {
        let mut state = lock(&state);
        state.flight = None;
        if let Some(set) = set {
            state.good = Some((Arc::new(set), now_ms));
        }
    }
}

/// A panic elsewhere leaves the state as consistent as it was: every change is one store.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
