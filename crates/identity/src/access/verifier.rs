//! The one way from a request's headers to an identity.

use http::HeaderMap;

use super::ASSERTION_HEADER;
use super::claims::{self, Assertion, Subject};
use super::config::{AccessConfig, Application, ConfigError};
use super::error::AssertionError;
use super::identity::{Identities, IdentityFetch, NoIdentity};
use super::keys::{JwksFetch, Keys};
use crate::jws::{JwsError, MAX_TOKEN_BYTES, UnverifiedJws};
use crate::mfa::{MfaEvidence, MfaSource};

/// Verifies assertions of one Access organisation. Share one per process: it holds the
/// key cache and its throttle.
pub struct AccessVerifier<F, I = NoIdentity> {
    config: AccessConfig,
    keys: Keys<F>,
    identities: Identities<I>,
}

impl<F: JwksFetch> AccessVerifier<F> {
    /// A verifier that never asks `get-identity`.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn new(config: AccessConfig, keys: F) -> Result<Self, ConfigError> {
        Self::with_identity(config, keys, NoIdentity)
    }
}

impl<F: JwksFetch, I: IdentityFetch> AccessVerifier<F, I> {
    /// A verifier that asks `get-identity` where `amr` must prove the second factor and
    /// the token has none.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn with_identity(config: AccessConfig, keys: F, identity: I) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            keys: Keys::new(keys, config.certs_url.clone()),
            identities: Identities::new(identity),
            config,
        })
    }

    /// The configuration in force.
    #[must_use]
    pub fn config(&self) -> &AccessConfig {
        &self.config
    }

    /// Who sent a request, by its headers.
    ///
    /// A person without a second factor is returned too, with the evidence saying so:
    /// whether one is needed depends on their role, which is not known here.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub async fn verify(
        &self,
        headers: &HeaderMap,
        application: Application,
        now_ms: i64,
    ) -> Result<Assertion, AssertionError> {
        let mut values = headers.get_all(ASSERTION_HEADER).iter();
        let value = values.next().ok_or(AssertionError::Missing)?;
        if values.next().is_some() {
            return Err(AssertionError::MoreThanOne);
        }
        if value.len() > MAX_TOKEN_BYTES {
            return Err(JwsError::TooLarge.into());
        }
        let token = value.to_str().map_err(|_| JwsError::Malformed("token"))?;
        self.verify_token(token, application, now_ms).await
    }

    /// The same for a token taken from elsewhere.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub async fn verify_token(
        &self,
        token: &str,
        application: Application,
        now_ms: i64,
    ) -> Result<Assertion, AssertionError> {
        let jws = UnverifiedJws::parse(token)?;
        let key = self
            .keys
            .get(jws.kid(), now_ms)
            .await?
            .ok_or(JwsError::UnknownKey)?;
        let payload = jws.verify(&key)?;
        let mut assertion = claims::check(&payload, &self.config, application, now_ms)?;
        self.complete_mfa(&mut assertion, token, now_ms).await;
        Ok(assertion)
    }

    async fn complete_mfa(&self, assertion: &mut Assertion, token: &str, now_ms: i64) {
        let by_amr = self.config.mfa_of(assertion.application) == MfaSource::Amr;
        if let Subject::Person(person) = &mut assertion.subject
            && by_amr
            && person.mfa == MfaEvidence::Absent
            && let Some(url) = &self.config.identity_url
        {
            person.mfa = self.identities.mfa(url, token, person, now_ms).await;
        }
    }
}
