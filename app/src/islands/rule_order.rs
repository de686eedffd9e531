//! The order of a form's rules: by button, by dragging. The buttons are submit buttons of the
//! form, so that the server does the same when no script runs.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleOrderWords {
    /// "Rule {0}".
    pub title: String,
    /// "Move rule {0} up".
    pub up: String,
    pub down: String,
    pub remove: String,
    /// "Now rule {0}".
    pub moved: String,
}

/// Moves and removes the elements marked `data-rule` in the element with id `list`. Each holds
/// the fields of one rule; the order in the document is the order that is sent.
#[island]
pub fn RuleOrder(list: String, words: RuleOrderWords) -> impl IntoView {
    let said = RwSignal::new(String::new());
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        browser::watch(&list, words.clone(), said);
        #[cfg(not(feature = "hydrate"))]
        let _ = (&list, &words.title, said);
    });
    view! {
        <p class="sr" role="status">
            {move || said.get()}
        </p>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::RefCell;
    use std::rc::Rc;

    use leptos::prelude::{RwSignal, Set, document};
    use wasm_bindgen::JsCast;
    use web_sys::{DragEvent, Element, Event, HtmlButtonElement, HtmlElement, Node};

    use super::super::dom::{all, on};
    use super::RuleOrderWords;

    const RULE: &str = "[data-rule]";

    pub(super) fn watch(list: &str, words: RuleOrderWords, said: RwSignal<String>) {
        let Some(list) = document().get_element_by_id(list) else {
            return;
        };
        let pressed = (list.clone(), words.clone());
        on(&list, "click", move |event| {
            let (list, words) = &pressed;
            if press(list, &event).is_some() {
                event.prevent_default();
                renumber(list, words, said);
            }
        });
        let dragged = Rc::new(RefCell::new(None::<Element>));
        let taken = dragged.clone();
        on(&list, "dragstart", move |event| {
            let grip = closest(&event, "[data-grip]");
            let rule = grip.and_then(|grip| grip.closest(RULE).ok().flatten());
            let transfer = event
                .dyn_ref::<DragEvent>()
                .and_then(DragEvent::data_transfer);
            if let (Some(rule), Some(transfer)) = (rule, transfer) {
                // Some browsers drag nothing that has no data.
                drop(transfer.set_data("text/plain", ""));
                transfer.set_drag_image(&rule, 12, 12);
                *taken.borrow_mut() = Some(rule);
            }
        });
        let over = (list.clone(), dragged.clone());
        on(&list, "dragover", move |event| {
            let held = over.1.borrow();
            let (Some(held), Some(drag)) = (held.as_ref(), event.dyn_ref::<DragEvent>()) else {
                return;
            };
            event.prevent_default();
            let Some(rule) = closest(&event, RULE).filter(|rule| rule != held) else {
                return;
            };
            let bounds = rule.get_bounding_client_rect();
            let below = f64::from(drag.client_y()) > bounds.top() + bounds.height() / 2.0;
            let before = match below {
                true => rule.next_sibling(),
                false => Some(rule.into()),
            };
            if before.as_ref() != Some(held.as_ref() as &Node) {
                drop(over.0.insert_before(held, before.as_ref()));
            }
        });
        let dropped = list.clone();
        on(&list, "drop", |event| event.prevent_default());
        on(&list.clone(), "dragend", move |_| {
            if let Some(rule) = dragged.borrow_mut().take() {
                renumber(&dropped, &words, said);
                say_where(&dropped, &rule, &words, said);
            }
        });
    }

    fn closest(event: &Event, selector: &str) -> Option<Element> {
        let target: Element = event.target()?.dyn_into().ok()?;
        target.closest(selector).ok().flatten()
    }

    /// Does what the pressed button says; none when it was no button of a rule.
    fn press(list: &Element, event: &Event) -> Option<()> {
        let button = closest(event, "[data-act]")?;
        let rule = button.closest(RULE).ok().flatten()?;
        let rules: Vec<Element> = all(list, RULE);
        let at = rules.iter().position(|one| *one == rule)?;
        match button.get_attribute("data-act")?.as_str() {
            "up" => {
                let above = rules.get(at.checked_sub(1)?)?;
                list.insert_before(&rule, Some(above)).ok()?;
            }
            "down" => {
                let below = rules.get(at + 1)?;
                list.insert_before(below, Some(&rule)).ok()?;
            }
            _ => {
                let next = rules.get(at + 1).or_else(|| rules.get(at.checked_sub(1)?));
                let next = next.cloned().unwrap_or_else(|| list.clone());
                rule.remove();
                focus(&next);
                return Some(());
            }
        }
        // A moved element loses the focus.
        focus(&button);
        Some(())
    }

    fn focus(element: &Element) {
        if let Some(element) = element.dyn_ref::<HtmlElement>() {
            drop(element.focus());
        }
    }

    /// Names and positions follow the order.
    fn renumber(list: &Element, words: &RuleOrderWords, said: RwSignal<String>) {
        for (i, rule) in all::<Element>(list, RULE).iter().enumerate() {
            let named = |words: &str| words.replace("{0}", &(i + 1).to_string());
            for title in all::<Element>(rule, "[data-words=title]") {
                title.set_text_content(Some(&named(&words.title)));
            }
            for button in all::<HtmlButtonElement>(rule, "[data-act]") {
                let act = button.get_attribute("data-act").unwrap_or_default();
                let label = match act.as_str() {
                    "up" => &words.up,
                    "down" => &words.down,
                    _ => &words.remove,
                };
                button.set_value(&format!("{act}:{i}"));
                drop(button.set_attribute("aria-label", &named(label)));
            }
        }
        if let Some(active) = document().active_element()
            && let Ok(Some(rule)) = active.closest(RULE)
        {
            say_where(list, &rule, words, said);
        }
    }

    fn say_where(list: &Element, rule: &Element, words: &RuleOrderWords, said: RwSignal<String>) {
        let rules: Vec<Element> = all(list, RULE);
        if let Some(at) = rules.iter().position(|one| one == rule) {
            said.set(words.moved.replace("{0}", &(at + 1).to_string()));
        }
    }
}
