//! Exposures: evaluated by the gateway, claimed by SDKs, and what is said with them.

use nexus_flags::Engine;
use nexus_gateway::Event;
use serde_json::{Value, json};

use crate::sdk::{CLIENT, EVIL, ID, SERVER, SHOP, ask, context, with_keys, world};
use crate::support::{World, eventually};

#[expect(
    clippy::disallowed_methods,
    reason = "the gateway under test reads the clock"
)]
fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(now.unwrap().as_millis()).unwrap()
}

fn exposures(world: &World) -> Vec<(String, String)> {
    let events = world.console.events().into_iter();
    events
        .filter_map(|event| match event {
            Event::Request {
                unit,
                mut assignments,
                ..
            } => Some((unit, assignments.pop()?.variant)),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn a_single_evaluation_by_an_experiment_is_an_exposure_once() {
    let world = world().await;
    let engine = Engine::compile(&with_keys(1)).unwrap();
    let key = [("x-api-key", SERVER)];
    let mut expected = Vec::new();
    for unit in (0..20).map(|n| format!("u{n}")) {
        ask(&world, "", &key, &context(&unit)).await;
        ask(&world, "/limits", &key, &context(&unit)).await;
        for _ in 0..3 {
            ask(&world, "/button", &key, &context(&unit)).await;
        }
        let dealt = engine.dealt("checkout", &unit, 1);
        expected.extend(dealt.map(|variant| (unit, variant.to_owned())));
    }
    eventually("every exposure", || {
        exposures(&world).len() >= expected.len()
    })
    .await;
    assert_eq!(exposures(&world), expected);
}

#[tokio::test]
async fn exposures_are_taken_if_the_engine_would_have_dealt_so() {
    let world = world().await;
    let engine = Engine::compile(&with_keys(1)).unwrap();
    let unit = (0..).map(|n| format!("u{n}"));
    let mut unit = unit.filter(|unit| engine.dealt("checkout", unit, 1) == Some("control"));
    let unit = unit.next().unwrap();
    let claim = |variant: &str, experiment: &str| json!({ "type": "exposure", "id": ID, "experiment": experiment, "variant": variant, "unit": unit });
    let conversion = json!({ "type": "conversion", "id": ID, "metric": "m", "unit": unit });
    let other = json!({ "type": "other", "id": ID });
    let events = [
        claim("control", "checkout"),
        claim("treatment", "checkout"),
        claim("control", "nothing"),
        conversion,
        other,
    ];
    let body = json!({ "events": events }).to_string();
    let keyed = world
        .post(&format!("/events?key={CLIENT}"), &[SHOP], body.clone())
        .await;
    assert_eq!(keyed.status, 202);
    let rejected = json!([
        { "index": 1, "problem": "the experiment deals this unit another variant" },
        { "index": 2, "problem": "no such experiment runs then, or it leaves this unit out" },
        { "index": 4, "problem": "type must be conversion, exposure or evaluation" },
    ]);
    assert_eq!(keyed.json(), json!({ "queued": 2, "rejected": rejected }));
    assert_eq!(
        keyed.headers["access-control-allow-origin"],
        "https://shop.example"
    );
    eventually("both events", || world.console.events().len() == 2).await;
    assert_eq!(exposures(&world), [(unit.clone(), "control".to_owned())]);

    let server = world
        .post(
            "/__nexus/events",
            &[("authorization", "Bearer nxs_server")],
            body.clone(),
        )
        .await;
    assert_eq!(server.json()["queued"], 2);
    let keyless = world.post("/__nexus/events", &[], body.clone()).await;
    assert_eq!(
        keyless.json()["rejected"][0]["problem"],
        "an exposure needs an SDK key"
    );
    assert_eq!(keyless.json()["queued"], 1);
    for (path, headers, status) in [
        ("/events?key=nxc_other", vec![], 401),
        ("/events?key=nxc_client", vec![EVIL], 403),
        ("/events?key=nxs_server", vec![SHOP], 403),
        ("/events", vec![EVIL], 403),
        (
            "/events",
            vec![("authorization", "Bearer of-the-application")],
            202,
        ),
    ] {
        assert_eq!(
            world.post(path, &headers, body.clone()).await.status,
            status,
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_sdk_tells_what_flags_gave_and_what_broke() {
    let world = world().await;
    let engine = Engine::compile(&with_keys(1)).unwrap();
    let unit = (0..).map(|n| format!("u{n}"));
    let mut unit = unit.filter(|unit| engine.dealt("checkout", unit, 1) == Some("control"));
    let unit = unit.next().unwrap();
    let gave = |flag: &str, value: Value, count: Option<u64>| match count {
        Some(count) => {
            json!({ "type": "evaluation", "flag": flag, "value": value, "count": count })
        }
        None => json!({ "type": "evaluation", "flag": flag, "value": value }),
    };
    let events = json!({ "events": [
        gave("share", json!(true), None),
        gave("share", json!(true), Some(41)),
        gave("limits", json!({ "n": 1 }), Some(1)),
        gave("nobody", json!(1), None),
        gave("share", json!(false), Some(0)),
        gave("share", json!("x"), None),
        { "type": "exposure", "id": ID, "experiment": "checkout", "variant": "control", "unit": unit, "failed": true },
    ] });
    let post = async |key| {
        world
            .post(&format!("/events?key={key}"), &[SHOP], events.to_string())
            .await
    };
    let sent = post(CLIENT).await.json();
    assert_eq!(
        sent,
        json!({ "queued": 4, "rejected": [
            { "index": 3, "problem": "there is no such flag" },
            { "index": 4, "problem": "count must be 1 to 10000" },
            { "index": 5, "problem": "the flag gives nobody this value" },
        ] })
    );
    let counts = || {
        let batches = world.console.batches().into_iter();
        let counts = batches.flat_map(|batch| batch.flags);
        let mut counts: Vec<_> = counts.map(|one| (one.flag, one.value, one.count)).collect();
        counts.sort();
        counts
    };
    eventually("the sums", || !counts().is_empty()).await;
    let told = |flag: &str, value: &str, count| (flag.to_owned(), value.to_owned(), count);
    assert_eq!(
        counts(),
        [told("limits", r#"{"n":1}"#, 1), told("share", "true", 42)]
    );
    eventually("the exposure", || !world.console.events().is_empty()).await;
    let events = world.console.events();
    let [Event::Request { status: 500, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    let keyless = world
        .post(
            "/__nexus/events",
            &[],
            events_of(&gave("share", json!(true), None)),
        )
        .await;
    let problem = &keyless.json()["rejected"][0]["problem"];
    assert_eq!(problem, "an evaluation needs an SDK key");
}

fn events_of(one: &Value) -> String {
    json!({ "events": [one] }).to_string()
}

#[tokio::test]
async fn what_happened_before_a_stop_or_a_pause_is_passed_on_for_the_console_to_check() {
    let world = World::new().await;
    let ended_ms = now_ms() - 3_600_000;
    let mut snapshot = with_keys(1);
    snapshot.created_ms = ended_ms;
    snapshot.experiments[0].paused = true;
    world.publish(&snapshot).await;
    let claim = |experiment: &str, at: &str| json!({ "type": "exposure", "id": ID, "experiment": experiment, "variant": "control", "unit": "u", "at": at });
    let at = |ms: i64| {
        chrono::DateTime::from_timestamp_millis(ms)
            .unwrap()
            .to_rfc3339()
    };
    let (before, after) = (at(ended_ms - 600_000), at(ended_ms + 600_000));
    let events = [
        claim("checkout", &before),
        claim("stopped", &before),
        claim("checkout", &after),
        claim("stopped", &after),
    ];
    let body = json!({ "events": events }).to_string();
    let sent = world
        .post("/events", &[("x-api-key", SERVER)], body)
        .await
        .json();
    assert_eq!(sent["queued"], 2);
    let problem = "no such experiment runs then, or it leaves this unit out";
    assert_eq!(
        sent["rejected"],
        json!([{ "index": 2, "problem": problem }, { "index": 3, "problem": problem }])
    );
    eventually("both", || world.console.events().len() == 2).await;
    for event in world.console.events() {
        let Event::Request { assignments, .. } = event else {
            panic!("not a request")
        };
        assert_eq!(assignments[0].version, 0, "nobody has checked it");
    }
}

#[tokio::test]
async fn what_a_service_says_of_a_user_is_counted_with_the_exposure() {
    let world = world().await;
    let engine = Engine::compile(&with_keys(1)).unwrap();
    let mut units = (0..).map(|n| format!("u{n}"));
    let mut unit = || {
        units
            .find(|unit| engine.dealt("checkout", unit, 1) == Some("control"))
            .unwrap()
    };
    let (asked, claimed, bot) = (unit(), unit(), unit());
    let phone = json!({ "country": "JP", "device": "mobile", "browser": "safari" });
    let mut context = phone.clone();
    context["targetingKey"] = json!(asked);
    ask(
        &world,
        "/button",
        &[("x-api-key", SERVER)],
        &json!({ "context": context }),
    )
    .await;
    let machine = json!({ "context": { "targetingKey": bot, "device": "bot" } });
    let client = [
        ("x-api-key", CLIENT),
        ("user-agent", "Mozilla/5.0 (X11; Linux) Firefox/140"),
    ];
    ask(&world, "/button", &client, &machine).await;
    let mut claim = json!({ "type": "exposure", "id": ID, "experiment": "checkout", "variant": "control", "unit": claimed });
    claim
        .as_object_mut()
        .unwrap()
        .extend(phone.as_object().unwrap().clone());
    let events = |one: &Value| json!({ "events": [one] }).to_string();
    let taken = world
        .post("/events", &[("x-api-key", SERVER)], events(&claim))
        .await;
    assert_eq!(taken.json()["queued"], 1, "{:?}", taken.json());
    let refused = world
        .post("/events", &[("x-api-key", CLIENT)], events(&claim))
        .await;
    let problem = refused.json()["rejected"][0]["problem"].to_string();
    assert!(problem.contains("only a server key"), "{problem}");
    claim["device"] = json!("phone");
    let refused = world
        .post("/events", &[("x-api-key", SERVER)], events(&claim))
        .await;
    let problem = refused.json()["rejected"][0]["problem"].to_string();
    assert!(problem.contains("device must be"), "{problem}");
    eventually("all exposures", || world.console.events().len() == 3).await;
    let mut told: Vec<_> = world
        .console
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Request {
                unit,
                country,
                device,
                browser,
                ..
            } => (unit, country, device, browser),
            other => panic!("{other:?}"),
        })
        .collect();
    told.sort();
    let text = |text: &str| Some(text.to_owned());
    let of_phone = |unit: &str| {
        (
            unit.to_owned(),
            text("JP"),
            "mobile".to_owned(),
            text("safari"),
        )
    };
    let mut expected = vec![
        of_phone(&asked),
        of_phone(&claimed),
        (bot, None, "bot".to_owned(), text("firefox")),
    ];
    expected.sort();
    assert_eq!(told, expected);
}

/// One whose features do not fit takes no users from the others.
#[tokio::test]
async fn only_who_gets_what_a_variant_sets_is_exposed_to_it() {
    let world = World::new().await;
    let experiment = |id: &str, features: &Value| {
        let variants = json!([
            { "key": "a", "weight_bp": 10_000, "features": features },
            { "key": "b", "weight_bp": 0 },
        ]);
        json!({ "id": id, "seed": id, "coverage_bp": 10_000, "variants": variants })
    };
    let experiments = [
        experiment("large", &json!({ "page": "x".repeat(9_000), "small": 1 })),
        experiment("other", &json!({ "button": "Buy" })),
    ];
    let snapshot = json!({ "version": 1, "environment": "staging", "created_ms": 0,
        "experiments": experiments, "flags": [] });
    world
        .publish(&serde_json::from_value(snapshot).unwrap())
        .await;
    let decision = world.get("/", &[("x-nexus-user", "u")]).await.decision();
    assert_eq!(decision["features"], json!({ "small": 1, "button": "Buy" }));
    assert_eq!(decision["features_omitted"], true);
    assert_eq!(
        decision["assignments"],
        json!({ "large": "a", "other": "a" })
    );
    eventually("the exposure", || !world.console.events().is_empty()).await;
    let events = world.console.events();
    let [Event::Request { assignments, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    let exposed: Vec<&str> = assignments.iter().map(|a| a.experiment.as_str()).collect();
    assert_eq!(exposed, ["other"]);
}
