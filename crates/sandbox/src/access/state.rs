//! Everything one Access holds, and what a request's credentials amount to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;

use super::config::AccessConfig;
use super::error::AccessError;
use super::keys::KeyRing;
use super::people::People;
use super::service::{Presented, ServiceTokens};
use super::sessions::{Claims, Session, Sessions};
use super::shelf::Shelf;
use super::web;
use crate::Clock;

/// The cookie of a signed-in browser; its value is the application token, as at Cloudflare.
pub(crate) const TOKEN_COOKIE: &str = "CF_Authorization";
/// Ties a half-done sign-in to the browser that began it.
pub(crate) const BROWSER_COOKIE: &str = "CF_AppSession";
/// Holds the ticket for one step-up request.
pub(crate) const TICKET_COOKIE: &str = "CF_StepUp";
/// Path of Access's own pages.
pub(crate) const BASE: &str = "/cdn-cgi/access";

/// A step-up assertion is for one request now; it need not outlive it.
const STEP_UP_LIFE_S: i64 = 60;
/// A token with less than this left is replaced.
const RENEW_BELOW_S: i64 = 120;
const SIGN_IN_LIFE_MS: i64 = 10 * 60 * 1000;
const TICKET_LIFE_MS: i64 = 60 * 1000;
const SHELF_CAPACITY: usize = 2_000;

/// A sign-in between the first and the second page.
#[derive(Clone)]
pub(crate) struct Started {
    pub(crate) email: String,
    pub(crate) target: String,
    /// Value of [`BROWSER_COOKIE`] of the browser that began.
    pub(crate) browser: String,
    /// For a step-up of somebody signed in: the session it belongs to.
    pub(crate) session: Option<String>,
}

/// Permission for one step-up request.
#[derive(Clone)]
pub(crate) struct Ticket {
    pub(crate) session: String,
    pub(crate) target: String,
}

/// Who a request comes from.
pub(crate) enum Caller {
    Person(Session),
    Service(String),
}

/// Why a request with credentials goes no further.
#[derive(Debug)]
pub(crate) enum Refusal {
    Bad(&'static str),
    Disabled,
}

pub(crate) struct Access {
    pub(crate) config: AccessConfig,
    pub(crate) origin: String,
    pub(crate) people: Arc<People>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) sessions: Sessions,
    pub(crate) services: ServiceTokens,
    pub(crate) started: Shelf<Started>,
    pub(crate) tickets: Shelf<Ticket>,
    pub(crate) client: Client<HttpConnector, Body>,
    minted: Mutex<HashMap<String, Minted>>,
}

/// The last main token of a session or service token, so that signing is rare.
struct Minted {
    token: String,
    kid: String,
    exp: i64,
}

impl Access {
    pub(crate) fn new(
        config: AccessConfig,
        people: Arc<People>,
        clock: Arc<dyn Clock>,
        keys: KeyRing,
        client: Client<HttpConnector, Body>,
    ) -> Result<Self, AccessError> {
        Ok(Self {
            origin: config.public_origin.origin().ascii_serialization(),
            sessions: Sessions::open(&config.data_dir)?,
            services: ServiceTokens::new(&config.service_tokens),
            started: Shelf::new(SIGN_IN_LIFE_MS, SHELF_CAPACITY),
            tickets: Shelf::new(TICKET_LIFE_MS, SHELF_CAPACITY),
            minted: Mutex::new(HashMap::new()),
            keys: Arc::new(keys),
            config,
            people,
            clock,
            client,
        })
    }

    /// What the credentials of a request amount to. Service-token headers come first and
    /// never fall back to the cookie.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Option<Caller>, Refusal> {
        match self.services.judge(headers) {
            Presented::Valid(client_id) => return Ok(Some(Caller::Service(client_id))),
            Presented::Bad => return Err(Refusal::Bad("the service token is not valid")),
            Presented::Disabled => return Err(Refusal::Disabled),
            Presented::Nothing => {}
        }
        Ok(self.session_of(headers).map(Caller::Person))
    }

    /// The live sign-in of a request's cookie (or `cf-access-token`, which `cloudflared`
    /// sends). An outlived token of a live session is fine: a new one is made from it.
    pub(crate) fn session_of(&self, headers: &HeaderMap) -> Option<Session> {
        let token = web::cookie(headers, TOKEN_COOKIE)
            .or_else(|| web::single(headers, "cf-access-token"))?;
        let (_, claims) = self.keys.open_token::<Claims>(token)?;
        let ours = claims.iss == self.config.issuer && claims.aud.contains(&self.config.main_aud);
        let session = self
            .sessions
            .find(&claims.identity_nonce?, self.clock.now_ms())?;
        (ours && claims.email.as_ref() == Some(&session.email)).then_some(session)
    }

    /// A main-application token for the caller: the last one while it is good.
    pub(crate) fn main_token(&self, caller: &Caller) -> Result<String, AccessError> {
        let now_s = self.now_s();
        let kid = self.keys.current_kid();
        let name = match caller {
            Caller::Person(session) => format!("person {}", session.id),
            Caller::Service(client_id) => format!("service {client_id}"),
        };
        let mut minted = self.minted.lock().unwrap_or_else(PoisonError::into_inner);
        let least_s = RENEW_BELOW_S.min(self.config.token_life_s / 2);
        if let Some(last) = minted.get(&name)
            && last.kid == kid
            && last.exp - now_s > least_s
        {
            return Ok(last.token.clone());
        }
        let (iss, aud) = (&self.config.issuer, &self.config.main_aud);
        let claims = match caller {
            Caller::Person(session) => {
                Claims::person(session, iss, aud, now_s, self.config.token_life_s)
            }
            Caller::Service(id) => Claims::service(id, iss, aud, now_s, self.config.token_life_s),
        };
        let token = self.keys.sign(&claims)?;
        minted.retain(|_, last| last.exp > now_s);
        minted.insert(
            name,
            Minted {
                token: token.clone(),
                kid,
                exp: claims.exp,
            },
        );
        Ok(token)
    }

    fn now_s(&self) -> i64 {
        self.clock.now_ms().div_euclid(1000)
    }

    /// A fresh step-up token.
    pub(crate) fn step_up_token(&self, session: &Session) -> Result<String, AccessError> {
        let (iss, aud) = (&self.config.issuer, &self.config.step_up_aud);
        self.keys.sign(&Claims::person(
            session,
            iss,
            aud,
            self.now_s(),
            STEP_UP_LIFE_S,
        ))
    }

    /// `Set-Cookie` for a session's token.
    pub(crate) fn token_cookie(&self, session: &Session, token: &str) -> Option<HeaderValue> {
        let left_s = (session.until_ms - self.clock.now_ms()) / 1000;
        self.cookie(TOKEN_COOKIE, token, "/", "Lax", left_s)
    }

    pub(crate) fn cookie(
        &self,
        name: &str,
        value: &str,
        path: &str,
        same_site: &str,
        max_age_s: i64,
    ) -> Option<HeaderValue> {
        let secure = self.config.public_origin.scheme() == "https";
        web::set_cookie(name, value, path, same_site, max_age_s, secure)
    }
}
