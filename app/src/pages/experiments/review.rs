//! What pages say of the look of another person.

use leptos::prelude::*;
use nexus_control::views::ExperimentDetail;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Experiment, Status, Verb};

use super::parts::allowed;
use crate::cx::Cx;
use crate::text::domain::EnvironmentWord;
use crate::text::review::ReviewWord as W;
use crate::ui::{Allowed, Tone, when};

/// Whether the visitor may give the command, or why not: nobody approves their own work, and
/// where an approval is asked for, nothing starts without.
pub fn may_give(cx: &Cx, experiment: &Experiment, rules: EnvironmentRules, verb: Verb) -> Allowed {
    allowed(cx, verb.action(), Some(experiment.environment))?;
    if approves_own(cx, experiment, verb) {
        return Err(cx.t(W::OwnWork).to_owned());
    }
    match lacks_approval(experiment, rules, verb) {
        true => Err(needed(cx, experiment)),
        false => Ok(()),
    }
}

/// As the use case refuses it.
#[must_use]
pub fn lacks_approval(experiment: &Experiment, rules: EnvironmentRules, verb: Verb) -> bool {
    let starts = matches!(verb, Verb::Start | Verb::Schedule);
    starts && rules.review && !experiment.is_approved()
}

fn needed(cx: &Cx, experiment: &Experiment) -> String {
    let environment = cx.t(EnvironmentWord::of(experiment.environment));
    match experiment.status {
        Status::Draft => cx.f(W::NeededDraft, &[environment]),
        _ => cx.f(W::NeededWaits, &[environment]),
    }
}

/// The way to the approval that is missing; nothing where it can't be asked for.
#[must_use]
pub fn ask_link(cx: &Cx, experiment: &Experiment) -> Option<AnyView> {
    let ask = Verb::AskReview;
    let may_ask = ask.fits(experiment.status) && cx.may(ask.action(), Some(experiment.environment));
    may_ask.then(|| {
        let href = format!("/experiments/{}/ask-review", experiment.id);
        view! {
            <p>
                <a href=href>{cx.t(W::Ask)}</a>
            </p>
        }
        .into_any()
    })
}

fn approves_own(cx: &Cx, experiment: &Experiment, verb: Verb) -> bool {
    verb == Verb::Approve && experiment.is_work_of(cx.who())
}

/// In place of a button that its author could never use.
#[must_use]
pub fn instead_of(cx: &Cx, experiment: &Experiment, verb: Verb) -> Option<AnyView> {
    let permitted = allowed(cx, verb.action(), Some(experiment.environment)).is_ok();
    let said = || view! { <p class="action-note">{cx.t(W::OtherPerson)}</p> }.into_any();
    (permitted && approves_own(cx, experiment, verb)).then(said)
}

/// The headline while it is about a review.
#[must_use]
pub fn headline(cx: &Cx, detail: &ExperimentDetail) -> Option<(Tone, String, String)> {
    let experiment = &detail.experiment;
    let text = |word: W| cx.t(word).to_owned();
    let said = match (experiment.status, experiment.review.as_ref()) {
        (Status::InReview, Some(review)) => {
            let by = cx.f(W::InReviewText, &[&review.asked_by]);
            (Tone::Accent, text(W::InReviewTitle), by)
        }
        (Status::Approved, _) => {
            let by = experiment.answer().map_or("", |answer| &answer.by);
            (
                Tone::Good,
                cx.f(W::ApprovedTitle, &[by]),
                text(W::ApprovedText),
            )
        }
        (Status::Draft, _) => match experiment.answer() {
            Some(answer) => {
                let title = cx.f(W::SentBackTitle, &[&answer.by]);
                (Tone::Warn, title, answer.words.clone())
            }
            None if detail.rules.review => {
                let environment = cx.t(EnvironmentWord::of(experiment.environment));
                let why = cx.f(W::NeededText, &[environment]);
                (Tone::Neutral, text(W::NeededTitle), why)
            }
            None => return None,
        },
        _ => return None,
    };
    Some(said)
}

/// Words that go with the headline, and when they were said.
#[must_use]
pub fn note(cx: &Cx, experiment: &Experiment) -> AnyView {
    let said = match (experiment.status, experiment.review.as_ref()) {
        (Status::InReview, Some(review)) => Some((review.words.clone(), review.asked_ms)),
        (Status::Approved, _) => experiment.answer().map(|a| (a.words.clone(), a.at_ms)),
        (Status::Draft, _) => experiment.answer().map(|a| (String::new(), a.at_ms)),
        _ => None,
    };
    said.map(|(words, at_ms)| {
        view! {
            {(!words.is_empty()).then(|| view! { <p class="headline-note prose">{words}</p> })}
            <p class="headline-note">{when(cx, at_ms)}</p>
        }
    })
    .into_any()
}
