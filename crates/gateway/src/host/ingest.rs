//! Events on their way to the console: a bounded queue, batches, patience.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::backoff::Backoff;
use super::runtime::Runtime;
use super::weight::weight;
use crate::evaluations::Evaluations;
use crate::ports::{Clock, Full, Kept, Random, TelemetryStatus, Unkept};
use crate::repeats::Repeats;
use crate::samples::{Pace, Sampling};
use crate::telemetry::{Batch, Event, Verdict, wrongs};

/// Events that may wait.
const CAPACITY: usize = 20_000;
/// How many places are kept for exposures.
const RESERVED: usize = CAPACITY / 2;
/// What all that wait may weigh: an event of a hundred experiments is forty times as heavy
/// as one of a single experiment.
const CAPACITY_BYTES: usize = 32 * 1024 * 1024;
/// A batch is closed at this many events …
const BATCH: usize = 500;
/// … or this long after its first.
const LINGER: Duration = Duration::from_millis(250);
/// A sign of life is sent when there was nothing else for this long.
const HEARTBEAT: Duration = Duration::from_millis(1500);
/// How often sums of what flags gave are sent.
const SUMS_MS: i64 = 60_000;
/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What is still queued at the end may take this long.
const FLUSH: Duration = Duration::from_secs(5);

/// Reports that may wait at once for the console to count them.
const WAITING_REPORTS: usize = 64;

/// Where the console takes events.
#[derive(Clone)]
pub struct IngestOptions {
    /// `https://console.example/api/v1/ingest`
    pub url: String,
    pub token: SecretString,
    pub gateway_id: String,
    pub environment: String,
}

#[derive(Default)]
struct Counters {
    sent: AtomicU64,
    dropped: AtomicU64,
    retries: AtomicU64,
}

/// The end that takes events.
pub(super) struct Queue {
    sender: mpsc::Sender<Event>,
    /// Bytes that may still come.
    room: Arc<Semaphore>,
    repeats: Arc<Repeats>,
    evaluations: Arc<Evaluations>,
    sampling: Arc<Sampling>,
    counters: Arc<Counters>,
    /// For reports whose senders wait until they are counted.
    places: Semaphore,
    options: IngestOptions,
    client: reqwest::Client,
}

/// The end that delivers them.
pub(super) struct Reporter {
    receiver: mpsc::Receiver<Event>,
    room: Arc<Semaphore>,
    /// Taken from the queue for the batch that is being filled.
    gathered: Vec<Event>,
    /// Closed and not yet settled; mostly one, more when it had to be split.
    outbox: VecDeque<Batch>,
    repeats: Arc<Repeats>,
    evaluations: Arc<Evaluations>,
    sampling: Arc<Sampling>,
    counters: Arc<Counters>,
    options: IngestOptions,
    client: reqwest::Client,
}

/// Both ends.
pub(super) fn queue(options: IngestOptions) -> anyhow::Result<(Queue, Reporter)> {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    let room = Arc::new(Semaphore::new(CAPACITY_BYTES));
    let counters = Arc::new(Counters::default());
    let repeats = Arc::new(Repeats::default());
    let evaluations = Arc::new(Evaluations::default());
    let sampling = Arc::new(Sampling::new(Pace::MINUTE));
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("nexus-gateway/", env!("CARGO_PKG_VERSION")))
        .build()?;
    let queue = Queue {
        sender,
        room: Arc::clone(&room),
        repeats: Arc::clone(&repeats),
        evaluations: Arc::clone(&evaluations),
        sampling: Arc::clone(&sampling),
        counters: Arc::clone(&counters),
        places: Semaphore::new(WAITING_REPORTS),
        options: options.clone(),
        client: client.clone(),
    };
    Ok((
        queue,
        Reporter {
            receiver,
            room,
            gathered: Vec::new(),
            outbox: VecDeque::new(),
            repeats,
            evaluations,
            sampling,
            counters,
            options,
            client,
        },
    ))
}

impl Queue {
    pub(super) fn push(&self, event: Event) -> Result<(), Full> {
        self.push_quietly(event).inspect_err(|_| {
            self.counters.dropped.fetch_add(1, Ordering::Relaxed);
        })
    }

    fn push_quietly(&self, event: Event) -> Result<(), Full> {
        let held = self.room.try_acquire_many(weight(&event));
        let held = held.map_err(|_| Full)?;
        self.sender.try_send(event).map_err(|_| Full)?;
        // The other end gives it back.
        held.forget();
        Ok(())
    }

    pub(super) fn repeats(&self) -> &Repeats {
        &self.repeats
    }

    pub(super) fn evaluations(&self) -> &Evaluations {
        &self.evaluations
    }

    pub(super) fn sampling(&self) -> &Sampling {
        &self.sampling
    }

    pub(super) fn push_all(&self, events: Vec<Event>) -> Result<(), Full> {
        let wanted = events.iter().map(weight).sum::<u32>();
        let room = self.room.available_permits();
        if self.sender.capacity() < RESERVED + events.len()
            || room < CAPACITY_BYTES / 2 + wanted as usize
        {
            return Err(Full);
        }
        let held = self.room.try_acquire_many(wanted).map_err(|_| Full)?;
        let places = self
            .sender
            .try_reserve_many(events.len())
            .map_err(|_| Full)?;
        for (place, event) in places.zip(events) {
            place.send(event);
        }
        held.forget();
        Ok(())
    }

    /// Has events counted at once, past those that wait. They are sent once only: whoever
    /// reports them waits, and can send them again.
    pub(super) async fn deliver_now(
        &self,
        runtime: &Runtime,
        events: Vec<Event>,
    ) -> Result<Kept, Unkept> {
        let _place = self.places.try_acquire().map_err(|_| Unkept::Full)?;
        let count = events.len() as u64;
        let batch = Batch {
            gateway_id: self.options.gateway_id.clone(),
            environment: self.options.environment.clone(),
            snapshot_version: runtime.gateway.snapshots.version().unwrap_or(0),
            sent_ms: runtime.now_ms(),
            streams: runtime.streams(),
            batch_id: fresh_id(runtime),
            events,
            flags: Vec::new(),
            samples: None,
        };
        let body = batch.to_body().ok_or(Unkept::Full)?;
        let (verdict, answer) = post(&self.client, &self.options, body.into()).await;
        let Verdict::Taken { rejected } = verdict else {
            return Err(Unkept::Uncounted);
        };
        let sent = count.saturating_sub(rejected);
        self.counters.sent.fetch_add(sent, Ordering::Relaxed);
        self.counters.dropped.fetch_add(rejected, Ordering::Relaxed);
        Ok(Kept::Counted(wrongs(&answer)))
    }

    pub(super) fn status(&self) -> TelemetryStatus {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        TelemetryStatus {
            queued: (self.sender.max_capacity() - self.sender.capacity()) as u64,
            sent: count(&self.counters.sent),
            dropped: count(&self.counters.dropped),
            retries: count(&self.counters.retries),
        }
    }
}

impl Reporter {
    /// Delivers until told to stop, then what is left, for a bounded time.
    pub(super) async fn run(mut self, runtime: Arc<Runtime>, mut stopping: watch::Receiver<bool>) {
        while !*stopping.borrow() {
            tokio::select! {
                () = self.gather() => {}
                _ = stopping.wait_for(|stop| *stop) => break,
            }
            self.close_batch(&runtime);
            tokio::select! {
                () = self.deliver_all(&runtime) => {}
                _ = stopping.wait_for(|stop| *stop) => break,
            }
        }
        if tokio::time::timeout(FLUSH, self.flush(&runtime))
            .await
            .is_err()
        {
            let closed = self.outbox.iter().map(|batch| batch.events.len());
            let events = closed.sum::<usize>() + self.receiver.len();
            tracing::warn!(events, "events were not delivered before the end");
        }
    }

    /// Fills the next batch; it stays empty when it is time for a sign of life. Dropping
    /// the future loses nothing.
    async fn gather(&mut self) {
        let mut due = Instant::now() + HEARTBEAT;
        while self.gathered.len() < BATCH {
            match timeout_at(due, self.receiver.recv()).await {
                Ok(Some(event)) => {
                    self.room.add_permits(weight(&event) as usize);
                    if self.gathered.is_empty() {
                        due = Instant::now() + LINGER;
                    }
                    self.gathered.push(event);
                }
                Ok(None) | Err(_) => break,
            }
        }
    }

    async fn flush(&mut self, runtime: &Runtime) {
        loop {
            while self.gathered.len() < BATCH
                && let Ok(event) = self.receiver.try_recv()
            {
                self.room.add_permits(weight(&event) as usize);
                self.gathered.push(event);
            }
            self.close_batch(runtime);
            let is_last = self
                .outbox
                .back()
                .is_none_or(|batch| batch.events.is_empty());
            if self.outbox.back().is_some_and(Batch::is_sign_of_life) {
                self.outbox.pop_back();
            }
            self.deliver_all(runtime).await;
            if is_last {
                return;
            }
        }
    }

    /// Puts what was gathered into the outbox, with the sum of what repeats, under a fresh
    /// id.
    fn close_batch(&mut self, runtime: &Runtime) {
        let repeats = self.repeats.take(|| fresh_id(runtime), runtime.now_ms());
        self.gathered.extend(repeats);
        self.outbox.push_back(Batch {
            gateway_id: self.options.gateway_id.clone(),
            environment: self.options.environment.clone(),
            snapshot_version: runtime.gateway.snapshots.version().unwrap_or(0),
            sent_ms: runtime.now_ms(),
            streams: runtime.streams(),
            batch_id: fresh_id(runtime),
            events: std::mem::take(&mut self.gathered),
            flags: self.evaluations.take(runtime.now_ms(), SUMS_MS),
            samples: self.sampling.take(runtime.now_ms()),
        });
    }

    /// Empties the outbox. Dropping the future loses nothing.
    async fn deliver_all(&mut self, runtime: &Runtime) {
        while let Some(batch) = self.outbox.front() {
            let (verdict, count) = (self.deliver(batch).await, batch.events.len() as u64);
            if verdict == Verdict::TooLarge && self.halve(runtime) {
                continue;
            }
            self.outbox.pop_front();
            let (sent, dropped) = match verdict {
                Verdict::Taken { rejected } => (count.saturating_sub(rejected), rejected),
                // A sign of life; the next one will do.
                Verdict::Later => (0, 0),
                Verdict::TooLarge | Verdict::Refused => {
                    tracing::error!(events = count, "the console refuses a batch of events");
                    (0, count)
                }
            };
            self.counters.sent.fetch_add(sent, Ordering::Relaxed);
            self.counters.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
    }

    /// Makes two batches of the first one; false when it has a single event.
    fn halve(&mut self, runtime: &Runtime) -> bool {
        let half = self
            .outbox
            .front_mut()
            .and_then(|batch| batch.split_off(fresh_id(runtime)));
        half.is_some_and(|half| {
            self.outbox.insert(1, half);
            true
        })
    }

    /// Tries until the batch is taken or refused for good; a sign of life is tried once.
    async fn deliver(&self, batch: &Batch) -> Verdict {
        let Some(body) = batch.to_body().map(Bytes::from) else {
            return Verdict::TooLarge;
        };
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
        loop {
            let verdict = self.attempt(body.clone()).await;
            if verdict != Verdict::Later || batch.is_sign_of_life() {
                return verdict;
            }
            self.counters.retries.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn attempt(&self, body: Bytes) -> Verdict {
        post(&self.client, &self.options, body).await.0
    }
}

/// Sends a batch once; what came of it, and the answer.
async fn post(client: &reqwest::Client, options: &IngestOptions, body: Bytes) -> (Verdict, Bytes) {
    let request = client.post(&options.url).body(body);
    let sent = request
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .bearer_auth(options.token.expose_secret())
        .send()
        .await;
    let response = match sent {
        Ok(response) => response,
        Err(error) => {
            tracing::debug!(?error, "the console did not take events");
            return (Verdict::Later, Bytes::new());
        }
    };
    let status = response.status();
    let answer = response.bytes().await.unwrap_or_default();
    let verdict = Verdict::of(status.as_u16(), &answer);
    match verdict {
        Verdict::Refused => tracing::error!(%status, "the console finds a batch wrong"),
        Verdict::Later => tracing::warn!(%status, "the console does not take events now"),
        Verdict::Taken { .. } | Verdict::TooLarge => {}
    }
    (verdict, answer)
}

fn fresh_id(runtime: &Runtime) -> Uuid {
    let random = runtime.bytes::<10>().unwrap_or_default();
    let now_ms = u64::try_from(runtime.now_ms()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid()
}
