//! What SDKs ask: keys and pages, GrowthBook's payload, OFREP, exposures.

use crate::support::{Answer, World};
use nexus_flags::growthbook::decrypt;
use nexus_flags::{Engine, Snapshot};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const CLIENT: &str = "nxc_client";
pub(crate) const SERVER: &str = "nxs_server";
const SECRET: &str = "nxc_encrypted";
const ENCRYPTION_KEY: &str = "c2l4dGVlbiBieXRlcyBvaw==";
pub(crate) const SHOP: (&str, &str) = ("origin", "https://shop.example");
pub(crate) const EVIL: (&str, &str) = ("origin", "https://evil.example");
pub(crate) const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// An experiment, a constant flag, one by attribute and one by share; keys of every kind.
pub(crate) fn with_keys(version: u64) -> Snapshot {
    let key = |id: &str, text: &str, kind: &str| {
        let sha256 = Sha256::digest(text);
        let sha256: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "id": id, "sha256": sha256, "kind": kind })
    };
    let mut client = key("web", CLIENT, "client");
    client["origins"] = json!(["https://shop.example"]);
    let mut secret = key("app", SECRET, "client");
    secret["encryption_key"] = ENCRYPTION_KEY.into();
    let on = |more: Value| {
        let mut step = json!({ "coverage_bp": 10_000, "seed": "s", "value": true });
        step.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([step])
    };
    serde_json::from_value(json!({
        "version": version, "environment": "staging", "created_ms": 1_700_000_000_000_i64 + i64::try_from(version).unwrap(),
        "experiments": [{
            "id": "checkout", "seed": "checkout", "coverage_bp": 5_000,
            "variants": [
                { "key": "control", "weight_bp": 5_000, "features": { "button": "Buy" } },
                { "key": "treatment", "weight_bp": 5_000, "features": { "button": "今すぐ" } },
            ],
        }],
        "flags": [
            { "key": "killed", "value": "no", "is_off": true },
            { "key": "limits", "value": { "n": version } },
            { "key": "level", "value": false, "rules": on(json!({ "targeting": {
                "condition": { "userLevel": { "$gte": 5 }, "country": "JP", "device": "mobile" } } })) },
            { "key": "share", "value": false, "rules": on(json!({ "coverage_bp": 5_000 })) },
        ],
        "sdk_keys": [client, secret, key("api", SERVER, "server")],
    }))
    .unwrap()
}

fn bearer(key: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {key}"))
}

pub(crate) async fn ask(
    world: &World,
    page: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let page = format!("/__nexus/ofrep/v1/evaluate/flags{page}");
    world.post(&page, headers, body.to_string()).await
}

pub(crate) fn context(unit: &str) -> Value {
    json!({ "context": { "targetingKey": unit } })
}

pub(crate) async fn world() -> World {
    let world = World::new().await;
    world.publish(&with_keys(1)).await;
    world
}

#[tokio::test]
async fn payloads_are_those_of_the_snapshot_and_kept_by_tag() {
    let world = world().await;
    let page = format!("/__nexus/api/features/{CLIENT}");
    let answer = world.get(&page, &[SHOP]).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    let features = nexus_flags::payload::features(&with_keys(1), 1_700_000_000_002);
    assert_eq!(body["features"], Value::Object(features));
    assert_eq!(
        (&body["status"], &body["dateUpdated"]),
        (&json!(200), &json!("2023-11-14T22:13:20.001Z"))
    );
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-sse-support"), "enabled");
    assert_eq!(
        header("access-control-allow-origin"),
        "https://shop.example"
    );
    assert_eq!(header("cache-control"), "private, no-cache");
    assert_eq!(header("vary"), "Origin");
    let again = world
        .get(&page, &[("if-none-match", &header("etag"))])
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0));
    world.publish(&with_keys(2)).await;
    let changed = world
        .get(&page, &[("if-none-match", &header("etag"))])
        .await;
    assert_eq!(changed.json()["features"]["limits"]["defaultValue"]["n"], 2);
}

#[tokio::test]
async fn payloads_are_encrypted_for_keys_that_ask_for_it() {
    let world = world().await;
    let page = format!("/__nexus/api/features/{SECRET}");
    let body = world.get(&page, &[]).await.json();
    assert_eq!(body["features"], json!({}));
    let text = decrypt(body["encryptedFeatures"].as_str().unwrap(), ENCRYPTION_KEY).unwrap();
    let features: Value = serde_json::from_str(&text).unwrap();
    let expected = nexus_flags::payload::features(&with_keys(1), 1_700_000_000_002);
    assert_eq!(features, Value::Object(expected));
    assert_eq!(
        world.get(&page, &[]).await.json(),
        body,
        "the same bytes again"
    );
}

#[tokio::test]
async fn keys_open_what_they_are_for() {
    let world = World::new().await;
    let features = |key: &str| format!("/__nexus/api/features/{key}");
    assert_eq!(world.get(&features(CLIENT), &[]).await.status, 503);
    let mut keyless = with_keys(1);
    keyless.sdk_keys.clear();
    world.publish(&keyless).await;
    assert_eq!(world.get(&features(CLIENT), &[]).await.status, 401);
    world.publish(&with_keys(2)).await;
    for (key, headers, status) in [
        (CLIENT, vec![], 200),
        (CLIENT, vec![SHOP], 200),
        (CLIENT, vec![EVIL], 403),
        (CLIENT, vec![("sec-fetch-site", "cross-site")], 403),
        (SECRET, vec![EVIL], 200),
        (SERVER, vec![], 200),
        (SERVER, vec![SHOP], 403),
        (SERVER, vec![("sec-fetch-site", "same-origin")], 403),
        ("nxc_other", vec![], 401),
    ] {
        let answer = world.get(&features(key), &headers).await;
        assert_eq!(answer.status, status, "{key} {headers:?}");
        assert_eq!(answer.headers["vary"], "Origin");
        if status >= 400 {
            assert_eq!(answer.headers["content-type"], "application/problem+json");
        }
    }
    assert_eq!(
        world
            .post(&features(CLIENT), &[], String::new())
            .await
            .status,
        405
    );
    for headers in [
        ("authorization", "Bearer nxs_server"),
        ("x-api-key", SERVER),
    ] {
        assert_eq!(ask(&world, "", &[headers], &context("u")).await.status, 200);
    }
    let unknown = ask(&world, "", &[], &context("u")).await;
    assert_eq!(
        (unknown.status, &unknown.headers["www-authenticate"]),
        (401, &"Bearer".parse().unwrap())
    );
}

#[tokio::test]
async fn preflights_are_granted_to_pages_that_a_key_admits() {
    let world = World::new().await;
    let mut snapshot = with_keys(1);
    snapshot.sdk_keys.retain(|key| key.id != "app");
    world.publish(&snapshot).await;
    for page in [
        "/__nexus/ofrep/v1/evaluate/flags",
        "/__nexus/events",
        "/events",
    ] {
        for ((name, origin), granted) in [(SHOP, true), (EVIL, false)] {
            let request = world
                .client
                .request(reqwest::Method::OPTIONS, world.url(page));
            let answer = request.header(name, origin).send().await.unwrap();
            assert_eq!(answer.status(), 204);
            let allowed = answer.headers().get("access-control-allow-headers");
            assert_eq!(allowed.is_some(), granted, "{page} {origin}");
            // What a beacon needs: it is always sent with credentials.
            let credentials = answer.headers().get("access-control-allow-credentials");
            let is_for_beacons = granted && page.ends_with("events");
            assert_eq!(credentials.is_some(), is_for_beacons, "{page} {origin}");
        }
    }
}

#[tokio::test]
async fn a_beacons_preflight_is_granted_to_pages_that_its_own_key_names() {
    let world = World::new().await;
    let mut snapshot = with_keys(1);
    let app = ("origin", "https://app.example");
    snapshot.sdk_keys[0].origins = vec![app.1.to_owned()];
    snapshot.sdk_keys[1].origins = vec![EVIL.1.to_owned()];
    world.publish(&snapshot).await;
    let preflight = async |key: &str, (name, origin): (&str, &str)| {
        let url = world.url(&format!("/__nexus/events?key={key}"));
        let request = world.client.request(reqwest::Method::OPTIONS, url);
        let answer = request.header(name, origin).send().await.unwrap();
        let header = |name: &str| answer.headers().contains_key(name);
        (
            header("access-control-allow-origin"),
            header("access-control-allow-credentials"),
        )
    };
    assert_eq!(preflight(CLIENT, app).await, (true, true));
    assert_eq!(
        preflight(CLIENT, EVIL).await,
        (false, false),
        "it is another key's"
    );
    assert_eq!(preflight(SERVER, app).await, (false, false));
    let body = json!({ "events": [{ "id": ID, "metric": "m", "unit": "u" }] }).to_string();
    let sent = world
        .post(&format!("/__nexus/events?key={CLIENT}"), &[app], body)
        .await;
    assert_eq!(sent.headers["access-control-allow-credentials"], "true");
    // A key of every origin names none.
    world.publish(&with_keys(2)).await;
    assert_eq!(preflight(SECRET, EVIL).await, (true, false));
}

#[tokio::test]
async fn flags_are_evaluated_one_by_one_and_all_at_once() {
    let world = world().await;
    let engine = Engine::compile(&with_keys(1)).unwrap();
    let (name, value) = bearer(SERVER);
    let key = [(name, &*value)];
    let find = |wanted: Option<&str>| {
        let units = (0..).map(|n| format!("u{n}"));
        let mut units = units.filter(|unit| engine.dealt("checkout", unit, 1) == wanted);
        units.next().unwrap()
    };
    let of = async |flag: &str, unit: &str| {
        ask(&world, &format!("/{flag}"), &key, &context(unit))
            .await
            .json()
    };
    let treated = find(Some("treatment"));
    assert_eq!(
        of("button", &treated).await,
        json!({ "key": "button", "value": "今すぐ", "reason": "SPLIT", "variant": "treatment",
            "metadata": { "experiment": "checkout", "rule": "ab_test_checkout" } })
    );
    assert_eq!(of("checkout", &treated).await["value"], "treatment");
    let outside = find(None);
    assert_eq!(
        of("button", &outside).await,
        json!({ "key": "button", "reason": "UNKNOWN", "variant": "off" })
    );
    assert_eq!(of("limits", "u").await["reason"], "STATIC");
    assert_eq!(
        of("killed", "u").await,
        json!({ "key": "killed", "value": "no", "reason": "DISABLED", "variant": "off" })
    );
    let asked = json!({ "context": {
        "targetingKey": "u", "userLevel": 5, "country": "JP", "device": "mobile" } });
    let level = ask(&world, "/level", &key, &asked).await.json();
    assert_eq!(
        (&level["value"], &level["reason"], &level["variant"]),
        (&json!(true), &json!("TARGETING_MATCH"), &json!("rule_0"))
    );
    let all = ask(&world, "", &key, &asked).await;
    let body = all.json();
    assert_eq!(body["metadata"]["version"], 1);
    let stream = &body["eventStreams"][0];
    assert_eq!(
        (&stream["type"], &stream["inactivityDelaySec"]),
        (&json!("sse"), &json!(120))
    );
    let path = stream["endpoint"]["requestUri"].as_str().unwrap();
    assert!(path.starts_with("/__nexus/ofrep/v1/changes/nxt_"), "{path}");
    let flags = body["flags"].as_array().unwrap();
    assert!(flags.contains(&level));
    let names: Vec<&str> = flags
        .iter()
        .map(|flag| flag["key"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["button", "checkout", "killed", "level", "limits", "share"]
    );
    let tag = all.headers["etag"].to_str().unwrap();
    let known = [(name, &*value), ("if-none-match", tag)];
    assert_eq!(ask(&world, "", &known, &asked).await.status, 304);
    assert_eq!(
        ask(&world, "", &known, &context(&treated)).await.status,
        200
    );
}

#[tokio::test]
async fn what_a_visitors_context_leaves_open_is_read_off_the_request() {
    let world = world().await;
    let asked = json!({ "context": { "targetingKey": "u", "userLevel": 7 } });
    let phone = [
        ("cf-ipcountry", "JP"),
        ("user-agent", "Mozilla/5.0 (iPhone) Mobile/15E148"),
    ];
    for (key, expected) in [(CLIENT, true), (SERVER, false)] {
        let (name, value) = bearer(key);
        let headers = [&phone[..], &[(name, &*value)]].concat();
        let answer = ask(&world, "/level", &headers, &asked).await;
        assert_eq!(answer.json()["value"], expected, "{key}");
    }
}

#[tokio::test]
async fn bad_questions_are_answered_in_the_protocols_words() {
    let world = world().await;
    let post = async |page: &str, body: &str| {
        let page = format!("/__nexus/ofrep/v1/evaluate/flags{page}");
        let answer = world
            .post(&page, &[("x-api-key", SERVER)], body.to_owned())
            .await;
        (answer.status, answer.json())
    };
    for (body, status, code) in [
        ("{", 400, "PARSE_ERROR"),
        ("{}", 400, "INVALID_CONTEXT"),
        (r#"{"context":{}}"#, 400, "TARGETING_KEY_MISSING"),
        (
            r#"{"context":{"targetingKey":"a b"}}"#,
            400,
            "INVALID_CONTEXT",
        ),
        (
            &format!("[{}]", "1,".repeat(40_000)),
            413,
            "INVALID_CONTEXT",
        ),
    ] {
        let (found, answer) = post("", body).await;
        assert_eq!(
            (found, &answer["errorCode"]),
            (status, &json!(code)),
            "{body:.40}"
        );
        assert_eq!(answer.get("key"), None);
        let (found, answer) = post("/limits", body).await;
        assert_eq!(
            (found, &answer["errorCode"]),
            (status, &json!(code)),
            "{body:.40}"
        );
        assert_eq!(answer["key"], "limits");
    }
    let (found, answer) = post("/nothing%2Fhere", r#"{"context":{"targetingKey":"u"}}"#).await;
    assert_eq!(
        (found, &answer["errorCode"]),
        (404, &json!("FLAG_NOT_FOUND"))
    );
    assert_eq!(answer["key"], "nothing/here");
}
