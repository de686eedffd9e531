//! Keeps a page fresh: hears of changes, fetches the page again and swaps what
//! is marked `data-live`, says how old it is, and lets people pause it.
//! On every page it keeps relative times true.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::RelativeWords;

/// Words of the little clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LiveWords {
    /// "Updated {0}".
    pub updated: String,
    pub pause: String,
    pub resume: String,
    pub paused: String,
    /// The console can't be reached.
    pub offline: String,
}

/// How the page hears of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The page shows nothing that moves.
    None,
    /// Server-sent events.
    Stream,
    /// Asks again every ten seconds.
    Poll,
}

#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hydrate"),
    expect(dead_code, reason = "the server renders the first state only")
)]
enum State {
    Fresh,
    Paused,
    Offline,
}

/// `server_ms` is the server's clock when the page was made.
#[island]
pub fn LiveRegion(
    words: LiveWords,
    relative: RelativeWords,
    source: Source,
    server_ms: i64,
) -> impl IntoView {
    let awake = RwSignal::new(false);
    let state = RwSignal::new(State::Fresh);
    // Server times of now and of the last refresh.
    let now_ms = RwSignal::new(server_ms);
    let updated_ms = RwSignal::new(server_ms);
    let spoken = relative.clone();
    Effect::new(move |_| {
        awake.set(true);
        #[cfg(feature = "hydrate")]
        browser::start(source, state, now_ms, updated_ms, relative.clone());
        #[cfg(not(feature = "hydrate"))]
        let _ = &relative;
    });
    let label = {
        let words = words.clone();
        move || match state.get() {
            State::Fresh => words
                .updated
                .replace("{0}", &spoken.say(now_ms.get(), updated_ms.get())),
            State::Paused => words.paused.clone(),
            State::Offline => words.offline.clone(),
        }
    };
    let toggle = move |_| {
        state.update(|s| {
            *s = if *s == State::Paused {
                State::Fresh
            } else {
                State::Paused
            }
        });
    };
    let class = move || match state.get() {
        State::Fresh => "live fresh",
        State::Paused => "live paused",
        State::Offline => "live offline",
    };
    view! {
        <div class=class hidden=move || !awake.get() || source == Source::None>
            <span class="live-dot" aria-hidden="true"></span>
            <span class="live-text">{label}</span>
            <button
                type="button"
                class="live-toggle"
                aria-pressed=move || if state.get() == State::Paused { "true" } else { "false" }
                on:click=toggle
            >
                <span class="live-word">
                    {move || if state.get() == State::Paused { words.resume.clone() } else { words.pause.clone() }}
                </span>
            </button>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::{Cell, RefCell};
    use std::collections::HashMap;
    use std::rc::Rc;
    use std::time::Duration;

    use leptos::prelude::*;
    use web_sys::{Element, EventSource};

    use super::super::dom::{all, get_text, in_use, on, parse, swap};
    use super::{RelativeWords, Source, State};

    /// Between two refreshes at least.
    const PAUSE_S: u32 = 2;
    const POLL_S: u32 = 10;
    /// Relative times are rewritten this often.
    const TIMES_S: u32 = 5;

    /// What one page keeps between ticks.
    struct Page {
        stale: Cell<bool>,
        busy: Cell<bool>,
        since_refresh_s: Cell<u32>,
        stream: RefCell<Option<EventSource>>,
        /// What each region was last filled with.
        shown: RefCell<HashMap<String, String>>,
    }

    pub(super) fn start(
        source: Source,
        state: RwSignal<State>,
        now_ms: RwSignal<i64>,
        updated_ms: RwSignal<i64>,
        words: RelativeWords,
    ) {
        let page = Rc::new(Page {
            stale: Cell::new(false),
            busy: Cell::new(false),
            since_refresh_s: Cell::new(0),
            stream: RefCell::new(None),
            shown: RefCell::default(),
        });
        let skew_ms = now_ms.get_untracked() - js_sys::Date::now() as i64;
        listen(source, &page);
        let ticks = Cell::new(0u32);
        let tick = move || {
            now_ms.set(js_sys::Date::now() as i64 + skew_ms);
            ticks.set(ticks.get().wrapping_add(1));
            if ticks.get().is_multiple_of(TIMES_S) {
                rewrite_times(&words, now_ms.get_untracked());
            }
            let waited = page.since_refresh_s.get() + 1;
            page.since_refresh_s.set(waited);
            let due = match source {
                Source::None => false,
                Source::Stream => page.stale.get() && waited >= PAUSE_S,
                Source::Poll => waited >= POLL_S,
            };
            if due
                && !page.busy.get()
                && !document().hidden()
                && state.get_untracked() != State::Paused
            {
                refresh(Rc::clone(&page), state, now_ms, updated_ms, words.clone());
            }
        };
        set_interval(tick, Duration::from_secs(1));
    }

    /// One stream while the page is visible; browsers allow few connections.
    fn listen(source: Source, page: &Rc<Page>) {
        if source != Source::Stream {
            return;
        }
        let page = Rc::clone(page);
        let follow = move || {
            if document().hidden() {
                if let Some(stream) = page.stream.take() {
                    stream.close();
                }
            } else if page.stream.borrow().is_none()
                && let Ok(stream) = EventSource::new("/live")
            {
                let told = Rc::clone(&page);
                on(&stream, "message", move |_| told.stale.set(true));
                page.stream.replace(Some(stream));
            }
        };
        follow();
        on(&document(), "visibilitychange", move |_| follow());
    }

    fn refresh(
        page: Rc<Page>,
        state: RwSignal<State>,
        now_ms: RwSignal<i64>,
        updated_ms: RwSignal<i64>,
        words: RelativeWords,
    ) {
        page.busy.set(true);
        page.stale.set(false);
        page.since_refresh_s.set(0);
        wasm_bindgen_futures::spawn_local(async move {
            let url = window().location().href().unwrap_or_default();
            let html = get_text(&url).await;
            page.busy.set(false);
            // Paused, or gone to another filter, while the answer was on its way.
            let moved = window().location().href().is_ok_and(|now| now != url);
            if moved || state.get_untracked() == State::Paused {
                return;
            }
            let fresh = html.as_deref().and_then(parse);
            let Some(fresh) = fresh else {
                state.set(State::Offline);
                page.stale.set(true);
                return;
            };
            let Some(body) = document().body() else {
                return;
            };
            if client(&fresh) != client(&document()) {
                // The console was upgraded: its new pages need their new client.
                if !in_use(&body) {
                    drop(window().location().reload());
                }
                return;
            }
            for region in all::<Element>(&body, "[data-live][id]") {
                let Some(new) = fresh.get_element_by_id(&region.id()) else {
                    continue;
                };
                let html = new.inner_html();
                let same = page.shown.borrow().get(&region.id()) == Some(&html);
                if !same && swap(&region, &new) {
                    page.shown.borrow_mut().insert(region.id(), html);
                }
            }
            rewrite_times(&words, now_ms.get_untracked());
            updated_ms.set(now_ms.get_untracked());
            state.set(State::Fresh);
        });
    }

    /// The address of the client a page was made for.
    fn client(page: &web_sys::Document) -> Option<String> {
        let script = page.query_selector("script[data-client]").ok().flatten();
        script?.get_attribute("data-client")
    }

    fn rewrite_times(words: &RelativeWords, now_ms: i64) {
        let Some(body) = document().body() else {
            return;
        };
        for time in all::<Element>(&body, "time[data-ms]") {
            let then = time.get_attribute("data-ms").and_then(|ms| ms.parse().ok());
            if let Some(then_ms) = then {
                let text = words.say(now_ms, then_ms);
                if time.text_content().as_deref() != Some(&text) {
                    time.set_text_content(Some(&text));
                }
            }
        }
    }
}
