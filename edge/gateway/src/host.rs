//! The ports of a Worker, for one request.

use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};
use http::{Request, Response, StatusCode};
use js_sys::Date;
use nexus_gateway::ports::{
    Clock, Full, Kept, Origin, OriginError, Random, Telemetry, TelemetryStatus, Unkept,
};
use nexus_gateway::{Evaluations, Event, Sampling};
use wasm_bindgen::JsCast;
use web_sys::{RequestCache, RequestInit, RequestRedirect, WorkerGlobalScope};
use worker::wasm_bindgen_futures::JsFuture;
use worker::{AnalyticsEngineDataset, Context, Delay, Env};

use crate::body::EdgeBody;
use crate::isolate::{Isolate, add};
use crate::reporting::{self, Ingest, MAX_WAITING};
use crate::{headers, points};

/// Longest wait for the head of an answer.
const ANSWER: Duration = Duration::from_secs(30);

pub(crate) struct EdgeHost {
    pub(crate) isolate: Rc<Isolate>,
    pub(crate) context: Rc<Context>,
    dataset: Option<AnalyticsEngineDataset>,
    ingest: Option<Ingest>,
}

impl EdgeHost {
    pub(crate) fn new(isolate: Rc<Isolate>, env: &Env, context: Rc<Context>) -> Self {
        let dataset = env.analytics_engine("NEXUS_EVENTS").ok();
        Self {
            isolate,
            context,
            dataset,
            ingest: Ingest::of(env),
        }
    }

    /// Sees to it that what was counted and sampled is delivered, also when no event is.
    pub(crate) fn promise_sums(&self) {
        if let Some(ingest) = &self.ingest {
            reporting::promise_sums(self, ingest);
        }
    }

    /// Whether so many more events may wait while no more than `limit` do. Without the
    /// console's ingest there is nothing to wait for.
    fn has_room(&self, count: usize, limit: usize) -> bool {
        self.ingest.is_none() || self.isolate.waiting.borrow().len() + count <= limit
    }

    fn take(&self, events: Vec<Event>) {
        for event in &events {
            self.write_points(event);
        }
        if let Some(ingest) = &self.ingest {
            self.isolate.waiting.borrow_mut().extend(events);
            reporting::promise_flush(self, ingest);
        }
    }

    /// Points count as deliveries only where nothing else is delivered.
    fn write_points(&self, event: &Event) {
        let Some(dataset) = &self.dataset else {
            return;
        };
        for point in points::of(event, &self.isolate.gateway.settings) {
            let isolate = &self.isolate;
            match dataset.write_data_point(&point) {
                _ if self.ingest.is_some() => {}
                Ok(()) => add(&isolate.sent, 1),
                Err(_) => add(&isolate.dropped, 1),
            }
        }
    }
}

impl Clock for EdgeHost {
    fn now_ms(&self) -> i64 {
        now_ms()
    }

    fn monotonic_us(&self) -> u64 {
        (Date::now() * 1000.0) as u64
    }
}

impl Random for EdgeHost {
    fn bytes<const N: usize>(&self) -> Option<[u8; N]> {
        random()
    }
}

pub(crate) fn now_ms() -> i64 {
    Date::now() as i64
}

pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    scope()
        .crypto()
        .ok()?
        .get_random_values_with_u8_array(&mut bytes)
        .ok()?;
    Some(bytes)
}

fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

impl Telemetry for EdgeHost {
    fn record(&self, event: Event) -> Result<(), Full> {
        if !self.has_room(1, MAX_WAITING) {
            self.write_points(&event);
            add(&self.isolate.dropped, 1);
            return Err(Full);
        }
        self.take(vec![event]);
        Ok(())
    }

    fn evaluations(&self) -> Option<&Evaluations> {
        self.ingest.as_ref().map(|_| &self.isolate.evaluations)
    }

    fn sampling(&self) -> Option<&Sampling> {
        self.ingest.as_ref().map(|_| &self.isolate.sampling)
    }

    async fn record_all(&self, events: Vec<Event>, wait: bool) -> Result<Kept, Unkept> {
        if wait {
            for event in &events {
                self.write_points(event);
            }
            let ingest = self.ingest.as_ref().ok_or(Unkept::Uncounted)?;
            return reporting::deliver_now(&self.isolate, ingest, events).await;
        }
        if !self.has_room(events.len(), MAX_WAITING / 2) {
            return Err(Unkept::Full);
        }
        self.take(events);
        Ok(Kept::Queued)
    }

    fn status(&self) -> TelemetryStatus {
        TelemetryStatus {
            queued: self.isolate.waiting.borrow().len() as u64,
            sent: self.isolate.sent.get(),
            dropped: self.isolate.dropped.get(),
            retries: self.isolate.retries.get(),
        }
    }
}

impl Origin for EdgeHost {
    type RequestBody = EdgeBody;
    type ResponseBody = web_sys::Response;

    async fn send(
        &self,
        request: Request<EdgeBody>,
        personal: bool,
    ) -> Result<Response<web_sys::Response>, OriginError> {
        let (parts, EdgeBody(body)) = request.into_parts();
        let init = RequestInit::new();
        init.set_method(parts.method.as_str());
        init.set_redirect(RequestRedirect::Manual);
        if personal {
            // Cloudflare's cache keys by URL: it would give one visitor another's variant.
            init.set_cache(RequestCache::NoStore);
        }
        init.set_headers(
            headers::write(&parts.headers)
                .map_err(|_| OriginError::Unreachable)?
                .as_ref(),
        );
        if let Some(body) = &body {
            init.set_body(body.as_ref());
        }
        let fetched =
            JsFuture::from(scope().fetch_with_str_and_init(&parts.uri.to_string(), &init));
        let answer = match select(fetched, Delay::from(ANSWER)).await {
            Either::Left((answer, _)) => answer.map_err(|_| OriginError::Unreachable)?,
            Either::Right(_) => return Err(OriginError::Timeout),
        };
        let answer: web_sys::Response = answer.dyn_into().map_err(|_| OriginError::Broken)?;
        let mut response = Response::new(answer);
        // Only what the core looks at; the runtime keeps the rest.
        *response.status_mut() =
            StatusCode::from_u16(response.body().status()).unwrap_or(StatusCode::BAD_GATEWAY);
        Ok(response)
    }
}
