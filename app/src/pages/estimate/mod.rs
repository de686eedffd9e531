//! How many of the recent visitors a draft is for, beside the fields that say so.

mod follow;
mod what_if;

pub use follow::{of_group, of_holdout, view_group, view_holdout};
pub use what_if::{OfWhat, view_what_if};

use leptos::prelude::*;
use nexus_control::views::{
    AudienceEstimate, AudienceShare, AudienceStep, FlagAudience, TrafficWindow, WhatIf,
};
use nexus_control::{Error, Result};
use nexus_domain::flag::Flag;
use nexus_domain::{Field as At, FieldProblem};

use crate::charts::meter;
use crate::cx::Cx;
use crate::format::{count, percent};
use crate::host::Visit;
use crate::islands::LiveEstimate;
use crate::pages::experiments::form::FormState;
use crate::pages::flags::form::FlagForm;
use crate::text::common::Common;
use crate::text::domain::EnvironmentWord;
use crate::text::estimate::{EstimateWord as W, WhatIfWord};
use crate::text::layers::LayerWord;
use crate::text::problem::placed_problem;
use crate::ui::{Empty, Icon, empty, listed};

/// The part of a form that is filled anew.
const REGION: &str = "estimate";

/// What came of asking.
pub enum Estimated<T> {
    Ready(T),
    /// This must make sense first.
    Wrong(Vec<FieldProblem>),
    Failed,
}

/// Of a flag: whom its rules take in, and what saving it would change.
pub struct FlagEstimate {
    pub rules: FlagAudience,
    /// None for a new flag, which nobody gets yet.
    pub what_if: Option<WhatIf>,
    /// Whether it counts as soon as it is saved.
    pub enabled: bool,
}

impl<T> Estimated<T> {
    #[must_use]
    pub fn of(answer: Result<T>) -> Self {
        match answer {
            Ok(found) => Self::Ready(found),
            Err(Error::Invalid(problems)) => Self::Wrong(problems),
            Err(error) => {
                tracing::warn!(%error, "no estimate");
                Self::Failed
            }
        }
    }
}

/// Asks about what was typed, as far as it says whom the experiment is for.
pub async fn of_experiment(visit: &Visit, state: &FormState) -> Estimated<AudienceEstimate> {
    let (draft, problems) = state.as_typed();
    let problems = of_audience(problems);
    if !problems.is_empty() {
        return Estimated::Wrong(problems);
    }
    let console = &visit.console;
    Estimated::of(console.estimate_experiment(&visit.actor, &draft).await)
}

/// The same for a flag; `current` is the one that is edited.
pub async fn of_flag(
    visit: &Visit,
    state: &FlagForm,
    current: Option<&Flag>,
) -> Estimated<FlagEstimate> {
    let (draft, problems) = state.as_typed();
    let problems = of_rules(problems);
    if !problems.is_empty() {
        return Estimated::Wrong(problems);
    }
    let console = &visit.console;
    let rules = match Estimated::of(console.estimate_flag(&visit.actor, &draft).await) {
        Estimated::Ready(rules) => rules,
        Estimated::Wrong(problems) => return Estimated::Wrong(problems),
        Estimated::Failed => return Estimated::Failed,
    };
    let enabled = current.is_some_and(|flag| flag.enabled);
    let what_if = match current {
        None => None,
        Some(_) => {
            let what_if = console.what_if_flag(&visit.actor, draft, Some(true));
            what_if.await.ok()
        }
    };
    Estimated::Ready(FlagEstimate {
        rules,
        what_if,
        enabled,
    })
}

/// The problems that keep an experiment's audience from being asked about.
fn of_audience(problems: Vec<FieldProblem>) -> Vec<FieldProblem> {
    let matters = |problem: &FieldProblem| {
        matches!(
            problem.field,
            At::Environment
                | At::Coverage
                | At::Countries
                | At::Devices
                | At::Attributes
                | At::Attribute(_)
                | At::Condition
                | At::Layer
                | At::LayerShare
                | At::Holdout
                | At::Prerequisites
        )
    };
    problems.into_iter().filter(matters).collect()
}

/// The problems that keep a flag's rules from being asked about.
fn of_rules(problems: Vec<FieldProblem>) -> Vec<FieldProblem> {
    let matters = |problem: &FieldProblem| {
        !matches!(
            problem.field,
            At::Key
                | At::Name
                | At::Description
                | At::Schema
                | At::DueAt
                | At::RuleName(_)
                | At::RuleDescription(_)
        )
    };
    problems.into_iter().filter(matters).collect()
}

/// Of an experiment's form; a layer that nobody else is in is said with it.
#[must_use]
pub fn view_experiment(
    cx: &Cx,
    estimated: &Estimated<AudienceEstimate>,
    new_layer: Option<&str>,
) -> AnyView {
    let note = new_layer.map(|name| cx.f(LayerWord::New, &[name]));
    let manner = Manner { note, live: true };
    region(cx, estimated, |found| &found.window, experiment, manner)
}

/// Of a flag's form.
#[must_use]
pub fn view_flag(cx: &Cx, estimated: &Estimated<FlagEstimate>) -> AnyView {
    let manner = Manner {
        note: None,
        live: true,
    };
    region(cx, estimated, |found| &found.rules.window, flag, manner)
}

/// What a region says and does besides.
struct Manner {
    /// Below what was found, whatever that is.
    note: Option<String>,
    /// Whether it follows what is typed.
    live: bool,
}

fn region<T>(
    cx: &Cx,
    estimated: &Estimated<T>,
    window: impl Fn(&T) -> &TrafficWindow,
    view: impl Fn(&Cx, &T) -> AnyView,
    manner: Manner,
) -> AnyView {
    let body = match estimated {
        Estimated::Failed => view! { <p class="quiet">{cx.t(W::Failed)}</p> }.into_any(),
        Estimated::Wrong(problems) => wrong(cx, problems),
        Estimated::Ready(found) if window(found).is_empty() => nobody(cx, window(found)),
        Estimated::Ready(found) => view(cx, found),
    };
    view! {
        <section class="estimate" aria-labelledby="estimate-title">
            <header class="estimate-head">
                <h2 id="estimate-title">{cx.t(W::Title)}</h2>
                <span class="estimate-busy" aria-hidden="true">{cx.t(W::Busy)}</span>
                <button class="button small" type="submit" name="do" value="estimate" formnovalidate=true>
                    {cx.t(W::Again)}
                </button>
            </header>
            <div id=REGION class="estimate-body" data-failed=cx.t(W::Failed)>
                {body}
                {manner.note.map(|note| view! { <p class="estimate-warning">{note}</p> })}
            </div>
            // Of a new estimate only the first line is read out, not its tables.
            <p id="estimate-said" class="sr" role="status"></p>
            {manner.live.then(|| view! { <LiveEstimate region=REGION.to_owned() /> })}
        </section>
    }
    .into_any()
}

fn nobody(cx: &Cx, window: &TrafficWindow) -> AnyView {
    let environment = cx.t(EnvironmentWord::of(window.environment));
    view! {
        <p class="estimate-value">{cx.f(W::EmptyTitle, &[environment])}</p>
        <p class="quiet">{cx.t(W::EmptyText)}</p>
    }
    .into_any()
}

fn wrong(cx: &Cx, problems: &[FieldProblem]) -> AnyView {
    let items = problems
        .iter()
        .take(5)
        .map(|found| view! { <li>{listed(&placed_problem(cx, found))}</li> })
        .collect_view();
    view! {
        <p class="quiet">{cx.t(W::Wrong)}</p>
        <ul class="rules">{items}</ul>
    }
    .into_any()
}

fn experiment(cx: &Cx, found: &AudienceEstimate) -> AnyView {
    let all = found.window.all;
    let in_it = found.steps.last().map_or(all, |step| step.left);
    let headline = match found.per_day {
        Some(daily) => cx.f(
            W::TakePartDaily,
            &[&percent(in_it.share), &count(round(daily))],
        ),
        None => cx.f(W::TakePart, &[&percent(in_it.share)]),
    };
    view! {
        <p class="estimate-value">{headline}</p>
        {certainty(cx, &found.window, in_it)}
        {days(cx, found)}
        {unseen(cx, &found.unseen_attributes)}
        {steps(cx, &found.steps)}
    }
    .into_any()
}

fn flag(cx: &Cx, found: &FlagEstimate) -> AnyView {
    let rules = &found.rules;
    let each = rules.rules.iter().enumerate().map(|(index, rule)| {
        let taken = rule.steps.last().map_or(rules.window.all, |step| step.left);
        let number = (index + 1).to_string();
        view! {
            <details class="estimate-rule">
                <summary>{cx.f(W::Rule, &[&number, &percent(taken.share)])}</summary>
                {certainty(cx, &rules.window, taken)}
                {steps(cx, &rule.steps)}
            </details>
        }
    });
    let each = each.collect_view();
    let none = rules.rules.is_empty().then(|| cx.t(W::NoRules));
    let change = found.what_if.as_ref().map(|what_if| {
        let title = match found.enabled {
            true => WhatIfWord::WhenSaved,
            false => WhatIfWord::WhenOn,
        };
        view! {
            <h3>{cx.t(title)}</h3>
            {what_if::changes(cx, what_if, &OfWhat::FlagInForm)}
        }
    });
    view! {
        {none.map(|text| view! { <p class="quiet">{text}</p> })}
        {each}
        {unseen(cx, &rules.unseen_attributes)}
        {change}
    }
    .into_any()
}

/// How sure it is, and a warning where that is not very.
fn certainty(cx: &Cx, window: &TrafficWindow, share: AudienceShare) -> AnyView {
    let sampled = count(u64::from(window.all.sampled));
    let said = [
        percent(share.low),
        percent(share.high),
        sampled.clone(),
        since(cx, window),
        about(window.all),
    ];
    let said = said.each_ref().map(String::as_str);
    let small = window.is_small().then(|| {
        view! { <p class="estimate-warning">{cx.f(W::Small, &[&sampled])}</p> }
    });
    view! {
        {small}
        <p class="quiet">{cx.f(W::Between, &said)}</p>
    }
    .into_any()
}

/// How many visitors they are; no more digits than are known where they are an estimate.
pub(super) fn about(share: AudienceShare) -> String {
    match share.fewest == share.most {
        true => count(share.visitors),
        false => count(round(share.visitors)),
    }
}

/// To three digits.
fn round(number: u64) -> u64 {
    let step = 10u64.pow(number.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (number + step / 2) / step * step
}

/// “of the last 24 hours”.
pub(super) fn since(cx: &Cx, window: &TrafficWindow) -> String {
    let hours = window.hours();
    if hours > 23.5 {
        cx.t(W::LastDay).to_owned()
    } else if hours >= 1.5 {
        cx.f(W::LastHours, &[&count(hours.round() as u64)])
    } else if (0.98..1.02).contains(&hours) {
        cx.t(WhatIfWord::LastHour).to_owned()
    } else {
        let minutes = (hours * 60.0).ceil().max(1.0);
        cx.f(W::LastMinutes, &[&count(minutes as u64)])
    }
}

fn days(cx: &Cx, found: &AudienceEstimate) -> Option<AnyView> {
    let users = count(found.planned_users?);
    let text = match (found.days, found.per_day) {
        (Some(0 | 1), _) => cx.f(W::OneDay, &[&users]),
        (Some(days), _) => cx.f(W::Days, &[&users, &count(days)]),
        (None, None) => cx.f(W::NoDaysYet, &[&users]),
        (None, Some(_)) => cx.f(W::Never, &[&users]),
    };
    Some(view! { <p>{text}</p> }.into_any())
}

fn unseen(cx: &Cx, names: &[String]) -> Option<AnyView> {
    (!names.is_empty()).then(|| {
        let text = cx.f(W::Unseen, &[&names.join(cx.t(Common::Comma))]);
        view! { <p class="estimate-warning">{text}</p> }.into_any()
    })
}

fn steps(cx: &Cx, steps: &[AudienceStep]) -> AnyView {
    let rows = steps
        .iter()
        .map(|AudienceStep { stage, left }| {
            let name = cx.t(W::of(*stage));
            let bar = meter(
                left.share,
                "accent",
                format!("{name}: {}", percent(left.share)),
            );
            let interval = format!("{} – {}", percent(left.low), percent(left.high));
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td data-label=cx.t(W::Left)>
                        <span class="estimate-bar">{percent(left.share)} {bar}</span>
                    </td>
                    <td class="num" data-label=cx.t(W::Interval)>{interval}</td>
                    <td class="num" data-label=cx.t(W::Visitors)>{about(*left)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Steps)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::After)}</th>
                    <th scope="col">{cx.t(W::Left)}</th>
                    <th scope="col" class="num">{cx.t(W::Interval)}</th>
                    <th scope="col" class="num">{cx.t(W::Visitors)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// Where nobody has come by yet, outside forms.
pub(super) fn no_traffic(cx: &Cx, window: &TrafficWindow) -> AnyView {
    let environment = cx.t(EnvironmentWord::of(window.environment));
    empty(Empty {
        mark: Icon::Members,
        title: cx.t(W::Title),
        text: cx.f(WhatIfWord::EmptyText, &[environment]),
        next: None,
    })
}
