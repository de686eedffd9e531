//! Empty states: what would be here, why it is not, and the next step.

use leptos::prelude::*;

use super::{Icon, icon};

pub struct Empty {
    pub mark: Icon,
    pub title: &'static str,
    pub text: String,
    /// Where the next step is, and its words.
    pub next: Option<(String, &'static str)>,
}

#[must_use]
pub fn empty(empty: Empty) -> AnyView {
    view! {
        <div class="empty">
            <span class="empty-mark">{icon(empty.mark)}</span>
            <p class="empty-title">{empty.title}</p>
            <p class="empty-text">{empty.text}</p>
            {empty
                .next
                .map(|(href, label)| {
                    view! {
                        <a class="button" href=href>
                            {label}
                        </a>
                    }
                })}
        </div>
    }
    .into_any()
}
