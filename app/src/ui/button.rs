//! Buttons and links that look like them.

use leptos::prelude::*;

use super::{Icon, icon};

/// Whether a control can be used; if not, the reason a person reads.
pub type Allowed = Result<(), String>;

/// A link to an action. When it is not allowed it stays in the tab order,
/// says that it is disabled, and why.
#[must_use]
pub fn act_link(
    class: &'static str,
    mark: Option<Icon>,
    label: &'static str,
    href: String,
    allowed: Allowed,
) -> AnyView {
    match allowed {
        Ok(()) => view! {
            <a class=format!("button {class}") href=href>
                {mark.map(icon)}
                <span>{label}</span>
            </a>
        }
        .into_any(),
        Err(reason) => view! {
            <span class="disabled-control">
                <span
                    class=format!("button {class}")
                    role="link"
                    tabindex="0"
                    aria-disabled="true"
                    aria-description=reason.clone()
                >
                    {mark.map(icon)}
                    <span>{label}</span>
                </span>
                <span class="tip" aria-hidden="true">{reason}</span>
            </span>
        }
        .into_any(),
    }
}

/// The button that sends its form.
#[must_use]
pub fn submit(class: &'static str, label: &'static str) -> AnyView {
    view! {
        <button type="submit" class=format!("button {class}")>
            {label}
        </button>
    }
    .into_any()
}
