//! A router with every layer of this crate, and ways to ask it.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use axum::{Extension, Router};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use nexus_control::testing::{Breakable, SeededRandom, TestConsole};
use nexus_domain::actor::Actor;
use nexus_identity::access::{Application, Assertion, AssertionError};
use nexus_identity::ticket::TicketKey;
use nexus_sqlite::Sqlite;
use nexus_web::{Assertions, Caller, Web};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub(crate) struct World {
    pub(crate) t: TestConsole,
    pub(crate) web: Web,
    pub(crate) db: Arc<Breakable>,
    _dir: Option<TempDir>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// Last part of a problem's type.
    pub(crate) fn problem(&self) -> String {
        let json = self.json();
        json["type"]
            .as_str()
            .unwrap()
            .trim_start_matches("/problems/")
            .to_owned()
    }
}

/// Access that always says the same.
pub(crate) struct Says(pub(crate) Result<Assertion, AssertionError>);

#[async_trait]
impl Assertions for Says {
    async fn verify(
        &self,
        _: &HeaderMap,
        _: Application,
        _: i64,
    ) -> Result<Assertion, AssertionError> {
        self.0.clone()
    }
}

impl World {
    pub(crate) async fn new(access: Option<Says>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut world = Self::on(dir.path(), access, 1).await;
        world._dir = Some(dir);
        world
    }

    /// On the database of a folder, which stays. Lives of one database have other seeds.
    pub(crate) async fn on(dir: &Path, access: Option<Says>, seed: u64) -> Self {
        let db = Sqlite::open(&dir.join("console.db")).await.unwrap();
        db.migrate().await.unwrap();
        let db = Arc::new(Breakable::new(Arc::new(db)));
        let t = TestConsole::new(db.clone(), seed);
        let access = access.map(|says| Arc::new(says) as Arc<dyn Assertions>);
        let web = Web::new(
            t.console.clone(),
            access,
            TicketKey::new(Box::new([9; 32])),
            Arc::new(SeededRandom::new(2)),
            "https://console.example.com",
        );
        Self {
            t,
            web,
            db,
            _dir: None,
        }
    }

    /// The API with all layers, as a host puts them.
    pub(crate) fn router(&self) -> Router {
        let web = &self.web;
        nexus_web::api::router(web.clone())
            .route("/form", post(|| async { "changed" }))
            .layer(from_fn_with_state(web.clone(), nexus_web::identify))
            .layer(from_fn_with_state(web.clone(), nexus_web::same_origin))
            .merge(nexus_web::ops::router(web.clone()))
            .layer(from_fn_with_state(web.clone(), nexus_web::secure))
    }

    /// The API as somebody who is already identified.
    pub(crate) fn router_for(&self, actor: &Actor) -> Router {
        nexus_web::api::router(self.web.clone()).layer(Extension(Caller::Actor(actor.clone())))
    }
}

pub(crate) async fn ask(
    router: &Router,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = match body {
        Some(json) => request
            .header("content-type", "application/json")
            .body(Body::from(json.to_string())),
        None => request.body(Body::empty()),
    };
    let response = router.clone().oneshot(request.unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}
