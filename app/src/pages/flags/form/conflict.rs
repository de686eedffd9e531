//! Somebody else saved in between: what each of the two changed since the form was opened.

use leptos::prelude::*;
use nexus_domain::flag::{Flag, FlagChange, FlagDraft, FlagPlace, Rule, changes};
use serde_json::Value;

use crate::cx::Cx;
use crate::pages::flags::history::{part_name, said};
use crate::pages::revisions::{becomes, or_nothing};
use crate::text::flags::FlagHistoryWord as W;
use crate::text::form::FormWord;
use crate::text::revisions::RevisionsWord;
use crate::ui::{Callout, Tone, callout};

pub struct FlagConflict {
    name: String,
    rules: Vec<Rule>,
    parts: Vec<Part>,
}

/// One part that somebody changed.
struct Part {
    change: FlagChange,
    base: Option<Value>,
    theirs: Option<Value>,
    mine: Option<Value>,
    by: (bool, bool),
}

type Place<'c> = (FlagPlace, Option<&'c str>);

fn place(change: &FlagChange) -> Place<'_> {
    (change.at, change.rule.as_deref())
}

impl FlagConflict {
    /// `base` is what the form was opened at; without it, what is there now.
    #[must_use]
    pub fn new(base: Option<&Flag>, now: &Flag, mine: &FlagDraft) -> Self {
        let base = FlagDraft::of(base.unwrap_or(now));
        let mine = named(mine);
        let theirs = changes(&base, &FlagDraft::of(now));
        let yours = changes(&base, &mine);
        let of = |all: &[FlagChange], at: Place<'_>| all.iter().find(|c| place(c) == at).cloned();
        let only_yours = yours
            .iter()
            .filter(|change| of(&theirs, place(change)).is_none());
        let parts = theirs.iter().chain(only_yours).map(|change| {
            let (their, your) = (of(&theirs, place(change)), of(&yours, place(change)));
            let by = (their.is_some(), your.is_some());
            let after = |one: Option<FlagChange>| match one {
                Some(changed) => changed.after,
                None => change.before.clone(),
            };
            Part {
                base: change.before.clone(),
                theirs: after(their),
                mine: after(your),
                change: change.clone(),
                by,
            }
        });
        let parts = parts.collect();
        let rules = mine.rules.iter().chain(&now.rules).cloned().collect();
        Self {
            name: now.name.clone(),
            rules,
            parts,
        }
    }
}

/// Rules that have no id yet get one for the comparison, each its own.
fn named(draft: &FlagDraft) -> FlagDraft {
    let mut draft = draft.clone();
    for (number, rule) in (1..).zip(&mut draft.rules) {
        if rule.id.is_empty() {
            rule.id = format!("+{number}");
        }
    }
    draft
}

pub(super) fn view_conflict(cx: &Cx, conflict: &FlagConflict, href: &str) -> AnyView {
    let rows = conflict
        .parts
        .iter()
        .map(|part| {
            let at = part.change.at;
            let both = (part.by == (true, true)).then(|| {
                view! { <span class="chip warn">{cx.t(W::Both)}</span> }
            });
            let mark = |changed: bool, value: &Option<Value>| {
                let text = said(cx, at, value.as_ref());
                match changed {
                    true => becomes(cx, text),
                    false => or_nothing(cx, text, |text| {
                        view! { <span class="quiet">{text}</span> }.into_any()
                    }),
                }
            };
            view! {
                <tr>
                    <th scope="row">
                        {part_name(cx, &part.change, (&conflict.rules, &[]))} " " {both}
                    </th>
                    <td data-label=cx.t(W::Before)>
                        {or_nothing(cx, said(cx, at, part.base.as_ref()), IntoAny::into_any)}
                    </td>
                    <td data-label=cx.t(W::Theirs)>{mark(part.by.0, &part.theirs)}</td>
                    <td data-label=cx.t(W::Yours)>{mark(part.by.1, &part.mine)}</td>
                </tr>
            }
        })
        .collect_view();
    let table = match conflict.parts.is_empty() {
        true => view! { <p>{cx.t(W::ConflictSame)}</p> }.into_any(),
        false => view! {
            <p>{cx.t(W::ConflictText)}</p>
            <table class="table diff stack">
                <thead>
                    <tr>
                        <th scope="col">{cx.t(RevisionsWord::Field)}</th>
                        <th scope="col">{cx.t(W::Before)}</th>
                        <th scope="col">{cx.t(W::Theirs)}</th>
                        <th scope="col">{cx.t(W::Yours)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any(),
    };
    let body = view! {
        {table}
        <p>
            <a href=format!("{href}/edit")>{cx.t(FormWord::TakeTheirs)}</a>
        </p>
    };
    let shown = callout(Callout {
        tone: Tone::Warn,
        title: cx.f(W::ConflictTitle, &[&conflict.name]),
        body: body.into_any(),
    });
    view! {
        <div id="conflict" role="alert" tabindex="-1" autofocus=true>
            {shown}
        </div>
    }
    .into_any()
}
