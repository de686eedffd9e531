//! A running Access (or OpenID provider) with a console behind it that says what it got.
#![expect(clippy::unwrap_used, reason = "a test that cannot start has to stop")]
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test binary uses a part of this"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::IntoResponse;
use futures::StreamExt;
use nexus_sandbox::ManualClock;
use nexus_sandbox::access::{AccessConfig, AccessProxy, People, demo_people, totp};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// 2027-01-15, in the middle of no step in particular.
pub const START_MS: i64 = 1_800_000_007_000;

/// A running Access.
pub struct World {
    pub origin: String,
    pub data: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub proxy: AccessProxy,
    /// Lets the console's event stream send its second event.
    pub go_on: Arc<Notify>,
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub async fn start_with(change: impl FnOnce(&mut AccessConfig)) -> Self {
        let data = tempfile::tempdir().unwrap();
        keys_into(&data.path().join("keys.json"));
        let go_on = Arc::new(Notify::new());
        let upstream = console(Arc::clone(&go_on)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(ManualClock::at(START_MS));
        let mut config = AccessConfig::local(&upstream, &origin, data.path()).unwrap();
        change(&mut config);
        let proxy = open(config, data.path(), Arc::clone(&clock)).await;
        let router = proxy.router();
        tokio::spawn(nexus_sandbox::serve(
            listener,
            router,
            std::future::pending(),
        ));
        Self {
            origin,
            data,
            clock,
            proxy,
            go_on,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

pub async fn open(config: AccessConfig, data: &Path, clock: Arc<ManualClock>) -> AccessProxy {
    let people = People::open(data, demo_people(), "JP", clock.clone()).unwrap();
    AccessProxy::open(config, Arc::new(people), clock)
        .await
        .unwrap()
}

/// Puts the two keys of all tests there. They are made once per target directory, because
/// making them is slow without optimisation.
pub fn keys_into(path: &Path) {
    use rsa::pkcs8::{EncodePrivateKey, LineEnding};
    let shared = Path::new(env!("CARGO_TARGET_TMPDIR")).join("access-test-keys.json");
    if !shared.exists() {
        let keys = [1, 2].map(|number| {
            let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
            let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
            json!({ "kid": format!("test-{number}"), "pkcs8_pem": pem.as_str() })
        });
        let beside = tempfile::NamedTempFile::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::write(beside.path(), json!(keys).to_string()).unwrap();
        beside.persist(&shared).unwrap();
    }
    std::fs::copy(shared, path).unwrap();
}

/// The console: tells what it got, and streams two events with a wait between them.
async fn console(go_on: Arc<Notify>) -> String {
    let echo = |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| json!([name.as_str(), value.to_str().unwrap_or("?")]))
            .collect();
        let seen = json!({
            "method": method.as_str(), "uri": uri.to_string(), "headers": headers,
            "body_bytes": body.len(),
        });
        (
            [
                ("x-from", "console"),
                ("connection", "x-hop"),
                ("x-hop", "1"),
            ],
            seen.to_string(),
        )
    };
    let events = move || {
        let go_on = Arc::clone(&go_on);
        let first = futures::stream::once(async { Bytes::from("data: one\n\n") });
        let second = futures::stream::once(async move {
            go_on.notified().await;
            Bytes::from("data: two\n\n")
        });
        let body = axum::body::Body::from_stream(first.chain(second).map(Ok::<_, std::io::Error>));
        async move { ([("content-type", "text/event-stream")], body).into_response() }
    };
    let router = Router::new()
        .route("/stream", axum::routing::get(events))
        .fallback(echo)
        .layer(axum::extract::DefaultBodyLimit::disable());
    serve(router).await
}

/// Serves a router on a free port and returns its origin.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A browser as far as it matters: it keeps cookies by path, follows nothing by itself, and
/// says what browsers say.
pub struct Browser {
    client: Client,
    origin: String,
    /// (name, path, value)
    pub cookies: Vec<(String, String, String)>,
}

impl Browser {
    pub fn new(origin: &str) -> Self {
        let client = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            origin: origin.into(),
            cookies: Vec::new(),
        }
    }

    /// Goes to an address as by a click.
    pub async fn go(&mut self, path: &str) -> Response {
        let request = self
            .client
            .get(format!("{}{path}", self.origin))
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .header("sec-fetch-mode", "navigate")
            .header("cookie", self.cookie_header(path));
        let response = request.send().await.unwrap();
        self.keep(&response);
        response
    }

    /// Sends a form of our own pages.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let request = self
            .client
            .post(format!("{}{path}", self.origin))
            .header("accept", "text/html")
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header("cookie", self.cookie_header(path))
            .form(fields);
        let response = request.send().await.unwrap();
        self.keep(&response);
        response
    }

    /// Goes through both pages and returns where it was sent at the end.
    pub async fn sign_in(&mut self, world: &World, email: &str, target: &str) -> String {
        let first = [("email", email), ("redirect_url", target), ("lang", "en")];
        let answer = self.submit("/cdn-cgi/access/login", &first).await;
        let page = location(&answer);
        if !page.starts_with("/cdn-cgi/access/mfa") {
            return page;
        }
        self.enter_code(world, email, &page).await
    }

    /// Enters the next unused code on the second page.
    pub async fn enter_code(&mut self, world: &World, email: &str, page: &str) -> String {
        // A new step for every code, so none is ever a replay.
        world.clock.advance_ms(totp::STEP_S * 1000);
        let state = state_of(page);
        let code = code_now(world, email);
        let fields = [("state", state.as_str()), ("code", &code), ("lang", "en")];
        let answer = self.submit("/cdn-cgi/access/mfa", &fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        location(&answer)
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        let found = self.cookies.iter().find(|(known, ..)| known == name);
        found.map(|(_, _, value)| value.as_str())
    }

    fn cookie_header(&self, path: &str) -> String {
        let sent = self
            .cookies
            .iter()
            .filter(|(_, under, _)| path.starts_with(under.as_str()));
        sent.map(|(name, _, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; ")
    }

    fn keep(&mut self, response: &Response) {
        for header in response.headers().get_all("set-cookie") {
            let mut parts = header.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let parts: Vec<&str> = parts.collect();
            assert!(parts.contains(&"HttpOnly"), "{header:?}");
            let path = parts
                .iter()
                .find_map(|part| part.strip_prefix("Path="))
                .unwrap();
            self.cookies
                .retain(|(known, under, _)| known != name || under != path);
            if !parts.contains(&"Max-Age=0") {
                self.cookies.push((name.into(), path.into(), value.into()));
            }
        }
    }
}

pub fn location(response: &Response) -> String {
    response.headers()["location"].to_str().unwrap().to_owned()
}

pub fn state_of(page: &str) -> String {
    let query = page.split_once('?').unwrap().1;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs
        .find_map(|(name, value)| (name == "state").then(|| value.into_owned()))
        .unwrap()
}

pub fn code_now(world: &World, email: &str) -> String {
    code_at(&world.clock, email)
}

pub fn code_at(clock: &ManualClock, email: &str) -> String {
    let person = demo_people()
        .into_iter()
        .find(|person| person.email == email)
        .unwrap();
    let now_s = nexus_sandbox::Clock::now_ms(clock) / 1000;
    totp::code(
        &nexus_sandbox::access::secret(&person),
        totp::step_at(now_s),
    )
}

/// Every value of a header the console saw.
pub fn seen<'a>(echo: &'a Value, name: &str) -> Vec<&'a str> {
    let headers = echo["headers"].as_array().unwrap().iter();
    headers
        .filter(|pair| pair[0] == name)
        .map(|pair| pair[1].as_str().unwrap())
        .collect()
}

/// The claims of a token, verified against a JWKS by another library than the one that
/// signed. Times are not judged: the sandbox's clock stands still.
pub fn verified(token: &str, jwks: &Value, issuer: &str, audience: &str) -> Value {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
    let kid = decode_header(token).unwrap().kid.unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    let key = keys.iter().find(|key| key["kid"] == *kid).unwrap();
    let part = |name: &str| key[name].as_str().unwrap();
    let key = DecodingKey::from_rsa_components(part("n"), part("e")).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    decode(token, &key, &rules).unwrap().claims
}
