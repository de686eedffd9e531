//! The ports of the native host.

use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use http::{Request, Response};
use hyper::body::Incoming;

use super::body::OutBody;
use super::feeds::Feeds;
use super::ingest::Queue;
use super::origin::{self, OriginClient};
use super::trust::TrustedProxies;
use crate::evaluations::Evaluations;
use crate::pipeline::Gateway;
use crate::ports::{
    Clock, Full, Kept, Origin, OriginError, Random, Telemetry, TelemetryStatus, Unkept,
};
use crate::repeats::Repeats;
use crate::samples::Sampling;
use crate::telemetry::Event;

/// The gateway with everything it needs, shared by all connections.
pub(super) struct Runtime {
    pub(super) gateway: Arc<Gateway>,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) feeds: Feeds,
    client: OriginClient<OutBody>,
    queue: Option<Queue>,
    started: Instant,
}

impl Runtime {
    #[expect(
        clippy::disallowed_methods,
        reason = "the host's monotonic clock begins here"
    )]
    pub(super) fn new(
        gateway: Arc<Gateway>,
        queue: Option<Queue>,
        trusted_proxies: TrustedProxies,
        feeds: Feeds,
    ) -> anyhow::Result<Self> {
        anyhow::ensure!(getrandom::u32().is_ok(), "the system has no entropy");
        Ok(Self {
            gateway,
            trusted_proxies,
            feeds,
            client: origin::client(),
            queue,
            started: Instant::now(),
        })
    }
}

impl Clock for Runtime {
    #[expect(clippy::disallowed_methods, reason = "the host's one wall clock")]
    fn now_ms(&self) -> i64 {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    }

    fn monotonic_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

impl Random for Runtime {
    fn bytes<const N: usize>(&self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl Runtime {
    /// How many streams are open, as it is reported.
    pub(super) fn streams(&self) -> Option<u32> {
        let kept = self.gateway.settings.has_streams();
        kept.then(|| u32::try_from(self.feeds.count()).unwrap_or(u32::MAX))
    }
}

impl Telemetry for Runtime {
    fn record(&self, event: Event) -> Result<(), Full> {
        self.queue
            .as_ref()
            .map_or(Ok(()), |queue| queue.push(event))
    }

    fn repeats(&self) -> Option<&Repeats> {
        self.queue.as_ref().map(Queue::repeats)
    }

    fn evaluations(&self) -> Option<&Evaluations> {
        self.queue.as_ref().map(Queue::evaluations)
    }

    fn sampling(&self) -> Option<&Sampling> {
        self.queue.as_ref().map(Queue::sampling)
    }

    async fn record_all(&self, events: Vec<Event>, wait: bool) -> Result<Kept, Unkept> {
        match &self.queue {
            Some(queue) if wait => queue.deliver_now(self, events).await,
            Some(queue) => match queue.push_all(events) {
                Ok(()) => Ok(Kept::Queued),
                Err(Full) => Err(Unkept::Full),
            },
            None if wait => Err(Unkept::Uncounted),
            None => Ok(Kept::Queued),
        }
    }

    fn open_streams(&self) -> usize {
        self.feeds.count()
    }

    fn status(&self) -> TelemetryStatus {
        self.queue.as_ref().map(Queue::status).unwrap_or_default()
    }
}

impl Origin for Runtime {
    type RequestBody = OutBody;
    type ResponseBody = Incoming;

    async fn send(
        &self,
        request: Request<OutBody>,
        _personal: bool,
    ) -> Result<Response<Incoming>, OriginError> {
        origin::send(&self.client, request).await
    }
}
