//! Navigation: the sidebar on wide screens, the bar at the bottom on phones.

use leptos::prelude::*;

use super::nav::{Group, Place};
use super::{PRODUCT, logo};
use crate::cx::Cx;
use crate::text::shell::Shell;
use crate::ui::{Icon, icon};

#[must_use]
pub(super) fn sidebar(cx: &Cx, here: Option<Place>) -> AnyView {
    let groups = Group::ALL
        .into_iter()
        .map(|group| (group, group.places(cx)))
        .filter(|(_, places)| !places.is_empty())
        .map(|(group, places)| {
            let items = places
                .into_iter()
                .map(|place| item(cx, place, here))
                .collect_view();
            view! {
                <div class="nav-group">
                    {group.name().map(|name| view! { <p class="nav-heading">{cx.t(name)}</p> })}
                    <ul>{items}</ul>
                </div>
            }
        })
        .collect_view();
    view! {
        <aside class="sidebar">
            <a class="brand" href="/">
                {logo(cx)} <span>{PRODUCT}</span>
            </a>
            // Without a script it leads to what can be searched.
            <a
                class="palette-open"
                href="/experiments"
                data-palette=""
                aria-keyshortcuts="Control+K Meta+K"
            >
                {icon(Icon::Search)} <span>{cx.t(Shell::Palette)}</span> <kbd>{if cx.mac { "⌘K" } else { "Ctrl K" }}</kbd>
            </a>
            <nav class="nav" aria-label=cx.t(Shell::Primary)>
                {groups}
            </nav>
        </aside>
    }
    .into_any()
}

fn item(cx: &Cx, place: Place, here: Option<Place>) -> AnyView {
    let current = (here == Some(place)).then_some("page");
    view! {
        <li>
            <a class="nav-item" href=place.path aria-current=current>
                {icon(place.mark)} <span>{cx.t(place.name)}</span>
            </a>
        </li>
    }
    .into_any()
}

/// Four places at the thumb, the rest behind "More"; opens without a script.
#[must_use]
pub(super) fn tabbar(cx: &Cx, here: Option<Place>) -> AnyView {
    let all: Vec<Place> = Group::ALL
        .into_iter()
        .flat_map(|group| group.places(cx))
        .collect();
    let (first, rest) = all.split_at(all.len().min(3));
    let tab = |place: &Place| {
        let current = (here == Some(*place)).then_some("page");
        view! {
            <a class="tab" href=place.path aria-current=current>
                {icon(place.mark)} <span>{cx.t(place.name)}</span>
            </a>
        }
    };
    let tabs = first.iter().map(tab).collect_view();
    let more = rest
        .iter()
        .map(|place| item(cx, *place, here))
        .collect_view();
    let more_here = rest.iter().any(|place| here == Some(*place));
    view! {
        <nav class="tabbar" aria-label=cx.t(Shell::Quick)>
            {tabs}
            <details class="tab-more" name="menu">
                <summary class="tab" aria-current=more_here.then_some("true")>
                    {icon(Icon::More)}
                    <span>{cx.t(Shell::More)}</span>
                </summary>
                <ul class="sheet">{more}</ul>
            </details>
        </nav>
    }
    .into_any()
}
