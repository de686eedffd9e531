//! Values in and out.

use nexus_control::ports::{DatabaseError, Row, Value};
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row as _, SqlSafeStr, Sqlite, TypeInfo as _, ValueRef as _};

use crate::error;

pub(crate) fn bind(
    sql: impl SqlSafeStr,
    values: Vec<Value>,
) -> Query<'static, Sqlite, SqliteArguments> {
    values
        .into_iter()
        .fold(sqlx::query(sql), |query, value| match value {
            Value::Null => query.bind(None::<i64>),
            Value::Integer(number) => query.bind(number),
            Value::Real(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
        })
}

pub(crate) fn row(row: &SqliteRow) -> Result<Row, DatabaseError> {
    (0..row.len()).map(|i| cell(row, i)).collect()
}

/// By the value's own type: SQLite's columns are only a hint.
fn cell(row: &SqliteRow, i: usize) -> Result<Value, DatabaseError> {
    let raw = row.try_get_raw(i).map_err(error::of)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    match raw.type_info().name() {
        "INTEGER" | "BIGINT" | "BOOLEAN" => row.try_get_unchecked(i).map(Value::Integer),
        "REAL" => row.try_get_unchecked(i).map(Value::Real),
        "TEXT" => row.try_get_unchecked(i).map(Value::Text),
        other => {
            return Err(DatabaseError::Other(format!(
                "column {i} has the type {other}, which the port does not know"
            )));
        }
    }
    .map_err(error::of)
}
