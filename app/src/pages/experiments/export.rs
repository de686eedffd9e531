//! `/experiments/{id}/results.csv` and `.json`: the numbers, to keep.

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use http::{HeaderValue, header};
use nexus_control::Error;
use nexus_control::views::ResultRow;

use crate::host::{Answer, Visit};

pub async fn csv(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = rows(&visit, &id).await?;
    let text = nexus_control::csv(&rows);
    Ok(file(text, "text/csv; charset=utf-8", &format!("{id}.csv")))
}

pub async fn json(visit: Visit, Path(id): Path<String>) -> Answer {
    let rows = rows(&visit, &id).await?;
    let text = serde_json::to_string_pretty(&rows).map_err(|e| visit.fail(&Error::internal(e)))?;
    Ok(file(text, "application/json", &format!("{id}.json")))
}

async fn rows(visit: &Visit, id: &str) -> Result<Vec<ResultRow>, Response> {
    let rows = visit.console.result_rows(&visit.actor, id).await;
    rows.map_err(|e| visit.fail(&e))
}

/// The id is that of an experiment found, so the name needs no escaping.
fn file(text: String, kind: &'static str, name: &str) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
