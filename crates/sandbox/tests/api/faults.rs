//! Faults on purpose, as clients see them.

use nexus_sandbox::FaultRule;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::harness::{Account, USER_TOKEN, ok, refusal};

fn rule(json: Value) -> FaultRule {
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn a_status_is_answered_instead_as_often_as_asked() {
    let account = Account::start().await;
    let namespace = account.namespace("n").await;
    let fault = rule(json!({
        "method": "PUT", "path": "/client/v4/accounts/*/storage/kv/namespaces/*/values/**",
        "status": 429, "code": 10429, "retry_after_s": 7, "remaining": 2,
    }));
    account.sandbox.faults().add(fault).unwrap();
    let path = format!("{namespace}/values/a");
    let put = || account.account(Method::PUT, &path).body("v").send();
    let first = put().await.unwrap();
    assert_eq!(first.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(first.headers()["retry-after"], "7");
    let body: Value = first.json().await.unwrap();
    assert_eq!(
        (&body["success"], &body["errors"][0]["code"]),
        (&json!(false), &json!(10429))
    );
    // It was not done.
    assert_eq!(refusal(account.account(Method::GET, &path)).await.1, 10009);
    assert_eq!(put().await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    ok(put().await.unwrap()).await;
}

#[tokio::test]
async fn a_dropped_reply_changes_the_state_and_errors_at_the_client() {
    let account = Account::start().await;
    let namespace = account.namespace("n").await;
    let fault = rule(json!({ "id": "drop", "method": "PUT", "drop_reply": true, "remaining": 1 }));
    account.sandbox.faults().add(fault).unwrap();
    let path = format!("{namespace}/values/a");
    let error = account
        .account(Method::PUT, &path)
        .body("applied")
        .send()
        .await
        .unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    let got = account.account(Method::GET, &path).send().await.unwrap();
    assert_eq!(got.text().await.unwrap(), "applied");
    let log = account.sandbox.journal().entries();
    let dropped = log.iter().find(|r| r.method == "PUT").unwrap();
    assert_eq!(
        (dropped.status, dropped.fault.as_deref()),
        (None, Some("drop"))
    );
}

#[tokio::test]
async fn a_cut_connection_does_nothing_and_sends_not_one_byte() {
    let account = Account::start().await;
    let namespace = account.namespace("n").await;
    account
        .sandbox
        .faults()
        .add(rule(json!({ "method": "PUT", "cut": true })))
        .unwrap();
    let path = format!("{namespace}/values/a");
    assert!(
        account
            .account(Method::PUT, &path)
            .body("v")
            .send()
            .await
            .is_err()
    );
    assert_eq!(refusal(account.account(Method::GET, &path)).await.1, 10009);

    let address = account.base.trim_start_matches("http://");
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "PUT /client/v4/user HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {USER_TOKEN}\r\n\
         Content-Length: 0\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut received = Vec::new();
    // A reset is as good an end as an orderly one; bytes would not be.
    let _ = socket.read_to_end(&mut received).await;
    assert_eq!(received, b"");
}

#[tokio::test]
async fn under_another_server_a_cut_is_a_broken_reply() {
    let account = Account::start().await;
    account
        .sandbox
        .faults()
        .add(rule(json!({ "cut": true })))
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/client/v4/user", listener.local_addr().unwrap());
    let router = account.sandbox.router();
    let plain = tokio::spawn(async move { axum::serve(listener, router).await });
    let reply = account.client.get(url).bearer_auth(USER_TOKEN).send().await;
    let read = match reply {
        Ok(reply) => reply.bytes().await,
        Err(error) => Err(error),
    };
    assert!(read.is_err());
    plain.abort();
}

#[tokio::test]
async fn a_delay_holds_the_request_back() {
    let account = Account::start().await;
    account
        .sandbox
        .faults()
        .add(rule(json!({ "delay_ms": 80 })))
        .unwrap();
    ok(account.api(Method::GET, "/user").send().await.unwrap()).await;
    let log = account.sandbox.journal().entries();
    assert!(log[0].duration_ms >= 80.0, "{}", log[0].duration_ms);
}

#[tokio::test]
async fn other_connections_live_on_when_one_is_cut() {
    let account = Account::start().await;
    let namespace = account.namespace("n").await;
    let fault = rule(json!({ "path": "**/cut", "cut": true }));
    account.sandbox.faults().add(fault).unwrap();
    let requests = (0..40).map(|n| {
        let key = if n % 4 == 0 {
            "cut".to_owned()
        } else {
            n.to_string()
        };
        account
            .account(Method::PUT, &format!("{namespace}/values/{key}"))
            .body("v")
            .send()
    });
    let replies = futures::future::join_all(requests).await;
    let failed = replies.iter().filter(|r| r.is_err()).count();
    let done = replies
        .iter()
        .filter(|r| r.as_ref().is_ok_and(|r| r.status().is_success()))
        .count();
    assert_eq!((failed, done), (10, 30));
}

#[tokio::test]
async fn rules_are_managed_as_json() {
    let account = Account::start().await;
    let url = format!("{}/__sandbox/faults", account.base);
    let client = &account.client;
    let add = |rule: Value| client.post(&url).json(&rule).send();
    let added = add(json!({ "path": "/x", "status": 500, "probability": 0.5 }))
        .await
        .unwrap();
    assert_eq!(added.status(), StatusCode::CREATED);
    assert_eq!(added.json::<Value>().await.unwrap()["id"], "fault-1");
    let listed: Value = client.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(listed[0]["path"], "/x");
    for bad in [
        json!({}),
        json!({ "status": 200 }),
        json!({ "status": 500, "cut": true }),
        json!({ "cut": true, "probability": 2 }),
        json!({ "cut": true, "method": "get" }),
        json!({ "cut": true, "path": "" }),
        json!({ "cut": true, "id": "<script>" }),
        json!({ "delay_ms": 600_001 }),
        json!({ "cut": true, "unknown": 1 }),
    ] {
        assert_eq!(add(bad.clone()).await.unwrap().status(), 422, "{bad}");
    }
    let one = format!("{url}/fault-1");
    assert_eq!(client.delete(&one).send().await.unwrap().status(), 204);
    assert_eq!(client.delete(&one).send().await.unwrap().status(), 404);
    add(json!({ "cut": true })).await.unwrap();
    assert_eq!(client.delete(&url).send().await.unwrap().status(), 204);
    assert!(account.sandbox.faults().rules().is_empty());
}
