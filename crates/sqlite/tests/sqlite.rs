//! What is SQLite's own: migrations, backup, more than one process.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::time::Duration;

use nexus_control::ports::{Database as _, DatabaseError, Statement, Value};
use nexus_sqlite::{MigrateError, Sqlite};
use sqlx::{Connection as _, Executor as _};

async fn open(path: &Path) -> Sqlite {
    let db = Sqlite::open(path).await.unwrap();
    db.migrate().await.unwrap();
    db
}

fn put(key: &str) -> Statement {
    Statement::new(
        "INSERT INTO meta (key, value) VALUES (?1, 'x')",
        [key.into()],
    )
}

async fn keys(db: &Sqlite) -> usize {
    let all = Statement::new("SELECT key FROM meta", []);
    db.query(all).await.unwrap().len()
}

#[tokio::test]
async fn migrations_run_once_and_tell_when_they_do_not_fit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let db = open(&path).await;
    db.batch(vec![put("kept")]).await.unwrap();
    db.migrate().await.unwrap();
    assert_eq!(keys(&db).await, 1);
    let touch = |sql| Statement::new(sql, []);
    db.batch(vec![touch("UPDATE schema_migrations SET sha256 = 'x'")])
        .await
        .unwrap();
    assert!(matches!(db.migrate().await, Err(MigrateError::Changed(_))));
    db.batch(vec![
        touch("DELETE FROM schema_migrations WHERE name <> '0001_foundation'"),
        touch("UPDATE schema_migrations SET name = '9999_later'"),
    ])
    .await
    .unwrap();
    assert!(matches!(db.migrate().await, Err(MigrateError::Newer(name)) if name == "9999_later"));
}

/// Whoever sent it may have gone away.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_nobody_waits_for_is_whole_or_absent_and_lets_the_next_one_in() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&dir.path().join("a.db")).await;
    let mut done = 0;
    for round in 0..40_u32 {
        let all = (0..100).map(|n| put(&format!("{round}-{n}"))).collect();
        let wait = Duration::from_micros(100) * round;
        done += usize::from(tokio::time::timeout(wait, db.batch(all)).await.is_ok());
        db.batch(vec![put(&format!("{round}"))]).await.unwrap();
        assert_eq!((keys(&db).await - 1 - round as usize) % 100, 0);
    }
    assert!(done < 40, "every batch was quicker than 0 s");
}

#[tokio::test]
async fn a_command_beside_a_console_that_writes_does_not_wait_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    open(&path).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut writer = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    writer.execute("BEGIN IMMEDIATE").await.unwrap();
    // Who needs the lock is refused after some seconds.
    assert_eq!(keys(&open(&path).await).await, 0);
    writer.execute("ROLLBACK").await.unwrap();
}

/// Each minute, with the lock that every other writer waits for.
#[tokio::test]
async fn what_removes_the_past_reads_no_large_table_from_end_to_end() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&dir.path().join("a.db")).await;
    for Statement { sql, values } in nexus_control::testing::purging(1_800_000_000_000) {
        let sql: &'static str = Box::leak(format!("EXPLAIN QUERY PLAN {sql}").into_boxed_str());
        for step in db.query(Statement { sql, values }).await.unwrap() {
            let Some(Value::Text(step)) = step.last() else {
                panic!("{step:?}");
            };
            let is_large = LARGE
                .iter()
                .any(|table| step.split(' ').take(2).eq(["SCAN", table]));
            assert!(!is_large, "{step}\n{sql}");
        }
    }
}

/// Tables with rows of people or events, and what purging calls them.
const LARGE: [&str; 12] = [
    "u",
    "b",
    "units",
    "unit_conversions",
    "unit_days",
    "unit_metrics",
    "unit_numbers",
    "unit_values",
    "unit_waits",
    "metric_events",
    "raw_events",
    "ingest_events",
];

#[tokio::test]
async fn a_backup_is_whole_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&dir.path().join("a.db")).await;
    db.batch(vec![put("one"), put("two")]).await.unwrap();
    let copy = dir.path().join("copy.db");
    db.backup(&copy).await.unwrap();
    assert!(db.backup(&copy).await.is_err());
    db.batch(vec![put("later")]).await.unwrap();
    assert_eq!(keys(&open(&copy).await).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_write_in_turns() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let (one, two) = (open(&path).await, open(&path).await);
    let write = |db: Sqlite, who: &'static str| async move {
        for n in 0..50 {
            db.batch(vec![put(&format!("{who}-{n}"))]).await.unwrap();
        }
    };
    let jobs = [
        tokio::spawn(write(one.clone(), "one")),
        tokio::spawn(write(two, "two")),
    ];
    for job in jobs {
        job.await.unwrap();
    }
    assert_eq!(keys(&one).await, 100);
}

#[tokio::test]
async fn reading_cannot_write_and_an_abandoned_batch_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&dir.path().join("a.db")).await;
    assert!(db.query(put("by reading")).await.is_err());
    let wrong = vec![
        put("a"),
        Statement::new("INSERT INTO nowhere VALUES (1)", []),
    ];
    assert!(matches!(
        db.batch(wrong).await,
        Err(DatabaseError::Other(_))
    ));
    // Dropped while it runs, as by a request that timed out.
    let many = (0..2_000).map(|n| put(&format!("n{n}"))).collect();
    let abandoned = db.batch(many);
    let _ = tokio::time::timeout(std::time::Duration::from_millis(2), abandoned).await;
    let found = keys(&db).await;
    assert!(found == 0 || found == 2_000, "{found}");
    db.batch(vec![put("next")]).await.unwrap();
    let value = db
        .query(Statement::new(
            "SELECT value FROM meta WHERE key = ?1",
            ["next".into()],
        ))
        .await
        .unwrap();
    assert_eq!(value, [[Value::Text("x".into())]]);
}

/// Rows to be written come packed into one text: what they hold must not suffer.
#[tokio::test]
async fn packed_rows_are_the_rows_themselves() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(&dir.path().join("a.db")).await;
    let texts = [
        "",
        "\"quoted\" \\ \u{8}",
        "零\u{0}\n",
        "1",
        "null",
        "\u{1f600}",
    ];
    let numbers = [i64::MIN, -1, 0, i64::MAX];
    let rows: Vec<Vec<Value>> = texts
        .iter()
        .flat_map(|text| numbers.map(|n| vec![(*text).into(), n.into(), Value::Null]))
        .collect();
    for wanted in &rows {
        let one = || Statement {
            sql: "SELECT ?1, ?2, ?3",
            values: wanted.clone(),
        };
        assert_eq!(db.query(one()).await.unwrap(), vec![wanted.clone()]);
        assert_eq!(
            db.query_to_write(one()).await.unwrap(),
            vec![wanted.clone()]
        );
    }
    let several = Statement::new("SELECT 2, 'b' UNION ALL SELECT 1, 'a'", []);
    let found = db.query_to_write(several).await.unwrap();
    assert_eq!(
        found,
        [
            vec![2_i64.into(), "b".into()],
            vec![1_i64.into(), "a".into()]
        ]
    );
    let none = Statement::new("SELECT key FROM meta WHERE key = 'absent'", []);
    assert!(db.query_to_write(none).await.unwrap().is_empty());
    let real = Statement::new("SELECT ?1", [0.1.into()]);
    assert!(db.query_to_write(real).await.is_err());
}
