//! `/user`, `/accounts`, `/memberships` and token verification.

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Extension, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::auth::{Caller, TokenKind};
use crate::clock::rfc3339;
use crate::envelope::{ApiError, Page, Reply, ok, ok_with_info};

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/user", get(user))
        .route("/user/tokens/verify", get(verify_user_token))
        .route("/memberships", get(memberships))
        .route("/accounts", get(accounts))
        .route("/accounts/{account}", get(account))
        .route(
            "/accounts/{account}/tokens/verify",
            get(verify_account_token),
        )
}

#[derive(Deserialize)]
struct Listing {
    name: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

/// *Recorded*: 9109 tells wrangler that the token has no user to read.
async fn user(State(sandbox): State<Sandbox>, Extension(caller): Extension<Caller>) -> Reply {
    if caller.0 == TokenKind::Account {
        let message = "Valid user-level authentication not found";
        return Err(ApiError::new(StatusCode::FORBIDDEN, 9109, message));
    }
    let config = sandbox.config();
    Ok(ok(json!({
        "id": sandbox.user_id(),
        "email": config.user_email,
        "first_name": null, "last_name": null, "username": null, "country": null,
        "two_factor_authentication_enabled": true,
        "suspended": false,
        "created_on": rfc3339(0), "modified_on": rfc3339(0),
    })))
}

/// *Recorded*: an account's token is unknown to the user's `verify`, by which
/// wrangler tells the two kinds apart.
async fn verify_user_token(
    State(sandbox): State<Sandbox>,
    Extension(caller): Extension<Caller>,
) -> Reply {
    verify(&sandbox, caller, TokenKind::User)
}

async fn verify_account_token(
    State(sandbox): State<Sandbox>,
    Extension(caller): Extension<Caller>,
) -> Reply {
    verify(&sandbox, caller, TokenKind::Account)
}

fn verify(sandbox: &Sandbox, caller: Caller, wanted: TokenKind) -> Reply {
    if caller.0 != wanted {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            1000,
            "Invalid API Token",
        ));
    }
    let message = json!({
        "code": 10000, "message": "This API Token is valid and active", "type": null,
    });
    let body = json!({
        "result": { "id": sandbox.user_id(), "status": "active" },
        "success": true, "errors": [], "messages": [message],
    });
    Ok(axum::response::IntoResponse::into_response(axum::Json(
        body,
    )))
}

fn account_value(sandbox: &Sandbox) -> Value {
    let config = sandbox.config();
    json!({
        "id": config.account_id,
        "name": config.account_name,
        "type": "standard",
        "settings": { "enforce_twofactor": true, "abuse_contact_email": null },
        "created_on": rfc3339(0),
    })
}

async fn account(State(sandbox): State<Sandbox>) -> Reply {
    Ok(ok(account_value(&sandbox)))
}

async fn accounts(State(sandbox): State<Sandbox>, Query(query): Query<Listing>) -> Reply {
    let name = &sandbox.config().account_name;
    let matches = query.name.as_deref().is_none_or(|n| name.contains(n));
    one_row_page(&query, matches.then(|| account_value(&sandbox)))
}

/// *Recorded*: 9106 for a token without a user.
async fn memberships(
    State(sandbox): State<Sandbox>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<Listing>,
) -> Reply {
    if caller.0 == TokenKind::Account {
        return Err(ApiError::bad_request(
            9106,
            "Authentication failed (status: 400)",
        ));
    }
    let membership = json!({
        "id": sandbox.user_id(),
        "code": "",
        "status": "accepted",
        "account": account_value(&sandbox),
        "roles": ["Super Administrator - All Privileges"],
        "permissions": {},
        "api_access_enabled": null,
    });
    one_row_page(&query, Some(membership))
}

fn one_row_page(query: &Listing, row: Option<Value>) -> Reply {
    let page = Page::read(
        query.page.as_deref(),
        query.per_page.as_deref(),
        20,
        50,
        6003,
    )?;
    let total = i64::from(row.is_some());
    let shown: Vec<Value> = row.filter(|_| page.number == 1).into_iter().collect();
    let info = page.info(shown.len(), total);
    Ok(ok_with_info(shown, &info))
}
