//! The flow itself, on `openidconnect`.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreIdToken,
    CoreIdTokenClaims, CoreJsonWebKeySet, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    DiscoveryError, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    TokenResponse as _,
};
use secrecy::ExposeSecret as _;

use super::config::{MAX_ANSWER_BYTES, OidcConfig, OidcHttp};
use super::error::OidcError;
use super::identity::OidcIdentity;
use super::login::{Callback, LOGIN_MS, LoginState, Purpose, RANDOM_BYTES};
use crate::mfa::MfaEvidence;
use crate::transport::is_trustworthy_url;
use crate::{Email, FetchError};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A discovered provider. Cheap to keep for the life of the process; its keys are fetched
/// anew at every sign-in, so rotation needs no care.
pub struct OidcProvider<H> {
    config: OidcConfig,
    metadata: CoreProviderMetadata,
    redirect_url: RedirectUrl,
    http: HttpPort<H>,
}

impl<H: OidcHttp> OidcProvider<H> {
    /// Reads the provider's discovery document.
    ///
    /// # Errors
    /// `Config`, `Unreachable` or `Provider`.
    pub async fn discover(config: OidcConfig, http: H) -> Result<Self, OidcError> {
        if !is_trustworthy_url(&config.issuer) || !is_trustworthy_url(&config.redirect_url) {
            return Err(OidcError::Config(
                "issuer and redirect_url must be https URLs",
            ));
        }
        if config.client_id.is_empty() || config.leeway_s > 60 {
            return Err(OidcError::Config(
                "client id missing or leeway over 60 seconds",
            ));
        }
        let redirect_url = RedirectUrl::new(config.redirect_url.clone())
            .map_err(|_| OidcError::Config("redirect_url"))?;
        let issuer =
            IssuerUrl::new(config.issuer.clone()).map_err(|_| OidcError::Config("issuer"))?;
        let http = HttpPort(http);
        let metadata = CoreProviderMetadata::discover_async(issuer, &http)
            .await
            .map_err(discovery_error)?;
        check_endpoints(&metadata)?;
        Ok(Self {
            config,
            metadata,
            redirect_url,
            http,
        })
    }

    /// Begins a sign-in: where to send the browser, and what to keep in its session.
    ///
    /// `random` must be fresh bytes of the system's generator; `return_to` a path of this
    /// site.
    ///
    /// # Errors
    /// `ReturnPath`.
    pub fn begin(
        &self,
        random: &[u8; RANDOM_BYTES],
        purpose: Purpose,
        return_to: &str,
        now_ms: i64,
    ) -> Result<(String, LoginState), OidcError> {
        let login = LoginState::new(random, purpose, return_to, now_ms)?;
        let verifier = PkceCodeVerifier::new(login.pkce_verifier.clone());
        let (state, nonce) = (login.state.clone(), login.nonce.clone());
        let client = self.client(CoreJsonWebKeySet::default());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".into()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if purpose == Purpose::StepUp {
            request = request
                .add_prompt(CoreAuthPrompt::Login)
                .set_max_age(std::time::Duration::ZERO);
        }
        let (url, ..) = request.url();
        Ok((url.into(), login))
    }

    /// Ends a sign-in. The caller has removed `login` from the session, whatever comes of
    /// this, and rotates the session's id on success.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn finish(
        &self,
        login: LoginState,
        callback: &Callback,
        now_ms: i64,
    ) -> Result<OidcIdentity, OidcError> {
        let code = login.accept(callback, &self.config.issuer, now_ms)?;
        let keys = CoreJsonWebKeySet::fetch_async(self.metadata.jwks_uri(), &self.http)
            .await
            .map_err(discovery_error)?;
        let client = self.client(keys);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| OidcError::Provider("no token endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(login.pkce_verifier.clone()))
            .request_async(&self.http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(_) => OidcError::Code,
                RequestTokenError::Request(cause) => OidcError::Unreachable(cause),
                _ => OidcError::Provider("token answer"),
            })?;
        let token = answer.id_token().ok_or(OidcError::IdToken("missing"))?;
        let claims = self.verify(&client, token, login.nonce, now_ms)?;
        self.identity(claims, login.purpose)
    }

    fn client(&self, keys: CoreJsonWebKeySet) -> Client {
        let secret = self.config.client_secret.as_ref();
        let client = CoreClient::from_provider_metadata(
            self.metadata.clone().set_jwks(keys),
            ClientId::new(self.config.client_id.clone()),
            secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned())),
        );
        // Basic is the default where a provider names no method (OIDC Discovery §3).
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        let basic = methods.is_none_or(|m| m.contains(&CoreClientAuthMethod::ClientSecretBasic));
        client
            .set_auth_type(if basic {
                AuthType::BasicAuth
            } else {
                AuthType::RequestBody
            })
            .set_redirect_uri(self.redirect_url.clone())
    }

    /// RS256 by a published key, issuer, sole audience, nonce, expiry, and issued during this
    /// very sign-in.
    fn verify<'t>(
        &self,
        client: &Client,
        token: &'t CoreIdToken,
        nonce: String,
        now_ms: i64,
    ) -> Result<&'t CoreIdTokenClaims, OidcError> {
        let now = DateTime::<Utc>::from_timestamp_millis(now_ms)
            .ok_or(OidcError::Config("clock out of range"))?;
        let leeway_ms = i64::from(self.config.leeway_s) * 1000;
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256])
            .set_time_fn(move || now)
            .set_issue_time_verifier_fn(move |issued| {
                let age_ms = now_ms.saturating_sub(issued.timestamp_millis());
                let ok = (-leeway_ms..=LOGIN_MS + leeway_ms).contains(&age_ms);
                ok.then_some(()).ok_or_else(|| "iat".into())
            });
        token
            .claims(&verifier, &Nonce::new(nonce))
            .map_err(|error| {
                use openidconnect::ClaimsVerificationError as E;
                OidcError::IdToken(match error {
                    E::Expired(_) => "expired or issued at another time",
                    E::InvalidAudience(_) => "wrong audience",
                    E::InvalidIssuer(_) => "wrong issuer",
                    E::InvalidNonce(_) => "wrong nonce",
                    E::SignatureVerification(_) => "bad signature",
                    _ => "refused",
                })
            })
    }

    fn identity(
        &self,
        claims: &CoreIdTokenClaims,
        purpose: Purpose,
    ) -> Result<OidcIdentity, OidcError> {
        if claims
            .authorized_party()
            .is_some_and(|azp| **azp != self.config.client_id)
        {
            return Err(OidcError::IdToken("wrong authorized party"));
        }
        let verified = claims.email_verified().unwrap_or(false);
        if self.config.require_verified_email && !verified {
            return Err(OidcError::Email);
        }
        let email = claims.email().and_then(|email| Email::parse(email).ok());
        let sub = claims.subject().as_str();
        if sub.is_empty() || sub.len() > 255 {
            return Err(OidcError::IdToken("subject"));
        }
        let amr: Vec<String> = claims
            .auth_method_refs()
            .into_iter()
            .flatten()
            .map(|r| r.to_string())
            .collect();
        Ok(OidcIdentity {
            purpose,
            issuer: self.config.issuer.clone(),
            sub: sub.to_owned(),
            email: email.ok_or(OidcError::Email)?,
            mfa: MfaEvidence::from_amr(amr.iter().map(String::as_str)),
            amr,
            acr: claims.auth_context_ref().map(|acr| acr.to_string()),
            auth_time_ms: claims.auth_time().map(|time| time.timestamp_millis()),
            issued_ms: claims.issue_time().timestamp_millis(),
        })
    }
}

/// Codes, secrets and keys travel to these.
fn check_endpoints(metadata: &CoreProviderMetadata) -> Result<(), OidcError> {
    let token = metadata
        .token_endpoint()
        .ok_or(OidcError::Provider("no token endpoint"))?;
    let urls = [
        metadata.authorization_endpoint().as_str(),
        token,
        metadata.jwks_uri(),
    ];
    if urls.iter().all(|url| is_trustworthy_url(url)) {
        Ok(())
    } else {
        Err(OidcError::Provider("an endpoint is not https"))
    }
}

/// The port as `openidconnect` wants it. A named type with a boxed future, because with a
/// closure the compiler can't see that the flow's futures are `Send`.
struct HttpPort<H>(H);

impl<'c, H: OidcHttp + 'c> AsyncHttpClient<'c> for HttpPort<H> {
    type Error = FetchError;
    type Future = BoxFuture<'c, Result<HttpResponse, FetchError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let response = self.0.send(request).await?;
            if response.body().len() > MAX_ANSWER_BYTES {
                return Err(FetchError::TooLarge);
            }
            Ok(response)
        })
    }
}

fn discovery_error(error: DiscoveryError<FetchError>) -> OidcError {
    match error {
        DiscoveryError::Request(cause) => OidcError::Unreachable(cause),
        DiscoveryError::Response(status, ..) => {
            OidcError::Unreachable(FetchError::Status(status.as_u16()))
        }
        DiscoveryError::Validation(_) => OidcError::Provider("discovery names another issuer"),
        _ => OidcError::Provider("discovery document or keys"),
    }
}
