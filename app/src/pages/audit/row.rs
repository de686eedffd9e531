//! One entry as a line.

use leptos::prelude::*;
use nexus_control::views::AuditRow;
use nexus_domain::audit::{Cause, Entry};

use super::reason::reason;
use crate::cx::Cx;
use crate::text::audit::{AuditWord as W, Did};
use crate::ui::{actor_mark, when};

/// What was done, in words; as recorded when the action is unknown.
#[must_use]
pub fn did(cx: &Cx, entry: &Entry) -> String {
    Did::of(&entry.action).map_or_else(|| entry.action.clone(), |did| cx.t(did).to_owned())
}

/// The entry's object by the name that the entry gives it, linked where it has a page.
#[must_use]
pub fn object(entry: &Entry) -> AnyView {
    // The log itself is named by what was done to it.
    if entry.object_kind == "audit" {
        return ().into_any();
    }
    let id = entry.object_id.clone();
    let href = match entry.object_kind.as_str() {
        "experiment" => Some(format!("/experiments/{id}")),
        "flag" => Some(format!("/flags/{id}")),
        "saved_group" => Some(format!("/saved-groups/{id}")),
        "holdout" => Some(format!("/holdouts/{id}")),
        "member" => Some(format!("/settings/members/{id}")),
        "sdk_key" => Some(format!("/settings/sdk-keys/{id}")),
        "token" => Some("/settings/tokens".to_owned()),
        _ => None,
    };
    let name = match entry.cause() {
        Some(Cause::Member { email: name, .. })
        | Some(Cause::Token { name, .. })
        | Some(Cause::MadeSdkKey { name, .. })
        | Some(Cause::Template { name, .. }) => Some(name),
        _ => None,
    };
    let said = name.unwrap_or_else(|| id.clone());
    match href {
        Some(href) => view! {
            <a class="object" href=href title=id>
                {said}
            </a>
        }
        .into_any(),
        None => view! {
            <span class="object" title=id>
                {said}
            </span>
        }
        .into_any(),
    }
}

/// Who did it, in the person's language where the console named it.
#[must_use]
pub(crate) fn actor(cx: &Cx, entry: &Entry) -> String {
    let word = match (entry.actor_kind.as_str(), entry.actor.as_str()) {
        ("system", "guardrail") => W::ActorGuardrail,
        ("system", "publisher") => W::ActorPublisher,
        ("system", "schedule") => W::ActorSchedule,
        ("system", "retention") => W::ActorRetention,
        ("system", "recompute") => W::ActorRecompute,
        (_, name) => return cx.named(name).to_owned(),
    };
    cx.t(word).to_owned()
}

/// A short list for panels.
#[must_use]
pub fn compact(cx: &Cx, rows: &[AuditRow]) -> AnyView {
    let items = rows
        .iter()
        .map(|row| {
            let entry = &row.entry;
            view! {
                <li class="event">
                    {actor_mark(&entry.actor_kind, &entry.actor)} <div class="event-text">
                        <p>
                            <span class="event-actor">{actor(cx, entry)}</span>
                            " "
                            <a class="event-did" href=format!("/audit/{}", entry.seq)>
                                {did(cx, entry)}
                            </a>
                            " " {object(entry)}
                        </p>
                        {reason(cx, entry)
                            .map(|reason| view! { <p class="event-reason">{reason}</p> })}
                        <p class="event-when">{when(cx, entry.at_ms)}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="events">{items}</ol> }.into_any()
}
