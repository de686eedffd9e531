//! Why an assertion was refused.

use super::keys::KeyError;
use crate::Country;
use crate::jws::JwsError;

/// Why a request has no identity. Messages name the rule, never the token's content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// The header is absent: the request did not come through Access.
    #[error("no assertion")]
    Missing,
    /// More than one header, so nobody can say which one Access set.
    #[error("more than one assertion")]
    MoreThanOne,
    /// The token itself is refused.
    #[error(transparent)]
    Token(#[from] JwsError),
    /// Our own knowledge of the keys is missing or too old.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The payload is no JSON object with unique names.
    #[error("malformed payload")]
    Payload,
    /// A claim is missing, of the wrong type or out of range.
    #[error("malformed claim {0}")]
    Claim(&'static str),
    /// `iss` is another organisation.
    #[error("wrong issuer")]
    Issuer,
    /// `aud` does not name this application, or the application is not configured.
    #[error("wrong audience")]
    Audience,
    /// `type` is not `app`.
    #[error("wrong token type")]
    Type,
    /// `exp` has passed.
    #[error("expired")]
    Expired,
    /// `nbf` is still to come.
    #[error("not yet valid")]
    NotYetValid,
    /// `iat` is in the future.
    #[error("issued in the future")]
    IssuedInFuture,
    /// Neither the shape of a person nor that of a service token.
    #[error("subject is neither person nor service")]
    Subject,
    /// The country is not allowed, or not known where one is demanded.
    #[error("country not allowed")]
    Country(Option<Country>),
}

impl AssertionError {
    /// True if the request may be fine and we could not find out (503), false if it must
    /// sign in again or is refused (401/403).
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Keys(_))
    }
}
