//! A saved group's life through the API, and its refusals.

use http::{Method, StatusCode};
use nexus_domain::access::Role;
use serde_json::{Value, json};

use crate::world::{Answer, World, ask};

async fn send(world: &World, method: Method, path: &str, body: Option<Value>) -> Answer {
    let router = world.router_for(&world.t.person(Role::Owner));
    ask(&router, method, &format!("/api/v1{path}"), &[], body).await
}

fn list(values: &[&str]) -> Value {
    json!({
        "id": "beta", "environment": "staging", "name": "Beta users",
        "kind": "list", "attribute": "company", "values": values,
    })
}

#[tokio::test]
async fn a_group_from_creation_to_archive() {
    let world = World::new(None).await;
    let post = |path: &'static str, body| send(&world, Method::POST, path, Some(body));
    let made = post("/saved-groups", list(&["acme", "acme"])).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.json()["values"], json!(["acme"]));
    let one = "/saved-groups/staging/beta";
    let edit = json!({ "version": 1, "draft": list(&["acme", "initech"]) });
    let edited = send(&world, Method::PUT, one, Some(edit.clone())).await;
    assert_eq!(
        (edited.status, &edited.json()["version"]),
        (StatusCode::OK, &json!(2))
    );
    let late = send(&world, Method::PUT, one, Some(edit)).await;
    assert_eq!(
        (late.status, late.problem().as_str()),
        (StatusCode::CONFLICT, "conflict")
    );
    let get = |path: String| send(&world, Method::GET, Box::leak(path.into_boxed_str()), None);
    let changes = get(format!("{one}/changes?from=1&to=2")).await.json();
    assert_eq!(
        (&changes["added"], &changes["added_count"]),
        (&json!(["initech"]), &json!(1))
    );
    let listed = get("/saved-groups?q=beta".to_owned()).await.json();
    assert_eq!(
        (&listed["items"][0]["size"], &listed["total"]),
        (&json!(2), &json!(1))
    );

    let flag = json!({
        "key": "banner", "environment": "staging", "name": "Banner", "kind": "boolean",
        "value": false, "rules": [{ "value": true, "targeting": {
            "condition": { "company": { "$inGroup": "beta" } },
        } }],
    });
    let made = post("/flags", flag.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let refused = post("/saved-groups/staging/beta/archive", json!({})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let problem = &refused.json()["problems"][0]["problem"];
    assert_eq!(
        problem,
        &json!({ "problem": "in_use", "by": "flag banner" })
    );
    post("/flags/staging/banner/archive", json!({})).await;
    let gone = post("/saved-groups/staging/beta/archive", json!({})).await;
    assert_eq!(gone.json()["archived"], true);
    let mut other = flag;
    other["key"] = json!("other");
    let refused = post("/flags", other).await.json();
    let problem = json!({
        "problem": "group", "place": "condition.company.$inGroup", "group": "beta",
        "fault": "archived",
    });
    assert_eq!(refused["problems"][0]["problem"], problem);
    assert_eq!(
        refused["problems"][0]["field"],
        json!({ "at": "rule_condition", "index": 0 })
    );
}
