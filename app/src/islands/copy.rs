//! Copies a text to the clipboard.

use leptos::prelude::*;

/// Hidden until it is awake, because without a script it could do nothing.
#[island]
pub fn CopyButton(text: String, label: String, done: String) -> impl IntoView {
    let awake = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move |_| awake.set(true));
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        {
            let promise = window().navigator().clipboard().write_text(&text);
            wasm_bindgen_futures::spawn_local(async move {
                if wasm_bindgen_futures::JsFuture::from(promise).await.is_ok() {
                    copied.set(true);
                    set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
                }
            });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = (&text, copied);
    };
    view! {
        <button type="button" class="copy" hidden=move || !awake.get() on:click=copy>
            <span aria-live="polite">
                {move || if copied.get() { done.clone() } else { label.clone() }}
            </span>
        </button>
    }
}
