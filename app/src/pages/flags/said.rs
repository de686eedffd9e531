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
    let coverage_bp = rule.coverage_at(cx.now_ms);
    if coverage_bp == 0 {
        return cx.f(W::Nobody, &[&value]);
    }
    let share = bp(coverage_bp);
    let all = coverage_bp == BASIS_POINTS;
    match (who(cx, &rule.targeting), all) {
        (None, true) => cx.f(W::Everybody, &[&value]),
        (None, false) => cx.f(W::Share, &[&share, &value]),
        (Some(who), true) => cx.f(W::Who, &[&who, &value]),
        (Some(who), false) => cx.f(W::WhoShare, &[&share, &who, &value]),
    }
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
    let zone = Zone::parse(&rule.schedule.timezone).unwrap_or(Zone::UTC);
    let local = |ms: i64| format!("{} ({})", zone.local(ms).replace('T', " "), zone.name());
    let from = rule
        .schedule
        .start_ms
        .map(|ms| cx.f(W::From, &[&local(ms)]));
    let until = rule.schedule.end_ms.map(|ms| cx.f(W::Until, &[&local(ms)]));
    from.into_iter()
        .chain(ramp(cx, rule))
        .chain(until)
        .collect()
}

/// Its steps, in the rule's own zone.
#[must_use]
pub(super) fn ramp(cx: &Cx, rule: &Rule) -> Vec<String> {
    let zone = Zone::parse(&rule.schedule.timezone).unwrap_or(Zone::UTC);
    let steps = rule.ramp.iter().map(|step| {
        let local = zone.local(step.from_ms).replace('T', " ");
        let local = format!("{local} ({})", zone.name());
        cx.f(W::Ramp, &[&local, &bp(step.coverage_bp)])
    });
    steps.collect()
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
    let share = f64::from(rule.coverage_at(cx.now_ms)) / 100.0;
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
