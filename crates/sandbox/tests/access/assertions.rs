//! What the console is given, and by whom.

use futures::StreamExt;
use nexus_sandbox::access::MAIN_AUD;
use reqwest::{Client, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::{Browser, World, location, seen, verified};
use crate::{OWNER, certs, demo_token};

#[tokio::test]
async fn a_person_signs_in_and_the_console_gets_a_verifiable_assertion() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    let answer = browser.go("/experiments?page=2").await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let login = location(&answer);
    assert_eq!(
        login,
        "/cdn-cgi/access/login?redirect_url=%2Fexperiments%3Fpage%3D2"
    );

    let page = browser.go(&login).await;
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.headers()["cache-control"], "no-store");
    let html = page.text().await.unwrap();
    assert!(html.contains(OWNER) && html.contains("value=\"/experiments?page=2\""));

    let target = browser.sign_in(&world, OWNER, "/experiments?page=2").await;
    assert_eq!(target, "/experiments?page=2");
    let answer = browser.go(&target).await;
    assert_eq!(answer.headers()["x-from"], "console");
    assert!(
        !answer.headers().contains_key("x-hop"),
        "named by Connection: not for us"
    );
    let echo: Value = answer.json().await.unwrap();
    assert_eq!(echo["uri"], "/experiments?page=2");
    assert_eq!(seen(&echo, "cf-access-authenticated-user-email"), [OWNER]);
    assert_eq!(seen(&echo, "cf-ipcountry"), ["JP"]);
    assert_eq!(seen(&echo, "cf-connecting-ip"), ["127.0.0.1"]);
    assert_eq!(seen(&echo, "x-forwarded-proto"), ["http"]);
    assert_eq!(
        seen(&echo, "host"),
        [world.origin.strip_prefix("http://").unwrap()]
    );
    assert!(seen(&echo, "cf-ray")[0].ends_with("-NRT"));

    let [assertion] = seen(&echo, "cf-access-jwt-assertion")[..] else {
        panic!("one assertion")
    };
    let claims = verified(assertion, &certs(&world).await, &world.origin, MAIN_AUD);
    assert_eq!(claims["email"], OWNER);
    assert_eq!(claims["type"], "app");
    assert_eq!(claims["amr"], json!(["mfa", "otp"]));
    assert_eq!(claims["country"], "JP");
    assert_eq!(claims["nbf"], claims["iat"]);
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        900
    );
    assert_eq!(claims["sub"].as_str().unwrap().len(), 36);

    let identity: Value = browser
        .go("/cdn-cgi/access/get-identity")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(identity["email"], OWNER);
    assert_eq!(identity["user_uuid"], claims["sub"]);
    assert_eq!(identity["geo"]["country"], "JP");
}

#[tokio::test]
async fn what_sdks_ask_for_passes_without_an_assertion() {
    let world = World::start().await;
    for path in [
        "/api/features/sdk-1",
        "/sub/sdk-1",
        "/ofrep/v1/evaluate/flags",
        "/events",
    ] {
        let request = Client::new().post(world.url(path));
        let request = request.header("cf-access-jwt-assertion", "forged");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let echo: Value = answer.json().await.unwrap();
        assert_eq!(seen(&echo, "cf-access-jwt-assertion"), [""; 0], "{path}");
    }
    for path in ["/events/more", "/api/featuresque", "/ofrep", "/submarine"] {
        let answer = Client::new().post(world.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn programs_get_401_and_not_a_page() {
    let world = World::start().await;
    for request in [
        Client::new().get(world.url("/api/v1/experiments")),
        Client::new()
            .get(world.url("/"))
            .header("accept", "application/json"),
        Client::new()
            .get(world.url("/"))
            .header("sec-fetch-mode", "cors")
            .header("accept", "text/html"),
        Client::new()
            .post(world.url("/"))
            .header("accept", "text/html"),
        Client::new()
            .get(world.url("/"))
            .header("cookie", "CF_Authorization=not.a.token"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(answer.headers().contains_key("www-authenticate"));
    }
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let form = client
        .post(world.url("/x"))
        .header("sec-fetch-mode", "navigate");
    assert_eq!(
        location(&form.send().await.unwrap()),
        "/cdn-cgi/access/login",
        "a person's form leads to the sign-in"
    );
    let answer = reqwest::get(world.url("/cdn-cgi/access/get-identity"))
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_second_factor_the_token_says_so_and_step_up_is_closed() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    assert_eq!(browser.sign_in(&world, "nomfa@demo.nexus", "/").await, "/");
    let echo: Value = browser.go("/").await.json().await.unwrap();
    let assertion = seen(&echo, "cf-access-jwt-assertion")[0].to_owned();
    let claims = verified(&assertion, &certs(&world).await, &world.origin, MAIN_AUD);
    assert!(claims.get("amr").is_none());
    assert_eq!(
        browser.go("/step-up/x").await.status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn what_a_client_claims_about_itself_is_dropped() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;
    let request = Client::new()
        .get(world.url("/"))
        .header(
            "cookie",
            format!(
                "CF_Authorization={}",
                browser.cookie("CF_Authorization").unwrap()
            ),
        )
        .header("cf-access-jwt-assertion", "forged")
        .header("Cf-Access-Jwt-Assertion", "forged twice")
        .header("cf-access-authenticated-user-email", "ceo@demo.nexus")
        .header("cf-ipcountry", "XX")
        .header("x-forwarded-for", "6.6.6.6")
        .header("x-forwarded-proto", "https");
    let echo: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(seen(&echo, "cf-access-jwt-assertion").len(), 1);
    assert_eq!(seen(&echo, "cf-access-authenticated-user-email"), [OWNER]);
    assert_eq!(seen(&echo, "cf-ipcountry"), ["JP"]);
    assert_eq!(seen(&echo, "x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(seen(&echo, "x-forwarded-proto"), ["http"]);
    assert!(!echo.to_string().contains("forged"));
}

#[tokio::test]
async fn service_tokens_are_judged_strictly() {
    let off = nexus_sandbox::access::ServiceToken {
        name: "off".into(),
        client_id: "off.access".into(),
        client_secret: SecretString::from("s".to_owned()),
        enabled: false,
    };
    let world = World::start_with(|config| config.service_tokens.push(off)).await;
    let (id, secret) = demo_token(&world);
    let with = |pairs: Vec<(&'static str, String)>| {
        let mut request = Client::new().get(world.url("/api/v1/flags"));
        for (name, value) in pairs {
            request = request.header(name, value);
        }
        request.send()
    };
    const ID: &str = "CF-Access-Client-Id";
    const SECRET: &str = "CF-Access-Client-Secret";
    let answer = with(vec![(ID, id.clone()), (SECRET, secret.clone())])
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key("set-cookie"));
    let echo: Value = answer.json().await.unwrap();
    assert!(seen(&echo, "cf-access-client-secret").is_empty());
    assert!(seen(&echo, "cf-access-authenticated-user-email").is_empty());
    let assertion = seen(&echo, "cf-access-jwt-assertion")[0].to_owned();
    let claims = verified(&assertion, &certs(&world).await, &world.origin, MAIN_AUD);
    assert_eq!(claims["common_name"], *id);
    assert_eq!(claims["sub"], "");
    assert!(claims.get("email").is_none() && claims.get("nbf").is_none());

    for bad in [
        vec![(ID, id.clone()), (SECRET, "wrong".into())],
        vec![(ID, id.clone())],
        vec![(ID, id.clone()), (ID, id.clone()), (SECRET, secret.clone())],
        vec![
            (ID, id.clone()),
            (SECRET, secret.clone()),
            (SECRET, secret.clone()),
        ],
    ] {
        assert_eq!(with(bad).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    let disabled = with(vec![(ID, "off.access".into()), (SECRET, "s".into())])
        .await
        .unwrap();
    assert_eq!(disabled.status(), StatusCode::FORBIDDEN);
    let request = Client::new()
        .get(world.url("/step-up/x"))
        .header(ID, id)
        .header(SECRET, secret);
    assert_eq!(
        request.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );

    // A bad token is not saved by a good cookie.
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;
    let cookie = format!(
        "CF_Authorization={}",
        browser.cookie("CF_Authorization").unwrap()
    );
    let answer = with(vec![
        ("cookie", cookie),
        (ID, "x".into()),
        (SECRET, "y".into()),
    ])
    .await;
    assert_eq!(answer.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn events_and_large_bodies_pass_through() {
    let world = World::start_with(|config| config.body_limit_bytes = 3_000_000).await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;
    let answer = browser.go("/stream").await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut events = answer.bytes_stream();
    assert_eq!(
        events.next().await.unwrap().unwrap(),
        "data: one\n\n",
        "before the second exists"
    );
    world.go_on.notify_one();
    assert_eq!(events.next().await.unwrap().unwrap(), "data: two\n\n");

    let cookie = format!(
        "CF_Authorization={}",
        browser.cookie("CF_Authorization").unwrap()
    );
    let send = |body: reqwest::Body| {
        Client::new()
            .put(world.url("/upload"))
            .header("cookie", &cookie)
            .body(body)
            .send()
    };
    let echo: Value = send(vec![7; 2_500_000].into())
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(echo["body_bytes"], 2_500_000);
    assert_eq!(echo["method"], "PUT");
    let refused = send(vec![7; 3_000_001].into()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let chunks = futures::stream::iter((0..4).map(|_| Ok::<_, std::io::Error>(vec![7; 1_000_000])));
    let streamed = send(reqwest::Body::wrap_stream(chunks)).await.unwrap();
    assert_eq!(
        streamed.status(),
        StatusCode::PAYLOAD_TOO_LARGE,
        "also without a length"
    );
}
