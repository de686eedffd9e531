//! Why a sign-in with OpenID Connect failed.

use crate::FetchError;

/// Why a sign-in failed. Messages are for logs; none holds a code, token or secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// Our own configuration is unusable.
    #[error("configuration: {0}")]
    Config(&'static str),
    /// The provider can't be reached.
    #[error("provider: {0}")]
    Unreachable(FetchError),
    /// Its discovery document, keys or token answer are unusable.
    #[error("provider: {0}")]
    Provider(&'static str),
    /// The path to come back to is not one of this site.
    #[error("return path refused")]
    ReturnPath,
    /// The callback belongs to no sign-in begun in this browser.
    #[error("state does not match")]
    State,
    /// The sign-in took longer than [`super::LOGIN_MS`].
    #[error("sign-in took too long")]
    TooSlow,
    /// The callback comes from another provider (RFC 9207).
    #[error("callback of another issuer")]
    OtherIssuer,
    /// The person cancelled or the provider refused; a code of OAuth 2.0.
    #[error("provider refused: {0}")]
    Refused(String),
    /// The code was not accepted: used, expired, or made for another PKCE challenge.
    #[error("code refused")]
    Code,
    /// The ID token failed a check.
    #[error("ID token: {0}")]
    IdToken(&'static str),
    /// No address, one nobody verified, or not an address.
    #[error("no usable e-mail address")]
    Email,
}
