//! What the gateway answers itself: conversions, health, status.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use nexus_flags::Engine;
use serde_json::json;
use uuid::Uuid;

use crate::batch_decide::decide_lines;
use crate::conversions::{self, Outcome};
use crate::cors::{Sender, sender};
use crate::identity::Identity;
use crate::limits::{MAX_DECIDE_BODY_BYTES, MAX_EVENTS_BODY_BYTES};
use crate::pipeline::{Gateway, Peer, Reply};
use crate::ports::{Ports, ReadBody, ReadBodyError};
use crate::problem::{answer, empty, json, problem, retry_later};
use crate::sdk::{Call, Claims, Page, Refused};

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
        let door = self.door(&parts.headers);
        let is_sdks = matches!(sender, Sender::Foreign) && door.is_known_page();
        if parts.method == Method::OPTIONS {
            return if is_sdks {
                door.preflight()
            } else {
                sender.preflight()
            };
        }
        if parts.method != Method::POST {
            let mut refused = problem(StatusCode::METHOD_NOT_ALLOWED, "events are sent by POST");
            refused
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
            return refused;
        }
        let admitted = door.admit_events(parts.uri.query());
        let admitted =
            admitted.and_then(|asker| asker.map(|it| self.counted(ports, it)).transpose());
        let admitted = match admitted {
            Ok(None) if self.settings.events_need_key => Err(Refused::UnknownKey),
            admitted => admitted,
        };
        let asker = match admitted {
            Ok(asker) => asker,
            Err(refused) => {
                let mut refused = refused.answer();
                door.grant(&mut refused);
                return refused;
            }
        };
        if matches!(sender, Sender::Foreign) && asker.is_none() {
            return problem(
                StatusCode::FORBIDDEN,
                "pages of this origin may not report events",
            );
        }
        let engine = self.snapshots.current().as_ref().map(Arc::clone);
        let claims = asker.zip(engine).map(|(asker, engine)| Claims {
            visitor: self.visitor(ports, peer, &parts.headers, &asker),
            engine,
        });
        let mut response = match body.read(MAX_EVENTS_BODY_BYTES).await {
            Ok(body) => {
                let unit = Identity::of(&parts.headers, peer.user).unit;
                let counts = !self.is_forced(ports, &parts.headers);
                keep_events(ports, &body, &unit, claims.as_ref(), counts)
            }
            Err(error) => body_problem(error),
        };
        if is_sdks {
            door.grant(&mut response);
        } else {
            sender.grant(&mut response);
        }
        response
    }

    pub(crate) async fn own_page<P: Ports>(
        &self,
        ports: &P,
        peer: Peer<'_>,
        request: Request<P::RequestBody>,
        id: Uuid,
    ) -> Response<Reply<P::ResponseBody>> {
        let page = request
            .uri()
            .path()
            .strip_prefix(OWN_PATHS)
            .unwrap_or_default();
        if let Some(page) = Page::of(page) {
            let (parts, body) = request.into_parts();
            let parts = &parts;
            let call = Call {
                ports,
                peer,
                parts,
                id,
            };
            return self.sdk_page(call, page, body).await;
        }
        let answered = match (request.method().as_str(), page) {
            ("GET" | "HEAD", "health") => json(StatusCode::OK, &json!({ "status": "ok" })),
            ("GET" | "HEAD", "status") => self.status_page(ports, request.headers()),
            ("POST", "decide") if self.settings.test_decide => {
                self.decide(request.into_body()).await
            }
            (_, "events") => self.take_events(ports, peer, request).await,
            _ => problem(StatusCode::NOT_FOUND, "the gateway has no such page"),
        };
        answered.map(Reply::Own)
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

fn keep_events(
    ports: &impl Ports,
    body: &[u8],
    unit: &str,
    claims: Option<&Claims>,
    counts: bool,
) -> Response<Bytes> {
    let (events, rejected) = match conversions::read(body, unit, ports.now_ms(), claims) {
        Ok(read) => read,
        Err(detail) => return problem(StatusCode::BAD_REQUEST, &detail),
    };
    let accepted = events.len();
    // A tester's are good and forgotten.
    if counts && ports.record_all(events).is_err() {
        return retry_later(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many events are waiting; send them again",
        );
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
