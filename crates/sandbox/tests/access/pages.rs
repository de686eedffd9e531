//! The pages people sign in on.

use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::support::{Browser, World, code_now, location, state_of};
use crate::{OWNER, handle};

#[tokio::test]
async fn nobody_is_sent_elsewhere_after_signing_in() {
    let world = World::start().await;
    for evil in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%0d%0aX:y\r\nZ: 1",
    ] {
        let mut browser = Browser::new(&world.origin);
        let target = browser.sign_in(&world, OWNER, evil).await;
        assert_eq!(target, "/", "{evil:?}");
    }
}

#[tokio::test]
async fn wrong_codes_are_counted_and_slowed_down() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    let first = [("email", OWNER), ("redirect_url", "/")];
    let page = location(&browser.submit("/cdn-cgi/access/login", &first).await);
    let state = state_of(&page);
    let right = code_now(&world, OWNER);
    let wrong = if right == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..10 {
        let fields = [("state", state.as_str()), ("code", wrong)];
        let answer = browser.submit("/cdn-cgi/access/mfa", &fields).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let fields = [("state", state.as_str()), ("code", right.as_str())];
    let answer = browser.submit("/cdn-cgi/access/mfa", &fields).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.headers().contains_key("retry-after"));

    // A half-done sign-in belongs to the browser that began it.
    let mut other = Browser::new(&world.origin);
    let html = other.go(&page).await;
    assert_eq!(html.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_shown_code_works_even_right_after_another() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    for expected in [true, true, false] {
        let first = [("email", OWNER), ("redirect_url", "/")];
        let page = location(&browser.submit("/cdn-cgi/access/login", &first).await);
        let html = browser.go(&page).await.text().await.unwrap();
        let shown = html
            .split_once("id=\"current-code\">")
            .map(|(_, rest)| rest[..6].to_owned());
        assert_eq!(
            shown.is_some(),
            expected,
            "two codes fit into the tolerance, not three"
        );
        if let Some(code) = shown {
            let state = state_of(&page);
            let fields = [("state", state.as_str()), ("code", code.as_str())];
            let answer = browser.submit("/cdn-cgi/access/mfa", &fields).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        }
    }
}

#[tokio::test]
async fn forms_from_elsewhere_and_other_names_for_this_machine_are_refused() {
    let world = World::start().await;
    let form = [("email", "nomfa@demo.nexus"), ("redirect_url", "/")];
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let mut request = Client::new()
            .post(world.url("/cdn-cgi/access/login"))
            .form(&form);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        assert!(!answer.headers().contains_key("set-cookie"));
    }
    let rebound = Client::new()
        .get(world.url("/cdn-cgi/access/certs"))
        .header("host", "evil.example");
    assert_eq!(
        rebound.send().await.unwrap().status(),
        StatusCode::MISDIRECTED_REQUEST
    );
    let no_follow = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let alias = no_follow
        .get(world.url("/x"))
        .header("host", "localhost")
        .header("accept", "text/html");
    assert_eq!(location(&alias.send().await.unwrap()), world.url("/x"));
}

#[tokio::test]
async fn the_pages_speak_both_languages_and_accept_any_address() {
    let world = World::start().await;
    let ask = |path: &str, language: &str| {
        Client::new()
            .get(world.url(path))
            .header("accept-language", language.to_owned())
            .send()
    };
    let text =
        async |path: &str, language: &str| ask(path, language).await.unwrap().text().await.unwrap();
    let login = "/cdn-cgi/access/login";
    assert!(text(login, "ja,en;q=0.8").await.contains("lang=\"ja\""));
    assert!(text(login, "en-GB,ja;q=0.5").await.contains("lang=\"en\""));
    assert!(
        text("/cdn-cgi/access/login?lang=ja", "en")
            .await
            .contains("サインイン")
    );

    let mut browser = Browser::new(&world.origin);
    let bad = browser
        .submit(login, &[("email", "<script>"), ("redirect_url", "/")])
        .await;
    assert_eq!(bad.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!bad.text().await.unwrap().contains("<script"));
    let typed = [
        ("email", "New@Example.org"),
        ("redirect_url", "/"),
        ("lang", "ja"),
    ];
    let page = location(&browser.submit(login, &typed).await);
    let html = browser.go(&page).await.text().await.unwrap();
    assert!(html.contains("new@example.org") && html.contains("lang=\"ja\""));
    for file in ["style.css", "icon.svg"] {
        let answer = ask(&format!("/cdn-cgi/access/{file}"), "en").await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn test_runs_can_sign_in_without_waiting_for_codes() {
    let world = World::start().await;
    let body = json!({ "email": OWNER });
    let token = handle(&world, "/__sandbox/access/sign-in", body).await["token"].clone();
    let cookie = format!("CF_Authorization={}", token.as_str().unwrap());
    let answer = Client::new()
        .get(world.url("/"))
        .header("cookie", cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}
