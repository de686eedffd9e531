//! Web sessions over the database. The key at rest is the SHA-256 of the
//! session id, so a leaked database opens no session.

use nexus_domain::digest;

use crate::ports::{Database, DatabaseError, Statement, Value};

/// The stored data, unless it is absent or expired.
///
/// # Errors
/// Those of the database.
pub async fn get(
    db: &dyn Database,
    id: &str,
    now_ms: i64,
) -> Result<Option<(String, i64)>, DatabaseError> {
    let rows = db
        .query(Statement {
            sql: "SELECT data, expires_ms FROM sessions WHERE id = ?1 AND expires_ms > ?2",
            values: vec![key(id), Value::Integer(now_ms)],
        })
        .await?;
    Ok(match rows.into_iter().next().as_deref() {
        Some([Value::Text(data), Value::Integer(expires_ms)]) => Some((data.clone(), *expires_ms)),
        _ => None,
    })
}

/// Stores a session that must not exist yet.
///
/// # Errors
/// [`DatabaseError::Constraint`] when the id is taken.
pub async fn create(
    db: &dyn Database,
    id: &str,
    email: &str,
    data: &str,
    expires_ms: i64,
) -> Result<(), DatabaseError> {
    db.batch(vec![Statement {
        sql: "INSERT INTO sessions (id, email, data, expires_ms) VALUES (?1, ?2, ?3, ?4)",
        values: session(id, email, data, expires_ms),
    }])
    .await?;
    Ok(())
}

/// Stores a session again. One that was ended meanwhile stays ended, so a
/// request under way can't undo a sign-out.
///
/// # Errors
/// Those of the database.
pub async fn update(
    db: &dyn Database,
    id: &str,
    email: &str,
    data: &str,
    expires_ms: i64,
) -> Result<(), DatabaseError> {
    db.batch(vec![Statement {
        sql: "UPDATE sessions SET email = ?2, data = ?3, expires_ms = ?4 WHERE id = ?1",
        values: session(id, email, data, expires_ms),
    }])
    .await?;
    Ok(())
}

/// Ends one session.
///
/// # Errors
/// Those of the database.
pub async fn delete(db: &dyn Database, id: &str) -> Result<(), DatabaseError> {
    db.batch(vec![Statement {
        sql: "DELETE FROM sessions WHERE id = ?1",
        values: vec![key(id)],
    }])
    .await?;
    Ok(())
}

/// Ends all sessions of a person: sign-out everywhere.
///
/// # Errors
/// Those of the database.
pub async fn delete_all_of(db: &dyn Database, email: &str) -> Result<u64, DatabaseError> {
    let changed = db
        .batch(vec![Statement {
            sql: "DELETE FROM sessions WHERE email = ?1",
            values: vec![Value::Text(email.to_lowercase())],
        }])
        .await?;
    Ok(changed.first().copied().unwrap_or(0))
}

fn session(id: &str, email: &str, data: &str, expires_ms: i64) -> Vec<Value> {
    vec![
        key(id),
        Value::Text(email.to_lowercase()),
        Value::Text(data.to_owned()),
        Value::Integer(expires_ms),
    ]
}

fn key(id: &str) -> Value {
    Value::Text(digest::of_bytes(id.as_bytes()))
}
