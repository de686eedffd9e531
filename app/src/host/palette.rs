//! `/palette?q=`: entities for the command palette, as JSON.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, header};
use nexus_control::views::{Hit, HitKind};
use nexus_domain::experiment::Status;
use nexus_domain::flag::FlagStatus;

use super::form::Form;
use super::respond::Answer;
use super::visit::Visit;
use crate::cx::Cx;
use crate::text::domain::{EnvironmentWord, StatusWord};
use crate::text::flags::FlagStatusWord;
use crate::text::shell::HitWord;

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
    let entries: Vec<_> = hits.iter().map(|hit| entry(&visit.cx, hit)).collect();
    let mut response = Response::new(Body::from(serde_json::Value::Array(entries).to_string()));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}

/// "Flag · Production · cta · On", in the visitor's language.
fn entry(cx: &Cx, hit: &Hit) -> serde_json::Value {
    let kind = Some(cx.t(HitWord::of(hit.kind)));
    let status = hit.status.as_deref().and_then(|status| match hit.kind {
        HitKind::Experiment => Status::parse(status).map(|status| cx.t(StatusWord::of(status))),
        HitKind::Flag => FlagStatus::parse(status).map(|status| cx.t(FlagStatusWord::of(status))),
        _ => None,
    });
    let which = Some(hit.detail.as_str()).filter(|detail| !detail.is_empty());
    let environment = hit.environment.map(|of| cx.t(EnvironmentWord::of(of)));
    let detail: Vec<&str> = [kind, environment, which, status]
        .into_iter()
        .flatten()
        .collect();
    serde_json::json!({ "title": hit.title, "detail": detail.join(" · "), "href": hit.href })
}
