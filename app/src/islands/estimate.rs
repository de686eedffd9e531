//! An estimate that follows what is typed.

use leptos::prelude::*;

/// In the form around the element with id `region`: whenever what would be sent has changed
/// and nobody types for a moment, the form is sent as its button `estimate` would, and the
/// region taken from the answer. The button stays for those without a script. Where it fails,
/// the region's `data-failed` is said; saving is none of its business. The first line goes into
/// the element `<region>-said`, which is read out.
#[island]
pub fn LiveEstimate(region: String) -> impl IntoView {
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        browser::watch(&region);
        #[cfg(not(feature = "hydrate"))]
        let _ = &region;
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;
    use std::time::Duration;

    use leptos::prelude::{document, set_timeout};
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlFormElement};

    use super::super::dom::{
        fill, form_body, on, on_way_down, open_again, open_details, parse, post_form,
    };

    /// Nobody has typed for so long.
    const PAUSE: Duration = Duration::from_millis(500);

    struct Estimate {
        region: Element,
        form: HtmlFormElement,
        /// What the region tells of.
        told: RefCell<Option<String>>,
        /// Only the newest question may change the page.
        newest: Cell<u32>,
    }

    pub(super) fn watch(region: &str) {
        let Some(region) = document().get_element_by_id(region) else {
            return;
        };
        let form = region.closest("form").ok().flatten();
        let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        let estimate = Rc::new(Estimate {
            told: RefCell::new(typed(&form)),
            region,
            form: form.clone(),
            newest: Cell::new(0),
        });
        for event in ["input", "change", "click", "keyup", "drop"] {
            let estimate = Rc::clone(&estimate);
            on(&form, event, move |_| estimate.soon());
        }
        // Rows that came or went; the region itself says nothing new.
        on_way_down(&form, "nexus:swapped", move |event| {
            let own: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
            if own.is_none_or(|own| own.id() != estimate.region.id()) {
                estimate.soon();
            }
        });
    }

    fn typed(form: &HtmlFormElement) -> Option<String> {
        Some(form_body(form)?.to_string().into())
    }

    impl Estimate {
        fn soon(self: &Rc<Self>) {
            let ticket = self.newest.get().wrapping_add(1);
            self.newest.set(ticket);
            let estimate = Rc::clone(self);
            let later = move || {
                if estimate.newest.get() == ticket {
                    estimate.ask(ticket);
                }
            };
            set_timeout(later, PAUSE);
        }

        fn ask(self: &Rc<Self>, ticket: u32) {
            let now = typed(&self.form);
            if now.is_none() || now == *self.told.borrow() {
                return;
            }
            let estimate = Rc::clone(self);
            drop(self.region.set_attribute("aria-busy", "true"));
            wasm_bindgen_futures::spawn_local(async move {
                let answer = post_form(&estimate.form, "do", "estimate").await;
                if estimate.newest.get() != ticket {
                    // Another one is under way or soon will be.
                    return;
                }
                drop(estimate.region.remove_attribute("aria-busy"));
                estimate.told.replace(now);
                if answer.and_then(|html| estimate.show(&html)).is_none() {
                    let failed = estimate.region.get_attribute("data-failed");
                    estimate.region.set_text_content(failed.as_deref());
                    estimate.say();
                }
            });
        }

        /// Puts the first line where it is read out: the element `<region>-said`.
        fn say(&self) {
            let line = self.region.query_selector("p, summary").ok().flatten();
            let line = line.unwrap_or_else(|| self.region.clone()).text_content();
            if let Some(said) = document().get_element_by_id(&format!("{}-said", self.region.id()))
            {
                said.set_text_content(line.as_deref());
            }
        }

        fn show(&self, html: &str) -> Option<()> {
            let fresh = parse(html)?.get_element_by_id(&self.region.id())?;
            // What was opened stays open.
            let open = open_details(&self.region);
            fill(&self.region, &fresh);
            open_again(&self.region, &open);
            self.say();
            Some(())
        }
    }
}
