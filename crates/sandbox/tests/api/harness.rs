//! A sandbox on a free port, in a directory of its own, with a clock to move.

use std::sync::Arc;

use nexus_sandbox::{ApiToken, DEMO_ACCOUNT_ID, ManualClock, Sandbox, SandboxConfig};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const USER_TOKEN: &str = "user-token-for-tests";
pub(crate) const ACCOUNT_TOKEN: &str = "account-token-for-tests";
/// 2026-01-01T00:00:00Z.
pub(crate) const START_MS: i64 = 1_767_225_600_000;

pub(crate) struct Account {
    pub(crate) sandbox: Sandbox,
    pub(crate) base: String,
    pub(crate) client: Client,
    pub(crate) clock: Arc<ManualClock>,
    dir: TempDir,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Account {
    pub(crate) async fn start() -> Self {
        let clock = Arc::new(ManualClock::at(START_MS));
        Self::start_in(tempfile::tempdir().unwrap(), clock).await
    }

    async fn start_in(dir: TempDir, clock: Arc<ManualClock>) -> Self {
        let mut config = SandboxConfig::demo(dir.path());
        config.api_tokens = vec![ApiToken::user(USER_TOKEN), ApiToken::account(ACCOUNT_TOKEN)];
        config.clock = clock.clone();
        config.d1_limit_ms = 2_000;
        let sandbox = nexus_sandbox::open(config).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let serving = tokio::spawn(nexus_sandbox::serve(listener, sandbox.router(), shutdown));
        let client = Client::new();
        Self {
            sandbox,
            base,
            client,
            clock,
            dir,
            stop,
            serving,
        }
    }

    /// Stops the sandbox and starts it again on what it kept.
    pub(crate) async fn restart(self) -> Self {
        let Self {
            sandbox,
            client,
            clock,
            dir,
            stop,
            serving,
            ..
        } = self;
        drop(client);
        stop.send(()).unwrap();
        serving.await.unwrap().unwrap();
        sandbox.close().await;
        drop(sandbox);
        Self::start_in(dir, clock).await
    }

    /// A request to `/client/v4{path}` with a user's token.
    pub(crate) fn api(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/client/v4{path}", self.base);
        self.client.request(method, url).bearer_auth(USER_TOKEN)
    }

    /// A request below the account.
    pub(crate) fn account(&self, method: Method, path: &str) -> RequestBuilder {
        self.api(method, &format!("/accounts/{DEMO_ACCOUNT_ID}{path}"))
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        ok(self.account(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        ok(self
            .account(Method::POST, path)
            .json(&body)
            .send()
            .await
            .unwrap())
        .await
    }

    /// A new namespace's path.
    pub(crate) async fn namespace(&self, title: &str) -> String {
        let made = self
            .post("/storage/kv/namespaces", json!({ "title": title }))
            .await;
        format!(
            "/storage/kv/namespaces/{}",
            made["result"]["id"].as_str().unwrap()
        )
    }

    /// A new database's path.
    pub(crate) async fn database(&self, name: &str) -> String {
        let made = self.post("/d1/database", json!({ "name": name })).await;
        format!("/d1/database/{}", made["result"]["uuid"].as_str().unwrap())
    }
}

/// The envelope of a success.
pub(crate) async fn ok(response: Response) -> Value {
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{status} {body}");
    assert_eq!(body["success"], true, "{body}");
    assert_eq!(body["errors"], json!([]));
    assert!(body["messages"].is_array());
    body
}

/// Status, code and message of a refusal in the envelope.
pub(crate) async fn refusal(request: RequestBuilder) -> (u16, u64, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["success"], false, "{body}");
    let error = &body["errors"][0];
    (
        status,
        error["code"].as_u64().unwrap(),
        error["message"].as_str().unwrap().to_owned(),
    )
}
