//! The same question to two snapshots: what each gives, and which steps differ.

mod beside;

use leptos::prelude::*;
use nexus_control::views::SnapshotRow;
use nexus_control::{Error, Result, Versions};

use self::beside::view_section;
use super::read::Question;
use super::rows::Row;
use crate::cx::Cx;
use crate::host::Form;
use crate::pages::audit::row::{actor, did};
use crate::text::why::CompareWord as W;
use crate::ui::{Callout, Field, Tone, callout, panel, select, when};

/// In the URL, what would be published next.
const NEXT: &str = "next";

/// Which two snapshots, exactly as it stands in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub from: String,
    pub to: String,
}

/// What came of comparing.
#[derive(Clone, Debug)]
pub enum Outcome<T> {
    /// Nobody asked.
    NotAsked,
    /// One of them is not kept, or never was: its number as typed.
    Missing(String),
    Answer(Box<T>),
}

/// A comparison with what there is to choose from.
#[derive(Clone, Debug)]
pub struct Comparing<T> {
    /// The newest first.
    pub snapshots: Vec<SnapshotRow>,
    pub chosen: Chosen,
    pub outcome: Outcome<T>,
}

/// What somebody gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Got {
    /// The thing that is asked is not in the snapshot.
    Absent,
    /// They take no part.
    Outside,
    This(String),
}

/// Both answers.
pub(in crate::pages) struct Sides<'a> {
    /// None: what would be published next.
    pub(in crate::pages) snapshots: [Option<&'a SnapshotRow>; 2],
    pub(in crate::pages) got: [Got; 2],
    /// Why one can't be asked.
    pub(in crate::pages) problems: [Option<&'a str>; 2],
    pub(in crate::pages) sections: Vec<Section>,
}

/// Steps that belong together, of both answers.
pub(in crate::pages) struct Section {
    pub(in crate::pages) title: String,
    pub(in crate::pages) rows: [Vec<Row>; 2],
}

impl Chosen {
    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        Self {
            from: form.trimmed("from"),
            to: form.trimmed("to"),
        }
    }

    /// None when nobody chose; else the versions, or the text that is none.
    #[must_use]
    pub fn versions(&self) -> Option<std::result::Result<Versions, String>> {
        if self.from.is_empty() {
            return None;
        }
        let number = |typed: &str| typed.parse().map_err(|_| typed.chars().take(20).collect());
        let to = match self.to.as_str() {
            "" | NEXT => Ok(None),
            typed => number(typed).map(Some),
        };
        Some(number(&self.from).and_then(|from| Ok(Versions { from, to: to? })))
    }

    /// What is proposed: the newest with the one before, or with what would be published next
    /// where that is what changes something.
    fn or_proposed(&self, snapshots: &[SnapshotRow], is_live: bool) -> Self {
        if !self.from.is_empty() {
            return self.clone();
        }
        let version = |row: &SnapshotRow| row.version.to_string();
        match snapshots {
            [newest, before, ..] if is_live => Self {
                from: version(before),
                to: version(newest),
            },
            [newest, ..] => Self {
                from: version(newest),
                to: NEXT.to_owned(),
            },
            [] => Self::default(),
        }
    }
}

impl<T> Outcome<T> {
    /// A snapshot that is not there is an answer of the page, and no failure of it.
    ///
    /// # Errors
    /// What else went wrong.
    pub fn of(answer: Result<T>) -> Result<Self> {
        match answer {
            Ok(answer) => Ok(Self::Answer(Box::new(answer))),
            Err(Error::NotFound {
                kind: "snapshot",
                id,
            }) => Ok(Self::Missing(id)),
            Err(error) => Err(error),
        }
    }
}

/// Where to choose two snapshots, and the comparison. `page` answers with the anchor `#compare`.
pub(in crate::pages) fn view_comparing<T>(
    cx: &Cx,
    comparing: &Comparing<T>,
    question: &Question,
    page: &str,
    is_live: bool,
    sides: impl FnOnce(&T) -> Sides<'_>,
) -> AnyView {
    let answer = match &comparing.outcome {
        Outcome::NotAsked => ().into_any(),
        Outcome::Missing(version) => view_missing(cx, version, &comparing.snapshots),
        Outcome::Answer(answer) => view_sides(cx, &sides(answer)),
    };
    let choice = match comparing.snapshots.is_empty() {
        true => view! { <p class="panel-line quiet">{cx.t(W::NothingYet)}</p> }.into_any(),
        false => view_choice(cx, comparing, question, page, is_live),
    };
    let body = view! {
        <p class="panel-line">{cx.t(W::Lead)}</p>
        {choice}
        {answer}
    };
    panel("compare", cx.t(W::Title), ().into_any(), body.into_any())
}

fn view_choice<T>(
    cx: &Cx,
    comparing: &Comparing<T>,
    question: &Question,
    page: &str,
    is_live: bool,
) -> AnyView {
    let chosen = comparing.chosen.or_proposed(&comparing.snapshots, is_live);
    let stored: Vec<(String, String)> = comparing
        .snapshots
        .iter()
        .map(|row| (row.version.to_string(), option_text(cx, row)))
        .collect();
    let mut targets = vec![(NEXT.to_owned(), cx.t(W::Next).to_owned())];
    targets.extend(stored.iter().cloned());
    let from = select(
        Field::new("compare-from", cx.t(W::From)),
        "from",
        &chosen.from,
        stored,
    );
    let to = select(
        Field::new("compare-to", cx.t(W::To)),
        "to",
        &chosen.to,
        targets,
    );
    let kept = question
        .fields()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value.to_owned() /> })
        .collect_view();
    view! {
        <form class="form-fields" method="get" action=format!("{page}#compare")>
            {kept} <div class="compare-choice">{from} {to}</div> <div class="form-act">
                <button type="submit" class="button">
                    {cx.t(W::Compare)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// `41 · 26 Nov 2026, 14:03 UTC · mika@example.com: started`.
fn option_text(cx: &Cx, row: &SnapshotRow) -> String {
    let at = cx.zone.minute(row.created_ms, cx.lang);
    let made = row.change.as_ref().map(|change| {
        let entry = &change.entry;
        format!(
            " · {}: {} {}",
            actor(cx, entry),
            did(cx, entry),
            entry.object_id
        )
    });
    format!("{} · {at}{}", row.version, made.unwrap_or_default())
}

fn view_missing(cx: &Cx, version: &str, snapshots: &[SnapshotRow]) -> AnyView {
    let oldest = snapshots.last().map(|row| row.version);
    let number: Option<u64> = version.parse().ok();
    let is_older = number.zip(oldest).is_some_and(|(asked, kept)| asked < kept);
    let text = match is_older && number != Some(0) {
        true => cx.f(W::Purged, &[&oldest.unwrap_or(0).to_string()]),
        false => cx.t(W::NeverText).to_owned(),
    };
    callout(Callout {
        tone: Tone::Warn,
        title: cx.f(W::Missing, &[version]),
        body: view! { <p>{text}</p> }.into_any(),
    })
}

fn view_sides(cx: &Cx, sides: &Sides<'_>) -> AnyView {
    let [from, to] = &sides.got;
    let is_same = from == to;
    let tone = match is_same {
        true => Tone::Neutral,
        false => Tone::Accent,
    };
    let can_be_said = sides.problems.iter().all(Option::is_none);
    let headline = can_be_said.then(|| {
        callout(Callout {
            tone,
            title: headline(cx, sides),
            body: ().into_any(),
        })
    });
    let sections = can_be_said.then(|| {
        let names = [0, 1].map(|side| snapshot_name(cx, sides.snapshots[side]));
        sides
            .sections
            .iter()
            .map(|section| view_section(cx, section, &names))
            .collect_view()
    });
    view! {
        <div class="compared" role="status">
            {headline}
            <div class="compared-sides">
                {[0, 1].map(|side| view_side(cx, sides, side, !is_same)).collect_view()}
            </div>
            {sections}
        </div>
    }
    .into_any()
}

/// "Gets B instead of A since snapshot 41".
fn headline(cx: &Cx, sides: &Sides<'_>) -> String {
    let [from, to] = &sides.got;
    let (old, new) = (got_text(cx, from), got_text(cx, to));
    let name = |version: u64| cx.f(W::InText, &[&version.to_string()]);
    match (sides.snapshots, from == to) {
        (_, true) => cx.f(W::Same, &[&new]),
        ([_, None], _) => cx.f(W::Would, &[&new, &old]),
        ([Some(one), Some(next)], _) if next.version == one.version + 1 => {
            cx.f(W::Since, &[&new, &old, &name(next.version)])
        }
        ([before, Some(to)], _) => {
            let before = before.map_or(0, |before| before.version);
            cx.f(W::Instead, &[&new, &old, &name(to.version), &name(before)])
        }
    }
}

fn view_side(cx: &Cx, sides: &Sides<'_>, side: usize, differs: bool) -> AnyView {
    let row = sides.snapshots[side];
    let made = match row {
        Some(row) => view_made(cx, row),
        None => view! { <p class="quiet">{cx.t(W::NextText)}</p> }.into_any(),
    };
    let got = match sides.problems[side] {
        Some(problem) => view! {
            <p class="compared-got">{cx.t(W::Unusable)}</p>
            <p class="quiet">{cx.t(W::UnusableText)} " " <code>{problem.to_owned()}</code></p>
        }
        .into_any(),
        None => view! { <p class="compared-got">{got_text(cx, &sides.got[side])}</p> }.into_any(),
    };
    let class = match differs && side == 1 {
        true => "compared-side differs",
        false => "compared-side",
    };
    view! {
        <section class=class>
            <h3>{snapshot_name(cx, row)}</h3>
            {got}
            {made}
        </section>
    }
    .into_any()
}

/// When, by whom, and what was done.
fn view_made(cx: &Cx, row: &SnapshotRow) -> AnyView {
    let by = row.change.as_ref().map(|change| {
        let entry = &change.entry;
        let href = format!("/audit/{}", entry.seq);
        view! {
            <span>
                {actor(cx, entry)} ": " <a href=href>{did(cx, entry)}</a> " "
                <span class="mono">{entry.object_id.clone()}</span>
            </span>
        }
    });
    let state = row.published_ms.is_none().then(|| cx.t(W::NotOut));
    view! {
        <p class="quiet compared-made">
            {when(cx, row.created_ms)} {by} {state.map(|state| view! { <span>{state}</span> })}
        </p>
    }
    .into_any()
}

fn snapshot_name(cx: &Cx, row: Option<&SnapshotRow>) -> String {
    match row {
        Some(row) => cx.f(W::Snapshot, &[&row.version.to_string()]),
        None => cx.t(W::Next).to_owned(),
    }
}

fn got_text(cx: &Cx, got: &Got) -> String {
    match got {
        Got::Absent => cx.t(W::Absent).to_owned(),
        Got::Outside => cx.t(W::Outside).to_owned(),
        Got::This(what) => what.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(from: &str, to: &str) -> Chosen {
        Chosen {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    fn snapshots(newest: u64) -> Vec<SnapshotRow> {
        let row = |version| SnapshotRow {
            version,
            created_ms: 0,
            published_ms: None,
            change: None,
        };
        (1..=newest).rev().map(row).collect()
    }

    #[test]
    fn the_url_says_which_two() {
        let found = |from, to| chosen(from, to).versions();
        let both = |from, to| Some(Ok(Versions { from, to }));
        assert_eq!(found("", "3"), None);
        assert_eq!(found("2", "3"), both(2, Some(3)));
        assert_eq!(found("2", "next"), both(2, None));
        assert_eq!(found("2", ""), both(2, None));
        assert_eq!(found("2", "x"), Some(Err("x".to_owned())));
        assert_eq!(found("-1", ""), Some(Err("-1".to_owned())));
    }

    #[test]
    fn what_may_have_changed_is_proposed() {
        let none = Chosen::default();
        assert_eq!(none.or_proposed(&snapshots(3), true), chosen("2", "3"));
        assert_eq!(none.or_proposed(&snapshots(3), false), chosen("3", "next"));
        assert_eq!(none.or_proposed(&snapshots(1), true), chosen("1", "next"));
        let asked = chosen("1", "2");
        assert_eq!(asked.or_proposed(&snapshots(3), true), asked);
    }
}
