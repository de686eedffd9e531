//! Small marks: status, verdict, environment, actor.

use leptos::prelude::*;
use nexus_control::views::Verdict;
use nexus_domain::Environment;
use nexus_domain::experiment::Status;

use super::{Icon, icon};
use crate::cx::Cx;
use crate::text::domain::{EnvironmentWord, StatusWord, VerdictWord};

/// The meaning of a colour; the same words in markup and style sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Neutral,
    Accent,
    Good,
    Warn,
    Bad,
}

impl Tone {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

#[must_use]
pub fn chip(tone: Tone, text: impl Into<String>) -> AnyView {
    view! { <span class=format!("chip {}", tone.as_str())>{text.into()}</span> }.into_any()
}

#[must_use]
pub fn status_badge(cx: &Cx, status: Status) -> AnyView {
    let class = format!("status {}", status.as_str());
    view! {
        <span class=class>
            <span class="status-dot" aria-hidden="true"></span>
            {cx.t(StatusWord::of(status))}
        </span>
    }
    .into_any()
}

#[must_use]
pub fn environment_chip(cx: &Cx, environment: Environment) -> AnyView {
    view! {
        <span class=format!("env {}", environment.as_str())>
            {cx.t(EnvironmentWord::of(environment))}
        </span>
    }
    .into_any()
}

/// Tone and words of a verdict.
#[must_use]
pub const fn verdict_words(verdict: Verdict) -> (Tone, VerdictWord) {
    match verdict {
        Verdict::NotEnoughData => (Tone::Neutral, VerdictWord::NotEnoughData),
        Verdict::Unclear => (Tone::Neutral, VerdictWord::Unclear),
        Verdict::Better => (Tone::Good, VerdictWord::Better),
        Verdict::Worse => (Tone::Bad, VerdictWord::Worse),
        Verdict::BrokenSplit => (Tone::Warn, VerdictWord::BrokenSplit),
        Verdict::Harmful => (Tone::Bad, VerdictWord::Harmful),
    }
}

#[must_use]
pub fn verdict_badge(cx: &Cx, verdict: Option<Verdict>) -> AnyView {
    let Some(verdict) = verdict else {
        return view! { <span class="quiet">{cx.t(VerdictWord::None)}</span> }.into_any();
    };
    let (tone, words) = verdict_words(verdict);
    let mark = match tone {
        Tone::Good => Some(Icon::Check),
        Tone::Bad | Tone::Warn => Some(Icon::Alert),
        Tone::Neutral | Tone::Accent => None,
    };
    view! {
        <span class=format!("verdict {}", tone.as_str())>
            {mark.map(icon)} {cx.t(words)}
        </span>
    }
    .into_any()
}

/// Round mark with an actor's first letter; machines and controllers get a symbol.
#[must_use]
pub fn actor_mark(kind: &str, label: &str) -> AnyView {
    let letter = match kind {
        "person" => {
            let first: String = label
                .chars()
                .next()
                .map(|c| c.to_uppercase().collect())
                .unwrap_or_default();
            first.into_any()
        }
        "machine" | "token" => icon(Icon::Key),
        "cli" => icon(Icon::Terminal),
        _ => icon(Icon::Gateway),
    };
    // A stable tint per actor, so that one finds a person's rows by eye.
    let tint = label
        .bytes()
        .fold(7u32, |h, b| h.wrapping_mul(31).wrapping_add(b.into()))
        % 6;
    view! {
        <span class=format!("mark tint-{tint} {kind}") aria-hidden="true">{letter}</span>
    }
    .into_any()
}
