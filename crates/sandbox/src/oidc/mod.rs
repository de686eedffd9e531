//! A small OpenID provider: the console's second way in, for teams without Access, and the
//! counterpart of its tests.
//!
//! OpenID Connect Core 1.0 authorization code flow with PKCE (RFC 7636, S256 required), the
//! issuer in the answer (RFC 9207), Discovery 1.0 and RP-Initiated Logout 1.0. It shares the
//! pages, the identities and the second factor of [`crate::access`]. It keeps no sign-in of
//! its own: every authorization asks again, so `prompt=none` is always `login_required`.
//! A restart forgets codes and access tokens; only the keys are kept.

mod authorize;
mod client;
mod login;
mod token;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use url::Url;

use crate::Clock;
use crate::access::keys::{self, KeyRing};
use crate::access::shelf::Shelf;
use crate::access::web::uncached_json;
use crate::access::{AccessError, People, pages};

pub use client::OidcClient;

/// `acr` of a sign-in with the second factor (the name several providers use for it).
pub const ACR_MFA: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
/// `acr` of a sign-in without: "no assurance" in OpenID Connect Core §2.
pub const ACR_NONE: &str = "0";

const CAPACITY: usize = 2_000;
const SIGN_IN_LIFE_MS: i64 = 10 * 60 * 1000;
const CODE_LIFE_MS: i64 = 60 * 1000;

/// Configuration of [`OidcProvider`].
pub struct OidcConfig {
    /// `iss`, the address the router is reachable at: `http://host:port/path`, no slash at
    /// the end. Nest the router at its path.
    pub issuer: String,
    /// Folder of the keys.
    pub data_dir: PathBuf,
    /// Who may ask for sign-ins.
    pub clients: Vec<OidcClient>,
    /// Life of an ID token.
    pub id_token_life_s: i64,
    /// Life of an access token.
    pub access_token_life_s: i64,
}

impl OidcConfig {
    /// A provider at `issuer` for one client.
    #[must_use]
    pub fn local(issuer: &str, data_dir: impl Into<PathBuf>, client: OidcClient) -> Self {
        Self {
            issuer: issuer.trim_end_matches('/').into(),
            data_dir: data_dir.into(),
            clients: vec![client],
            id_token_life_s: 5 * 60,
            access_token_life_s: 15 * 60,
        }
    }
}

/// The provider. Cheap to clone.
#[derive(Clone)]
pub struct OidcProvider(Arc<Provider>);

pub(crate) struct Provider {
    config: OidcConfig,
    /// Path of the issuer.
    base: String,
    /// Scheme, host and port of the issuer.
    origin: String,
    people: Arc<People>,
    clock: Arc<dyn Clock>,
    keys: Arc<KeyRing>,
    asked: Shelf<authorize::Asked>,
    started: Shelf<login::Started>,
    codes: Shelf<token::Grant>,
    /// Codes that were used, with the access token they gave.
    spent: Shelf<String>,
    tokens: Shelf<token::Granted>,
}

impl OidcProvider {
    /// Reads or makes the keys in `config.data_dir`.
    ///
    /// # Errors
    /// The folder cannot be used, no key can be made, or the issuer is no address.
    pub async fn open(
        config: OidcConfig,
        people: Arc<People>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AccessError> {
        let issuer = Url::parse(&config.issuer)
            .map_err(|error| AccessError::Config(format!("issuer {:?}: {error}", config.issuer)))?;
        let file = config.data_dir.join("oidc-keys.json");
        let now_ms = clock.now_ms();
        let opened = tokio::task::spawn_blocking(move || KeyRing::open(&file, now_ms)).await;
        let keys = opened.map_err(|error| AccessError::Key(error.to_string()))??;
        Ok(Self(Arc::new(Provider {
            base: issuer.path().trim_end_matches('/').into(),
            origin: issuer.origin().ascii_serialization(),
            people,
            clock,
            keys: Arc::new(keys),
            asked: Shelf::new(SIGN_IN_LIFE_MS, CAPACITY),
            started: Shelf::new(SIGN_IN_LIFE_MS, CAPACITY),
            codes: Shelf::new(CODE_LIFE_MS, CAPACITY),
            spent: Shelf::new(config.access_token_life_s * 1000, CAPACITY),
            tokens: Shelf::new(config.access_token_life_s * 1000, CAPACITY),
            config,
        })))
    }

    /// Makes a new signing key when the newest one has signed for a day; says whether it did.
    ///
    /// # Errors
    /// No key can be made or kept.
    pub async fn rotate_when_due(&self) -> Result<bool, AccessError> {
        keys::rotate_when_due(Arc::clone(&self.0.keys), self.0.now_ms()).await
    }

    /// The provider's addresses, relative to the issuer's path.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize::authorize))
            .route("/login", get(login::show_choice).post(login::take_choice))
            .route("/mfa", get(login::show_code).post(login::take_code))
            .route("/token", post(token::token))
            .route("/userinfo", get(token::userinfo).post(token::userinfo))
            .route(
                "/end_session",
                get(token::end_session).post(token::end_session),
            )
            .route("/style.css", get(pages::style))
            .route("/icon.svg", get(pages::icon))
            .layer(DefaultBodyLimit::max(16 * 1024))
            .with_state(Arc::clone(&self.0))
    }
}

impl Provider {
    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Response {
    uncached_json(StatusCode::OK, &metadata(&provider.config.issuer))
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/end_session"),
        "scopes_supported": ["openid", "email", "profile"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [ACR_MFA, ACR_NONE],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash",
            "email", "email_verified", "name"
        ],
        "ui_locales_supported": ["en", "ja"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    })
}

async fn jwks(State(provider): State<Arc<Provider>>) -> Response {
    uncached_json(StatusCode::OK, &provider.keys.jwks())
}
