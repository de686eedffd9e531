//! The numbers of a chart.

use leptos::prelude::*;

use crate::cx::Cx;
use crate::text::common::Common;

/// A chart's table, closed until somebody asks for it: cells of its head, and rows.
#[must_use]
pub fn data_table(cx: &Cx, heads: AnyView, rows: AnyView) -> AnyView {
    view! {
        <details class="data">
            <summary>{cx.t(Common::DataTable)}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=cx.t(Common::DataTable)>
                <table class="table small">
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}
