//! Running statements: all of a request in one transaction, under a deadline.

use futures::TryStreamExt;
use serde_json::Value;
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqliteRow};
use sqlx::{
    Arguments, AssertSqlSafe, Column, Connection, Executor, Row, SqlSafeStr, Statement, TypeInfo,
    ValueRef,
};

use super::error::{Refusal, invalid};
use super::guard;
use super::meta::{Counters, meta};
use super::outcome::{Outcome, Shape};
use super::pool::Database;
use crate::clock::stopwatch_ms;
use crate::envelope::ApiError;

/// Most bytes of results, counted roughly, that a request may answer with.
const RESULT_BYTES: usize = 64 * 1024 * 1024;
/// Most parameters of a statement.
const PARAMETERS: usize = 100;
/// How many of SQLite's steps pass between two looks at the clock.
const STEPS_PER_LOOK: i32 = 10_000;

/// A statement with the values of its parameters.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) sql: String,
    pub(super) parameters: Vec<Value>,
}

/// Runs all or none, with one outcome per statement.
pub(super) async fn run(
    database: &Database,
    statements: Vec<Bound>,
    shape: Shape,
) -> Result<Vec<Outcome>, ApiError> {
    for statement in &statements {
        guard::check(&statement.sql)?;
    }
    let mut guard = database.lock().await?;
    let Some(connection) = guard.as_mut() else {
        return Ok(Vec::new());
    };
    let until_ms = stopwatch_ms() + database.limit_ms;
    let mut handle = connection.lock_handle().await?;
    handle.set_progress_handler(STEPS_PER_LOOK, move || stopwatch_ms() < until_ms);
    drop(handle);
    let results = run_all(connection, statements, shape).await;
    connection.lock_handle().await?.remove_progress_handler();
    results
}

async fn run_all(
    connection: &mut SqliteConnection,
    statements: Vec<Bound>,
    shape: Shape,
) -> Result<Vec<Outcome>, ApiError> {
    let mut transaction = connection.begin().await?;
    let mut results = Vec::with_capacity(statements.len());
    let mut budget = RESULT_BYTES;
    for statement in statements {
        results.push(run_one(&mut transaction, statement, shape, &mut budget).await?);
    }
    let committed = transaction.commit().await;
    committed.map_err(|e| Refusal::from_sqlx(&e, ""))?;
    Ok(results)
}

async fn run_one(
    connection: &mut SqliteConnection,
    statement: Bound,
    shape: Shape,
    budget: &mut usize,
) -> Result<Outcome, ApiError> {
    let Bound { sql, parameters } = statement;
    let refuse = |e: sqlx::Error| Refusal::from_sqlx(&e, &sql);
    let before = Counters::read(connection).await?;
    let started_ms = stopwatch_ms();
    let text = AssertSqlSafe(sql.clone()).into_sql_str();
    let prepared = connection.prepare(text).await.map_err(refuse)?;
    check_count(&prepared, parameters.len())?;
    let columns: Vec<String> = prepared
        .columns()
        .iter()
        .map(|c| c.name().to_owned())
        .collect();
    let mut rows = Vec::new();
    {
        let query = prepared
            .query_with(arguments(&parameters)?)
            .persistent(false);
        let mut stream = query.fetch(&mut *connection);
        while let Some(row) = stream.try_next().await.map_err(refuse)? {
            rows.push(cells(&row, columns.len(), budget)?);
        }
    }
    let duration_ms = stopwatch_ms() - started_ms;
    let after = Counters::read(connection).await?;
    let meta = meta(before, after, rows.len(), duration_ms);
    Ok(Outcome {
        shape,
        columns,
        rows,
        meta,
    })
}

fn check_count(prepared: &sqlx::sqlite::SqliteStatement, given: usize) -> Result<(), Refusal> {
    let wanted = prepared.parameters().map_or(0, |p| match p {
        sqlx::Either::Left(types) => types.len(),
        sqlx::Either::Right(count) => count,
    });
    if given > PARAMETERS || wanted > PARAMETERS {
        return Err(Refusal::sql("too many SQL variables: SQLITE_ERROR"));
    }
    if wanted != given {
        return Err(Refusal::sql(
            "Wrong number of parameter bindings for SQL query.",
        ));
    }
    Ok(())
}

/// D1 binds as JavaScript does: every number is a double.
fn arguments(parameters: &[Value]) -> Result<SqliteArguments, ApiError> {
    let mut arguments = SqliteArguments::default();
    for parameter in parameters {
        let added = match parameter {
            Value::Null => arguments.add(None::<String>),
            Value::Bool(flag) => arguments.add(f64::from(u8::from(*flag))),
            Value::Number(number) => arguments.add(number.as_f64()),
            Value::String(text) => arguments.add(text.clone()),
            Value::Array(_) | Value::Object(_) => {
                return Err(invalid(
                    "params",
                    "expected strings, numbers, booleans or null",
                ));
            }
        };
        added.map_err(|e| Refusal::sql(e.to_string()))?;
    }
    Ok(arguments)
}

fn cells(row: &SqliteRow, count: usize, budget: &mut usize) -> Result<Vec<Value>, Refusal> {
    let cells: Result<Vec<Value>, _> = (0..count).map(|at| cell(row, at)).collect();
    let cells = cells.map_err(|e| Refusal::from_sqlx(&e, ""))?;
    let bytes: usize = cells.iter().map(size).sum();
    *budget = budget
        .checked_sub(bytes)
        .ok_or_else(|| Refusal::sql("the results are too large: SQLITE_TOOBIG"))?;
    Ok(cells)
}

/// Blobs come as arrays of byte values, as D1's JSON has them.
fn cell(row: &SqliteRow, at: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    Ok(match raw.type_info().name() {
        "INTEGER" => Value::from(row.try_get_unchecked::<i64, _>(at)?),
        "REAL" => Value::from(row.try_get_unchecked::<f64, _>(at)?),
        "BLOB" => Value::from(row.try_get_unchecked::<Vec<u8>, _>(at)?),
        _ => Value::from(row.try_get_unchecked::<String, _>(at)?),
    })
}

fn size(cell: &Value) -> usize {
    match cell {
        Value::String(text) => text.len() + 32,
        Value::Array(bytes) => bytes.len() * size_of::<Value>(),
        _ => 32,
    }
}
