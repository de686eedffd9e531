//! One stored entry, and the statements that read and write it.

use sqlx::sqlite::SqliteRow;
use sqlx::{Executor, FromRow, Row, Sqlite};

/// A key's value with all that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) value: Vec<u8>,
    /// JSON text.
    pub(super) metadata: Option<String>,
    pub(super) expires_at_s: Option<i64>,
}

impl FromRow<'_, SqliteRow> for Entry {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            value: row.try_get("value")?,
            metadata: row.try_get("metadata")?,
            expires_at_s: row.try_get("expires_at_s")?,
        })
    }
}

impl Entry {
    /// The metadata as JSON; `null` when there is none.
    pub(super) fn metadata_value(&self) -> serde_json::Value {
        metadata_value(self.metadata.as_deref())
    }
}

pub(super) fn metadata_value(text: Option<&str>) -> serde_json::Value {
    text.and_then(|t| serde_json::from_str(t).ok())
        .unwrap_or_default()
}

/// The entry, unless it is missing or expired at `now_s`.
pub(super) async fn read<'e>(
    db: impl Executor<'e, Database = Sqlite>,
    namespace: &str,
    key: &str,
    now_s: i64,
) -> Result<Option<Entry>, sqlx::Error> {
    sqlx::query_as(
        "SELECT value, metadata, expires_at_s FROM kv_entries
         WHERE namespace_id = ? AND key = ? AND (expires_at_s IS NULL OR expires_at_s > ?)",
    )
    .bind(namespace)
    .bind(key.as_bytes())
    .bind(now_s)
    .fetch_optional(db)
    .await
}

pub(super) async fn write<'e>(
    db: impl Executor<'e, Database = Sqlite>,
    namespace: &str,
    key: &str,
    entry: Entry,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO kv_entries (namespace_id, key, value, metadata, expires_at_s)
         VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (namespace_id, key) DO UPDATE SET
             value = excluded.value, metadata = excluded.metadata,
             expires_at_s = excluded.expires_at_s",
    )
    .bind(namespace)
    .bind(key.as_bytes())
    .bind(entry.value)
    .bind(entry.metadata)
    .bind(entry.expires_at_s)
    .execute(db)
    .await?;
    Ok(())
}

pub(super) async fn delete<'e>(
    db: impl Executor<'e, Database = Sqlite>,
    namespace: &str,
    key: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM kv_entries WHERE namespace_id = ? AND key = ?")
        .bind(namespace)
        .bind(key.as_bytes())
        .execute(db)
        .await?;
    Ok(())
}

/// Removes what expired before `now_s`, so that files do not grow for ever.
pub(super) async fn sweep<'e>(
    db: impl Executor<'e, Database = Sqlite>,
    namespace: &str,
    now_s: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM kv_entries WHERE namespace_id = ? AND expires_at_s <= ?")
        .bind(namespace)
        .bind(now_s)
        .execute(db)
        .await?;
    Ok(())
}
