//! The one way to render a `<textarea>`.
//!
//! tachys 0.2 does not escape a textarea's children, so text typed by people
//! could close the element and inject markup. Here the text is escaped by
//! hand and goes in as inner HTML. Nothing else may use the element; a test
//! searches the sources for it.

use leptos::prelude::*;

use crate::escape::escape;

/// A first line break that the HTML parser drops, so that one that the person typed first
/// survives.
fn content(text: &str) -> String {
    format!("\n{}", escape(text))
}

/// A text area; wrap it in a field with its label.
#[must_use]
pub fn text_area(
    id: String,
    name: impl Into<String>,
    rows: u8,
    text: &str,
    class: &'static str,
    described_by: Option<String>,
    invalid: bool,
) -> AnyView {
    view! {
        <textarea
            id=id
            name=name.into()
            rows=rows.to_string()
            class=class
            spellcheck="false"
            aria-describedby=described_by
            aria-invalid=invalid.then_some("true")
            inner_html=content(text)
        ></textarea>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_the_element() {
        let hostile = "</textarea><script>alert(1)</script>&lt;";
        let html = text_area("h".to_owned(), "h", 3, hostile, "", None, false).to_html();
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;lt;"));
    }

    #[test]
    fn a_first_line_break_survives_the_parser() {
        assert_eq!(content("\nx"), "\n\nx");
    }
}
