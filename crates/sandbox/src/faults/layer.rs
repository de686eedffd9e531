//! The outermost layer: logs every request and disturbs those that a rule says.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;

use super::FaultRule;
use crate::Sandbox;
use crate::clock::{rfc3339, stopwatch_ms};
use crate::envelope::ApiError;
use crate::journal::LoggedRequest;
use crate::listen::Wire;

pub(crate) async fn observe(
    State(sandbox): State<Sandbox>,
    request: Request,
    next: Next,
) -> Response {
    let started_ms = stopwatch_ms();
    let rule = sandbox
        .faults()
        .strike(request.method(), request.uri().path());
    let mut entry = LoggedRequest {
        number: 0,
        at: rfc3339(sandbox.now_ms()),
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().map(str::to_owned),
        status: None,
        duration_ms: 0.0,
        fault: rule.as_ref().map(|r| r.id.clone()),
    };
    let wire = request.extensions().get::<Wire>().cloned();
    let reply = disturb(rule, request, next).await;
    entry.status = reply.as_ref().map(|r| r.status().as_u16());
    entry.duration_ms = stopwatch_ms() - started_ms;
    sandbox.journal().push(entry);
    match reply {
        Some(reply) => reply,
        None => cut(wire).await,
    }
}

/// The reply, or none when the connection is to be cut.
async fn disturb(rule: Option<FaultRule>, request: Request, next: Next) -> Option<Response> {
    let Some(rule) = rule else {
        return Some(next.run(request).await);
    };
    if rule.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(rule.delay_ms)).await;
    }
    if rule.cut {
        return None;
    }
    if let Some(status) = rule.status {
        return Some(failure(&rule, status));
    }
    let reply = next.run(request).await;
    (!rule.drop_reply).then_some(reply)
}

fn failure(rule: &FaultRule, status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = "injected by a sandbox fault rule";
    let mut reply = ApiError::new(status, rule.code, message).into_response();
    if let Some(seconds) = rule.retry_after_s {
        reply.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    reply
}

/// Ends the connection without an answer. Under another server than ours the
/// nearest thing is an answer whose body breaks off.
async fn cut(wire: Option<Wire>) -> Response {
    if let Some(wire) = wire {
        wire.cut();
        // The connection's task drops this future together with the socket.
        return std::future::pending().await;
    }
    let broken =
        futures::stream::once(async { Err::<bytes::Bytes, _>(std::io::Error::other("cut")) });
    Response::new(Body::from_stream(broken))
}
