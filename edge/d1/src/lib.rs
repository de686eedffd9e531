//! The `Database` port on D1.
//!
//! D1 speaks JavaScript numbers: integers are exact up to 2^53, and 1 and 1.0 are the same.

use async_trait::async_trait;
use js_sys::Array;
use nexus_control::ports::{Database, DatabaseError, Row, Statement, Value};
use wasm_bindgen::{JsCast as _, JsValue};
use worker::send::SendFuture;
use worker::{D1Database, D1PreparedStatement, D1Result, Error};

/// Largest integer that a JavaScript number holds exactly: 2^53 − 1.
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Longest pattern of LIKE in bytes: <https://developers.cloudflare.com/d1/platform/limits/>.
const MAX_PATTERN_BYTES: usize = 50;

/// Words of D1's errors that pass by themselves:
/// <https://developers.cloudflare.com/d1/observability/debug-d1/>.
const PASSING: [&str; 8] = [
    "SQLITE_BUSY",
    "overloaded",
    "timeout",
    "Network connection lost",
    "Internal error",
    "internal error",
    "transient issue",
    "reset because",
];

/// A database binding of a Worker.
pub struct D1(D1Database);

impl D1 {
    #[must_use]
    pub const fn new(database: D1Database) -> Self {
        Self(database)
    }

    fn prepare(&self, statement: &Statement) -> Result<D1PreparedStatement, DatabaseError> {
        let values: Vec<JsValue> = (1..)
            .zip(&statement.values)
            .map(|(number, value)| match value {
                Value::Text(text)
                    if text.len() > MAX_PATTERN_BYTES && is_pattern(statement.sql, number) =>
                {
                    Ok(JsValue::from_str(&cut(text)))
                }
                value => bind(value),
            })
            .collect::<Result<_, _>>()?;
        self.0.prepare(statement.sql).bind(&values).map_err(of)
    }

    async fn rows(&self, statement: &Statement) -> Result<Vec<Row>, DatabaseError> {
        let rows = self.prepare(statement)?.raw_js_value().await.map_err(of)?;
        rows.into_iter().map(row).collect()
    }

    /// D1 runs a batch as one transaction.
    async fn changes(&self, statements: &[Statement]) -> Result<Vec<u64>, DatabaseError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        let prepared: Vec<_> = statements
            .iter()
            .map(|statement| self.prepare(statement))
            .collect::<Result<_, _>>()?;
        let results = self.0.batch(prepared).await.map_err(of)?;
        results.iter().map(changed).collect()
    }
}

#[async_trait]
impl Database for D1 {
    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        SendFuture::new(self.rows(&statement)).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        SendFuture::new(self.changes(&statements)).await
    }
}

/// Whether the statement looks for its parameter with that number by LIKE.
fn is_pattern(sql: &str, number: usize) -> bool {
    let like = format!("LIKE ?{number}");
    sql.split(&like)
        .skip(1)
        .any(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

/// As much of a pattern as D1 takes: it finds all that the whole one would, and maybe more.
fn cut(pattern: &str) -> String {
    let start = &pattern[..pattern.floor_char_boundary(MAX_PATTERN_BYTES - 1)];
    let escapes = start
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count();
    // An escape without what it escapes is an error.
    let whole = &start[..start.len() - escapes % 2];
    format!("{whole}%")
}

fn bind(value: &Value) -> Result<JsValue, DatabaseError> {
    match value {
        Value::Null => Ok(JsValue::NULL),
        Value::Integer(number) if number.unsigned_abs() <= MAX_INTEGER.unsigned_abs() => {
            Ok(JsValue::from_f64(*number as f64))
        }
        Value::Integer(number) => Err(DatabaseError::Other(format!(
            "{number} is more than D1 can hold exactly"
        ))),
        Value::Real(number) => Ok(JsValue::from_f64(*number)),
        Value::Text(text) => Ok(JsValue::from_str(text)),
    }
}

fn row(cells: JsValue) -> Result<Row, DatabaseError> {
    let cells: Array = cells
        .dyn_into()
        .map_err(|_| DatabaseError::Other("D1 gave a row that is no list".to_owned()))?;
    cells.iter().map(|cell| read(&cell)).collect()
}

fn read(cell: &JsValue) -> Result<Value, DatabaseError> {
    if cell.is_null() {
        return Ok(Value::Null);
    }
    if let Some(number) = cell.as_f64() {
        let whole = number.fract() == 0.0 && number.abs() <= MAX_INTEGER as f64;
        return Ok(if whole {
            Value::Integer(number as i64)
        } else {
            Value::Real(number)
        });
    }
    cell.as_string()
        .map(Value::Text)
        .ok_or_else(|| DatabaseError::Other("D1 gave neither number nor text".to_owned()))
}

fn changed(result: &D1Result) -> Result<u64, DatabaseError> {
    let changes = result.meta().map_err(of)?.and_then(|meta| meta.changes);
    changes
        .map(|changes| changes as u64)
        .ok_or_else(|| DatabaseError::Other("D1 did not count what a statement changed".to_owned()))
}

fn of(error: Error) -> DatabaseError {
    let text = match &error {
        Error::D1(error) => String::from(AsRef::<js_sys::Error>::as_ref(error).message()),
        other => other.to_string(),
    };
    if text.contains("SQLITE_CONSTRAINT") || text.contains("constraint failed") {
        DatabaseError::Constraint(text)
    } else if PASSING.iter().any(|words| text.contains(words)) {
        DatabaseError::Unavailable(text)
    } else {
        DatabaseError::Other(text)
    }
}
