//! Namespaces: create, list, read, rename, delete.

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{limits, require};
use crate::Sandbox;
use crate::envelope::{ApiError, Page, Reply, json_body, ok, ok_with_info};
use crate::ids;

#[derive(Deserialize)]
struct Titled {
    title: String,
}

fn namespace_value(id: &str, title: &str) -> Value {
    json!({ "id": id, "title": title, "supports_url_encoding": true })
}

fn read_title(body: &[u8]) -> Result<String, ApiError> {
    if body.len() > limits::SMALL_BODY_BYTES {
        return Err(limits::too_large("the request body is too large"));
    }
    let Titled { title } = json_body(body, 10019)?;
    if title.is_empty() || title.len() > 512 {
        return Err(ApiError::bad_request(
            10019,
            "a namespace must have a title of 1 to 512 bytes",
        ));
    }
    Ok(title)
}

/// *Recorded*: 10014 when the title is taken.
fn title_taken(error: sqlx::Error) -> ApiError {
    match error.as_database_error() {
        Some(e) if e.is_unique_violation() => ApiError::bad_request(
            10014,
            "a namespace with this account ID and title already exists",
        ),
        _ => error.into(),
    }
}

pub(super) async fn create(State(sandbox): State<Sandbox>, body: Bytes) -> Reply {
    let title = read_title(&body)?;
    let id = ids::hex_32()?;
    sqlx::query("INSERT INTO kv_namespaces (id, title, created_at_ms) VALUES (?, ?, ?)")
        .bind(&id)
        .bind(&title)
        .bind(sandbox.now_ms())
        .execute(sandbox.state())
        .await
        .map_err(title_taken)?;
    Ok(ok(namespace_value(&id, &title)))
}

#[derive(Deserialize)]
pub(super) struct Listing {
    page: Option<String>,
    per_page: Option<String>,
    order: Option<String>,
    direction: Option<String>,
}

pub(super) async fn list(State(sandbox): State<Sandbox>, Query(query): Query<Listing>) -> Reply {
    let page = Page::read(
        query.page.as_deref(),
        query.per_page.as_deref(),
        20,
        1000,
        10022,
    )?;
    let by_title = query.order.as_deref() == Some("title");
    let descending = query.direction.as_deref() == Some("desc");
    let sql = match (by_title, descending) {
        (true, false) => "SELECT id, title FROM kv_namespaces ORDER BY title LIMIT ? OFFSET ?",
        (true, true) => "SELECT id, title FROM kv_namespaces ORDER BY title DESC LIMIT ? OFFSET ?",
        (false, false) => "SELECT id, title FROM kv_namespaces ORDER BY id LIMIT ? OFFSET ?",
        (false, true) => "SELECT id, title FROM kv_namespaces ORDER BY id DESC LIMIT ? OFFSET ?",
    };
    let rows: Vec<(String, String)> = sqlx::query_as(sql)
        .bind(page.size)
        .bind(page.offset())
        .fetch_all(sandbox.state())
        .await?;
    let (total,): (i64,) = sqlx::query_as("SELECT count(*) FROM kv_namespaces")
        .fetch_one(sandbox.state())
        .await?;
    let shown: Vec<Value> = rows
        .iter()
        .map(|(id, title)| namespace_value(id, title))
        .collect();
    let info = page.info(shown.len(), total);
    Ok(ok_with_info(shown, &info))
}

pub(super) async fn get(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    require(&sandbox, &id, "get namespace").await?;
    let (title,): (String,) = sqlx::query_as("SELECT title FROM kv_namespaces WHERE id = ?")
        .bind(&id)
        .fetch_one(sandbox.state())
        .await?;
    Ok(ok(namespace_value(&id, &title)))
}

pub(super) async fn rename(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
    body: Bytes,
) -> Reply {
    require(&sandbox, &id, "rename namespace").await?;
    let title = read_title(&body)?;
    sqlx::query("UPDATE kv_namespaces SET title = ? WHERE id = ?")
        .bind(&title)
        .bind(&id)
        .execute(sandbox.state())
        .await
        .map_err(title_taken)?;
    Ok(ok(namespace_value(&id, &title)))
}

pub(super) async fn delete(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    require(&sandbox, &id, "remove namespace").await?;
    sqlx::query("DELETE FROM kv_namespaces WHERE id = ?")
        .bind(&id)
        .execute(sandbox.state())
        .await?;
    Ok(ok(Value::Null))
}
