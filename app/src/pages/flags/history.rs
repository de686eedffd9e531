//! `/flags/{environment}/{key}/history`: every state, what changed between two, the way back.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::FlagRevisions;
use nexus_domain::access::Action;
use nexus_domain::flag::{Flag, FlagChange, FlagDraft, FlagPlace, Rule, changes};
use nexus_domain::{Environment, FieldProblem};
use nexus_flags::{Prerequisite, Targeting};
use serde_json::Value;

use super::form::day;
use super::{flag_badge, home, no_such_page, url_of};
use crate::cx::Cx;
use crate::format::bp;
use crate::host::{Answer, Form, Visit, see_other};
use crate::pages::audience::conditions;
use crate::pages::condition::condition_text;
use crate::pages::experiments::parts::allowed;
use crate::pages::prerequisites::prerequisite;
use crate::pages::problems::summary;
use crate::pages::revisions::{self, Compared, Past};
use crate::shell::{Page, Place};
use crate::text::flags::{
    FlagFormWord, FlagHistoryWord as W, FlagListWord, FlagStatusWord, TryWord,
};
use crate::text::revisions::RevisionsWord;
use crate::ui::page_head;

pub async fn show(visit: Visit, Path((environment, key)): Path<(String, String)>) -> Answer {
    page(&visit, &environment, &key, StatusCode::OK, &[]).await
}

pub async fn restore(
    visit: Visit,
    Path((environment, key)): Path<(String, String)>,
    body: String,
) -> Answer {
    let at = Environment::parse(&environment).ok_or_else(|| no_such_page(&visit))?;
    let form = Form::parse(&body);
    let number = |name: &str| form.get(name).parse().unwrap_or(0);
    let (version, revision) = (number("version"), number("revision"));
    let console = &visit.console;
    let done = console.restore_flag(&visit.actor, at, &key, version, revision);
    match done.await {
        Ok(_) => Ok(see_other(&format!("{}?done=restored", url_of(at, &key)))),
        Err(Error::Invalid(problems)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            page(&visit, &environment, &key, status, &problems).await
        }
        Err(error) => Err(visit.fail(&error)),
    }
}

async fn page(
    visit: &Visit,
    environment: &str,
    key: &str,
    status: StatusCode,
    problems: &[FieldProblem],
) -> Answer {
    let environment = Environment::parse(environment).ok_or_else(|| no_such_page(visit))?;
    let all = visit
        .console
        .flag_revisions(&visit.actor, environment, key)
        .await
        .map_err(|e| visit.fail(&e))?;
    let compared = Compared::of_form(&Form::parse(&visit.cx.query), all.current.version);
    Ok(visit.page_with(status, |cx| view_history(cx, &all, compared, problems)))
}

pub fn view_history(
    cx: &Cx,
    all: &FlagRevisions,
    compared: Compared,
    problems: &[FieldProblem],
) -> Page {
    let current = &all.current;
    let title = cx.f(W::Title, &[&current.name]);
    let may_go_back = allowed(cx, Action::EditFlag, Some(current.environment)).is_ok();
    let mut past = all.revisions.iter();
    let lead = match may_go_back && past.any(|r| would_change(current, &r.flag)) {
        true => W::Lead,
        false => W::LeadOnly,
    };
    let lead = view! { <p>{cx.t(lead)}</p> }.into_any();
    let of = |number: u64| all.revisions.iter().find(|r| r.flag.version == number);
    let two = of(compared.from).zip(of(compared.to));
    let compare = two.map(|(from, to)| view_compare(cx, all, &from.flag, &to.flag));
    let body = view! {
        {page_head(title.clone(), lead, ().into_any())}
        {(!problems.is_empty()).then(|| summary(cx, problems))}
        {compare}
        {view_list(cx, all)}
    };
    Page::new(title, Place::FLAGS, body.into_any())
        .below("/flags", cx.t(FlagListWord::Title))
        .below(home(current), current.name.clone())
}

fn view_compare(cx: &Cx, all: &FlagRevisions, from: &Flag, to: &Flag) -> AnyView {
    let compared = Compared {
        from: from.version,
        to: to.version,
    };
    let states = [from, to].map(|flag| cx.t(FlagStatusWord::of(flag.status())));
    let state = revisions::view_states(cx, compared, states);
    let found = changes(&FlagDraft::of(from), &FlagDraft::of(to));
    let changes = view! {
        {state}
        {view_changes(cx, &found, (&from.rules, &to.rules))}
    };
    let numbers = all.revisions.iter().map(|r| r.flag.version);
    let restore = view_restore(cx, &all.current, compared, to);
    revisions::view_compare(cx, numbers, compared, changes.into_any(), restore)
}

/// What differs, part by part. The rules are those of both states, so that each is called by
/// its name.
#[must_use]
pub(super) fn view_changes(cx: &Cx, found: &[FlagChange], rules: (&[Rule], &[Rule])) -> AnyView {
    if found.is_empty() {
        return view! { <p class="quiet">{cx.t(RevisionsWord::Same)}</p> }.into_any();
    }
    let rows = found
        .iter()
        .map(|change| {
            let said = |value: &Option<Value>| said(cx, change.at, value.as_ref());
            view! {
                <tr>
                    <th scope="row">{part_name(cx, change, rules)}</th>
                    <td data-label=cx.t(RevisionsWord::Before)>
                        {revisions::was(cx, said(&change.before))}
                    </td>
                    <td data-label=cx.t(RevisionsWord::After)>
                        {revisions::becomes(cx, said(&change.after))}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="table diff stack">
            <caption class="sr">{cx.t(RevisionsWord::Compare)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(RevisionsWord::Field)}</th>
                    <th scope="col">{cx.t(RevisionsWord::Before)}</th>
                    <th scope="col">{cx.t(RevisionsWord::After)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// What the change is about: "Rule r2 “Staff first”: coverage".
#[must_use]
pub(super) fn part_name(cx: &Cx, change: &FlagChange, rules: (&[Rule], &[Rule])) -> String {
    let id = change.rule.as_deref().unwrap_or_default();
    let mut both = rules.1.iter().chain(rules.0);
    let rule = match both.find(|rule| rule.id == id && !rule.name.is_empty()) {
        Some(rule) => format!("{id} {}", cx.f(TryWord::RuleName, &[&rule.name])),
        None => id.to_owned(),
    };
    let word = match change.at {
        FlagPlace::Name => W::Name,
        FlagPlace::Description => W::Description,
        FlagPlace::Value => W::Value,
        FlagPlace::Schema => W::Schema,
        FlagPlace::Permanent => W::Permanent,
        FlagPlace::Due => W::Due,
        FlagPlace::Order => W::Order,
        FlagPlace::Rule => W::Rule,
        FlagPlace::RuleName => W::RuleName,
        FlagPlace::RuleDescription => W::RuleDescription,
        FlagPlace::RuleEnabled => W::RuleEnabled,
        FlagPlace::RuleTargeting => W::RuleTargeting,
        FlagPlace::RuleCoverage => W::RuleCoverage,
        FlagPlace::RuleRamp => W::RuleRamp,
        FlagPlace::RuleValue => W::RuleValue,
        FlagPlace::RuleSchedule => W::RuleSchedule,
        FlagPlace::Prerequisites => W::Prerequisites,
        FlagPlace::RulePrerequisites => W::RulePrerequisites,
        FlagPlace::RuleHoldouts => W::RuleHoldouts,
        FlagPlace::RuleHoldoutExemption => W::RuleHoldoutExemption,
    };
    cx.f(word, &[&rule])
}

/// What stood there, as people say it; empty where nothing stood.
#[must_use]
pub(super) fn said(cx: &Cx, at: FlagPlace, value: Option<&Value>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let text = || match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match at {
        FlagPlace::RuleHoldoutExemption if value.is_null() => String::new(),
        FlagPlace::Name | FlagPlace::Description | FlagPlace::RuleHoldoutExemption => text(),
        FlagPlace::RuleName | FlagPlace::RuleDescription => text(),
        FlagPlace::Value | FlagPlace::RuleValue => value.to_string(),
        FlagPlace::Schema | FlagPlace::Due if value.is_null() => String::new(),
        FlagPlace::Schema => value.to_string(),
        FlagPlace::Due => value.as_i64().map_or_else(text, day),
        FlagPlace::Permanent => cx
            .t(match value.as_bool() {
                Some(true) => FlagFormWord::Permanent,
                _ => FlagFormWord::Temporary,
            })
            .to_owned(),
        FlagPlace::Order => {
            let ids = value.as_array().into_iter().flatten();
            let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
            ids.join(" → ")
        }
        FlagPlace::Rule => match serde_json::from_value::<Rule>(value.clone()) {
            Ok(rule) => super::said::sentence(cx, &rule),
            Err(_) => value.to_string(),
        },
        FlagPlace::RuleEnabled => {
            let on = value.as_bool().unwrap_or_default();
            cx.t(if on {
                FlagStatusWord::On
            } else {
                FlagStatusWord::Off
            })
            .to_owned()
        }
        FlagPlace::RuleTargeting => match serde_json::from_value::<Targeting>(value.clone()) {
            Ok(targeting) => {
                let mut lines = conditions(cx, &targeting);
                let condition = targeting.condition.as_ref();
                lines.extend(condition.map(|condition| condition_text(cx, condition)));
                match lines.is_empty() {
                    true => cx.t(W::AllUsers).to_owned(),
                    false => lines.join("\n"),
                }
            }
            Err(_) => value.to_string(),
        },
        FlagPlace::RuleCoverage => {
            let share = value.as_u64().and_then(|share| u16::try_from(share).ok());
            share.map_or_else(text, |share| format!("{}%", bp(share)))
        }
        FlagPlace::RuleRamp => {
            let rule = Rule {
                ramp: serde_json::from_value(value.clone()).unwrap_or_default(),
                ..Rule::for_everybody(Value::Null)
            };
            super::said::steps(cx, &rule).join("\n")
        }
        FlagPlace::Prerequisites | FlagPlace::RulePrerequisites => {
            let needs = serde_json::from_value::<Vec<Prerequisite>>(value.clone());
            let needs = needs.unwrap_or_default();
            let lines: Vec<String> = needs.iter().map(|need| prerequisite(cx, need)).collect();
            lines.join("\n")
        }
        FlagPlace::RuleHoldouts => {
            let ids = value.as_array().into_iter().flatten();
            let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
            ids.join(", ")
        }
        FlagPlace::RuleSchedule => {
            let rule = Rule {
                schedule: serde_json::from_value(value.clone()).unwrap_or_default(),
                ..Rule::for_everybody(Value::Null)
            };
            let times = super::said::schedule(cx, &rule);
            match times.is_empty() {
                true => cx.t(W::Always).to_owned(),
                false => times.join("\n"),
            }
        }
    }
}

/// Whether going back to it is possible and changes anything.
fn would_change(current: &Flag, to: &Flag) -> bool {
    !current.archived && !changes(&FlagDraft::of(current), &FlagDraft::of(to)).is_empty()
}

/// The way back, unless it is where we are.
fn view_restore(cx: &Cx, current: &Flag, compared: Compared, to: &Flag) -> AnyView {
    if !would_change(current, to) {
        return ().into_any();
    }
    let may = allowed(cx, Action::EditFlag, Some(current.environment));
    let help = cx.t(W::RestoreHelp);
    revisions::view_restore(cx, may, help, current.version, compared)
}

fn view_list(cx: &Cx, all: &FlagRevisions) -> AnyView {
    let past = all.revisions.iter().map(|revision| Past {
        number: revision.flag.version,
        at_ms: revision.flag.updated_ms,
        change: revision.change.as_ref(),
        badge: Some(flag_badge(cx, revision.flag.status())),
    });
    revisions::view_all(cx, cx.t(W::Short), all.current.version, past)
}
