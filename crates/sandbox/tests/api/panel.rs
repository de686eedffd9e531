//! The page, its forms, and the request log.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Account, ok};

async fn page(account: &Account) -> String {
    let got = account
        .client
        .get(format!("{}/", account.base))
        .send()
        .await
        .unwrap();
    assert!(
        got.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
    assert!(
        got.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    got.text().await.unwrap()
}

fn form(account: &Account, path: &str) -> reqwest::RequestBuilder {
    account
        .client
        .post(format!("{}/__sandbox/forms/{path}", account.base))
}

#[tokio::test]
async fn rules_are_added_and_removed_by_plain_forms() {
    let account = Account::start().await;
    assert!(page(&account).await.contains("No request is disturbed."));
    let fields = [
        ("method", "PUT"),
        ("path", "/a/**"),
        ("effect", "drop_reply"),
        ("remaining", "3"),
    ];
    let sent = form(&account, "add").form(&fields).send().await.unwrap();
    assert_eq!((sent.status(), sent.url().path()), (StatusCode::OK, "/"));
    let rules = account.sandbox.faults().rules();
    assert!(rules[0].drop_reply && rules[0].status.is_none());
    assert_eq!(
        (rules[0].remaining, rules[0].method.as_deref()),
        (Some(3), Some("PUT"))
    );
    assert!(page(&account).await.contains("apply, then drop the reply"));
    form(&account, "remove/fault-1").send().await.unwrap();
    assert!(account.sandbox.faults().rules().is_empty());
    let fields = [
        ("effect", "status"),
        ("status", "503"),
        ("retry_after_s", "2"),
    ];
    form(&account, "add").form(&fields).send().await.unwrap();
    assert!(
        page(&account)
            .await
            .contains("answer 503 with code 10001, retry after 2 s")
    );
    form(&account, "clear").send().await.unwrap();
    assert!(account.sandbox.faults().rules().is_empty());
}

#[tokio::test]
async fn a_refused_form_comes_back_with_what_was_typed_and_escaped() {
    let account = Account::start().await;
    let fields = [("path", "\"><script>"), ("status", "200")];
    let sent = form(&account, "add").form(&fields).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = sent.text().await.unwrap();
    assert!(html.contains("the status must be between 400 and 599"));
    assert!(html.contains("&quot;&gt;&lt;script&gt;") && !html.contains("<script>"));
}

#[tokio::test]
async fn other_sites_cannot_change_anything() {
    let account = Account::start().await;
    let fields = [("effect", "cut")];
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let sent = form(&account, "add")
            .header(name, value)
            .form(&fields)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let rebound = form(&account, "add").header("host", "evil.example:80");
    let rebound = rebound
        .header("origin", "http://evil.example:80")
        .form(&fields);
    assert_eq!(
        rebound.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert!(account.sandbox.faults().rules().is_empty());
    let own = form(&account, "add").header("origin", &account.base);
    own.header("sec-fetch-site", "same-origin")
        .form(&fields)
        .send()
        .await
        .unwrap();
    assert_eq!(account.sandbox.faults().rules().len(), 1);
}

#[tokio::test]
async fn the_log_is_a_transcript_of_the_last_500() {
    let account = Account::start().await;
    for n in 0..502 {
        ok(account
            .api(Method::GET, &format!("/user?n={n}"))
            .send()
            .await
            .unwrap())
        .await;
    }
    let url = format!("{}/__sandbox/log", account.base);
    let log: Vec<Value> = account
        .client
        .get(&url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(log.len(), 500);
    assert_eq!(
        (&log[0]["query"], &log[0]["number"]),
        (&json!("n=2"), &json!(3))
    );
    let last = &log[499];
    assert_eq!(
        (&last["method"], &last["path"]),
        (&json!("GET"), &json!("/client/v4/user"))
    );
    assert_eq!(
        (&last["status"], &last["fault"]),
        (&json!(200), &Value::Null)
    );
    let html = page(&account).await;
    assert!(html.contains("/client/v4/user?n=501") && !html.contains("n=1<"));
    account.client.delete(&url).send().await.unwrap();
    assert!(account.sandbox.journal().entries().is_empty());
}
