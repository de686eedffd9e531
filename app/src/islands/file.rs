//! A file instead of pasting it.

use leptos::prelude::*;

/// Offers to choose a file, whose text is put into the text area with id `area`. Without a
/// script there is only the text area.
#[island]
pub fn FileIntoText(area: String, label: String) -> impl IntoView {
    let awake = RwSignal::new(false);
    let id = format!("{area}-choice");
    let of = id.clone();
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        awake.set(true);
        #[cfg(not(feature = "hydrate"))]
        let _ = awake;
    });
    let chosen = move |event: leptos::ev::Event| {
        #[cfg(feature = "hydrate")]
        browser::put(&event, &area);
        #[cfg(not(feature = "hydrate"))]
        let _ = (&event, &area);
    };
    view! {
        <div class="field" hidden=move || !awake.get()>
            <label class="field-label" for=of>
                {label}
            </label>
            <input id=id type="file" accept=".json,application/json" on:change=chosen />
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;
    use web_sys::{Event, HtmlInputElement, HtmlTextAreaElement};

    pub(super) fn put(event: &Event, area: &str) {
        let input = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        let file = input.and_then(|input| input.files()?.get(0));
        let area = document().get_element_by_id(area);
        let area = area.and_then(|area| area.dyn_into::<HtmlTextAreaElement>().ok());
        let (Some(file), Some(area)) = (file, area) else {
            return;
        };
        wasm_bindgen_futures::spawn_local(async move {
            let text = wasm_bindgen_futures::JsFuture::from(file.text()).await;
            if let Some(text) = text.ok().and_then(|text| text.as_string()) {
                area.set_value(&text);
            }
        });
    }
}
