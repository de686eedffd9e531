//! The layer that says who calls: an API token, an Access assertion, or a
//! session of the OpenID Connect login, in this order. The first that is
//! present decides; a bad one is never covered up by another.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, header};
use nexus_control::ports::Random;
use nexus_control::{Admission, Console};
use nexus_domain::actor::{Actor, SignIn};
use nexus_identity::access::{
    AccessVerifier, Application, Assertion, AssertionError, IdentityFetch, JwksFetch, Subject,
};
use nexus_identity::step_up::FreshSignIn;
use nexus_identity::ticket::TicketKey;
use secrecy::SecretString;

use crate::step_up;
use crate::{Caller, RequestId, SignedOut};

/// What the layers and the API share. Cheap to clone.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    console: Console,
    access: Option<Arc<dyn Assertions>>,
    ticket_key: TicketKey,
    random: Arc<dyn Random>,
    public_origin: String,
}

/// An Access verifier whatever its ports are.
#[async_trait]
pub trait Assertions: Send + Sync {
    /// # Errors
    /// [`AssertionError`]; `Missing` when the request carries none.
    async fn verify(
        &self,
        headers: &HeaderMap,
        application: Application,
        now_ms: i64,
    ) -> Result<Assertion, AssertionError>;
}

#[async_trait]
impl<F: JwksFetch, I: IdentityFetch> Assertions for AccessVerifier<F, I> {
    async fn verify(
        &self,
        headers: &HeaderMap,
        application: Application,
        now_ms: i64,
    ) -> Result<Assertion, AssertionError> {
        Self::verify(self, headers, application, now_ms).await
    }
}

/// A signed-in session of the OpenID Connect login; the server's session layer
/// puts it into the request's extensions.
#[derive(Clone, Debug)]
pub struct SessionIdentity {
    pub email: String,
    pub mfa_proven: bool,
    /// A sign-in made for a step-up, until it is five minutes old.
    pub fresh: Option<FreshSignIn>,
}

impl Web {
    /// `public_url` is where people open the console; its origin is the only
    /// one that may change anything.
    #[must_use]
    pub fn new(
        console: Console,
        access: Option<Arc<dyn Assertions>>,
        ticket_key: TicketKey,
        random: Arc<dyn Random>,
        public_url: &str,
    ) -> Self {
        let public_origin = public_url.trim_end_matches('/').to_owned();
        Self(Arc::new(Inner {
            console,
            access,
            ticket_key,
            random,
            public_origin,
        }))
    }

    #[must_use]
    pub fn console(&self) -> &Console {
        &self.0.console
    }

    #[must_use]
    pub fn public_origin(&self) -> &str {
        &self.0.public_origin
    }

    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.public_origin.starts_with("https://")
    }

    pub(crate) fn random(&self) -> &dyn Random {
        self.0.random.as_ref()
    }

    pub(crate) fn ticket_key(&self) -> &TicketKey {
        &self.0.ticket_key
    }
}

/// Puts a [`Caller`] into the request; on the step-up paths also hands out and
/// takes in the step-up ticket.
pub async fn identify(State(web): State<Web>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (caller, fresh) = match caller_of(&web, &parts).await {
        Ok(found) => found,
        Err(signed_out) => (Caller::SignedOut(signed_out), None),
    };
    let (caller, cookie) = step_up::carry(&web, &parts, caller, fresh).await;
    parts.extensions.insert(caller);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

type Found = (Caller, Option<FreshSignIn>);

async fn caller_of(web: &Web, request: &Parts) -> Result<Found, SignedOut> {
    let headers = &request.headers;
    let request_id = request
        .extensions
        .get::<RequestId>()
        .map(|id| id.0.clone())
        .unwrap_or_default();
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|v| v.strip_prefix("Bearer "));
        let token = SecretString::from(token.ok_or(SignedOut::BadToken)?.trim().to_owned());
        let actor = web.console().actor_for_token(&token, request_id).await;
        let actor = actor.map_err(unavailable)?.ok_or(SignedOut::BadToken)?;
        return Ok((Caller::Actor(actor), None));
    }
    if let Some(access) = &web.0.access {
        let application = step_up::application_of(request.uri.path());
        let now_ms = web.console().now_ms();
        match access.verify(headers, application, now_ms).await {
            Ok(assertion) => return by_assertion(web, &assertion, request_id).await,
            Err(AssertionError::Missing) => {}
            Err(error) => {
                tracing::warn!(%error, "assertion refused");
                return Err(if error.is_outage() {
                    SignedOut::Unverifiable
                } else {
                    SignedOut::BadToken
                });
            }
        }
    }
    let session = request
        .extensions
        .get::<SessionIdentity>()
        .ok_or(SignedOut::NoToken)?;
    let email = session.email.clone();
    if !session.mfa_proven {
        return Err(SignedOut::NoMfa { email });
    }
    let caller = person(web, &email, SignIn::OidcMfa, request_id).await?;
    Ok((caller, session.fresh.clone()))
}

async fn by_assertion(
    web: &Web,
    assertion: &Assertion,
    request_id: String,
) -> Result<Found, SignedOut> {
    match &assertion.subject {
        Subject::Service { client_id } => {
            let admission = web.console().actor_for_service(client_id, request_id).await;
            let actor = admitted(admission.map_err(unavailable)?)?;
            Ok((Caller::Actor(actor), None))
        }
        Subject::Person(found) => {
            let email = found.email.as_str();
            if !found.mfa.is_proven() {
                return Err(SignedOut::NoMfa {
                    email: email.to_owned(),
                });
            }
            let caller = person(web, email, SignIn::AccessMfa, request_id).await?;
            Ok((caller, FreshSignIn::from_access(assertion).ok()))
        }
    }
}

async fn person(
    web: &Web,
    email: &str,
    sign_in: SignIn,
    request_id: String,
) -> Result<Caller, SignedOut> {
    let admission = web
        .console()
        .actor_for_person(email, sign_in, None, request_id)
        .await;
    admitted(admission.map_err(unavailable)?).map(Caller::Actor)
}

fn admitted(admission: Admission) -> Result<Actor, SignedOut> {
    match admission {
        Admission::Actor(actor) => Ok(actor),
        Admission::NotMember { email } => Err(SignedOut::NotMember { email }),
        Admission::Disabled { email } => Err(SignedOut::Disabled { email }),
    }
}

fn unavailable(error: nexus_control::Error) -> SignedOut {
    tracing::error!(%error, "members can't be read");
    SignedOut::Unverifiable
}
