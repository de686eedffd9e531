//! Events as data points of Analytics Engine.
//!
//! One point per experiment that a request took part in, one per conversion. The index is
//! the experiment's id (for a conversion the metric), so that sampling keeps each
//! experiment apart. Columns:
//!
//! | blob | request | conversion || double | request | conversion |
//! |---|---|---|---|---|---|---|
//! | 1 | `request` | `conversion` || 1 | status | value |
//! | 2 | environment | environment || 2 | duration, ms | 1 when there is a value |
//! | 3 | gateway id | gateway id || 3 | snapshot version | |
//! | 4 | experiment | metric || 4 | time, ms since 1970 | time |
//! | 5 | variant | |||||
//! | 6 | unit | unit |||||
//! | 7 | event id | event id |||||
//! | 8–12 | country, colo, device, path, deployment | |||||

use nexus_gateway::{Assignment, Event, Settings};
use worker::{AnalyticsEngineDataPoint, AnalyticsEngineDataPointBuilder};

/// Points written for one event; Analytics Engine counts them per request.
const MAX_POINTS: usize = 20;
/// Longest index that Analytics Engine takes.
const MAX_INDEX_BYTES: usize = 96;

/// The data points of one event.
pub(crate) fn of(event: &Event, settings: &Settings) -> Vec<AnalyticsEngineDataPoint> {
    match event {
        Event::Request { assignments, .. } => assignments
            .iter()
            .take(MAX_POINTS)
            .map(|assignment| request(event, assignment, settings))
            .collect(),
        Event::Conversion { .. } => vec![conversion(event, settings)],
        // Sums are made only where no points are.
        Event::Repeats { .. } => Vec::new(),
    }
}

fn request(
    event: &Event,
    assignment: &Assignment,
    settings: &Settings,
) -> AnalyticsEngineDataPoint {
    let Event::Request {
        id,
        at_ms,
        unit,
        status,
        duration_ms,
        country,
        colo,
        device,
        path,
        deployment,
        ..
    } = event
    else {
        return AnalyticsEngineDataPointBuilder::new().build();
    };
    let id = id.to_string();
    let blobs = [
        "request",
        &settings.environment,
        &settings.gateway_id,
        &assignment.experiment,
        &assignment.variant,
        unit,
        &id,
        country.as_deref().unwrap_or_default(),
        colo.as_deref().unwrap_or_default(),
        device,
        path,
        deployment,
    ];
    AnalyticsEngineDataPointBuilder::new()
        .indexes([index(&assignment.experiment)])
        .blobs(blobs)
        .doubles([
            f64::from(*status),
            *duration_ms,
            assignment.version as f64,
            *at_ms as f64,
        ])
        .build()
}

fn conversion(event: &Event, settings: &Settings) -> AnalyticsEngineDataPoint {
    let Event::Conversion {
        id,
        at_ms,
        unit,
        metric,
        value,
    } = event
    else {
        return AnalyticsEngineDataPointBuilder::new().build();
    };
    let id = id.to_string();
    let has_value = if value.is_some() { 1.0 } else { 0.0 };
    AnalyticsEngineDataPointBuilder::new()
        .indexes([index(metric)])
        .blobs([
            "conversion",
            &settings.environment,
            &settings.gateway_id,
            metric,
            "",
            unit,
            &id,
        ])
        .doubles([value.unwrap_or(0.0), has_value, 0.0, *at_ms as f64])
        .build()
}

/// Ids are ASCII, so any cut is a good one.
fn index(text: &str) -> &str {
    text.get(..MAX_INDEX_BYTES).unwrap_or(text)
}
