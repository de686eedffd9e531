//! An SDK key's life through the API, and its refusals.

use http::{Method, StatusCode};
use nexus_control::testing::sdk_key_draft;
use nexus_domain::access::{Action, Role};
use nexus_domain::sdk_key::SdkKeyDraft;
use serde_json::{Value, json};

use crate::world::{Answer, World, ask};

async fn send(world: &World, method: Method, path: &str, body: Option<Value>) -> Answer {
    let router = world.router_for(&world.t.person(Role::Operator));
    let path = format!("/api/v1/sdk-keys{path}");
    ask(&router, method, &path, &[], body).await
}

#[tokio::test]
async fn a_key_from_creation_to_its_end() {
    let w = World::new(None).await;
    let draft = json!({"name": "shop", "environment": "staging", "kind": "client"});
    let made = send(&w, Method::POST, "", Some(draft)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let made = made.json();
    assert_eq!(
        made["key"], made["sdk_key"]["key"],
        "client keys are public"
    );
    let id = made["sdk_key"]["id"].as_str().unwrap();
    let edit = json!({
        "version": 1, "name": "shop", "encryption": "on",
        "origins": ["https://Shop.example"],
    });
    let at = format!("/{id}");
    let changed = send(&w, Method::PUT, &at, Some(edit)).await.json();
    assert_eq!(changed["origins"], json!(["https://shop.example"]));
    assert_eq!(changed["encryption_key"].as_str().unwrap().len(), 24);

    let draft = json!({"name": "backend", "environment": "staging", "kind": "server"});
    let server = send(&w, Method::POST, "", Some(draft)).await.json();
    assert_eq!(server["sdk_key"]["key"], Value::Null);
    let listed = send(&w, Method::GET, "?environment=staging", None).await;
    assert_eq!(listed.json().as_array().unwrap().len(), 2);
    assert!(!listed.text.contains(server["key"].as_str().unwrap()));
    let elsewhere = send(&w, Method::GET, "?environment=production", None).await;
    assert_eq!(elsewhere.json(), json!([]));

    for _ in 0..2 {
        let revoked = send(&w, Method::POST, &format!("{at}/revoke"), None).await;
        assert_eq!(
            (revoked.status, &revoked.json()["version"]),
            (StatusCode::OK, &json!(3))
        );
    }
    let detail = send(&w, Method::GET, &at, None).await.json();
    assert!(detail["sdk_key"]["revoked_ms"].is_number());
    assert_eq!(detail["history"][0]["entry"]["action"], "sdk_key.revoke");
}

#[tokio::test]
async fn decryption_keys_are_for_those_who_may_manage_keys() {
    let w = World::new(None).await;
    let owner = w.t.person(Role::Owner);
    let draft = SdkKeyDraft {
        encrypted: true,
        ..sdk_key_draft("web")
    };
    let made = w.t.console.create_sdk_key(&owner, draft).await.unwrap();
    let path = format!("/api/v1/sdk-keys/{}", made.sdk_key.id);
    let secret = made.sdk_key.encryption_key.unwrap();
    for role in Role::ALL {
        let router = w.router_for(&w.t.person(role));
        let may = Action::ManageSdkKeys.roles().contains(&role);
        for path in [path.as_str(), "/api/v1/sdk-keys"] {
            let seen = ask(&router, Method::GET, path, &[], None).await;
            assert_eq!(
                seen.text.contains(&secret),
                may,
                "{path} as {}",
                role.as_str()
            );
        }
        let detail = ask(&router, Method::GET, &path, &[], None).await.json();
        assert_eq!(detail["encrypted"], true);
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_place() {
    let w = World::new(None).await;
    let draft = json!({
        "name": "", "environment": "staging", "kind": "client",
        "origins": ["https://shop.example/", "http://shop.example"],
    });
    let answer = send(&w, Method::POST, "", Some(draft)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fault = |fault| json!({"problem": "not_an_origin", "fault": fault});
    assert_eq!(
        answer.json()["problems"],
        json!([
            {"field": {"at": "name"}, "problem": {"problem": "required"}},
            {"field": {"at": "origin", "index": 0}, "problem": fault("has_path")},
            {"field": {"at": "origin", "index": 1}, "problem": fault("not_https")},
        ])
    );
    let unknown = send(&w, Method::GET, "/key_none", None).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let unknown = send(&w, Method::POST, "/key_none/revoke", None).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let nowhere = send(&w, Method::GET, "?environment=nowhere", None).await;
    assert_eq!(nowhere.status, StatusCode::BAD_REQUEST);
}
