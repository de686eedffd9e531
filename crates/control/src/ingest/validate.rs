//! Every event is hostile until it has passed here.

use nexus_domain::experiment::MAX_VALUE;
use nexus_domain::ids::is_slug;
use nexus_domain::{Field, Problem};

use super::samples::MAX_VISITORS;
use super::{IngestBatch, IngestEvent, MAX_EVENTS, RepeatsEvent, RequestEvent};
use crate::Result;
use crate::controllers::EVENTS_MS;
use crate::experiments::invalid;

const MAX_GATEWAY: usize = 64;
const MAX_UNIT: usize = 256;
const MAX_FLAG_COUNTS: usize = 2_000;
const MAX_ASSIGNMENTS: usize = 100;
const MAX_REPEATS: u64 = 10_000_000;
/// Half of the time for which ids are remembered, so none can count twice.
pub(super) const MAX_AGE_MS: i64 = EVENTS_MS / 2;
/// Clocks of gateways may be ahead by this much.
pub(super) const MAX_AHEAD_MS: i64 = 5 * 60_000;

pub(super) fn batch(batch: &IngestBatch) -> Result<()> {
    let id = |text: &str| {
        (1..=MAX_GATEWAY).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    if !id(&batch.gateway_id) || !id(&batch.batch_id) {
        return Err(invalid(Field::Id, Problem::NotSlug));
    }
    if batch.events.len() > MAX_EVENTS {
        let max = MAX_EVENTS as u32;
        return Err(invalid(Field::Id, Problem::TooMany { max }));
    }
    if batch.flags.len() > MAX_FLAG_COUNTS {
        let max = MAX_FLAG_COUNTS as u32;
        return Err(invalid(Field::Id, Problem::TooMany { max }));
    }
    let sampled = batch.samples.as_ref().map_or(0, |s| s.visitors.len());
    if sampled > MAX_VISITORS {
        let max = MAX_VISITORS as u32;
        return Err(invalid(Field::Id, Problem::TooMany { max }));
    }
    Ok(())
}

/// What is wrong with an event by itself.
pub(super) fn event(event: &IngestEvent, now_ms: i64) -> Option<&'static str> {
    let (id, at_ms, unit) = match event {
        IngestEvent::Request(e) => (&e.id, e.at_ms, Some(&e.unit)),
        IngestEvent::Repeats(e) => (&e.id, e.at_ms, None),
        IngestEvent::Conversion(e) => (&e.id, e.at_ms, Some(&e.unit)),
    };
    if !is_uuid(id) {
        return Some("id is not a UUID");
    }
    if at_ms < now_ms - MAX_AGE_MS {
        return Some("older than 24 h");
    }
    if at_ms > now_ms + MAX_AHEAD_MS {
        return Some("in the future");
    }
    if unit.is_some_and(|unit| !is_unit(unit)) {
        return Some("unit must have 1 to 256 bytes and no control characters");
    }
    match event {
        IngestEvent::Request(e) => request(e),
        IngestEvent::Repeats(e) => repeats(e),
        IngestEvent::Conversion(e) if !is_slug(&e.metric) => Some("metric is not a name"),
        IngestEvent::Conversion(e) if e.value.is_some_and(|v| !is_value(v)) => {
            Some("value must be a number of at most 1e9 in size")
        }
        IngestEvent::Conversion(_) => None,
    }
}

fn is_value(value: f64) -> bool {
    value.is_finite() && value.abs() <= MAX_VALUE
}

pub(super) fn is_unit(unit: &str) -> bool {
    (1..=MAX_UNIT).contains(&unit.len()) && !unit.chars().any(char::is_control)
}

fn repeats(e: &RepeatsEvent) -> Option<&'static str> {
    if !(1..=MAX_REPEATS).contains(&e.requests) {
        return Some("requests must be 1 to 10,000,000");
    }
    (e.errors > e.requests).then_some("there are more errors than requests")
}

fn request(e: &RequestEvent) -> Option<&'static str> {
    if !(1..=MAX_ASSIGNMENTS).contains(&e.assignments.len()) {
        return Some("assignments must be 1 to 100");
    }
    let twice = |i: usize, id: &str| e.assignments.iter().take(i).any(|a| a.experiment == id);
    if e.assignments
        .iter()
        .enumerate()
        .any(|(i, a)| twice(i, &a.experiment))
    {
        return Some("an experiment is assigned twice");
    }
    if !(100..=599).contains(&e.status) {
        return Some("status is not an HTTP status");
    }
    (!e.duration_ms.is_finite() || e.duration_ms < 0.0).then_some("duration is not a duration")
}

/// With hyphens or without, in any case.
fn is_uuid(text: &str) -> bool {
    let hyphens = [8, 13, 18, 23];
    match text.len() {
        32 => text.bytes().all(|b| b.is_ascii_hexdigit()),
        36 => text.bytes().enumerate().all(|(i, b)| {
            if hyphens.contains(&i) {
                b == b'-'
            } else {
                b.is_ascii_hexdigit()
            }
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids() {
        assert!(is_uuid("019aa5b0-7c1e-7e2a-9d0a-3f1b2c4d5e6f"));
        assert!(is_uuid("019aa5b07c1e7e2a9d0a3f1b2c4d5e6f"));
        for bad in [
            "",
            "019aa5b0-7c1e-7e2a-9d0a-3f1b2c4d5e6",
            "019aa5b0+7c1e-7e2a-9d0a-3f1b2c4d5e6f",
            "'; DROP TABLE units; --aaaaaaaaaaaaa",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
    }
}
