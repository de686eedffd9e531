//! Conversions reported by visitors' pages.

use crate::sdk::{SERVER, with_keys};
use crate::support::{World, echo_origin, eventually, half_and_half};
use nexus_gateway::Event;
use serde_json::{Value, json};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn report(events: &Value) -> String {
    json!({ "events": events }).to_string()
}

#[tokio::test]
async fn conversions_reach_the_console_under_their_own_id() {
    let world = World::new().await;
    world.publish(&half_and_half(1)).await;
    let cookie = world.get("/", &[]).await.headers["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    let pair = cookie.split(';').next().unwrap();
    let unit = pair.split_once('=').unwrap().1;
    let body = report(
        &json!([{ "id": ID, "metric": "purchase", "value": 9.5 }, { "id": "?", "metric": "x" }]),
    );
    for _ in 0..2 {
        let answer = world
            .post("/events", &[("cookie", pair)], body.clone())
            .await;
        assert_eq!(answer.status, 202);
        let rejected = json!([{ "index": 1, "problem": "id is not a UUID" }]);
        assert_eq!(answer.json(), json!({ "queued": 1, "rejected": rejected }));
    }
    let conversions = || {
        let events = world.console.events();
        events
            .into_iter()
            .filter(|event| matches!(event, Event::Conversion { .. }))
            .collect::<Vec<_>>()
    };
    eventually("both deliveries", || conversions().len() == 2).await;
    for event in conversions() {
        let Event::Conversion {
            id,
            unit: reported,
            metric,
            value,
            ..
        } = event
        else {
            panic!("not a conversion")
        };
        assert_eq!((id.to_string().as_str(), reported.as_str()), (ID, unit));
        assert_eq!((metric.as_str(), value), ("purchase", Some(9.5)));
    }
}

#[tokio::test]
async fn who_prefers_to_wait_is_answered_when_the_console_has_counted() {
    let world = World::new().await;
    world.publish(&with_keys(1)).await;
    let body = report(&json!([{ "id": ID, "metric": "m", "unit": "ann" }, { "id": "?" }]));
    let send = async |headers: &[(&str, &str)]| {
        let answer = world.post("/events", headers, body.clone()).await;
        (answer.status, answer.json(), answer.headers)
    };
    let wait = [("x-api-key", SERVER), ("prefer", "wait=5")];
    let (status, answer, headers) = send(&wait).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!(1)), "{answer}");
    assert_eq!(answer["rejected"][0]["index"], 1);
    assert_eq!(headers["preference-applied"], "wait");
    assert_eq!(world.console.events().len(), 1, "it is there already");
    let (status, answer, headers) = send(&[("prefer", "wait")]).await;
    assert_eq!(
        (status, &answer["queued"]),
        (202, &json!(1)),
        "only with a key"
    );
    assert!(!headers.contains_key("preference-applied"));
    eventually("the other", || world.console.events().len() == 2).await;

    world.console.fail(503);
    let (status, answer, headers) = send(&wait).await;
    assert_eq!(
        (status, headers["retry-after"].to_str().unwrap()),
        (503, "5"),
        "{answer}"
    );
    assert!(
        answer["detail"]
            .as_str()
            .unwrap()
            .contains("send them again")
    );
    world.console.fail(0);
    assert_eq!(send(&wait).await.0, 200, "and so they were");
}

#[tokio::test]
async fn events_may_need_a_key_and_one_address_reports_only_so_much_without() {
    let (stable, canary) = (echo_origin("stable").await, echo_origin("canary").await);
    let build = |need_key| {
        World::build_with(&stable, &canary, "127.0.0.0/8", move |settings| {
            settings.events_need_key = need_key;
            settings.events_rate = 10;
        })
    };
    let strict = build(true).await;
    strict.publish(&with_keys(1)).await;
    let one = json!({ "id": ID, "metric": "m", "unit": "ann" });
    let (few, many) = (report(&json!([one])), report(&json!(vec![one; 50])));
    let keyed = [("x-api-key", SERVER)];
    assert_eq!(strict.post("/events", &[], few.clone()).await.status, 401);
    assert_eq!(
        strict.post("/events", &keyed, few.clone()).await.status,
        202
    );

    let world = build(false).await;
    world.publish(&with_keys(1)).await;
    let from = |address| [("x-forwarded-for", address)];
    let (eve, ann) = (from("203.0.113.9"), from("198.51.100.7"));
    assert_eq!(world.post("/events", &eve, many.clone()).await.status, 202);
    let refused = world.post("/events", &eve, many.clone()).await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("this address")
    );
    assert_eq!(
        world.post("/events", &ann, few).await.status,
        202,
        "others may"
    );
    let both = [eve[0], keyed[0]];
    assert_eq!(
        world.post("/events", &both, many).await.status,
        202,
        "with a key too"
    );
}

#[tokio::test]
async fn reports_have_limits() {
    let world = World::new().await;
    let status = |body: String| async {
        world
            .post("/events", &[("x-nexus-user", "ann")], body)
            .await
            .status
    };
    assert_eq!(status("{".to_owned()).await, 400);
    assert_eq!(
        status(report(&json!(vec![
            json!({ "id": ID, "metric": "m" });
            101
        ])))
        .await,
        400
    );
    assert_eq!(
        status(report(
            &json!([{ "id": ID, "metric": "m", "unit": "x".repeat(70_000) }])
        ))
        .await,
        413
    );
    assert_eq!(status(report(&json!([]))).await, 202);
    let wrong = world.get("/events", &[]).await;
    assert_eq!(
        (wrong.status, wrong.headers["allow"].to_str().unwrap()),
        (405, "POST, OPTIONS")
    );
}

#[tokio::test]
async fn only_known_pages_may_report() {
    let world = World::new().await;
    let body = report(&json!([{ "id": ID, "metric": "m" }]));
    let from = |origin: &'static str| {
        let headers = [("x-nexus-user", "ann"), ("origin", origin)];
        let body = body.clone();
        let world = &world;
        async move { world.post("/events", &headers, body).await }
    };
    let allowed = from("https://shop.example").await;
    assert_eq!(allowed.status, 202);
    assert_eq!(
        allowed.headers["access-control-allow-origin"],
        "https://shop.example"
    );
    assert_eq!(allowed.headers["access-control-allow-credentials"], "true");
    let foreign = from("https://evil.example").await;
    assert_eq!(foreign.status, 403);
    assert!(!foreign.headers.contains_key("access-control-allow-origin"));

    let preflight = world
        .client
        .request(reqwest::Method::OPTIONS, world.url("/events"));
    let preflight = preflight
        .header("origin", "https://shop.example")
        .send()
        .await
        .unwrap();
    assert_eq!(preflight.status(), 204);
    assert_eq!(preflight.headers()["access-control-allow-methods"], "POST");
}

#[tokio::test]
async fn decisions_can_be_asked_for_in_tests() {
    let world = World::new().await;
    assert_eq!(
        world
            .post("/__nexus/decide", &[], String::new())
            .await
            .status,
        503
    );
    world.publish(&half_and_half(1)).await;
    let lines = [
        json!({ "headers": [["x-nexus-user", "ann"]], "country": "JP", "now_ms": 1 }).to_string(),
        "nonsense".to_owned(),
    ];
    let answer = world.post("/__nexus/decide", &[], lines.join("\n")).await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let answers: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let served = world.get("/", &[("x-nexus-user", "ann")]).await.decision();
    let decided: Value = serde_json::from_str(answers[0]["decision"].as_str().unwrap()).unwrap();
    assert_eq!((&answers[0]["unit"], &decided), (&json!("ann"), &served));
    assert!(answers[1]["problem"].is_string());
}
