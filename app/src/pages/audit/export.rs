//! `/audit/export`: the whole log as one file, part after part.

use axum::body::Body;
use axum::response::Response;
use futures::{StreamExt as _, stream};
use http::{HeaderValue, header};
use nexus_control::Error;

use crate::host::{Answer, Visit};

/// Entries per part: bounded memory however long the log is.
const PART: u32 = 1_000;

pub async fn download(visit: Visit) -> Answer {
    // The first part is read before answering, so that a refusal is a page.
    let first = visit
        .console
        .audit_export(&visit.actor, 0, PART)
        .await
        .map_err(|e| visit.fail(&e))?;
    let name = format!(
        "attachment; filename=\"audit-{}.jsonl\"",
        visit.cx.now_ms / 1000
    );
    let begin = stream::iter([Ok::<_, Error>(first.text)]);
    let rest = stream::unfold((visit, first.next_seq), |(visit, next)| async move {
        let seq = next?;
        let part = visit.console.audit_export(&visit.actor, seq, PART).await;
        let (item, next) = match part {
            Ok(part) => (Ok(part.text), part.next_seq),
            // An aborted body is noticed by the client; a short one would not be.
            Err(error) => (Err(error), None),
        };
        Some((item, (visit, next)))
    });
    // Fused: layers such as compression poll a body again after its end.
    let mut response = Response::new(Body::from_stream(begin.chain(rest).fuse()));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/jsonl"),
    );
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
