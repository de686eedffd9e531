//! `/live`: tells open pages that something changed, never what.

use std::convert::Infallible;
use std::pin::pin;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use futures::future::{Either, select};
use futures::{StreamExt as _, stream};
use http::{HeaderValue, header};

use super::App;
use super::visit::Visit;

/// Server-sent events, one per change; the data is the change's number. The
/// first line is sent at once, a comment at every heartbeat.
pub(super) async fn stream(State(app): State<App>, visit: Visit) -> Response {
    let heartbeat = app.heartbeat;
    let changes = visit.console.changes();
    let seen = changes.current();
    let first = stream::iter(["retry: 2000\n\n".to_owned()]);
    let rest = stream::unfold((changes, seen), move |(changes, seen)| async move {
        let silence = async {
            match heartbeat {
                Some(wait) => wait().await,
                None => std::future::pending().await,
            }
        };
        let now = match select(pin!(changes.changed_since(seen)), pin!(silence)).await {
            Either::Left((now, _)) => Some(now),
            Either::Right(_) => None,
        };
        let text = now.map_or_else(
            || ":\n\n".to_owned(),
            |now| format!("id: {now}\ndata: {now}\n\n"),
        );
        Some((text, (changes, now.unwrap_or(seen))))
    });
    let events = first.chain(rest).map(Ok::<_, Infallible>);
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that buffer would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
