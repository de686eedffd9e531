//! One step of a ramp as it is typed.

use nexus_domain::experiment::{CoverageStep, STEP_MINUTES};
use nexus_domain::problem::StepFault;
use nexus_flags::{BASIS_POINTS, RampStep};

use crate::format::{parse_bp, parse_minutes};
use crate::half_width::half_width;
use crate::zone::{LocalTimeError, Zone};

/// Between steps.
const APART: [char; 6] = ['\n', ',', '，', '、', ';', '；'];
/// Words around a time that say nothing more.
const AROUND: [&str; 4] = ["for", "from", "を", "から"];

/// One a line, or several with commas between them.
pub(super) fn each_step(typed: &str) -> Vec<&str> {
    let each = typed.split(APART).map(str::trim);
    each.filter(|text| !text.is_empty()).collect()
}

/// `50%`: how long is not said.
pub(super) fn share_alone(text: &str) -> Option<u16> {
    half_width(text).trim().strip_suffix('%').and_then(parse_bp)
}

pub(super) enum Step {
    Held(CoverageStep),
    From(RampStep),
}

/// `5% 24h`, `5 % for 24 h`, `25% 2026-12-01 09:00`; the time may come first.
pub(super) fn step(text: &str, zone: Zone) -> Result<Step, StepFault> {
    if share_alone(text).is_some() {
        return Err(StepFault::NoLength);
    }
    let text = half_width(text);
    let (share, when) = split(&text).ok_or(StepFault::Unreadable)?;
    let coverage_bp = parse_bp(share).ok_or(StepFault::Unreadable)?;
    if coverage_bp > BASIS_POINTS {
        return Err(StepFault::Share);
    }
    let when = AROUND.into_iter().fold(when.trim(), |when, word| {
        when.trim_start_matches(word).trim_end_matches(word).trim()
    });
    if let Some(minutes) = parse_minutes(when) {
        let step = CoverageStep {
            coverage_bp,
            minutes,
        };
        let is_allowed = STEP_MINUTES.contains(&minutes);
        return is_allowed
            .then_some(Step::Held(step))
            .ok_or(StepFault::Length);
    }
    let local = local_time(when).ok_or(StepFault::Unreadable)?;
    let from_ms = zone.moment(&local).map_err(|error| match error {
        LocalTimeError::Skipped => StepFault::Skipped,
        _ => StepFault::NoSuchTime,
    })?;
    Ok(Step::From(RampStep {
        from_ms,
        coverage_bp,
    }))
}

/// `2026-12-01 09:00`, `2026/12/1 9:00`, `2026年12月1日 9時` as a form sends local times.
fn local_time(typed: &str) -> Option<String> {
    const BETWEEN: [char; 10] = ['-', '/', ':', ' ', 'T', '年', '月', '日', '時', '分'];
    let numbers = typed.split(BETWEEN).filter(|part| !part.is_empty());
    let numbers: Vec<u32> = numbers
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let (year, month, day, hour, minute) = match numbers[..] {
        [year, month, day, hour, minute] => (year, month, day, hour, minute),
        [year, month, day, hour] if typed.ends_with('時') => (year, month, day, hour, 0),
        _ => return None,
    };
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}"
    ))
}

/// Share and time.
fn split(text: &str) -> Option<(&str, &str)> {
    match text.split_once('%') {
        Some((share, when)) if !when.trim().is_empty() => Some((share, when)),
        _ => {
            let text = text.trim_end_matches('%').trim_end();
            let (when, share) = text.rsplit_once(char::is_whitespace)?;
            Some((share, when))
        }
    }
}
