//! Every exposure is reported once, whatever ends it.

use http::uri::PathAndQuery;
use http::{StatusCode, Uri};
use uuid::Uuid;

use crate::limits::{HOPELESS_US, MAX_EVENT_PATH_BYTES};
use crate::ports::Ports;
use crate::routing::{Exposure, Outcome};
use crate::telemetry::Event;

/// The visitor left before an answer came. Not one of RFC 9110's; nginx calls it so.
const LEFT: u16 = 499;

/// An exposure whose outcome is not known yet. When a visitor gives up, the host drops
/// the request's future and with it this, which then says so: otherwise a variant that
/// hangs would look as if nobody had seen it.
pub(crate) struct Report<'a, P: Ports> {
    ports: &'a P,
    id: Uuid,
    started_us: u64,
    path: Option<PathAndQuery>,
    deployment: &'a str,
    /// Until it is told.
    exposure: Option<Exposure>,
}

impl<'a, P: Ports> Report<'a, P> {
    pub(crate) fn new(
        ports: &'a P,
        id: Uuid,
        started_us: u64,
        uri: &Uri,
        deployment: &'a str,
        exposure: Exposure,
    ) -> Self {
        Self {
            ports,
            id,
            started_us,
            path: uri.path_and_query().cloned(),
            deployment,
            exposure: Some(exposure),
        }
    }

    /// The visitor gets an answer of this status.
    pub(crate) fn answered(mut self, status: StatusCode) {
        let waited_us = self.waited_us();
        self.tell(status.as_u16(), waited_us);
    }

    fn waited_us(&self) -> u64 {
        self.ports.monotonic_us().saturating_sub(self.started_us)
    }

    fn tell(&mut self, status: u16, duration_us: u64) {
        let Some(exposure) = self.exposure.take() else {
            return;
        };
        let failed = status >= 500;
        let news = self.ports.repeats().map(|repeats| {
            let Exposure {
                unit,
                engine,
                decisions,
                ..
            } = &exposure;
            let assignments = engine
                .decided(decisions)
                .map(|decision| (decision.experiment_id(), decision.variant_key()));
            (
                repeats,
                repeats.news(unit, assignments, failed, duration_us),
            )
        });
        if news.is_some_and(|(repeats, news)| repeats.counted(news, failed)) {
            return;
        }
        let now_ms = exposure.circumstances.now_ms;
        let outcome = Outcome {
            status,
            duration_us,
            path: self.path.as_ref().map_or_else(String::new, cut),
            deployment: self.deployment,
        };
        let is_told = record(self.ports, exposure.into_event(self.id, outcome));
        if let Some((repeats, news)) = news.filter(|_| is_told) {
            repeats.remember(news, now_ms);
        }
    }
}

impl<P: Ports> Drop for Report<'_, P> {
    fn drop(&mut self) {
        if self.exposure.is_none() {
            return;
        }
        let waited_us = self.waited_us();
        let status = if waited_us < HOPELESS_US {
            LEFT
        } else {
            StatusCode::GATEWAY_TIMEOUT.as_u16()
        };
        self.tell(status, waited_us);
    }
}

/// Hands an event over, in as many as the console wants it; whether there was room for all.
pub(crate) fn record(ports: &impl Ports, event: Event) -> bool {
    let (mut rest, mut is_told) = (Some(event), true);
    while let Some(mut event) = rest {
        rest = event.split_off();
        is_told &= ports.record(event).is_ok();
    }
    is_told
}

/// The path as events carry it.
fn cut(path: &PathAndQuery) -> String {
    path.path()
        .chars()
        .take(MAX_EVENT_PATH_BYTES)
        .filter(char::is_ascii)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::pin::pin;
    use std::task::{Context, Waker};

    use bytes::Bytes;
    use http::{Request, Response};
    use nexus_flags::{SigningKey, Snapshot, TrustedKey, sign};
    use serde_json::json;

    use crate::ports::{
        Clock, Full, Kept, Origin, OriginError, Random, ReadBody, ReadBodyError, Telemetry,
        TelemetryStatus, Unkept,
    };
    use crate::{Event, Gateway, Peer, Settings, SnapshotHolder};

    /// An origin that hangs, or answers at once; a clock that is set.
    #[derive(Default)]
    struct World {
        answers: bool,
        now_us: Cell<u64>,
        events: RefCell<Vec<Event>>,
    }

    struct NoBody;

    impl ReadBody for NoBody {
        async fn read(self, _: usize) -> Result<Bytes, ReadBodyError> {
            Ok(Bytes::new())
        }
    }

    impl Clock for World {
        fn now_ms(&self) -> i64 {
            1
        }

        fn monotonic_us(&self) -> u64 {
            self.now_us.get()
        }
    }

    impl Random for World {
        fn bytes<const N: usize>(&self) -> Option<[u8; N]> {
            Some([1; N])
        }
    }

    impl Telemetry for World {
        fn record(&self, event: Event) -> Result<(), Full> {
            self.events.borrow_mut().push(event);
            Ok(())
        }

        async fn record_all(&self, _: Vec<Event>, _: bool) -> Result<Kept, Unkept> {
            Err(Unkept::Full)
        }

        fn status(&self) -> TelemetryStatus {
            TelemetryStatus::default()
        }
    }

    impl Origin for World {
        type RequestBody = NoBody;
        type ResponseBody = ();

        async fn send(&self, _: Request<NoBody>, _: bool) -> Result<Response<()>, OriginError> {
            if !self.answers {
                std::future::pending::<()>().await;
            }
            Ok(Response::new(()))
        }
    }

    /// A gateway whose visitors take part in so many experiments.
    fn gateway(experiments: usize) -> Gateway {
        let experiment = |n| {
            json!({ "id": format!("e{n}"), "seed": "s", "coverage_bp": 10_000, "variants": [
                { "key": "a", "weight_bp": 5_000 }, { "key": "b", "weight_bp": 5_000 },
            ] })
        };
        let experiments: Vec<_> = (0..experiments).map(experiment).collect();
        let snapshot: Snapshot = serde_json::from_value(json!({
            "version": 1, "environment": "e", "created_ms": 0, "experiments": experiments,
        }))
        .unwrap();
        let key = SigningKey::from_bytes(&[1; 32]);
        let signed = sign(&key, "k", &snapshot).unwrap();
        let trusted = TrustedKey::new("k", key.verifying_key());
        let snapshots = SnapshotHolder::new("e", vec![trusted]);
        let envelope = serde_json::to_vec(&signed).unwrap().into();
        snapshots.offer(&envelope, 0).unwrap();
        Gateway::new(
            Settings::new("g", "e", "stable=http://o").unwrap(),
            snapshots,
        )
    }

    /// What is reported of a request that its visitor leaves after this time, if it still
    /// goes on then.
    fn outcome(world: &World, experiments: usize, left_after_us: u64) -> Vec<(u16, f64)> {
        let gateway = gateway(experiments);
        {
            let request = Request::get("http://g/").body(NoBody).unwrap();
            let mut served = pin!(gateway.serve(world, Peer::default(), request));
            let _ = served
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()));
            world.now_us.set(left_after_us);
        }
        let status = |event: &Event| match event {
            Event::Request {
                status,
                duration_ms,
                ..
            } => (*status, *duration_ms),
            other => panic!("{other:?} is not a request"),
        };
        world.events.borrow().iter().map(status).collect()
    }

    #[test]
    fn a_visitor_who_leaves_at_once_is_no_error_of_the_variant() {
        assert_eq!(outcome(&World::default(), 1, 1_500_000), [(499, 1_500.0)]);
    }

    #[test]
    fn a_visitor_who_waited_in_vain_is() {
        // What the demo's crowd and many clients do: they give up after 10 s.
        assert_eq!(outcome(&World::default(), 1, 9_900_000), [(504, 9_900.0)]);
    }

    #[test]
    fn an_answered_request_is_reported_once() {
        let world = World {
            answers: true,
            ..World::default()
        };
        assert_eq!(outcome(&world, 1, 20_000_000), [(200, 0.0)]);
        assert_eq!(outcome(&World::default(), 0, 20_000_000), []);
    }

    #[test]
    fn no_assignment_is_lost_for_there_being_many() {
        let world = World::default();
        assert_eq!(outcome(&world, 150, 1).len(), 2);
        let told = |event: &Event| match event {
            Event::Request { assignments, .. } => assignments.len(),
            _ => 0,
        };
        let told: usize = world.events.borrow().iter().map(told).sum();
        assert_eq!(told, 150);
    }
}
