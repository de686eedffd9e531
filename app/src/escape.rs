//! Text of elements that leptos does not write as it should, so it goes in as inner HTML.

/// Text as the content of an element; not of an attribute.
#[must_use]
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
