//! What the gateway answers itself: conversions, health, status.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
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
use crate::ports::{Kept, Ports, ReadBody, ReadBodyError};
use crate::problem::{answer, empty, json, problem, retry_later};
use crate::sdk::{Asker, Call, Claims, Door, Page, Refused};

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
        let query = parts.uri.query();
        if parts.method == Method::OPTIONS {
            return if is_sdks {
                door.events_preflight(query)
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
        let reporter = match self.reporter(ports, peer, &parts, &door) {
            Ok(reporter) => reporter,
            Err(refused) => {
                let mut refused = refused.answer();
                door.grant_events(query, &mut refused);
                return refused;
            }
        };
        if matches!(sender, Sender::Foreign) && reporter.asker.is_none() {
            return problem(
                StatusCode::FORBIDDEN,
                "pages of this origin may not report events",
            );
        }
        let mut response = match body.read(MAX_EVENTS_BODY_BYTES).await {
            Ok(body) => {
                self.keep_events(ports, peer, &parts, &reporter, &body)
                    .await
            }
            Err(error) => body_problem(error),
        };
        if is_sdks {
            door.grant_events(query, &mut response);
        } else {
            sender.grant(&mut response);
        }
        response
    }

    /// Who reports events, if they may.
    fn reporter(
        &self,
        ports: &impl Ports,
        peer: Peer<'_>,
        parts: &Parts,
        door: &Door<'_>,
    ) -> Result<Reporter, Refused> {
        let asker = door.admit_events(parts.uri.query())?;
        if asker.is_none() && self.settings.events_need_key {
            return Err(Refused::UnknownKey);
        }
        let reporter = Reporter {
            asker,
            address: address(peer, &parts.headers),
        };
        self.charge(ports, &reporter, 1)?;
        Ok(reporter)
    }

    /// Counts events of somebody.
    fn charge(&self, ports: &impl Ports, to: &Reporter, events: u64) -> Result<(), Refused> {
        if let Some(asker) = &to.asker {
            return self.pays(ports, asker, events);
        }
        let Some(address) = to.address else {
            return Ok(());
        };
        let (rate, now_us) = (self.settings.events_rate, ports.monotonic_us());
        let taken = self.addresses.take(address, events, rate, now_us);
        taken.map_err(|after_s| Refused::AddressRate { after_s })
    }

    async fn keep_events<P: Ports>(
        &self,
        ports: &P,
        peer: Peer<'_>,
        parts: &Parts,
        reporter: &Reporter,
        body: &[u8],
    ) -> Response<Bytes> {
        let unit = Identity::of(&parts.headers, peer.user).unit;
        let engine = self.snapshots.current().as_ref().map(Arc::clone);
        let claims = reporter.asker.as_ref().zip(engine);
        let claims = claims.map(|(asker, engine)| Claims {
            visitor: self.visitor(ports, peer, &parts.headers, asker),
            engine,
        });
        let mut told = match conversions::read(body, &unit, ports.now_ms(), claims.as_ref()) {
            Ok(told) => told,
            Err(detail) => return problem(StatusCode::BAD_REQUEST, &detail),
        };
        // One is paid for by the request itself.
        if let Err(refused) = self.charge(ports, reporter, told.size().saturating_sub(1)) {
            return refused.answer();
        }
        let is_asked = reporter.asker.is_some() && prefers_to_wait(&parts.headers);
        let wait = self.settings.counts_at_once || is_asked;
        // A tester's are good and forgotten.
        let is_tester = self.is_forced(ports, &parts.headers);
        let events = std::mem::take(&mut told.events);
        let kept = match wait {
            _ if !events.is_empty() && !is_tester => ports.record_all(events, wait).await,
            true => Ok(Kept::Counted(Vec::new())),
            false => Ok(Kept::Queued),
        };
        let kept = match kept {
            Ok(kept) => kept,
            Err(unkept) => {
                return retry_later(StatusCode::SERVICE_UNAVAILABLE, &unkept.to_string());
            }
        };
        // Not before: whoever is told to try again sends them again.
        if let Some(sums) = ports.evaluations().filter(|_| !is_tester) {
            for one in &told.evaluations {
                sums.told(&one.flag, &one.value, one.count);
            }
        }
        let status = match kept {
            Kept::Queued => StatusCode::ACCEPTED,
            Kept::Counted(_) => StatusCode::OK,
        };
        let mut response = json(status, &Outcome::of(kept, told));
        if is_asked {
            let applied = HeaderValue::from_static("wait");
            response.headers_mut().insert("preference-applied", applied);
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

/// Who reports events.
struct Reporter {
    /// With a key.
    asker: Option<Asker>,
    /// Without one, as far as it is known who that is.
    address: Option<IpAddr>,
}

/// The visitor's address. A proxy that is believed adds whom it serves at the end; where it
/// adds nobody, it asks for itself.
fn address(peer: Peer<'_>, headers: &HeaderMap) -> Option<IpAddr> {
    let told = match peer.trusted {
        true => headers.get_all("x-forwarded-for").into_iter().next_back(),
        false => peer.ip,
    };
    let last = told?.to_str().ok()?.rsplit(',').next()?;
    last.trim().parse().ok()
}

/// `Prefer: wait`, with or without a number of seconds (RFC 7240 §4.3).
fn prefers_to_wait(headers: &HeaderMap) -> bool {
    let all = headers.get_all("prefer").into_iter();
    let words = all.filter_map(|value| value.to_str().ok());
    words.flat_map(|value| value.split(',')).any(|word| {
        let name = word.split(['=', ';']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("wait")
    })
}

fn body_problem(error: ReadBodyError) -> Response<Bytes> {
    match error {
        ReadBodyError::TooLarge => problem(StatusCode::PAYLOAD_TOO_LARGE, &error.to_string()),
        ReadBodyError::TooSlow => problem(StatusCode::REQUEST_TIMEOUT, &error.to_string()),
        ReadBodyError::Broken => empty(StatusCode::BAD_REQUEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_connections_or_what_a_believed_proxy_added() {
        let of = |ip: &str, trusted, claim: &[&str]| {
            let mut headers = HeaderMap::new();
            for claim in claim {
                headers.append("x-forwarded-for", claim.parse().unwrap());
            }
            let ip: HeaderValue = ip.parse().unwrap();
            let peer = Peer {
                ip: Some(&ip),
                trusted,
                ..Peer::default()
            };
            address(peer, &headers).map(|address| address.to_string())
        };
        let lie = ["203.0.113.9"];
        assert_eq!(of("192.0.2.1", false, &lie).as_deref(), Some("192.0.2.1"));
        let chain = ["203.0.113.9, 198.51.100.7", "2001:db8::1"];
        assert_eq!(of("10.0.0.1", true, &chain).as_deref(), Some("2001:db8::1"));
        assert_eq!(
            of("10.0.0.1", true, &chain[..1]).as_deref(),
            Some("198.51.100.7")
        );
        assert_eq!(of("10.0.0.1", true, &[]), None);
        assert_eq!(of("10.0.0.1", true, &["unknown"]), None);
    }

    #[test]
    fn waiting_is_preferred_in_the_standards_words() {
        let prefers = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", value.parse().unwrap());
            prefers_to_wait(&headers)
        };
        assert!(prefers("wait") && prefers("respond-async, Wait=10") && prefers("wait;x=1"));
        assert!(!prefers("respond-async") && !prefers("waiting") && !prefers(""));
    }
}
