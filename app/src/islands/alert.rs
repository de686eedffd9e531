//! The mark of a field's error.

use leptos::prelude::*;

/// `Icon::Alert`, which only the server draws, for what the browser draws too.
pub(super) fn alert() -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d="M8 2.3 14.4 13.4H1.6Z"></path>
            <path d="M8 6.4v3.1M8 11.5v.01"></path>
        </svg>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::ui::{Icon, icon};

    #[test]
    fn both_draw_the_same() {
        let paths = |drawn: AnyView| -> Vec<String> {
            let html = drawn.to_html();
            let paths = html.split(" d=\"").skip(1);
            let paths = paths.filter_map(|rest| rest.split('"').next().map(str::to_owned));
            paths.collect()
        };
        assert_eq!(paths(alert()), paths(icon(Icon::Alert)));
        assert_eq!(paths(alert()).len(), 2);
    }
}
