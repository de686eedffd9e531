//! Visitors who leave, who flood, who dawdle; a console that takes little at a time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::sdk::{CLIENT, SERVER, with_keys};
use crate::support::{World, echo_origin, eventually, half_and_half, serve};
use axum::Router;
use axum::http::StatusCode;
use nexus_gateway::Event;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn statuses(world: &World) -> Vec<u16> {
    let events = world.console.events().into_iter();
    events
        .filter_map(|event| match event {
            Event::Request { status, .. } => Some(status),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_visitor_who_gives_up_on_a_hanging_origin_is_reported() {
    let hanging = serve(Router::new().fallback(std::future::pending::<()>)).await;
    let world = World::with_origins(&hanging, &hanging).await;
    world.publish(&half_and_half(1)).await;
    let request = world.client.get(world.url("/")).header("x-nexus-user", "u");
    let gave_up = request.timeout(Duration::from_millis(300)).send().await;
    assert!(gave_up.unwrap_err().is_timeout());
    eventually("an exposure", || statuses(&world) == [499]).await;
}

#[tokio::test]
async fn a_units_requests_are_reported_once_and_then_as_a_sum() {
    let failing = Arc::new(AtomicBool::new(false));
    let origin = {
        let failing = Arc::clone(&failing);
        serve(Router::new().fallback(move || {
            let status = if failing.load(Ordering::Relaxed) {
                500
            } else {
                200
            };
            std::future::ready(StatusCode::from_u16(status).unwrap())
        }))
        .await
    };
    let world = World::with_origins(&origin, &origin).await;
    world.publish(&half_and_half(1)).await;
    for _ in 0..20 {
        for unit in ["ann", "bob"] {
            world.get("/", &[("x-nexus-user", unit)]).await;
        }
    }
    failing.store(true, Ordering::Relaxed);
    for _ in 0..10 {
        world.get("/", &[("x-nexus-user", "ann")]).await;
    }
    let sum = || {
        let sums = world.console.events().into_iter().map(|event| match event {
            Event::Repeats {
                requests, errors, ..
            } => (requests, errors),
            _ => (0, 0),
        });
        sums.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    };
    eventually("the sum", || sum() == (38 + 9, 9)).await;
    assert_eq!(statuses(&world), [200, 200, 500]);
}

#[tokio::test]
async fn a_batch_that_the_console_finds_too_large_arrives_in_parts() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    // What is gathered during the outage comes in large batches afterwards.
    world.console.fail(503);
    world.console.take_at_most(3);
    for n in 0..40 {
        world.get("/", &[("x-nexus-user", &format!("u{n}"))]).await;
    }
    world.console.fail(0);
    eventually("every event", || world.console.events().len() >= 40).await;
    let batches = world.console.batches();
    let ids: BTreeSet<_> = batches.iter().map(|batch| batch.batch_id).collect();
    assert_eq!(ids.len(), batches.len(), "no two batches share an id");
    assert_eq!(world.console.events().len(), 40, "none comes twice");
    let telemetry = world.status().await["telemetry"].clone();
    assert_eq!(
        (&telemetry["sent"], &telemetry["dropped"]),
        (&json!(40), &json!(0))
    );
}

#[tokio::test]
async fn an_event_that_is_too_large_by_itself_does_not_hold_up_the_others() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    world.console.fail(413);
    world.get("/", &[("x-nexus-user", "a")]).await;
    let mut dropped = json!(null);
    while dropped != 1 {
        dropped = world.status().await["telemetry"]["dropped"].clone();
    }
    world.console.fail(0);
    world.get("/", &[("x-nexus-user", "b")]).await;
    eventually("the other", || world.console.events().len() == 1).await;
}

#[tokio::test]
async fn a_flood_of_conversions_leaves_room_for_exposures() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    world.console.fail(503);
    let event = json!({ "id": "01890a5d-ac96-774b-bcce-b302099a8057", "metric": "m" });
    let flood = json!({ "events": vec![event; 100] }).to_string();
    let mut taken = 0;
    let refused = loop {
        let answer = world
            .post("/events", &[("x-nexus-user", "eve")], flood.clone())
            .await;
        if answer.status != 202 {
            break answer;
        }
        taken += 1;
        assert!(taken < 1_000, "nobody stops the flood");
    };
    assert_eq!(refused.status, 503);
    assert!(refused.headers.contains_key("retry-after"));
    for n in 0..600 {
        world.get("/", &[("x-nexus-user", &format!("u{n}"))]).await;
    }
    assert_eq!(world.status().await["telemetry"]["dropped"], 0);
    world.console.fail(0);
    eventually("all exposures", || statuses(&world).len() == 600).await;
}

/// The answer to a request whose body never gets beyond its first byte.
async fn dawdle(world: &World, path: &str) -> String {
    let mut stream = TcpStream::connect(world.gateway.address()).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n1");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let end = stream.read_to_end(&mut answer);
    let end = tokio::time::timeout(Duration::from_secs(10), end).await;
    assert!(
        end.is_ok(),
        "{path}: the gateway never closes the connection"
    );
    String::from_utf8(answer).unwrap()
}

/// An origin that answers before it has seen the body, and then waits for it.
async fn hasty_origin() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                    .await;
                while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {}
            });
        }
    });
    address
}

#[tokio::test]
async fn nobody_holds_a_connection_by_sending_slowly() {
    let origin = echo_origin("stable").await;
    let patience = Duration::from_millis(300);
    let world = World::build_with(&origin, &origin, "127.0.0.0/8", |settings| {
        settings.body_patience = patience;
    })
    .await;
    world.publish(&half_and_half(1)).await;
    for path in ["/events", "/__nexus/decide", "/upload"] {
        let answer = dawdle(&world, path).await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
    }
    eventually("the exposure", || statuses(&world) == [408]).await;

    let hasty = hasty_origin().await;
    let world = World::build_with(&hasty, &hasty, "127.0.0.0/8", |settings| {
        settings.body_patience = patience;
    })
    .await;
    let answer = dawdle(&world, "/upload").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn events_and_flags_cost_by_their_number_and_nobody_elses_key() {
    let (stable, canary) = (echo_origin("stable").await, echo_origin("canary").await);
    let world = World::build_with(&stable, &canary, "127.0.0.0/8", |settings| {
        settings.sdk_rate = 20;
    });
    let world = world.await;
    let mut snapshot = with_keys(1);
    let flag = |n| nexus_flags::FlagRule {
        is_off: false,
        key: format!("f{n}"),
        value: true.into(),
        rules: Vec::new(),
        prerequisites: Vec::new(),
    };
    snapshot.flags.extend((0..1_795).map(flag));
    world.publish(&snapshot).await;
    // A full bucket holds a hundred.
    let event = json!({ "id": "01890a5d-ac96-774b-bcce-b302099a8057", "metric": "m", "unit": "u" });
    let events = json!({ "events": vec![event; 90] }).to_string();
    let send = async |key| {
        world
            .post("/events", &[("x-api-key", key)], events.clone())
            .await
    };
    assert_eq!(send(SERVER).await.status, 202);
    assert_eq!(send(SERVER).await.status, 429, "ten are left");
    assert_eq!(send(CLIENT).await.status, 202, "each key has its own");
    let other = "nxc_encrypted";
    let asked = json!({ "context": { "targetingKey": "u" } }).to_string();
    let flags = "/__nexus/ofrep/v1/evaluate/flags";
    let all = async |key| {
        world
            .post(flags, &[("x-api-key", key)], asked.clone())
            .await
    };
    assert_eq!(all(other).await.status, 200, "1,800 flags are ninety more");
    let refused = all(other).await;
    assert_eq!(
        (refused.status, refused.json()["status"].clone()),
        (429, json!(429))
    );
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_it_may_again() {
    let (stable, canary) = (echo_origin("stable").await, echo_origin("canary").await);
    let world = World::build_with(&stable, &canary, "127.0.0.0/8", |settings| {
        settings.sdk_rate = 1;
    });
    let world = world.await;
    world.publish(&with_keys(1)).await;
    let page = format!("/__nexus/api/features/{SERVER}");
    for _ in 0..5 {
        assert_eq!(world.get(&page, &[]).await.status, 200);
    }
    let events = format!("/__nexus/events?key={SERVER}");
    let sent = world
        .post(&events, &[], r#"{"events":[]}"#.to_owned())
        .await;
    for refused in [world.get(&page, &[]).await, sent] {
        assert_eq!(refused.status, 429);
        assert_eq!(refused.headers["retry-after"], "1");
        assert_eq!(refused.json()["title"], "Too Many Requests");
    }
    let other = format!("/__nexus/api/features/{CLIENT}");
    assert_eq!(
        world.get(&other, &[]).await.status,
        200,
        "each key has its own"
    );
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(world.get(&page, &[]).await.status, 200);
}
