//! D1's errors: SQLite's message, then the name of its result code.

use http::StatusCode;

use super::lexer::tokens;
use crate::envelope::ApiError;

/// Why a statement did not run.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refusal(String);

impl Refusal {
    pub(super) fn sql(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// *Recorded*.
    pub(super) fn not_authorized() -> Self {
        Self::sql("not authorized: SQLITE_AUTH")
    }

    /// *Recorded*.
    pub(super) fn function(name: &str, offset: usize) -> Self {
        Self(format!(
            "not authorized to use function: {name} at offset {offset}: SQLITE_ERROR"
        ))
    }

    /// *Recorded*, shortened.
    pub(super) fn transaction() -> Self {
        Self::sql(
            "To execute a transaction, please use the state.storage.transaction() or \
             state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or \
             SAVEPOINT statements.",
        )
    }

    /// What SQLite said about `sql`.
    pub(super) fn from_sqlx(error: &sqlx::Error, sql: &str) -> Self {
        let Some(database) = error.as_database_error() else {
            return Self(format!("{error}: SQLITE_ERROR"));
        };
        let message = database.message();
        let code = database.code().and_then(|c| c.parse().ok()).unwrap_or(1);
        if code & 0xFF == INTERRUPTED {
            return Self::sql("D1 DB exceeded its CPU time limit and was reset.");
        }
        let at = offset(message, sql)
            .map(|o| format!(" at offset {o}"))
            .unwrap_or_default();
        Self(format!("{message}{at}: {}", code_name(code)))
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        Self::bad_request(7500, refusal.0)
    }
}

/// *Recorded*: 7404.
pub(super) fn unknown_database(name: &str) -> ApiError {
    ApiError::not_found(7404, format!("The database {name} could not be found"))
}

/// *Recorded*: 7400 starts so.
pub(super) fn invalid(property: &str, why: &str) -> ApiError {
    ApiError::bad_request(7400, format!("Invalid property: {property} => {why}"))
}

pub(super) fn too_large(message: &str) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, 7400, message)
}

const INTERRUPTED: i32 = 9;

/// The name of an (extended) SQLite result code's primary code.
const fn code_name(code: i32) -> &'static str {
    match code & 0xFF {
        5 => "SQLITE_BUSY",
        6 => "SQLITE_LOCKED",
        7 => "SQLITE_NOMEM",
        8 => "SQLITE_READONLY",
        11 => "SQLITE_CORRUPT",
        13 => "SQLITE_FULL",
        18 => "SQLITE_TOOBIG",
        19 => "SQLITE_CONSTRAINT",
        20 => "SQLITE_MISMATCH",
        23 => "SQLITE_AUTH",
        25 => "SQLITE_RANGE",
        _ => "SQLITE_ERROR",
    }
}

/// Where in `sql` the thing is that SQLite complains of. The driver does not
/// hand on SQLite's own offset, so this answers only when there is no doubt.
fn offset(message: &str, sql: &str) -> Option<usize> {
    let culprit = message
        .strip_prefix("near \"")
        .and_then(|m| m.strip_suffix("\": syntax error"))
        .or_else(|| message.strip_prefix("no such column: "))
        .or_else(|| message.strip_prefix("no such function: "))?;
    let mut hits = tokens(sql).into_iter().filter(|t| t.text == culprit);
    match (hits.next(), hits.next()) {
        (Some(only), None) => Some(only.start),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_given_only_without_doubt() {
        assert_eq!(offset("near \"SELEC\": syntax error", "SELEC 1"), Some(0));
        assert_eq!(offset("no such column: b", "SELECT a, b FROM t"), Some(10));
        assert_eq!(offset("no such column: b", "SELECT b, b FROM t"), None);
        assert_eq!(offset("no such table: t", "SELECT b FROM t"), None);
    }
}
