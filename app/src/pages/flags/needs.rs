//! What a flag needs of others, and what needs it.

use leptos::prelude::*;
use nexus_control::views::{FlagDetail, Use};
use nexus_domain::flag::FlagStatus;
use nexus_flags::Prerequisite;

use crate::cx::Cx;
use crate::pages::prerequisites::prerequisite;
use crate::pages::saved_groups::url_of_use;
use crate::text::flags::FlagWord as W;
use crate::text::saved_groups::SavedGroupWord;
use crate::ui::{Callout, Tone, callout, panel};

/// What must hold first, as one sentence; nothing where nothing must.
#[must_use]
pub(super) fn view_needs(cx: &Cx, all: &[Prerequisite]) -> Option<AnyView> {
    let said: Vec<String> = all.iter().map(|one| prerequisite(cx, one)).collect();
    let text = cx.f(W::Needs, &[&said.join(cx.t(W::And))]);
    (!all.is_empty()).then(|| view! { <p class="needs">{text}</p> }.into_any())
}

/// Flags and experiments that need this one; nothing where none does.
#[must_use]
pub(super) fn needed_by(cx: &Cx, detail: &FlagDetail) -> Option<AnyView> {
    (!detail.needed_by.is_empty()).then(|| {
        let list = uses(cx, detail, &detail.needed_by);
        let name = cx.t(W::NeededBy);
        panel("needed-by", name, ().into_any(), list)
    })
}

/// Running experiments that set the flag, and what its switch means for them; nothing where
/// none does.
#[must_use]
pub(super) fn set_by(cx: &Cx, detail: &FlagDetail) -> Option<AnyView> {
    (!detail.set_by.is_empty()).then(|| {
        let (tone, text) = match detail.flag.status() {
            FlagStatus::On => (Tone::Accent, W::SetText),
            FlagStatus::Off => (Tone::Warn, W::SetOffText),
            FlagStatus::Archived => (Tone::Warn, W::SetArchivedText),
        };
        let body = view! {
            <p>{cx.t(text)}</p>
            {uses(cx, detail, &detail.set_by)}
        };
        callout(Callout {
            tone,
            title: cx.t(W::SetTitle).to_owned(),
            body: body.into_any(),
        })
    })
}

/// Why it can't be archived, with the way to each that needs it; nothing where none does.
#[must_use]
pub(super) fn view_needed(cx: &Cx, detail: &FlagDetail) -> Option<AnyView> {
    (!detail.needed_by.is_empty()).then(|| {
        let body = view! {
            <p>{cx.t(W::ArchiveNeeded)}</p>
            {uses(cx, detail, &detail.needed_by)}
        };
        callout(Callout {
            tone: Tone::Warn,
            title: cx.t(W::ArchiveBlocked).to_owned(),
            body: body.into_any(),
        })
    })
}

fn uses(cx: &Cx, detail: &FlagDetail, all: &[Use]) -> AnyView {
    let environment = detail.flag.environment;
    let items = all
        .iter()
        .map(|used| {
            view! {
                <li>
                    <a href=url_of_use(environment, used)>{used.name.clone()}</a>
                    " "
                    <span class="quiet">{cx.t(SavedGroupWord::of_use(used.kind))}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="use-list">{items}</ul> }.into_any()
}
