//! The account's state: one SQLite file for everything but the contents of D1
//! databases, which are a file each.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

/// Applied on every start; each statement can be repeated.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS kv_namespaces (
    id            TEXT PRIMARY KEY NOT NULL,
    title         TEXT NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL
);
-- Keys are bytes so that order and prefix are those of UTF-8, NUL included.
CREATE TABLE IF NOT EXISTS kv_entries (
    namespace_id TEXT NOT NULL REFERENCES kv_namespaces (id) ON DELETE CASCADE,
    key          BLOB NOT NULL,
    value        BLOB NOT NULL,
    metadata     TEXT,
    expires_at_s INTEGER,
    PRIMARY KEY (namespace_id, key)
);
CREATE TABLE IF NOT EXISTS d1_databases (
    uuid          TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    region        TEXT NOT NULL,
    jurisdiction  TEXT,
    created_at_ms INTEGER NOT NULL
);
";

/// Opens, or creates, the state file in `data_dir`.
pub(crate) async fn open(data_dir: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(data_dir.join("account.sqlite"))
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(10));
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .connect_with(options)
        .await?;
    sqlx::raw_sql(SCHEMA).execute(&pool).await?;
    Ok(pool)
}
