//! Who calls: bearer tokens, and the refusals Cloudflare gives.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::Sandbox;
use crate::envelope::ApiError;
use crate::ids;

/// A user's token may read the user; an account's token belongs to no person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Made by a person for themselves.
    User,
    /// Made by the account for a machine.
    Account,
}

/// A token the sandbox accepts.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// The secret after `Bearer `.
    pub secret: SecretString,
    /// Whose it is.
    pub kind: TokenKind,
}

impl ApiToken {
    /// A person's token.
    #[must_use]
    pub fn user(secret: impl Into<String>) -> Self {
        Self {
            secret: SecretString::from(secret.into()),
            kind: TokenKind::User,
        }
    }

    /// The account's own token.
    #[must_use]
    pub fn account(secret: impl Into<String>) -> Self {
        Self {
            secret: SecretString::from(secret.into()),
            kind: TokenKind::Account,
        }
    }
}

/// The caller, once known; handlers take it as an extension.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller(pub(crate) TokenKind);

/// Lets a request under `/client/v4` pass if it has a token of this account
/// and names this account.
pub(crate) async fn guard(
    State(sandbox): State<Sandbox>,
    mut request: Request,
    next: Next,
) -> Response {
    match admit(&sandbox, request.uri().path(), request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

fn admit(sandbox: &Sandbox, path: &str, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let path = path.strip_prefix("/client/v4").unwrap_or(path);
    let token = bearer(headers)?;
    let kind = known_kind(sandbox, token).ok_or_else(|| unknown_token(path))?;
    if let Some(account) = path
        .strip_prefix("/accounts/")
        .and_then(|p| p.split('/').next())
    {
        check_account(sandbox, path, account)?;
    }
    Ok(Caller(kind))
}

/// *Recorded*: 9106 without a header, 6003 with 6111 below it for another scheme.
fn bearer(headers: &HeaderMap) -> Result<&str, ApiError> {
    let Some(value) = headers.get(http::header::AUTHORIZATION) else {
        let message = "Missing X-Auth-Key, X-Auth-Email or Authorization headers";
        return Err(ApiError::bad_request(9106, message));
    };
    let token = value.to_str().ok().and_then(|v| {
        let (scheme, token) = v.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    });
    token.ok_or_else(|| {
        ApiError::bad_request(6003, "Invalid request headers")
            .with_cause(6111, "Invalid format for Authorization header")
    })
}

/// Compares with every token, so that time says nothing about which came close.
fn known_kind(sandbox: &Sandbox, token: &str) -> Option<TokenKind> {
    sandbox.tokens().iter().fold(None, |found, known| {
        let same = known
            .secret
            .expose_secret()
            .as_bytes()
            .ct_eq(token.as_bytes());
        if bool::from(same) {
            Some(known.kind)
        } else {
            found
        }
    })
}

/// *Recorded*: `verify` answers 401 with code 1000, D1 401 and all else 403
/// with code 10000.
fn unknown_token(path: &str) -> ApiError {
    if path.ends_with("/tokens/verify") {
        return ApiError::new(StatusCode::UNAUTHORIZED, 1000, "Invalid API Token");
    }
    authentication_error(path)
}

fn authentication_error(path: &str) -> ApiError {
    let d1 = path.split('/').nth(3) == Some("d1");
    let status = if d1 {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::FORBIDDEN
    };
    ApiError::new(status, 10000, "Authentication error")
}

fn check_account(sandbox: &Sandbox, path: &str, account: &str) -> Result<(), ApiError> {
    if account == sandbox.account_id() {
        return Ok(());
    }
    if ids::is_hex_32(account) {
        return Err(authentication_error(path));
    }
    let message =
        format!("Could not route to /client/v4{path}, perhaps your object identifier is invalid?");
    Err(ApiError::not_found(7003, message))
}
