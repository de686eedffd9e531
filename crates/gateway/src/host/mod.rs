//! The native host: a server on hyper, a pooled client to the origins, a poller of
//! Workers KV, and a queue of events to the console.

mod args;
mod backoff;
mod body;
mod feeds;
mod ingest;
mod origin;
mod runtime;
mod server;
mod source;
mod trust;
mod weight;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use nexus_flags::TrustedKey;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use args::Args;
pub use ingest::IngestOptions;
pub use origin::{OriginClient, client};
pub use source::{FileSource, KvSource, Source};
pub use trust::TrustedProxies;

use crate::host::feeds::Feeds;
use crate::host::runtime::Runtime;
use crate::pipeline::Gateway;
use crate::settings::Settings;
use crate::snapshot::SnapshotHolder;

/// Longest wait at the end for requests under way.
const DRAIN: Duration = Duration::from_secs(10);

/// Everything a native gateway needs.
pub struct Options {
    pub settings: Settings,
    /// Keys that may sign snapshots.
    pub keys: Vec<TrustedKey>,
    pub trusted_proxies: TrustedProxies,
    /// Where snapshots come from; without it nothing is ever decided.
    pub source: Option<Source>,
    /// Time between two looks at the source.
    pub poll_every: Duration,
    /// Where events go; without it they go nowhere.
    pub ingest: Option<IngestOptions>,
}

/// A gateway at work.
pub struct Running {
    address: SocketAddr,
    stop_serving: watch::Sender<bool>,
    stop_reporting: watch::Sender<bool>,
    server: JoinHandle<()>,
    poller: Option<JoinHandle<()>>,
    reporter: Option<JoinHandle<()>>,
}

/// Starts a gateway on a listener.
///
/// # Errors
/// When a part can't be built.
pub fn start(listener: TcpListener, options: Options) -> anyhow::Result<Running> {
    let address = listener.local_addr()?;
    let snapshots = SnapshotHolder::new(&options.settings.environment, options.keys);
    let max_streams = options.settings.max_streams;
    let gateway = Arc::new(Gateway::new(options.settings, snapshots));
    let (queue, reporter) = match options.ingest {
        Some(ingest) => {
            let (queue, reporter) = ingest::queue(ingest)?;
            (Some(queue), Some(reporter))
        }
        None => (None, None),
    };
    let (stop_serving, stopping) = watch::channel(false);
    let feeds = Feeds::new(max_streams, stopping.clone());
    let runtime = Runtime::new(gateway, queue, options.trusted_proxies, feeds)?;
    let runtime = Arc::new(runtime);
    let (stop_reporting, reporting_stops) = watch::channel(false);
    let poller = options.source.map(|source| {
        tokio::spawn(source::poll(
            Arc::clone(&runtime),
            source,
            options.poll_every,
        ))
    });
    let reporter =
        reporter.map(|reporter| tokio::spawn(reporter.run(Arc::clone(&runtime), reporting_stops)));
    let server = tokio::spawn(server::serve(listener, runtime, stopping));
    Ok(Running {
        address,
        stop_serving,
        stop_reporting,
        server,
        poller,
        reporter,
    })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connections, finishes requests under way, then delivers what is
    /// queued, all within bounds.
    pub async fn stop(self) {
        let _ = self.stop_serving.send(true);
        let server = self.server.abort_handle();
        if tokio::time::timeout(DRAIN, self.server).await.is_err() {
            tracing::warn!("some requests did not end in time");
            server.abort();
        }
        if let Some(poller) = self.poller {
            poller.abort();
        }
        let _ = self.stop_reporting.send(true);
        if let Some(reporter) = self.reporter {
            let _ = reporter.await;
        }
    }
}
