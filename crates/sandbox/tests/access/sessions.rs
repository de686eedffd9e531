//! How long a sign-in lasts.

use nexus_sandbox::access::{AccessConfig, MAIN_AUD};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{Browser, World, code_now, location, seen, state_of, verified};
use crate::{OWNER, certs, handle};

#[tokio::test]
async fn rotated_keys_keep_people_signed_in() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;
    let old = browser.cookie("CF_Authorization").unwrap().to_owned();
    let before = certs(&world).await;
    assert_eq!(before["keys"].as_array().unwrap().len(), 2);

    let kid = handle(&world, "/__sandbox/access/rotate-keys", json!({})).await["kid"].clone();
    let after = certs(&world).await;
    assert_eq!(after["keys"][0]["kid"], kid);
    assert_eq!(
        after["keys"][1], before["keys"][0],
        "the key before is still published"
    );
    for field in ["kty", "alg", "use", "e", "n"] {
        assert!(after["keys"][0][field].is_string(), "{field}");
    }
    verified(&old, &after, &world.origin, MAIN_AUD);

    let echo: Value = browser.go("/").await.json().await.unwrap();
    let assertion = seen(&echo, "cf-access-jwt-assertion")[0];
    let header = jsonwebtoken::decode_header(assertion).unwrap();
    assert_eq!(json!(header.kid), kid);
    assert_eq!(
        browser.cookie("CF_Authorization"),
        Some(assertion),
        "the cookie follows"
    );

    let refused = Client::new()
        .post(world.url("/__sandbox/access/rotate-keys"))
        .send()
        .await;
    assert_eq!(refused.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn tokens_are_renewed_within_the_session_and_not_after_it() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;
    let first = browser.cookie("CF_Authorization").unwrap().to_owned();
    world.clock.advance_ms(5 * 60 * 1000);
    browser.go("/").await;
    assert_eq!(browser.cookie("CF_Authorization"), Some(first.as_str()));
    world.clock.advance_ms(15 * 60 * 1000);
    assert_eq!(browser.go("/").await.status(), StatusCode::OK);
    assert_ne!(browser.cookie("CF_Authorization"), Some(first.as_str()));
    world.clock.advance_ms(24 * 60 * 60 * 1000);
    assert_eq!(browser.go("/").await.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn logout_and_revocation_end_the_session_everywhere() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;
    let kept = browser.cookies.clone();
    let answer = Client::new()
        .get(world.url("/cdn-cgi/access/logout"))
        .header("sec-fetch-site", "cross-site")
        .header(
            "cookie",
            format!(
                "CF_Authorization={}",
                browser.cookie("CF_Authorization").unwrap()
            ),
        );
    assert_eq!(answer.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert_eq!(browser.go("/").await.status(), StatusCode::OK);

    assert_eq!(
        browser.go("/cdn-cgi/access/logout").await.status(),
        StatusCode::OK
    );
    assert_eq!(browser.cookie("CF_Authorization"), None);
    browser.cookies = kept;
    assert_eq!(
        browser.go("/").await.status(),
        StatusCode::FOUND,
        "a kept cookie is dead"
    );

    browser.sign_in(&world, OWNER, "/").await;
    let ended = handle(
        &world,
        "/__sandbox/access/revoke",
        json!({ "email": OWNER }),
    )
    .await;
    assert_eq!(ended, json!({ "ended": 1 }));
    assert_eq!(browser.go("/").await.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn a_restart_keeps_people_signed_in_and_used_codes_used() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let mut config = AccessConfig::local("http://127.0.0.1:1", &origin, world.data.path()).unwrap();
    config.issuer.clone_from(&world.origin);
    let again = crate::support::open(config, world.data.path(), world.clock.clone()).await;
    let router = again.router();
    tokio::spawn(nexus_sandbox::serve(
        listener,
        router,
        std::future::pending(),
    ));

    let mut elsewhere = Browser::new(&origin);
    elsewhere.cookies = browser.cookies;
    let answer = elsewhere.go("/").await;
    assert_eq!(
        answer.status(),
        StatusCode::BAD_GATEWAY,
        "let through to a console that is down"
    );
    assert!(answer.text().await.unwrap().contains("does not answer"));

    let first = [("email", OWNER), ("redirect_url", "/")];
    let page = location(&elsewhere.submit("/cdn-cgi/access/login", &first).await);
    let code = code_now(&world, OWNER);
    let fields = [("state", state_of(&page)), ("code", code)];
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let answer = elsewhere.submit("/cdn-cgi/access/mfa", &fields).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().await.unwrap().contains("used already"));
}

#[tokio::test]
async fn a_key_signs_for_a_day_and_its_tokens_outlive_it() {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    let before = certs(&world).await;
    world.clock.advance_ms(23 * HOUR_MS);
    assert!(!world.proxy.rotate_when_due().await.unwrap());
    assert_eq!(certs(&world).await, before);

    browser.sign_in(&world, OWNER, "/").await;
    let old = browser.cookie("CF_Authorization").unwrap().to_owned();
    world.clock.advance_ms(HOUR_MS);
    assert!(world.proxy.rotate_when_due().await.unwrap());
    let after = certs(&world).await;
    assert_ne!(after["keys"][0], before["keys"][0]);
    assert_eq!(after["keys"][1], before["keys"][0]);
    verified(&old, &after, &world.origin, MAIN_AUD);
    assert!(!world.proxy.rotate_when_due().await.unwrap(), "once a day");

    // A program that was down for days makes up for it when it starts.
    world.clock.advance_ms(48 * HOUR_MS);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let config = AccessConfig::local("http://127.0.0.1:1", &origin, world.data.path()).unwrap();
    let again = crate::support::open(config, world.data.path(), world.clock.clone()).await;
    tokio::spawn(nexus_sandbox::serve(
        listener,
        again.router(),
        std::future::pending(),
    ));
    let started = reqwest::get(format!("{origin}/cdn-cgi/access/certs"));
    let started: Value = started.await.unwrap().json().await.unwrap();
    assert_eq!(started["keys"][1], after["keys"][0]);
}
