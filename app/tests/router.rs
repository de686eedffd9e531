//! The pages over a real console on SQLite, by requests as a browser sends them.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail the test"
)]

mod api_docs;
mod estimates;
mod flags;
mod life;
mod measuring;
mod preferences;
mod recompute;
mod refusals;
mod roles;
mod saved_groups;
mod sdk_keys;
mod team;
mod why;
mod world;

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use nexus_control::testing::draft;
use nexus_domain::access::Role;
use nexus_web::{Caller, SignedOut};
use tower::ServiceExt as _;
use world::{World, form};

const GOOD: &[(&str, &str)] = &[
    ("name", "Shorter checkout"),
    ("id", "checkout"),
    ("hypothesis", "fewer steps, more orders"),
    ("environment", "production"),
    ("variant_key", "control"),
    ("variant_name", "As it is"),
    ("variant_weight", "50"),
    ("variant_features", ""),
    ("variant_deployment", ""),
    ("variant_key", "short"),
    ("variant_name", "Short"),
    ("variant_weight", "50"),
    ("variant_features", "{\"steps\": 2}"),
    ("variant_deployment", "canary"),
    ("coverage", "100"),
    ("countries", "JP"),
    ("attribute_name", ""),
    ("attribute_operator", "is"),
    ("attribute_values", ""),
    ("goal", "purchase"),
    ("baseline", "10"),
    ("minimum_effect", "10"),
    ("significance", "0.05"),
    ("max_error_rate", "5"),
    ("start", ""),
    ("end", ""),
    ("timezone", "Asia/Tokyo"),
];

/// `GOOD` with one field's first value replaced.
fn with<'a>(name: &str, value: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut pairs: Vec<(&'static str, &'a str)> = GOOD.to_vec();
    if let Some(pair) = pairs.iter_mut().find(|(k, _)| *k == name) {
        pair.1 = value;
    }
    pairs
}

#[tokio::test]
async fn an_experiment_is_created_started_and_stopped_by_plain_forms() {
    let w = World::new().await;
    let owner = w.owner();
    let made = w.post(&owner, "/experiments/new", &form(GOOD)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    assert_eq!(made.location, "/experiments/checkout?done=created");
    let page = w.get(&owner, &made.location).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("Experiment created.") && page.text.contains("Not started yet"));

    let ask = w.get(&owner, "/experiments/checkout/start").await;
    assert!(ask.text.contains("What will happen") && ask.text.contains("As it is 50%, Short 50%"));
    let started = w
        .post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    assert_eq!(started.location, "/experiments/checkout?done=started");

    let wrong = form(&[
        ("version", "2"),
        ("typed", "checkot"),
        ("reason", "enough seen"),
    ]);
    let refused = w.post(&owner, "/experiments/checkout/stop", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("enough seen"), "what was typed stays");
    let right = form(&[
        ("version", "2"),
        ("typed", "checkout"),
        ("reason", "enough seen"),
    ]);
    let stopped = w.post(&owner, "/experiments/checkout/stop", &right).await;
    assert_eq!(stopped.location, "/experiments/checkout?done=stopped");
    let page = w.get(&owner, "/experiments/checkout").await;
    assert!(page.text.contains("enough seen") && page.text.contains("Stopped"));
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_and_names_every_field() {
    let w = World::new().await;
    let mut pairs = with("name", "");
    pairs.iter_mut().for_each(|pair| match pair.0 {
        "coverage" => pair.1 = "half",
        "hypothesis" => pair.1 = "</textarea><script>alert(1)</script>",
        _ => {}
    });
    let page = w.post(&w.owner(), "/experiments/new", &form(&pairs)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("id=\"name-error\"") && page.text.contains("id=\"coverage-error\""));
    assert!(page.text.contains("href=\"#coverage\"") && page.text.contains("value=\"half\""));
    assert!(!page.text.contains("<script>alert"));
}

#[tokio::test]
async fn variants_are_added_and_spread_without_a_script() {
    let w = World::new().await;
    let mut pairs = GOOD.to_vec();
    pairs.push(("do", "add-variant"));
    let page = w.post(&w.owner(), "/experiments/new", &form(&pairs)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text.matches("name=\"variant_key\"").count(), 3);
    let mut pairs = with("variant_weight", "90");
    pairs.push(("do", "distribute"));
    let page = w.post(&w.owner(), "/experiments/new", &form(&pairs)).await;
    assert!(page.text.contains("Weights add up to 100%"));
    let list = w.get(&w.owner(), "/experiments").await;
    assert!(
        list.text.contains("No experiments yet"),
        "nothing was saved"
    );
}

#[tokio::test]
async fn a_started_experiments_form_has_only_the_words() {
    let w = World::new().await;
    let owner = w.owner();
    w.t.console
        .create_experiment(&owner, draft("checkout"))
        .await
        .expect("created");
    w.post(&owner, "/experiments/checkout/start", "version=1")
        .await;
    let page = w.get(&owner, "/experiments/checkout/edit").await;
    assert!(page.text.contains("Only the words can change"));
    assert!(!page.text.contains("name=\"coverage\""));
    let body = form(&[("version", "2"), ("name", "New words"), ("hypothesis", "h")]);
    let saved = w.post(&owner, "/experiments/checkout/edit", &body).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
}

#[tokio::test]
async fn a_member_is_added_through_step_up() {
    let w = World::new().await;
    let owner = w.owner();
    let body = form(&[
        ("email", "sora@example.com"),
        ("kind", "person"),
        ("grant", "viewer:all"),
    ]);
    let asked = w.post(&owner, "/settings/members/new", &body).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert!(asked.location.starts_with("/step-up/pnd_"));
    let id = asked.location.trim_start_matches("/step-up/").to_owned();
    let page = w.get(&owner, &asked.location).await;
    assert!(
        page.text.contains("sora@example.com") && page.text.contains("Viewer — All environments")
    );

    let confirm = format!("/confirm/{id}");
    let without = w.post(&owner, &confirm, "").await;
    assert_eq!(without.status, StatusCode::FORBIDDEN);
    assert!(without.text.contains(&format!("href=\"/step-up/{id}\"")));

    let pending = w.t.console.pending(&owner, &id).await.expect("waits");
    let fresh = w.t.stepped_up(&owner, &pending.action_digest);
    let done = w.post(&fresh, &confirm, "").await;
    assert_eq!(done.location, "/settings/members?done=member-added");
    assert!(
        w.get(&owner, "/settings/members")
            .await
            .text
            .contains("sora@example.com")
    );
    assert_eq!(
        w.post(&fresh, &confirm, "").await.status,
        StatusCode::NOT_FOUND,
        "single use"
    );
}

#[tokio::test]
async fn a_tokens_secret_is_shown_once() {
    let w = World::new().await;
    let owner = w.owner();
    let body = form(&[
        ("name", "pipeline"),
        ("scope", "experiments:read"),
        ("expires_days", "30"),
    ]);
    let asked = w.post(&owner, "/settings/tokens/new", &body).await;
    let id = asked.location.trim_start_matches("/step-up/").to_owned();
    let pending = w.t.console.pending(&owner, &id).await.expect("waits");
    let fresh = w.t.stepped_up(&owner, &pending.action_digest);
    let made = w.post(&fresh, &format!("/confirm/{id}"), "").await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    assert!(made.text.contains("Copy the secret now"));
    let tokens = w.t.console.tokens(&owner).await.expect("a list");
    let revoke = format!("/settings/tokens/{}/revoke", tokens[0].id);
    let asked = w.get(&owner, &revoke).await;
    assert!(asked.text.contains("It was never used"), "{}", asked.text);
    let refused = w.post(&owner, &revoke, "typed=other").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let revoked = w.post(&owner, &revoke, "typed=pipeline").await;
    assert_eq!(revoked.location, "/settings/tokens?done=token-revoked");
    let list = w.get(&owner, "/settings/tokens").await;
    assert!(list.text.contains("revoked") && !list.text.contains("Copy the secret"));
}

#[tokio::test]
async fn the_log_is_listed_opened_verified_and_exported() {
    let w = World::new().await;
    let owner = w.owner();
    w.post(&owner, "/experiments/new", &form(GOOD)).await;
    let list = w.get(&owner, "/audit").await;
    assert!(list.text.contains("created experiment"), "{}", list.text);
    let entry = w.get(&owner, "/audit/1").await;
    assert_eq!(entry.status, StatusCode::OK);
    assert!(entry.text.contains("Inclusion proof"));
    let verified = w.post(&owner, "/audit/verify", "").await;
    assert!(verified.text.contains("The log is intact"));
    let export = w.get(&owner, "/audit/export").await;
    assert!(export.status == StatusCode::OK && export.text.contains("experiment.create"));
    assert_eq!(
        w.get(&owner, "/audit/999").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        w.get(&owner, "/audit/x").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn refusals_are_pages_with_the_right_status() {
    let w = World::new().await;
    let viewer = w.t.person(Role::Viewer);
    assert_eq!(w.get(&viewer, "/audit").await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        w.get(&viewer, "/experiments/new").await.status,
        StatusCode::FORBIDDEN
    );
    let refused = w.post(&viewer, "/experiments/new", &form(GOOD)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(
        w.get(&viewer, "/nowhere").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        w.get(&viewer, "/experiments/none").await.status,
        StatusCode::NOT_FOUND
    );

    let owner = w.owner();
    w.post(&owner, "/experiments/new", &form(GOOD)).await;
    let early = w
        .post(&owner, "/experiments/checkout/pause", "version=1")
        .await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    let stale = w
        .post(&owner, "/experiments/checkout/start", "version=9")
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn nobody_signed_in_sees_only_why() {
    let w = World::new().await;
    let email = "x@example.com".to_owned();
    for (why, status) in [
        (SignedOut::NoToken, StatusCode::UNAUTHORIZED),
        (
            SignedOut::NoMfa {
                email: email.clone(),
            },
            StatusCode::FORBIDDEN,
        ),
        (SignedOut::NotMember { email }, StatusCode::FORBIDDEN),
    ] {
        for path in [
            "/",
            "/experiments",
            "/audit/export",
            "/live",
            "/palette?q=a",
            "/nowhere",
        ] {
            let page = w
                .send(Caller::SignedOut(why.clone()), Method::GET, path, "")
                .await;
            assert_eq!(page.status, status, "{path} {why:?}");
            assert!(!page.text.contains("class=\"nav\""));
        }
    }
    // Without the layer that says who calls, nobody does.
    let request = Request::get("/").body(Body::empty()).expect("a request");
    let response = w.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn whatever_changes_something_is_post_only() {
    let w = World::new().await;
    let owner = w.owner();
    w.post(&owner, "/experiments/new", &form(GOOD)).await;
    for path in ["/audit/verify", "/preferences", "/confirm/x"] {
        assert_eq!(
            w.get(&owner, path).await.status,
            StatusCode::METHOD_NOT_ALLOWED,
            "{path}"
        );
    }
    let before =
        w.t.console
            .audit_verify(&owner)
            .await
            .expect("verified")
            .size;
    for path in [
        "/experiments/new?name=x",
        "/experiments/checkout/start?version=1",
        "/experiments/checkout/stop?typed=checkout",
        "/experiments/checkout/edit?name=y&version=1",
        "/settings/tokens/x/revoke?typed=x",
        "/settings/members/new?email=a@b.c",
    ] {
        w.get(&owner, path).await;
    }
    let after =
        w.t.console
            .audit_verify(&owner)
            .await
            .expect("verified")
            .size;
    assert_eq!(before, after, "a GET changed something");
}

#[tokio::test]
async fn the_palette_finds_entities() {
    let w = World::new().await;
    w.post(&w.owner(), "/experiments/new", &form(GOOD)).await;
    let token = w.token("deploy pipeline").await;
    let found = w.get(&w.owner(), "/palette?q=pipe").await.text;
    let href = format!("/settings/tokens#{}", token.row.id);
    assert!(found.contains(&href), "{found}");
    let list = w.get(&w.owner(), "/settings/tokens").await.text;
    assert!(list.contains(&format!("id=\"{}\"", token.row.id)));
    let [owner, operator, viewer] =
        [Role::Owner, Role::Operator, Role::Viewer].map(|role| w.t.person(role));
    let members = async |actor| w.get(actor, "/palette?q=owner@").await.text;
    let page = format!("/settings/members/{}", w.owner_id());
    assert!(members(&owner).await.contains(&page));
    // Who may only look at members is led to the list; others find none.
    let seen = members(&operator).await;
    assert!(seen.contains("\"/settings/members\""), "{seen}");
    assert_eq!(members(&viewer).await, "[]");
    assert_eq!(w.get(&viewer, "/palette?q=pipe").await.text, "[]");
    let found = w.get(&w.owner(), "/palette?q=shorter").await;
    assert!(
        found.text.contains("\"href\":\"/experiments/checkout\""),
        "{}",
        found.text
    );
    assert!(found.text.contains("Experiment · checkout · Draft"));
    let japanese = w.get(&w.owner(), "/palette?q=shorter&lang=ja").await.text;
    assert!(japanese.contains("実験 · checkout · 下書き"), "{japanese}");
    assert_eq!(w.get(&w.owner(), "/palette?q=").await.text, "[]");
}

#[tokio::test]
async fn the_palette_offers_only_actions_that_are_allowed() {
    let w = World::new().await;
    let [owner, operator, viewer] =
        [Role::Owner, Role::Operator, Role::Viewer].map(|r| w.t.person(r));
    for (action, may) in [
        ("/experiments/new", [true, false, false]),
        ("/settings/members/new", [true, false, false]),
        ("/settings/tokens/new", [true, true, false]),
    ] {
        for (actor, may) in [&owner, &operator, &viewer].into_iter().zip(may) {
            let page = w.get(actor, "/settings/appearance").await.text;
            assert_eq!(page.contains(action), may, "{action} {actor:?}");
        }
    }
}

#[tokio::test]
async fn live_tells_of_a_change() {
    let w = World::new().await;
    let mut request = Request::get("/live")
        .body(Body::empty())
        .expect("a request");
    request.extensions_mut().insert(Caller::Actor(w.owner()));
    let response = w.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let mut body = response.into_body();
    let first = body
        .frame()
        .await
        .expect("a frame")
        .expect("data")
        .into_data()
        .expect("bytes");
    assert_eq!(&first[..], b"retry: 2000\n\n");
    w.t.console
        .create_experiment(&w.owner(), draft("x"))
        .await
        .expect("created");
    let next = body
        .frame()
        .await
        .expect("a frame")
        .expect("data")
        .into_data()
        .expect("bytes");
    assert!(String::from_utf8_lossy(&next).contains("data: "));
}

#[tokio::test]
async fn all_that_is_wrong_is_told_in_one_round_and_by_name() {
    let w = World::new().await;
    let owner = w.owner();
    let token = form(&[("name", ""), ("expires_days", "30")]);
    let refused = w.post(&owner, "/settings/tokens/new", &token).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in ["Name: Fill this in.", "Scopes: Choose at least one."] {
        assert!(refused.text.contains(said), "{said}: {}", refused.text);
    }
    let member = form(&[("email", "nobody"), ("kind", "person")]);
    let refused = w.post(&owner, "/settings/members/new", &member).await;
    for said in ["Not an e-mail address.", "Roles: Choose at least one."] {
        assert!(refused.text.contains(said), "{said}: {}", refused.text);
    }
    let rules = form(&[("environment", "preview"), ("raw_days", "x")]);
    let refused = w.post(&owner, "/settings/environments", &rules).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Preview: "), "{}", refused.text);
    let period = "/audit?from=2026-12-02T09%3A00&to=2026-12-01T09%3A00";
    let refused = w.get(&owner, period).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("id=\"to-error\""), "{}", refused.text);
}
