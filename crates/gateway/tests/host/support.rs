//! A gateway with everything around it on real sockets: two origins, a KV, a console.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use nexus_flags::{SigningKey, Snapshot, TrustedKey, sign};
use nexus_gateway::host::{IngestOptions, KvSource, Options, Running, Source, start};
use nexus_gateway::{Batch, Event, Settings, StatusToken};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Seed of the key that gateways under test trust.
pub(crate) const KEY: [u8; 32] = [9; 32];

/// Opens the whole status.
const STATUS_TOKEN: &str = "status-token";

/// Serves on a free port; the authority.
pub(crate) async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    authority
}

/// An origin that answers with what it got.
pub(crate) async fn echo_origin(name: &'static str) -> String {
    let echo = move |request: Request| async move {
        let (parts, body) = request.into_parts();
        let headers: Vec<_> = parts
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = axum::body::to_bytes(body, 1 << 20)
            .await
            .unwrap_or_default();
        let answer = json!({
            "origin": name,
            "method": parts.method.as_str(),
            "target": parts.uri.to_string(),
            "headers": headers,
            "body": String::from_utf8_lossy(&body),
        });
        (
            [
                ("connection", "close, x-secret-hop"),
                ("x-secret-hop", "1"),
                ("x-origin", name),
            ],
            Json(answer),
        )
    };
    serve(Router::new().fallback(echo)).await
}

/// What stands in for Workers KV behind Cloudflare's API.
#[derive(Clone, Default)]
pub(crate) struct Kv {
    value: Arc<Mutex<Option<Bytes>>>,
    status: Arc<AtomicU16>,
    /// Grows when the namespace is deleted and made anew.
    incarnation: Arc<AtomicUsize>,
}

impl Kv {
    /// Deletes the namespace and makes an empty one under the same title.
    pub(crate) fn recreate(&self) {
        *self.value.lock().unwrap() = None;
        self.incarnation.fetch_add(1, Ordering::SeqCst);
    }

    fn namespace_id(&self) -> String {
        format!("ns{}", self.incarnation.load(Ordering::SeqCst))
    }

    pub(crate) fn put(&self, envelope: impl Into<Bytes>) {
        *self.value.lock().unwrap() = Some(envelope.into());
    }

    /// Answers this status from now on; 0 heals.
    pub(crate) fn fail(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    async fn serve(&self) -> String {
        let namespaces = "/client/v4/accounts/acc/storage/kv/namespaces";
        let router = Router::new()
            .route(namespaces, get(list_namespaces))
            .route(
                &format!("{namespaces}/{{id}}/values/snapshot:staging"),
                get(read_value),
            )
            .with_state(self.clone());
        format!("http://{}/client/v4", serve(router).await)
    }
}

async fn list_namespaces(State(kv): State<Kv>) -> Response {
    let listed = json!([{ "id": kv.namespace_id(), "title": "nexus-config" }]);
    Json(json!({ "success": true, "result": listed })).into_response()
}

/// As Cloudflare says it.
fn not_found(code: u32, message: &str) -> Response {
    let errors = json!([{ "code": code, "message": message }]);
    let body = json!({ "success": false, "errors": errors, "messages": [], "result": null });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn read_value(State(kv): State<Kv>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if headers
        .get("authorization")
        .is_none_or(|token| token != "Bearer kv-token")
    {
        return StatusCode::FORBIDDEN.into_response();
    }
    match kv.status.load(Ordering::SeqCst) {
        0 => {}
        status => return StatusCode::from_u16(status).unwrap().into_response(),
    }
    if id != kv.namespace_id() {
        return not_found(10_013, "get: 'namespace not found'");
    }
    match kv.value.lock().unwrap().clone() {
        Some(value) => value.into_response(),
        None => not_found(10_009, "get: 'key not found'"),
    }
}

/// What stands in for the console's ingest.
#[derive(Clone, Default)]
pub(crate) struct Console {
    batches: Arc<Mutex<Vec<Batch>>>,
    status: Arc<AtomicU16>,
    drop_replies: Arc<AtomicUsize>,
    most_events: Arc<AtomicUsize>,
}

impl Console {
    /// Answers this status from now on; 0 heals.
    pub(crate) fn fail(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Takes the next batches but answers 502, as if the reply were lost.
    pub(crate) fn drop_replies(&self, count: usize) {
        self.drop_replies.store(count, Ordering::SeqCst);
    }

    /// Finds batches with more events too large.
    pub(crate) fn take_at_most(&self, events: usize) {
        self.most_events.store(events, Ordering::SeqCst);
    }

    pub(crate) fn batches(&self) -> Vec<Batch> {
        self.batches.lock().unwrap().clone()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.batches()
            .into_iter()
            .flat_map(|batch| batch.events)
            .collect()
    }

    async fn serve(&self) -> String {
        let router = Router::new()
            .route("/api/v1/ingest", post(ingest))
            .with_state(self.clone());
        format!("http://{}/api/v1/ingest", serve(router).await)
    }
}

async fn ingest(
    State(console): State<Console>,
    headers: HeaderMap,
    Json(batch): Json<Batch>,
) -> Response {
    if headers
        .get("authorization")
        .is_none_or(|token| token != "Bearer ingest-token")
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match console.status.load(Ordering::SeqCst) {
        0 => {}
        status => return StatusCode::from_u16(status).unwrap().into_response(),
    }
    let accepted = batch.events.len();
    let most = console.most_events.load(Ordering::SeqCst);
    if most > 0 && accepted > most {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    console.batches.lock().unwrap().push(batch);
    let dropping = console
        .drop_replies
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
    if accepted > 0 && dropping.is_ok() {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    Json(json!({ "accepted": accepted, "duplicate": 0, "rejected": [] })).into_response()
}

/// A gateway and its surroundings.
pub(crate) struct World {
    pub(crate) kv: Kv,
    pub(crate) console: Console,
    pub(crate) gateway: Running,
    pub(crate) client: reqwest::Client,
}

impl World {
    /// With echoing origins.
    pub(crate) async fn new() -> Self {
        let (stable, canary) = (echo_origin("stable").await, echo_origin("canary").await);
        Self::with_origins(&stable, &canary).await
    }

    pub(crate) async fn with_origins(stable: &str, canary: &str) -> Self {
        Self::build(stable, canary, "127.0.0.0/8").await
    }

    pub(crate) async fn build(stable: &str, canary: &str, trusted: &str) -> Self {
        Self::build_with(stable, canary, trusted, |_| {}).await
    }

    pub(crate) async fn build_with(
        stable: &str,
        canary: &str,
        trusted: &str,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let (kv, console) = (Kv::default(), Console::default());
        let origins = format!("stable=http://{stable},canary=http://{canary}");
        let mut settings = Settings::new("gw-1", "staging", &origins)
            .unwrap()
            .with_events("/events", ["https://shop.example".to_owned()])
            .unwrap();
        settings.test_decide = true;
        settings.max_streams = 16;
        settings.max_body_bytes = 100_000;
        settings.status_token = Some(StatusToken::new(STATUS_TOKEN));
        change(&mut settings);
        let source = KvSource::new(
            &kv.serve().await,
            "acc",
            "kv-token".to_owned().into(),
            "nexus-config",
            "snapshot:staging",
        );
        let options = Options {
            settings,
            keys: vec![TrustedKey::new(
                "k1",
                SigningKey::from_bytes(&KEY).verifying_key(),
            )],
            trusted_proxies: trusted.parse().unwrap(),
            source: Some(Source::Kv(Box::new(source.unwrap()))),
            poll_every: Duration::from_millis(50),
            ingest: Some(IngestOptions {
                url: console.serve().await,
                token: "ingest-token".to_owned().into(),
                gateway_id: "gw-1".to_owned(),
                environment: "staging".to_owned(),
            }),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gateway = start(listener, options).unwrap();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            kv,
            console,
            gateway,
            client,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.gateway.address())
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.client.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = self.client.post(self.url(path)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::read(request.send().await.unwrap()).await
    }

    /// Publishes a snapshot and waits until it is in force.
    pub(crate) async fn publish(&self, snapshot: &Snapshot) {
        self.kv.put(envelope(snapshot, &KEY));
        self.until_version(snapshot.version).await;
    }

    pub(crate) async fn status(&self) -> Value {
        let token = format!("Bearer {STATUS_TOKEN}");
        self.get("/__nexus/status", &[("authorization", &token)])
            .await
            .json()
    }

    pub(crate) async fn until_version(&self, version: u64) {
        let mut status = Value::Null;
        for _ in 0..400 {
            status = self.status().await;
            if status["snapshot"]["version"] == version {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("version {version} never came into force: {status}");
    }

    /// Waits until the status says something about the last error.
    pub(crate) async fn until_error(&self, part: &str) {
        let mut status = Value::Null;
        for _ in 0..400 {
            status = self.status().await;
            if status["snapshot"]["last_error"]
                .as_str()
                .is_some_and(|error| error.contains(part))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no error with {part:?}: {status}");
    }
}

/// Polls until it holds; fails after 10 s.
pub(crate) async fn eventually(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never happened: {what}");
}

/// An answer read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self {
            status,
            headers,
            body: response.bytes().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header of the request as the echoing origin got it.
    pub(crate) fn echoed(&self, name: &str) -> Option<String> {
        let headers = self.json()["headers"].clone();
        let pairs: Vec<(String, String)> = serde_json::from_value(headers).unwrap();
        pairs
            .into_iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn decision(&self) -> Value {
        self.echoed("x-nexus-decision")
            .map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }
}

pub(crate) fn envelope(snapshot: &Snapshot, key: &[u8; 32]) -> Vec<u8> {
    let signed = sign(&SigningKey::from_bytes(key), "k1", snapshot).unwrap();
    serde_json::to_vec(&signed).unwrap()
}

/// One experiment, half and half; the treatment runs on the canary.
pub(crate) fn half_and_half(version: u64) -> Snapshot {
    serde_json::from_value(json!({
        "version": version, "environment": "staging", "created_ms": 1_700_000_000_000_i64,
        "experiments": [{
            "id": "checkout", "seed": "checkout", "coverage_bp": 10_000,
            "variants": [
                { "key": "control", "weight_bp": 5_000, "features": { "button": "Buy" } },
                { "key": "treatment", "weight_bp": 5_000, "features": { "button": "今すぐ" }, "deployment": "canary" },
            ],
        }],
    }))
    .unwrap()
}
