//! Condition by condition: what was asked for, what was found, and how the user is drawn.

use leptos::prelude::*;
use nexus_flags::{Prerequisite, SliceRule, Step, Targeting};

use super::rows::{Drawn, Row, range_text, rows};
use crate::charts::draw_line;
use crate::cx::Cx;
use crate::format::bp;
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
    let said = said(cx, drawn, &ranges, holder);
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

/// Where the bucket lies, and whose range that is.
fn said(cx: &Cx, drawn: &Drawn, ranges: &[(u16, u16)], holder: Option<usize>) -> String {
    let at = bp(drawn.draw.bucket);
    if let Some((position, range)) = holder.and_then(|held| Some((held, ranges.get(held)?))) {
        let said = cx.f(W::LiesIn, &[&at, &range_text(cx, *range)]);
        return match drawn.names.get(position) {
            Some(name) => format!("{said}: {name}"),
            None => said,
        };
    }
    let filled = ranges.iter().filter(|(from, to)| from < to);
    let all: Vec<String> = filled.map(|range| range_text(cx, *range)).collect();
    match &all[..] {
        [] => cx.f(W::LiesInNothing, &[&at]),
        [only] => cx.f(W::LiesOutside, &[&at, only]),
        all => cx.f(W::LiesInNone, &[&at, &all.join(cx.t(W::BetweenRanges))]),
    }
}

#[cfg(test)]
mod tests {
    use nexus_flags::{Buckets, Draw};

    use super::*;
    use crate::lang::Lang;

    fn told(lang: Lang, bucket: u16, ranges: &[(u16, u16)]) -> String {
        let cx = Cx {
            lang,
            ..Cx::outside_pages()
        };
        let buckets = ranges.iter().map(|(from, to)| Buckets {
            from: *from,
            to: *to,
        });
        let drawn = Drawn {
            draw: Draw {
                seed: "seed".to_owned(),
                hash_version: 2,
                hash: 0,
                bucket,
                value: f64::from(bucket) / 10_000.0,
                ranges: buckets.collect(),
            },
            unit: "ann".to_owned(),
            names: vec!["A".to_owned(), "B".to_owned()],
        };
        let holder = drawn.draw.holder().map(|position| position as usize);
        said(&cx, &drawn, ranges, holder)
    }

    #[test]
    fn a_range_says_that_its_second_end_is_not_in_it() {
        let both = [(0, 2_500), (2_500, 5_000)];
        for (bucket, ranges, en, ja) in [
            (
                2_500,
                &both[..],
                "at 25%, is in the range from 25% up to, not including, 50%: B",
                "（25%）は、25%以上50%未満の範囲に入ります: B",
            ),
            (
                5_000,
                &both[..],
                "at 50%, is in none of the ranges: from 0% up to, not including, 25%; \
                 from 25% up to, not including, 50%",
                "（50%）は、どの範囲にも入りません: 0%以上25%未満、25%以上50%未満",
            ),
            (
                3_127,
                &both[..1],
                "at 31.27%, is not in the range from 0% up to, not including, 25%",
                "（31.27%）は、0%以上25%未満の範囲に入りません",
            ),
            (
                3_127,
                &[(0, 0)][..],
                "at 31.27%, is in no range: the coverage is empty",
                "（31.27%）が入る範囲はありません（対象割合が0%です）",
            ),
        ] {
            let en = format!("The user’s bucket, {en}");
            assert_eq!(told(Lang::En, bucket, ranges), en);
            let ja = format!("このユーザーのバケット{ja}");
            assert_eq!(told(Lang::Ja, bucket, ranges), ja);
        }
    }
}
