//! A console on SQLite behind the app's router, and requests as a browser sends them.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::middleware::{from_fn, from_fn_with_state};
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use nexus_app::{App, AppOptions, refusals, router};
use nexus_control::testing::TestConsole;
use nexus_control::views::{PendingRequest, TokenOnce};
use nexus_control::{Admission, Confirmed};
use nexus_domain::access::Scope;
use nexus_domain::actor::{Actor, Principal, SignIn};
use nexus_sqlite::Sqlite;
use nexus_web::{Caller, Nonce, RequestId};
use tower::ServiceExt as _;

pub(crate) struct World {
    pub(crate) t: TestConsole,
    owner: Actor,
    pub(crate) router: Router,
    _folder: tempfile::TempDir,
}

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) cookies: Vec<String>,
    pub(crate) text: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = Sqlite::open(&folder.path().join("console.db"))
            .await
            .expect("opens");
        sqlite.migrate().await.expect("migrates");
        let t = TestConsole::new(Arc::new(sqlite), 1);
        let options = AppOptions {
            dev: true,
            ..AppOptions::default()
        };
        let app = App::new(t.console.clone(), options);
        // As hosts put them.
        let router = router(app.clone())
            .layer(from_fn(nexus_web::limit_body))
            .layer(from_fn_with_state(app, refusals));
        let id = t.console.request_id();
        let admission =
            t.console
                .actor_for_person("owner@example.com", SignIn::AccessMfa, None, id);
        let Admission::Actor(owner) = admission.await.expect("admitted") else {
            panic!("the owner is admitted")
        };
        Self {
            t,
            owner,
            router,
            _folder: folder,
        }
    }

    pub(crate) async fn send(
        &self,
        caller: Caller,
        method: Method,
        path: &str,
        body: &str,
    ) -> Page {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .expect("a request");
        self.answer(caller, request).await
    }

    /// A page as a browser with these cookies gets it.
    pub(crate) async fn get_with(&self, actor: &Actor, path: &str, cookies: &str) -> Page {
        let request = Request::get(path)
            .header(header::COOKIE, cookies)
            .body(Body::empty())
            .expect("a request");
        self.answer(Caller::Actor(actor.clone()), request).await
    }

    async fn answer(&self, caller: Caller, mut request: Request<Body>) -> Page {
        request.extensions_mut().insert(caller);
        request.extensions_mut().insert(Nonce("n0nce".to_owned()));
        request.extensions_mut().insert(RequestId("req".to_owned()));
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        read(response).await
    }

    pub(crate) async fn get(&self, actor: &Actor, path: &str) -> Page {
        self.send(Caller::Actor(actor.clone()), Method::GET, path, "")
            .await
    }

    pub(crate) async fn post(&self, actor: &Actor, path: &str, body: &str) -> Page {
        self.send(Caller::Actor(actor.clone()), Method::POST, path, body)
            .await
    }

    pub(crate) fn owner(&self) -> Actor {
        self.owner.clone()
    }

    pub(crate) fn owner_id(&self) -> String {
        match &self.owner.principal {
            Principal::Person { member, .. } => member.as_str().to_owned(),
            _ => panic!("the owner is a person"),
        }
    }

    /// An API token that the owner has made.
    pub(crate) async fn token(&self, name: &str) -> TokenOnce {
        let request = PendingRequest::CreateToken {
            name: name.to_owned(),
            scopes: vec![Scope::ExperimentsRead],
            expires_days: 1,
        };
        match self.confirmed(request).await {
            Confirmed::Token(token) => token,
            Confirmed::Member(_) => panic!("a member"),
        }
    }

    /// What the owner asked for and confirmed with a second factor.
    pub(crate) async fn confirmed(&self, request: PendingRequest) -> Confirmed {
        let console = &self.t.console;
        let pending = console.request(&self.owner, request).await.expect("waits");
        let fresh = self.t.stepped_up(&self.owner, &pending.action_digest);
        console.confirm(&fresh, &pending.id).await.expect("done")
    }
}

async fn read(response: Response<Body>) -> Page {
    let status = response.status();
    let headers = response.headers().clone();
    let text = |name| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let cookies = headers.get_all(header::SET_COOKIE).iter();
    let cookies = cookies
        .filter_map(|v| v.to_str().ok())
        .map(str::to_owned)
        .collect();
    // A form that needs a second factor leads on by a page of its own.
    let refresh = text(header::REFRESH);
    let location = match refresh.strip_prefix("0;url=") {
        Some(url) => url.to_owned(),
        None => text(header::LOCATION),
    };
    let bytes = response
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    Page {
        status,
        location,
        cookies,
        text: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    char::from(b).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    pairs
        .iter()
        .map(|(k, v)| format!("{k}={}", encode(v)))
        .collect::<Vec<_>>()
        .join("&")
}
