//! What an Access in front of one console needs to know.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::Url;

use super::error::AccessError;

/// Audience tag of the demo's main application: SHA-256 of `nexus-admin`.
pub const MAIN_AUD: &str = "c2076f05357b84f844f5fc5253c71d1ee08e4ebb1935f91fd10c51ade313eacb";
/// Audience tag of the demo's step-up application: SHA-256 of `nexus-admin-step-up`.
pub const STEP_UP_AUD: &str = "25d18a02803534ee95f138d834d4f21c9d4370ae84f57a9af388d0b72b768838";
/// Path prefix of the step-up application.
pub const STEP_UP_PREFIX: &str = "/step-up/";

/// What SDKs ask for: they show a key of the console's, which it checks itself, so that a
/// bypass policy lets everybody through (docs/deploy.md).
pub(crate) const BYPASSED: [&str; 4] = ["/ofrep/", "/api/features/", "/sub/", "/events"];

/// A non-human caller's credentials.
pub struct ServiceToken {
    /// What it is for; not part of the assertion.
    pub name: String,
    /// Sent as `CF-Access-Client-Id`, becomes `common_name`.
    pub client_id: String,
    /// Sent as `CF-Access-Client-Secret`.
    pub client_secret: SecretString,
    /// A disabled token is known but not allowed: 403.
    pub enabled: bool,
}

/// Configuration of [`super::AccessProxy`].
pub struct AccessConfig {
    /// The console: `http://host:port`, no path.
    pub upstream: Url,
    /// The address people open: scheme, host and port, no path.
    pub public_origin: Url,
    /// `iss` of every token. The certificates are at `{issuer}/cdn-cgi/access/certs`.
    pub issuer: String,
    /// Folder for keys, sessions and the demo service token; readable by the owner only.
    pub data_dir: PathBuf,
    /// Audience of the application at `/`.
    pub main_aud: String,
    /// Audience of the application under [`STEP_UP_PREFIX`].
    pub step_up_aud: String,
    /// Service tokens besides the demo's own, which is made at the first start.
    pub service_tokens: Vec<ServiceToken>,
    /// How long an application token lives before the proxy makes a new one.
    pub token_life_s: i64,
    /// How long a sign-in lives.
    pub session_life_s: i64,
    /// Largest request body.
    pub body_limit_bytes: usize,
    /// How long the console may take to begin its answer. Bodies may take any time.
    pub upstream_timeout_s: u64,
    /// Country of requests that belong to no person.
    pub default_country: String,
    /// Airport code at the end of `Cf-Ray`.
    pub colo: String,
}

impl AccessConfig {
    /// The configuration of `xtask up`: the console at `upstream`, people at `public_origin`,
    /// which is also the issuer.
    ///
    /// # Errors
    /// One of the two addresses is not `http(s)://host[:port]`.
    pub fn local(
        upstream: &str,
        public_origin: &str,
        data_dir: &Path,
    ) -> Result<Self, AccessError> {
        let public_origin = origin(public_origin)?;
        Ok(Self {
            upstream: origin(upstream)?,
            issuer: public_origin.origin().ascii_serialization(),
            public_origin,
            data_dir: data_dir.to_owned(),
            main_aud: MAIN_AUD.into(),
            step_up_aud: STEP_UP_AUD.into(),
            service_tokens: Vec::new(),
            token_life_s: 15 * 60,
            session_life_s: 24 * 60 * 60,
            body_limit_bytes: 64 * 1024 * 1024,
            upstream_timeout_s: 60,
            default_country: "JP".into(),
            colo: "NRT".into(),
        })
    }
}

fn origin(text: &str) -> Result<Url, AccessError> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none()
    });
    url.ok_or_else(|| AccessError::Config(format!("{text:?} is not http(s)://host[:port]")))
}
