//! D1: databases and queries.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Account, ok, refusal};

async fn query(account: &Account, database: &str, body: Value) -> Value {
    account.post(&format!("{database}/query"), body).await["result"].clone()
}

async fn refused(account: &Account, database: &str, body: Value) -> (u16, u64, String) {
    refusal(
        account
            .account(Method::POST, &format!("{database}/query"))
            .json(&body),
    )
    .await
}

#[tokio::test]
async fn databases_are_made_found_by_id_or_name_and_deleted() {
    let account = Account::start().await;
    let made = account.post("/d1/database", json!({ "name": "one" })).await["result"].clone();
    assert_eq!(made["version"], "production");
    assert_eq!(made["created_at"], "2026-01-01T00:00:00.000Z");
    let uuid = made["uuid"].as_str().unwrap();
    assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
    account.database("two").await;

    let by_name = account.get("/d1/database/one?fields=uuid,name").await;
    assert_eq!(by_name["result"], json!({ "uuid": uuid, "name": "one" }));
    let by_id = account.get(&format!("/d1/database/{uuid}")).await;
    assert_eq!(by_id["result"]["num_tables"], 0);
    let page = account.get("/d1/database?per_page=1&page=2").await;
    assert_eq!(page["result_info"]["total_count"], 2);
    assert_eq!(page["result"].as_array().unwrap().len(), 1);
    let named = account.get("/d1/database?name=tw").await;
    assert_eq!(named["result"][0]["name"], "two");

    let again = account
        .account(Method::POST, "/d1/database")
        .json(&json!({ "name": "one" }));
    assert_eq!(refusal(again).await.1, 7502);
    let odd = account
        .account(Method::POST, "/d1/database")
        .json(&json!({ "name": "../x" }));
    assert_eq!(refusal(odd).await.1, 7400);

    let path = format!("/d1/database/{uuid}");
    query(&account, &path, json!({ "sql": "CREATE TABLE t (a)" })).await;
    ok(account.account(Method::DELETE, &path).send().await.unwrap()).await;
    let (status, code, message) = refused(&account, &path, json!({ "sql": "SELECT 1" })).await;
    assert_eq!((status, code), (404, 7404));
    assert_eq!(message, format!("The database {uuid} could not be found"));
    assert_eq!(
        refused(&account, "/d1/database/two", json!({ "sql": "SELECT 1" }))
            .await
            .1,
        7400
    );
}

#[tokio::test]
async fn a_query_answers_rows_and_meta() {
    let account = Account::start().await;
    let db = account.database("db").await;
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, score REAL, data BLOB);
               INSERT INTO t (name, score, data) VALUES ('a', 1.5, x'00ff'), ('b', NULL, NULL)";
    let made = query(&account, &db, json!({ "sql": sql })).await;
    assert_eq!(made.as_array().unwrap().len(), 2);
    assert_eq!(made[0]["meta"]["changed_db"], true);
    let meta = &made[1]["meta"];
    assert_eq!(
        (&meta["changes"], &meta["last_row_id"]),
        (&json!(2), &json!(2))
    );
    assert!(meta["size_after"].as_i64().unwrap() > 0);

    let rows = query(
        &account,
        &db,
        json!({ "sql": "SELECT * FROM t ORDER BY id" }),
    )
    .await;
    assert_eq!(
        rows[0]["results"][0],
        json!({ "id": 1, "name": "a", "score": 1.5, "data": [0, 255] })
    );
    assert_eq!(rows[0]["results"][1]["data"], Value::Null);
    assert_eq!(rows[0]["meta"]["changed_db"], false);
    assert_eq!(rows[0]["meta"]["changes"], 0);

    let raw = account
        .post(
            &format!("{db}/raw"),
            json!({ "sql": "SELECT name, id FROM t" }),
        )
        .await;
    let wanted = json!({ "columns": ["name", "id"], "rows": [["a", 1], ["b", 2]] });
    assert_eq!(raw["result"][0]["results"], wanted);
}

#[tokio::test]
async fn columns_come_in_the_order_asked() {
    let account = Account::start().await;
    let db = account.database("db").await;
    let request = account.account(Method::POST, &format!("{db}/query"));
    let sent = request
        .json(&json!({ "sql": "SELECT 1 AS z, 2 AS a, 3 AS m" }))
        .send()
        .await;
    let text = sent.unwrap().text().await.unwrap();
    assert!(
        text.contains(r#""results":[{"z":1,"a":2,"m":3}]"#),
        "{text}"
    );
}

#[tokio::test]
async fn parameters_are_bound_as_d1_binds_them() {
    let account = Account::start().await;
    let db = account.database("db").await;
    let asked = json!({
        "sql": "SELECT ?1 AS a, ?2 AS b, ?3 AS c, typeof(?4) AS d, ?5 AS e",
        "params": ["x'; DROP TABLE t; --", 2, null, 7, true],
    });
    let rows = query(&account, &db, asked).await;
    let row = &rows[0]["results"][0];
    assert_eq!(row["a"], "x'; DROP TABLE t; --");
    assert_eq!(
        (row["b"].as_f64(), &row["c"], &row["d"]),
        (Some(2.0), &Value::Null, &json!("real"))
    );
    assert_eq!(row["e"].as_f64(), Some(1.0));

    for params in [json!([]), json!([1, 2])] {
        let (status, code, message) = refused(
            &account,
            &db,
            json!({ "sql": "SELECT ?", "params": params }),
        )
        .await;
        assert_eq!((status, code), (400, 7500));
        assert_eq!(message, "Wrong number of parameter bindings for SQL query.");
    }
    let several = json!({ "sql": "SELECT ?; SELECT ?", "params": [1, 2] });
    assert_eq!(refused(&account, &db, several).await.1, 7500);
    let nested = json!({ "sql": "SELECT ?", "params": [[1]] });
    assert_eq!(refused(&account, &db, nested).await.1, 7400);
    let last = json!({ "sql": "CREATE TABLE p (a); INSERT INTO p VALUES (?)", "params": ["v"] });
    assert_eq!(query(&account, &db, last).await[1]["meta"]["changes"], 1);
}

#[tokio::test]
async fn a_batch_is_all_or_nothing() {
    let account = Account::start().await;
    let db = account.database("db").await;
    let made = "CREATE TABLE t (id INTEGER PRIMARY KEY)";
    query(&account, &db, json!({ "sql": made })).await;
    let insert = |id: i64| json!({ "sql": "INSERT INTO t VALUES (?)", "params": [id] });
    let results = query(&account, &db, json!({ "batch": [insert(1), insert(2)] })).await;
    assert_eq!(results.as_array().unwrap().len(), 2);
    let (status, code, message) =
        refused(&account, &db, json!({ "batch": [insert(3), insert(1)] })).await;
    assert_eq!((status, code), (400, 7500));
    assert_eq!(message, "UNIQUE constraint failed: t.id: SQLITE_CONSTRAINT");
    let several = json!({ "sql": "INSERT INTO t VALUES (4); INSERT INTO t VALUES (4)" });
    assert_eq!(refused(&account, &db, several).await.0, 400);
    let count = query(
        &account,
        &db,
        json!({ "sql": "SELECT count(*) AS n FROM t" }),
    )
    .await;
    assert_eq!(count[0]["results"][0]["n"], 2);
}

#[tokio::test]
async fn errors_carry_sqlites_words() {
    let account = Account::start().await;
    let db = account.database("db").await;
    for (sql, message) in [
        (
            "SELECT * FROM nowhere",
            "no such table: nowhere: SQLITE_ERROR",
        ),
        (
            "SELEC 1",
            "near \"SELEC\": syntax error at offset 0: SQLITE_ERROR",
        ),
        (
            "SELECT b FROM (SELECT 1 AS a)",
            "no such column: b at offset 7: SQLITE_ERROR",
        ),
        (
            "SELECT sqlite_version()",
            "not authorized to use function: sqlite_version at offset 7: SQLITE_ERROR",
        ),
        ("ATTACH 'x.db' AS x", "not authorized: SQLITE_AUTH"),
        ("VACUUM INTO 'x.db'", "not authorized: SQLITE_AUTH"),
        (
            "PRAGMA journal_mode = DELETE",
            "not authorized: SQLITE_AUTH",
        ),
        ("-- nothing", "No SQL statements detected."),
    ] {
        assert_eq!(
            refused(&account, &db, json!({ "sql": sql })).await,
            (400, 7500, message.into())
        );
    }
    assert!(
        refused(&account, &db, json!({ "sql": "BEGIN" }))
            .await
            .2
            .contains("transaction")
    );
    assert_eq!(
        refused(&account, &db, json!({ "query": "SELECT 1" }))
            .await
            .1,
        7400
    );
}

#[tokio::test]
async fn foreign_keys_are_on_and_triggers_work() {
    let account = Account::start().await;
    let db = account.database("db").await;
    let sql = "CREATE TABLE a (id INTEGER PRIMARY KEY);
        CREATE TABLE b (a INTEGER REFERENCES a (id), note TEXT);
        CREATE TRIGGER noted AFTER INSERT ON a BEGIN
            INSERT INTO b VALUES (new.id, 'a; b');
        END;
        INSERT INTO a VALUES (1);";
    let made = query(&account, &db, json!({ "sql": sql })).await;
    assert_eq!(made.as_array().unwrap().len(), 4);
    assert_eq!(made[3]["meta"]["rows_written"], 2);
    let bad = refused(
        &account,
        &db,
        json!({ "sql": "INSERT INTO b VALUES (9, '')" }),
    )
    .await;
    assert_eq!(bad.2, "FOREIGN KEY constraint failed: SQLITE_CONSTRAINT");
    let deferred = "PRAGMA defer_foreign_keys = on;
        INSERT INTO b VALUES (5, ''); INSERT INTO a VALUES (5)";
    assert_eq!(
        query(&account, &db, json!({ "sql": deferred }))
            .await
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn databases_do_not_see_each_other() {
    let account = Account::start().await;
    let (one, two) = (account.database("one").await, account.database("two").await);
    query(&account, &one, json!({ "sql": "CREATE TABLE secret (a)" })).await;
    let (.., message) = refused(&account, &two, json!({ "sql": "SELECT * FROM secret" })).await;
    assert_eq!(message, "no such table: secret: SQLITE_ERROR");
}

#[tokio::test]
async fn a_query_without_end_is_stopped_and_leaves_nothing() {
    let account = Account::start().await;
    let db = account.database("db").await;
    query(&account, &db, json!({ "sql": "CREATE TABLE t (a)" })).await;
    let endless = "INSERT INTO t VALUES (1);
        WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    let (status, code, message) = refused(&account, &db, json!({ "sql": endless })).await;
    assert_eq!((status, code), (400, 7500));
    assert!(message.contains("CPU time limit"), "{message}");
    let count = query(
        &account,
        &db,
        json!({ "sql": "SELECT count(*) AS n FROM t" }),
    )
    .await;
    assert_eq!(count[0]["results"][0]["n"], 0);
}

#[tokio::test]
async fn a_client_that_leaves_does_not_break_the_database() {
    let account = Account::start().await;
    let db = account.database("db").await;
    query(&account, &db, json!({ "sql": "CREATE TABLE t (a)" })).await;
    let endless = "INSERT INTO t VALUES (1);
        WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    let request = account.account(Method::POST, &format!("{db}/query"));
    let request = request.json(&json!({ "sql": endless }));
    let gone = request
        .timeout(std::time::Duration::from_millis(200))
        .send()
        .await;
    assert!(gone.unwrap_err().is_timeout());
    let count = query(
        &account,
        &db,
        json!({ "sql": "SELECT count(*) AS n FROM t" }),
    )
    .await;
    assert_eq!(count[0]["results"][0]["n"], 0);
}
