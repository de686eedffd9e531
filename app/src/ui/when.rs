//! Moments: relative at a glance, exact on hover and focus.

use leptos::prelude::*;

use crate::cx::Cx;
use crate::islands::{CopyButton, RelativeWords};
use crate::lang::Words as _;
use crate::text::common::Common;
use crate::zone::rfc3339;

/// The words for relative times, for the server and the island that keeps
/// them fresh.
#[must_use]
pub fn relative_words(cx: &Cx) -> RelativeWords {
    let word = |w: Common| w.text(cx.lang).to_owned();
    RelativeWords {
        now: word(Common::JustNow),
        ago: [
            word(Common::SecondsAgo),
            word(Common::MinutesAgo),
            word(Common::HoursAgo),
            word(Common::DaysAgo),
        ],
        ahead: [
            word(Common::InSeconds),
            word(Common::InMinutes),
            word(Common::InHours),
            word(Common::InDays),
        ],
    }
}

/// `3 min ago` as text.
#[must_use]
pub fn ago(cx: &Cx, ms: i64) -> String {
    relative_words(cx).say(cx.now_ms, ms)
}

/// A relative time that shows the exact one on hover and focus.
#[must_use]
pub fn when(cx: &Cx, ms: i64) -> AnyView {
    view! {
        <span class="when" tabindex="0">
            <time datetime=rfc3339(ms) data-ms=ms.to_string()>
                {ago(cx, ms)}
            </time>
            <span class="tip">{cx.zone.exact(ms, cx.lang)}</span>
        </span>
    }
    .into_any()
}

/// An exact time, for places where the moment itself matters.
#[must_use]
pub fn when_in_words(cx: &Cx, ms: i64) -> AnyView {
    view! { <time datetime=rfc3339(ms)>{cx.zone.minute(ms, cx.lang)}</time> }.into_any()
}

/// To the second, where moments lie close together.
#[must_use]
pub fn when_exactly(cx: &Cx, ms: i64) -> AnyView {
    view! { <time datetime=rfc3339(ms)>{cx.zone.exact(ms, cx.lang)}</time> }.into_any()
}

/// A button that copies `text`; appears only where it can work.
#[must_use]
pub fn copy(cx: &Cx, text: String) -> AnyView {
    let label = cx.t(Common::Copy).to_owned();
    let done = cx.t(Common::Copied).to_owned();
    view! { <CopyButton text=text label=label done=done /> }.into_any()
}
