//! Rules in words.

use leptos::prelude::*;
use nexus_domain::flag::Rule;
use nexus_flags::{BASIS_POINTS, Targeting};
use serde_json::Value;

use super::needs::view_needs;
use crate::cx::Cx;
use crate::format::bp;
use crate::pages::audience::country_names;
use crate::pages::condition::view_condition;
use crate::text::domain::{DeviceWord, OperatorWord};
use crate::text::flags::FlagWord as W;
use crate::zone::Zone;

/// A value as short as it fits into a sentence; the whole stands elsewhere.
#[must_use]
pub(crate) fn short_value(value: &Value) -> String {
    const MOST: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// What a rule does, as one sentence.
#[must_use]
pub(super) fn sentence(cx: &Cx, rule: &Rule) -> String {
    let value = short_value(&rule.value);
    let shares = shares(rule, cx.now_ms);
    if shares == [0] {
        return cx.f(W::Nobody, &[&value]);
    }
    let all = shares == [BASIS_POINTS];
    let grows = shares.len() > 1;
    let share: Vec<String> = shares.into_iter().map(bp).collect();
    let share = share.join("% → ");
    let said = match (who(cx, &rule.targeting), all) {
        (None, true) => cx.f(W::Everybody, &[&value]),
        (None, false) => cx.f(W::Share, &[&share, &value]),
        (Some(who), true) => cx.f(W::Who, &[&who, &value]),
        (Some(who), false) => cx.f(W::WhoShare, &[&share, &who, &value]),
    };
    match grows {
        true => cx.f(W::Now, &[&said, &bp(given_now(rule, cx.now_ms))]),
        false => said,
    }
}

/// The share that gets the value at this moment: none before the start and after the end.
fn given_now(rule: &Rule, now_ms: i64) -> u16 {
    let schedule = &rule.schedule;
    let is_to_come = schedule.start_ms.is_some_and(|start_ms| now_ms < start_ms);
    let is_over = schedule.end_ms.is_some_and(|end_ms| now_ms >= end_ms);
    match is_to_come || is_over {
        true => 0,
        false => rule.coverage_at(now_ms),
    }
}

/// Now, or its start where that is still to come.
fn in_force_ms(rule: &Rule, now_ms: i64) -> i64 {
    rule.schedule.start_ms.unwrap_or(now_ms).max(now_ms)
}

/// The share that holds, before the start that which holds from it on.
fn share_now(rule: &Rule, now_ms: i64) -> u16 {
    rule.coverage_at(in_force_ms(rule, now_ms))
}

/// That share and those that follow.
fn shares(rule: &Rule, now_ms: i64) -> Vec<u16> {
    let from_ms = in_force_ms(rule, now_ms);
    let later = rule.ramp.iter().filter(|step| step.from_ms > from_ms);
    let later = later.filter(|step| rule.schedule.end_ms.is_none_or(|end| step.from_ms < end));
    let later = later.map(|step| step.coverage_bp);
    let mut shares: Vec<u16> = std::iter::once(share_now(rule, now_ms))
        .chain(later)
        .collect();
    shares.dedup();
    shares
}

fn who(cx: &Cx, targeting: &Targeting) -> Option<String> {
    let mut parts = Vec::new();
    if !targeting.countries.is_empty() {
        let names = country_names(cx, &targeting.countries);
        parts.push(cx.f(W::IfCountry, &[&names.join(cx.t(W::OrMore))]));
    }
    if !targeting.devices.is_empty() {
        let names = targeting.devices.iter().map(|d| cx.t(DeviceWord::of(*d)));
        let names: Vec<&str> = names.collect();
        parts.push(cx.f(W::IfDevice, &[&names.join(cx.t(W::OrMore))]));
    }
    for rule in &targeting.attributes {
        let operator = cx.t(OperatorWord::of(rule.operator));
        let values = rule.values.join(cx.t(W::OrMore));
        parts.push(cx.f(W::IfAttribute, &[&rule.name, operator, &values]));
    }
    if targeting.condition.is_some() {
        parts.push(cx.t(W::IfCondition).to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(cx.t(W::And)))
}

/// From when and until when and how it grows, in the rule's own zone; nothing when always.
#[must_use]
pub(super) fn schedule(cx: &Cx, rule: &Rule) -> Vec<String> {
    let zone = zone_of(rule);
    let schedule = &rule.schedule;
    // A ramp says itself what holds from the start on.
    let from = schedule.start_ms.filter(|_| rule.ramp.is_empty());
    let from = from.map(|ms| cx.f(W::From, &[&zone.minute(ms, cx.lang)]));
    let until = schedule.end_ms;
    let until = until.map(|ms| cx.f(W::Until, &[&zone.minute(ms, cx.lang)]));
    let times = from.into_iter().chain(steps(cx, rule)).chain(until);
    times.collect()
}

/// Its steps, in the rule's own zone.
#[must_use]
pub(super) fn steps(cx: &Cx, rule: &Rule) -> Vec<String> {
    let zone = zone_of(rule);
    let start_ms = rule.schedule.start_ms.filter(|_| !rule.ramp.is_empty());
    let first = start_ms.map(|ms| (ms, rule.coverage_at(ms)));
    let later = rule
        .ramp
        .iter()
        .map(|step| (step.from_ms, step.coverage_bp));
    let later = later.filter(|(ms, _)| start_ms.is_none_or(|start| *ms > start));
    let all = first.into_iter().chain(later);
    all.map(|(ms, share)| cx.f(W::Ramp, &[&zone.minute(ms, cx.lang), &bp(share)]))
        .collect()
}

fn zone_of(rule: &Rule) -> Zone {
    Zone::parse(&rule.schedule.timezone).unwrap_or(Zone::UTC)
}

/// The rules as an ordered list, ending with what everybody else gets.
#[must_use]
pub(super) fn view_rules(cx: &Cx, rules: &[Rule], otherwise: &Value) -> AnyView {
    let items = rules.iter().map(|rule| view_rule(cx, rule)).collect_view();
    view! {
        <ol class="flag-rules">
            {items}
            <li class="flag-otherwise">
                <p>{cx.f(W::Otherwise, &[&short_value(otherwise)])}</p>
            </li>
        </ol>
    }
    .into_any()
}

fn view_rule(cx: &Cx, rule: &Rule) -> AnyView {
    let off =
        (!rule.enabled).then(|| view! { <span class="chip neutral">{cx.t(W::RuleOff)}</span> });
    let name = (!rule.name.is_empty()).then(|| view! { <strong>{rule.name.clone()}</strong> });
    let times = schedule(cx, rule);
    let times = (!times.is_empty()).then(|| view! { <p class="quiet">{times.join(" · ")}</p> });
    let note = (!rule.description.is_empty())
        .then(|| view! { <p class="quiet prose">{rule.description.clone()}</p> });
    let condition = rule
        .targeting
        .condition
        .as_ref()
        .map(|condition| view_condition(cx, condition));
    let needs = view_needs(cx, &rule.prerequisites);
    let held = (!rule.holdouts.is_empty()).then(|| {
        let links = rule.holdouts.iter().map(|id| {
            view! { <a class="mono" href=format!("/holdouts/{id}")>{id.clone()}</a> " " }
        });
        view! { <p class="needs">{cx.t(W::HeldOut)} " " {links.collect_view()}</p> }
    });
    let exempt = rule.holdout_exemption.as_ref();
    let exempt = exempt.map(|reason| view! { <p class="needs">{cx.f(W::Exempt, &[reason])}</p> });
    let share = f64::from(share_now(rule, cx.now_ms)) / 100.0;
    view! {
        <li class=if rule.enabled { "flag-rule" } else { "flag-rule off" }>
            <p class="flag-rule-head">{name} {off} <code class="row-id">{rule.id.clone()}</code></p>
            <p>{sentence(cx, rule)}</p>
            <meter class="share" min="0" max="100" value=share.to_string() aria-hidden="true"></meter>
            {condition}
            {needs}
            {held}
            {exempt}
            {times}
            {note}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use nexus_flags::RampStep;

    use super::*;

    #[test]
    fn the_share_of_now_stands_with_those_that_follow() {
        let step = |from_ms, coverage_bp| RampStep {
            from_ms,
            coverage_bp,
        };
        let mut rule = Rule::for_everybody(true.into());
        assert_eq!(shares(&rule, 0), [BASIS_POINTS]);
        rule.coverage_bp = 5_000;
        rule.ramp = vec![step(10, 500), step(20, 2_500), step(30, 5_000)];
        assert_eq!(shares(&rule, 5), [5_000, 500, 2_500, 5_000]);
        rule.schedule.start_ms = Some(10);
        assert_eq!(
            shares(&rule, 5),
            [500, 2_500, 5_000],
            "held from the start on"
        );
        assert_eq!(shares(&rule, 20), [2_500, 5_000]);
        assert_eq!(shares(&rule, 30), [5_000]);
        assert_eq!([5, 20].map(|now_ms| given_now(&rule, now_ms)), [0, 2_500]);
        rule.schedule.end_ms = Some(30);
        assert_eq!(shares(&rule, 20), [2_500]);
    }
}
