//! What pages of an object's history have in common: two states to compare, the way back, and
//! all states there were.

use leptos::prelude::*;
use nexus_control::views::AuditRow;

use crate::cx::Cx;
use crate::host::Form;
use crate::pages::audit::row::{actor, did};
use crate::text::revisions::RevisionsWord as W;
use crate::ui::{Field, Icon, icon, panel, select, when};

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

/// What stood there: nothing is said so.
pub(super) fn was(cx: &Cx, text: String) -> AnyView {
    or_nothing(cx, text, |text| view! { <del>{text}</del> }.into_any())
}

/// What stands there instead.
pub(super) fn becomes(cx: &Cx, text: String) -> AnyView {
    or_nothing(cx, text, |text| view! { <ins>{text}</ins> }.into_any())
}

pub(super) fn or_nothing(cx: &Cx, text: String, mark: impl FnOnce(String) -> AnyView) -> AnyView {
    match text.trim().is_empty() {
        true => view! { <span class="quiet">{cx.t(W::Nothing)}</span> }.into_any(),
        false => mark(text),
    }
}

/// The states in words where they differ. Towards an older one nothing went that way.
pub(super) fn view_states(cx: &Cx, compared: Compared, states: [&str; 2]) -> Option<AnyView> {
    let [from, to] = states;
    let text = match compared.from > compared.to {
        false => cx.f(W::StateChanged, &[from, to]),
        true => {
            let numbers = [compared.from, compared.to].map(|number| number.to_string());
            cx.f(W::StateDiffers, &[&numbers[0], from, &numbers[1], to])
        }
    };
    (from != to).then(|| view! { <p>{text}</p> }.into_any())
}

/// The way from the newest state back to another: where what is shown is what it would change,
/// otherwise the way there. `may` says why not.
pub(super) fn view_restore(
    cx: &Cx,
    may: Result<(), String>,
    help: &str,
    newest: u64,
    compared: Compared,
) -> AnyView {
    let to = compared.to;
    if compared.from != newest {
        let label = cx.f(W::CompareCurrent, &[&to.to_string()]);
        return view! {
            <p class="panel-line">
                <a class="more" href=format!("?from={newest}&to={to}")>
                    {label}
                    {icon(Icon::ArrowRight)}
                </a>
            </p>
        }
        .into_any();
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_back_is_offered_beside_the_newest_only() {
        let cx = Cx::outside_pages();
        let shown = |from, to| {
            let compared = Compared { from, to };
            view_restore(&cx, Ok(()), "", 4, compared).to_html()
        };
        assert!(shown(4, 2).contains("Restore revision 2"));
        let other = shown(1, 2);
        assert!(!other.contains("<form"), "{other}");
        assert!(other.contains("from=4"), "{other}");
    }

    #[test]
    fn towards_an_older_state_nothing_is_said_to_have_happened() {
        let cx = Cx::outside_pages();
        let said = |from, to| {
            let compared = Compared { from, to };
            let view = view_states(&cx, compared, ["Running", "Draft"]);
            view.into_any().to_html()
        };
        assert!(said(3, 1).contains("“Running” in revision 3, “Draft” in revision 1"));
        assert!(said(1, 3).contains("went from “Running” to “Draft”"));
        let cx = Cx::outside_pages();
        let empty = was(&cx, String::new()).to_html();
        assert!(
            empty.contains("nothing") && !empty.contains("<del"),
            "{empty}"
        );
    }
}
