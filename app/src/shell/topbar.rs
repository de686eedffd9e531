//! The bar above a page: where one is, how fresh it is, who.

use leptos::prelude::*;

use super::menus::{account, preferences};
use super::{PRODUCT, Page, logo};
use crate::cx::Cx;
use crate::host::Live;
use crate::islands::{LiveRegion, LiveWords, Source};
use crate::text::shell::Shell;
use crate::ui::{Icon, icon, relative_words};

#[must_use]
pub(super) fn topbar(cx: &Cx, page: &Page) -> AnyView {
    let trail = page
        .trail
        .iter()
        .map(|(href, title)| {
            view! {
                <li>
                    <a href=href.clone()>{title.clone()}</a>
                </li>
            }
        })
        .collect_view();
    view! {
        <header class="topbar">
            <a class="brand phone" href="/" aria-label=PRODUCT>
                {logo(cx)}
            </a>
            <nav class="trail" aria-label=cx.t(Shell::Trail)>
                <ol>
                    {trail} <li aria-current="page">{page.title.clone()}</li>
                </ol>
            </nav>
            {live(cx, page.live)}
            <a
                class="bar-button phone"
                href="/experiments"
                data-palette=""
                aria-label=cx.t(Shell::Palette)
            >
                {icon(Icon::Search)}
            </a>
            {preferences(cx)}
            {account(cx)}
        </header>
    }
    .into_any()
}

fn live(cx: &Cx, moves: bool) -> AnyView {
    let words = LiveWords {
        updated: cx.t(Shell::Updated).to_owned(),
        pause: cx.t(Shell::Pause).to_owned(),
        resume: cx.t(Shell::Resume).to_owned(),
        paused: cx.t(Shell::LivePaused).to_owned(),
        offline: cx.t(Shell::LiveOffline).to_owned(),
    };
    let source = match (moves, cx.live) {
        (false, _) => Source::None,
        (true, Live::Stream) => Source::Stream,
        (true, Live::Poll) => Source::Poll,
    };
    let relative = relative_words(cx);
    view! { <LiveRegion words=words relative=relative source=source server_ms=cx.now_ms /> }
        .into_any()
}
