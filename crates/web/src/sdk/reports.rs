//! What SDKs asked here, on its way to being counted as a gateway's reports are.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nexus_control::Error;
use nexus_control::ingest::IngestBatch;
use nexus_domain::Environment;
use nexus_gateway::ports::{Full, Kept, Unkept, Wrong};
use nexus_gateway::{Batch, Evaluations, Event, FlagCount, Repeats, Samples, Sampling};
use uuid::Uuid;

use crate::identify::Web;

/// Exposures that may wait. What is sent to `/events` does not: whoever sends it waits.
const CAPACITY: usize = 10_000;
/// Events whose senders may wait until they are counted.
const COUNTING: usize = 10_000;
/// Events that are counted at once.
const BATCH: usize = 500;
/// Longest time that sums wait where nothing else is counted.
const SUMS_MS: i64 = 60_000;

/// Of one environment.
#[derive(Default)]
pub(super) struct Reports {
    waiting: Mutex<Vec<Event>>,
    pub(super) repeats: Repeats,
    pub(super) evaluations: Evaluations,
    pub(super) sampling: Sampling,
    /// What could not be counted; it is tried first.
    outbox: futures::lock::Mutex<Option<IngestBatch>>,
    flushed_ms: AtomicI64,
    /// Events whose senders wait.
    counting: AtomicUsize,
}

impl Reports {
    pub(super) fn add(&self, event: Event) -> Result<(), Full> {
        let mut waiting = self.waiting();
        if waiting.len() >= CAPACITY {
            return Err(Full);
        }
        waiting.push(event);
        Ok(())
    }

    /// Counts these now; it returns when they are committed.
    pub(super) async fn count_now(
        &self,
        web: &Web,
        environment: Environment,
        version: u64,
        events: Vec<Event>,
    ) -> Result<Kept, Unkept> {
        let _room = Room::take(&self.counting, events.len())?;
        let batch = travelled(web, environment, version, events, Vec::new(), None);
        let batch = batch.ok_or(Unkept::Uncounted)?;
        let counted = web.console().count_own(batch).await;
        let reply = counted.map_err(|error| {
            tracing::warn!(%error, %environment, "events were not counted");
            Unkept::Uncounted
        })?;
        let wrongs = reply.rejected.into_iter().map(|wrong| Wrong {
            index: wrong.index as usize,
            problem: wrong.problem,
        });
        Ok(Kept::Counted(wrongs.collect()))
    }

    /// Whether something is to be counted now: an event waits, or sums may for long enough.
    pub(super) fn is_due(&self, now_ms: i64) -> bool {
        let flushed_ms = self.flushed_ms.load(Ordering::Relaxed);
        !self.waiting().is_empty() || now_ms.saturating_sub(flushed_ms) >= SUMS_MS
    }

    /// # Errors
    /// The database's; nothing is lost then.
    pub(super) async fn flush(
        &self,
        web: &Web,
        environment: Environment,
        version: u64,
    ) -> Result<(), Error> {
        let now_ms = web.console().now_ms();
        self.flushed_ms.store(now_ms, Ordering::Relaxed);
        let mut outbox = self.outbox.lock().await;
        loop {
            if outbox.is_none() {
                *outbox = self.next(web, environment, version);
            }
            let Some(batch) = outbox.as_ref() else {
                return Ok(());
            };
            web.console().count_own(batch.clone()).await?;
            *outbox = None;
        }
    }

    /// The next batch, as it would travel; `None` when there is nothing to count.
    fn next(&self, web: &Web, environment: Environment, version: u64) -> Option<IngestBatch> {
        let now_ms = web.console().now_ms();
        let mut events = {
            let mut waiting = self.waiting();
            let count = waiting.len().min(BATCH);
            waiting.drain(..count).collect::<Vec<_>>()
        };
        events.extend(self.repeats.take(|| fresh_id(web), now_ms));
        let flags = self.evaluations.take(now_ms, SUMS_MS);
        let samples = self.sampling.take(now_ms);
        if events.is_empty() && flags.is_empty() && samples.is_none() {
            return None;
        }
        travelled(web, environment, version, events, flags, samples)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Event>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Room for events that are being counted; given back when it is dropped.
struct Room<'a> {
    counting: &'a AtomicUsize,
    events: usize,
}

impl<'a> Room<'a> {
    fn take(counting: &'a AtomicUsize, events: usize) -> Result<Self, Unkept> {
        let more = |now: usize| (now + events <= COUNTING).then_some(now + events);
        let taken = counting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        taken.map_err(|_| Unkept::Full)?;
        Ok(Self { counting, events })
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.counting.fetch_sub(self.events, Ordering::Relaxed);
    }
}

/// A batch as the console gets it from a gateway.
fn travelled(
    web: &Web,
    environment: Environment,
    version: u64,
    events: Vec<Event>,
    flags: Vec<FlagCount>,
    samples: Option<Samples>,
) -> Option<IngestBatch> {
    let batch = Batch {
        gateway_id: String::new(),
        environment: environment.as_str().to_owned(),
        snapshot_version: version,
        sent_ms: web.console().now_ms(),
        streams: None,
        batch_id: fresh_id(web),
        events,
        flags,
        samples,
    };
    let travelled = serde_json::to_value(&batch).and_then(serde_json::from_value);
    travelled
        .inspect_err(|error| tracing::error!(%error, "events that the console does not know"))
        .ok()
}

fn fresh_id(web: &Web) -> Uuid {
    Uuid::try_parse(&web.console().request_id()).unwrap_or_default()
}
