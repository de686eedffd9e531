//! Everything around the gateway breaks; it serves on.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::{World, eventually, half_and_half, serve};
use axum::Router;
use axum::response::sse::{Event as Sse, Sse as SseBody};
use axum::routing::get;
use futures::StreamExt;
use nexus_gateway::Event;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// An address where nobody listens.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn a_dead_origin_is_a_bad_gateway_and_counts_against_its_variant() {
    let world = World::with_origins(
        &crate::support::echo_origin("stable").await,
        &nobody().await,
    )
    .await;
    world.publish(&half_and_half(1)).await;
    let mut statuses = BTreeSet::new();
    for n in 0..40 {
        let answer = world.get("/", &[("x-nexus-user", &format!("u{n}"))]).await;
        if answer.status == 502 {
            assert_eq!(answer.headers["content-type"], "application/problem+json");
            assert_eq!(answer.json()["status"], 502);
            assert!(answer.headers.contains_key("x-nexus-request-id"));
        }
        statuses.insert(answer.status);
    }
    assert_eq!(statuses, BTreeSet::from([200, 502]));
    eventually("40 events", || world.console.events().len() == 40).await;
    for event in world.console.events() {
        let Event::Request {
            status,
            assignments,
            ..
        } = event
        else {
            panic!("not a request")
        };
        assert_eq!(status == 502, assignments[0].variant == "treatment");
    }
}

/// An origin that answers the first request of each connection and then closes it when
/// the second arrives, as servers do that tire of idle connections.
async fn forgetful_origin() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let counter = Arc::clone(&counter);
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                if stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {
                    counter.fetch_add(1, Ordering::SeqCst);
                    let _ = stream
                        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                        .await;
                    let _ = stream.read(&mut buffer).await;
                }
            });
        }
    });
    (address, requests)
}

#[tokio::test]
async fn a_pooled_connection_that_breaks_is_tried_once_more() {
    let (origin, requests) = forgetful_origin().await;
    let world = World::with_origins(&origin, &origin).await;
    for _ in 0..6 {
        assert_eq!(world.get("/", &[]).await.status, 200);
    }
    assert_eq!(requests.load(Ordering::SeqCst), 6);
    let statuses = [
        world.post("/", &[], "x".to_owned()).await.status,
        world.post("/", &[], "x".to_owned()).await.status,
    ];
    assert!(
        statuses.contains(&502),
        "what may not be repeated is not repeated: {statuses:?}"
    );
}

#[tokio::test]
async fn an_outage_of_the_console_loses_and_doubles_nothing() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    world.console.fail(503);
    for n in 0..50 {
        world.get("/", &[("x-nexus-user", &format!("u{n}"))]).await;
    }
    while world.status().await["telemetry"]["retries"] == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The console takes the batch, but the reply is lost.
    world.console.drop_replies(1);
    world.console.fail(0);
    eventually("two deliveries", || {
        world
            .console
            .batches()
            .iter()
            .filter(|b| !b.events.is_empty())
            .count()
            >= 2
    })
    .await;
    eventually("everything", || {
        world
            .console
            .events()
            .iter()
            .map(id)
            .collect::<BTreeSet<_>>()
            .len()
            == 50
    })
    .await;
    let batches = world.console.batches();
    let full: Vec<_> = batches
        .iter()
        .filter(|batch| !batch.events.is_empty())
        .collect();
    assert_eq!(
        full[0], full[1],
        "the same batch, under the same id, is delivered again"
    );
    let distinct: BTreeSet<_> = full.iter().map(|batch| batch.batch_id).collect();
    let once: usize = distinct
        .iter()
        .map(|id| {
            full.iter()
                .find(|batch| batch.batch_id == *id)
                .unwrap()
                .events
                .len()
        })
        .sum();
    assert_eq!(once, 50, "counting each batch once counts each event once");
    let telemetry = world.status().await["telemetry"].clone();
    assert!(
        telemetry["retries"].as_u64() > Some(0) && telemetry["dropped"] == 0,
        "{telemetry}"
    );
}

fn id(event: &Event) -> String {
    match event {
        Event::Request { id, .. } | Event::Repeats { id, .. } | Event::Conversion { id, .. } => {
            id.to_string()
        }
    }
}

#[tokio::test]
async fn stopping_delivers_what_is_queued_and_ends_requests_under_way() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (entered, release) = (Arc::clone(&entered), Arc::clone(&release));
        move || async move {
            entered.notify_one();
            release.notified().await;
            "done"
        }
    };
    let origin = serve(
        Router::new()
            .route("/slow", get(slow))
            .fallback(|| async { "quick" }),
    )
    .await;
    let world = World::with_origins(&origin, &origin).await;
    world.publish(&half_and_half(1)).await;
    world.get("/", &[("x-nexus-user", "ann")]).await;
    let request = tokio::spawn(
        world
            .client
            .get(world.url("/slow"))
            .header("x-nexus-user", "bob")
            .send(),
    );
    entered.notified().await;
    let address = world.gateway.address();
    let stopped = tokio::spawn(world.gateway.stop());
    // Refused once the listener is gone.
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    release.notify_one();
    let answer = request.await.unwrap().unwrap();
    assert_eq!(answer.text().await.unwrap(), "done");
    tokio::time::timeout(Duration::from_secs(8), stopped)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(world.console.events().len(), 2);
}

#[tokio::test]
async fn streams_pass_as_they_come() {
    let go_on = Arc::new(Notify::new());
    let waiting = Arc::clone(&go_on);
    let stream = move || {
        let waiting = Arc::clone(&waiting);
        async move {
            SseBody::new(futures::stream::unfold(0, move |n| {
                let waiting = Arc::clone(&waiting);
                async move {
                    if n > 0 {
                        waiting.notified().await;
                    }
                    (n < 3).then(|| {
                        (
                            Ok::<_, std::convert::Infallible>(Sse::default().data(n.to_string())),
                            n + 1,
                        )
                    })
                }
            }))
        }
    };
    let origin = serve(Router::new().route("/stream", get(stream))).await;
    let world = World::with_origins(&origin, &origin).await;
    let answer = world.client.get(world.url("/stream")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let mut body = answer.bytes_stream();
    for n in 0..3 {
        // Each event arrives before the origin is allowed to send the next.
        let chunk = tokio::time::timeout(Duration::from_secs(5), body.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert_eq!(chunk, format!("data: {n}\n\n"));
        go_on.notify_one();
    }
    assert!(body.next().await.is_none());
}

async fn raw(world: &World, request: &str) -> String {
    let mut stream = TcpStream::connect(world.gateway.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn smuggled_requests_do_not_get_through() {
    let seen = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&seen);
    let origin = serve(
        Router::new().fallback(move |request: axum::extract::Request| async move {
            assert_ne!(request.uri().path(), "/smuggled");
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = axum::body::to_bytes(request.into_body(), 1 << 16).await;
            "ok"
        }),
    )
    .await;
    let world = World::with_origins(&origin, &origin).await;
    let inner = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    let length = inner.len();
    let refused = [
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: {length}\r\n\r\n{inner}"
        ),
        format!("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: +{length}\r\n\r\n{inner}"),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}"
        ),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n{inner}"
        ),
        format!(
            "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n{inner}"
        ),
        format!("POST / HTTP/1.1\r\nhost: x\r\n content-length: {length}\r\n\r\n{inner}"),
        "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n".to_owned(),
        "CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\nconnection: close\r\n\r\n"
            .to_owned(),
        "TRACE / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned(),
        format!(
            "GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
            "a".repeat(9_000)
        ),
    ];
    for request in refused {
        let answer = raw(&world, &request).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{request:?}: {answer:?}");
        assert_eq!(
            answer.matches("HTTP/1.1").count(),
            1,
            "{request:?}: {answer:?}"
        );
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    // RFC 9112 §6.3: Transfer-Encoding wins and the connection is closed.
    let both = format!(
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n{inner}"
    );
    let answer = raw(&world, &both).await;
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer:?}");
    assert!(seen.load(Ordering::SeqCst) <= 1);
    assert_eq!(world.get("/", &[]).await.status, 200, "and it serves on");
}

#[tokio::test]
async fn a_loop_ends() {
    let world = World::new().await;
    let hops = ["1.1 nexus-gateway"; 4].join(", ");
    assert_eq!(world.get("/", &[("via", &hops)]).await.status, 508);
}

#[tokio::test]
async fn garbage_is_answered_or_cut_off_and_never_fatal() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    let mut state = 0x9e37_79b9_u32;
    for _ in 0..200 {
        let mut request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncookie: ".to_vec();
        for _ in 0..(state % 60) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            request.push((state >> 24) as u8);
        }
        state = state.wrapping_add(1);
        request.extend_from_slice(b"\r\n\r\n");
        let mut stream = TcpStream::connect(world.gateway.address()).await.unwrap();
        stream.write_all(&request).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 "),
            "{request:?}"
        );
    }
    assert_eq!(
        world.get("/", &[]).await.json()["origin"]
            .as_str()
            .map(str::len),
        Some(6)
    );
    assert_eq!(
        world.get("/__nexus/health", &[]).await.json(),
        json!({ "status": "ok" })
    );
}
