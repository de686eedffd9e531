//! An answer in words, line by line: to be shown, and to be laid beside another one.

use nexus_domain::condition::ConditionForm;
use nexus_flags::{Asks, Check, ConditionLine, Draw, SliceRule, Step};
use serde_json::{Value, json};

use super::steps::Asked;
use crate::cx::Cx;
use crate::format::{bp, count};
use crate::pages::audience::country_names;
use crate::pages::condition::row_text;
use crate::pages::prerequisites::prerequisite;
use crate::text::common::Common;
use crate::text::condition::{GroupNameWord, JoinWord};
use crate::text::domain::{DeviceWord, OperatorWord};
use crate::text::why::WhyWord as W;

/// A longer value is shown up to here.
const MOST_CHARS: usize = 120;

/// One line of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::pages) struct Row {
    /// What the line is about: lines of two answers that are about the same have the same.
    pub(super) key: String,
    /// How many lines it is within.
    pub(super) depth: u32,
    /// What is asked for.
    pub(super) what: String,
    pub(super) found: String,
    pub(super) passed: bool,
    pub(super) draw: Option<Drawn>,
}

/// How the user is drawn, with what a reader needs to follow.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Drawn {
    pub(super) draw: Draw,
    pub(super) unit: String,
    /// Of each range, where they have names.
    pub(super) names: Vec<String>,
}

/// Every step in words. Whether an experiment runs is told apart.
pub(in crate::pages) fn rows(cx: &Cx, asked: &Asked<'_>, steps: &[Step]) -> Vec<Row> {
    let mut rows = Vec::with_capacity(steps.len());
    for step in steps {
        match &step.check {
            Check::Running => {}
            Check::Condition { lines } => rows.extend(condition(cx, lines, step.passed)),
            check => rows.push(row(cx, asked, check, step.passed)),
        }
    }
    rows
}

/// The condition and its parts; of one part only that.
fn condition(cx: &Cx, lines: &[ConditionLine], passed: bool) -> Vec<Row> {
    if let [only] = lines {
        return vec![line(cx, only, 0)];
    }
    let whole = Row {
        key: "condition".to_owned(),
        depth: 0,
        what: cx.t(W::ConditionHolds).to_owned(),
        found: String::new(),
        passed,
        draw: None,
    };
    let parts = lines.iter().map(|part| line(cx, part, 1));
    std::iter::once(whole).chain(parts).collect()
}

fn line(cx: &Cx, line: &ConditionLine, below: u32) -> Row {
    let depth = line.depth + below;
    let plain = |what: String| (what, String::new());
    let joined = |join: JoinWord| plain(cx.t(join).to_owned());
    let (key, (what, found)) = match &line.asks {
        Asks::All => ("all".to_owned(), joined(JoinWord::All)),
        Asks::Any => ("any".to_owned(), joined(JoinWord::Any)),
        Asks::None => ("none".to_owned(), joined(JoinWord::None)),
        Asks::Named { name } => {
            let what = format!("{} {name}", cx.t(GroupNameWord::Is));
            (format!("named {name}"), plain(what))
        }
        Asks::Attribute {
            attribute,
            operator,
            wanted,
            more,
            found,
        } => {
            let what = test(cx, attribute, operator, wanted);
            let what = match more {
                0 => what,
                more => cx.f(W::AndMore, &[&what, &count(u64::from(*more))]),
            };
            let found = found
                .as_ref()
                .map_or_else(|| cx.t(W::Nothing).to_owned(), value_text);
            (format!("{attribute} {operator}"), (what, found))
        }
    };
    Row {
        key: format!("{depth} {key}"),
        depth,
        what,
        found,
        passed: line.passed,
        draw: None,
    }
}

/// As the builder of conditions says it; as JSON what it cannot say.
fn test(cx: &Cx, attribute: &str, operator: &str, wanted: &Value) -> String {
    let form = ConditionForm::of_json(&json!({ attribute: { operator: wanted } }));
    let row = form.and_then(|form| form.groups.into_iter().next()?.rows.into_iter().next());
    let said = row.map_or_else(
        || format!("{attribute} {operator} {wanted}"),
        |row| row_text(cx, &row),
    );
    shortened(said)
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) if !text.is_empty() => shortened(text.clone()),
        value => shortened(value.to_string()),
    }
}

fn shortened(text: String) -> String {
    if text.chars().count() <= MOST_CHARS {
        return text;
    }
    let short: String = text.chars().take(MOST_CHARS).collect();
    short + "…"
}

fn row(cx: &Cx, asked: &Asked<'_>, check: &Check, passed: bool) -> Row {
    let nothing = || cx.t(W::Nothing).to_owned();
    let plain = |key: &str, word: W| (key.to_owned(), cx.t(word).to_owned(), String::new());
    let mut drawn = None;
    let (key, what, found) = match check {
        // Told elsewhere.
        Check::Running | Check::Condition { .. } => <(String, String, String)>::default(),
        Check::Unit => plain("unit", W::Unit),
        Check::Schedule => plain("schedule", W::Schedule),
        Check::Country { found } => {
            let wanted = country_names(cx, &asked.targeting.countries).join(cx.t(Common::Comma));
            let found = found.map_or_else(nothing, |c| country_names(cx, &[c]).join(""));
            ("country".to_owned(), cx.f(W::CountryIs, &[&wanted]), found)
        }
        Check::Device { found } => {
            let names = asked.targeting.devices.iter();
            let wanted: Vec<&str> = names.map(|d| cx.t(DeviceWord::of(*d))).collect();
            let what = cx.f(W::DeviceIs, &[&wanted.join(cx.t(Common::Comma))]);
            (
                "device".to_owned(),
                what,
                cx.t(DeviceWord::of(*found)).to_owned(),
            )
        }
        Check::Attribute { index, found } => {
            let found = found.clone().map_or_else(nothing, shortened);
            let (key, what) = attribute(cx, asked, *index);
            (key, what, found)
        }
        Check::Prerequisite { index, found } => {
            let wanted = asked.prerequisites.get(*index as usize);
            let key = wanted.map(|wanted| format!("flag {}", wanted.flag));
            let wanted = wanted.map(|wanted| prerequisite(cx, wanted));
            let found = found.as_ref().map_or_else(nothing, ToString::to_string);
            (key.unwrap_or_default(), wanted.unwrap_or_default(), found)
        }
        Check::Slice { index, draw } => {
            drawn = Some(drawn_of(asked, draw, &[]));
            let slice = asked.slices.get(*index as usize);
            (
                format!("slice {}", draw.seed),
                slice_text(cx, slice),
                bucket(cx, draw),
            )
        }
        Check::Coverage { draw } => {
            drawn = Some(drawn_of(asked, draw, &asked.variants));
            let what = cx.f(W::Coverage, &[&bp(asked.coverage_bp)]);
            ("coverage".to_owned(), what, bucket(cx, draw))
        }
    };
    Row {
        key,
        depth: 0,
        what,
        found,
        passed,
        draw: drawn,
    }
}

fn attribute(cx: &Cx, asked: &Asked<'_>, index: u32) -> (String, String) {
    let rule = asked.targeting.attributes.get(index as usize);
    let said = rule.map(|rule| {
        let operator = cx.t(OperatorWord::of(rule.operator));
        let what = format!("{} {operator} {}", rule.name, rule.values.join(", "));
        (format!("attribute {}", rule.name), shortened(what))
    });
    said.unwrap_or_default()
}

fn slice_text(cx: &Cx, slice: Option<&SliceRule>) -> String {
    let (from, to) = slice.map_or((0, 0), |slice| (slice.from_bp, slice.to_bp));
    match slice.and_then(|slice| slice.seed.strip_prefix("holdout:")) {
        Some(holdout) => cx.f(W::Holdout, &[holdout, &bp(from)]),
        None => cx.f(W::Slice, &[&range_text(cx, (from, to))]),
    }
}

/// The second end belongs to the next range.
pub(super) fn range_text(cx: &Cx, (from, to): (u16, u16)) -> String {
    cx.f(W::Range, &[&bp(from), &bp(to)])
}

/// By its number, and by its place as ranges are told.
fn bucket(cx: &Cx, draw: &Draw) -> String {
    let number = count(u64::from(draw.bucket));
    cx.f(W::Bucket, &[&number, &bp(draw.bucket)])
}

fn drawn_of(asked: &Asked<'_>, draw: &Draw, names: &[String]) -> Drawn {
    Drawn {
        draw: draw.clone(),
        unit: asked.unit.to_owned(),
        names: names.to_vec(),
    }
}
