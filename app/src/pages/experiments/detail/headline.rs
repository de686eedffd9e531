//! The verdict in words, at the top of the page.

use leptos::prelude::*;
use nexus_control::views::{
    ExperimentDetail, HorizonProgress, Lift, LookResult, Results, VariantResult, Verdict,
};
use nexus_domain::experiment::{Evidence, Experiment, MetricKind, Status, Stop};

use super::looks::look_of;
use super::report::{is_of_goal, is_zero, without_value};
use super::safeguards;
use crate::cx::Cx;
use crate::format::count;
use crate::pages::experiments::decide::outcome_text;
use crate::pages::experiments::lift::{Unit, interval, lift_text};
use crate::pages::experiments::parts::rolled_out;
use crate::pages::experiments::{life, review};
use crate::text::decide::DecideWord;
use crate::text::detail::DetailWord as W;
use crate::text::life::LifeWord;
use crate::text::method::MethodWord;
use crate::text::metric::MetricWord;
use crate::ui::{Callout, Icon, Tone, callout, icon, when};

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
pub(super) fn view_headline(cx: &Cx, detail: &ExperimentDetail) -> AnyView {
    let notes = view! {
        {review::note(cx, &detail.experiment)}
        {life::countdown(cx, &detail.experiment)}
        {life::ramp_note(cx, &detail.experiment)}
        {ending(cx, detail)}
    };
    view! {
        {block(words(cx, detail), notes.into_any())}
        {flags_off(cx, detail)}
    }
    .into_any()
}

/// What keeps its variants from differing; nothing where nothing does.
fn flags_off(cx: &Cx, detail: &ExperimentDetail) -> Option<AnyView> {
    let environment = detail.experiment.environment;
    let links = detail.flags_off.iter().map(|key| {
        view! {
            <li>
                <a href=format!("/flags/{environment}/{key}")>
                    <code>{key.clone()}</code>
                </a>
            </li>
        }
    });
    let body = view! {
        <p>{cx.t(W::FlagsOffText)}</p>
        <ul class="use-list">{links.collect_view()}</ul>
    };
    let runs = detail.experiment.status == Status::Running;
    (runs && !detail.flags_off.is_empty()).then(|| {
        callout(Callout {
            tone: Tone::Warn,
            title: cx.t(W::FlagsOff).to_owned(),
            body: body.into_any(),
        })
    })
}

/// The same of whatever is counted as an experiment; `too_few` says that nothing can be said
/// yet.
#[must_use]
pub(crate) fn view_headline_of(
    cx: &Cx,
    experiment: &Experiment,
    results: &Results,
    too_few: &'static str,
) -> AnyView {
    let said = match results.verdict {
        Verdict::NotEnoughData if !results.srm.broken => {
            let title = cx.t(W::HeadlineNoData).to_owned();
            (Tone::Accent, title, too_few.to_owned())
        }
        _ => said_of(cx, experiment, results),
    };
    block(said, ().into_any())
}

fn block((tone, title, text): (Tone, String, String), notes: AnyView) -> AnyView {
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
                {notes}
            </div>
        </section>
    }
    .into_any()
}

fn words(cx: &Cx, detail: &ExperimentDetail) -> (Tone, String, String) {
    let experiment = &detail.experiment;
    if let Some(evidence) = experiment.stop.as_ref().and_then(Stop::evidence) {
        return stopped_of(cx, detail, &evidence);
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
    if experiment.started_ms.is_none() && experiment.status == Status::Archived {
        let text = cx.t(W::HeadlineNeverText).to_owned();
        return (Tone::Neutral, cx.t(W::HeadlineNever).to_owned(), text);
    }
    if experiment.status.is_before_start() {
        let text = cx.t(W::HeadlineDraftText).to_owned();
        return (Tone::Neutral, cx.t(W::HeadlineDraft).to_owned(), text);
    }
    said_of(cx, experiment, &detail.results)
}

/// What has stopped it, in words.
#[must_use]
pub(in crate::pages::experiments) fn stopped_of(
    cx: &Cx,
    detail: &ExperimentDetail,
    evidence: &Evidence,
) -> (Tone, String, String) {
    let (experiment, results) = (&detail.experiment, &detail.results);
    let called = |variant: &str| safeguards::called(detail, variant);
    let (tone, title, text) = safeguards::stopped(cx, &called, &experiment.metrics, evidence);
    let over = safeguards::over_the_limit(experiment, results);
    let names = |keys: &[&str]| {
        let names: Vec<String> = keys.iter().map(|key| called(key)).collect();
        names.join(cx.t(W::HeadlineComma))
    };
    let stopped = evidence.variant().unwrap_or_default();
    let others: Vec<&str> = over.iter().copied().filter(|key| *key != stopped).collect();
    if others.is_empty() {
        return (tone, title, text);
    }
    // What hurts the users of the control too is hardly a treatment.
    if over.len() == results.variants.len() {
        let title = cx.t(W::HeadlineHarmAll).to_owned();
        let all = cx.f(W::HeadlineHarmAllText, &[&names(&over)]);
        let one = cx.f(W::HeadlineHarmOf, &[&called(stopped), &text]);
        return (tone, title, format!("{all} {one}"));
    }
    let others = cx.f(W::HeadlineHarmOthers, &[&names(&others)]);
    (tone, title, format!("{text} {others}"))
}

/// What the numbers say.
fn said_of(cx: &Cx, experiment: &Experiment, results: &Results) -> (Tone, String, String) {
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
    let unit = Unit::of(results.primary().map(|m| &m.metric));
    let primary = results.primary().map(|m| m.metric.key.as_str());
    let decides = primary.map(|key| cx.f(MetricWord::Decides, &[key]));
    let no_data = || {
        if let Some((tone, title, text)) = no_values(cx, experiment, results) {
            let text = decides.iter().cloned().chain([text]).collect::<Vec<_>>();
            return (tone, title, text.join(" "));
        }
        if let Some(waiting) = waiting(cx, experiment, results) {
            return waiting;
        }
        let numbers = [count(fewest), count(results.planned_users_per_variant)];
        let (tone, title, text) = if has_ended {
            (Tone::Neutral, W::HeadlineEnded, W::HeadlineEndedText)
        } else {
            (Tone::Accent, W::HeadlineNoData, W::HeadlineNoDataText)
        };
        let text = cx.f(text, &[&numbers[0], &numbers[1]]);
        let text = decides.iter().cloned().chain([text]).collect::<Vec<_>>();
        (tone, cx.t(title).to_owned(), text.join(" "))
    };
    let Some((variant, lift)) = results.decisive() else {
        return no_data();
    };
    let (tone, title) = match (results.verdict, lift.verdict) {
        (Verdict::Better, _) => (Tone::Good, W::HeadlineBetter),
        // While another may still be better, the verdict is open; who is hurt is named.
        (Verdict::Worse | Verdict::Harmful, _) | (Verdict::Unclear, Verdict::Worse) => {
            (Tone::Bad, W::HeadlineWorse)
        }
        (Verdict::Unclear, _) => {
            let (title, text) = if has_ended {
                (W::HeadlineUnclearEnded, W::HeadlineUnclearEndedText)
            } else {
                (W::HeadlineUnclear, W::HeadlineUnclearText)
            };
            let span = interval(cx, unit, &lift);
            let text = match &results.horizon {
                None => cx.f(text, &[&span]),
                Some(horizon) => {
                    let its = look_of(results, &variant.key).map(|(_, look)| look);
                    at_look(cx, &span, horizon, its.or(horizon.looks.last()))
                }
            };
            let may_end = results.plan_reached && experiment.conclusion.is_none();
            let note = may_end.then(|| cx.t(W::HeadlinePlanReached));
            let planned = results.planned_users_per_variant;
            let small = (has_ended && fewest < planned / 2)
                .then(|| cx.f(W::HeadlineEndedSmall, &[&count(fewest), &count(planned)]));
            let text = [
                decides.as_deref(),
                Some(text.as_str()),
                small.as_deref(),
                note,
            ];
            let text = text.into_iter().flatten();
            let text = text.collect::<Vec<_>>().join(" ");
            return (Tone::Neutral, cx.t(title).to_owned(), text);
        }
        (Verdict::NotEnoughData | Verdict::BrokenSplit, _) => return no_data(),
    };
    let (name, change) = (name_of(variant), lift_text(cx, unit, &lift));
    let title = match (primary, title) {
        (Some(key), W::HeadlineBetter) => cx.f(W::HeadlineBetterOn, &[&name, &change, key]),
        (Some(key), _) => cx.f(W::HeadlineWorseOn, &[&name, &change, key]),
        (None, title) => cx.f(title, &[&name, &change]),
    };
    let span = interval(cx, unit, &lift);
    let why = match look_of(results, &variant.key) {
        Some((horizon, look)) => {
            let word = match horizon.planned_looks {
                1 => MethodWord::SureAtOneLook,
                _ => MethodWord::SureAtLook,
            };
            let [at, of] = [look.look, horizon.planned_looks].map(|n| n.to_string());
            cx.f(word, &[&span, &at, &of, &count(look.users)])
        }
        None => cx.f(MethodWord::sure(experiment.method), &[&span]),
    };
    let others = others(cx, results, &variant.key, has_ended);
    let text = std::iter::once(why).chain(others);
    (tone, title, text.collect::<Vec<_>>().join(" "))
}

/// What is known of the treatments that the headline does not name; a sentence per verdict.
fn others(cx: &Cx, results: &Results, named: &str, has_ended: bool) -> Vec<String> {
    let unit = Unit::of(results.primary().map(|m| &m.metric));
    let lifts = results.deciding_lifts();
    let treatments = results.variants.iter().zip(lifts).skip(1);
    let of = |lift: Option<Lift>| lift.map_or(Verdict::NotEnoughData, |l| l.verdict);
    let say = |word: W, verdicts: &[Verdict]| {
        let names = treatments
            .clone()
            .filter(|(v, lift)| v.key != named && verdicts.contains(&of(*lift)));
        let names: Vec<String> = names
            .map(|(v, lift)| match lift {
                Some(lift) => cx.f(
                    W::HeadlineOther,
                    &[&name_of(v), &lift_text(cx, unit, &lift)],
                ),
                None => name_of(v),
            })
            .collect();
        (!names.is_empty()).then(|| cx.f(word, &[&names.join(cx.t(W::HeadlineComma))]))
    };
    let open = [Verdict::Unclear, Verdict::NotEnoughData];
    let unclear = match has_ended {
        true => W::HeadlineOthersUnclearEnded,
        false => W::HeadlineOthersUnclear,
    };
    [
        say(W::HeadlineOthersBetter, &[Verdict::Better]),
        say(W::HeadlineOthersWorse, &[Verdict::Worse]),
        say(unclear, &open),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Of a metric that decides and has no values: more users would not help.
fn no_values(
    cx: &Cx,
    experiment: &Experiment,
    results: &Results,
) -> Option<(Tone, String, String)> {
    let primary = results.primary()?;
    let has_ended = experiment.has_ended();
    if let Some(event) = without_value(experiment, results, primary) {
        return Some(match has_ended {
            true => ended_so(cx, MetricWord::EndedNoValue, event),
            false => {
                let text = cx.t(MetricWord::NoValueSoFar).to_owned();
                (Tone::Warn, cx.f(MetricWord::NoValue, &[event]), text)
            }
        });
    }
    let adds_up = matches!(primary.metric.kind, MetricKind::Mean { .. });
    (has_ended && adds_up && is_zero(primary)).then(|| {
        let word = match is_of_goal(experiment, &primary.metric) {
            true => MetricWord::EndedNone,
            false => MetricWord::EndedEither,
        };
        ended_so(cx, word, primary.metric.event())
    })
}

fn ended_so(cx: &Cx, word: MetricWord, event: &str) -> (Tone, String, String) {
    let title = cx.t(W::HeadlineEnded).to_owned();
    (Tone::Neutral, title, cx.f(word, &[event]))
}

/// Of a method that has not reached a look: how much is missing.
fn waiting(cx: &Cx, experiment: &Experiment, results: &Results) -> Option<(Tone, String, String)> {
    let horizon = results.horizon.as_ref()?;
    let next = horizon
        .next_look_users
        .filter(|_| horizon.looks.is_empty())?;
    let (users, planned) = (count(horizon.users), count(horizon.planned_users));
    let looks = horizon.planned_looks.to_string();
    if experiment.has_ended() {
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
fn at_look(cx: &Cx, span: &str, horizon: &HorizonProgress, look: Option<&LookResult>) -> String {
    let (look, users) = look.map_or((0, horizon.users), |look| (look.look, look.users));
    let [at, of] = [look, horizon.planned_looks].map(|n| n.to_string());
    cx.f(MethodWord::UnclearText, &[span, &at, &of, &count(users)])
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
                {when(cx, conclusion.at_ms)} " · " {cx.f(DecideWord::By, &[cx.named(&conclusion.by)])}
            </p>
            {learned}
            {rolled_out(cx, experiment).map(|flags| view! { <p class="headline-note">{flags}</p> })}
        }
    });
    view! {
        <p class="headline-note">{how} " " {when(cx, at_ms)}</p>
        {(!reason.is_empty()).then(|| view! { <p class="headline-note prose">{reason}</p> })}
        {conclusion}
    }
    .into_any()
}
