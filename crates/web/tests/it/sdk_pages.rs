//! SDKs' pages at the console: opened by a key, of its environment, as at a gateway.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn_with_state;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use nexus_control::testing::{Break, TestConsole, draft, flag_draft, sdk_key_draft};
use nexus_control::views::SdkKeyOnce;
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::Command;
use nexus_domain::flag::{FlagCommand, FlagDraft};
use nexus_domain::sdk_key::{SdkKeyDraft, SdkKeyKind};
use nexus_web::sdk::{Options, Sdk};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::{Answer, World, ask};

const FLAGS: &str = "/ofrep/v1/evaluate/flags";
const ORIGIN: (&str, &str) = ("origin", "https://shop.example");

/// Operations that no role opens, with the path of a request that shows no good key.
pub(crate) const OPERATIONS: &[(&str, &str)] = &[
    ("post", "/ofrep/v1/evaluate/flags/{flag}"),
    ("post", FLAGS),
    ("get", "/ofrep/v1/changes/{key}"),
    ("get", "/api/features/{key}"),
    ("get", "/sub/{key}"),
    ("post", "/events"),
];

struct Pages {
    world: World,
    sdk: Sdk,
    router: Router,
}

impl Pages {
    async fn started(&self, owner: &Actor, id: &str) {
        let console = &self.t().console;
        console.create_experiment(owner, draft(id)).await.unwrap();
        let start = console.command_experiment(owner, id, None, Command::Start);
        start.await.unwrap();
    }

    async fn with_rate(rate: u32) -> Self {
        let world = World::new(None).await;
        let options = Options {
            rate,
            max_streams: 1,
            sleep: Some(|time| Box::pin(tokio::time::sleep(time))),
            behind_cloudflare: false,
        };
        let sdk = Sdk::new(&world.web, options);
        let web = &world.web;
        let router = world
            .router()
            .merge(nexus_web::sdk::router(sdk.clone()))
            .layer(from_fn_with_state(web.clone(), nexus_web::secure));
        Self { world, sdk, router }
    }

    async fn new() -> Self {
        Self::with_rate(0).await
    }

    fn t(&self) -> &TestConsole {
        &self.world.t
    }

    async fn flag(&self, environment: Environment, value: Value) {
        let draft = FlagDraft {
            environment,
            rules: vec![nexus_domain::flag::Rule::for_everybody(value)],
            ..flag_draft("cta")
        };
        let owner = self.t().person(Role::Owner);
        let console = &self.t().console;
        console.create_flag(&owner, draft).await.unwrap();
        let on = console.command_flag(&owner, environment, "cta", None, FlagCommand::Enable, "x");
        on.await.unwrap();
    }

    async fn key(&self, draft: SdkKeyDraft) -> SdkKeyOnce {
        let owner = self.t().person(Role::Owner);
        self.t()
            .console
            .create_sdk_key(&owner, draft)
            .await
            .unwrap()
    }

    async fn client(&self) -> String {
        self.key(sdk_key_draft("web")).await.key
    }

    async fn evaluate(&self, path: &str, key: &str, more: &[(&str, &str)]) -> Answer {
        let headers = [&[("x-api-key", key)], more].concat();
        let question = json!({"context": {"targetingKey": "ann"}});
        ask(&self.router, Method::POST, path, &headers, Some(question)).await
    }
}

fn server(environment: Environment) -> SdkKeyDraft {
    SdkKeyDraft {
        environment,
        kind: SdkKeyKind::Server,
        origins: Vec::new(),
        ..sdk_key_draft("api")
    }
}

#[tokio::test]
async fn a_key_opens_its_own_environment() {
    let pages = Pages::new().await;
    let (production, staging) = (Environment::Production, Environment::Staging);
    pages.flag(production, true.into()).await;
    pages.flag(staging, false.into()).await;
    let keys = [server(production), server(staging)].map(|draft| pages.key(draft));
    let [here, there] = futures::future::join_all(keys)
        .await
        .try_into()
        .ok()
        .unwrap();
    let flag = format!("{FLAGS}/cta");
    for (key, value) in [(&here.key, true), (&there.key, false)] {
        let one = pages.evaluate(&flag, key, &[]).await;
        assert_eq!(
            (one.status, &one.json()["value"]),
            (StatusCode::OK, &json!(value))
        );
        let all = pages.evaluate(FLAGS, key, &[]).await.json();
        assert_eq!(all["flags"][0]["value"], value);
        let stream = &all["eventStreams"][0]["endpoint"]["requestUri"];
        let stream = stream.as_str().unwrap();
        assert!(stream.starts_with("/ofrep/v1/changes/nxt_"), "{stream}");
        let asked = ask_head(&pages.router, stream).await;
        assert_eq!(
            asked,
            StatusCode::OK,
            "its environment is found by the token"
        );
        let features = format!("/api/features/{key}");
        let features = ask(&pages.router, Method::GET, &features, &[], None).await;
        assert_eq!(
            features.json()["features"]["cta"]["rules"][0]["force"],
            value
        );
    }
    let owner = pages.t().person(Role::Owner);
    let id = here.sdk_key.id.as_str();
    pages.t().console.revoke_sdk_key(&owner, id).await.unwrap();
    let refused = pages.evaluate(&flag, &here.key, &[]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.text);
}

#[tokio::test]
async fn nothing_but_a_key_opens_them() {
    let pages = Pages::new().await;
    pages.client().await;
    for (method, path) in OPERATIONS {
        let method: Method = method.to_uppercase().parse().unwrap();
        let path = path.replace("{flag}", "cta").replace("{key}", "none");
        for headers in [&[][..], &[("authorization", "Bearer nxa_token")]] {
            let body = (method == Method::POST).then(|| json!({}));
            let refused = ask(&pages.router, method.clone(), &path, headers, body).await;
            assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(refused.headers["content-type"], "application/problem+json");
            assert_eq!(refused.headers["www-authenticate"], "Bearer");
        }
    }
    let wrong = ask(&pages.router, Method::PUT, FLAGS, &[], Some(json!({}))).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(wrong.headers["allow"], "POST, OPTIONS");
    let nowhere = ask(&pages.router, Method::GET, "/ofrep/v1/x", &[], None).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_has_the_answer_gets_304_until_it_changes() {
    let pages = Pages::new().await;
    pages.flag(Environment::Production, true.into()).await;
    let key = pages.client().await;
    let first = pages.evaluate(FLAGS, &key, &[]).await;
    let tag = first.headers["etag"].to_str().unwrap();
    let again = pages.evaluate(FLAGS, &key, &[("if-none-match", tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    // What another process committed is seen a moment later.
    let other = pages.t().beside(pages.world.db.clone(), 7);
    let owner = pages.t().person(Role::Owner);
    let off = FlagCommand::Disable;
    let off = other
        .console
        .command_flag(&owner, Environment::Production, "cta", None, off, "x");
    off.await.unwrap();
    pages.t().clock.advance(1_000);
    let changed = pages.evaluate(FLAGS, &key, &[("if-none-match", tag)]).await;
    assert_eq!(
        (changed.status, &changed.json()["flags"][0]["value"]),
        (StatusCode::OK, &json!(false))
    );
}

#[tokio::test]
async fn pages_that_the_key_names_may_ask_and_no_others() {
    let pages = Pages::new().await;
    let key = pages.client().await;
    let wanted = [ORIGIN, ("access-control-request-method", "POST")];
    let preflight = ask(&pages.router, Method::OPTIONS, FLAGS, &wanted, None).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(preflight.headers["access-control-allow-origin"], ORIGIN.1);
    let cross = ("sec-fetch-site", "cross-site");
    let asked = pages.evaluate(FLAGS, &key, &[ORIGIN, cross]).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert_eq!(asked.headers["access-control-allow-origin"], ORIGIN.1);
    let evil = [("origin", "https://evil.example"), cross];
    let refused = pages.evaluate(FLAGS, &key, &evil).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!refused.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_change_is_pushed_within_a_second_and_streams_are_bounded() {
    let pages = Pages::new().await;
    pages.flag(Environment::Production, true.into()).await;
    let key = pages.client().await;
    let sdk = pages.sdk.clone();
    let running =
        tokio::spawn(async move { sdk.run(|time| Box::pin(tokio::time::sleep(time))).await });
    let request = Request::get(format!("/ofrep/v1/changes/{key}")).body(Body::empty());
    let response = pages
        .router
        .clone()
        .oneshot(request.unwrap())
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut stream = response.into_body();
    let mut until = async |what: &str| {
        let mut heard = String::new();
        while !heard.contains(what) {
            let frame = tokio::time::timeout(Duration::from_secs(1), stream.frame());
            let frame = frame.await.unwrap().unwrap().unwrap();
            heard += std::str::from_utf8(frame.data_ref().unwrap()).unwrap();
        }
    };
    until("refetchEvaluation").await;
    let owner = pages.t().person(Role::Owner);
    let shown = pages
        .t()
        .console
        .flag(&owner, Environment::Production, "cta");
    let shown = serde_json::to_value(shown.await.unwrap()).unwrap();
    assert_eq!(shown["propagation"]["own_pages"]["streams"], 1);
    let sub = format!("/sub/{key}");
    let more = ask(&pages.router, Method::GET, &sub, &[ORIGIN], None).await;
    assert_eq!(more.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(more.headers["access-control-allow-origin"], ORIGIN.1);
    let off = FlagCommand::Disable;
    let console = &pages.t().console;
    let off = console.command_flag(&owner, Environment::Production, "cta", None, off, "x");
    off.await.unwrap();
    until("refetchEvaluation").await;
    drop(stream);
    let free = ask_head(&pages.router, &sub).await;
    assert_eq!(free, StatusCode::OK, "the place is free again");
    running.abort();
}

/// The status of a stream, which is closed at once.
async fn ask_head(router: &Router, path: &str) -> StatusCode {
    let request = Request::get(path).body(Body::empty()).unwrap();
    router.clone().oneshot(request).await.unwrap().status()
}

#[tokio::test]
async fn what_is_asked_is_counted_and_the_console_is_no_gateway() {
    let pages = Pages::new().await;
    let owner = pages.t().person(Role::Owner);
    let console = &pages.t().console;
    pages.started(&owner, "cta").await;
    let other = FlagDraft {
        key: "other".to_owned(),
        ..flag_draft("cta")
    };
    console.create_flag(&owner, other).await.unwrap();
    let key = pages.key(server(Environment::Production)).await.key;
    for flag in ["cta", "cta", "other"] {
        let asked = pages.evaluate(&format!("{FLAGS}/{flag}"), &key, &[]).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    }
    pages.sdk.flush().await;
    let detail = console.experiment(&owner, "cta").await.unwrap();
    let json = serde_json::to_value(&detail).unwrap();
    let text = json.to_string();
    assert!(
        text.contains("\"exposures\":1"),
        "once, however often: {text}"
    );
    assert_eq!(json["propagation"]["gateways"], json!([]));
    let own = &json["propagation"]["own_pages"];
    assert_eq!(own["version"], json["propagation"]["version"]);
    assert_eq!(
        (&own["current"], &own["streams"]),
        (&json!(true), &json!(0))
    );
    let flag = console
        .flag(&owner, Environment::Production, "other")
        .await
        .unwrap();
    let flag = serde_json::to_value(&flag).unwrap();
    assert!(flag.to_string().contains("\"count\":1"), "{flag}");
    let visitors = console.flag_visitors(&owner, Environment::Production).await;
    let visitors = visitors.unwrap().unwrap();
    let units: Vec<&str> = visitors.iter().map(|row| row.who.unit.as_str()).collect();
    assert_eq!(units, ["ann"], "whom SDKs ask about can be tried on");
}

#[tokio::test]
async fn what_sdks_decide_by_themselves_is_reported_and_counted() {
    let pages = Pages::new().await;
    let owner = pages.t().person(Role::Owner);
    let console = &pages.t().console;
    pages.started(&owner, "cta").await;
    let key = pages.client().await;
    let one = pages
        .evaluate(&format!("{FLAGS}/cta"), &key, &[])
        .await
        .json();
    let id = |n: u32| format!("01890a5d-ac96-774b-bcce-b302099a80{n:02}");
    let exposed = |n, variant: &str| json!({"type": "exposure", "id": id(n), "experiment": "cta", "unit": "ann", "variant": variant});
    let bought = json!({"id": id(3), "metric": "purchase", "unit": "ann"});
    let events = json!({"events": [exposed(1, one["variant"].as_str().unwrap()), exposed(2, "none"), bought]});
    let path = format!("/events?key={key}");
    let cross = ("sec-fetch-site", "cross-site");
    let sent = ask(
        &pages.router,
        Method::POST,
        &path,
        &[ORIGIN, cross],
        Some(events),
    )
    .await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text);
    assert_eq!(sent.headers["access-control-allow-origin"], ORIGIN.1);
    assert_eq!(
        (
            &sent.json()["accepted"],
            &sent.json()["rejected"][0]["index"]
        ),
        (&json!(2), &json!(1))
    );
    // Without anybody's help: what is accepted is committed.
    let detail = console.experiment(&owner, "cta").await.unwrap();
    let text = serde_json::to_string(&detail).unwrap();
    assert!(
        text.contains("\"exposures\":1"),
        "asked and reported, it is one user: {text}"
    );
}

#[tokio::test]
async fn what_cannot_be_committed_is_not_accepted_and_the_console_names_what_it_refuses() {
    let pages = Pages::new().await;
    let owner = pages.t().person(Role::Owner);
    pages.started(&owner, "cta").await;
    let key = pages.key(server(Environment::Production)).await.key;
    let id = |n: u32| format!("01890a5d-ac96-774b-bcce-b302099a80{n:02}");
    let bought = |n| json!({"id": id(n), "metric": "purchase", "unit": "ann"});
    let send = async |events: Value| {
        let headers = [("x-api-key", key.as_str())];
        let body = Some(json!({"events": events}));
        ask(&pages.router, Method::POST, "/events", &headers, body).await
    };
    let first = send(json!([bought(1)])).await;
    assert_eq!(
        (first.status, first.json()["accepted"].clone()),
        (StatusCode::OK, json!(1))
    );
    let again = send(json!([bought(1), bought(2)])).await;
    assert_eq!(again.json()["accepted"], 2, "sent twice is as good");
    for how in [Break::Before, Break::After] {
        pages.world.db.break_at(0, how);
        let broken = send(json!([bought(3)])).await;
        assert_eq!(
            broken.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            broken.text
        );
        assert_eq!(broken.headers["retry-after"], "5");
        assert!(broken.text.contains("send them again"), "{}", broken.text);
        assert_eq!(send(json!([bought(3)])).await.status, StatusCode::OK);
    }
    let stranger = json!({"type": "exposure", "id": id(9), "experiment": "cta", "variant": "none", "unit": "ann"});
    let refused = send(json!([bought(4), stranger])).await.json();
    assert_eq!(
        (&refused["accepted"], &refused["rejected"][0]["index"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn a_flood_of_one_keys_events_leaves_anothers_exposures_alone() {
    let pages = Pages::with_rate(100).await;
    let owner = pages.t().person(Role::Owner);
    pages.started(&owner, "cta").await;
    let flooding = pages.client().await;
    let key = pages.key(server(Environment::Production)).await.key;
    let event = |n: u32| json!({"id": format!("01890a5d-ac96-774b-bcce-b302{n:08}"), "metric": "junk", "unit": "eve"});
    let mut answers = Vec::new();
    for round in 0..12 {
        let events: Vec<Value> = (round * 100..round * 100 + 100).map(event).collect();
        let headers = [("x-api-key", flooding.as_str())];
        let body = Some(json!({ "events": events }));
        let sent = ask(&pages.router, Method::POST, "/events", &headers, body).await;
        answers.push(sent.status.as_u16());
    }
    assert_eq!(answers[..5], [200; 5], "five seconds of its rate");
    assert_eq!(
        answers[5..],
        [429; 7],
        "a hundred events are no single request"
    );
    let exposed = pages.evaluate(&format!("{FLAGS}/cta"), &key, &[]).await;
    assert_eq!(exposed.status, StatusCode::OK, "{}", exposed.text);
    pages.sdk.flush().await;
    let detail = pages.t().console.experiment(&owner, "cta").await.unwrap();
    let text = serde_json::to_string(&detail).unwrap();
    assert!(text.contains("\"exposures\":1"), "{text}");
}

#[tokio::test]
async fn a_key_that_asks_too_often_is_told_when_it_may_again() {
    let pages = Pages::with_rate(1).await;
    pages.flag(Environment::Production, true.into()).await;
    let key = pages.client().await;
    for _ in 0..5 {
        assert_eq!(
            pages.evaluate(FLAGS, &key, &[]).await.status,
            StatusCode::OK
        );
    }
    let refused = pages.evaluate(FLAGS, &key, &[ORIGIN]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(refused.headers["access-control-allow-origin"], ORIGIN.1);
    assert_eq!(refused.json()["status"], 429);
    pages.t().clock.advance(1_000);
    assert_eq!(
        pages.evaluate(FLAGS, &key, &[]).await.status,
        StatusCode::OK
    );
}
