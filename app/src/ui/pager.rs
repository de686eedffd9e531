//! Paging through a list whose page is in the URL.

use leptos::prelude::*;
use url::form_urlencoded::Serializer;

use super::{Icon, icon};
use crate::cx::Cx;
use crate::format::count;
use crate::text::common::Common;

/// The address of a list, to which what is asked of it is appended; without anything it ends in `?`.
#[must_use]
pub fn list_address(path: &str) -> Serializer<'static, String> {
    Serializer::for_suffix(format!("{path}?"), path.len() + 1)
}

/// `href` gives the URL of a page. Nothing is shown for a list of one page
/// except how many there are.
#[must_use]
pub fn pager(
    cx: &Cx,
    total: u64,
    page: u32,
    per_page: u32,
    href: impl Fn(u32) -> String,
) -> AnyView {
    let page = page.max(1);
    let per_page = per_page.max(1);
    let pages = u32::try_from(total.div_ceil(u64::from(per_page))).unwrap_or(u32::MAX);
    let first = u64::from(page - 1) * u64::from(per_page) + 1;
    let last = (first + u64::from(per_page) - 1).min(total);
    let range = if total == 0 {
        String::new()
    } else {
        cx.f(Common::Range, &[&count(first), &count(last), &count(total)])
    };
    let step = |to: u32, possible: bool, label: &'static str, mark: Icon| {
        if possible {
            view! {
                <a class="button quiet-button icon-only" href=href(to) aria-label=label>
                    {icon(mark)}
                </a>
            }
            .into_any()
        } else {
            view! {
                <span class="button quiet-button icon-only" role="link" aria-disabled="true" aria-label=label>
                    {icon(mark)}
                </span>
            }
            .into_any()
        }
    };
    let steps = (pages > 1).then(|| {
        view! {
            {step(page.saturating_sub(1), page > 1, cx.t(Common::PreviousPage), Icon::ChevronLeft)}
            {step(page + 1, page < pages, cx.t(Common::NextPage), Icon::ChevronRight)}
        }
    });
    view! {
        <nav class="pager" aria-label=cx.t(Common::Pages)>
            <span class="pager-range">{range}</span>
            {steps}
        </nav>
    }
    .into_any()
}
