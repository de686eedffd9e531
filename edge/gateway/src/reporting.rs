//! Events to the console's ingest.
//!
//! Events of all requests in an isolate wait together. The first one's request promises
//! to deliver them a moment after its response (`waitUntil`) and goes on while others add
//! to them; so there is one delivery at a time, and what it has in hand is bounded.
//!
//! What flags gave and who came is summed up meanwhile, and goes along every few seconds:
//! an isolate may end at any time, and takes with it what it has not told.

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};
use nexus_gateway::ports::{Kept, Unkept};
use nexus_gateway::{Batch, Event, Pace, Verdict, wrongs};
use uuid::Uuid;
use worker::{
    AbortController, AbortSignal, Delay, Env, Fetch, Headers, Method, Request, RequestInit,
};

use crate::config::variable;
use crate::host::{EdgeHost, now_ms, random};
use crate::isolate::{Isolate, add};

/// Events that may wait in one isolate.
pub(crate) const MAX_WAITING: usize = 2_000;
/// Most events in one delivery.
const BATCH: usize = 500;
/// How long events wait for company.
const LINGER: Duration = Duration::from_millis(250);
/// One request goes on delivering for this long; the next one takes over.
const SHIFT_MS: i64 = 5_000;
/// A promise this old was not kept: its request was cut off.
const BROKEN_PROMISE_MS: i64 = 30_000;
/// Tries of one delivery, and the pause after the first; it doubles.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(250);
/// How often sums are told: an isolate is sure of 30 s after a response, a delivery included.
const SUMS_MS: i64 = 20_000;
const SUMS: Duration = Duration::from_millis(SUMS_MS as u64);
/// The visitors sampled of that time; a minute's are no more than of a native gateway.
pub(crate) const PACE: Pace = Pace {
    most: 66,
    every_ms: SUMS_MS,
};
/// Longest wait for the console. All tries and pauses together must end before the
/// runtime ends the request, 30 s after its response.
const ANSWER: Duration = Duration::from_secs(4);

/// The console's ingest. No `Debug`: it holds the token.
#[derive(Clone)]
pub(crate) struct Ingest {
    url: String,
    token: String,
}

impl Ingest {
    /// `None` unless the Worker is told both where it is and what opens it.
    pub(crate) fn of(env: &Env) -> Option<Self> {
        Some(Self {
            url: variable(env, "NEXUS_INGEST_URL")?,
            token: variable(env, "NEXUS_INGEST_TOKEN")?,
        })
    }
}

/// Sees to it that what waits is delivered.
pub(crate) fn promise_flush(host: &EdgeHost, ingest: &Ingest) {
    if !claim(&host.isolate.flush_promised_ms) {
        return;
    }
    let (isolate, ingest) = (Rc::clone(&host.isolate), ingest.clone());
    host.context.wait_until(async move {
        let until_ms = now_ms() + SHIFT_MS;
        loop {
            Delay::from(LINGER).await;
            let delivered = flush(&isolate, &ingest).await;
            if !delivered || isolate.waiting.borrow().is_empty() || now_ms() > until_ms {
                break;
            }
        }
        isolate.flush_promised_ms.set(0);
    });
}

/// Sees to it that sums are told, also when no event takes them along. What a console that
/// can't be reached does not take is lost: sums have no ids that would keep them from
/// counting twice.
pub(crate) fn promise_sums(host: &EdgeHost, ingest: &Ingest) {
    if !has_sums(&host.isolate) || !claim(&host.isolate.sums_promised_ms) {
        return;
    }
    let (isolate, ingest) = (Rc::clone(&host.isolate), ingest.clone());
    host.context.wait_until(async move {
        Delay::from(SUMS).await;
        isolate.sums_promised_ms.set(0);
        let batch = batch(&isolate, Vec::new());
        if !batch.is_sign_of_life() {
            deliver(&isolate, &ingest, &batch).await;
        }
    });
}

fn has_sums(isolate: &Isolate) -> bool {
    !isolate.evaluations.is_empty() || !isolate.sampling.is_empty()
}

/// Delivers what waits, unless somebody is at it, and gives a sign of life.
pub(crate) async fn flush_and_greet(isolate: &Isolate, ingest: &Ingest) {
    if claim(&isolate.flush_promised_ms) {
        flush(isolate, ingest).await;
        isolate.flush_promised_ms.set(0);
    }
    if let Some(body) = batch(isolate, Vec::new()).to_body() {
        post(ingest, &body).await;
    }
}

/// Has events counted now, past those that wait. They are sent once only: whoever reports them
/// waits, and can send them again.
pub(crate) async fn deliver_now(
    isolate: &Isolate,
    ingest: &Ingest,
    events: Vec<Event>,
) -> Result<Kept, Unkept> {
    let count = events.len();
    let body = bare_batch(isolate, events).to_body();
    let body = body.ok_or(Unkept::Full)?;
    let (verdict, answer) = post(ingest, &body).await;
    let Verdict::Taken { rejected } = verdict else {
        return Err(Unkept::Uncounted);
    };
    let rejected = usize::try_from(rejected).unwrap_or(count);
    add(&isolate.sent, count.saturating_sub(rejected));
    add(&isolate.dropped, rejected);
    Ok(Kept::Counted(wrongs(&answer)))
}

/// Whether it is now the caller's to deliver; the promise is then theirs.
fn claim(promise: &Cell<i64>) -> bool {
    let promised_ms = promise.get();
    let is_free = promised_ms == 0 || now_ms() - promised_ms >= BROKEN_PROMISE_MS;
    if is_free {
        promise.set(now_ms());
    }
    is_free
}

/// Delivers what waits now; false when the console doesn't take it.
async fn flush(isolate: &Isolate, ingest: &Ingest) -> bool {
    let mut outbox = VecDeque::new();
    let until_ms = now_ms() + SHIFT_MS;
    loop {
        if outbox.is_empty() && now_ms() <= until_ms {
            outbox.extend(next_batch(isolate));
        }
        let Some(mut batch) = outbox.pop_front() else {
            return true;
        };
        let count = batch.events.len();
        match deliver(isolate, ingest, &batch).await {
            Verdict::Taken { rejected } => {
                let rejected = usize::try_from(rejected).unwrap_or(count);
                add(&isolate.sent, count.saturating_sub(rejected));
                add(&isolate.dropped, rejected);
            }
            Verdict::Later => {
                outbox.push_front(batch);
                put_back(isolate, outbox);
                return false;
            }
            Verdict::TooLarge if count > 1 => {
                outbox.extend(batch.split_off(fresh_id()));
                outbox.push_front(batch);
            }
            Verdict::TooLarge | Verdict::Refused => {
                worker::console_error!("the console refuses a batch of {count} events");
                add(&isolate.dropped, count);
            }
        }
    }
}

fn next_batch(isolate: &Isolate) -> Option<Batch> {
    let mut waiting = isolate.waiting.borrow_mut();
    let count = waiting.len().min(BATCH);
    let events: Vec<Event> = waiting.drain(..count).collect();
    (count > 0).then(|| batch(isolate, events))
}

fn batch(isolate: &Isolate, events: Vec<Event>) -> Batch {
    Batch {
        flags: isolate.evaluations.take(now_ms(), SUMS_MS),
        samples: isolate.sampling.take(now_ms()),
        ..bare_batch(isolate, events)
    }
}

/// Without sums.
fn bare_batch(isolate: &Isolate, events: Vec<Event>) -> Batch {
    let settings = &isolate.gateway.settings;
    Batch {
        gateway_id: settings.gateway_id.clone(),
        environment: settings.environment.clone(),
        snapshot_version: isolate.gateway.snapshots.version().unwrap_or(0),
        sent_ms: now_ms(),
        streams: None,
        batch_id: fresh_id(),
        events,
        flags: Vec::new(),
        samples: None,
    }
}

fn fresh_id() -> Uuid {
    let random = random::<10>().unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(now_ms().unsigned_abs(), &random).into_uuid()
}

/// What could not be delivered waits for the next promise, as far as there is room. The
/// events' own ids keep them from counting twice.
fn put_back(isolate: &Isolate, batches: VecDeque<Batch>) {
    let mut waiting = isolate.waiting.borrow_mut();
    let events = batches
        .into_iter()
        .rev()
        .flat_map(|batch| batch.events.into_iter().rev());
    for event in events {
        if waiting.len() < MAX_WAITING {
            waiting.push_front(event);
        } else {
            add(&isolate.dropped, 1);
        }
    }
}

/// Tries a few times, under the same batch id.
async fn deliver(isolate: &Isolate, ingest: &Ingest, batch: &Batch) -> Verdict {
    let Some(body) = batch.to_body() else {
        return Verdict::TooLarge;
    };
    let mut pause = PAUSE;
    for attempt in 0..TRIES {
        if attempt > 0 {
            add(&isolate.retries, 1);
            Delay::from(pause).await;
            pause *= 2;
        }
        match post(ingest, &body).await.0 {
            Verdict::Later => {}
            settled => return settled,
        }
    }
    Verdict::Later
}

/// One try, given up when the console hangs; what came of it, and the answer.
async fn post(ingest: &Ingest, body: &[u8]) -> (Verdict, Vec<u8>) {
    let controller = AbortController::default();
    let signal = controller.signal();
    let answered = Box::pin(send(ingest, body, &signal));
    match select(answered, Delay::from(ANSWER)).await {
        Either::Left((answered, _)) => answered.unwrap_or((Verdict::Later, Vec::new())),
        Either::Right(_) => {
            controller.abort();
            (Verdict::Later, Vec::new())
        }
    }
}

async fn send(
    ingest: &Ingest,
    body: &[u8],
    signal: &AbortSignal,
) -> worker::Result<(Verdict, Vec<u8>)> {
    let headers = Headers::new();
    headers.set("content-type", "application/json")?;
    headers.set("authorization", &format!("Bearer {}", ingest.token))?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(Some(js_sys::Uint8Array::from(body).into()));
    let request = Request::new_with_init(&ingest.url, &init)?;
    let mut response = Fetch::Request(request).send_with_signal(signal).await?;
    let answer = response.bytes().await.unwrap_or_default();
    Ok((Verdict::of(response.status_code(), &answer), answer))
}
