//! `/flags/{environment}/{key}/history`: every state, what changed between two, the way back.

use axum::extract::Path;
use http::StatusCode;
use leptos::prelude::*;
use nexus_control::Error;
use nexus_control::views::{FlagRevision, FlagRevisions};
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
use crate::pages::audit::row::did;
use crate::pages::condition::condition_text;
use crate::pages::experiments::parts::allowed;
use crate::pages::experiments::revisions::Compared;
use crate::pages::prerequisites::prerequisite;
use crate::pages::problems::summary;
use crate::shell::{Page, Place};
use crate::text::flags::{FlagFormWord, FlagHistoryWord as W, FlagListWord, FlagStatusWord};
use crate::text::revisions::RevisionsWord;
use crate::ui::{Field, page_head, panel, select, when};

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
    let lead = view! { <p>{cx.t(W::Lead)}</p> }.into_any();
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
    let numbers: Vec<(String, String)> = all
        .revisions
        .iter()
        .map(|r| r.flag.version.to_string())
        .map(|number| (number.clone(), cx.f(RevisionsWord::Number, &[&number])))
        .collect();
    let choice = |name: &'static str, word: RevisionsWord, chosen: u64| {
        let field = Field::new(name, cx.t(word));
        select(field, name, &chosen.to_string(), numbers.clone())
    };
    let numbers_said = [from.version.to_string(), to.version.to_string()];
    let title = cx.f(
        RevisionsWord::Changes,
        &[&numbers_said[0], &numbers_said[1]],
    );
    let state = (from.status() != to.status()).then(|| {
        let word = |flag: &Flag| cx.t(FlagStatusWord::of(flag.status()));
        let text = cx.f(RevisionsWord::StateChanged, &[word(from), word(to)]);
        view! { <p>{text}</p> }
    });
    let found = changes(&FlagDraft::of(from), &FlagDraft::of(to));
    let body = view! {
        <form class="form-fields" method="get">
            <div class="trio">
                {choice("from", RevisionsWord::From, from.version)}
                {choice("to", RevisionsWord::To, to.version)}
            </div>
            <div class="form-act">
                <button class="button" type="submit">
                    {cx.t(RevisionsWord::Show)}
                </button>
            </div>
        </form>
        <h3>{title}</h3>
        {state}
        {view_changes(cx, &found, (&from.rules, &to.rules))}
        {view_restore(cx, &all.current, to)}
    };
    let name = cx.t(RevisionsWord::Compare);
    panel("changes", name, ().into_any(), body.into_any())
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
                        <del>{said(&change.before)}</del>
                    </td>
                    <td data-label=cx.t(RevisionsWord::After)>
                        <ins>{said(&change.after)}</ins>
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
        Some(rule) => format!("{id} “{}”", rule.name),
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

/// What stood there, as people say it.
#[must_use]
pub(super) fn said(cx: &Cx, at: FlagPlace, value: Option<&Value>) -> String {
    let Some(value) = value else {
        return cx.t(W::Nothing).to_owned();
    };
    let text = || match value {
        Value::String(text) if text.is_empty() => cx.t(W::Nothing).to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match at {
        FlagPlace::RuleHoldoutExemption if value.is_null() => cx.t(W::Nothing).to_owned(),
        FlagPlace::Name | FlagPlace::Description | FlagPlace::RuleHoldoutExemption => text(),
        FlagPlace::RuleName | FlagPlace::RuleDescription => text(),
        FlagPlace::Value | FlagPlace::RuleValue => value.to_string(),
        FlagPlace::Schema | FlagPlace::Due if value.is_null() => cx.t(W::Nothing).to_owned(),
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
            let steps = super::said::ramp(cx, &rule);
            match steps.is_empty() {
                true => cx.t(W::Nothing).to_owned(),
                false => steps.join("\n"),
            }
        }
        FlagPlace::Prerequisites | FlagPlace::RulePrerequisites => {
            let needs = serde_json::from_value::<Vec<Prerequisite>>(value.clone());
            let needs = needs.unwrap_or_default();
            let lines: Vec<String> = needs.iter().map(|need| prerequisite(cx, need)).collect();
            match lines.is_empty() {
                true => cx.t(W::Nothing).to_owned(),
                false => lines.join("\n"),
            }
        }
        FlagPlace::RuleHoldouts => {
            let ids = value.as_array().into_iter().flatten();
            let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
            match ids.is_empty() {
                true => cx.t(W::Nothing).to_owned(),
                false => ids.join(", "),
            }
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

/// The way back, unless it is where we are.
fn view_restore(cx: &Cx, current: &Flag, to: &Flag) -> AnyView {
    if to.version == current.version || current.archived {
        return ().into_any();
    }
    let may = allowed(cx, Action::EditFlag, Some(current.environment));
    let (disabled, title) = match may {
        Ok(()) => (false, None),
        Err(reason) => (true, Some(reason)),
    };
    view! {
        <form class="act-form" method="post">
            <input type="hidden" name="version" value=current.version.to_string() />
            <input type="hidden" name="revision" value=to.version.to_string() />
            <p class="quiet">{title.unwrap_or_else(|| cx.t(W::RestoreHelp).to_owned())}</p>
            <button class="button" type="submit" disabled=disabled>
                {cx.f(RevisionsWord::Restore, &[&to.version.to_string()])}
            </button>
        </form>
    }
    .into_any()
}

fn view_list(cx: &Cx, all: &FlagRevisions) -> AnyView {
    let rows = all
        .revisions
        .iter()
        .map(|revision| view_row(cx, all, revision))
        .collect_view();
    let table = view! {
        <table class="table stack">
            <caption class="sr">{cx.t(W::Short)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(RevisionsWord::Revision)}</th>
                    <th scope="col">{cx.t(RevisionsWord::What)}</th>
                    <th scope="col">{cx.t(RevisionsWord::State)}</th>
                    <th scope="col">{cx.t(RevisionsWord::When)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    panel("all", cx.t(W::Short), ().into_any(), table.into_any())
}

fn view_row(cx: &Cx, all: &FlagRevisions, revision: &FlagRevision) -> AnyView {
    let flag = &revision.flag;
    let number = flag.version;
    let what = match &revision.change {
        Some(change) => format!("{} · {}", change.entry.actor, did(cx, &change.entry)),
        None => cx.t(RevisionsWord::Unknown).to_owned(),
    };
    let current = (number == all.current.version)
        .then(|| view! { <span class="quiet">{cx.t(RevisionsWord::Current)}</span> });
    view! {
        <tr>
            <th scope="row">
                <a href=format!("?to={number}")>
                    {cx.f(RevisionsWord::Number, &[&number.to_string()])}
                </a>
                " "
                {current}
            </th>
            <td data-label=cx.t(RevisionsWord::What)>{what}</td>
            <td data-label=cx.t(RevisionsWord::State)>{flag_badge(cx, flag.status())}</td>
            <td data-label=cx.t(RevisionsWord::When)>{when(cx, flag.updated_ms)}</td>
        </tr>
    }
    .into_any()
}
