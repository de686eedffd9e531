//! Streams: news at once, an end with the key and with the gateway, bounds.

use std::time::Duration;

use crate::sdk::{CLIENT, SERVER, with_keys};
use crate::support::{World, echo_origin, eventually};
use nexus_flags::FlagRule;
use reqwest::Response;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn open(world: &World, page: &str, last: Option<&str>) -> Response {
    let mut request = world.client.get(world.url(&format!("/__nexus/{page}")));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    request.send().await.unwrap()
}

/// The next event's id, name and data; `None` at the stream's end.
async fn next(stream: &mut Response) -> Option<(String, String, Value)> {
    let mut text = String::new();
    loop {
        let part = timeout(Duration::from_secs(10), stream.chunk()).await;
        text += std::str::from_utf8(&part.unwrap().unwrap()?).unwrap();
        let event = text.split("\n\n").find(|event| event.contains("data: "));
        let Some(event) = event.filter(|_| text.ends_with("\n\n")) else {
            continue;
        };
        let field = |name: &str| {
            let mut lines = event.lines();
            lines
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_default()
                .to_owned()
        };
        let data = serde_json::from_str(&field("data: ")).unwrap();
        return Some((field("id: "), field("event: "), data));
    }
}

#[tokio::test]
async fn a_new_snapshot_is_pushed() {
    let world = World::new().await;
    world.publish(&with_keys(1)).await;
    let mut payload = open(&world, &format!("sub/{CLIENT}"), None).await;
    assert_eq!(payload.headers()["content-type"], "text/event-stream");
    let (id, event, data) = next(&mut payload).await.unwrap();
    assert_eq!((id.as_str(), event.as_str()), ("1-0", "features"));
    assert_eq!(data["features"]["limits"]["defaultValue"]["n"], 1);
    let page = format!("ofrep/v1/changes/{SERVER}");
    let mut changes = open(&world, &page, Some("1-0")).await;
    world.publish(&with_keys(2)).await;
    let (_, _, data) = next(&mut payload).await.unwrap();
    assert_eq!(data["features"]["limits"]["defaultValue"]["n"], 2);
    let (id, event, data) = next(&mut changes).await.unwrap();
    assert_eq!(
        (id.as_str(), event.as_str()),
        ("2-0", "message"),
        "nothing before that"
    );
    assert_eq!(
        (&data["type"], &data["etag"]),
        (&"refetchEvaluation".into(), &"2-0".into())
    );
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the gateway under test reads the clock"
)]
async fn what_starts_by_itself_is_pushed_too() {
    let world = World::new().await;
    let mut snapshot = with_keys(1);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let start_ms = i64::try_from(now.unwrap().as_millis()).unwrap() + 1_500;
    snapshot.experiments[0].start_ms = Some(start_ms);
    world.publish(&snapshot).await;
    let mut payload = open(&world, &format!("sub/{CLIENT}"), None).await;
    let (_, _, before) = next(&mut payload).await.unwrap();
    assert_eq!(before["features"].get("button"), None);
    let (id, _, after) = next(&mut payload).await.unwrap();
    assert!(after["features"].get("button").is_some() && id == format!("1-{start_ms}"));
}

#[tokio::test]
async fn a_stream_ends_with_its_key_and_with_the_gateway() {
    let world = World::new().await;
    world.publish(&with_keys(1)).await;
    let mut revoked = open(&world, &format!("sub/{CLIENT}"), Some("1-0")).await;
    let mut kept = open(&world, &format!("sub/{SERVER}"), Some("1-0")).await;
    let mut snapshot = with_keys(2);
    snapshot.sdk_keys.retain(|key| key.id == "api");
    world.publish(&snapshot).await;
    assert_eq!(next(&mut revoked).await, None);
    assert!(next(&mut kept).await.is_some());
    assert_eq!(
        open(&world, &format!("sub/{CLIENT}"), None).await.status(),
        401
    );
    let stopped = timeout(Duration::from_secs(5), world.gateway.stop());
    let (stopped, end) = tokio::join!(stopped, next(&mut kept));
    assert!(stopped.is_ok() && end.is_none());
}

#[tokio::test]
async fn one_key_takes_a_quarter_of_the_streams_and_no_more() {
    let (stable, canary) = (echo_origin("stable").await, echo_origin("canary").await);
    let world = World::build_with(&stable, &canary, "127.0.0.0/8", |settings| {
        settings.max_streams = 8;
    });
    let world = world.await;
    world.publish(&with_keys(1)).await;
    let page = format!("sub/{CLIENT}");
    let mut own = vec![
        open(&world, &page, None).await,
        open(&world, &page, None).await,
    ];
    let refused = open(&world, &page, None).await;
    assert_eq!(
        (
            refused.status().as_u16(),
            refused.headers()["retry-after"].to_str().unwrap()
        ),
        (429, "5")
    );
    assert!(refused.text().await.unwrap().contains("with this SDK key"));
    let mut other = open(&world, &format!("sub/{SERVER}"), None).await;
    assert!(next(&mut other).await.is_some(), "the others' are theirs");
    assert!(next(&mut own[0]).await.is_some());
    assert_eq!(world.status().await["streams"], 3);
    eventually("the console hears of them", || {
        let newest = world.console.batches().pop();
        newest.is_some_and(|batch| batch.streams == Some(3))
    })
    .await;
    drop(own);
    let mut status = 0;
    for _ in 0..100 {
        status = open(&world, &page, None).await.status().as_u16();
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, 200, "places come back");
}

#[tokio::test]
async fn a_server_keys_stream_is_named_by_a_token_that_opens_nothing_else() {
    let world = World::new().await;
    world.publish(&with_keys(1)).await;
    let asked = serde_json::json!({ "context": { "targetingKey": "u" } }).to_string();
    let flags = "/__nexus/ofrep/v1/evaluate/flags";
    let all = world
        .post(flags, &[("x-api-key", SERVER)], asked.clone())
        .await;
    let stream = all.json()["eventStreams"][0]["endpoint"]["requestUri"].clone();
    let stream = stream.as_str().unwrap().to_owned();
    assert!(!stream.contains(SERVER), "{stream}");
    let page = stream.strip_prefix("/__nexus/").unwrap();
    let mut opened = open(&world, page, None).await;
    assert_eq!(
        next(&mut opened).await.unwrap().2["type"],
        "refetchEvaluation"
    );
    let token = page.rsplit('/').next().unwrap();
    for other in ["sub", "api/features"] {
        assert_eq!(
            open(&world, &format!("{other}/{token}"), None)
                .await
                .status(),
            401
        );
    }
    let evaluated = world.post(flags, &[("x-api-key", token)], asked).await;
    assert_eq!(evaluated.status, 401);
    let reported = world
        .post("/events", &[("x-api-key", token)], "{}".to_owned())
        .await;
    assert_eq!(reported.status, 401);
    let mut snapshot = with_keys(2);
    snapshot.sdk_keys.retain(|key| key.id != "api");
    world.publish(&snapshot).await;
    assert_eq!(
        open(&world, page, None).await.status(),
        401,
        "it ends with the key"
    );
}

#[tokio::test]
async fn streams_are_few_and_who_does_not_read_loses_its_place() {
    let (stable, canary) = (echo_origin("stable").await, echo_origin("canary").await);
    let world = World::build_with(&stable, &canary, "127.0.0.0/8", |settings| {
        settings.max_streams = 1;
        settings.body_patience = Duration::from_millis(300);
    });
    let world = world.await;
    let large = |version| {
        let mut snapshot = with_keys(version);
        let flag = |n| FlagRule {
            is_off: false,
            key: format!("large{n}"),
            value: "x".repeat(60_000).into(),
            rules: Vec::new(),
            prerequisites: Vec::new(),
        };
        snapshot.flags.extend((0..80).map(flag));
        snapshot
    };
    world.publish(&large(1)).await;
    let page = format!("sub/{CLIENT}");
    let mut sleeper = TcpStream::connect(world.gateway.address()).await.unwrap();
    let request = format!("GET /__nexus/{page} HTTP/1.1\r\nhost: x\r\n\r\n");
    sleeper.write_all(request.as_bytes()).await.unwrap();
    let mut byte = [0];
    sleeper.read_exact(&mut byte).await.unwrap();
    let refused = open(&world, &page, None).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "5");
    assert!(refused.text().await.unwrap().contains("too many streams"));
    for version in 2..6 {
        world.publish(&large(version)).await;
    }
    let mut status = 0;
    for _ in 0..100 {
        let opened = open(&world, &page, Some("5-0")).await;
        status = opened.status().as_u16();
        if status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, 200, "the sleeper's place is free again");
}
