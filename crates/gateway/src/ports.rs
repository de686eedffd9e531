//! What the core needs from whoever runs it.
//!
//! Futures carry no `Send` bound: a Worker's can't be sent, the native host's are known
//! to be when the concrete types are.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};

use crate::evaluations::Evaluations;
use crate::repeats::Repeats;
use crate::samples::Sampling;
use crate::telemetry::Event;

/// Time.
pub trait Clock {
    /// The wall clock: milliseconds since 1970 UTC.
    fn now_ms(&self) -> i64;
    /// Microseconds since some fixed moment; never runs backwards. A Worker's clock
    /// stands still between I/O.
    fn monotonic_us(&self) -> u64;
}

/// Unpredictable bytes.
pub trait Random {
    /// `None` when the system has no entropy; the gateway then sets no cookie.
    fn bytes<const N: usize>(&self) -> Option<[u8; N]>;
}

/// A request's body, read whole.
pub trait ReadBody {
    /// # Errors
    /// When it is longer than the limit, takes too long, or breaks off.
    fn read(self, limit_bytes: usize) -> impl Future<Output = Result<Bytes, ReadBodyError>>;
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadBodyError {
    #[error("the body is longer than allowed")]
    TooLarge,
    #[error("the body came too slowly")]
    TooSlow,
    #[error("the body broke off")]
    Broken,
}

/// The services behind the gateway.
pub trait Origin {
    type RequestBody: ReadBody;
    type ResponseBody;

    /// Sends a request whose URI is complete and whose headers are ready. Redirects are
    /// not followed. When the answer is `personal` it may differ between visitors, so no
    /// cache on the way may give or keep it.
    ///
    /// # Errors
    /// When no response head arrived.
    fn send(
        &self,
        request: Request<Self::RequestBody>,
        personal: bool,
    ) -> impl Future<Output = Result<Response<Self::ResponseBody>, OriginError>>;
}

/// Why an origin did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    #[error("the origin cannot be reached")]
    Unreachable,
    #[error("the origin did not answer in time")]
    Timeout,
    #[error("the origin broke off the connection")]
    Broken,
    #[error("the request's body is longer than allowed")]
    BodyTooLarge,
    #[error("the request's body came too slowly")]
    BodyTooSlow,
    #[error("the request's body broke off")]
    BodyBroken,
}

/// Where events go.
pub trait Telemetry {
    /// Takes an event; drops and counts it when there is no room. Never waits.
    ///
    /// # Errors
    /// When it was dropped.
    fn record(&self, event: Event) -> Result<(), Full>;
    /// Where requests are summed up that say nothing new; without it every one is recorded.
    fn repeats(&self) -> Option<&Repeats> {
        None
    }
    /// Where it is counted how often flags give which value; without it nobody counts.
    fn evaluations(&self) -> Option<&Evaluations> {
        None
    }
    /// Where visitors are sampled; without it nobody is.
    fn sampling(&self) -> Option<&Sampling> {
        None
    }
    /// Takes all or none of what pages and SDKs report. Anybody can send that, so half of the
    /// room stays free for [`record`](Self::record). With `wait` it returns when the console
    /// has counted them.
    ///
    /// # Errors
    /// When they are to be sent again.
    fn record_all(
        &self,
        events: Vec<Event>,
        wait: bool,
    ) -> impl Future<Output = Result<Kept, Unkept>>;
    /// Streams that the host keeps open for SDKs.
    fn open_streams(&self) -> usize {
        0
    }
    /// How it fares.
    fn status(&self) -> TelemetryStatus;
}

/// What became of events that were reported together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// They wait in memory and are lost with it.
    Queued,
    /// The console has committed them, but for those in which it found something wrong.
    Counted(Vec<Wrong>),
}

/// What the console finds wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Wrong {
    /// Its position.
    pub index: usize,
    pub problem: String,
}

/// Why events were not kept. Their ids make it harmless to send them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unkept {
    #[error("too many events are waiting; send them again")]
    Full,
    #[error("the console did not say in time that it counted the events; send them again")]
    Uncounted,
}

/// There is no room for events now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no room for events now")]
pub struct Full;

/// How telemetry fares since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct TelemetryStatus {
    /// Events waiting to be sent.
    pub queued: u64,
    /// Events delivered.
    pub sent: u64,
    /// Events lost for want of room or because they were refused.
    pub dropped: u64,
    /// Deliveries that failed and were tried again.
    pub retries: u64,
}

/// Where snapshots come from.
pub trait SnapshotSource {
    /// The bytes of the newest signed envelope; `None` when nothing is published.
    ///
    /// # Errors
    /// When the source cannot say.
    fn fetch(&self) -> impl Future<Output = Result<Option<Bytes>, SourceError>>;
}

/// Why a source gave no snapshot; the text goes to the status page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// Everything that serving a request needs.
pub trait Ports: Clock + Random + Telemetry + Origin {}

impl<T: Clock + Random + Telemetry + Origin> Ports for T {}
