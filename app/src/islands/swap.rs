//! Buttons that change a form, without the page loading afresh.

use leptos::prelude::*;

/// In the element with id `region`, a pressed button marked `data-swap` sends its form as ever,
/// but only the region is taken from the answer. Whatever goes wrong: the form is sent plainly.
/// In what is marked `data-row` the field marked `data-value` gets the suggestions that fit:
/// those of `data-list` while the choice is one of `data-lists`, else those whose id is that of
/// `data-attribute` with the attribute's name behind it, where there are such.
#[island]
pub fn SwapOnPress(region: String) -> impl IntoView {
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        browser::watch(&region);
        #[cfg(not(feature = "hydrate"))]
        let _ = &region;
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;
    use web_sys::{
        Element, Event, HtmlButtonElement, HtmlElement, HtmlFormElement, HtmlInputElement,
        HtmlSelectElement,
    };

    use super::super::dom::{all, fill, on, parse, post_form};

    pub(super) fn watch(region: &str) {
        let Some(region) = document().get_element_by_id(region) else {
            return;
        };
        on(&region, "change", |event| {
            let _ = suggest(&event);
        });
        on(&region.clone(), "click", move |event| {
            let Some((button, form)) = pressed(&event) else {
                return;
            };
            event.prevent_default();
            // What is typed meanwhile would be lost.
            drop(region.set_attribute("inert", ""));
            let region = region.clone();
            wasm_bindgen_futures::spawn_local(async move {
                let asked = (button.name(), button.value());
                let answer = post_form(&form, &asked.0, &asked.1).await;
                // Nothing in it can have the focus before.
                drop(region.remove_attribute("inert"));
                if answer.and_then(|html| show(&region, &html)).is_none() {
                    drop(button.remove_attribute("data-swap"));
                    button.click();
                }
            });
        });
    }

    fn suggest(event: &Event) -> Option<()> {
        let target: Element = event.target()?.dyn_into().ok()?;
        let row = target.closest("[data-row]").ok().flatten()?;
        let part = |selector: &str| row.query_selector(selector).ok().flatten();
        let choice: HtmlSelectElement = part("[data-lists]")?.dyn_into().ok()?;
        let attribute: HtmlInputElement = part("[data-attribute]")?.dyn_into().ok()?;
        let value = part("[data-value]")?;
        let lists = choice.get_attribute("data-lists")?;
        let list = match lists.split(' ').any(|one| one == choice.value()) {
            true => choice.get_attribute("data-list")?,
            false => {
                let prefix = attribute.get_attribute("data-attribute")?;
                format!("{prefix}{}", attribute.value().trim())
            }
        };
        match document().get_element_by_id(&list) {
            Some(_) => value.set_attribute("list", &list).ok(),
            None => value.remove_attribute("list").ok(),
        }
    }

    fn pressed(event: &Event) -> Option<(HtmlButtonElement, HtmlFormElement)> {
        let target: Element = event.target()?.dyn_into().ok()?;
        let button = target.closest("button[data-swap]").ok().flatten()?;
        let button: HtmlButtonElement = button.dyn_into().ok()?;
        let form = button.form()?;
        Some((button, form))
    }

    fn show(region: &Element, html: &str) -> Option<()> {
        let fresh = parse(html)?.get_element_by_id(&region.id())?;
        fill(region, &fresh);
        let focused = all::<HtmlElement>(region, "[autofocus]").into_iter().next();
        if let Some(element) = focused.or_else(|| region.clone().dyn_into().ok()) {
            drop(element.focus());
        }
        Some(())
    }
}
