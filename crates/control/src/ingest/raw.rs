//! Raw events: what an ingest has accepted, kept in its own commit where the environment asks
//! for it, so that experiments can be counted anew (`crate::recompute`).
//!
//! Every ingest leaves a block, an empty one too: what is counted with the passing of time (see
//! `settle`) is then counted anew at the same times.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::tally::Tally;
use super::{ConversionEvent, IngestEvent, RequestEvent};
use crate::ports::Statement;
use crate::sql::{json, sql};
use crate::{Error, Result};

/// Text that goes into one part. What does not compress grows by a third, and D1 takes rows of
/// less than 2 MB.
const PART_BYTES: usize = 700_000;
/// More than a part can have: one event, which no limit of a request's body lets be larger.
const MOST_BYTES: usize = 32 << 20;
/// Speed before size: 10 is the most.
const LEVEL: u8 = 3;
/// Thousandths of a unit.
const MILLI: f64 = 1_000.0;
/// Milliseconds that nothing takes.
const LONGEST_MS: f64 = 1e12;

/// An accepted event as it is kept. Numbers have at most three decimals, so that reading them
/// again gives the very same: values are counted in thousandths anyway, and a time that was
/// over a limit is so still. None of what says nothing of experiments.
pub(super) fn kept(event: &IngestEvent) -> Option<IngestEvent> {
    match event {
        IngestEvent::Request(e) => Some(IngestEvent::Request(RequestEvent {
            duration_ms: (e.duration_ms.min(LONGEST_MS) * MILLI).ceil() / MILLI,
            ..e.clone()
        })),
        IngestEvent::Conversion(e) => Some(IngestEvent::Conversion(ConversionEvent {
            value: e.value.map(|value| (value * MILLI).round() / MILLI),
            ..e.clone()
        })),
        IngestEvent::Repeats(_) => None,
    }
}

/// The block of one ingest; nothing where none is kept.
pub(super) fn statements(environment: &str, tally: &Tally, now_ms: i64) -> Result<Vec<Statement>> {
    let Some(mut so_far) = tally.known.raw_so_far else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for (part, (events, text)) in (0u32..).zip(parts(&tally.raw)?) {
        so_far += events.len() as u64;
        let times = || events.iter().map(at_ms);
        all.push(sql!(
            "INSERT INTO raw_events (environment, seq, part, at_ms, first_ms, last_ms, events, \
             events_so_far, block) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            environment,
            tally.known.seq,
            part,
            now_ms,
            times().min(),
            times().max(),
            events.len() as u64,
            so_far,
            BASE64.encode(compress_to_vec(text.as_bytes(), LEVEL))
        ));
    }
    Ok(all)
}

/// At least one, each with its text.
fn parts(events: &[IngestEvent]) -> Result<Vec<(&[IngestEvent], String)>> {
    let (mut all, mut text, mut from) = (Vec::new(), String::new(), 0);
    for (at, event) in events.iter().enumerate() {
        let line = json(event)?;
        if !text.is_empty() && text.len() + line.len() > PART_BYTES {
            all.push((
                events.get(from..at).unwrap_or(&[]),
                std::mem::take(&mut text),
            ));
            from = at;
        }
        text.push_str(&line);
        text.push('\n');
    }
    all.push((events.get(from..).unwrap_or(&[]), text));
    Ok(all)
}

/// What was kept in one part.
pub(crate) fn events(block: &str) -> Result<Vec<IngestEvent>> {
    let bytes = BASE64.decode(block).map_err(Error::internal)?;
    let text = decompress_to_vec_with_limit(&bytes, MOST_BYTES)
        .map_err(|fault| Error::internal(format!("a block of raw events: {:?}", fault.status)))?;
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines
        .map(|line| serde_json::from_slice(line).map_err(Error::internal))
        .collect()
}

const fn at_ms(event: &IngestEvent) -> i64 {
    match event {
        IngestEvent::Request(e) => e.at_ms,
        IngestEvent::Conversion(e) => e.at_ms,
        IngestEvent::Repeats(e) => e.at_ms,
    }
}
