//! What pages of an object's history have in common: two states to compare, the way back, and
//! all states there were.

use leptos::prelude::*;
use nexus_control::views::AuditRow;

use crate::cx::Cx;
use crate::host::Form;
use crate::pages::audit::row::{actor, did};
use crate::text::revisions::RevisionsWord as W;
use crate::ui::{Field, panel, select, when};

/// Which two are compared, by their numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    pub from: u64,
    pub to: u64,
}

impl Compared {
    /// What the URL asks for. Of one state alone: how it differs from the newest, which is what
    /// going back to it would change; of the newest: what its change was.
    #[must_use]
    pub fn of_form(form: &Form, newest: u64) -> Self {
        let to = form.get("to").parse().unwrap_or(newest);
        let from = form.get("from").parse();
        let other = match to < newest {
            true => newest,
            false => newest.saturating_sub(1).max(1),
        };
        Self {
            from: from.unwrap_or(other),
            to,
        }
    }
}

/// A state there was.
pub(super) struct Past<'a> {
    pub(super) number: u64,
    pub(super) at_ms: i64,
    pub(super) change: Option<&'a AuditRow>,
    /// Of all or of none of a history.
    pub(super) badge: Option<AnyView>,
}

/// The choice of two, what differs between them, and the way back.
pub(super) fn view_compare(
    cx: &Cx,
    numbers: impl Iterator<Item = u64>,
    compared: Compared,
    changes: AnyView,
    restore: AnyView,
) -> AnyView {
    let numbers = numbers.map(|number| number.to_string());
    let numbers: Vec<(String, String)> = numbers
        .map(|number| (number.clone(), cx.f(W::Number, &[&number])))
        .collect();
    let choice = |name: &'static str, word: W, chosen: u64| {
        let field = Field::new(name, cx.t(word));
        select(field, name, &chosen.to_string(), numbers.clone())
    };
    let said = [compared.from.to_string(), compared.to.to_string()];
    let body = view! {
        <form class="form-fields" method="get">
            <div class="trio">
                {choice("from", W::From, compared.from)} {choice("to", W::To, compared.to)}
            </div>
            <div class="form-act">
                <button class="button" type="submit">
                    {cx.t(W::Show)}
                </button>
            </div>
        </form>
        <h3>{cx.f(W::Changes, &[&said[0], &said[1]])}</h3>
        {changes}
        {restore}
    };
    panel("changes", cx.t(W::Compare), ().into_any(), body.into_any())
}

/// The way from the newest state back to another. `may` says why not.
pub(super) fn view_restore(
    cx: &Cx,
    may: Result<(), String>,
    help: &str,
    newest: u64,
    to: u64,
) -> AnyView {
    let (disabled, help) = match may {
        Ok(()) => (false, help.to_owned()),
        Err(reason) => (true, reason),
    };
    view! {
        <form class="act-form" method="post" action=cx.here()>
            <input type="hidden" name="version" value=newest.to_string() />
            <input type="hidden" name="revision" value=to.to_string() />
            <p class="quiet">{help}</p>
            <button class="button" type="submit" disabled=disabled>
                {cx.f(W::Restore, &[&to.to_string()])}
            </button>
        </form>
    }
    .into_any()
}

/// All states there were.
pub(super) fn view_all<'a>(
    cx: &Cx,
    title: &'static str,
    newest: u64,
    all: impl Iterator<Item = Past<'a>>,
) -> AnyView {
    let mut has_badges = false;
    let row = |past: Past<'_>| {
        let number = past.number;
        let what = match past.change {
            Some(change) => {
                let entry = &change.entry;
                format!("{} · {}", actor(cx, entry), did(cx, entry)).into_any()
            }
            // The log is not open to the reader, or has no entry of it.
            None => view! { <span class="quiet">{cx.t(W::Unknown)}</span> }.into_any(),
        };
        let current =
            (number == newest).then(|| view! { <span class="quiet">{cx.t(W::Current)}</span> });
        has_badges |= past.badge.is_some();
        let badge = past
            .badge
            .map(|badge| view! { <td data-label=cx.t(W::State)>{badge}</td> });
        view! {
            <tr>
                <th scope="row">
                    <a href=format!("?to={number}")>{cx.f(W::Number, &[&number.to_string()])}</a>
                    " "
                    {current}
                </th>
                <td data-label=cx.t(W::What)>{what}</td>
                {badge}
                <td data-label=cx.t(W::When)>{when(cx, past.at_ms)}</td>
            </tr>
        }
    };
    let rows = all.map(row).collect_view();
    let table = view! {
        <table class="table stack">
            <caption class="sr">{title}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Revision)}</th>
                    <th scope="col">{cx.t(W::What)}</th>
                    {has_badges.then(|| view! { <th scope="col">{cx.t(W::State)}</th> })}
                    <th scope="col">{cx.t(W::When)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    };
    panel("all", title, ().into_any(), table.into_any())
}
