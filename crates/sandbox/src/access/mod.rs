//! Cloudflare Access for one console, on this machine.
//!
//! A reverse proxy that lets nobody through without a sign-in and stamps what it lets through
//! with a signed assertion, so the console runs the code path of production and knows of no
//! other. What it copies from Cloudflare: the cookie `CF_Authorization` holding the
//! application token (RS256), `Cf-Access-Jwt-Assertion` and its neighbours on every request,
//! `/cdn-cgi/access/{certs,get-identity,logout}`, strict service tokens, and a second
//! application under `/step-up/` whose session lasts for nothing: every entry needs a fresh
//! code. What it makes up: the two pages of the sign-in, and `amr` in the token (Cloudflare
//! documents no field for it).
//!
//! | address | |
//! |---|---|
//! | `/cdn-cgi/access/login?redirect_url=` | who are you? |
//! | `/cdn-cgi/access/mfa?state=` | the code |
//! | `/cdn-cgi/access/certs` | two keys, the newer signs, for a day |
//! | `/cdn-cgi/access/get-identity` | more about the cookie's person |
//! | `/cdn-cgi/access/logout` | ends the session |
//! | `POST /__sandbox/access/rotate-keys`, `…/revoke`, `…/sign-in` | for tests, with `X-Nexus-Sandbox: 1` |

mod config;
mod endpoints;
mod error;
mod forward;
mod gate;
pub(crate) mod keys;
mod login;
pub(crate) mod pages;
mod people;
pub(crate) mod random;
mod service;
mod sessions;
pub(crate) mod shelf;
mod state;
mod store;
pub mod totp;
pub(crate) mod web;
pub(crate) mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

pub use config::{AccessConfig, MAIN_AUD, STEP_UP_AUD, STEP_UP_PREFIX, ServiceToken};
pub use error::AccessError;
use keys::KeyRing;
pub(crate) use people::{CodeError, subject};
pub use people::{Part, People, Person, demo_people, secret};
use state::Access;

use crate::{Clock, Sandbox};

/// Our own forms are short.
const FORM_LIMIT_BYTES: usize = 16 * 1024;

/// Access in front of one console. Cheap to clone.
#[derive(Clone)]
pub struct AccessProxy(Arc<Access>);

impl AccessProxy {
    /// Reads or makes keys, sessions and the demo's service token in `config.data_dir`.
    ///
    /// # Errors
    /// The folder cannot be used, or no key can be made.
    pub async fn open(
        mut config: AccessConfig,
        people: Arc<People>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AccessError> {
        let opened = tokio::task::spawn_blocking(move || {
            let keys = KeyRing::open(&config.data_dir.join("keys.json"), clock.now_ms())?;
            config
                .service_tokens
                .push(service::demo_token(&config.data_dir)?);
            Access::new(config, people, clock, keys, client())
        });
        let access = opened
            .await
            .map_err(|error| AccessError::Key(error.to_string()))??;
        Ok(Self(Arc::new(access)))
    }

    /// All addresses, with the console behind everything else. Serve it with [`crate::serve`],
    /// which says who called.
    pub fn router(&self) -> Router {
        self.router_around(|own| own)
    }

    /// The same, with Access's own addresses (not the console's) under the sandbox's faults
    /// and in its log, so that an outage of the certificates can be rehearsed.
    pub fn router_observed(&self, sandbox: &Sandbox) -> Router {
        self.router_around(|own| sandbox.observed(own))
    }

    fn router_around(&self, layered: impl FnOnce(Router) -> Router) -> Router {
        let access = &self.0;
        let own = Router::new()
            .route(
                "/cdn-cgi/access/login",
                get(login::show_choice).post(login::take_choice),
            )
            .route(
                "/cdn-cgi/access/mfa",
                get(login::show_code).post(login::take_code),
            )
            .route("/cdn-cgi/access/certs", get(endpoints::certs))
            .route("/cdn-cgi/access/get-identity", get(endpoints::identity))
            .route("/cdn-cgi/access/logout", get(endpoints::logout))
            .route("/cdn-cgi/access/style.css", get(pages::style))
            .route("/cdn-cgi/access/icon.svg", get(pages::icon))
            .layer(DefaultBodyLimit::max(FORM_LIMIT_BYTES))
            .with_state(Arc::clone(access));
        let handles = Router::new()
            .route("/__sandbox/access/rotate-keys", post(endpoints::rotate))
            .route("/__sandbox/access/revoke", post(endpoints::revoke))
            .route("/__sandbox/access/sign-in", post(endpoints::sign_in))
            .layer(DefaultBodyLimit::max(FORM_LIMIT_BYTES))
            .with_state(Arc::clone(access));
        let console = Router::new()
            .fallback(gate::gate)
            .with_state(Arc::clone(access));
        layered(own)
            .merge(handles)
            .merge(console)
            .layer(from_fn_with_state(Arc::clone(access), gate::one_host))
    }

    /// Makes a new signing key when the newest one has signed for a day; says whether it did.
    ///
    /// # Errors
    /// No key can be made or kept.
    pub async fn rotate_when_due(&self) -> Result<bool, AccessError> {
        keys::rotate_when_due(Arc::clone(&self.0.keys), self.0.clock.now_ms()).await
    }

    /// Ends all sessions of a person and says how many there were.
    ///
    /// # Errors
    /// The sessions cannot be written.
    pub fn revoke(&self, email: &str) -> Result<usize, AccessError> {
        self.0.sessions.end_all_of(email)
    }
}

fn client() -> Client<HttpConnector, axum::body::Body> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(Duration::from_secs(5)));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(Duration::from_secs(30))
        .build(connector)
}
