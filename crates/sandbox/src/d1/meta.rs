//! The `meta` object of a result.

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{FromRow, Row};

/// SQLite's counters between two statements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counters {
    total_changes: i64,
    changes: i64,
    last_row_id: i64,
    schema_version: i64,
    size_bytes: i64,
}

impl FromRow<'_, SqliteRow> for Counters {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            total_changes: row.try_get("total_changes")?,
            changes: row.try_get("changes")?,
            last_row_id: row.try_get("last_row_id")?,
            schema_version: row.try_get("schema_version")?,
            size_bytes: row.try_get("size_bytes")?,
        })
    }
}

impl Counters {
    pub(super) async fn read(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        sqlx::query_as(
            "SELECT total_changes() AS total_changes, changes() AS changes,
                    last_insert_rowid() AS last_row_id,
                    (SELECT schema_version FROM pragma_schema_version) AS schema_version,
                    (SELECT page_count FROM pragma_page_count)
                        * (SELECT page_size FROM pragma_page_size) AS size_bytes",
        )
        .fetch_one(connection)
        .await
    }
}

/// `rows_read` is the number of rows returned and `rows_written` the number
/// changed, triggers included: SQLite does not say what it scanned, so both
/// are lower bounds of what D1 would bill.
pub(super) fn meta(before: Counters, after: Counters, rows: usize, duration_ms: f64) -> Value {
    let duration_ms = (duration_ms * 1e4).round() / 1e4;
    let written = after.total_changes - before.total_changes;
    json!({
        "served_by": "sandbox",
        "served_by_region": "ENAM",
        "served_by_colo": "IAD",
        "served_by_primary": true,
        "timings": { "sql_duration_ms": duration_ms },
        "duration": duration_ms,
        "changes": if written > 0 { after.changes } else { 0 },
        "last_row_id": after.last_row_id,
        "changed_db": written > 0 || after.schema_version != before.schema_version,
        "size_after": after.size_bytes,
        "rows_read": rows,
        "rows_written": written,
        "total_attempts": 1,
    })
}
