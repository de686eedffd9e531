//! Listing keys in order, by prefix, with a cursor.

use axum::extract::{Path, Query, State};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Value, json};

use super::entry::metadata_value;
use super::require;
use crate::Sandbox;
use crate::envelope::{ApiError, Reply, ok_with_info};

/// Fewest and most keys a client may ask for at once.
const LIMIT: std::ops::RangeInclusive<i64> = 10..=1000;

#[derive(Deserialize)]
pub(super) struct Listing {
    prefix: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

type Row = (Vec<u8>, Option<String>, Option<i64>);

pub(super) async fn list(
    State(sandbox): State<Sandbox>,
    Path((_, namespace)): Path<(String, String)>,
    Query(query): Query<Listing>,
) -> Reply {
    require(&sandbox, &namespace, "list keys").await?;
    let limit = read_limit(query.limit.as_deref())?;
    let after = read_cursor(query.cursor.as_deref())?;
    let prefix = query.prefix.unwrap_or_default().into_bytes();
    // No UTF-8 has the byte 0xFF, so this is above every key with the prefix.
    let end = [prefix.as_slice(), &[0xFF]].concat();
    let now_s = sandbox.now_ms() / 1000;
    let mut rows: Vec<Row> = sqlx::query_as(
        "SELECT key, metadata, expires_at_s FROM kv_entries
         WHERE namespace_id = ? AND key >= ? AND key < ? AND key > ?
           AND (expires_at_s IS NULL OR expires_at_s > ?)
         ORDER BY key LIMIT ?",
    )
    .bind(&namespace)
    .bind(prefix)
    .bind(end)
    .bind(after)
    .bind(now_s)
    .bind(limit + 1)
    .fetch_all(sandbox.state())
    .await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let cursor = match rows.last() {
        Some((key, ..)) if more => URL_SAFE_NO_PAD.encode(key),
        _ => String::new(),
    };
    let keys: Vec<Value> = rows.into_iter().map(key_value).collect();
    let info = json!({ "count": keys.len(), "cursor": cursor });
    Ok(ok_with_info(keys, &info))
}

fn read_limit(text: Option<&str>) -> Result<i64, ApiError> {
    let limit = text.map_or(Some(*LIMIT.end()), |t| t.parse().ok());
    limit.filter(|l| LIMIT.contains(l)).ok_or_else(|| {
        ApiError::bad_request(10028, "list keys: 'limit must be between 10 and 1000'")
    })
}

fn read_cursor(text: Option<&str>) -> Result<Vec<u8>, ApiError> {
    URL_SAFE_NO_PAD
        .decode(text.unwrap_or_default())
        .map_err(|_| ApiError::bad_request(10028, "list keys: 'invalid cursor'"))
}

fn key_value((key, metadata, expires_at_s): Row) -> Value {
    let mut value = json!({ "name": String::from_utf8_lossy(&key) });
    if let Some(at) = expires_at_s {
        value["expiration"] = json!(at);
    }
    if metadata.is_some() {
        value["metadata"] = metadata_value(metadata.as_deref());
    }
    value
}
