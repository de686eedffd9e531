//! Access over real sockets: a browser, the proxy, and a console that says what it got.
#![expect(clippy::unwrap_used, reason = "tests")]

mod assertions;
mod pages;
mod sessions;
mod step_up;
#[path = "../support/mod.rs"]
mod support;

use reqwest::Client;
use serde_json::Value;
use support::World;

const OWNER: &str = "owner@demo.nexus";

async fn certs(world: &World) -> Value {
    let answer = reqwest::get(world.url("/cdn-cgi/access/certs"))
        .await
        .unwrap();
    answer.json().await.unwrap()
}

async fn handle(world: &World, path: &str, body: Value) -> Value {
    let request = Client::new()
        .post(world.url(path))
        .header("x-nexus-sandbox", "1")
        .json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

fn demo_token(world: &World) -> (String, String) {
    let file = std::fs::read(world.data.path().join("service-token.json")).unwrap();
    let kept: Value = serde_json::from_slice(&file).unwrap();
    let part = |name: &str| kept[name].as_str().unwrap().to_owned();
    (part("client_id"), part("client_secret"))
}
