//! The generated description is reviewed like code.

use http::{Method, StatusCode};

use crate::world::{World, ask};

#[test]
fn errors_are_described_as_they_are_served() {
    let description = nexus_web::api::description();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let error = &operation["responses"]["default"]["content"];
            let kinds: Vec<_> = error.as_object().unwrap().keys().collect();
            assert_eq!(kinds, ["application/problem+json"], "{method} {path}");
        }
    }
}

#[test]
fn the_description_is_the_reviewed_one() {
    let description = nexus_web::api::description();
    assert!(
        description["openapi"]
            .as_str()
            .is_some_and(|v| v.starts_with("3.1"))
    );
    insta::assert_json_snapshot!("openapi", description);
}

#[tokio::test]
async fn it_is_served() {
    let world = World::new(None).await;
    let router = world.router();
    let json = ask(&router, Method::GET, "/api/v1/openapi.json", &[], None).await;
    assert_eq!(json.status, StatusCode::OK);
}
