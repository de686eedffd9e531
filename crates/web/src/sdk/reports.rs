//! What SDKs asked here, on its way to being counted as a gateway's reports are.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nexus_control::Error;
use nexus_control::ingest::IngestBatch;
use nexus_domain::Environment;
use nexus_gateway::ports::Full;
use nexus_gateway::{Batch, Evaluations, Event, Repeats};
use uuid::Uuid;

use crate::identify::Web;

/// Events that may wait.
const CAPACITY: usize = 10_000;
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
    /// What could not be counted; it is tried first.
    outbox: futures::lock::Mutex<Option<IngestBatch>>,
    flushed_ms: AtomicI64,
}

impl Reports {
    pub(super) fn add(&self, events: Vec<Event>) -> Result<(), Full> {
        let mut waiting = self.waiting();
        if waiting.len() + events.len() > CAPACITY {
            return Err(Full);
        }
        waiting.extend(events);
        Ok(())
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
        if events.is_empty() && flags.is_empty() {
            return None;
        }
        let batch = Batch {
            gateway_id: String::new(),
            environment: environment.as_str().to_owned(),
            snapshot_version: version,
            sent_ms: now_ms,
            batch_id: fresh_id(web),
            events,
            flags,
            samples: None,
        };
        let travelled = serde_json::to_value(&batch).and_then(serde_json::from_value);
        travelled
            .inspect_err(|error| tracing::error!(%error, "events that the console does not know"))
            .ok()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Event>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh_id(web: &Web) -> Uuid {
    Uuid::try_parse(&web.console().request_id()).unwrap_or_default()
}
