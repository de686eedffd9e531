//! Telling the gateway that a visitor converted.

use std::time::Duration;

use axum::http::{Request, header};
use http_body_util::Full;
use serde::Deserialize;
use serde_json::json;

use crate::traffic::people::Visitor;
use crate::traffic::target::send;
use crate::traffic::visit::introduce;
use crate::traffic::{Traffic, now_ms};

/// People think before they buy.
const MEAN_THOUGHT_SECONDS: f64 = 1.0;
const LONGEST_THOUGHT_SECONDS: f64 = 5.0;

/// The metric with a value that goes with every conversion.
const REVENUE: &str = "revenue";
const MEAN_WORTH: f64 = 40.0;
const LARGEST_WORTH: f64 = 1_000.0;

#[derive(Deserialize)]
struct Answer {
    queued: u64,
}

/// Waits as people do, then sends the conversion and its revenue under the visitor's identity.
pub(super) async fn report(traffic: &Traffic, visitor: &Visitor) {
    let thought = traffic.state().random.exponential(MEAN_THOUGHT_SECONDS);
    tokio::time::sleep(Duration::from_secs_f64(
        thought.min(LONGEST_THOUGHT_SECONDS),
    ))
    .await;
    let body = {
        let state = &mut *traffic.state();
        let id = state.random.uuid(now_ms()).to_string();
        let event = json!({ "id": id, "metric": state.settings.metric });
        // What it was worth: most are small, a few are large.
        let worth = state.random.exponential(MEAN_WORTH).min(LARGEST_WORTH);
        let worth = (worth * 100.0).round() / 100.0;
        let id = state.random.uuid(now_ms()).to_string();
        let revenue = json!({ "id": id, "metric": REVENUE, "value": worth });
        json!({ "events": [event, revenue] }).to_string()
    };
    let mut request = Request::post(traffic.0.gateway.join("/events"))
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(headers) = request.headers_mut() {
        introduce(visitor, headers);
    }
    let Ok(request) = request.body(Full::from(body)) else {
        return;
    };
    let answer = send(&traffic.0.client, request).await;
    let taken = answer
        .and_then(|answer| serde_json::from_slice::<Answer>(&answer.body).ok())
        .is_some_and(|answer| answer.queued == 2);
    let counters = &mut traffic.state().counters;
    counters.conversions += u64::from(taken);
    counters.conversions_refused += u64::from(!taken);
}
