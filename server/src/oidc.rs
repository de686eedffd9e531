//! The second way in: OpenID Connect for teams without Access. The protocol is
//! `nexus_identity::oidc`; here are its routes and what a session holds.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use nexus_control::ports::{Clock as _, Database, Random as _};
use nexus_identity::FetchError;
use nexus_identity::oidc::{
    Callback, LoginState, MAX_ANSWER_BYTES, OidcConfig, OidcHttp, OidcIdentity, OidcProvider,
    Purpose, RANDOM_BYTES,
};
use nexus_identity::step_up::{FreshSignIn, STEP_UP_MS};
use nexus_web::{ProblemDetails, SessionIdentity};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::fetch::Fetcher;
use crate::machine::Machine;
use crate::sessions::{EMAIL, Store};

const LOGIN: &str = "login";
const SIGNED_IN: &str = "signed_in";
/// When the session was last used, about.
const SEEN: &str = "seen_ms";
/// How often that is written: only a session that changes is stored anew, with
/// another [`IDLE_MINUTES`] to live.
const SEEN_EVERY_MS: i64 = 60_000;
/// A sign-in that was begun is finished within this time.
const LOGIN_MINUTES: i64 = 10;
/// A session unused for this long is over.
const IDLE_MINUTES: i64 = 30;
/// However much it is used.
const ABSOLUTE_MS: i64 = 12 * 3_600_000;

/// What a signed-in session knows.
#[derive(Serialize, Deserialize)]
struct SignedIn {
    email: String,
    mfa_proven: bool,
    at_ms: i64,
    /// The sign-in made for a step-up, and the only path that it was made for.
    fresh: Option<(FreshSignIn, String)>,
}

impl SignedIn {
    /// Whether the session is still good, if it is not idle.
    fn lasts(&self, now_ms: i64) -> bool {
        now_ms - self.at_ms < ABSOLUTE_MS
    }

    /// One sign-in is for one action.
    fn fresh_for(&self, path: &str, now_ms: i64) -> Option<FreshSignIn> {
        let (fresh, made_for) = self.fresh.as_ref()?;
        (made_for == path && now_ms - self.at_ms < STEP_UP_MS).then(|| fresh.clone())
    }
}

#[derive(Clone)]
struct Login(Arc<Inner>);

struct Inner {
    db: Arc<dyn Database>,
    fetcher: Fetcher,
    config: Box<dyn Fn() -> OidcConfig + Send + Sync>,
    /// Discovered at the first sign-in, so a provider that is down does not
    /// keep the console from starting.
    provider: OnceCell<OidcProvider<Fetcher>>,
}

/// Adds the sign-in routes and, around everything, the session.
pub(crate) fn wrap(
    pages: Router,
    db: Arc<dyn Database>,
    fetcher: Fetcher,
    https: bool,
    config: impl Fn() -> OidcConfig + Send + Sync + 'static,
) -> Router {
    let inner = Inner {
        db: db.clone(),
        fetcher,
        config: Box::new(config),
        provider: OnceCell::new(),
    };
    let login = Login(Arc::new(inner));
    let sessions = SessionManagerLayer::new(Store(db))
        .with_name(if https {
            "__Host-nexus"
        } else {
            "nexus_session"
        })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(time::Duration::minutes(IDLE_MINUTES)));
    Router::new()
        .route("/auth/login", get(begin))
        .route("/auth/callback", get(finish))
        .route("/auth/logout", post(logout))
        .route("/auth/logout-everywhere", post(logout_everywhere))
        // Behind Access, Cloudflare answers this address before us.
        .route(nexus_app::SIGN_OUT, get(logout_from_here))
        .with_state(login)
        .merge(pages)
        .layer(axum::middleware::from_fn(identity))
        .layer(sessions)
}

/// Tells the web layer who is signed in; sends a person who needs a fresh
/// sign-in to the provider.
async fn identity(session: Session, mut request: Request, next: Next) -> Response {
    let signed_in = session.get::<SignedIn>(SIGNED_IN).await.ok().flatten();
    let now_ms = Machine.now_ms();
    if let Some(signed_in) = signed_in.filter(|s| s.lasts(now_ms)) {
        if let Err(error) = touch(&session, now_ms).await {
            tracing::warn!(%error, "session not extended");
        }
        let path = request.uri().path();
        let fresh = signed_in.fresh_for(path, now_ms);
        if path.starts_with("/step-up/") && fresh.is_none() {
            return Redirect::to(&format!("/auth/login?step_up=true&return_to={path}"))
                .into_response();
        }
        request.extensions_mut().insert(SessionIdentity {
            email: signed_in.email,
            mfa_proven: signed_in.mfa_proven,
            fresh,
        });
    }
    next.run(request).await
}

/// Activity keeps a session alive.
async fn touch(session: &Session, now_ms: i64) -> Result<(), tower_sessions::session::Error> {
    let seen_ms: Option<i64> = session.get(SEEN).await?;
    if seen_ms.is_some_and(|seen_ms| now_ms - seen_ms < SEEN_EVERY_MS) {
        return Ok(());
    }
    session.insert(SEEN, now_ms).await
}

#[derive(Deserialize)]
struct Begin {
    #[serde(default)]
    return_to: Option<String>,
    #[serde(default)]
    step_up: bool,
}

async fn begin(
    State(login): State<Login>,
    session: Session,
    Query(query): Query<Begin>,
) -> Result<Redirect, Response> {
    let provider = login.provider().await?;
    let mut random = [0; RANDOM_BYTES];
    Machine.fill(&mut random);
    let purpose = if query.step_up {
        Purpose::StepUp
    } else {
        Purpose::Session
    };
    let return_to = query.return_to.as_deref().unwrap_or("/");
    let (url, state) = provider
        .begin(&random, purpose, return_to, Machine.now_ms())
        .map_err(refused)?;
    if session
        .get::<SignedIn>(SIGNED_IN)
        .await
        .map_err(failed)?
        .is_none()
    {
        // Anybody can begin: what comes of it must not stay long.
        let soon = time::Duration::minutes(LOGIN_MINUTES);
        session.set_expiry(Some(Expiry::OnInactivity(soon)));
    }
    session.insert(LOGIN, state).await.map_err(failed)?;
    Ok(Redirect::to(&url))
}

async fn finish(
    State(login): State<Login>,
    session: Session,
    Query(callback): Query<Callback>,
) -> Result<Redirect, Response> {
    let provider = login.provider().await?;
    // Taken out first: a callback can be used once.
    let state: Option<LoginState> = session.remove(LOGIN).await.map_err(failed)?;
    let state = state.ok_or_else(|| refused("no sign-in is under way in this browser"))?;
    let return_to = state.return_to().to_owned();
    let now_ms = Machine.now_ms();
    let identity = provider
        .finish(state, &callback, now_ms)
        .await
        .map_err(refused)?;
    let fresh = FreshSignIn::from_oidc(&identity)
        .inspect_err(|error| tracing::debug!(%error, "not good for a step-up"))
        .ok();
    if fresh.is_none() && return_to.starts_with("/step-up/") {
        return Err(refused(
            "the provider does not prove that you signed in just now",
        ));
    }
    sign_in(&session, &identity, fresh, &return_to, now_ms)
        .await
        .map_err(failed)?;
    Ok(Redirect::to(&return_to))
}

/// A new session id on every sign-in, so that none known before it is worth
/// anything after.
async fn sign_in(
    session: &Session,
    identity: &OidcIdentity,
    fresh: Option<FreshSignIn>,
    return_to: &str,
    now_ms: i64,
) -> Result<(), tower_sessions::session::Error> {
    session.cycle_id().await?;
    session.insert(EMAIL, identity.email.as_str()).await?;
    session.insert(SEEN, now_ms).await?;
    let signed_in = SignedIn {
        email: identity.email.as_str().to_owned(),
        mfa_proven: identity.mfa.is_proven(),
        at_ms: now_ms,
        fresh: fresh.map(|fresh| (fresh, return_to.to_owned())),
    };
    session.insert(SIGNED_IN, signed_in).await
}

/// For the pages that refuse a person and offer another account: they link to where Access
/// would sign out. A link on another site does nothing.
async fn logout_from_here(headers: HeaderMap, session: Session) -> Result<Redirect, Response> {
    let site = headers.get("sec-fetch-site").and_then(|v| v.to_str().ok());
    if site == Some("same-origin") {
        return logout(session).await;
    }
    Ok(Redirect::to("/"))
}

async fn logout(session: Session) -> Result<Redirect, Response> {
    session.flush().await.map_err(failed)?;
    Ok(Redirect::to("/"))
}

async fn logout_everywhere(
    State(login): State<Login>,
    session: Session,
) -> Result<Redirect, Response> {
    if let Some(email) = session.get::<String>(EMAIL).await.map_err(failed)? {
        nexus_control::sessions::delete_all_of(&*login.0.db, &email)
            .await
            .map_err(failed)?;
    }
    session.flush().await.map_err(failed)?;
    Ok(Redirect::to("/"))
}

impl Login {
    async fn provider(&self) -> Result<&OidcProvider<Fetcher>, Response> {
        let discover = || OidcProvider::discover((self.0.config)(), self.0.fetcher.clone());
        self.0
            .provider
            .get_or_try_init(discover)
            .await
            .map_err(failed)
    }
}

/// A refused sign-in: the reason is for the person, who can only try again.
fn refused(error: impl std::fmt::Display) -> Response {
    tracing::warn!(%error, "sign-in refused");
    let detail = format!("Sign-in failed: {error}");
    ProblemDetails::new(StatusCode::BAD_REQUEST, "sign-in", detail).into_response()
}

/// The provider or the database does not answer: the cause is for the log only.
fn failed(error: impl std::fmt::Display) -> Response {
    tracing::error!(%error, "sign-in is not possible");
    let detail = "Signing in is not possible now; try again";
    ProblemDetails::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).into_response()
}

#[async_trait]
impl OidcHttp for Fetcher {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, FetchError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|e| FetchError::Transport(e.without_url().to_string()))?;
        self.execute(request, MAX_ANSWER_BYTES).await
    }
}
