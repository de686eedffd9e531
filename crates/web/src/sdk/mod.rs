//! SDKs' pages at the console: the gateway's own (`nexus_gateway`), on the newest snapshots
//! of the database.
//!
//! Who asks shows an SDK key, which says whose environment is meant; no session, token or role
//! opens these pages. They lie outside [`identify`](fn@crate::identify) and
//! [`same_origin`](fn@crate::same_origin): pages elsewhere may ask if their key says so.

mod pages;
mod ports;
mod reports;
mod stream;

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use futures::future::select;
use http::HeaderMap;
use nexus_control::{Changes, Console, SdkHost, SdkHostState};
use nexus_domain::Environment;
use nexus_gateway::ports::{Kept, Unkept};
use nexus_gateway::{
    Crowded, Event, Feed, Gateway, Offer, Peer, Reply, Seats, Settings, SnapshotHolder, asked,
};

pub use nexus_gateway::DEFAULT_SDK_RATE as DEFAULT_RATE;
pub use pages::{description, router, without_key};

use crate::identify::Web;
use ports::{Host, Sent};
use reports::Reports;

/// How old what is known of the database may be: other processes change it too.
const FRESH_MS: i64 = 250;

/// Waits for so long.
pub type Sleep = fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the host configures.
#[derive(Clone, Copy)]
pub struct Options {
    /// Requests a second of each SDK key; 0 for any number.
    pub rate: u32,
    /// Streams that are kept open at once; 0 for none.
    pub max_streams: usize,
    /// A Worker has none, and so no streams.
    pub sleep: Option<Sleep>,
    /// Whether `CF-IPCountry` is Cloudflare's word.
    pub behind_cloudflare: bool,
}

/// The pages with what they need. Cheap to clone.
#[derive(Clone)]
pub struct Sdk(Arc<Inner>);

struct Inner {
    web: Web,
    options: Options,
    places: Vec<Place>,
    known: futures::lock::Mutex<Known>,
    /// Grows when another snapshot is in force.
    news: Changes,
    seats: Arc<Seats>,
}

/// As the console's pages show it.
struct Shown(Weak<Inner>);

impl SdkHost for Shown {
    fn has(&self, environment: Environment) -> SdkHostState {
        let Some(inner) = self.0.upgrade() else {
            return SdkHostState::default();
        };
        let mut places = inner.places.iter();
        let place = places.find(|place| place.environment == environment);
        place.map_or_else(SdkHostState::default, |place| {
            let streams = inner.seats.count_of(&place.gateway.snapshots);
            SdkHostState {
                version: place.version(),
                streams: u32::try_from(streams).unwrap_or(u32::MAX),
            }
        })
    }
}

/// What SDKs of one environment reach.
struct Place {
    environment: Environment,
    gateway: Gateway,
    reports: Reports,
}

impl Place {
    fn version(&self) -> u64 {
        self.gateway.snapshots.version().unwrap_or(0)
    }

    async fn count_now(&self, web: &Web, events: Vec<Event>) -> Result<Kept, Unkept> {
        let counted = self
            .reports
            .count_now(web, self.environment, self.version(), events);
        counted.await
    }
}

/// What is known of the database.
#[derive(Default)]
struct Known {
    /// The console's changes when it was asked.
    changes: Option<u64>,
    at_ms: i64,
}

impl Sdk {
    #[must_use]
    pub fn new(web: &Web, options: Options) -> Self {
        let place = |environment: Environment| {
            let name = environment.as_str();
            let mut settings = Settings::for_sdks(name);
            settings.sdk_rate = options.rate;
            settings.max_streams = options.sleep.map_or(0, |_| options.max_streams);
            let snapshots = SnapshotHolder::new(name, vec![web.console().trusted_key()]);
            Place {
                environment,
                gateway: Gateway::new(settings, snapshots),
                reports: Reports::default(),
            }
        };
        let sdk = Self(Arc::new(Inner {
            web: web.clone(),
            options,
            places: Environment::ALL.into_iter().map(place).collect(),
            known: futures::lock::Mutex::default(),
            news: Changes::default(),
            seats: Seats::new(options.sleep.map_or(0, |_| options.max_streams)),
        }));
        // A Worker has one for each request, and none that lasts.
        if options.sleep.is_some() {
            let shown = Shown(Arc::downgrade(&sdk.0));
            web.console().show_sdk_host(Arc::new(shown));
        }
        sdk
    }

    fn console(&self) -> &Console {
        self.0.web.console()
    }

    /// Keeps the newest snapshots in force and the reports counted, for as long as it is
    /// polled. A Worker does both with each request.
    pub async fn run(&self, sleep: Sleep) {
        let changes = self.console().changes();
        let pause = Duration::from_millis(FRESH_MS.unsigned_abs());
        loop {
            let seen = changes.current();
            self.refresh().await;
            self.flush().await;
            select(pin!(changes.changed_since(seen)), sleep(pause)).await;
        }
    }

    /// Takes what the database has newer. What was in force stays when it can't be asked.
    async fn refresh(&self) {
        let mut known = self.0.known.lock().await;
        let (changes, now_ms) = (self.console().changes().current(), self.console().now_ms());
        let is_fresh = (0..FRESH_MS).contains(&now_ms.saturating_sub(known.at_ms));
        if known.changes == Some(changes) && is_fresh {
            return;
        }
        match self.take_newer(now_ms).await {
            Ok(0) => {}
            Ok(_) => {
                self.0.news.bump();
                // Pages show who has it.
                self.console().changes().bump();
            }
            Err(error) => tracing::warn!(%error, "snapshots for SDKs can't be read"),
        }
        *known = Known {
            changes: Some(changes),
            at_ms: now_ms,
        };
    }

    async fn take_newer(&self, now_ms: i64) -> nexus_control::Result<usize> {
        let places = &self.0.places;
        let known: Vec<_> = places
            .iter()
            .map(|it| (it.environment, it.version()))
            .collect();
        let mut taken = 0;
        for (environment, envelope) in self.console().newer_snapshots(&known).await? {
            let Some(place) = places.iter().find(|it| it.environment == environment) else {
                continue;
            };
            let snapshots = &place.gateway.snapshots;
            let known = snapshots.status(now_ms).last_error;
            match snapshots.offer(&envelope.into(), now_ms) {
                Ok(Offer::Taken { .. }) => taken += 1,
                Ok(Offer::Unchanged) => {}
                // It is offered again and again, but said once.
                Err(refusal) if known == Some(refusal.to_string()) => {}
                Err(refusal) => tracing::warn!(%refusal, %environment, "a snapshot was refused"),
            }
        }
        Ok(taken)
    }

    /// Whether something is to be counted, where nobody [runs](Self::run) these pages.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let now_ms = self.console().now_ms();
        self.0
            .places
            .iter()
            .any(|place| place.reports.is_due(now_ms))
    }

    /// Counts what waits; what can't be counted now waits on.
    pub async fn flush(&self) {
        for place in &self.0.places {
            let reports = &place.reports;
            let flushed = reports.flush(&self.0.web, place.environment, place.version());
            if let Err(error) = flushed.await {
                tracing::warn!(%error, environment = %place.environment, "SDKs' events wait");
            }
        }
    }

    async fn answer(&self, request: Request) -> Response {
        self.refresh().await;
        let gateways = self.0.places.iter().map(|place| &place.gateway);
        let index = asked(gateways, request.uri(), request.headers());
        let Some((index, place)) = index.and_then(|at| Some((at, self.0.places.get(at)?))) else {
            return http::StatusCode::NOT_FOUND.into_response();
        };
        let country = self.country(request.headers());
        let peer = Peer {
            country: country.as_deref(),
            ..Peer::default()
        };
        let host = Host {
            web: &self.0.web,
            place,
        };
        let served = place.gateway.serve_sdk(&host, peer, request.map(Sent));
        let (parts, reply) = served.await.into_parts();
        let body = match reply {
            Reply::Own(bytes) => Body::from(bytes),
            Reply::Origin(never) => match never {},
            Reply::Feed(feed) => match self.open(index, *feed) {
                Ok(body) => body,
                Err(crowded) => return stream::full(parts, crowded),
            },
        };
        Response::from_parts(parts, body)
    }

    /// Without a way to wait there are no places either.
    fn open(&self, index: usize, feed: Feed) -> Result<Body, Crowded> {
        let sleep = self.0.options.sleep.ok_or(Crowded::Host)?;
        stream::open(self, index, feed, sleep)
    }

    fn country(&self, headers: &HeaderMap) -> Option<String> {
        let country = headers
            .get("cf-ipcountry")
            .filter(|_| self.0.options.behind_cloudflare);
        country
            .and_then(|country| country.to_str().ok())
            .map(str::to_owned)
    }
}
