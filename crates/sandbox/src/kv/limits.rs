//! What KV refuses. Limits and texts are those of Workers KV; the codes of
//! the refusals are not recorded, so clients should go by status.

use http::StatusCode;

use crate::envelope::ApiError;

/// Longest key, in bytes of UTF-8.
pub(super) const KEY_BYTES: usize = 512;
/// Longest value, in bytes.
pub(super) const VALUE_BYTES: usize = 25 * 1024 * 1024;
/// Longest metadata, in bytes of JSON.
pub(super) const METADATA_BYTES: usize = 1024;
/// Soonest expiry, in seconds from now.
pub(super) const TTL_MIN_S: i64 = 60;
/// Most entries of a bulk write or delete.
pub(super) const BULK_ENTRIES: usize = 10_000;
/// Most keys of a bulk read.
pub(super) const BULK_GET_KEYS: usize = 100;
/// Longest body of a bulk request, in bytes.
pub(super) const BULK_BYTES: usize = 100 * 1024 * 1024;
/// Longest body of a small JSON request, in bytes.
pub(super) const SMALL_BODY_BYTES: usize = 64 * 1024;

pub(super) fn check_key(key: &str) -> Result<(), ApiError> {
    if key.is_empty() {
        return Err(ApiError::bad_request(10012, "key name cannot be empty"));
    }
    if key == "." || key == ".." {
        return Err(ApiError::bad_request(
            10012,
            format!("\"{key}\" is not allowed as a key name"),
        ));
    }
    if key.len() > KEY_BYTES {
        let message = format!(
            "UTF-8 encoded length of {} exceeds key length limit of {KEY_BYTES}.",
            key.len()
        );
        return Err(ApiError::new(StatusCode::URI_TOO_LONG, 10033, message));
    }
    Ok(())
}

pub(super) fn check_value(bytes: usize) -> Result<(), ApiError> {
    if bytes <= VALUE_BYTES {
        return Ok(());
    }
    Err(too_large(format!(
        "Value length of {bytes} exceeds limit of {VALUE_BYTES}."
    )))
}

pub(super) fn check_metadata(json: &str) -> Result<(), ApiError> {
    if json.len() <= METADATA_BYTES {
        return Ok(());
    }
    Err(too_large(format!(
        "Metadata length of {} exceeds limit of {METADATA_BYTES}.",
        json.len()
    )))
}

pub(super) fn too_large(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, 10030, message)
}

/// When an entry expires, in seconds since the epoch. `ttl_s` wins over
/// `at_s`, and neither means never.
pub(super) fn expires_at_s(
    at_s: Option<i64>,
    ttl_s: Option<i64>,
    now_s: i64,
) -> Result<Option<i64>, ApiError> {
    let refuse = |message: String| Err(ApiError::bad_request(10020, message));
    match (ttl_s, at_s) {
        (Some(ttl), _) if ttl <= 0 => refuse(format!(
            "Invalid expiration_ttl of {ttl}. Please specify integer greater than 0."
        )),
        (Some(ttl), _) if ttl < TTL_MIN_S => refuse(format!(
            "Invalid expiration_ttl of {ttl}. Expiration TTL must be at least {TTL_MIN_S}."
        )),
        (Some(ttl), _) => Ok(Some(now_s.saturating_add(ttl))),
        (None, Some(at)) if at <= now_s => refuse(format!(
            "Invalid expiration of {at}. Please specify integer greater than the current number \
             of seconds since the UNIX epoch."
        )),
        (None, Some(at)) if at < now_s + TTL_MIN_S => refuse(format!(
            "Invalid expiration of {at}. Expiration times must be at least {TTL_MIN_S} seconds \
             in the future."
        )),
        (None, at) => Ok(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_under_a_minute_is_refused_and_a_longer_one_wins_over_a_time() {
        assert!(expires_at_s(None, Some(59), 1000).is_err());
        assert!(expires_at_s(None, Some(0), 1000).is_err());
        assert_eq!(
            expires_at_s(Some(9_999), Some(60), 1000).unwrap(),
            Some(1060)
        );
    }

    #[test]
    fn a_time_must_be_a_minute_ahead() {
        assert!(expires_at_s(Some(999), None, 1000).is_err());
        assert!(expires_at_s(Some(1059), None, 1000).is_err());
        assert_eq!(expires_at_s(Some(1060), None, 1000).unwrap(), Some(1060));
        assert_eq!(expires_at_s(None, None, 1000).unwrap(), None);
    }

    #[test]
    fn keys_are_measured_in_bytes() {
        assert!(check_key(&"é".repeat(256)).is_ok());
        assert!(check_key(&"é".repeat(257)).is_err());
        assert!(check_key("").is_err());
        assert!(check_key("..").is_err());
    }
}
