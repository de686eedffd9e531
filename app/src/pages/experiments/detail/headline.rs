//! The verdict in words, at the top of the page.

use leptos::prelude::*;
use nexus_control::views::{ExperimentDetail, HorizonProgress, Lift, VariantResult, Verdict};
use nexus_domain::experiment::{Status, Stop};

use super::safeguards;
use crate::cx::Cx;
use crate::format::{change, count};
use crate::pages::experiments::decide::outcome_text;
use crate::pages::experiments::{life, review};
use crate::text::decide::DecideWord;
use crate::text::detail::DetailWord as W;
use crate::text::life::LifeWord;
use crate::text::method::MethodWord;
use crate::ui::{Icon, Tone, icon, when};

/// What a variant is called on the page.
#[must_use]
pub(super) fn name_of(variant: &VariantResult) -> String {
    if variant.name.is_empty() {
        variant.key.clone()
    } else {
        variant.name.clone()
    }
}

#[must_use]
pub(super) fn interval(cx: &Cx, lift: &Lift) -> String {
    cx.f(W::IntervalText, &[&change(lift.low), &change(lift.high)])
}

/// The treatment the verdict speaks of: the lift in its direction that is farthest from
/// zero by the width of its interval.
fn decisive(detail: &ExperimentDetail) -> Option<(&VariantResult, Lift)> {
    let verdict = detail.results.verdict;
    let with_lift = detail
        .results
        .variants
        .iter()
        .filter_map(|v| Some((v, v.lift?)));
    let fitting = with_lift
        .clone()
        .filter(|(_, lift)| lift.verdict == verdict)
        .max_by(|a, b| distance(&a.1).total_cmp(&distance(&b.1)));
    fitting.or_else(|| with_lift.max_by(|a, b| distance(&a.1).total_cmp(&distance(&b.1))))
}

fn distance(lift: &Lift) -> f64 {
    lift.relative.abs() / (lift.high - lift.low)
}

#[must_use]
pub(super) fn view_headline(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let (tone, title, text) = words(cx, detail);
    let mark = match tone {
        Tone::Good => Icon::Check,
        Tone::Bad | Tone::Warn => Icon::Alert,
        Tone::Neutral | Tone::Accent => Icon::Clock,
    };
    view! {
        <section class=format!("headline {}", tone.as_str())>
            <span class="headline-mark">{icon(mark)}</span>
            <div>
                <p class="headline-title">{title}</p>
                <p class="headline-text">{text}</p>
                {review::note(cx, &detail.experiment)} {life::countdown(cx, &detail.experiment)} {life::ramp_note(cx, &detail.experiment)}
                {ending(cx, detail)}
            </div>
        </section>
    }
    .into_any()
}

fn words(cx: &Cx, detail: &ExperimentDetail) -> (Tone, String, String) {
    let experiment = &detail.experiment;
    if let Some(evidence) = experiment.stop.as_ref().and_then(Stop::evidence) {
        let called = |variant: &str| safeguards::called(detail, variant);
        return safeguards::stopped(cx, &called, &evidence);
    }
    if let (Status::Scheduled, Some(ms)) = (experiment.status, experiment.schedule.start_ms) {
        let title = cx.f(
            LifeWord::Scheduled,
            &[&life::planned_text(cx, experiment, ms)],
        );
        return (
            Tone::Accent,
            title,
            cx.t(LifeWord::ScheduledText).to_owned(),
        );
    }
    if let Some(said) = review::headline(cx, detail) {
        return said;
    }
    if let Some(missed) = &experiment.missed {
        let title = cx.t(LifeWord::MissedTitle).to_owned();
        return (Tone::Warn, title, life::missed_text(cx, experiment, missed));
    }
    if experiment.status.is_before_start() {
        let text = cx.t(W::HeadlineDraftText).to_owned();
        return (Tone::Neutral, cx.t(W::HeadlineDraft).to_owned(), text);
    }
    let results = &detail.results;
    if results.verdict == Verdict::BrokenSplit || results.srm.broken {
        let text = cx.t(W::HeadlineBrokenText).to_owned();
        return (Tone::Warn, cx.t(W::HeadlineBroken).to_owned(), text);
    }
    let fewest = results
        .variants
        .iter()
        .map(|v| v.exposures)
        .min()
        .unwrap_or(0);
    let has_ended = experiment.has_ended();
    let no_data = || {
        if let Some(waiting) = waiting(cx, detail) {
            return waiting;
        }
        let numbers = [count(fewest), count(results.planned_users_per_variant)];
        let (tone, title, text) = if has_ended {
            (Tone::Neutral, W::HeadlineEnded, W::HeadlineEndedText)
        } else {
            (Tone::Accent, W::HeadlineNoData, W::HeadlineNoDataText)
        };
        let text = cx.f(text, &[&numbers[0], &numbers[1]]);
        (tone, cx.t(title).to_owned(), text)
    };
    let Some((variant, lift)) = decisive(detail) else {
        return no_data();
    };
    let (tone, title) = match results.verdict {
        Verdict::Better => (Tone::Good, W::HeadlineBetter),
        Verdict::Worse | Verdict::Harmful => (Tone::Bad, W::HeadlineWorse),
        Verdict::Unclear => {
            let (title, text) = if has_ended {
                (W::HeadlineUnclearEnded, W::HeadlineUnclearEndedText)
            } else {
                (W::HeadlineUnclear, W::HeadlineUnclearText)
            };
            let span = interval(cx, &lift);
            let text = match &results.horizon {
                None => cx.f(text, &[&span]),
                Some(horizon) => at_look(cx, &span, horizon),
            };
            return (Tone::Neutral, cx.t(title).to_owned(), text);
        }
        Verdict::NotEnoughData | Verdict::BrokenSplit => return no_data(),
    };
    let title = cx.f(title, &[&name_of(variant), &change(lift.relative)]);
    let why = MethodWord::sure(experiment.method);
    (tone, title, cx.f(why, &[&interval(cx, &lift)]))
}

/// Of a method that has not reached a look: how much is missing.
fn waiting(cx: &Cx, detail: &ExperimentDetail) -> Option<(Tone, String, String)> {
    let horizon = detail.results.horizon.as_ref()?;
    let next = horizon
        .next_look_users
        .filter(|_| horizon.looks.is_empty())?;
    let (users, planned) = (count(horizon.users), count(horizon.planned_users));
    let looks = horizon.planned_looks.to_string();
    if detail.experiment.has_ended() {
        let text = cx.f(MethodWord::EndedEarlyText, &[&users, &planned, "1", &looks]);
        return Some((Tone::Neutral, cx.t(MethodWord::EndedEarly).to_owned(), text));
    }
    let missing = count(next.saturating_sub(horizon.users));
    let text = cx.f(
        MethodWord::WaitingText,
        &[&users, &planned, &missing, "1", &looks],
    );
    Some((Tone::Accent, cx.t(MethodWord::Waiting).to_owned(), text))
}

/// The newest look left it open.
fn at_look(cx: &Cx, span: &str, horizon: &HorizonProgress) -> String {
    let look = horizon.looks.last().map_or(0, |look| look.look);
    cx.f(
        MethodWord::UnclearText,
        &[span, &look.to_string(), &horizon.planned_looks.to_string()],
    )
}

/// How and when it ended, or that it is paused.
fn ending(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let experiment = &detail.experiment;
    if experiment.status == Status::Paused {
        return view! { <p class="headline-note">{cx.t(W::PausedNote)}</p> }.into_any();
    }
    let (Some(stop), Some(at_ms)) = (&experiment.stop, experiment.stopped_ms) else {
        return ().into_any();
    };
    let (how, reason) = match stop {
        Stop::Command { by, reason } => (cx.f(W::StoppedBy, &[by]), reason.clone()),
        Stop::Schedule => (cx.t(W::StoppedSchedule).to_owned(), String::new()),
        Stop::Guardrail(_) | Stop::Safeguard(_) => (String::new(), String::new()),
    };
    let conclusion = experiment.conclusion.as_ref().map(|conclusion| {
        let answer = outcome_text(cx, experiment, &conclusion.outcome);
        let learned = (!conclusion.learned.is_empty())
            .then(|| view! { <p class="headline-note prose">{conclusion.learned.clone()}</p> });
        view! {
            <p class="headline-note">
                <strong>{cx.f(DecideWord::Decided, &[&answer])}</strong> " "
                {cx.f(DecideWord::By, &[&conclusion.by])} " " {when(cx, conclusion.at_ms)}
            </p>
            {learned}
        }
    });
    view! {
        {conclusion}
        <p class="headline-note">{how} " " {when(cx, at_ms)}</p>
        {(!reason.is_empty()).then(|| view! { <p class="headline-note prose">{reason}</p> })}
    }
    .into_any()
}
