//! The OpenID provider over real sockets, with a client written against the specifications.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nexus_sandbox::ManualClock;
use nexus_sandbox::access::{People, demo_people};
use nexus_sandbox::oidc::{ACR_MFA, ACR_NONE, OidcClient, OidcConfig, OidcProvider};
use reqwest::{Client, Response, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Browser, START_MS, code_at, keys_into, location, state_of, verified};
use tokio::net::TcpListener;

const CALLBACK: &str = "http://127.0.0.1:7810/callback";
const VERIFIER: &str = "correct-horse-battery-staple-correct-horse-battery";
const OWNER: &str = "owner@demo.nexus";

struct World {
    origin: String,
    issuer: String,
    clock: Arc<ManualClock>,
    _data: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        keys_into(&data.path().join("oidc-keys.json"));
        let clock = Arc::new(ManualClock::at(START_MS));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let issuer = format!("{origin}/oidc");
        let client = OidcClient {
            id: "console".into(),
            secret: Some(SecretString::from("client+secret".to_owned())),
            redirect_uris: vec![CALLBACK.into()],
            post_logout_redirect_uris: vec!["http://127.0.0.1:7810/bye".into()],
        };
        let people = People::open(data.path(), demo_people(), "JP", clock.clone()).unwrap();
        let config = OidcConfig::local(&issuer, data.path(), client);
        let provider = OidcProvider::open(config, Arc::new(people), clock.clone())
            .await
            .unwrap();
        let router = axum::Router::new().nest("/oidc", provider.router());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            origin,
            issuer,
            clock,
            _data: data,
        }
    }

    fn authorize(&self, change: &[(&str, &str)]) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        let mut pairs = vec![
            ("client_id", "console"),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("state", "st&ate"),
            ("nonce", "n-1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in change {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        format!("/oidc/authorize?{query}")
    }

    /// Signs in and returns the code.
    async fn code(&self, email: &str) -> String {
        let mut browser = Browser::new(&self.origin);
        let login = location(&browser.go(&self.authorize(&[])).await);
        let page = browser.go(&login).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("form-action 'self' http://127.0.0.1:7810"),
            "{policy}"
        );
        let request = field(&login, "request");
        let first = [
            ("request", request.as_str()),
            ("email", email),
            ("lang", "en"),
        ];
        let mut answer = browser.submit("/oidc/login", &first).await;
        if location(&answer).starts_with("/oidc/mfa") {
            let state = state_of(&location(&answer));
            self.clock.advance_ms(30_000);
            let code = code_at(&self.clock, email);
            let second = [("state", state.as_str()), ("code", code.as_str())];
            answer = browser.submit("/oidc/mfa", &second).await;
        }
        let back = location(&answer);
        assert!(back.starts_with(CALLBACK), "{back}");
        assert_eq!(field(&back, "state"), "st&ate");
        assert_eq!(field(&back, "iss"), self.issuer);
        field(&back, "code")
    }

    async fn redeem(&self, change: &[(&str, &str)], code: &str) -> Response {
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in change {
            pairs.retain(|(known, _)| known != name);
            pairs.push((name, value));
        }
        let request = Client::new()
            .post(format!("{}/token", self.issuer))
            .form(&pairs);
        request
            .basic_auth("console", Some("client%2Bsecret"))
            .send()
            .await
            .unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        reqwest::get(format!("{}{path}", self.issuer))
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    async fn userinfo(&self, token: &str) -> Response {
        let request = Client::new()
            .get(format!("{}/userinfo", self.issuer))
            .bearer_auth(token);
        request.send().await.unwrap()
    }
}

fn field(address: &str, name: &str) -> String {
    let query = address.split_once('?').unwrap().1;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs
        .find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        .unwrap()
}

#[tokio::test]
async fn code_flow_with_pkce_from_discovery_to_sign_out() {
    let world = World::start().await;
    let metadata = world.get("/.well-known/openid-configuration").await;
    assert_eq!(metadata["issuer"], *world.issuer);
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );

    let code = world.code(OWNER).await;
    let answer = world.redeem(&[], &code).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let tokens: Value = answer.json().await.unwrap();
    assert_eq!(tokens["token_type"], "Bearer");
    let id_token = tokens["id_token"].as_str().unwrap();
    let claims = verified(
        id_token,
        &world.get("/jwks").await,
        &world.issuer,
        "console",
    );
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["email"], OWNER);
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["amr"], json!(["mfa", "otp"]));
    assert_eq!(claims["acr"], ACR_MFA);
    assert_eq!(claims["auth_time"], claims["iat"]);
    let access = tokens["access_token"].as_str().unwrap();
    let half = URL_SAFE_NO_PAD.encode(&Sha256::digest(access)[..16]);
    assert_eq!(claims["at_hash"], half);

    let about: Value = world.userinfo(access).await.json().await.unwrap();
    assert_eq!(about["sub"], claims["sub"]);
    assert_eq!(about["name"], "Olivia Ohno");
    assert_eq!(world.userinfo("x").await.status(), StatusCode::UNAUTHORIZED);

    let mut browser = Browser::new(&world.origin);
    let out = |to: &str| {
        format!("/oidc/end_session?id_token_hint={id_token}&state=s&post_logout_redirect_uri={to}")
    };
    let page = browser.go(&out("https://evil.example/")).await;
    assert_eq!(
        page.status(),
        StatusCode::OK,
        "a page, not a redirect elsewhere"
    );
    let answer = browser.go(&out("http://127.0.0.1:7810/bye")).await;
    assert_eq!(location(&answer), "http://127.0.0.1:7810/bye?state=s");
    assert_eq!(
        world.userinfo(access).await.status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn without_a_second_factor_the_token_says_so() {
    let world = World::start().await;
    let code = world.code("nomfa@demo.nexus").await;
    let tokens: Value = world.redeem(&[], &code).await.json().await.unwrap();
    let token = tokens["id_token"].as_str().unwrap();
    let claims = verified(token, &world.get("/jwks").await, &world.issuer, "console");
    assert_eq!(claims["acr"], ACR_NONE);
    assert!(claims.get("amr").is_none());
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier_client_and_address() {
    let world = World::start().await;
    for (change, error) in [
        (
            (
                "code_verifier",
                "another-verifier-another-verifier-another-verifier",
            ),
            "invalid_grant",
        ),
        (("code_verifier", "short"), "invalid_grant"),
        (("code_verifier", ""), "invalid_grant"),
        (
            ("redirect_uri", "http://127.0.0.1:7811/callback"),
            "invalid_grant",
        ),
        (("grant_type", "password"), "unsupported_grant_type"),
    ] {
        let code = world.code(OWNER).await;
        let answer = world.redeem(&[change], &code).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"], error);
        if error == "invalid_grant" {
            let again = world.redeem(&[], &code).await;
            assert_eq!(
                again.status(),
                StatusCode::BAD_REQUEST,
                "a failed try uses the code up"
            );
        }
    }
    let late = world.code(OWNER).await;
    world.clock.advance_ms(60_000);
    assert_eq!(
        world.redeem(&[], &late).await.status(),
        StatusCode::BAD_REQUEST
    );

    let code = world.code(OWNER).await;
    let tokens: Value = world.redeem(&[], &code).await.json().await.unwrap();
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(world.userinfo(access).await.status(), StatusCode::OK);
    assert_eq!(
        world.redeem(&[], &code).await.status(),
        StatusCode::BAD_REQUEST
    );
    let dead = world.userinfo(access).await;
    assert_eq!(
        dead.status(),
        StatusCode::UNAUTHORIZED,
        "a code used twice takes its token along"
    );
}

#[tokio::test]
async fn clients_prove_who_they_are() {
    let world = World::start().await;
    let form = [("grant_type", "authorization_code"), ("code", "x")];
    let token = format!("{}/token", world.issuer);
    let post = || Client::new().post(&token);
    let by_form = |secret: &'static str| {
        let more = [("client_id", "console"), ("client_secret", secret)];
        post().form(&[&form[..], &more[..]].concat())
    };
    for (request, error) in [
        (post().form(&form), "invalid_client"),
        (
            post().form(&form).basic_auth("console", Some("wrong")),
            "invalid_client",
        ),
        (
            post()
                .form(&form)
                .basic_auth("nobody", Some("client%2Bsecret")),
            "invalid_client",
        ),
        (by_form("wrong"), "invalid_client"),
        (
            by_form("client+secret").basic_auth("console", Some("client%2Bsecret")),
            "invalid_client",
        ),
        (by_form("client+secret"), "invalid_grant"),
        (post().json(&json!({})), "invalid_request"),
        (post().form(&[form[0], form[0]]), "invalid_request"),
    ] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["error"], error);
    }
}

#[tokio::test]
async fn unusable_requests_go_back_with_an_error_or_nowhere() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "email"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("prompt", "none"), "login_required"),
        (("request", "x.y.z"), "request_not_supported"),
    ] {
        let back = location(&browser.go(&world.authorize(&[change])).await);
        assert!(back.starts_with(CALLBACK));
        assert_eq!(field(&back, "error"), error);
        assert_eq!(field(&back, "state"), "st&ate");
    }
    for change in [
        ("client_id", "nobody"),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "http://127.0.0.1:7810/callback/../evil"),
    ] {
        let answer = browser.go(&world.authorize(&[change])).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(!answer.headers().contains_key("location"));
    }
    let doubled = format!("{}&state=2", world.authorize(&[]));
    assert_eq!(browser.go(&doubled).await.status(), StatusCode::BAD_REQUEST);
    let foreign = Client::new()
        .post(format!("{}/login", world.issuer))
        .header("origin", "https://evil.example")
        .form(&[("request", "x"), ("email", OWNER)]);
    assert_eq!(
        foreign.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
}
