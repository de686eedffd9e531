//! What can go wrong, by what the caller can do about it.

use serde::Deserialize;

use crate::transport::TransportError;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One error of Cloudflare's envelope.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ApiError {
    #[serde(default)]
    pub code: u32,
    #[serde(default)]
    pub message: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// 429 or 5xx, after the retries that were allowed.
    #[error("Cloudflare answered {status}: {}", message(.errors))]
    Busy {
        status: u16,
        errors: Vec<ApiError>,
        /// `Retry-After`, when there was one.
        retry_after_ms: Option<u64>,
    },
    /// 401 or 403: the token is wrong or lacks a permission.
    #[error("Cloudflare refused the API token: {}", message(.errors))]
    Denied { errors: Vec<ApiError> },
    /// Any other refusal.
    #[error("Cloudflare answered {status}: {}", message(.errors))]
    Api { status: u16, errors: Vec<ApiError> },
    /// Success by status, but not the body that was expected.
    #[error("Cloudflare's answer was not understood: {0}")]
    Unexpected(String),
}

impl Error {
    /// Whether Cloudflare named this error code.
    #[must_use]
    pub fn has_code(&self, code: u32) -> bool {
        match self {
            Self::Busy { errors, .. } | Self::Denied { errors } | Self::Api { errors, .. } => {
                errors.iter().any(|e| e.code == code)
            }
            Self::Transport(_) | Self::Unexpected(_) => false,
        }
    }

    /// Whether the same call may succeed later without anybody doing anything.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Transport(_) | Self::Busy { .. })
    }

    #[must_use]
    pub const fn retry_after_ms(&self) -> Option<u64> {
        match self {
            Self::Busy { retry_after_ms, .. } => *retry_after_ms,
            _ => None,
        }
    }
}

/// The first error in words; bounded, because it may be shown.
fn message(errors: &[ApiError]) -> String {
    match errors.first() {
        Some(e) => {
            let text: String = e.message.chars().take(300).collect();
            format!("{text} (code {})", e.code)
        }
        None => "without an explanation".to_owned(),
    }
}
