//! One request from its head to its answer.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use uuid::Uuid;

use crate::headers::{REQUEST_ID, strip_hop_by_hop};
use crate::own_pages::OWN_PATHS;
use crate::ports::{OriginError, Ports};
use crate::problem::problem;
use crate::qa::mark;
use crate::refusal::refusal;
use crate::report::Report;
use crate::sdk::{Addresses, Feed};
use crate::settings::Settings;
use crate::snapshot::SnapshotHolder;
use crate::status::Status;

/// The gateway apart from its host. One per process or isolate.
pub struct Gateway {
    pub settings: Settings,
    pub snapshots: SnapshotHolder,
    /// What those without a key may report.
    pub(crate) addresses: Addresses,
}

/// What the host knows about the other end of the connection.
#[derive(Debug, Clone, Copy, Default)]
pub struct Peer<'a> {
    /// Its address as text.
    pub ip: Option<&'a HeaderValue>,
    /// Whether the connection was encrypted.
    pub https: bool,
    /// Whether it is a proxy whose claims about the visitor are believed
    /// (`X-Forwarded-*`, `CF-IPCountry`, `CF-Ray`).
    pub trusted: bool,
    /// Country, when the host knows better than headers.
    pub country: Option<&'a str>,
    /// Region code (ISO 3166-2 without the country), likewise.
    pub region: Option<&'a str>,
    /// Data centre, likewise.
    pub colo: Option<&'a str>,
    /// A user id that the host has verified.
    pub user: Option<&'a str>,
}

/// Body of an answer.
#[derive(Debug)]
pub enum Reply<B> {
    /// The gateway's own.
    Own(Bytes),
    /// An origin's, passed on as it comes.
    Origin(B),
    /// A stream that the host keeps open; only where the settings say so.
    Feed(Box<Feed>),
}

impl Gateway {
    /// A gateway without a snapshot.
    #[must_use]
    pub fn new(settings: Settings, snapshots: SnapshotHolder) -> Self {
        Self {
            settings,
            snapshots,
            addresses: Addresses::default(),
        }
    }

    /// How it fares.
    #[must_use]
    pub fn status(&self, ports: &impl Ports) -> Status {
        Status {
            gateway_id: self.settings.gateway_id.clone(),
            environment: self.settings.environment.clone(),
            snapshot: self.snapshots.status(ports.now_ms()),
            telemetry: ports.status(),
            streams: ports.open_streams(),
        }
    }

    /// Answers one request.
    pub async fn serve<P: Ports>(
        &self,
        ports: &P,
        peer: Peer<'_>,
        request: Request<P::RequestBody>,
    ) -> Response<Reply<P::ResponseBody>> {
        let id = request_id(ports);
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        let id_header = HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)).ok();
        let mut response = match refusal(&request, self.settings.max_body_bytes) {
            Some(refusal) => refusal.map(Reply::Own),
            None if request.uri().path().starts_with(OWN_PATHS) => {
                self.own_page(ports, peer, request, id).await
            }
            None if request.uri().path() == self.settings.events_path => {
                self.take_events(ports, peer, request).await.map(Reply::Own)
            }
            None if let Some(answer) = self.qa_answer(
                ports,
                peer,
                request.method(),
                request.uri(),
                request.headers(),
            ) =>
            {
                answer.map(Reply::Own)
            }
            None => {
                self.pass_on(ports, peer, request, id, id_header.as_ref())
                    .await
            }
        };
        if let Some(id) = id_header {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }

    async fn pass_on<P: Ports>(
        &self,
        ports: &P,
        peer: Peer<'_>,
        request: Request<P::RequestBody>,
        id: Uuid,
        id_header: Option<&HeaderValue>,
    ) -> Response<Reply<P::ResponseBody>> {
        let started_us = ports.monotonic_us();
        let (mut parts, body) = request.into_parts();
        let Some(mut route) = self.route(ports, peer, &parts.uri, &parts.headers) else {
            return problem(StatusCode::BAD_GATEWAY, "there is no origin").map(Reply::Own);
        };
        let report = route.exposure.take().map(|exposure| {
            let deployment = route.deployment.name();
            Report::new(ports, id, started_us, &parts.uri, deployment, exposure)
        });
        self.ready(&mut parts, peer, &route, id_header);
        let request = Request::from_parts(parts, body);
        let mut response = match ports.send(request, route.is_personal).await {
            Ok(mut response) => {
                strip_hop_by_hop(response.headers_mut());
                response.map(Reply::Origin)
            }
            Err(error) => origin_problem(error).map(Reply::Own),
        };
        let status = response.status();
        match (report, ports.repeats()) {
            (Some(report), _) => report.answered(status),
            (None, Some(repeats)) if route.forced.is_none() => {
                repeats.add(status.is_server_error());
            }
            (None, _) => {}
        }
        if let Some(told) = route.forced {
            mark(response.headers_mut(), told);
        }
        if let Some(cookie) = route.cookie {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// A UUIDv7 (RFC 9562 §5.7). Also the id of the request's event.
pub(crate) fn request_id(ports: &impl Ports) -> Uuid {
    let random = ports.bytes::<10>().unwrap_or_default();
    let now_ms = u64::try_from(ports.now_ms()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid()
}

fn origin_problem(error: OriginError) -> Response<Bytes> {
    let status = match error {
        OriginError::Unreachable | OriginError::Broken => StatusCode::BAD_GATEWAY,
        OriginError::Timeout => StatusCode::GATEWAY_TIMEOUT,
        OriginError::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        OriginError::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
        OriginError::BodyBroken => StatusCode::BAD_REQUEST,
    };
    problem(status, &error.to_string())
}
