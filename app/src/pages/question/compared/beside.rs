//! The steps of two answers beside each other.

use leptos::prelude::*;

use super::Section;
use crate::cx::Cx;
use crate::pages::question::rows::Row;
use crate::pages::question::steps::{depth_class, verdict, view_draw};
use crate::text::why::{CompareWord, WhyWord};

/// Lines that are about the same; one of them where the other answer has none.
type Pair<'a> = [Option<&'a Row>; 2];

pub(super) fn view_section(cx: &Cx, section: &Section, names: &[String; 2]) -> AnyView {
    let pairs = paired(&section.rows[0], &section.rows[1]);
    if pairs.is_empty() {
        return ().into_any();
    }
    let differing = pairs.iter().filter(|[from, to]| from != to).count();
    let said = match differing {
        0 => cx.t(CompareWord::NoStepDiffers).to_owned(),
        some => cx.f(
            CompareWord::StepsDiffer,
            &[&some.to_string(), &pairs.len().to_string()],
        ),
    };
    let title = (!section.title.is_empty()).then(|| view! { <h3>{section.title.clone()}</h3> });
    let rows = pairs
        .iter()
        .map(|pair| view_pair(cx, *pair, names))
        .collect_view();
    let [from, to] = names.clone();
    view! {
        {title}
        <p class="quiet">{said}</p>
        <table class="table stack why-steps compared-steps">
            <caption class="sr">{cx.t(CompareWord::Title)}</caption>
            <thead>
                <tr>
                    <th scope="col">{cx.t(WhyWord::Condition)}</th>
                    <th scope="col">{from}</th>
                    <th scope="col">{to}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn view_pair(cx: &Cx, pair: Pair<'_>, names: &[String; 2]) -> AnyView {
    let [from, to] = pair;
    let differs = from != to;
    let class = differs.then_some("differs");
    let depth = to.or(from).map_or(0, |row| row.depth);
    let cells = [0, 1]
        .map(|side| {
            let label = names[side].clone();
            view! { <td data-label=label>{view_cell(cx, pair[side])}</td> }
        })
        .collect_view();
    let mark = differs.then(|| view! { <span class="sr">{cx.t(CompareWord::Differs)}</span> });
    view! {
        <tr class=class>
            <th scope="row" class=depth_class(depth)>
                {what(from, to)}
                {mark}
            </th>
            {cells}
        </tr>
        {differs.then(|| view_draws(cx, pair, names))}
    }
    .into_any()
}

/// What is asked for; where that differs the old and the new.
fn what(from: Option<&Row>, to: Option<&Row>) -> AnyView {
    match (from, to) {
        (Some(from), Some(to)) if from.what != to.what => view! {
            <span class="diff">
                <del>{from.what.clone()}</del>
                " "
                <ins>{to.what.clone()}</ins>
            </span>
        }
        .into_any(),
        (from, to) => to.or(from).map(|row| row.what.clone()).into_any(),
    }
}

fn view_cell(cx: &Cx, row: Option<&Row>) -> AnyView {
    let Some(row) = row else {
        return view! { <span class="quiet">{cx.t(CompareWord::NotAsked)}</span> }.into_any();
    };
    let found = (!row.found.is_empty()).then(|| view! { <code>{row.found.clone()}</code> });
    view! { <span class="compared-cell">{verdict(cx, row.passed)} {found}</span> }.into_any()
}

/// The draws of a line that differs, one above the other.
fn view_draws(cx: &Cx, pair: Pair<'_>, names: &[String; 2]) -> Option<AnyView> {
    let drawn = |side: usize| {
        let drawn = pair[side]?.draw.as_ref()?;
        let view = view! {
            <p class="draw-name">{names[side].clone()}</p>
            {view_draw(cx, drawn)}
        };
        Some(view)
    };
    let views = (drawn(0), drawn(1));
    if views.0.is_none() && views.1.is_none() {
        return None;
    }
    let row = view! {
        <tr class="draw-row differs">
            <td colspan="3">{views.0} {views.1}</td>
        </tr>
    };
    Some(row.into_any())
}

/// Lays lines that are about the same beside each other, in the order of both: the longest
/// common subsequence of what they are about.
fn paired<'a>(from: &'a [Row], to: &'a [Row]) -> Vec<Pair<'a>> {
    let (rows, columns) = (from.len(), to.len());
    // Lengths of the longest one of what is left, by where one stands in both.
    let mut lengths = vec![vec![0_usize; columns + 1]; rows + 1];
    for i in (0..rows).rev() {
        for j in (0..columns).rev() {
            lengths[i][j] = match from[i].key == to[j].key {
                true => lengths[i + 1][j + 1] + 1,
                false => lengths[i + 1][j].max(lengths[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < rows || j < columns {
        let is_same = i < rows && j < columns && from[i].key == to[j].key;
        let takes_from = j == columns || (i < rows && lengths[i + 1][j] >= lengths[i][j + 1]);
        let (one, other) = (is_same || takes_from, is_same || !takes_from);
        pairs.push([
            one.then(|| from.get(i)).flatten(),
            other.then(|| to.get(j)).flatten(),
        ]);
        i += usize::from(one);
        j += usize::from(other);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(keys: &str) -> Vec<Row> {
        let row = |key: char| Row {
            key: key.to_string(),
            depth: 0,
            what: String::new(),
            found: String::new(),
            passed: true,
            draw: None,
        };
        keys.chars().map(row).collect()
    }

    #[test]
    fn lines_about_the_same_stand_beside_each_other() {
        for (from, to, expected) in [
            ("abc", "abc", "aa bb cc"),
            ("ac", "abc", "aa -b cc"),
            ("abc", "ac", "aa b- cc"),
            ("ab", "cd", "a- b- -c -d"),
            ("", "a", "-a"),
            ("abcd", "acbd", "aa b- cc -b dd"),
        ] {
            let (from, to) = (rows(from), rows(to));
            let said = |row: Option<&Row>| row.map_or("-".to_owned(), |row| row.key.clone());
            let found: Vec<String> = paired(&from, &to)
                .into_iter()
                .map(|[from, to]| said(from) + &said(to))
                .collect();
            assert_eq!(found.join(" "), expected);
        }
    }
}
