//! What pages say of planned starts and ramps.

use leptos::prelude::*;
use nexus_control::views::RampPlace;
use nexus_domain::experiment::{CoverageStep, Experiment, Missed, Status};

use crate::cx::Cx;
use crate::format::bp;
use crate::text::life::LifeWord as W;
use crate::text::problem::placed_problem;
use crate::ui::{Tone, chip, when};
use crate::zone::Zone;

const DAY: u32 = 24 * 60;

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
