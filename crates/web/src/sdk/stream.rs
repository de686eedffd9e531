//! Streams kept open for SDKs. Who does not read them holds a place and a part of the answer,
//! no more: the next is made when there is room for it. The host cuts their connections.

use std::collections::VecDeque;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::future::{Either, select};
use http::response::Parts;
use nexus_gateway::{Crowded, Feed, News, Seat};

use super::{Sdk, Sleep};

/// Pause after which a sign of life is sent, as at the gateway.
const HEARTBEAT: Duration = Duration::from_secs(15);

struct Stream {
    _seat: Seat,
    sdk: Sdk,
    place: usize,
    feed: Feed,
    sleep: Sleep,
    /// What is yet to be sent.
    parts: VecDeque<Bytes>,
}

/// The body of a stream, unless there are too many.
pub(super) fn open(sdk: &Sdk, place: usize, feed: Feed, sleep: Sleep) -> Result<Body, Crowded> {
    let stream = Stream {
        _seat: sdk.0.seats.take(&feed)?,
        sdk: sdk.clone(),
        place,
        feed,
        sleep,
        parts: VecDeque::from([Feed::greeting()]),
    };
    let parts = futures::stream::unfold(stream, |mut stream| async {
        let part = stream.next().await?;
        Some((Ok::<_, std::convert::Infallible>(part), stream))
    });
    Ok(Body::from_stream(parts))
}

/// There are too many streams; the head keeps what lets a page read it.
pub(super) fn full(mut parts: Parts, crowded: Crowded) -> Response {
    let (head, body) = crowded.answer().into_parts();
    parts.status = head.status;
    parts.headers.extend(head.headers);
    Response::from_parts(parts, Body::from(body))
}

impl Stream {
    /// `None` at the end: the key is no longer good.
    async fn next(&mut self) -> Option<Bytes> {
        let sdk = self.sdk.clone();
        let place = sdk.0.places.get(self.place)?;
        loop {
            if let Some(part) = self.parts.pop_front() {
                return Some(part);
            }
            let seen = sdk.0.news.current();
            let now_ms = sdk.console().now_ms();
            let news = self.feed.news(&place.gateway.snapshots, now_ms);
            let News::Say { parts, until_ms } = news else {
                return None;
            };
            if !parts.is_empty() {
                self.parts.extend(parts);
                continue;
            }
            let turn_ms = u64::try_from(until_ms.saturating_sub(now_ms)).unwrap_or_default();
            let turn = Duration::from_millis(turn_ms).min(HEARTBEAT);
            let changed = pin!(sdk.0.news.changed_since(seen));
            let is_quiet = match select(changed, (self.sleep)(turn)).await {
                Either::Left(_) => false,
                Either::Right(_) => turn == HEARTBEAT,
            };
            if is_quiet {
                self.parts.push_back(Feed::heartbeat());
            }
        }
    }
}
