//! The pooled client to the origins.

use std::time::Duration;

use http::{Method, Request, Response};
use hyper::body::{Body, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::body::{OutBody, fault};
use crate::ports::{OriginError, ReadBodyError};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);
/// Longest wait for the head of an answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Idle connections are kept this long; shorter than what common servers keep them.
const IDLE: Duration = Duration::from_secs(20);

/// HTTP/1.1 with keep-alive, over TLS where the origin's URL says so.
pub type OriginClient<B> = Client<HttpsConnector<HttpConnector>, B>;

/// A client as the gateway uses it; the bare proxy it is measured against has the same.
#[must_use]
pub fn client<B>() -> OriginClient<B>
where
    B: Body + Send,
    B::Data: Send,
{
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new()
        .with_webpki_roots()
        .https_or_http()
        .enable_http1()
        .wrap_connector(connector);
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE)
        .pool_timer(TokioTimer::new())
        .build(connector)
}

/// Sends a request. One whose repetition does no harm and that has no body is sent once
/// more when the connection broke before any answer: a pooled connection may have been
/// closed by the origin while it was idle.
pub(super) async fn send(
    client: &OriginClient<OutBody>,
    request: Request<OutBody>,
) -> Result<Response<Incoming>, OriginError> {
    let again = repetition(&request);
    match (attempt(client, request).await, again) {
        (Err(OriginError::Broken), Some(again)) => attempt(client, again).await,
        (answer, _) => answer,
    }
}

/// The same request again, if that is harmless (RFC 9110 §9.2.2) and possible.
fn repetition(request: &Request<OutBody>) -> Option<Request<OutBody>> {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !safe || !request.body().is_end_stream() {
        return None;
    }
    let mut again = Request::new(OutBody::Empty);
    again.method_mut().clone_from(request.method());
    again.uri_mut().clone_from(request.uri());
    again.headers_mut().clone_from(request.headers());
    Some(again)
}

async fn attempt(
    client: &OriginClient<OutBody>,
    request: Request<OutBody>,
) -> Result<Response<Incoming>, OriginError> {
    match tokio::time::timeout(ANSWER, client.request(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(classify(&error)),
        Err(_) => Err(OriginError::Timeout),
    }
}

fn classify(error: &Error) -> OriginError {
    tracing::debug!(?error, "the origin did not answer");
    match fault(error) {
        Some(ReadBodyError::TooLarge) => OriginError::BodyTooLarge,
        Some(ReadBodyError::TooSlow) => OriginError::BodyTooSlow,
        Some(ReadBodyError::Broken) => OriginError::BodyBroken,
        None if error.is_connect() => OriginError::Unreachable,
        None => OriginError::Broken,
    }
}
