//! KV: many keys at once.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Account, START_MS, ok, refusal};

#[tokio::test]
async fn bulk_writes_reads_and_deletes() {
    let account = Account::start().await;
    let namespace = account.namespace("bulk").await;
    let pairs = json!([
        { "key": "text", "value": "hello" },
        { "key": "bytes", "value": "AP8=", "base64": true },
        { "key": "json", "value": "{\"a\":1}", "metadata": { "m": [1] }, "expiration_ttl": 60 },
    ]);
    let bulk = format!("{namespace}/bulk");
    let done = ok(account
        .account(Method::PUT, &bulk)
        .json(&pairs)
        .send()
        .await
        .unwrap())
    .await;
    assert_eq!(
        done["result"],
        json!({ "successful_key_count": 3, "unsuccessful_keys": [] })
    );
    let raw = account
        .account(Method::GET, &format!("{namespace}/values/bytes"))
        .send()
        .await;
    assert_eq!(&raw.unwrap().bytes().await.unwrap()[..], [0, 255]);

    let get = format!("{bulk}/get");
    let values = account
        .post(&get, json!({ "keys": ["text", "none"] }))
        .await;
    assert_eq!(
        values["result"]["values"],
        json!({ "text": "hello", "none": null })
    );
    let asked = json!({ "keys": ["json"], "type": "json", "withMetadata": true });
    let values = account.post(&get, asked).await;
    let expiration = START_MS / 1000 + 60;
    let wanted = json!({ "value": { "a": 1 }, "metadata": { "m": [1] }, "expiration": expiration });
    assert_eq!(values["result"]["values"]["json"], wanted);

    account
        .post(&format!("{bulk}/delete"), json!(["text", "none"]))
        .await;
    // The older form, which wrangler still uses.
    let old = account
        .account(Method::DELETE, &bulk)
        .json(&json!(["bytes"]));
    ok(old.send().await.unwrap()).await;
    let keys = account.get(&format!("{namespace}/keys")).await;
    assert_eq!(keys["result"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bulk_write_with_one_bad_entry_writes_nothing() {
    let account = Account::start().await;
    let namespace = account.namespace("bulk").await;
    let bulk = format!("{namespace}/bulk");
    for bad in [
        json!({ "key": "", "value": "" }),
        json!({ "key": "k".repeat(513), "value": "" }),
        json!({ "key": "k", "value": "?", "base64": true }),
        json!({ "key": "k", "value": "", "expiration_ttl": 1 }),
        json!({ "key": "k", "value": "", "metadata": "m".repeat(1024) }),
        json!({ "key": "k" }),
    ] {
        let pairs = json!([{ "key": "good", "value": "v" }, bad]);
        let (status, ..) = refusal(account.account(Method::PUT, &bulk).json(&pairs)).await;
        assert!((400..500).contains(&status), "{bad}");
    }
    let keys = account.get(&format!("{namespace}/keys")).await;
    assert_eq!(keys["result"], json!([]));
}

#[tokio::test]
async fn bulk_requests_have_a_greatest_size() {
    let account = Account::start().await;
    let namespace = account.namespace("bulk").await;
    let pair = json!({ "key": "k", "value": "v" });
    let bulk = format!("{namespace}/bulk");
    let put = |count: usize| {
        account
            .account(Method::PUT, &bulk)
            .json(&vec![&pair; count])
    };
    ok(put(10_000).send().await.unwrap()).await;
    assert_eq!(refusal(put(10_001)).await.0, 400);
    let get = |count: usize| {
        let request = account.account(Method::POST, &format!("{bulk}/get"));
        request.json(&json!({ "keys": vec!["k"; count] }))
    };
    ok(get(100).send().await.unwrap()).await;
    assert_eq!(refusal(get(101)).await.0, 400);
}
