//! Charts: pure functions from numbers to SVG. Colours come from classes, so
//! they follow the theme; every chart has a text alternative, and pages add the
//! numbers as a table.

mod draw;
mod forest;
mod lines;
mod meter;
mod scale;
mod spark;
mod svg;

pub use draw::draw_line;
pub use forest::{Forest, forest, forest_scale};
pub use lines::{Band, LineChart, Series, line_chart};
pub use meter::{log_share, meter, split_bar};
pub use scale::ticks;
pub use spark::sparkline;

use leptos::prelude::*;

/// As [`raw`], stretched to whatever room there is: for bars.
fn stretched(
    class: &'static str,
    width: f64,
    height: f64,
    label: String,
    inner: String,
) -> AnyView {
    view! {
        <svg
            class=class
            viewBox=format!("0 0 {width} {height}")
            preserveAspectRatio="none"
            role="img"
            aria-label=label
            inner_html=inner
        ></svg>
    }
    .into_any()
}

/// SVG text as markup. The text comes from this module only, which escapes.
fn raw(class: &'static str, width: f64, height: f64, label: String, inner: String) -> AnyView {
    view! {
        <svg
            class=class
            viewBox=format!("0 0 {width} {height}")
            role="img"
            aria-label=label
            inner_html=inner
        ></svg>
    }
    .into_any()
}
