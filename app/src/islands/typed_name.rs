//! Typing a name to confirm: the button wakes when the name is right.

use std::time::Duration;

use leptos::prelude::*;

use super::alert::alert;

/// Whoever leaves the field for a button or a link has pressed it by then: what is said must not
/// move it away from under the pointer.
const AFTER_LEAVING: Duration = Duration::from_millis(200);

/// A field and the submit button it guards. The server checks the name again,
/// so without a script the button is simply always usable.
#[island]
pub fn TypedName(
    expected: String,
    /// "Type … to confirm".
    label: String,
    /// Words of the button.
    action: String,
    /// What was typed before, when the page comes back with an error.
    value: String,
    /// What is said of another name.
    wrong: String,
    /// It is said from the start: the server has refused what was typed.
    refused: bool,
) -> impl IntoView {
    let typed = RwSignal::new(value.clone());
    let awake = RwSignal::new(false);
    let told = RwSignal::new(refused);
    let field = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        // Whoever is fast has typed before this woke up.
        if let Some(field) = field.get() {
            typed.set(field.value());
        }
        awake.set(true);
    });
    let expected = StoredValue::new(expected);
    let is_right = move |typed: &String| expected.with_value(|name| typed.trim() == name.as_str());
    let asleep = move || awake.get() && !typed.with(is_right);
    let follow = move |event: leptos::ev::Event| {
        typed.set(event_target_value(&event));
        if typed.with_untracked(is_right) {
            told.set(false);
        }
    };
    let left = move |_: leptos::ev::FocusEvent| {
        let tell = move || told.set(!typed.with_untracked(is_right));
        // An empty field has just been passed by.
        if !typed.with_untracked(|typed| typed.trim().is_empty()) {
            set_timeout(tell, AFTER_LEAVING);
        }
    };
    let press = move |event: leptos::ev::MouseEvent| {
        if typed.with_untracked(is_right) {
            return;
        }
        event.prevent_default();
        told.set(true);
        if let Some(field) = field.get_untracked() {
            drop(field.focus());
        }
    };
    let class = move || match told.get() {
        true => "field invalid",
        false => "field",
    };
    view! {
        <div class=class>
            <label class="field-label" for="typed">
                {label}
            </label>
            <input
                id="typed"
                node_ref=field
                name="typed"
                type="text"
                value=value
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-invalid=move || told.get().then_some("true")
                aria-describedby=move || told.get().then_some("typed-error")
                on:input=follow
                on:blur=left
            />
            <p class="field-error" id="typed-error" hidden=move || !told.get()>
                {alert()}
                <span>{wrong}</span>
            </p>
        </div>
        <button
            type="submit"
            class="button danger"
            aria-disabled=move || asleep().then_some("true")
            on:click=press
        >
            {action}
        </button>
    }
}
