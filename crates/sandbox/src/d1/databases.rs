//! Databases: create, list, read by UUID or name, delete.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row as _};

use super::error::{Refusal, invalid, unknown_database};
use super::pool::Database;
use crate::Sandbox;
use crate::clock::rfc3339;
use crate::envelope::{ApiError, Page, Reply, json_body, ok, ok_with_info};
use crate::ids;

/// A row of the state.
#[derive(Debug)]
struct Row {
    uuid: String,
    name: String,
    region: String,
    jurisdiction: Option<String>,
    created_at_ms: i64,
}

impl FromRow<'_, SqliteRow> for Row {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            uuid: row.try_get("uuid")?,
            name: row.try_get("name")?,
            region: row.try_get("region")?,
            jurisdiction: row.try_get("jurisdiction")?,
            created_at_ms: row.try_get("created_at_ms")?,
        })
    }
}

impl Row {
    fn value(&self) -> Value {
        json!({
            "uuid": self.uuid,
            "name": self.name,
            "version": "production",
            "created_at": rfc3339(self.created_at_ms),
            "jurisdiction": self.jurisdiction,
        })
    }
}

#[derive(Deserialize)]
struct Create {
    name: String,
    primary_location_hint: Option<String>,
    jurisdiction: Option<String>,
}

impl Create {
    fn check(&self) -> Result<(), ApiError> {
        let name = self.name.as_bytes();
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if !(1..=64).contains(&name.len()) || !name.iter().all(allowed) {
            return Err(invalid(
                "name",
                "use 1 to 64 letters, digits, hyphens and underscores",
            ));
        }
        let one_of = |value: &Option<String>, options: &[&str]| {
            value.as_deref().is_none_or(|v| options.contains(&v))
        };
        if !one_of(
            &self.primary_location_hint,
            &["wnam", "enam", "weur", "eeur", "apac", "oc"],
        ) {
            return Err(invalid("primary_location_hint", "Invalid enum value"));
        }
        if !one_of(&self.jurisdiction, &["eu", "fedramp", "us"]) {
            return Err(invalid("jurisdiction", "Invalid enum value"));
        }
        Ok(())
    }
}

/// *Recorded*: 7502 when the name is taken.
pub(super) async fn create(State(sandbox): State<Sandbox>, body: Bytes) -> Reply {
    let wanted: Create = json_body(&body, 7400)?;
    wanted.check()?;
    let row = Row {
        uuid: ids::uuid_v4()?,
        region: wanted
            .primary_location_hint
            .as_deref()
            .unwrap_or("enam")
            .to_ascii_uppercase(),
        name: wanted.name,
        jurisdiction: wanted.jurisdiction,
        created_at_ms: sandbox.now_ms(),
    };
    let inserted = sqlx::query(
        "INSERT INTO d1_databases (uuid, name, region, jurisdiction, created_at_ms)
         VALUES (?, ?, ?, ?, ?)",
    )
    .bind(&row.uuid)
    .bind(&row.name)
    .bind(&row.region)
    .bind(&row.jurisdiction)
    .bind(row.created_at_ms)
    .execute(sandbox.state())
    .await;
    match inserted {
        Err(e)
            if e.as_database_error()
                .is_some_and(|e| e.is_unique_violation()) =>
        {
            let message = format!("Database with name '{}' already exists", row.name);
            Err(ApiError::bad_request(7502, message))
        }
        Err(e) => Err(e.into()),
        Ok(_) => {
            let mut value = row.value();
            value["created_in_region"] = json!(row.region);
            value["running_in_region"] = json!(row.region);
            value["num_tables"] = json!(0);
            value["file_size"] = json!(0);
            value["read_replication"] = json!({ "mode": "disabled" });
            Ok(ok(value))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Listing {
    name: Option<String>,
    page: Option<String>,
    per_page: Option<String>,
}

pub(super) async fn list(State(sandbox): State<Sandbox>, Query(query): Query<Listing>) -> Reply {
    let page = Page::read(
        query.page.as_deref(),
        query.per_page.as_deref(),
        1000,
        10_000,
        7400,
    )?;
    let part = query.name.unwrap_or_default();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT uuid, name, region, jurisdiction, created_at_ms FROM d1_databases
         WHERE instr(name, ?) > 0 ORDER BY created_at_ms DESC, uuid LIMIT ? OFFSET ?",
    )
    .bind(&part)
    .bind(page.size)
    .bind(page.offset())
    .fetch_all(sandbox.state())
    .await?;
    let (total,): (i64,) =
        sqlx::query_as("SELECT count(*) FROM d1_databases WHERE instr(name, ?) > 0")
            .bind(&part)
            .fetch_one(sandbox.state())
            .await?;
    let shown: Vec<Value> = rows.iter().map(Row::value).collect();
    let info = page.info(shown.len(), total);
    Ok(ok_with_info(shown, &info))
}

#[derive(Deserialize)]
pub(super) struct Fields {
    fields: Option<String>,
}

/// wrangler looks databases up by name in the place of the UUID.
pub(super) async fn get(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<Fields>,
) -> Reply {
    let row = find(&sandbox, &id).await?;
    let mut value = row.value();
    let wanted: Option<Vec<&str>> = query.fields.as_deref().map(|f| f.split(',').collect());
    let asked = |field: &str| wanted.as_ref().is_none_or(|w| w.contains(&field));
    if asked("num_tables") || asked("file_size") {
        let (tables, bytes) = measure(&sandbox, &row.uuid).await?;
        value["num_tables"] = json!(tables);
        value["file_size"] = json!(bytes);
    }
    value["running_in_region"] = json!(row.region);
    value["read_replication"] = json!({ "mode": "disabled" });
    if let Value::Object(fields) = &mut value {
        fields.retain(|field, _| asked(field));
    }
    Ok(ok(value))
}

async fn measure(sandbox: &Sandbox, uuid: &str) -> Result<(i64, i64), ApiError> {
    let database = sandbox.databases().get(uuid).await;
    let mut guard = database.lock().await?;
    let Some(connection) = guard.as_mut() else {
        return Ok((0, 0));
    };
    let measured = sqlx::query_as(
        "SELECT (SELECT count(*) FROM sqlite_schema
                  WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'),
                (SELECT page_count FROM pragma_page_count)
                    * (SELECT page_size FROM pragma_page_size)",
    );
    measured
        .fetch_one(connection)
        .await
        .map_err(|e| Refusal::from_sqlx(&e, "").into())
}

pub(super) async fn delete(
    State(sandbox): State<Sandbox>,
    Path((_, id)): Path<(String, String)>,
) -> Reply {
    let uuid = check_uuid(&id)?;
    let row = find(&sandbox, &uuid).await?;
    sqlx::query("DELETE FROM d1_databases WHERE uuid = ?")
        .bind(&row.uuid)
        .execute(sandbox.state())
        .await?;
    sandbox.databases().remove(&row.uuid).await?;
    Ok(ok(Value::Null))
}

async fn find(sandbox: &Sandbox, id: &str) -> Result<Row, ApiError> {
    let row = sqlx::query_as(
        "SELECT uuid, name, region, jurisdiction, created_at_ms FROM d1_databases
         WHERE uuid = ?1 OR name = ?2 ORDER BY uuid = ?1 DESC LIMIT 1",
    )
    .bind(id.to_ascii_lowercase())
    .bind(id)
    .fetch_optional(sandbox.state())
    .await?;
    row.ok_or_else(|| unknown_database(id))
}

/// *Recorded*: 7400 for a UUID of another shape.
fn check_uuid(id: &str) -> Result<String, ApiError> {
    let parsed = uuid::Uuid::try_parse(id).map_err(|_| invalid("databaseId", "Invalid uuid"))?;
    Ok(parsed.hyphenated().to_string())
}

/// The database to run statements in, which only a UUID can name.
pub(super) async fn by_uuid(sandbox: &Sandbox, id: &str) -> Result<Arc<Database>, ApiError> {
    let uuid = check_uuid(id)?;
    let row = find(sandbox, &uuid).await?;
    Ok(sandbox.databases().get(&row.uuid).await)
}
