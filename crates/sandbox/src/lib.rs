//! A local Cloudflare account.
//!
//! The API under `/client/v4` answers as Cloudflare's does, closely enough that
//! the real `wrangler` and the official SDKs work against it unmodified: token
//! verification, accounts, KV and D1. What it keeps is in one directory and
//! survives restarts. Any request can be made to fail on purpose (see
//! [`Faults`]), from tests by [`Sandbox::faults`] or JSON at
//! `/__sandbox/faults`, and by people on the page at `/`.
//!
//! It listens on loopback, for development and tests. Its management pages
//! have no sign-in of their own.

pub mod access;
mod accounts;
mod auth;
mod clock;
mod d1;
mod envelope;
mod faults;
mod ids;
mod journal;
mod kv;
mod listen;
pub mod oidc;
mod panel;
mod store;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use sqlx::SqlitePool;

pub use auth::{ApiToken, TokenKind};
pub use clock::{Clock, ManualClock, SystemClock};
pub use faults::{FaultError, FaultRule, Faults};
pub use journal::{Journal, LoggedRequest};
pub use listen::serve;

use envelope::ApiError;

/// What the account is called and where it lives.
#[derive(Debug, Clone)]
pub struct SandboxConfig {
    /// The directory that holds all state; created if missing.
    pub data_dir: PathBuf,
    /// The tokens that may call the API.
    pub api_tokens: Vec<ApiToken>,
    /// 32 hex digits.
    pub account_id: String,
    /// The account's name for people.
    pub account_name: String,
    /// The address of the person to whom user tokens belong.
    pub user_email: String,
    /// Base of the URLs the API hands out (D1 uploads), without a slash at the
    /// end. `None` takes it from each request's `Host`.
    pub public_url: Option<String>,
    /// Longest a D1 request may compute, in milliseconds.
    pub d1_limit_ms: u32,
    /// Decides when keys expire and what times answers show.
    pub clock: Arc<dyn Clock>,
}

impl SandboxConfig {
    /// The account that demos and tests use, kept in `data_dir`.
    #[must_use]
    pub fn demo(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            api_tokens: vec![ApiToken::user(DEMO_API_TOKEN)],
            account_id: DEMO_ACCOUNT_ID.to_owned(),
            account_name: "Sandbox".to_owned(),
            user_email: "owner@example.com".to_owned(),
            public_url: None,
            d1_limit_ms: 30_000,
            clock: Arc::new(SystemClock),
        }
    }
}

/// The demo account's token. Not a secret: the sandbox listens on loopback.
pub const DEMO_API_TOKEN: &str = "sandbox-api-token-for-loopback-only";
/// The demo account's id.
pub const DEMO_ACCOUNT_ID: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";

/// Why a sandbox did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The configuration cannot be used; the text says which part.
    #[error("{0}")]
    Config(&'static str),
    /// The data directory cannot be made or written.
    #[error("the data directory cannot be used: {0}")]
    Directory(#[from] std::io::Error),
    /// The state file is damaged or locked.
    #[error("the state file cannot be opened: {0}")]
    State(#[from] sqlx::Error),
}

/// A running account. Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: SandboxConfig,
    state: SqlitePool,
    databases: d1::Databases,
    faults: Arc<Faults>,
    journal: Arc<Journal>,
}

/// Opens the account in `config.data_dir`, creating it the first time.
///
/// # Errors
/// When the configuration is malformed or the directory cannot be used.
pub async fn open(config: SandboxConfig) -> Result<Sandbox, OpenError> {
    if !ids::is_hex_32(&config.account_id) {
        return Err(OpenError::Config("the account id must be 32 hex digits"));
    }
    if config.api_tokens.is_empty() {
        return Err(OpenError::Config("at least one API token is needed"));
    }
    tokio::fs::create_dir_all(&config.data_dir).await?;
    let state = store::open(&config.data_dir).await?;
    let databases = d1::Databases::open(&config.data_dir, config.d1_limit_ms).await?;
    let faults = Arc::new(Faults::default());
    let journal = Arc::new(Journal::default());
    let inner = Inner {
        config,
        state,
        databases,
        faults,
        journal,
    };
    Ok(Sandbox {
        inner: Arc::new(inner),
    })
}

impl Sandbox {
    /// The whole HTTP surface: the API, the management JSON and the page.
    ///
    /// Serve it with [`serve`], which lets faults cut the connection itself.
    pub fn router(&self) -> Router {
        let api = Router::new()
            .merge(accounts::routes())
            .merge(kv::routes())
            .merge(d1::routes())
            .fallback(|| async { ApiError::no_route() })
            .method_not_allowed_fallback(not_allowed)
            .layer(axum::middleware::from_fn_with_state(
                self.clone(),
                auth::guard,
            ));
        let api = Router::new()
            .nest("/client/v4", api)
            .merge(d1::upload_routes());
        let api = self.observed(api.with_state(self.clone()));
        let panel = panel::routes().with_state(self.clone());
        Router::new()
            .merge(api)
            .merge(panel)
            .fallback(|| async { ApiError::no_route() })
    }

    /// Wraps `router` so that its requests are logged and can be made to fail.
    pub fn observed<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.layer(axum::middleware::from_fn_with_state(
            self.clone(),
            faults::observe,
        ))
    }

    /// The rules by which requests fail on purpose.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// The last requests.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.inner.journal
    }

    /// The account's configuration.
    #[must_use]
    pub fn config(&self) -> &SandboxConfig {
        &self.inner.config
    }

    /// Closes the state file; what was answered is on disk.
    pub async fn close(&self) {
        self.inner.databases.close_all().await;
        self.inner.state.close().await;
    }

    pub(crate) fn state(&self) -> &SqlitePool {
        &self.inner.state
    }

    pub(crate) fn databases(&self) -> &d1::Databases {
        &self.inner.databases
    }

    pub(crate) fn tokens(&self) -> &[ApiToken] {
        &self.inner.config.api_tokens
    }

    pub(crate) fn account_id(&self) -> &str {
        &self.inner.config.account_id
    }

    /// The user's id, made from the account's so that it stays the same.
    pub(crate) fn user_id(&self) -> String {
        self.account_id().chars().rev().collect()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.inner.config.clock.now_ms()
    }
}

/// *Recorded*: 7001 with the method in the text.
async fn not_allowed(method: http::Method) -> axum::response::Response {
    let message = format!("{method} not supported for requested URI.");
    ApiError::new(http::StatusCode::METHOD_NOT_ALLOWED, 7001, message).into_response()
}
