//! Small helpers over the browser's DOM.

use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use web_sys::{Document, DomParser, Element, Event, EventTarget, HtmlElement, HtmlInputElement};

/// Calls `f` for every `event` on `target`, for the life of the page.
pub(super) fn on(target: &EventTarget, event: &str, f: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(f);
    let added = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    if added.is_ok() {
        closure.forget();
    }
}

/// The same for events that do not bubble, of `target` and everything in it.
pub(super) fn on_way_down(target: &EventTarget, event: &str, f: impl FnMut(Event) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(f);
    let listener = closure.as_ref().unchecked_ref();
    let added = target.add_event_listener_with_callback_and_bool(event, listener, true);
    if added.is_ok() {
        closure.forget();
    }
}

pub(super) fn input_by_id(id: &str) -> Option<HtmlInputElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// GETs one of our own URLs as text; `None` on any failure, also when the
/// answer came from elsewhere (a login page after the session ended).
pub(super) async fn get_text(url: &str) -> Option<String> {
    text_of(url, |response| response.ok()).await
}

/// The same, also of a page that says what is wrong with what it was asked (422).
pub(super) async fn get_page(url: &str) -> Option<String> {
    text_of(url, |response| response.ok() || response.status() == 422).await
}

async fn text_of(url: &str, is_good: impl Fn(&web_sys::Response) -> bool) -> Option<String> {
    use wasm_bindgen_futures::JsFuture;
    let response = JsFuture::from(window().fetch_with_str(url)).await.ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    if !is_good(&response) || response.redirected() {
        return None;
    }
    JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()
}

/// What a form would send.
pub(super) fn form_body(form: &web_sys::HtmlFormElement) -> Option<web_sys::UrlSearchParams> {
    let body = web_sys::UrlSearchParams::new().ok()?;
    let data = web_sys::FormData::new_with_form(form).ok()?;
    for pair in js_sys::try_iter(&data).ok()??.flatten() {
        let pair: js_sys::Array = pair.dyn_into().ok()?;
        body.append(&pair.get(0).as_string()?, &pair.get(1).as_string()?);
    }
    Some(body)
}

/// POSTs a form as its button of that name and value would; `None` on any failure.
pub(super) async fn post_form(
    form: &web_sys::HtmlFormElement,
    name: &str,
    value: &str,
) -> Option<String> {
    use wasm_bindgen_futures::JsFuture;
    let body = form_body(form)?;
    body.append(name, value);
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&body);
    let url = window().location().href().ok()?;
    let response = JsFuture::from(window().fetch_with_str_and_init(&url, &init))
        .await
        .ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    if !response.ok() || response.redirected() {
        return None;
    }
    JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()
}

pub(super) fn parse(html: &str) -> Option<Document> {
    DomParser::new()
        .ok()?
        .parse_from_string(html, web_sys::SupportedType::TextHtml)
        .ok()
}

fn focusables(region: &Element) -> Vec<HtmlElement> {
    all(region, "a[href],button,input,select,summary,[tabindex]")
}

pub(super) fn all<T: JsCast>(within: &Element, selector: &str) -> Vec<T> {
    let Ok(found) = within.query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|i| found.item(i)?.dyn_into().ok())
        .collect()
}

/// Whether replacing the region now would take something from the person: text
/// they are typing, or a selection they are making.
pub(super) fn in_use(region: &Element) -> bool {
    let active = document().active_element();
    let typing = active
        .filter(|a| region.contains(Some(a)))
        .is_some_and(|a| a.closest("form,dialog,[popover]").ok().flatten().is_some());
    let selecting = js_sys::Reflect::get(&window(), &"getSelection".into())
        .ok()
        .and_then(|f| f.dyn_into::<js_sys::Function>().ok())
        .and_then(|f| f.call0(&window()).ok())
        .is_some_and(|selection| {
            let get = |key: &str| js_sys::Reflect::get(&selection, &key.into()).ok();
            let collapsed = get("isCollapsed").is_none_or(|c| c.is_truthy());
            let anchor = get("anchorNode").and_then(|n| n.dyn_into::<web_sys::Node>().ok());
            !collapsed && anchor.is_some_and(|n| region.contains(Some(&n)))
        });
    typing || selecting
}

/// Puts `fresh`'s content into `region`, keeping focus and opened details.
/// Returns false when the region was in use and stays as it is.
pub(super) fn swap(region: &Element, fresh: &Element) -> bool {
    if in_use(region) {
        return false;
    }
    let active = document().active_element();
    let focused = focusables(region)
        .iter()
        .position(|e| active.as_ref().is_some_and(|a| a == e.as_ref() as &Element));
    let open = open_details(region);
    fill(region, fresh);
    open_again(region, &open);
    if let Some(element) = focused.and_then(|i| focusables(region).into_iter().nth(i)) {
        drop(element.focus());
    }
    true
}

/// Which details of a region are open.
pub(super) fn open_details(region: &Element) -> Vec<bool> {
    let details = all::<Element>(region, "details");
    details.iter().map(|d| d.has_attribute("open")).collect()
}

/// Opens again what was open.
pub(super) fn open_again(region: &Element, open: &[bool]) {
    for (details, open) in all::<Element>(region, "details").iter().zip(open) {
        if *open {
            drop(details.set_attribute("open", ""));
        }
    }
}

/// Puts `fresh`'s content into `region`; the boot script wakes its islands.
pub(super) fn fill(region: &Element, fresh: &Element) {
    region.set_inner_html(&fresh.inner_html());
    if let Ok(event) = Event::new("nexus:swapped") {
        drop(region.dispatch_event(&event));
    }
}
