//! SQLite's errors in the port's words.

use nexus_control::ports::DatabaseError;
use sqlx::error::ErrorKind;

pub(crate) fn of(error: sqlx::Error) -> DatabaseError {
    let text = error.to_string();
    match &error {
        sqlx::Error::Database(cause) => match cause.kind() {
            ErrorKind::UniqueViolation
            | ErrorKind::CheckViolation
            | ErrorKind::ForeignKeyViolation
            | ErrorKind::NotNullViolation => DatabaseError::Constraint(text),
            _ if is_busy(cause.code().as_deref()) => DatabaseError::Unavailable(text),
            _ => DatabaseError::Other(text),
        },
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
            DatabaseError::Unavailable(text)
        }
        _ => DatabaseError::Other(text),
    }
}

/// SQLITE_BUSY (5) and SQLITE_LOCKED (6), whose extended codes carry more above
/// the low byte: <https://www.sqlite.org/rescode.html>.
fn is_busy(code: Option<&str>) -> bool {
    code.and_then(|c| c.parse::<u32>().ok())
        .is_some_and(|c| matches!(c & 0xff, 5 | 6))
}
