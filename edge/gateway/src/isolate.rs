//! What outlives a request: an isolate serves many, one at a time between awaits.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use nexus_gateway::{Evaluations, Event, Gateway, Sampling, SnapshotHolder};
use worker::{Env, Result};

use crate::config;
use crate::reporting::{Ingest, PACE};

/// The gateway and what waits to be done in this isolate.
pub(crate) struct Isolate {
    pub(crate) gateway: Gateway,
    /// Whether `X-Forwarded-*` and `CF-*` headers are believed: only for a Worker behind
    /// another proxy, since Cloudflare's own word comes in `request.cf`.
    pub(crate) trust_headers: bool,
    /// When KV was asked last; 0 for never.
    pub(crate) asked_ms: Cell<i64>,
    pub(crate) waiting: RefCell<VecDeque<Event>>,
    pub(crate) evaluations: Evaluations,
    pub(crate) sampling: Sampling,
    /// When somebody promised to deliver what waits; 0 for nobody.
    pub(crate) flush_promised_ms: Cell<i64>,
    /// When somebody promised to tell the sums; 0 for nobody.
    pub(crate) sums_promised_ms: Cell<i64>,
    pub(crate) sent: Cell<u64>,
    pub(crate) dropped: Cell<u64>,
    pub(crate) retries: Cell<u64>,
}

thread_local! {
    static ISOLATE: OnceCell<Rc<Isolate>> = const { OnceCell::new() };
}

impl Isolate {
    /// This isolate's one, made at its first request.
    pub(crate) fn get(env: &Env) -> Result<Rc<Self>> {
        ISOLATE.with(|cell| {
            if let Some(isolate) = cell.get() {
                return Ok(Rc::clone(isolate));
            }
            let isolate = Rc::new(Self::new(env)?);
            Ok(Rc::clone(cell.get_or_init(|| isolate)))
        })
    }

    fn new(env: &Env) -> Result<Self> {
        let settings = config::settings(env)?;
        if Ingest::of(env).is_none() {
            worker::console_warn!(
                "the console gets no events: NEXUS_INGEST_URL and NEXUS_INGEST_TOKEN are not both set"
            );
        }
        let snapshots = SnapshotHolder::new(&settings.environment, config::keys(env)?);
        Ok(Self {
            gateway: Gateway::new(settings, snapshots),
            trust_headers: config::is_on(env, "NEXUS_TRUST_HEADERS"),
            asked_ms: Cell::new(0),
            waiting: RefCell::default(),
            evaluations: Evaluations::default(),
            sampling: Sampling::new(PACE),
            flush_promised_ms: Cell::new(0),
            sums_promised_ms: Cell::new(0),
            sent: Cell::new(0),
            dropped: Cell::new(0),
            retries: Cell::new(0),
        })
    }
}

/// Adds to a counter.
pub(crate) fn add(counter: &Cell<u64>, count: usize) {
    counter.set(counter.get().saturating_add(count as u64));
}
