//! The frame around every page: document, navigation, top bar.

mod document;
mod menus;
mod nav;
mod palette;
mod sidebar;
mod topbar;

pub use document::{bare, document};
pub use menus::{SIGN_IN, SIGN_OUT};
pub use nav::{Place, System};

use leptos::prelude::*;

use crate::cx::Cx;

/// One page, ready to be put into the frame.
pub struct Page {
    pub title: String,
    pub place: Option<Place>,
    /// Pages above this one: path and title.
    pub trail: Vec<(String, String)>,
    /// Whether it shows what moves by itself.
    pub live: bool,
    pub body: AnyView,
}

impl Page {
    #[must_use]
    pub fn new(title: impl Into<String>, place: Place, body: AnyView) -> Self {
        Self {
            title: title.into(),
            place: Some(place),
            trail: Vec::new(),
            live: false,
            body,
        }
    }

    #[must_use]
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    #[must_use]
    pub fn below(mut self, href: impl Into<String>, title: impl Into<String>) -> Self {
        self.trail.push((href.into(), title.into()));
        self
    }
}

/// Name of the product, on every page's title.
pub const PRODUCT: &str = "Nexus Admin";

/// The mark: one path that splits in two, drawn as an N.
#[must_use]
pub fn logo(_cx: &Cx) -> AnyView {
    view! {
        <svg class="logo" viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" focusable="false">
            <path class="logo-body" d="M5.5 19V5l13 14V5" />
            <circle class="logo-node" cx="5.5" cy="5" r="2.4" />
            <circle class="logo-node" cx="18.5" cy="19" r="2.4" />
        </svg>
    }
    .into_any()
}
