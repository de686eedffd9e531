//! A flag's life through the API, and its refusals.

use http::{Method, StatusCode};
use nexus_domain::access::Role;
use serde_json::{Value, json};

use crate::world::{Answer, World, ask};

struct Api {
    world: World,
}

impl Api {
    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.send(Method::GET, path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
        answer.json()
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let router = self.world.router_for(&self.world.t.person(Role::Owner));
        ask(&router, method, &format!("/api/v1/flags{path}"), &[], body).await
    }
}

async fn api() -> Api {
    let world = World::new(None).await;
    Api { world }
}

/// Everything that has a default is left out.
fn draft() -> Value {
    json!({
        "key": "banner", "environment": "staging", "name": "Banner", "kind": "string",
        "value": "none", "rules": [{"value": "sale", "coverage_bp": 2_500}],
    })
}

#[tokio::test]
async fn a_flag_from_creation_to_archive() {
    let api = api().await;
    let made = api.post("", draft()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (&made["enabled"], &made["rules"][0]["id"]),
        (&json!(false), &json!("r1"))
    );
    let on = api
        .post("/staging/banner/enable", json!({"version": 1}))
        .await;
    assert_eq!(on.json()["enabled"], true);
    let again = api.post("/staging/banner/enable", json!({})).await;
    assert_eq!(
        (again.status, &again.json()["version"]),
        (StatusCode::OK, &json!(2))
    );

    let mut edit = draft();
    edit["rules"][0]["coverage_bp"] = json!(5_000);
    edit["rules"][0]["id"] = json!("r1");
    let edit = json!({"version": 2, "draft": edit});
    let edited = api.send(Method::PUT, "/staging/banner", Some(edit)).await;
    assert_eq!(edited.json()["version"], 3, "{}", edited.text);
    let changes = api.get("/staging/banner/changes?from=1&to=3").await;
    let change = json!([{"at": "rule_coverage", "rule": "r1", "before": 2_500, "after": 5_000}]);
    assert_eq!(changes, change);
    let back = json!({"version": 3, "revision": 1});
    let back = api.post("/staging/banner/restore", back).await;
    assert_eq!(back.json()["rules"][0]["coverage_bp"], 2_500);
    let revisions = api.get("/staging/banner/revisions").await;
    assert_eq!(revisions["revisions"].as_array().unwrap().len(), 4);

    let copied = api
        .post("/staging/banner/copy", json!({"environment": "production"}))
        .await;
    assert_eq!(copied.json()["enabled"], false, "{}", copied.text);
    let list = api.get("?kind=string&sort=name").await;
    assert_eq!(list["total"], 2);
    let why = api
        .post("/staging/banner/why", json!({"unit": "ann"}))
        .await
        .json();
    assert_eq!(
        why["explanation"]["rules"][0]["steps"][1]["check"]["check"],
        "coverage"
    );
    let asked = json!({"from": 1, "somebody": {"unit": "ann"}});
    let compared = api.post("/staging/banner/why/compare", asked).await.json();
    assert_eq!(compared["from"]["snapshot"]["version"], 1);
    assert_eq!(compared["from"]["problem"], Value::Null);
    assert_eq!(
        compared["to"]["snapshot"],
        Value::Null,
        "what would be next"
    );
    let draw = &compared["to"]["explanation"]["rules"][0]["steps"][1]["check"]["draw"];
    assert_eq!(draw["hash_version"], 2);
    let asked = json!({"from": 1, "to": 99, "somebody": {"unit": "ann"}});
    let missing = api.post("/staging/banner/why/compare", asked).await;
    assert_eq!(
        (missing.status.as_u16(), missing.problem().as_str()),
        (404, "not-found")
    );

    let archive = json!({"reason": "cleaned up"});
    let archived = api.post("/staging/banner/archive", archive).await;
    assert_eq!(archived.json()["archived"], true);
    let refused = api.post("/staging/banner/enable", json!({})).await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem().as_str()),
        (409, "refused")
    );
    assert_eq!(
        api.get("").await["total"],
        1,
        "archived ones are listed when asked for"
    );
    assert_eq!(api.get("?status=archived").await["total"], 1);
    let detail = api.get("/staging/banner").await;
    assert_eq!(detail["history"][0]["entry"]["reason"], "cleaned up");
    assert_eq!(detail["elsewhere"][0]["environment"], "production");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let api = api().await;
    let mut wrong = draft();
    wrong["rules"][0]["value"] = json!(5);
    wrong["key"] = json!("banner!");
    let answer = api.post("", wrong).await;
    assert_eq!(
        (answer.status.as_u16(), answer.problem().as_str()),
        (422, "invalid")
    );
    let problems = answer.json()["problems"].clone();
    let kind = json!({"problem": "not_of_kind", "kind": "string"});
    assert_eq!(
        problems,
        json!([
            {"field": {"at": "key"}, "problem": {"problem": "not_flag_key"}},
            {"field": {"at": "rule_value", "index": 0}, "problem": kind},
        ])
    );
    api.post("", draft()).await;
    let stale = api
        .post("/staging/banner/disable", json!({"version": 7}))
        .await;
    assert_eq!(
        (stale.status.as_u16(), stale.problem().as_str()),
        (409, "conflict")
    );
    assert_eq!(stale.json()["current_version"], 1);
    for (path, status) in [
        ("/staging/none", 404),
        ("/nowhere/banner", 400),
        ("/staging/banner/changes?from=1", 400),
        ("/staging/banner/changes?from=1&to=9", 404),
    ] {
        let answer = api.send(Method::GET, path, None).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
    }
}
