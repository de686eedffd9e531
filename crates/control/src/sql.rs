//! Statements and the reading of their rows.

use nexus_domain::Environment;
use serde::de::DeserializeOwned;

use crate::ports::{DatabaseError, Row, Statement, Value};
use crate::{Console, Error, Result};

/// `sql!("… ?1 … ?2", a, b)`.
macro_rules! sql {
    ($text:expr $(, $value:expr)* $(,)?) => {
        $crate::ports::Statement {
            sql: $text,
            values: vec![$($crate::ports::Value::from($value)),*],
        }
    };
}
pub(crate) use sql;

/// The cells of a row, taken from the left.
#[derive(Clone)]
pub(crate) struct Cells(std::vec::IntoIter<Value>);

impl Console {
    pub(crate) async fn rows(&self, statement: Statement) -> Result<Vec<Cells>> {
        let rows = self.inner.db.query(statement).await.map_err(Error::from)?;
        Ok(rows.into_iter().map(Cells::from).collect())
    }

    /// Many, of integers and texts: see [`crate::ports::Database::query_many`].
    pub(crate) async fn many_rows(&self, statement: Statement) -> Result<Vec<Cells>> {
        let rows = self.inner.db.query_many(statement).await;
        let rows = rows.map_err(Error::from)?;
        Ok(rows.into_iter().map(Cells::from).collect())
    }

    /// Of what is about to be written: see [`crate::ports::Database::query_to_write`].
    pub(crate) async fn rows_to_write(&self, statement: Statement) -> Result<Vec<Cells>> {
        let rows = self.inner.db.query_to_write(statement).await;
        let rows = rows.map_err(Error::from)?;
        Ok(rows.into_iter().map(Cells::from).collect())
    }

    pub(crate) async fn row(&self, statement: Statement) -> Result<Option<Cells>> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    /// A single number; 0 when there is no row or it is null.
    pub(crate) async fn number(&self, statement: Statement) -> Result<u64> {
        let row = self.row(statement).await?;
        row.map_or(Ok(0), |mut r| Ok(r.maybe_u64()?.unwrap_or(0)))
    }
}

impl From<DatabaseError> for Error {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Unavailable(_) => Self::Unavailable {
                what: "the database",
                cause: error.into(),
            },
            _ => Self::internal(error),
        }
    }
}

impl From<Row> for Cells {
    fn from(row: Row) -> Self {
        Self(row.into_iter())
    }
}

impl Cells {
    fn next(&mut self) -> Result<Value> {
        self.0
            .next()
            .ok_or_else(|| Error::internal("a row has fewer columns than asked for"))
    }

    pub(crate) fn text(&mut self) -> Result<String> {
        self.maybe_text()?.ok_or_else(|| unexpected(&Value::Null))
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>> {
        match self.next()? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) fn i64(&mut self) -> Result<i64> {
        self.maybe_i64()?.ok_or_else(|| unexpected(&Value::Null))
    }

    pub(crate) fn maybe_i64(&mut self) -> Result<Option<i64>> {
        match self.next()? {
            Value::Integer(number) => Ok(Some(number)),
            // D1 hands out JavaScript numbers, which don't tell 1 from 1.0.
            Value::Real(number) if number.fract() == 0.0 && number.abs() < 9.0e15 => {
                Ok(Some(number as i64))
            }
            Value::Null => Ok(None),
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) fn u64(&mut self) -> Result<u64> {
        self.maybe_u64()?.ok_or_else(|| unexpected(&Value::Null))
    }

    pub(crate) fn maybe_u64(&mut self) -> Result<Option<u64>> {
        self.maybe_i64()?
            .map(|number| u64::try_from(number).map_err(Error::internal))
            .transpose()
    }

    pub(crate) fn f64(&mut self) -> Result<f64> {
        match self.next()? {
            Value::Real(number) => Ok(number),
            Value::Integer(number) => Ok(number as f64),
            other => Err(unexpected(&other)),
        }
    }

    pub(crate) fn bool(&mut self) -> Result<bool> {
        Ok(self.i64()? != 0)
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        serde_json::from_str(&self.text()?).map_err(Error::internal)
    }

    pub(crate) fn environment(&mut self) -> Result<Environment> {
        let text = self.text()?;
        Environment::parse(&text)
            .ok_or_else(|| Error::internal(format!("unknown environment {text:?} in the database")))
    }
}

fn unexpected(value: &Value) -> Error {
    let kind = match value {
        Value::Null => "null",
        Value::Integer(_) => "an integer",
        Value::Real(_) => "a real number",
        Value::Text(_) => "text",
    };
    Error::internal(format!("a column holds {kind}, which was not expected"))
}

/// JSON text of a value that is made of plain data.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

/// Pattern for `LIKE … ESCAPE '\'` that finds the text anywhere, in lower case;
/// wildcards in the text stand for themselves.
pub(crate) fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_stand_for_themselves() {
        assert_eq!(containing(" 50%_A\\ "), "%50\\%\\_a\\\\%");
        assert_eq!(containing(""), "%%");
    }
}
