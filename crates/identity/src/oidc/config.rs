//! What the deployment says about its provider, and how it is reached.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::FetchError;

/// One OpenID provider and our registration there.
pub struct OidcConfig {
    /// Issuer exactly as in its discovery document.
    pub issuer: String,
    /// Our client id.
    pub client_id: String,
    /// Our client secret; `None` for a public client, which PKCE alone protects.
    pub client_secret: Option<SecretString>,
    /// Our callback, absolute.
    pub redirect_url: String,
    /// Refuse addresses the provider has not verified. Only for providers that verify every
    /// address without saying so may this be off: a member is found by address.
    pub require_verified_email: bool,
    /// Forgiven clock skew in seconds, at most 60.
    pub leeway_s: u32,
}

/// Largest answer of a provider, in bytes.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// Sends a request to the provider.
#[async_trait]
pub trait OidcHttp: Send + Sync {
    /// Answers whatever the status. Implementations follow no redirects, stop reading after
    /// [`MAX_ANSWER_BYTES`], give up after a few seconds, and log neither body nor query.
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, FetchError>;
}
