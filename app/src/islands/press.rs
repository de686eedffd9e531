//! A choice that changes the rest of the form.

use leptos::prelude::*;

/// Presses the button with id `button` when the control with id `watch` changes, and hides
/// the button: it is for those without a script.
#[island]
pub fn PressOnChange(watch: String, button: String) -> impl IntoView {
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        follow(&watch, &button);
        #[cfg(not(feature = "hydrate"))]
        let _ = (&watch, &button);
    });
}

#[cfg(feature = "hydrate")]
fn follow(watch: &str, button: &str) {
    use super::dom::on;
    use wasm_bindgen::JsCast;
    let by_id = |id: &str| document().get_element_by_id(id);
    let button = by_id(button).and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok());
    let (Some(watched), Some(button)) = (by_id(watch), button) else {
        return;
    };
    button.set_hidden(true);
    on(&watched, "change", move |_| button.click());
}
