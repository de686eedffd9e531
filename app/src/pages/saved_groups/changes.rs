//! What differs between two states of a group, as a table.

use leptos::prelude::*;
use nexus_domain::saved_group::SavedGroupChanges;

use crate::cx::Cx;
use crate::format::count;
use crate::pages::revisions::{becomes, was};
use crate::text::revisions::RevisionsWord;
use crate::text::saved_groups::SavedGroupWord as W;

pub(super) fn view_changes(cx: &Cx, found: &SavedGroupChanges) -> AnyView {
    if found.is_empty() {
        return view! { <p class="quiet">{cx.t(RevisionsWord::Same)}</p> }.into_any();
    }
    let texts = [
        (W::Name, &found.name),
        (W::Description, &found.description),
        (W::Attribute, &found.attribute),
    ];
    let texts = texts
        .into_iter()
        .filter_map(|(word, pair)| pair.clone().map(|pair| (word, pair)));
    let condition = found.condition.as_ref().map(|(before, after)| {
        let pair = (before.to_string(), after.to_string());
        (W::ConditionField, pair)
    });
    let rows = texts
        .chain(condition)
        .map(|(word, (before, after))| {
            view! {
                <tr>
                    <th scope="row">{cx.t(word)}</th>
                    <td data-label=cx.t(RevisionsWord::Before)>
                        {was(cx, before)}
                    </td>
                    <td data-label=cx.t(RevisionsWord::After)>
                        {becomes(cx, after)}
                    </td>
                </tr>
            }
        })
        .collect_view();
    let values = (found.added_count + found.removed_count > 0).then(|| {
        view! {
            <tr>
                <th scope="row">{cx.t(W::Content)}</th>
                <td data-label=cx.t(RevisionsWord::Before)>
                    {values(cx, W::Removed, &found.removed, found.removed_count)}
                </td>
                <td data-label=cx.t(RevisionsWord::After)>
                    {values(cx, W::Added, &found.added, found.added_count)}
                </td>
            </tr>
        }
    });
    view! {
        <table class="table diff stack">
            <caption class="sr">{cx.t(RevisionsWord::Compare)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(RevisionsWord::Field)}</th>
                    <th scope="col">{cx.t(RevisionsWord::Before)}</th>
                    <th scope="col">{cx.t(RevisionsWord::After)}</th>
                </tr>
            </thead>
            <tbody>{rows} {values}</tbody>
        </table>
    }
    .into_any()
}

/// The count, and as many values as the difference lists.
fn values(cx: &Cx, word: W, listed: &[String], all: u32) -> AnyView {
    let said = cx.f(word, &[&count(u64::from(all))]);
    let more = u64::from(all).saturating_sub(listed.len() as u64);
    let more = (more > 0).then(|| format!("\n{}", cx.f(W::AndMore, &[&count(more)])));
    let text = format!("{}{}", listed.join("\n"), more.unwrap_or_default());
    let text = (all > 0).then(|| match word {
        W::Removed => view! { <del>{text}</del> }.into_any(),
        _ => view! { <ins>{text}</ins> }.into_any(),
    });
    view! {
        <p class="quiet">{said.clone()}</p>
        // What scrolls can be reached by keys.
        <div class="value-diff" tabindex="0" role="group" aria-label=said>
            {text}
        </div>
    }
    .into_any()
}
