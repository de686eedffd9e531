//! The console's own verifier and OpenID client against what the sandbox gives out.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use axum::http;
use nexus_identity::FetchError;
use nexus_identity::access::{
    AccessConfig, AccessVerifier, Application, Assertion, AssertionError, JwksFetch, Subject,
};
use nexus_identity::oidc::{Callback, OidcHttp, OidcProvider as Client, Purpose, RANDOM_BYTES};
use nexus_identity::{MfaSource, oidc};
use nexus_sandbox::access::{MAIN_AUD, People, STEP_UP_AUD, demo_people};
use nexus_sandbox::oidc::{OidcClient, OidcConfig, OidcProvider};
use nexus_sandbox::{Clock, ManualClock};
use serde_json::Value;
use support::{Browser, START_MS, World, code_at, keys_into, location, seen, state_of};

const OWNER: &str = "owner@demo.nexus";

struct Http;

#[async_trait]
impl JwksFetch for Http {
    async fn fetch(&self, url: &str, _max_bytes: usize) -> Result<Vec<u8>, FetchError> {
        Ok(reqwest::get(url)
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
            .to_vec())
    }
}

#[async_trait]
impl OidcHttp for Http {
    async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, FetchError> {
        let request = reqwest::Request::try_from(request).unwrap();
        let answer = reqwest::Client::new().execute(request).await.unwrap();
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        *response.body_mut() = answer.bytes().await.unwrap().to_vec();
        Ok(response)
    }
}

async fn assertion_of(
    world: &World,
    echo: &Value,
    application: Application,
) -> Result<Assertion, AssertionError> {
    let mut config = AccessConfig::for_issuer(&world.origin, MAIN_AUD, Some(STEP_UP_AUD));
    config.mfa = MfaSource::Amr;
    let verifier = AccessVerifier::new(config, Http).unwrap();
    let token = seen(echo, "cf-access-jwt-assertion")[0];
    verifier
        .verify_token(token, application, world.clock.now_ms())
        .await
}

#[tokio::test]
async fn the_console_accepts_assertions_for_what_they_are() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/step-up/x").await;
    let echo: Value = browser.go("/").await.json().await.unwrap();
    let assertion = assertion_of(&world, &echo, Application::Console)
        .await
        .unwrap();
    let Subject::Person(person) = assertion.subject else {
        panic!("a person")
    };
    assert_eq!(person.email.as_str(), OWNER);
    assert!(person.mfa.is_proven());
    assert!(
        assertion_of(&world, &echo, Application::StepUp)
            .await
            .is_err()
    );

    let echo: Value = browser.go("/step-up/x").await.json().await.unwrap();
    let fresh = assertion_of(&world, &echo, Application::StepUp)
        .await
        .unwrap();
    assert_eq!(fresh.issued_ms, world.clock.now_ms() / 1000 * 1000);
    assert!(
        assertion_of(&world, &echo, Application::Console)
            .await
            .is_err()
    );

    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, "nomfa@demo.nexus", "/").await;
    let echo: Value = browser.go("/").await.json().await.unwrap();
    let assertion = assertion_of(&world, &echo, Application::Console)
        .await
        .unwrap();
    let Subject::Person(person) = assertion.subject else {
        panic!("a person")
    };
    assert!(!person.mfa.is_proven());
}

#[tokio::test]
async fn the_console_signs_people_in_by_the_provider() {
    let data = tempfile::tempdir().unwrap();
    keys_into(&data.path().join("oidc-keys.json"));
    let clock = Arc::new(ManualClock::at(START_MS));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let issuer = format!("{origin}/oidc");
    let client = OidcClient {
        id: "nexus-admin".into(),
        secret: None,
        redirect_uris: vec!["http://127.0.0.1/auth/callback".into()],
        post_logout_redirect_uris: Vec::new(),
    };
    let people = People::open(data.path(), demo_people(), "JP", clock.clone()).unwrap();
    let config = OidcConfig::local(&issuer, data.path(), client);
    let provider = OidcProvider::open(config, Arc::new(people), clock.clone())
        .await
        .unwrap();
    let router = axum::Router::new().nest("/oidc", provider.router());
    tokio::spawn(async move { axum::serve(listener, router).await });

    let config = oidc::OidcConfig {
        issuer,
        client_id: "nexus-admin".into(),
        client_secret: None,
        redirect_url: "http://127.0.0.1:7810/auth/callback".into(),
        require_verified_email: true,
        leeway_s: 30,
    };
    let client = Client::discover(config, Http).await.unwrap();
    let (url, login) = client
        .begin(&[7; RANDOM_BYTES], Purpose::StepUp, "/x", clock.now_ms())
        .unwrap();

    let mut browser = Browser::new(&origin);
    let page = location(&browser.go(url.strip_prefix(&origin).unwrap()).await);
    let request = page
        .split_once("request=")
        .unwrap()
        .1
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    let first = [("request", request.as_str()), ("email", OWNER)];
    let page = location(&browser.submit("/oidc/login", &first).await);
    let (state, code) = (state_of(&page), code_at(&clock, OWNER));
    let back = location(
        &browser
            .submit("/oidc/mfa", &[("state", state.as_str()), ("code", &code)])
            .await,
    );
    let query = back.split_once('?').unwrap().1;
    let get = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned()))
    };
    let callback = Callback {
        code: get("code"),
        state: get("state"),
        iss: get("iss"),
        error: get("error"),
    };
    let identity = client
        .finish(login, &callback, clock.now_ms())
        .await
        .unwrap();
    assert_eq!(identity.email.as_str(), OWNER);
    assert!(identity.mfa.is_proven());
    assert_eq!(identity.auth_time_ms, Some(clock.now_ms() / 1000 * 1000));
}
