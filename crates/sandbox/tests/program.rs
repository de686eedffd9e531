//! The program itself: its flags, what it prints, and that it ends when told to.

mod support;

use std::process::Stdio;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

#[tokio::test]
async fn starts_access_and_the_provider_says_where_and_stops() {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("sign-in");
    std::fs::create_dir(&folder).unwrap();
    support::keys_into(&folder.join("keys.json"));
    support::keys_into(&folder.join("oidc-keys.json"));
    let any = "127.0.0.1:0";
    let mut program = Command::new(env!("CARGO_BIN_EXE_nexus-sandbox"))
        .args(["--api-listen", any, "--access-listen", any])
        .args(["--console-url", "http://127.0.0.1:1", "--data-dir"])
        .arg(data.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut address = std::collections::HashMap::new();
    loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if line == "ready" {
            break;
        }
        let (name, at) = line.split_once(' ').unwrap();
        address.insert(name.to_owned(), at.to_owned());
    }
    let (api, access) = (&address["api"], &address["access"]);

    let get = async |url: String| reqwest::get(url).await.unwrap();
    let certs: Value = get(format!("{access}/cdn-cgi/access/certs"))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(certs["keys"].as_array().unwrap().len(), 2);
    let issuer = format!("{api}/oidc");
    let metadata = get(format!("{issuer}/.well-known/openid-configuration")).await;
    assert_eq!(metadata.json::<Value>().await.unwrap()["issuer"], *issuer);
    assert_eq!(
        get(format!("{access}/x")).await.status(),
        StatusCode::UNAUTHORIZED
    );

    // Faults reach what programs ask the sign-in services for, and nothing that is the console's.
    let fault = |body: Value| {
        let url = format!("{api}/__sandbox/faults");
        let request = reqwest::Client::new().post(url).json(&body);
        async move { assert!(request.send().await.unwrap().status().is_success()) }
    };
    let certs = format!("{access}/cdn-cgi/access/certs");
    let jwks = format!("{issuer}/jwks");
    for (path, url) in [
        ("/cdn-cgi/access/certs", &certs),
        ("/oidc/jwks", &jwks),
        ("**", &certs),
    ] {
        fault(json!({ "path": path, "status": 503, "remaining": 1 })).await;
        assert_eq!(
            get(format!("{access}/x")).await.status(),
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(
            get(url.clone()).await.status(),
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(get(url.clone()).await.status(), StatusCode::OK);
    }
    fault(json!({ "path": "/cdn-cgi/access/*", "cut": true, "remaining": 1 })).await;
    assert!(reqwest::get(certs.clone()).await.is_err());
    assert_eq!(get(certs).await.status(), StatusCode::OK);

    let pid = program.id().unwrap().to_string();
    let told = std::process::Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .unwrap();
    assert!(told.success());
    let ended = tokio::time::timeout(Duration::from_secs(20), program.wait())
        .await
        .unwrap();
    assert!(ended.unwrap().success());
}
