//! `/palette?q=`: entities for the command palette, as JSON.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};

use super::form::Form;
use super::respond::Answer;
use super::visit::Visit;

/// Longer than any id or name worth searching for.
const MAX_CHARS: usize = 100;

pub(super) async fn search(visit: Visit) -> Answer {
    let form = Form::parse(&visit.cx.query);
    let q: String = form.get("q").trim().chars().take(MAX_CHARS).collect();
    let hits = if q.is_empty() {
        Vec::new()
    } else {
        visit
            .console
            .search(&visit.actor, &q)
            .await
            .map_err(|error| visit.fail(&error))?
    };
    let entries: Vec<_> = hits
        .iter()
        .map(
            |hit| serde_json::json!({ "title": hit.title, "detail": hit.detail, "href": hit.href }),
        )
        .collect();
    let mut response = Response::new(Body::from(serde_json::Value::Array(entries).to_string()));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
