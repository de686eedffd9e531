//! Cloudflare's envelope: `{success, errors, messages, result, result_info?}`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Error, Result};
use crate::transport::Response;

/// Longest wait that a `Retry-After` is believed, in milliseconds.
const MAX_RETRY_AFTER_MS: u64 = 3_600_000;

#[derive(Deserialize)]
struct Envelope<T> {
    success: bool,
    #[serde(default = "Vec::new")]
    errors: Vec<ApiError>,
    result: Option<T>,
    result_info: Option<Paging>,
}

/// Where a page stands in a list.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Paging {
    #[serde(default)]
    pub(crate) per_page: u64,
    #[serde(default)]
    pub(crate) count: u64,
}

/// The result of a successful answer.
pub(crate) fn result<T: DeserializeOwned>(response: &Response) -> Result<T> {
    page(response).map(|(result, _)| result)
}

pub(crate) fn page<T: DeserializeOwned>(response: &Response) -> Result<(T, Paging)> {
    check(response)?;
    let envelope: Envelope<T> = serde_json::from_slice(&response.body)
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    if !envelope.success {
        let (status, errors) = (response.status, envelope.errors);
        return Err(Error::Api { status, errors });
    }
    let paging = envelope.result_info.unwrap_or_default();
    match envelope.result {
        Some(result) => Ok((result, paging)),
        None => Err(Error::Unexpected("no result".to_owned())),
    }
}

/// The error that an answer stands for, if it does.
pub(crate) fn check(response: &Response) -> Result<()> {
    let status = response.status;
    if (200..300).contains(&status) {
        return Ok(());
    }
    let errors = serde_json::from_slice::<Envelope<serde_json::Value>>(&response.body)
        .map(|envelope| envelope.errors)
        .unwrap_or_default();
    Err(match status {
        429 | 500.. => Error::Busy {
            status,
            errors,
            retry_after_ms: retry_after_ms(response),
        },
        401 | 403 => Error::Denied { errors },
        _ => Error::Api { status, errors },
    })
}

/// `Retry-After` in seconds, the form that Cloudflare uses; the form with a date
/// would need a clock and is ignored.
fn retry_after_ms(response: &Response) -> Option<u64> {
    let seconds: u64 = response.header("retry-after")?.trim().parse().ok()?;
    Some(seconds.saturating_mul(1_000).min(MAX_RETRY_AFTER_MS))
}
