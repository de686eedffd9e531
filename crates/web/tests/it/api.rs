//! An experiment's life through the API, and its refusals.

use http::{Method, StatusCode};
use nexus_domain::access::Role;
use serde_json::json;

use crate::world::{World, ask};

#[tokio::test]
async fn an_experiment_from_draft_to_stop() {
    let world = World::new(None).await;
    let router = world.router_for(&world.t.person(Role::Owner));
    let draft = json!(nexus_control::testing::draft("cta"));
    let made = ask(
        &router,
        Method::POST,
        "/api/v1/experiments",
        &[],
        Some(draft.clone()),
    )
    .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let again = ask(
        &router,
        Method::POST,
        "/api/v1/experiments",
        &[],
        Some(draft),
    )
    .await;
    assert_eq!(
        (again.status.as_u16(), again.problem().as_str()),
        (422, "invalid")
    );
    assert_eq!(again.json()["problems"][0]["field"]["at"], "id");

    let start = "/api/v1/experiments/cta/start";
    let stale = ask(
        &router,
        Method::POST,
        start,
        &[],
        Some(json!({"version": 7})),
    )
    .await;
    assert_eq!(
        (stale.status.as_u16(), stale.problem().as_str()),
        (409, "conflict")
    );
    assert_eq!(stale.json()["current_version"], 1);
    let started = ask(
        &router,
        Method::POST,
        start,
        &[],
        Some(json!({"version": 1})),
    )
    .await;
    assert_eq!(started.json()["status"], "running");
    let twice = ask(&router, Method::POST, start, &[], Some(json!({}))).await;
    assert_eq!(
        (twice.status.as_u16(), twice.problem().as_str()),
        (409, "refused")
    );

    world.t.ticks("test", 2).await.unwrap();
    let detail = ask(&router, Method::GET, "/api/v1/experiments/cta", &[], None)
        .await
        .json();
    assert!(detail["propagation"]["published_ms"].is_i64(), "{detail}");

    let stop = "/api/v1/experiments/cta/stop";
    let reason = json!({"reason": "enough"});
    let stopped = ask(&router, Method::POST, stop, &[], Some(reason)).await;
    assert_eq!(stopped.json()["stop"]["reason"], "enough");

    let log = ask(
        &router,
        Method::GET,
        "/api/v1/audit?object_id=cta",
        &[],
        None,
    )
    .await
    .json();
    assert_eq!(log["total"], 3, "{log}");
    let export = ask(&router, Method::GET, "/api/v1/audit/export", &[], None).await;
    let report = nexus_audit_verify::verify_export(export.text.as_bytes(), None).unwrap();
    assert!(report.entries >= 3);
}

#[tokio::test]
async fn malformed_input_is_told_with_its_place() {
    let world = World::new(None).await;
    let router = world.router_for(&world.t.person(Role::Owner));
    for body in [json!([]), json!({"id": 1}), json!({"unknown": true})] {
        let answer = ask(
            &router,
            Method::POST,
            "/api/v1/experiments",
            &[],
            Some(body),
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.problem().as_str()),
            (422, "bad-json")
        );
    }
    let none = ask(&router, Method::GET, "/api/v1/experiments/none", &[], None).await;
    assert_eq!(
        (none.status.as_u16(), none.problem().as_str()),
        (404, "not-found")
    );
}

#[tokio::test]
async fn every_refusal_is_a_problem_that_names_what_is_wrong() {
    let world = World::new(None).await;
    let router = world.router_for(&world.t.person(Role::Owner));
    let v1 = "/api/v1";
    for (method, path, status, problem, parameter) in [
        ("GET", "/experiments?page=x", 400, "bad-parameter", "page"),
        (
            "GET",
            "/experiments?status=on",
            400,
            "bad-parameter",
            "status",
        ),
        ("GET", "/experiments?pgae=1", 400, "bad-parameter", "pgae"),
        ("GET", "/experiments?q=a&q=b", 400, "bad-parameter", "q"),
        (
            "GET",
            "/audit/export?limit=-1",
            400,
            "bad-parameter",
            "limit",
        ),
        ("GET", "/audit/consistency", 400, "bad-parameter", "from"),
        ("GET", "/audit/x/proof", 400, "bad-parameter", "seq"),
        ("GET", "/audit/9/proof", 404, "not-found", ""),
        ("GET", "/nope", 404, "not-found", ""),
        ("GET", "", 404, "not-found", ""),
        ("POST", "/experiments/a/b/c", 404, "not-found", ""),
        ("DELETE", "/overview", 405, "method-not-allowed", ""),
        ("GET", "/audit/verify", 405, "method-not-allowed", ""),
        ("POST", "/openapi.json", 405, "method-not-allowed", ""),
    ] {
        let method: Method = method.parse().unwrap();
        let answer = ask(&router, method.clone(), &format!("{v1}{path}"), &[], None).await;
        let told = (answer.status.as_u16(), answer.problem());
        assert_eq!(told, (status, problem.to_owned()), "{method} {path}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.json()["status"], status);
        let named = answer.json()["parameter"].as_str().unwrap_or("").to_owned();
        assert_eq!(named, parameter, "{method} {path}");
        assert_eq!(answer.headers.contains_key("allow"), status == 405);
    }
}

#[tokio::test]
async fn the_log_proves_that_it_only_grew() {
    let world = World::new(None).await;
    let router = world.router_for(&world.t.person(Role::Owner));
    for id in ["a", "b", "c"] {
        let draft = json!(nexus_control::testing::draft(id));
        ask(
            &router,
            Method::POST,
            "/api/v1/experiments",
            &[],
            Some(draft),
        )
        .await;
    }
    let proof = async |query: &str| {
        let path = format!("/api/v1/audit/consistency?{query}");
        ask(&router, Method::GET, &path, &[], None).await
    };
    let grown = proof("from=1").await.json();
    assert_eq!((&grown["old_size"], &grown["size"]), (&json!(1), &json!(3)));
    let earlier = proof("from=1&to=2").await.json();
    assert_eq!(earlier["old_root"], grown["old_root"]);
    // The second leaf is all that the log of one lacks to be the log of two.
    assert_eq!(earlier["path"].as_array().unwrap().len(), 1);
    for beyond in ["from=1&to=4", "from=0", "from=3&to=2"] {
        assert_eq!(
            proof(beyond).await.status,
            StatusCode::NOT_FOUND,
            "{beyond}"
        );
    }
}

#[tokio::test]
async fn a_plan_is_answered_and_its_wrong_numbers_are_named() {
    let world = World::new(None).await;
    let router = world.router_for(&world.t.person(Role::Viewer));
    let get = async |path: &str| ask(&router, Method::GET, path, &[], None).await;
    let usual = get("/api/v1/plan").await.json();
    assert_eq!(usual["fixed"]["per_variant"], 14_749, "{usual}");
    assert_eq!(usual["fixed"]["days"], json!(null));
    let mean =
        get("/api/v1/plan?kind=mean&mean=20&standard_deviation=40&variants=3&users_per_day=1000")
            .await
            .json();
    let total = mean["fixed"]["total"].as_u64().unwrap();
    assert_eq!(mean["fixed"]["days"], total.div_ceil(1_000));
    let beyond = get("/api/v1/plan?baseline_bp=8000&minimum_effect_bp=4000").await;
    assert_eq!(
        (beyond.status.as_u16(), beyond.problem().as_str()),
        (422, "invalid")
    );
    assert_eq!(
        beyond.json()["problems"][0]["field"]["at"],
        "minimum_effect"
    );
    let down = get("/api/v1/plan?minimum_effect_bp=2000&direction=decrease&looks=3")
        .await
        .json();
    assert_eq!(down["fixed"]["per_variant"], 3_211, "{down}");
    let grouped = &down["group_sequential"];
    let most = grouped["maximum"]["total"].as_u64().unwrap();
    assert!(
        most > 2 * 3_211 && most < 2 * 3_211 * 103 / 100,
        "{grouped}"
    );
    assert!(grouped["expected"]["total"].as_u64().unwrap() < 2 * 3_211);
    let uneven = get("/api/v1/plan?weights=80,10,10").await.json();
    let each = uneven["fixed"]["by_variant"].as_array().unwrap();
    assert!(each.len() == 3 && each[0].as_u64() > each[1].as_u64());
    for wrong in [
        "weights=90,x",
        "weights=90,10&variants=3",
        "weights=90,0",
        "looks=1",
    ] {
        let refused = get(&format!("/api/v1/plan?{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let unknown = get("/api/v1/plan?baseline=0.1").await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_method_is_set_with_the_draft_and_refused_after_the_start() {
    let world = World::new(None).await;
    let router = world.router_for(&world.t.person(Role::Owner));
    let mut draft = json!(nexus_control::testing::draft("cta"));
    draft["method"] = json!({"kind": "fixed_horizon", "planned_users": 100});
    let create = "/api/v1/experiments";
    let few = ask(&router, Method::POST, create, &[], Some(draft.clone())).await;
    assert_eq!(few.json()["problems"][0]["field"]["at"], "planned_users");
    draft["method"]["planned_users"] = json!(8_000);
    let made = ask(&router, Method::POST, create, &[], Some(draft.clone())).await;
    assert_eq!(made.json()["method"], draft["method"], "{}", made.text);
    let start = "/api/v1/experiments/cta/start";
    ask(&router, Method::POST, start, &[], Some(json!({}))).await;
    draft["method"] = json!({"kind": "always_valid"});
    let edit = json!({"version": 2, "draft": draft});
    let path = "/api/v1/experiments/cta";
    let late = ask(&router, Method::PUT, path, &[], Some(edit)).await;
    assert_eq!(late.json()["problems"][0]["field"]["at"], "method");
    assert_eq!(
        late.json()["problems"][0]["problem"]["problem"],
        "fixed_after_start"
    );
    let detail = ask(&router, Method::GET, path, &[], None).await.json();
    assert_eq!(detail["results"]["horizon"]["next_look_users"], 8_000);
}
