//! Filters that apply while one types.

use leptos::prelude::*;

/// Watches the GET form with id `form`: changes are fetched and put into the
/// element with id `region`, and the URL follows. An answer that names what is
/// wrong (422) is shown as any other, with its errors at their fields. The form's
/// own button stays for those without a script.
#[island]
pub fn AutoSubmit(form: String, region: String) -> impl IntoView {
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        browser::watch(&form, &region);
        #[cfg(not(feature = "hydrate"))]
        let _ = (&form, &region);
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use leptos::prelude::{document, set_timeout, window};
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlFormElement};

    use super::super::dom::{all, get_page, on, parse, swap};

    pub(super) fn watch(form: &str, region: &str) {
        let found = document().get_element_by_id(form);
        let Some(form) = found.and_then(|f| f.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        let Some(region) = document().get_element_by_id(region) else {
            return;
        };
        // Only the newest request may change the page.
        let newest = Rc::new(Cell::new(0u32));
        let apply = move |form: HtmlFormElement, delay_ms: u64| {
            let ticket = newest.get().wrapping_add(1);
            newest.set(ticket);
            let (newest, region) = (newest.clone(), region.clone());
            let later = move || {
                if newest.get() != ticket {
                    return;
                }
                wasm_bindgen_futures::spawn_local(async move {
                    let Some(url) = url_of(&form) else { return };
                    drop(region.set_attribute("aria-busy", "true"));
                    match get_page(&url).await {
                        Some(html) if newest.get() == ticket => show(&form, &region, &html, &url),
                        Some(_) => {}
                        None => drop(form.submit()),
                    }
                    if newest.get() == ticket {
                        drop(region.remove_attribute("aria-busy"));
                    }
                });
            };
            set_timeout(later, Duration::from_millis(delay_ms));
        };
        let typed = apply.clone();
        let watched = form.clone();
        on(&form, "input", move |event| {
            let kind = event
                .target()
                .and_then(|t| t.dyn_into::<Element>().ok())
                .and_then(|t| t.get_attribute("type"));
            let text = matches!(kind.as_deref(), Some("search" | "text"));
            typed(watched.clone(), if text { 200 } else { 0 });
        });
        let watched = form.clone();
        on(&form, "submit", move |event| {
            event.prevent_default();
            apply(watched.clone(), 0);
        });
    }

    /// The form's GET URL without its empty fields.
    fn url_of(form: &HtmlFormElement) -> Option<String> {
        let data = web_sys::FormData::new_with_form(form).ok()?;
        let params = web_sys::UrlSearchParams::new().ok()?;
        let pairs = js_sys::try_iter(&data).ok()??;
        for pair in pairs.flatten() {
            let pair: js_sys::Array = pair.dyn_into().ok()?;
            let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
            if !value.is_empty() {
                params.append(&name, &value);
            }
        }
        let path = window().location().pathname().ok()?;
        let query: String = params.to_string().into();
        Some(if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        })
    }

    fn show(form: &Element, region: &Element, html: &str, url: &str) {
        let Some(page) = parse(html) else { return };
        let Some(fresh) = page.get_element_by_id(&region.id()) else {
            return;
        };
        swap(region, &fresh);
        // What was wrong when the page was loaded; from now on the fields say it.
        if let Some(summary) = document().get_element_by_id("errors") {
            summary.remove();
        }
        if let Some(answered) = page.get_element_by_id(&form.id()) {
            take_errors(form, &answered);
        }
        if let Ok(history) = window().history() {
            drop(history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(url)));
        }
    }

    /// What the answer says of each field, beside what is typed there.
    fn take_errors(form: &Element, answered: &Element) {
        let (fields, fresh) = (all(form, ".field"), all::<Element>(answered, ".field"));
        for (field, fresh) in fields.iter().zip(&fresh) {
            let field: &Element = field;
            let part = |of: &Element, selector: &str| of.query_selector(selector).ok().flatten();
            field.set_class_name(&fresh.class_name());
            if let Some(old) = part(field, ".field-error") {
                old.remove();
            }
            let error = part(fresh, ".field-error").map(|error| error.outer_html());
            let placed = error.map(|error| match part(field, ".field-help") {
                Some(help) => help.insert_adjacent_html("beforebegin", &error),
                None => field.insert_adjacent_html("beforeend", &error),
            });
            drop(placed);
            let (Some(control), Some(fresh)) = (part(field, "input"), part(fresh, "input")) else {
                continue;
            };
            for name in ["aria-invalid", "aria-describedby"] {
                drop(match fresh.get_attribute(name) {
                    Some(value) => control.set_attribute(name, &value),
                    None => control.remove_attribute(name),
                });
            }
        }
    }
}
