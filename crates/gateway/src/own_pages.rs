//! What the gateway answers itself: conversions, health, status.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use nexus_flags::Engine;
use serde_json::json;

use crate::batch_decide::decide_lines;
use crate::conversions::{self, Outcome};
use crate::cors::{Sender, sender};
use crate::identity::Identity;
use crate::limits::{MAX_DECIDE_BODY_BYTES, MAX_EVENTS_BODY_BYTES};
use crate::pipeline::{Gateway, Peer};
use crate::ports::{Ports, ReadBody, ReadBodyError};
use crate::problem::{answer, empty, json, problem};

/// Where these pages are, besides the events path.
pub(crate) const OWN_PATHS: &str = "/__nexus/";

impl Gateway {
    pub(crate) async fn take_events<P: Ports>(
        &self,
        ports: &P,
        peer: Peer<'_>,
        request: Request<P::RequestBody>,
    ) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let sender = sender(&parts.headers, &self.settings.events_origins);
        if parts.method == Method::OPTIONS {
            return sender.preflight();
        }
        if parts.method != Method::POST {
            let mut refused = problem(StatusCode::METHOD_NOT_ALLOWED, "events are sent by POST");
            refused
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
            return refused;
        }
        if matches!(sender, Sender::Foreign) {
            return problem(
                StatusCode::FORBIDDEN,
                "pages of this origin may not report events",
            );
        }
        let mut response = match body.read(MAX_EVENTS_BODY_BYTES).await {
            Ok(body) => {
                let unit = Identity::of(&parts.headers, peer.user).unit;
                keep_events(ports, &body, &unit)
            }
            Err(error) => body_problem(error),
        };
        sender.grant(&mut response);
        response
    }

    pub(crate) async fn own_page<P: Ports>(
        &self,
        ports: &P,
        request: Request<P::RequestBody>,
    ) -> Response<Bytes> {
        let page = request
            .uri()
            .path()
            .strip_prefix(OWN_PATHS)
            .unwrap_or_default();
        match (request.method().as_str(), page) {
            ("GET" | "HEAD", "health") => json(StatusCode::OK, &json!({ "status": "ok" })),
            ("GET" | "HEAD", "status") => self.status_page(ports, request.headers()),
            ("POST", "decide") if self.settings.test_decide => {
                self.decide(request.into_body()).await
            }
            _ => problem(StatusCode::NOT_FOUND, "the gateway has no such page"),
        }
    }

    /// Everybody may know that it serves and by which snapshot; more is for who runs it.
    fn status_page(&self, ports: &impl Ports, headers: &HeaderMap) -> Response<Bytes> {
        let token = self.settings.status_token.as_ref();
        if token.is_some_and(|token| token.is_shown(headers)) {
            return json(StatusCode::OK, &self.status(ports));
        }
        let version = self.snapshots.version();
        json(
            StatusCode::OK,
            &json!({ "status": "ok", "version": version }),
        )
    }

    async fn decide(&self, body: impl ReadBody) -> Response<Bytes> {
        let body = match body.read(MAX_DECIDE_BODY_BYTES).await {
            Ok(body) => body,
            Err(error) => return body_problem(error),
        };
        let current: Option<Arc<Engine>> = self.snapshots.current().as_ref().map(Arc::clone);
        let Some(engine) = current else {
            return problem(StatusCode::SERVICE_UNAVAILABLE, "there is no snapshot");
        };
        let lines = decide_lines(&engine, &self.settings, &body);
        answer(StatusCode::OK, "application/jsonl", lines.into())
    }
}

fn keep_events(ports: &impl Ports, body: &[u8], unit: &str) -> Response<Bytes> {
    let (events, rejected) = match conversions::read(body, unit, ports.now_ms()) {
        Ok(read) => read,
        Err(detail) => return problem(StatusCode::BAD_REQUEST, &detail),
    };
    let accepted = events.len();
    if ports.record_all(events).is_err() {
        let mut busy = problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many events are waiting; send them again",
        );
        busy.headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        return busy;
    }
    json(StatusCode::ACCEPTED, &Outcome { accepted, rejected })
}

fn body_problem(error: ReadBodyError) -> Response<Bytes> {
    match error {
        ReadBodyError::TooLarge => problem(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string()),
        ReadBodyError::TooSlow => problem(StatusCode::REQUEST_TIMEOUT, &error.to_string()),
        ReadBodyError::Broken => empty(StatusCode::BAD_REQUEST),
    }
}
