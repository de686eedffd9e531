//! What the gateway's pages need, as the console has it.

use std::convert::Infallible;
use std::error::Error;

use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::LengthLimitError;
use nexus_gateway::ports::{
    Clock, Full, Kept, Origin, OriginError, Random, ReadBody, ReadBodyError, Telemetry,
    TelemetryStatus, Unkept,
};
use nexus_gateway::{Evaluations, Event, Repeats, Sampling};

use super::Place;
use crate::identify::Web;

/// For one request.
pub(super) struct Host<'a> {
    pub(super) web: &'a Web,
    pub(super) place: &'a Place,
}

/// The body of one.
pub(super) struct Sent(pub(super) Body);

impl ReadBody for Sent {
    async fn read(self, limit_bytes: usize) -> Result<Bytes, ReadBodyError> {
        let read = axum::body::to_bytes(self.0, limit_bytes).await;
        read.map_err(|error| match is_limit(&error) {
            true => ReadBodyError::TooLarge,
            false => ReadBodyError::Broken,
        })
    }
}

fn is_limit(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_limit)
}

impl Clock for Host<'_> {
    fn now_ms(&self) -> i64 {
        self.web.console().now_ms()
    }

    fn monotonic_us(&self) -> u64 {
        self.now_ms().unsigned_abs().saturating_mul(1_000)
    }
}

impl Random for Host<'_> {
    fn bytes<const N: usize>(&self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.web.random().fill(&mut bytes);
        Some(bytes)
    }
}

impl Telemetry for Host<'_> {
    fn record(&self, event: Event) -> Result<(), Full> {
        self.place.reports.add(event)
    }

    fn repeats(&self) -> Option<&Repeats> {
        Some(&self.place.reports.repeats)
    }

    fn evaluations(&self) -> Option<&Evaluations> {
        Some(&self.place.reports.evaluations)
    }

    fn sampling(&self) -> Option<&Sampling> {
        Some(&self.place.reports.sampling)
    }

    /// Always waits, as the settings say.
    async fn record_all(&self, events: Vec<Event>, _wait: bool) -> Result<Kept, Unkept> {
        self.place.count_now(self.web, events).await
    }

    fn status(&self) -> TelemetryStatus {
        TelemetryStatus::default()
    }
}

/// There is nothing behind the console.
impl Origin for Host<'_> {
    type RequestBody = Sent;
    type ResponseBody = Infallible;

    async fn send(&self, _: Request<Sent>, _: bool) -> Result<Response<Infallible>, OriginError> {
        Err(OriginError::Unreachable)
    }
}
