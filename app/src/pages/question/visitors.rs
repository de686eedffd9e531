//! Recent visitors to pick one from.

use leptos::prelude::*;
use nexus_control::views::VisitorRow;

use super::read::Question;
use crate::cx::Cx;
use crate::pages::audience::country_names;
use crate::text::domain::DeviceWord;
use crate::text::why::PickWord as W;
use crate::ui::when;

/// Each a link that fills the form and asks; `page` answers. Nothing for whoever may see nobody.
pub(in crate::pages) fn view_visitors(
    cx: &Cx,
    visitors: Option<&[VisitorRow]>,
    page: &str,
    anchor: &str,
) -> Option<AnyView> {
    let visitors = visitors?;
    let body = if visitors.is_empty() {
        view! { <p class="quiet">{cx.t(W::NobodyText)}</p> }.into_any()
    } else {
        let rows = visitors
            .iter()
            .map(|visitor| view_visitor(cx, visitor, page, anchor))
            .collect_view();
        view! {
            <p class="quiet">{cx.t(W::Lead)}</p>
            <ul class="pick-list">{rows}</ul>
        }
        .into_any()
    };
    let shown = view! {
        <details class="pick">
            <summary>{cx.t(W::Title)}</summary>
            {body}
        </details>
    };
    Some(shown.into_any())
}

fn view_visitor(cx: &Cx, visitor: &VisitorRow, page: &str, anchor: &str) -> AnyView {
    let who = &visitor.who;
    let href = Question::of_example(who).url(page, anchor);
    let mut facts: Vec<String> = Vec::new();
    facts.extend(who.country.map(|c| country_names(cx, &[c]).join("")));
    facts.push(cx.t(DeviceWord::of(who.device)).to_owned());
    let attributes = who.attributes.iter();
    facts.extend(attributes.map(|(name, value)| format!("{name}={value}")));
    view! {
        <li>
            <a href=href>
                <span class="mono pick-id">{who.unit.clone()}</span>
                <span class="pick-facts">{facts.join(" · ")}</span>
            </a>
            {when(cx, visitor.seen_ms)}
        </li>
    }
    .into_any()
}
