//! What pages say of planned starts and ramps.

use leptos::prelude::*;
use nexus_control::views::RampPlace;
use nexus_domain::experiment::{CoverageStep, Experiment, Missed, Status};
use nexus_domain::{Field, Problem};

use crate::cx::Cx;
use crate::format::{bp, parse_bp, parse_minutes};
use crate::pages::typed::Reader;
use crate::text::life::LifeWord as W;
use crate::text::problem::placed_problem;
use crate::ui::{Tone, chip, when};
use crate::zone::Zone;

const DAY: u32 = 24 * 60;

/// The steps as they are typed.
#[must_use]
pub fn typed_ramp(ramp: &[CoverageStep]) -> String {
    let line = |step: &CoverageStep| {
        let length = match step.minutes {
            m if m % DAY == 0 => format!("{}d", m / DAY),
            m if m % 60 == 0 => format!("{}h", m / 60),
            m => format!("{m}min"),
        };
        format!("{}% {length}", bp(step.coverage_bp))
    };
    ramp.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// One step a line; empty lines are none.
pub(crate) fn read_ramp(read: &mut Reader, typed: &str) -> Vec<CoverageStep> {
    let mut steps = Vec::new();
    for (line, text) in (1_u32..).zip(typed.lines()) {
        if text.trim().is_empty() {
            continue;
        }
        match step(text) {
            Some(step) => steps.push(step),
            None => read.note(Field::Ramp, Problem::NotADuration { line }),
        }
    }
    steps
}

/// `5% 24h`, also `5 % for 24 h`.
fn step(text: &str) -> Option<CoverageStep> {
    let (share, length) = text.split_once(['%', '％'])?;
    Some(CoverageStep {
        coverage_bp: parse_bp(share)?,
        minutes: parse_minutes(length.trim().trim_start_matches("for"))?,
    })
}

/// The way to the whole coverage in a line; none without a ramp.
#[must_use]
pub fn ramp_text(cx: &Cx, experiment: &Experiment) -> Option<String> {
    let step = |step: &CoverageStep| {
        let (unit, number) = match step.minutes {
            m if m % DAY == 0 => (W::Days, m / DAY),
            m if m % 60 == 0 => (W::Hours, m / 60),
            m => (W::Minutes, m),
        };
        let length = cx.f(unit, &[&number.to_string()]);
        cx.f(W::RampStep, &[&bp(step.coverage_bp), &length])
    };
    let mut steps: Vec<String> = experiment.ramp.iter().map(step).collect();
    if steps.is_empty() {
        return None;
    }
    steps.push(cx.f(W::Last, &[&bp(experiment.coverage_bp)]));
    Some(steps.join(cx.t(W::Then)))
}

/// Beside the status, while the ramp goes on.
#[must_use]
pub fn ramp_chip(cx: &Cx, place: Option<&RampPlace>) -> AnyView {
    let said = place.map(|place| {
        let (step, of) = (place.step.to_string(), place.of.to_string());
        let (tone, word) = match place.held_by {
            Some(_) => (Tone::Warn, W::HeldShort),
            None => (Tone::Accent, W::RampingShort),
        };
        chip(tone, cx.f(word, &[&step, &of]))
    });
    view! { {said} }.into_any()
}

/// Where the ramp is and what comes next.
#[must_use]
pub fn ramp_note(cx: &Cx, experiment: &Experiment) -> AnyView {
    let Some(place) = RampPlace::of(experiment) else {
        return ().into_any();
    };
    let (step, of) = (place.step.to_string(), place.of.to_string());
    let next = match (&place.held_by, place.next_ms) {
        (Some(by), _) => cx.f(W::RampHeld, &[cx.named(by)]).into_any(),
        (None, Some(ms)) => view! { {cx.t(W::RampNext)} " " {when(cx, ms)} }.into_any(),
        (None, None) => cx.t(W::RampPaused).into_any(),
    };
    view! {
        <p class="headline-note">
            <strong>{cx.f(W::Ramping, &[&step, &of])}</strong> " "
            {cx.f(W::RampNow, &[&bp(place.coverage_bp)])} " " {next}
        </p>
    }
    .into_any()
}

/// The planned start in its own zone.
#[must_use]
pub fn planned_text(cx: &Cx, experiment: &Experiment, ms: i64) -> String {
    let zone = Zone::parse(&experiment.schedule.timezone).unwrap_or(cx.zone);
    zone.minute(ms, cx.lang)
}

/// How long until the planned start.
#[must_use]
pub fn countdown(cx: &Cx, experiment: &Experiment) -> AnyView {
    let planned_ms = experiment.schedule.start_ms;
    planned_ms
        .filter(|_| experiment.status == Status::Scheduled)
        .map(|ms| view! { <p class="headline-note">{cx.t(W::StartsIn)} " " {when(cx, ms)}</p> })
        .into_any()
}

/// Why a planned start came to nothing.
#[must_use]
pub fn missed_text(cx: &Cx, experiment: &Experiment, missed: &Missed) -> String {
    let planned_ms = missed.planned_ms.unwrap_or(missed.at_ms);
    let problems = missed.problems.iter();
    let problems = problems.map(|found| placed_problem(cx, found));
    let problems = problems.collect::<Vec<_>>().join(" ");
    let planned = planned_text(cx, experiment, planned_ms);
    cx.f(W::MissedText, &[&planned, &problems])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_survives_the_form_and_a_bad_line_is_named() {
        let step = |coverage_bp, minutes| CoverageStep {
            coverage_bp,
            minutes,
        };
        let ramp = vec![step(50, 45), step(500, 1_440), step(2_050, 180)];
        let mut read = Reader::default();
        assert_eq!(typed_ramp(&ramp), "0.5% 45min\n5% 1d\n20.5% 3h");
        assert_eq!(read_ramp(&mut read, &typed_ramp(&ramp)), ramp);
        let also = read_ramp(&mut read, " 5 % for 24 h \n\n２０％ 2日");
        assert_eq!(also, [step(500, 1_440), step(2_000, 2_880)]);
        assert!(read.problems.is_empty());
        for bad in ["5%", "5 24h", "x% 1h", "5% 1w", "5% h", "5% 99999999999d"] {
            let mut read = Reader::default();
            read_ramp(&mut read, &format!("1% 1h\n{bad}"));
            assert_eq!(
                read.problems[0].problem,
                Problem::NotADuration { line: 2 },
                "{bad}"
            );
        }
    }
}
