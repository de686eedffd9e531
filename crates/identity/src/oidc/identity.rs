//! Who signed in.

use serde::Serialize;

use super::login::Purpose;
use crate::Email;
use crate::mfa::MfaEvidence;
use crate::step_up::{FreshSignIn, StepUpError};

/// A person as the provider's ID token names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OidcIdentity {
    /// What the sign-in was for.
    pub purpose: Purpose,
    /// The provider; `sub` is unique only within it.
    pub issuer: String,
    /// The provider's id of the person.
    pub sub: String,
    /// Lower-cased address, the key to the member.
    pub email: Email,
    /// `amr` as sent.
    pub amr: Vec<String>,
    /// What `amr` proves.
    pub mfa: MfaEvidence,
    /// `acr` as sent; its meaning is the provider's.
    pub acr: Option<String>,
    /// When the person signed in at the provider, in milliseconds, if it says so.
    pub auth_time_ms: Option<i64>,
    /// When the token was made, in milliseconds.
    pub issued_ms: i64,
}

impl FreshSignIn {
    /// From a sign-in begun with [`Purpose::StepUp`]. The provider must say when the person
    /// signed in, as it must after `max_age`: a token alone may come from an old session.
    ///
    /// # Errors
    /// `Application` for a session's sign-in, `NotFresh` without `auth_time`.
    pub fn from_oidc(identity: &OidcIdentity) -> Result<Self, StepUpError> {
        if identity.purpose != Purpose::StepUp {
            return Err(StepUpError::Application);
        }
        let at_ms = identity.auth_time_ms.ok_or(StepUpError::NotFresh)?;
        Ok(Self::new(
            identity.email.clone(),
            identity.sub.clone(),
            at_ms.min(identity.issued_ms),
            identity.mfa.clone(),
        ))
    }
}
