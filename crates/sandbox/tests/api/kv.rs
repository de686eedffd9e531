//! KV: namespaces, single values, listings.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{Account, START_MS, ok, refusal};

#[tokio::test]
async fn namespaces_are_made_renamed_listed_and_deleted() {
    let account = Account::start().await;
    let first = account.namespace("first").await;
    for n in 0..5 {
        account.namespace(&format!("n{n}")).await;
    }
    let again = account.account(Method::POST, "/storage/kv/namespaces");
    let (status, code, message) = refusal(again.json(&json!({ "title": "first" }))).await;
    assert_eq!((status, code), (400, 10014));
    assert_eq!(
        message,
        "a namespace with this account ID and title already exists"
    );

    let page = account
        .get("/storage/kv/namespaces?per_page=4&page=2&order=title")
        .await;
    let titles: Vec<_> = page["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| &n["title"])
        .collect();
    assert_eq!(titles, ["n3", "n4"]);
    let info = &page["result_info"];
    assert_eq!(
        (&info["count"], &info["total_count"]),
        (&json!(2), &json!(6))
    );

    let rename = account
        .account(Method::PUT, &first)
        .json(&json!({ "title": "renamed" }));
    ok(rename.send().await.unwrap()).await;
    assert_eq!(account.get(&first).await["result"]["title"], "renamed");
    let taken = account
        .account(Method::PUT, &first)
        .json(&json!({ "title": "n1" }));
    assert_eq!(refusal(taken).await.1, 10014);

    put(&account, &format!("{first}/values/k"), "v").await;
    ok(account
        .account(Method::DELETE, &first)
        .send()
        .await
        .unwrap())
    .await;
    assert_eq!(refusal(account.account(Method::GET, &first)).await.1, 10013);
    assert_eq!(
        refusal(account.account(Method::GET, &format!("{first}/values/k")))
            .await
            .1,
        10013
    );
}

async fn put(account: &Account, path: &str, value: &str) -> Value {
    // wrangler sends the raw value as text/plain, and JSON bodies as well.
    let request = account
        .account(Method::PUT, path)
        .header("content-type", "text/plain;charset=UTF-8");
    ok(request.body(value.to_owned()).send().await.unwrap()).await
}

#[tokio::test]
async fn json_is_read_whatever_the_content_type_says() {
    let account = Account::start().await;
    let request = account.account(Method::POST, "/storage/kv/namespaces");
    let request = request
        .header("content-type", "text/plain")
        .body(r#"{"title":"t"}"#);
    assert_eq!(
        ok(request.send().await.unwrap()).await["result"]["title"],
        "t"
    );
}

#[tokio::test]
async fn bytes_come_back_as_they_went_in_under_any_key() {
    let account = Account::start().await;
    let namespace = account.namespace("bytes").await;
    let value: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    for key in [
        "plain",
        "a%2Fb%3Fc",
        "%E2%9C%93%20%2B",
        "100%25",
        "a:b!c",
        "%2e%2e%2e",
    ] {
        let path = format!("{namespace}/values/{key}");
        let put = account.account(Method::PUT, &path).body(value.clone());
        ok(put.send().await.unwrap()).await;
        let got = account.account(Method::GET, &path).send().await.unwrap();
        assert_eq!(got.headers()["content-type"], "application/octet-stream");
        assert!(got.headers().get("expiration").is_none());
        assert_eq!(got.bytes().await.unwrap(), value);
    }
    let names = key_names(&account, &format!("{namespace}/keys")).await;
    assert_eq!(names, ["...", "100%", "a/b?c", "a:b!c", "plain", "✓ +"]);
}

async fn key_names(account: &Account, path: &str) -> Vec<String> {
    let listing = account.get(path).await;
    let keys = listing["result"].as_array().unwrap().iter();
    keys.map(|k| k["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn multipart_carries_value_and_metadata() {
    let account = Account::start().await;
    let namespace = account.namespace("multipart").await;
    let path = format!("{namespace}/values/key");
    let form = Form::new()
        .part("value", Part::bytes(vec![0, 159, 146, 150]))
        .text("metadata", r#"{"version":3}"#);
    ok(account
        .account(Method::PUT, &path)
        .multipart(form)
        .send()
        .await
        .unwrap())
    .await;
    let got = account
        .account(Method::GET, &path)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(&got[..], [0, 159, 146, 150]);
    let metadata = account.get(&format!("{namespace}/metadata/key")).await;
    assert_eq!(metadata["result"], json!({ "version": 3 }));
    let listing = account.get(&format!("{namespace}/keys")).await;
    assert_eq!(
        listing["result"][0],
        json!({ "name": "key", "metadata": { "version": 3 } })
    );

    let broken = Form::new().text("value", "v").text("metadata", "{");
    assert_eq!(
        refusal(account.account(Method::PUT, &path).multipart(broken))
            .await
            .0,
        400
    );
    let no_value = Form::new().text("metadata", "{}");
    assert_eq!(
        refusal(account.account(Method::PUT, &path).multipart(no_value))
            .await
            .0,
        400
    );
    // A plain write takes the metadata away.
    put(&account, &path, "x").await;
    let metadata = account.get(&format!("{namespace}/metadata/key")).await;
    assert_eq!(metadata["result"], Value::Null);
}

#[tokio::test]
async fn limits_hold_to_the_byte() {
    const MIB: usize = 1024 * 1024;
    let account = Account::start().await;
    let namespace = account.namespace("limits").await;
    let values = format!("{namespace}/values");
    put(&account, &format!("{values}/{}", "k".repeat(512)), "v").await;
    let long = account
        .account(Method::PUT, &format!("{values}/{}", "k".repeat(513)))
        .body("v");
    assert_eq!(refusal(long).await.0, 414);

    let largest = account
        .account(Method::PUT, &format!("{values}/big"))
        .body(vec![1; 25 * MIB]);
    ok(largest.send().await.unwrap()).await;
    let got = account
        .account(Method::GET, &format!("{values}/big"))
        .send()
        .await
        .unwrap();
    assert_eq!(got.bytes().await.unwrap().len(), 25 * MIB);
    let form = |bytes: usize, metadata: String| {
        let value = Part::bytes(vec![1; bytes]);
        Form::new().part("value", value).text("metadata", metadata)
    };
    let path = format!("{values}/form");
    let request = |form| account.account(Method::PUT, &path).multipart(form);
    ok(request(form(25 * MIB, "1".into())).send().await.unwrap()).await;
    assert_eq!(
        refusal(request(form(25 * MIB + 1, "1".into()))).await.0,
        413
    );
    let metadata = |bytes: usize| format!("\"{}\"", "m".repeat(bytes - 2));
    ok(request(form(1, metadata(1024))).send().await.unwrap()).await;
    assert_eq!(refusal(request(form(1, metadata(1025)))).await.0, 413);
}

#[tokio::test]
async fn a_value_over_the_limit_is_refused_before_it_is_read() {
    let account = Account::start().await;
    let namespace = account.namespace("limits").await;
    let path = format!("{namespace}/values/big");
    // Declares too much and sends nothing: the answer cannot depend on reading.
    let request = account
        .account(Method::PUT, &path)
        .header("content-length", "26214401");
    let body =
        reqwest::Body::wrap_stream(futures::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    assert_eq!(refusal(request.body(body)).await.0, 413);
}

#[tokio::test]
async fn entries_expire_by_the_clock() {
    let account = Account::start().await;
    let namespace = account.namespace("expiry").await;
    let now_s = START_MS / 1000;
    let path = |key: &str, query: &str| format!("{namespace}/values/{key}{query}");
    put(&account, &path("ttl", "?expiration_ttl=60"), "v").await;
    put(
        &account,
        &path("at", &format!("?expiration={}", now_s + 120)),
        "v",
    )
    .await;
    put(
        &account,
        &path(
            "both",
            &format!("?expiration={}&expiration_ttl=90", now_s + 500),
        ),
        "v",
    )
    .await;
    put(&account, &path("never", ""), "v").await;
    for bad in [
        "?expiration_ttl=59",
        "?expiration_ttl=-1",
        "?expiration_ttl=x",
        "?expiration=5",
    ] {
        let request = account.account(Method::PUT, &path("bad", bad)).body("v");
        assert_eq!(refusal(request).await.0, 400, "{bad}");
    }
    let header = async |key: &str| {
        let got = account
            .account(Method::GET, &path(key, ""))
            .send()
            .await
            .unwrap();
        got.headers()
            .get("expiration")
            .map(|v| v.to_str().unwrap().to_owned())
    };
    assert_eq!(header("ttl").await, Some((now_s + 60).to_string()));
    assert_eq!(header("both").await, Some((now_s + 90).to_string()));
    let keys = account.get(&format!("{namespace}/keys?prefix=ttl")).await;
    assert_eq!(keys["result"][0]["expiration"], now_s + 60);

    let keys = format!("{namespace}/keys");
    account.clock.advance_ms(59_999);
    assert_eq!(key_names(&account, &keys).await.len(), 4);
    account.clock.advance_ms(1);
    assert_eq!(key_names(&account, &keys).await, ["at", "both", "never"]);
    let gone = refusal(account.account(Method::GET, &path("ttl", ""))).await;
    assert_eq!((gone.0, gone.1), (404, 10009));
    account.clock.advance_ms(10_000_000);
    assert_eq!(key_names(&account, &keys).await, ["never"]);
}

#[tokio::test]
async fn listings_page_through_all_keys_once_and_in_order() {
    let account = Account::start().await;
    let namespace = account.namespace("paging").await;
    let pairs: Vec<_> = (0..2_345)
        .map(|n| json!({ "key": format!("{}/{n}", if n % 3 == 0 { "a" } else { "b" }), "value": "" }))
        .collect();
    let bulk = account
        .account(Method::PUT, &format!("{namespace}/bulk"))
        .json(&pairs);
    ok(bulk.send().await.unwrap()).await;
    for (prefix, expected, limit) in [("", 2_345, 1000), ("a", 782, 100), ("b/1", 741, 10)] {
        let mut names = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("{namespace}/keys?prefix={prefix}&limit={limit}&cursor={cursor}");
            let page = account.get(&path).await;
            let keys = page["result"].as_array().unwrap();
            assert_eq!(page["result_info"]["count"], keys.len());
            assert!(keys.len() <= limit);
            names.extend(keys.iter().map(|k| k["name"].as_str().unwrap().to_owned()));
            cursor = page["result_info"]["cursor"].as_str().unwrap().to_owned();
            if cursor.is_empty() {
                break;
            }
        }
        assert!(names.is_sorted() && names.iter().all(|n| n.starts_with(prefix)));
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        let wanted = pairs
            .iter()
            .filter(|p| p["key"].as_str().unwrap().starts_with(prefix));
        assert_eq!(names.len(), wanted.count(), "{prefix} {expected}");
    }
    for bad in ["limit=9", "limit=1001", "limit=x", "cursor=***"] {
        let request = account.account(Method::GET, &format!("{namespace}/keys?{bad}"));
        assert_eq!(refusal(request).await.0, 400, "{bad}");
    }
}

#[tokio::test]
async fn what_is_not_there_says_so_as_cloudflare_does() {
    let account = Account::start().await;
    let namespace = account.namespace("missing").await;
    let (status, code, message) =
        refusal(account.account(Method::GET, &format!("{namespace}/values/none"))).await;
    assert_eq!(
        (status, code, message.as_str()),
        (404, 10009, "get: 'key not found'")
    );
    let deleted = account.account(Method::DELETE, &format!("{namespace}/values/none"));
    ok(deleted.send().await.unwrap()).await;
    let unknown = format!("/storage/kv/namespaces/{}/keys", "0".repeat(32));
    let (status, code, message) = refusal(account.account(Method::GET, &unknown)).await;
    assert_eq!(
        (status, code, message.as_str()),
        (404, 10013, "list keys: 'namespace not found'")
    );
    let odd = account.account(Method::GET, "/storage/kv/namespaces/odd/keys");
    assert_eq!(refusal(odd).await.1, 10011);
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let account = Account::start().await;
    let namespace = account.namespace("kept").await;
    let database = account.database("kept").await;
    put(
        &account,
        &format!("{namespace}/values/k?expiration_ttl=60"),
        "value",
    )
    .await;
    let sql = json!({ "sql": "CREATE TABLE t (a); INSERT INTO t VALUES (7)" });
    account.post(&format!("{database}/query"), sql).await;

    let account = account.restart().await;
    let got = account
        .account(Method::GET, &format!("{namespace}/values/k"))
        .send()
        .await
        .unwrap();
    assert_eq!(got.text().await.unwrap(), "value");
    let rows = account
        .post(
            &format!("{database}/query"),
            json!({ "sql": "SELECT a FROM t" }),
        )
        .await;
    assert_eq!(rows["result"][0]["results"], json!([{ "a": 7 }]));
    account.clock.advance_ms(60_000);
    let gone = account.account(Method::GET, &format!("{namespace}/values/k"));
    assert_eq!(refusal(gone).await.1, 10009);
}
