//! Many keys in one request. A bulk write or delete is all or nothing here.

use axum::extract::{Path, Request, State};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::entry::{self, Entry};
use super::{limits, require};
use crate::Sandbox;
use crate::envelope::{ApiError, Reply, json_body, ok};

#[derive(Deserialize)]
struct Pair {
    key: String,
    value: String,
    #[serde(default)]
    base64: bool,
    expiration: Option<i64>,
    expiration_ttl: Option<i64>,
    metadata: Option<Value>,
}

impl Pair {
    fn check(self, now_s: i64) -> Result<(String, Entry), ApiError> {
        limits::check_key(&self.key)?;
        let value = if self.base64 {
            STANDARD
                .decode(self.value)
                .map_err(|_| ApiError::bad_request(10024, "a value marked base64 is not base64"))?
        } else {
            self.value.into_bytes()
        };
        limits::check_value(value.len())?;
        let metadata = self
            .metadata
            .filter(|m| !m.is_null())
            .map(|m| m.to_string());
        metadata.as_deref().map_or(Ok(()), limits::check_metadata)?;
        let expires_at_s = limits::expires_at_s(self.expiration, self.expiration_ttl, now_s)?;
        Ok((
            self.key,
            Entry {
                value,
                metadata,
                expires_at_s,
            },
        ))
    }
}

async fn read_body(request: Request) -> Result<Bytes, ApiError> {
    axum::body::to_bytes(request.into_body(), limits::BULK_BYTES)
        .await
        .map_err(|_| limits::too_large("the request body is over 100 MB"))
}

fn check_count(count: usize, max: usize) -> Result<(), ApiError> {
    if (1..=max).contains(&count) {
        return Ok(());
    }
    Err(ApiError::bad_request(
        10024,
        format!("a bulk request must have 1 to {max} entries, not {count}"),
    ))
}

fn done(count: usize) -> Value {
    json!({ "successful_key_count": count, "unsuccessful_keys": [] })
}

pub(super) async fn put(
    State(sandbox): State<Sandbox>,
    Path((_, namespace)): Path<(String, String)>,
    request: Request,
) -> Reply {
    require(&sandbox, &namespace, "bulk put").await?;
    let pairs: Vec<Pair> = json_body(&read_body(request).await?, 10024)?;
    check_count(pairs.len(), limits::BULK_ENTRIES)?;
    let now_s = sandbox.now_ms() / 1000;
    let entries: Vec<_> = pairs
        .into_iter()
        .map(|p| p.check(now_s))
        .collect::<Result<_, _>>()?;
    let count = entries.len();
    let mut transaction = sandbox.state().begin().await?;
    entry::sweep(&mut *transaction, &namespace, now_s).await?;
    for (key, entry) in entries {
        entry::write(&mut *transaction, &namespace, &key, entry).await?;
    }
    transaction.commit().await?;
    Ok(ok(done(count)))
}

pub(super) async fn delete(
    State(sandbox): State<Sandbox>,
    Path((_, namespace)): Path<(String, String)>,
    request: Request,
) -> Reply {
    require(&sandbox, &namespace, "bulk delete").await?;
    let keys: Vec<String> = json_body(&read_body(request).await?, 10024)?;
    check_count(keys.len(), limits::BULK_ENTRIES)?;
    keys.iter().try_for_each(|key| limits::check_key(key))?;
    let mut transaction = sandbox.state().begin().await?;
    for key in &keys {
        entry::delete(&mut *transaction, &namespace, key).await?;
    }
    transaction.commit().await?;
    Ok(ok(done(keys.len())))
}

#[derive(Deserialize)]
struct Wanted {
    keys: Vec<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(rename = "withMetadata", default)]
    with_metadata: bool,
}

/// `{values: {key: value}}`, `null` where a key is missing. Values come as
/// text, or parsed when `type` is `json`.
pub(super) async fn get(
    State(sandbox): State<Sandbox>,
    Path((_, namespace)): Path<(String, String)>,
    request: Request,
) -> Reply {
    require(&sandbox, &namespace, "bulk get").await?;
    let wanted: Wanted = json_body(&read_body(request).await?, 10024)?;
    check_count(wanted.keys.len(), limits::BULK_GET_KEYS)?;
    let now_s = sandbox.now_ms() / 1000;
    let mut values = Map::new();
    for key in &wanted.keys {
        limits::check_key(key)?;
        let found = entry::read(sandbox.state(), &namespace, key, now_s).await?;
        let shown = found.map(|e| shown(&e, &wanted)).transpose()?;
        values.insert(key.clone(), shown.unwrap_or_default());
    }
    Ok(ok(json!({ "values": values })))
}

fn shown(entry: &Entry, wanted: &Wanted) -> Result<Value, ApiError> {
    let value = if wanted.kind.as_deref() == Some("json") {
        serde_json::from_slice(&entry.value)
            .map_err(|_| ApiError::bad_request(10024, "bulk get: 'a value is not valid json'"))?
    } else {
        Value::String(String::from_utf8_lossy(&entry.value).into_owned())
    };
    if !wanted.with_metadata {
        return Ok(value);
    }
    let mut shown = json!({ "value": value, "metadata": entry.metadata_value() });
    if let Some(at) = entry.expires_at_s {
        shown["expiration"] = json!(at);
    }
    Ok(shown)
}
