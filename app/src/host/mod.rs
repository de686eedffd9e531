//! How the pages meet HTTP: the router and what it needs from its host.
//!
//! It does not authenticate: the layers of `nexus-web` put a `Caller`, a
//! `Nonce` and a `RequestId` into every request's extensions.

mod assets;
mod form;
mod live;
mod palette;
mod preferences;
mod refusals;
mod respond;
mod router;
mod visit;

pub use assets::AssetManifest;
pub use form::Form;
pub use refusals::refusals;
pub use respond::{Answer, document, public_page, see_other, signed_out_document};
pub use router::router;
pub use visit::Visit;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use nexus_control::Console;

/// How pages hear of changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Live {
    /// By server-sent events from `/live`: a host that keeps connections open.
    #[default]
    Stream,
    /// By asking again every ten seconds: a host that must not, as a Worker.
    Poll,
}

/// Waits for as long as `/live` may be silent before proxies take it for dead.
pub type Heartbeat = fn() -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the host decides.
#[derive(Clone, Debug, Default)]
pub struct AppOptions {
    pub assets: AssetManifest,
    pub live: Live,
    /// Only a host with timers has one.
    pub heartbeat: Option<Heartbeat>,
    /// Shows the cause of internal errors on the page. Never in production.
    pub dev: bool,
}

/// State of every handler, and of the layer [`refusals()`].
#[derive(Clone)]
pub struct App {
    pub console: Console,
    pub assets: Arc<AssetManifest>,
    pub live: Live,
    pub heartbeat: Option<Heartbeat>,
    pub dev: bool,
}

impl App {
    #[must_use]
    pub fn new(console: Console, options: AppOptions) -> Self {
        Self {
            console,
            assets: Arc::new(options.assets),
            live: options.live,
            heartbeat: options.heartbeat,
            dev: options.dev,
        }
    }
}
