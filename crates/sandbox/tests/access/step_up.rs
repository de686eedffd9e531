//! The second application: a fresh factor for one request.

use nexus_sandbox::access::{MAIN_AUD, STEP_UP_AUD};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::support::{Browser, World, location, seen, verified};
use crate::{OWNER, certs};

#[tokio::test]
async fn step_up_asks_afresh_for_every_request() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/").await;
    let wanted = "/step-up/exp-1?action=Stop%20%3Cb%3Echeckout%3C%2Fb%3E";
    for _ in 0..2 {
        let answer = browser.go(wanted).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let page = location(&answer);
        let html = browser.go(&page).await.text().await.unwrap();
        assert!(html.contains("Stop &lt;b&gt;checkout&lt;/b&gt;") && !html.contains("<b>checkout"));
        assert_eq!(browser.enter_code(&world, OWNER, &page).await, wanted);

        // The ticket opens this very address only.
        let other = browser.go("/step-up/exp-2").await;
        assert_eq!(other.status(), StatusCode::SEE_OTHER);
        let echo: Value = browser.go(wanted).await.json().await.unwrap();
        assert_eq!(echo["uri"], wanted);
        let assertion = seen(&echo, "cf-access-jwt-assertion")[0];
        let claims = verified(assertion, &certs(&world).await, &world.origin, STEP_UP_AUD);
        assert_eq!(claims["aud"], json!([STEP_UP_AUD]));
        assert_eq!(
            claims["iat"],
            nexus_sandbox::Clock::now_ms(&*world.clock) / 1000
        );
        assert_eq!(claims["amr"], json!(["mfa", "otp"]));
    }
    let spent = browser.go(wanted).await;
    assert_eq!(spent.status(), StatusCode::SEE_OTHER, "spent: asked again");
    let script = Client::new().post(world.url("/step-up/exp-1")).header(
        "cookie",
        format!(
            "CF_Authorization={}",
            browser.cookie("CF_Authorization").unwrap()
        ),
    );
    assert_eq!(script.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn signing_in_on_the_way_to_step_up_counts_as_the_fresh_factor() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    let login = location(&browser.go("/step-up/x?action=Roll%20back").await);
    assert!(login.starts_with("/cdn-cgi/access/login?redirect_url=%2Fstep-up%2Fx"));
    let target = browser
        .sign_in(&world, OWNER, "/step-up/x?action=Roll%20back")
        .await;
    let echo: Value = browser.go(&target).await.json().await.unwrap();
    let assertion = seen(&echo, "cf-access-jwt-assertion")[0];
    verified(assertion, &certs(&world).await, &world.origin, STEP_UP_AUD);
    let echo: Value = browser.go("/").await.json().await.unwrap();
    let assertion = seen(&echo, "cf-access-jwt-assertion")[0];
    verified(assertion, &certs(&world).await, &world.origin, MAIN_AUD);
}

#[tokio::test]
async fn a_ticket_does_not_wait_and_belongs_to_its_session() {
    let world = World::start().await;
    let mut browser = Browser::new(&world.origin);
    browser.sign_in(&world, OWNER, "/step-up/x").await;
    let mut other = Browser::new(&world.origin);
    other.sign_in(&world, "viewer@demo.nexus", "/").await;
    let ticket = browser
        .cookies
        .iter()
        .find(|(name, ..)| name == "CF_StepUp")
        .unwrap()
        .clone();
    other.cookies.push(ticket);
    assert_eq!(other.go("/step-up/x").await.status(), StatusCode::SEE_OTHER);
    world.clock.advance_ms(61_000);
    assert_eq!(
        browser.go("/step-up/x").await.status(),
        StatusCode::SEE_OTHER
    );
}
