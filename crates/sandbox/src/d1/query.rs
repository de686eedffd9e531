//! `POST …/query` and `POST …/raw`.

use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::Value;

use super::databases::by_uuid;
use super::error::{Refusal, invalid};
use super::lexer::{split, tokens};
use super::outcome::Shape;
use super::run::{Bound, run};
use crate::Sandbox;
use crate::envelope::{ApiError, Reply, json_body, ok};

/// Most statements of one request.
const STATEMENTS: usize = 10_000;

#[derive(Deserialize)]
struct Single {
    sql: String,
    #[serde(default)]
    params: Option<Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Asked {
    Batch { batch: Vec<Single> },
    Single(Single),
}

pub(super) async fn query(
    State(sandbox): State<Sandbox>,
    Path((_, database)): Path<(String, String)>,
    body: Bytes,
) -> Reply {
    answer(&sandbox, &database, &body, Shape::Objects).await
}

pub(super) async fn raw(
    State(sandbox): State<Sandbox>,
    Path((_, database)): Path<(String, String)>,
    body: Bytes,
) -> Reply {
    answer(&sandbox, &database, &body, Shape::Arrays).await
}

async fn answer(sandbox: &Sandbox, id: &str, body: &[u8], shape: Shape) -> Reply {
    let database = by_uuid(sandbox, id).await?;
    let statements = read(body)?;
    Ok(ok(run(&database, statements, shape).await?))
}

fn read(body: &[u8]) -> Result<Vec<Bound>, ApiError> {
    let asked: Asked =
        json_body(body, 7400).map_err(|_| invalid("sql", "expected {sql, params} or {batch}"))?;
    let singles = match asked {
        Asked::Batch { batch } => batch,
        Asked::Single(single) => vec![single],
    };
    let mut statements = Vec::new();
    for single in singles {
        statements.extend(bound(single)?);
    }
    if statements.is_empty() {
        return Err(Refusal::sql("No SQL statements detected.").into());
    }
    if statements.len() > STATEMENTS {
        return Err(invalid("sql", "too many statements"));
    }
    Ok(statements)
}

/// Of several statements in one text only the last may have parameters, as in
/// the engine under D1.
fn bound(single: Single) -> Result<Vec<Bound>, Refusal> {
    let parts = split(&single.sql);
    let Some((last, others)) = parts.split_last() else {
        return Ok(Vec::new());
    };
    let parametrized = |sql: &&str| tokens(sql).iter().any(|t| t.is_mark("?"));
    if others.iter().any(parametrized) {
        return Err(Refusal::sql(
            "When executing multiple SQL statements in a single call, only the last statement \
             can have parameters.",
        ));
    }
    let plain = |sql: &&str| Bound {
        sql: (*sql).to_owned(),
        parameters: Vec::new(),
    };
    let mut all: Vec<Bound> = others.iter().map(plain).collect();
    let parameters = single.params.unwrap_or_default();
    all.push(Bound {
        sql: (*last).to_owned(),
        parameters,
    });
    Ok(all)
}
