//! Condition by condition: what was asked for, what was found, and how the user is drawn.

use leptos::prelude::*;
use nexus_flags::{Prerequisite, SliceRule, Step, Targeting};

use super::rows::{Drawn, Row, rows};
use crate::charts::draw_line;
use crate::cx::Cx;
use crate::text::why::WhyWord as W;
use crate::ui::{Icon, icon};

/// Deeper parts are not shown further in.
const DEEPEST: u32 = 8;

/// What the steps are about.
pub struct Asked<'a> {
    pub unit: &'a str,
    pub targeting: &'a Targeting,
    pub prerequisites: &'a [Prerequisite],
    pub coverage_bp: u16,
    /// Of the layer, then of holdouts.
    pub slices: &'a [SliceRule],
    /// Names of an experiment's variants.
    pub variants: Vec<String>,
}

/// Every condition with what was found and whether it holds.
#[must_use]
pub fn view_steps(cx: &Cx, asked: &Asked<'_>, steps: &[Step]) -> AnyView {
    let rows = rows(cx, asked, steps);
    let rows = rows.iter().map(|row| view_row(cx, row)).collect_view();
    view! {
        <table class="table stack why-steps">
            <caption class="sr">{cx.t(W::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::Condition)}</th>
                    <th scope="col">{cx.t(W::Found)}</th>
                    <th scope="col">{cx.t(W::Verdict)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn view_row(cx: &Cx, row: &Row) -> AnyView {
    let found = (!row.found.is_empty()).then(|| view! { <code>{row.found.clone()}</code> });
    let draw = row.draw.as_ref().map(|drawn| {
        view! {
            <tr class="draw-row">
                <td colspan="3">{view_draw(cx, drawn)}</td>
            </tr>
        }
    });
    view! {
        <tr class=row.draw.is_some().then_some("drawn")>
            <th scope="row" class=depth_class(row.depth)>
                {row.what.clone()}
            </th>
            <td data-label=cx.t(W::Found)>{found}</td>
            <td data-label=cx.t(W::Verdict)>{verdict(cx, row.passed)}</td>
        </tr>
        {draw}
    }
    .into_any()
}

/// How far a line stands in.
pub(super) fn depth_class(depth: u32) -> String {
    match depth.min(DEEPEST) {
        0 => String::new(),
        depth => format!("within within-{depth}"),
    }
}

pub(super) fn verdict(cx: &Cx, passed: bool) -> AnyView {
    let (mark, word, class) = match passed {
        true => (Icon::Check, W::Passed, "verdict good"),
        false => (Icon::Close, W::Failed, "verdict bad"),
    };
    view! { <span class=class>{icon(mark)} <span>{cx.t(word)}</span></span> }.into_any()
}

/// The line of all buckets, and the way from seed and user to one of them.
pub(super) fn view_draw(cx: &Cx, drawn: &Drawn) -> AnyView {
    let draw = &drawn.draw;
    let holder = draw.holder().map(|position| position as usize);
    let ranges: Vec<(u16, u16)> = draw.ranges.iter().map(|r| (r.from, r.to)).collect();
    let value = fraction(draw.bucket);
    let said = match holder.and_then(|position| Some((position, ranges.get(position)?))) {
        Some((position, range)) => {
            let said = cx.f(W::LiesIn, &[&value, &range_text(*range)]);
            match drawn.names.get(position) {
                Some(name) => format!("{said}: {name}"),
                None => said,
            }
        }
        None => {
            let filled = ranges.iter().filter(|(from, to)| from < to);
            let all: Vec<String> = filled.map(|range| range_text(*range)).collect();
            match all[..] {
                [] => cx.f(W::LiesInNothing, &[&value]),
                _ => cx.f(W::LiesOutside, &[&value, &all.join(" ")]),
            }
        }
    };
    let seed = quoted(&draw.seed);
    let hashed = format!("fnv1a32({seed} + {}) = {}", quoted(&drawn.unit), draw.hash);
    let reduced = format!("fnv1a32(\"{}\") mod 10000 = {}", draw.hash, draw.bucket);
    view! {
        <div class="draw">
            {draw_line(&ranges, draw.bucket, holder, said.clone())}
            <p class="draw-said">{said}</p>
            <p class="draw-hash">
                <span class="quiet">{cx.f(W::HashVersion, &[&draw.hash_version.to_string()])}</span>
                <code>{hashed}</code>
                <code>{reduced}</code>
            </p>
        </div>
    }
    .into_any()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn range_text((from, to): (u16, u16)) -> String {
    format!("[{}, {})", fraction(from), fraction(to))
}

/// A bucket as a number from 0 to 1.
fn fraction(bucket: u16) -> String {
    format!("{:.4}", f64::from(bucket) / 10_000.0)
}
