//! The crowd against a stand-in for the gateway, over real sockets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::post;
use axum::{Json, Router};
use nexus_demo::traffic::{Options, Settings, TargetUrl, Traffic, control_router};
use nexus_demo::{Random, origins};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Seen = Arc<Mutex<Vec<(HeaderMap, Value)>>>;

async fn serve(router: Router) -> TargetUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url.parse().unwrap()
}

/// Decides that everybody is in the treatment of `exp`, sets a cookie, takes conversions.
async fn decide(mut request: Request, next: Next) -> Response {
    let decision = r#"{"deployment":"stable","version":1,"assignments":{"exp":"treatment"}}"#;
    request
        .headers_mut()
        .insert("x-nexus-decision", decision.parse().unwrap());
    request
        .headers_mut()
        .insert("x-nexus-request-id", "r".parse().unwrap());
    let anonymous = !request.headers().contains_key("cookie");
    let mut response = next.run(request).await;
    if anonymous {
        let cookie = "nexus_uid=abc; Path=/; HttpOnly".parse().unwrap();
        response.headers_mut().insert("set-cookie", cookie);
    }
    response
}

async fn events(
    State(seen): State<Seen>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let queued = body["events"].as_array().map_or(0, Vec::len);
    seen.lock().unwrap().push((headers, body));
    Json(json!({ "queued": queued, "rejected": [] }))
}

async fn started(settings: Settings) -> (Traffic, TargetUrl, Seen) {
    let seen = Seen::default();
    let shop = origins::router("stable", Random::seeded(1)).layer(from_fn(decide));
    let gateway = Router::new()
        .route("/events", post(events))
        .with_state(seen.clone())
        .merge(shop);
    let gateway = serve(gateway).await;
    let origin = serve(origins::router("canary", Random::seeded(2))).await;
    let traffic = Traffic::new(Options {
        gateway,
        origins: vec![origin.clone()],
        rate_per_second: settings.rate_per_second,
        day_seconds: 86_400.0,
        metric: "purchase".to_owned(),
        random: Random::seeded(5),
    })
    .unwrap();
    (traffic, origin, seen)
}

/// Polls until it holds; fails after 20 s.
async fn eventually(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..400 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never happened: {what}");
}

#[tokio::test]
async fn visitors_come_return_and_convert() {
    let (traffic, _, seen) = started(Settings {
        rate_per_second: 400.0,
        ..Settings::default()
    })
    .await;
    tokio::spawn(traffic.clone().run());
    eventually("conversions", || traffic.counters().conversions > 5).await;
    let counters = traffic.counters();
    assert!(
        counters.answered > 50 && counters.unanswered == 0 && counters.failed == 0,
        "{counters:?}"
    );
    assert!(counters.seen.contains_key("exp=treatment"));
    let seen = seen.lock().unwrap();
    for (headers, body) in seen.iter() {
        assert!(
            headers.contains_key("cookie"),
            "a conversion carries the visitor's identity"
        );
        assert_eq!(body["events"][0]["metric"], "purchase");
        assert_eq!(body["events"][1]["metric"], "revenue");
        let worth = body["events"][1]["value"].as_f64().unwrap();
        assert!((0.0..=1_000.0).contains(&worth), "{worth}");
        assert!(
            body["events"][0]["id"]
                .as_str()
                .unwrap()
                .parse::<uuid::Uuid>()
                .is_ok()
        );
    }
}

/// One request without a library; answers the whole response.
async fn raw(authority: &str, request: String) -> String {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn post_form(path: &str, host: &str, origin: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\norigin: {origin}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn the_page_steers_crowd_and_origins_only_from_here() {
    let (traffic, origin, _) = started(Settings::default()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap().to_string();
    let page = control_router(traffic.clone());
    tokio::spawn(async move { axum::serve(listener, page).await.unwrap() });
    let here = format!("http://{at}");

    let answer = raw(
        &at,
        post_form("/settings", &at, &here, "rate_per_second=7&variant%3Ax=42"),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert!((traffic.settings().rate_per_second - 7.0).abs() < f64::EPSILON);
    assert!((traffic.settings().conversion_by_variant["x"] - 0.42).abs() < 1e-9);

    let inject = "action=inject&error_percent=100&delay_ms=0&variant=&experiment=";
    for (host, from) in [
        (at.as_str(), "http://evil.example"),
        ("evil.example", "http://evil.example"),
    ] {
        let answer = raw(&at, post_form("/errors", host, from, inject)).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    let answer = raw(&at, post_form("/errors", &at, &here, inject)).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");

    let origin = origin.to_string();
    let origin = origin.trim_start_matches("http://");
    let get = |path: &str, more: &str| {
        raw(
            origin,
            format!("GET {path} HTTP/1.1\r\nhost: {origin}\r\nconnection: close\r\n{more}\r\n"),
        )
    };
    assert!(get("/", "").await.starts_with("HTTP/1.1 500"));
    assert!(
        get("/health", "").await.starts_with("HTTP/1.1 200"),
        "its health check stays honest"
    );
    assert!(
        get("/__demo/behaviour", "")
            .await
            .contains("\"error_rate\":1.0")
    );

    raw(&at, post_form("/errors", &at, &here, "action=stop")).await;
    assert!(get("/", "").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn visitors_of_the_gateway_cannot_steer_an_origin() {
    let (_, origin, _) = started(Settings::default()).await;
    let origin = origin.to_string();
    let origin = origin.trim_start_matches("http://");
    let request = format!(
        "DELETE /__demo/behaviour HTTP/1.1\r\nhost: {origin}\r\nx-nexus-request-id: r\r\nconnection: close\r\n\r\n"
    );
    assert!(raw(origin, request).await.starts_with("HTTP/1.1 403"));
}
