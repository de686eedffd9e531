//! Connections from visitors.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::response::Parts;
use http::{HeaderValue, Request, Response};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulConnection, GracefulShutdown};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};

use super::body::OutBody;
use super::feeds::FeedBody;
use super::runtime::Runtime;
use crate::pipeline::{Peer, Reply};
use crate::sdk::Crowded;

/// Connections at once; more wait to be accepted.
const MAX_CONNECTIONS: usize = 10_000;
/// Longest wait for a request's head, and how long an idle connection is kept.
const HEAD: Duration = Duration::from_secs(60);
/// Largest request head.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// After a failed accept (no file descriptors left), before the next.
const PAUSE: Duration = Duration::from_millis(50);

type Answer = Response<Either<Either<Full<Bytes>, FeedBody>, Incoming>>;

/// Serves until told to stop, then until the requests under way are done.
pub(super) async fn serve(
    listener: TcpListener,
    runtime: Arc<Runtime>,
    mut stopping: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            break;
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let kick = Arc::new(Notify::new());
        let connection = connection(stream, address, &runtime, Arc::clone(&kick));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = kick.notified() => tracing::debug!("a stream was not read"),
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// The other end of one connection.
struct Visitor {
    ip: Option<HeaderValue>,
    trusted: bool,
    /// Ends the connection.
    kick: Arc<Notify>,
}

fn connection(
    stream: TcpStream,
    address: SocketAddr,
    runtime: &Arc<Runtime>,
    kick: Arc<Notify>,
) -> impl GracefulConnection<Error = hyper::Error> + use<> {
    let _ = stream.set_nodelay(true);
    let ip: IpAddr = address.ip().to_canonical();
    let visitor = Arc::new(Visitor {
        ip: HeaderValue::from_str(&ip.to_string()).ok(),
        trusted: runtime.trusted_proxies.contains(ip),
        kick,
    });
    let runtime = Arc::clone(runtime);
    let service = service_fn(move |request| {
        let (runtime, visitor) = (Arc::clone(&runtime), Arc::clone(&visitor));
        async move { Ok::<_, Infallible>(answer(&runtime, &visitor, request).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}

async fn answer(runtime: &Arc<Runtime>, visitor: &Visitor, request: Request<Incoming>) -> Answer {
    let peer = Peer {
        ip: visitor.ip.as_ref(),
        trusted: visitor.trusted,
        ..Peer::default()
    };
    let settings = &runtime.gateway.settings;
    let (limit_bytes, patience) = (settings.max_body_bytes, settings.body_patience);
    let request = request.map(|body| OutBody::new(body, limit_bytes, patience));
    let response = runtime.gateway.serve(&**runtime, peer, request).await;
    let (parts, reply) = response.into_parts();
    let body = match reply {
        Reply::Own(bytes) => Either::Left(Either::Left(Full::new(bytes))),
        Reply::Origin(body) => Either::Right(body),
        Reply::Feed(feed) => {
            let kick = Arc::clone(&visitor.kick);
            match runtime.feeds.open(*feed, Arc::clone(runtime), kick) {
                Ok(body) => Either::Left(Either::Right(body)),
                Err(crowded) => return full(parts, crowded),
            }
        }
    };
    Response::from_parts(parts, body)
}

/// There are too many streams; the head keeps what lets a page read it.
fn full(mut parts: Parts, crowded: Crowded) -> Answer {
    let (refusal, body) = crowded.answer().into_parts();
    parts.status = refusal.status;
    parts.headers.extend(refusal.headers);
    Response::from_parts(parts, Either::Left(Either::Left(Full::new(body))))
}
