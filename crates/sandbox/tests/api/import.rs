//! D1: importing a file as wrangler does it.

use md5::{Digest, Md5};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Account, refusal};

fn md5(text: &str) -> String {
    Md5::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

async fn import(account: &Account, database: &str, sql: &str) -> Value {
    let (path, etag) = (format!("{database}/import"), md5(sql));
    let begun = account
        .post(&path, json!({ "action": "init", "etag": etag }))
        .await;
    let url = begun["result"]["upload_url"].as_str().unwrap();
    let put = account
        .client
        .put(url)
        .body(sql.to_owned())
        .send()
        .await
        .unwrap();
    assert_eq!(put.status(), 200);
    assert_eq!(put.headers()["etag"], format!("\"{etag}\""));
    let filename = &begun["result"]["filename"];
    let ingest = json!({ "action": "ingest", "filename": filename, "etag": etag });
    let mut answer = account.post(&path, ingest).await["result"].clone();
    while answer["status"] == "active" {
        let poll = json!({ "action": "poll", "current_bookmark": answer["at_bookmark"] });
        answer = account.post(&path, poll).await["result"].clone();
    }
    answer
}

#[tokio::test]
async fn a_file_is_imported_and_a_broken_one_leaves_nothing() {
    let account = Account::start().await;
    let db = account.database("db").await;
    let sql = "CREATE TABLE t (a TEXT);\n-- c;\nINSERT INTO t VALUES ('x;y'), ('z');\n";
    let done = import(&account, &db, sql).await;
    assert_eq!(
        (&done["success"], &done["status"]),
        (&json!(true), &json!("complete"))
    );
    assert_eq!(done["result"]["num_queries"], 2);
    assert_eq!(done["result"]["meta"]["rows_written"], 2);

    let broken = import(
        &account,
        &db,
        "INSERT INTO t VALUES ('w'); INSERT INTO u VALUES (1);",
    )
    .await;
    assert_eq!(broken["status"], "error");
    assert_eq!(broken["errors"], json!(["no such table: u: SQLITE_ERROR"]));
    let count = json!({ "sql": "SELECT count(*) AS n FROM t" });
    let rows = account.post(&format!("{db}/query"), count).await;
    assert_eq!(rows["result"][0]["results"][0]["n"], 2);
}

#[tokio::test]
async fn uploads_are_checked() {
    let account = Account::start().await;
    let (db, other) = (
        account.database("db").await,
        account.database("other").await,
    );
    let import = |db: &str, body: Value| {
        account
            .account(Method::POST, &format!("{db}/import"))
            .json(&body)
    };
    let etag = md5("SELECT 1");
    let begun = account
        .post(
            &format!("{db}/import"),
            json!({ "action": "init", "etag": etag }),
        )
        .await;
    let filename = &begun["result"]["filename"];
    let ingest = json!({ "action": "ingest", "filename": filename, "etag": etag });
    assert_eq!(refusal(import(&db, ingest.clone())).await.0, 400);
    assert_eq!(refusal(import(&other, ingest.clone())).await.0, 400);
    let url = begun["result"]["upload_url"].as_str().unwrap();
    account
        .client
        .put(url)
        .body("SELECT 2")
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(import(&db, ingest)).await.0, 400);
    let unknown = format!("{}/__sandbox/uploads/{}", account.base, "0".repeat(32));
    assert_eq!(refusal(account.client.put(unknown).body("x")).await.0, 404);
    let poll = json!({ "action": "poll", "current_bookmark": "x" });
    assert_eq!(refusal(import(&db, poll)).await.0, 400);
    assert_eq!(
        refusal(import(&db, json!({ "action": "init", "etag": "../x" })))
            .await
            .0,
        400
    );
}
