//! Buttons that change a form, without the page loading afresh.

use leptos::prelude::*;

/// In the element with id `region`, a pressed button marked `data-swap` sends its form as ever,
/// but only the region is taken from the answer. Whatever goes wrong: the form is sent plainly.
/// A choice marked `data-lists` with some of its values gives the field beside it the
/// suggestions `data-list` while one of them is chosen.
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
        Element, Event, HtmlButtonElement, HtmlElement, HtmlFormElement, HtmlSelectElement,
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
        let choice: HtmlSelectElement = event.target()?.dyn_into().ok()?;
        let (values, list) = (
            choice.get_attribute("data-lists")?,
            choice.get_attribute("data-list")?,
        );
        let beside = choice.closest("span").ok().flatten()?;
        let beside = beside.next_element_sibling()?;
        match values.split(' ').any(|value| value == choice.value()) {
            true => beside.set_attribute("list", &list).ok(),
            false => beside.remove_attribute("list").ok(),
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
