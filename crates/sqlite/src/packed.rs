//! Many rows as one. A connection's thread hands over each row by itself, and waking whoever
//! waits for it costs several times what the row does; here SQLite writes all of them into one
//! JSON text.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use nexus_control::ports::{DatabaseError, Row, Statement, Value};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use sqlx::{AssertSqlSafe, Executor as _, Row as _, SqlSafeStr as _, SqlitePool, Statement as _};

use crate::{error, value};

/// The texts of statements around which rows have been packed.
#[derive(Clone, Default)]
pub(crate) struct Packed(Arc<Mutex<HashMap<&'static str, Arc<str>>>>);

impl Packed {
    /// As a plain query; of integers, texts and nulls only.
    ///
    /// # Errors
    /// Also when a row has a real number, which would lose digits, or bytes.
    pub(crate) async fn query(
        &self,
        pool: &SqlitePool,
        statement: Statement,
    ) -> Result<Vec<Row>, DatabaseError> {
        let text = self.around(pool, statement.sql).await?;
        let row = value::bind(AssertSqlSafe(text), statement.values)
            .fetch_one(pool)
            .await
            .map_err(error::of)?;
        let rows: &str = row.try_get_unchecked(0).map_err(error::of)?;
        let rows: Vec<Vec<Cell>> =
            serde_json::from_str(rows).map_err(|e| DatabaseError::Other(e.to_string()))?;
        let row = |cells: Vec<Cell>| cells.into_iter().map(|cell| cell.0).collect();
        Ok(rows.into_iter().map(row).collect())
    }

    async fn around(
        &self,
        pool: &SqlitePool,
        sql: &'static str,
    ) -> Result<Arc<str>, DatabaseError> {
        if let Some(text) = self.known(|known| known.get(sql).cloned()) {
            return Ok(text);
        }
        let mut connection = pool.acquire().await.map_err(error::of)?;
        let prepared = connection.prepare(sql.into_sql_str()).await;
        let columns = prepared.map_err(error::of)?.columns().len();
        let columns: Vec<String> = (0..columns).map(|i| format!("c{i}")).collect();
        let columns = columns.join(", ");
        let text: Arc<str> = format!(
            "WITH found ({columns}) AS ({sql}) \
             SELECT json_group_array(json_array({columns})) FROM found"
        )
        .into();
        self.known(|known| known.insert(sql, Arc::clone(&text)));
        Ok(text)
    }

    fn known<T>(&self, of: impl FnOnce(&mut HashMap<&'static str, Arc<str>>) -> T) -> T {
        of(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Cell(Value);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Cells).map(Self)
    }
}

struct Cells;

impl Visitor<'_> for Cells {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer, a text or null")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Integer).map_err(E::custom)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}
