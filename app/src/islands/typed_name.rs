//! Typing a name to confirm: the button wakes when the name is right.

use leptos::prelude::*;

use super::alert::alert;

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
    error: Option<String>,
) -> impl IntoView {
    let typed = RwSignal::new(value.clone());
    let awake = RwSignal::new(false);
    let field = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        // Whoever is fast has typed before this woke up.
        if let Some(field) = field.get() {
            typed.set(field.value());
        }
        awake.set(true);
    });
    let wrong = move || awake.get() && typed.with(|t| t.trim() != expected);
    let wrong_again = wrong.clone();
    let has_error = error.is_some();
    view! {
        <div class=if has_error { "field invalid" } else { "field" }>
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
                aria-invalid=has_error.then_some("true")
                aria-describedby=has_error.then_some("typed-error")
                on:input=move |event| typed.set(event_target_value(&event))
            />
            {error.map(|error| {
                view! {
                    <p class="field-error" id="typed-error">
                        {alert()}
                        <span>{error}</span>
                    </p>
                }
            })}
        </div>
        <button
            type="submit"
            class="button danger"
            aria-disabled=move || wrong().then_some("true")
            on:click=move |event| {
                if wrong_again() {
                    event.prevent_default();
                }
            }
        >
            {action}
        </button>
    }
}
