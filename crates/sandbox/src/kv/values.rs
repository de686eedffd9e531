//! Single values: raw or multipart in, raw bytes out.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Path, Query, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde::Deserialize;
use serde_json::Value;

use super::entry::{self, Entry};
use super::{limits, require, unknown_key};
use crate::Sandbox;
use crate::envelope::{ApiError, Reply, ok};

#[derive(Deserialize)]
pub(super) struct Expiry {
    expiration: Option<String>,
    expiration_ttl: Option<String>,
}

impl Expiry {
    fn at_s(&self, now_s: i64) -> Result<Option<i64>, ApiError> {
        let number = |text: &Option<String>| {
            let parsed = text.as_deref().filter(|t| !t.is_empty()).map(str::parse);
            parsed
                .transpose()
                .map_err(|_| ApiError::bad_request(10020, "expiration is not a number"))
        };
        limits::expires_at_s(
            number(&self.expiration)?,
            number(&self.expiration_ttl)?,
            now_s,
        )
    }
}

pub(super) async fn put(
    State(sandbox): State<Sandbox>,
    Path((_, namespace, key)): Path<(String, String, String)>,
    Query(expiry): Query<Expiry>,
    request: Request,
) -> Reply {
    require(&sandbox, &namespace, "put").await?;
    limits::check_key(&key)?;
    let now_s = sandbox.now_ms() / 1000;
    let expires_at_s = expiry.at_s(now_s)?;
    let (value, metadata) = if is_multipart(&request) {
        read_parts(request).await?
    } else {
        (read_raw(request).await?, None)
    };
    let entry = Entry {
        value: value.into(),
        metadata,
        expires_at_s,
    };
    entry::sweep(sandbox.state(), &namespace, now_s).await?;
    entry::write(sandbox.state(), &namespace, &key, entry).await?;
    Ok(ok(Value::Null))
}

fn is_multipart(request: &Request) -> bool {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    kind.is_some_and(|k| k.to_ascii_lowercase().starts_with("multipart/form-data"))
}

async fn read_raw(request: Request) -> Result<Bytes, ApiError> {
    if let Some(bytes) = declared_length(&request) {
        limits::check_value(bytes)?;
    }
    axum::body::to_bytes(request.into_body(), limits::VALUE_BYTES)
        .await
        .map_err(|_| {
            limits::too_large(format!(
                "Value length exceeds limit of {}.",
                limits::VALUE_BYTES
            ))
        })
}

fn declared_length(request: &Request) -> Option<usize> {
    request
        .headers()
        .get(CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// Parts `value` and, if wanted, `metadata` (JSON text). SDKs send an object
/// of metadata as it is; a metadata part that is not JSON is refused.
async fn read_parts(request: Request) -> Result<(Bytes, Option<String>), ApiError> {
    // Room for the value, the metadata and the parts' own headers.
    let limited = request.map(|b| {
        Body::new(http_body_util::Limited::new(
            b,
            limits::VALUE_BYTES + 65_536,
        ))
    });
    let malformed = |e: &dyn std::fmt::Display| {
        ApiError::bad_request(10024, format!("put: 'could not parse multipart form': {e}"))
    };
    let mut parts = Multipart::from_request(limited, &())
        .await
        .map_err(|e| malformed(&e))?;
    let (mut value, mut metadata) = (None, None);
    while let Some(part) = parts.next_field().await.map_err(|e| malformed(&e))? {
        match part.name() {
            Some("value") => value = Some(part.bytes().await.map_err(|e| malformed(&e))?),
            Some("metadata") => metadata = Some(part.text().await.map_err(|e| malformed(&e))?),
            _ => {}
        }
    }
    let value = value.ok_or_else(|| malformed(&"no part is named value"))?;
    limits::check_value(value.len())?;
    Ok((value, metadata.map(checked_metadata).transpose()?.flatten()))
}

/// Metadata as it is stored; `null` and nothing are no metadata.
fn checked_metadata(text: String) -> Result<Option<String>, ApiError> {
    limits::check_metadata(&text)?;
    match serde_json::from_str(&text) {
        Ok(Value::Null) => Ok(None),
        Ok(_) => Ok(Some(text)),
        Err(_) => Err(ApiError::bad_request(
            10024,
            "put: 'metadata must be valid json'",
        )),
    }
}

pub(super) async fn get(
    State(sandbox): State<Sandbox>,
    Path((_, namespace, key)): Path<(String, String, String)>,
) -> Reply {
    let entry = find(&sandbox, &namespace, &key).await?;
    let expiration = entry
        .expires_at_s
        .map(|at| [("expiration", at.to_string())]);
    let value = ([(CONTENT_TYPE, "application/octet-stream")], entry.value);
    Ok(match expiration {
        Some(header) => (header, value).into_response(),
        None => value.into_response(),
    })
}

pub(super) async fn metadata(
    State(sandbox): State<Sandbox>,
    Path((_, namespace, key)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let entry = find(&sandbox, &namespace, &key).await?;
    Ok(ok(entry.metadata_value()))
}

async fn find(sandbox: &Sandbox, namespace: &str, key: &str) -> Result<Entry, ApiError> {
    require(sandbox, namespace, "get").await?;
    limits::check_key(key)?;
    let found = entry::read(sandbox.state(), namespace, key, sandbox.now_ms() / 1000).await?;
    found.ok_or_else(|| unknown_key("get"))
}

/// Deleting what is not there succeeds, as on Cloudflare.
pub(super) async fn delete(
    State(sandbox): State<Sandbox>,
    Path((_, namespace, key)): Path<(String, String, String)>,
) -> Reply {
    require(&sandbox, &namespace, "delete").await?;
    limits::check_key(&key)?;
    entry::delete(sandbox.state(), &namespace, &key).await?;
    Ok(ok(Value::Null))
}
