//! Cloudflare's v4 envelope, `{result, success, errors, messages, result_info?}`,
//! and the errors it carries.
//!
//! Codes and texts marked *recorded* were seen from the real API; the others
//! are chosen to be close, and clients should go by status there.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

/// What a handler returns.
pub(crate) type Reply = Result<Response, ApiError>;

/// A refusal in Cloudflare's form.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{status}: {message} [code: {code}]")]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: u32,
    pub(crate) message: String,
    /// `error_chain` entries: the causes below this error.
    pub(crate) chain: Vec<(u32, String)>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            code,
            message,
            chain: Vec::new(),
        }
    }

    pub(crate) fn bad_request(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn not_found(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub(crate) fn with_cause(mut self, code: u32, message: impl Into<String>) -> Self {
        self.chain.push((code, message.into()));
        self
    }

    /// Something broke here, not at the client. The cause goes to the log only.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(%cause, "sandbox request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 10001, "internal error")
    }

    /// *Recorded*: an unknown path.
    pub(crate) fn no_route() -> Self {
        Self::not_found(7000, "No route for that URI")
    }

    fn body(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if !self.chain.is_empty() {
            let causes = self.chain.iter();
            error["error_chain"] = causes
                .map(|(c, m)| json!({ "code": c, "message": m }))
                .collect();
        }
        json!({ "result": null, "success": false, "errors": [error], "messages": [] })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(cause: sqlx::Error) -> Self {
        Self::internal(&cause)
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(cause: getrandom::Error) -> Self {
        Self::internal(&cause)
    }
}

impl From<std::io::Error> for ApiError {
    fn from(cause: std::io::Error) -> Self {
        Self::internal(&cause)
    }
}

/// Typed, so that a result keeps the order of its fields: D1's columns have one.
#[derive(Serialize)]
struct Success<'e, T> {
    result: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_info: Option<&'e Value>,
    success: bool,
    errors: [(); 0],
    messages: [(); 0],
}

/// A success with a result.
pub(crate) fn ok(result: impl Serialize) -> Response {
    success(result, None)
}

/// A success with a result and `result_info`.
pub(crate) fn ok_with_info(result: impl Serialize, info: &Value) -> Response {
    success(result, Some(info))
}

fn success(result: impl Serialize, result_info: Option<&Value>) -> Response {
    let success = Success {
        result,
        result_info,
        success: true,
        errors: [],
        messages: [],
    };
    Json(success).into_response()
}

/// A page of a numbered listing, cut by the client's `page` and `per_page`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) number: i64,
    pub(crate) size: i64,
}

impl Page {
    /// Reads `page` and `per_page`; absent means page 1 of `default` rows, and
    /// more than `max` rows, zero or less are refused with `code`.
    pub(crate) fn read(
        page: Option<&str>,
        per_page: Option<&str>,
        default: i64,
        max: i64,
        code: u32,
    ) -> Result<Self, ApiError> {
        let number = parse_or(page, 1).filter(|n| (1..=1_000_000).contains(n));
        let size = parse_or(per_page, default).filter(|n| (1..=max).contains(n));
        match (number, size) {
            (Some(number), Some(size)) => Ok(Self { number, size }),
            (None, _) => Err(ApiError::bad_request(
                code,
                "page must be a positive number",
            )),
            (_, None) => {
                let message = format!("per_page must be between 1 and {max}");
                Err(ApiError::bad_request(code, message))
            }
        }
    }

    pub(crate) const fn offset(self) -> i64 {
        (self.number - 1) * self.size
    }

    /// `result_info` of this page: `count` rows shown of `total_count`.
    pub(crate) fn info(self, count: usize, total_count: i64) -> Value {
        let total_pages = (total_count + self.size - 1) / self.size;
        json!({
            "page": self.number, "per_page": self.size, "count": count,
            "total_count": total_count, "total_pages": total_pages,
        })
    }
}

fn parse_or(text: Option<&str>, default: i64) -> Option<i64> {
    text.map_or(Some(default), |t| t.parse().ok())
}

/// Reads a JSON body whatever its content type says: wrangler and others send
/// JSON as `text/plain`.
pub(crate) fn json_body<T: serde::de::DeserializeOwned>(
    body: &[u8],
    code: u32,
) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|e| ApiError::bad_request(code, format!("could not parse the request body: {e}")))
}
