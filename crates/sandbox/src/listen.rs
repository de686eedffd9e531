//! Serving a router on a socket whose connections can be cut on purpose.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tower::ServiceExt;

/// How long requests under way may take to end once shutdown began.
const GRACE: Duration = Duration::from_secs(5);
/// How long a connection may be idle. wrangler reuses connections and fails
/// when one closes under it, so this is well above its own idle limit.
const IDLE: Duration = Duration::from_secs(300);

/// The connection a request came on; found among the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<Notify>);

impl Wire {
    /// Closes the socket at once, with nothing more sent.
    pub(crate) fn cut(&self) {
        self.0.notify_one();
    }
}

/// Serves until `shutdown` is done, then lets requests under way end, for at
/// most five seconds.
///
/// # Errors
/// When the listener breaks.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send,
) -> std::io::Result<()> {
    let (closing, closed) = watch::channel(false);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, peer, router.clone(), closed.clone()));
            }
            Err(error) if transient(&error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return Err(error),
        }
    }
    drop(listener);
    drop(closed);
    closing.send_replace(true);
    // Every connection holds a receiver until it ends.
    if tokio::time::timeout(GRACE, closing.closed()).await.is_err() {
        tracing::warn!("connections were still open at shutdown");
    }
    Ok(())
}

/// The client's fault, or a lack of descriptors that passes.
fn transient(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    const TOO_MANY_FILES: [i32; 2] = [23, 24];
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    ) || error
        .raw_os_error()
        .is_some_and(|code| TOO_MANY_FILES.contains(&code))
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut closed: watch::Receiver<bool>,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let cut = Arc::new(Notify::new());
    let wire = Wire(Arc::clone(&cut));
    let service = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(wire.clone());
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(Body::new)
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    // Hyper counts the wait for the next request's head as reading it.
    http.timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .half_close(false);
    let serving = http
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let stopping = async move {
        // An error means that the server is gone, which also means stop.
        let _ = closed.wait_for(|closing| *closing).await;
    };
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = cut.notified() => return,
        () = stopping => {
            serving.as_mut().graceful_shutdown();
            tokio::select! {
                ended = &mut serving => ended,
                () = cut.notified() => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
