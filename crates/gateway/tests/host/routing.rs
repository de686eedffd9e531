//! Requests through the gateway, over real sockets.

use crate::support::{KEY, World, envelope, eventually, half_and_half};
use nexus_gateway::Event;
use serde_json::{Value, json};

#[tokio::test]
async fn traffic_is_split_by_the_snapshot() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    let mut treated = 0;
    for n in 0..400 {
        let answer = world
            .get("/", &[("x-nexus-user", &format!("user-{n}"))])
            .await;
        let decision = answer.decision();
        let (origin, variant) = (
            answer.json()["origin"].clone(),
            decision["assignments"]["checkout"].clone(),
        );
        match variant.as_str() {
            Some("treatment") => {
                assert_eq!(
                    (origin, &decision["deployment"]),
                    (json!("canary"), &json!("canary"))
                );
                assert_eq!(decision["features"], json!({ "button": "今すぐ" }));
                assert_eq!(decision["reasons"], json!(["ab_test_checkout_treatment"]));
                treated += 1;
            }
            Some("control") => assert_eq!(origin, "stable"),
            other => panic!("{other:?}"),
        }
    }
    assert!((150..250).contains(&treated), "{treated} of 400");
}

#[tokio::test]
async fn a_user_id_and_a_cookie_stick() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    for user in ["ann", "bob", "cem", "dia"] {
        let first = world.get("/", &[("x-nexus-user", user)]).await;
        assert!(
            !first.headers.contains_key("set-cookie"),
            "a known user needs no cookie"
        );
        for _ in 0..3 {
            assert_eq!(
                world.get("/", &[("x-nexus-user", user)]).await.decision(),
                first.decision()
            );
        }
    }
    for _ in 0..8 {
        let first = world.get("/", &[]).await;
        let cookie = first.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(
            cookie.contains("; HttpOnly; SameSite=Lax") && cookie.contains("Max-Age=34560000"),
            "{cookie}"
        );
        let cookie = cookie.split(';').next().unwrap();
        let again = world.get("/", &[("cookie", cookie)]).await;
        assert_eq!(again.decision(), first.decision());
        assert!(!again.headers.contains_key("set-cookie"));
    }
}

#[tokio::test]
async fn the_origin_gets_the_gateways_word_and_nobody_elses() {
    let world = World::build(
        &crate::support::echo_origin("stable").await,
        &crate::support::echo_origin("canary").await,
        "192.0.2.0/24",
    )
    .await;
    world.publish(&half_and_half(1)).await;
    let lies = [
        ("x-nexus-decision", "{\"deployment\":\"mine\"}"),
        ("x-nexus-request-id", "mine"),
        ("x-nexus-anything", "x"),
        ("x-forwarded-for", "203.0.113.1"),
        ("cf-ipcountry", "JP"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("te", "trailers"),
    ];
    let answer = world.get("/a/b?c=d&e=%20", &lies).await;
    let id = answer.headers["x-nexus-request-id"].to_str().unwrap();
    assert_eq!(answer.echoed("x-nexus-request-id").as_deref(), Some(id));
    assert_ne!(id, "mine");
    assert_ne!(answer.decision()["deployment"], "mine");
    for absent in [
        "x-nexus-anything",
        "cf-ipcountry",
        "connection",
        "x-hop",
        "te",
    ] {
        assert_eq!(answer.echoed(absent), None, "{absent}");
    }
    assert_eq!(
        answer.echoed("x-forwarded-for").as_deref(),
        Some("127.0.0.1")
    );
    assert_eq!(answer.echoed("x-forwarded-proto").as_deref(), Some("http"));
    assert_eq!(
        answer.echoed("x-forwarded-host"),
        Some(world.gateway.address().to_string())
    );
    assert_eq!(answer.json()["target"], "/a/b?c=d&e=%20");
    assert!(
        !answer.headers.contains_key("x-secret-hop"),
        "the origin's hop stays behind too"
    );
    assert_eq!(
        answer.headers["x-origin"],
        answer.json()["origin"].as_str().unwrap()
    );
}

#[tokio::test]
async fn bodies_pass() {
    let world = World::new().await;
    let answer = world.post("/x", &[], "hello".to_owned()).await;
    assert_eq!(
        (&answer.json()["method"], &answer.json()["body"]),
        (&json!("POST"), &json!("hello"))
    );
    let answer = world.post("/x", &[], "x".repeat(100_001)).await;
    assert_eq!(answer.status, 413);
}

#[tokio::test]
async fn without_a_snapshot_the_default_origin_serves_untouched() {
    let world = World::new().await;
    let answer = world.get("/", &[]).await;
    assert_eq!(answer.json()["origin"], "stable");
    assert_eq!(answer.decision(), Value::Null);
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(world.status().await["snapshot"]["version"], Value::Null);
    assert_eq!(world.get("/__nexus/health", &[]).await.status, 200);
    assert_eq!(world.get("/__nexus/other", &[]).await.status, 404);
}

#[tokio::test]
async fn bad_and_older_snapshots_change_nothing() {
    let world = World::new().await;
    world.publish(&half_and_half(7)).await;
    world.kv.put(envelope(&half_and_half(8), &[1; 32]));
    world.until_error("signature does not hold").await;
    world.kv.put("{");
    world.until_error("not a signed snapshot").await;
    world.kv.put(envelope(&half_and_half(6), &KEY));
    world.until_error("older than 7").await;
    let mut elsewhere = half_and_half(8);
    elsewhere.environment = "production".to_owned();
    world.kv.put(envelope(&elsewhere, &KEY));
    world.until_error("environment \"production\"").await;
    let mut nonsense = half_and_half(8);
    nonsense.experiments[0].variants[0].weight_bp = 1;
    world.kv.put(envelope(&nonsense, &KEY));
    world.until_error("makes no sense").await;
    assert_eq!(world.status().await["snapshot"]["version"], 7);
    assert_eq!(world.get("/", &[]).await.decision()["version"], 7);
    world.publish(&half_and_half(8)).await;
    assert_eq!(world.status().await["snapshot"]["last_error"], Value::Null);
}

#[tokio::test]
async fn a_dead_kv_changes_nothing() {
    let world = World::new().await;
    world.publish(&half_and_half(3)).await;
    world.kv.fail(500);
    world.until_error("KV answers 500").await;
    assert_eq!(world.get("/", &[]).await.decision()["version"], 3);
    world.kv.fail(0);
    world.publish(&half_and_half(4)).await;
}

#[tokio::test]
async fn a_namespace_made_anew_is_found_again() {
    let world = World::new().await;
    world.publish(&half_and_half(3)).await;
    world.kv.recreate();
    world.until_error("nothing is published").await;
    assert_eq!(world.get("/", &[]).await.decision()["version"], 3);
    world.publish(&half_and_half(4)).await;
}

#[tokio::test]
async fn visitors_learn_little_of_the_gateway() {
    let world = World::new().await;
    world.publish(&half_and_half(3)).await;
    let public = json!({ "status": "ok", "version": 3 });
    for shown in ["", "Bearer ", "Bearer other-token", "status-token"] {
        let answer = world
            .get("/__nexus/status", &[("authorization", shown)])
            .await;
        assert_eq!(answer.json(), public, "{shown:?}");
    }
    let whole = world.status().await;
    assert_eq!(whole["gateway_id"], "gw-1");
    assert_eq!(whole["snapshot"]["version"], 3);
    assert_eq!(whole["telemetry"]["dropped"], 0);
}

#[tokio::test]
async fn exposures_are_reported_with_their_outcome() {
    let world = World::new().await;
    world.publish(&half_and_half(5)).await;
    let headers = [
        ("x-nexus-user", "ann"),
        ("cf-ipcountry", "JP"),
        ("cf-ray", "8a1b2c3d4e5f6071-NRT"),
        (
            "user-agent",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148",
        ),
    ];
    let answer = world.get("/buy?secret=1", &headers).await;
    eventually("an event", || !world.console.events().is_empty()).await;
    let events = world.console.events();
    let Event::Request {
        id,
        unit,
        assignments,
        status,
        country,
        colo,
        device,
        path,
        deployment,
        ..
    } = &events[0]
    else {
        panic!("{events:?}");
    };
    assert_eq!(
        id.to_string(),
        answer.headers["x-nexus-request-id"].to_str().unwrap()
    );
    assert_eq!(
        (unit.as_str(), *status, path.as_str()),
        ("ann", 200, "/buy")
    );
    assert_eq!(
        (country.as_deref(), colo.as_deref(), device.as_str()),
        (Some("JP"), Some("nrt"), "mobile")
    );
    assert_eq!(*deployment, answer.json()["origin"].as_str().unwrap());
    assert_eq!(
        (assignments[0].experiment.as_str(), assignments[0].version),
        ("checkout", 5)
    );
    let batch = &world.console.batches()[0];
    assert_eq!(
        (batch.gateway_id.as_str(), batch.environment.as_str()),
        ("gw-1", "staging")
    );
    eventually("a sign of life", || {
        world
            .console
            .batches()
            .iter()
            .any(|batch| batch.events.is_empty())
    })
    .await;
}

#[tokio::test]
async fn requests_outside_every_experiment_are_counted_and_nothing_else() {
    let world = World::new().await;
    let mut snapshot = half_and_half(1);
    snapshot.experiments[0].paused = true;
    world.publish(&snapshot).await;
    let answer = world.get("/", &[("x-nexus-user", "ann")]).await;
    assert_eq!(answer.decision()["assignments"], json!({}));
    eventually("the sum", || !world.console.events().is_empty()).await;
    let events = world.console.events();
    let [
        Event::Repeats {
            requests: 1,
            errors: 0,
            ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}")
    };
}

#[tokio::test]
async fn the_cookie_is_secure_except_in_development_on_the_same_machine() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    for (host, secure) in [
        ("127.0.0.1:7820", false),
        ("localhost", false),
        ("shop.example", true),
        ("127.0.0.1.shop.example", true),
    ] {
        let answer = world.get("/", &[("host", host)]).await;
        let cookie = answer.headers["set-cookie"].to_str().unwrap();
        assert_eq!(cookie.ends_with("; Secure"), secure, "{host}: {cookie}");
    }
}
