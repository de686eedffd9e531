//! The command palette: pages, actions and entities by keyboard.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Something one can go to or do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub title: String,
    #[serde(default)]
    pub detail: String,
    /// Heading under which it is listed.
    #[serde(default)]
    pub group: String,
    pub href: String,
    /// Further words by which it is found.
    #[serde(default)]
    pub also: String,
    /// Set when it is a POST to `href`: the form's fields.
    #[serde(default)]
    pub post: Option<Vec<(String, String)>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaletteWords {
    pub title: String,
    pub placeholder: String,
    pub nothing: String,
    /// Heading of what the server found.
    pub found: String,
    pub keys: String,
}

/// Opens by Ctrl-K, Cmd-K, `/`, or any element with `data-palette`.
#[island]
pub fn CommandPalette(words: PaletteWords, entries: Vec<Entry>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<Entry>::new());
    let chosen = RwSignal::new(0usize);
    let open = RwSignal::new(false);
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    let field = NodeRef::<leptos::html::Input>::new();
    let group = words.found.clone();

    let shown = Memo::new(move |_| {
        if !open.get() {
            return Vec::new();
        }
        let typed = typed.get();
        let mut list: Vec<Entry> = entries
            .iter()
            .filter(|e| fits(e, &typed))
            .cloned()
            .collect();
        list.extend(found.get());
        list
    });
    Effect::new(move |_| {
        #[cfg(feature = "hydrate")]
        browser::bind_keys(dialog, field, typed, chosen, open);
        #[cfg(not(feature = "hydrate"))]
        let _ = (dialog, field);
    });
    let ask = move |text: String| {
        typed.set(text);
        chosen.set(0);
        #[cfg(feature = "hydrate")]
        browser::ask(typed, found, group.clone());
        #[cfg(not(feature = "hydrate"))]
        let _ = (found, &group);
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        let last = shown.with(Vec::len).saturating_sub(1);
        match event.key().as_str() {
            "ArrowDown" => chosen.update(|i| *i = if *i >= last { 0 } else { *i + 1 }),
            "ArrowUp" => chosen.update(|i| *i = if *i == 0 { last } else { *i - 1 }),
            "Home" => chosen.set(0),
            "End" => chosen.set(last),
            // Enter also ends the composition of Japanese text; that is not a choice.
            "Enter" if !event.is_composing() => {
                if let Some(entry) = shown.with(|s| s.get(chosen.get()).cloned()) {
                    go(&entry);
                }
            }
            _ => return,
        }
        event.prevent_default();
        #[cfg(feature = "hydrate")]
        browser::keep_in_view(chosen.get_untracked());
    };
    let rows = move || {
        let mut before = String::new();
        shown
            .get()
            .into_iter()
            .enumerate()
            .map(|(i, entry)| {
                let heading = (entry.group != before).then(|| entry.group.clone());
                before.clone_from(&entry.group);
                let here = entry.clone();
                view! {
                    {heading.map(|h| view! { <li class="palette-group" role="presentation">{h}</li> })}
                    <li
                        id=format!("palette-{i}")
                        class="palette-row"
                        role="option"
                        aria-selected=move || if chosen.get() == i { "true" } else { "false" }
                        on:click=move |_| go(&here)
                        on:mousemove=move |_| {
                            if chosen.get_untracked() != i {
                                chosen.set(i);
                            }
                        }
                    >
                        <span class="palette-title">{entry.title}</span>
                        <span class="palette-detail">{entry.detail}</span>
                    </li>
                }
            })
            .collect_view()
    };
    let nothing = move || {
        shown
            .with(Vec::is_empty)
            .then(|| view! { <p class="palette-nothing">{words.nothing.clone()}</p> })
    };
    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label=words.title
            on:close=move |_| {
                // It may have been opened again before this is heard.
                #[cfg(feature = "hydrate")]
                open.set(dialog.get_untracked().is_some_and(|dialog| dialog.open()));
                #[cfg(not(feature = "hydrate"))]
                open.set(false);
            }
            on:click=move |event| {
                // A click on the dialog itself is one on its backdrop.
                #[cfg(feature = "hydrate")]
                browser::close_on_backdrop(dialog, &event);
                #[cfg(not(feature = "hydrate"))]
                let _ = event;
            }
        >
            <div class="palette-box">
                <input
                    node_ref=field
                    class="palette-input"
                    type="text"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-autocomplete="list"
                    aria-label=words.placeholder.clone()
                    aria-activedescendant=move || {
                        (!shown.with(Vec::is_empty)).then(|| format!("palette-{}", chosen.get()))
                    }
                    placeholder=words.placeholder
                    autocomplete="off"
                    spellcheck="false"
                    on:input=move |event| ask(event_target_value(&event))
                    on:keydown=key
                />
                <ul class="palette-list" id="palette-list" role="listbox" aria-label=words.found>
                    {rows}
                </ul>
                {nothing}
                <p class="palette-keys" aria-hidden="true">
                    {words.keys}
                </p>
            </div>
        </dialog>
    }
}

/// Whether every typed word is part of the entry.
fn fits(entry: &Entry, typed: &str) -> bool {
    let hay = format!("{} {} {}", entry.title, entry.detail, entry.also).to_lowercase();
    typed
        .to_lowercase()
        .split_whitespace()
        .all(|word| hay.contains(word))
}

fn go(entry: &Entry) {
    #[cfg(feature = "hydrate")]
    browser::go(entry);
    #[cfg(not(feature = "hydrate"))]
    let _ = entry;
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::ev::MouseEvent;
    use leptos::html::{Dialog, Input};
    use leptos::prelude::*;
    use wasm_bindgen::JsCast as _;
    use web_sys::{Element, HtmlFormElement, HtmlInputElement};

    use super::super::dom::{get_text, on};
    use super::Entry;

    pub(super) fn bind_keys(
        dialog: NodeRef<Dialog>,
        field: NodeRef<Input>,
        typed: RwSignal<String>,
        chosen: RwSignal<usize>,
        open: RwSignal<bool>,
    ) {
        let show = move || {
            let Some(dialog) = dialog.get_untracked() else {
                return;
            };
            if dialog.open() {
                return;
            }
            typed.set(String::new());
            chosen.set(0);
            open.set(true);
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
            drop(dialog.show_modal());
        };
        on(&window(), "keydown", move |event| {
            let Ok(key) = event.clone().dyn_into::<web_sys::KeyboardEvent>() else {
                return;
            };
            let shortcut =
                (key.ctrl_key() || key.meta_key()) && key.key().eq_ignore_ascii_case("k");
            let slash = key.key() == "/" && !key.ctrl_key() && !key.meta_key() && !typing(&key);
            if shortcut || slash {
                event.prevent_default();
                show();
            }
        });
        on(&document(), "click", move |event| {
            let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
            let opener = target.and_then(|t| t.closest("[data-palette]").ok().flatten());
            if opener.is_some() {
                event.prevent_default();
                show();
            }
        });
    }

    fn typing(event: &web_sys::KeyboardEvent) -> bool {
        let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        target.is_some_and(|t| {
            t.closest("input,textarea,select,[contenteditable],dialog")
                .ok()
                .flatten()
                .is_some()
        })
    }

    pub(super) fn ask(typed: RwSignal<String>, found: RwSignal<Vec<Entry>>, group: String) {
        let asked = typed.get_untracked();
        if asked.trim().is_empty() {
            found.set(Vec::new());
            return;
        }
        let later = move || {
            if typed.get_untracked() != asked {
                return;
            }
            wasm_bindgen_futures::spawn_local(async move {
                let q = String::from(js_sys::encode_uri_component(&asked));
                let Some(text) = get_text(&format!("/palette?q={q}")).await else {
                    return;
                };
                let Ok(mut hits) = serde_json::from_str::<Vec<Entry>>(&text) else {
                    return;
                };
                if typed.get_untracked() == asked {
                    hits.iter_mut().for_each(|hit| hit.group.clone_from(&group));
                    found.set(hits);
                }
            });
        };
        set_timeout(later, Duration::from_millis(80));
    }

    pub(super) fn keep_in_view(chosen: usize) {
        // After the row has been marked as selected.
        set_timeout(
            move || {
                if let Some(row) = document().get_element_by_id(&format!("palette-{chosen}")) {
                    row.scroll_into_view_with_bool(false);
                }
            },
            Duration::ZERO,
        );
    }

    pub(super) fn close_on_backdrop(dialog: NodeRef<Dialog>, event: &MouseEvent) {
        let Some(dialog) = dialog.get_untracked() else {
            return;
        };
        let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
        if target.is_some_and(|t| &t == dialog.as_ref() as &Element) {
            dialog.close();
        }
    }

    pub(super) fn go(entry: &Entry) {
        match &entry.post {
            None => drop(window().location().assign(&entry.href)),
            Some(fields) => drop(post(&entry.href, fields)),
        }
    }

    /// Sends a form that is not on the page.
    fn post(href: &str, fields: &[(String, String)]) -> Option<()> {
        let form: HtmlFormElement = document().create_element("form").ok()?.dyn_into().ok()?;
        form.set_attribute("method", "post").ok()?;
        form.set_attribute("action", href).ok()?;
        for (name, value) in fields {
            let input: HtmlInputElement =
                document().create_element("input").ok()?.dyn_into().ok()?;
            input.set_type("hidden");
            input.set_name(name);
            input.set_value(value);
            form.append_child(&input).ok()?;
        }
        document().body()?.append_child(&form).ok()?;
        form.submit().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_found_by_all_its_words_in_any_order() {
        let entry = Entry {
            title: "New experiment".to_owned(),
            detail: "Actions".to_owned(),
            group: String::new(),
            href: "/experiments/new".to_owned(),
            also: "create 作成".to_owned(),
            post: None,
        };
        for (typed, expected) in [
            ("", true),
            ("exp new", true),
            ("作成", true),
            ("audit", false),
        ] {
            assert_eq!(fits(&entry, typed), expected, "{typed}");
        }
    }
}
