//! Somebody else saved in between. What only one of the two changed is merged; where both
//! changed the same part, a person chooses.

use leptos::prelude::*;

use super::parts::{PARTS, take, text};
use super::state::FormState;
use crate::cx::Cx;
use crate::host::Form;
use crate::text::form::FormWord as W;
use crate::ui::{Callout, Tone, callout, field_error};

/// What the form is merged with.
pub struct Merge {
    /// Version at which the form was opened.
    pub from: u64,
    /// As it was then; where that is unknown, every difference is a clash.
    pub base: Option<FormState>,
    /// As somebody else saved it.
    pub theirs: FormState,
    /// It was started meanwhile, so only words can change.
    pub started: bool,
}

/// Whose version of a part stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Mine,
    Theirs,
}

/// What was chosen on the page before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Names of the parts that a choice was asked for.
    asked: Vec<&'static str>,
    chosen: Vec<(&'static str, Side)>,
}

impl Choices {
    #[must_use]
    pub fn of_form(form: &Form) -> Self {
        let clashes = form.all("clash");
        let names = PARTS.into_iter().map(|(name, _)| name);
        let asked: Vec<_> = names.filter(|name| clashes.contains(name)).collect();
        let side = |name: &&'static str| match form.get(&format!("keep-{name}")) {
            "mine" => Some((*name, Side::Mine)),
            "theirs" => Some((*name, Side::Theirs)),
            _ => None,
        };
        let chosen = asked.iter().filter_map(side).collect();
        Self { asked, chosen }
    }

    fn of(&self, name: &str) -> Option<Side> {
        let mut chosen = self.chosen.iter();
        let found = chosen.find(|(of, _)| *of == name);
        found.map(|(_, side)| *side)
    }

    /// Theirs, where that was chosen.
    pub fn settle(&self, mine: &mut FormState, theirs: &FormState) {
        for (name, part) in PARTS {
            if self.of(name) == Some(Side::Theirs) {
                take(mine, theirs, part);
            }
        }
    }

    /// A choice was asked for and not made.
    #[must_use]
    pub fn are_missing(&self) -> bool {
        self.asked.iter().any(|name| self.of(name).is_none())
    }
}

/// Who changed a part since the form was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Them,
    Me,
    /// Both, and not to the same.
    Both(Option<Side>),
    /// I did, but it can't change any more.
    TooLate,
}

struct Part {
    name: &'static str,
    label: W,
    base: Option<String>,
    theirs: String,
    mine: String,
    by: By,
}

pub struct Conflict {
    /// Of the experiment.
    name: String,
    /// Where the page can be loaded afresh.
    href: String,
    from: u64,
    parts: Vec<Part>,
    /// A choice is missing.
    unsettled: bool,
}

impl Conflict {
    /// `mine` is written as `theirs` is, so that only what means something else differs.
    #[must_use]
    pub fn new(
        (name, href): (String, String),
        merge: &Merge,
        mine: &FormState,
        choices: &Choices,
    ) -> Self {
        let parts = PARTS.into_iter().filter_map(|(name, label)| {
            let base = merge.base.as_ref().map(|base| text(base, label));
            let (theirs, mine) = (text(&merge.theirs, label), text(mine, label));
            let changed = |by: &String| base.as_ref() != Some(by);
            let words = matches!(label, W::Name | W::Hypothesis);
            // What was merged on the page before and changed since was meant.
            let merged = !choices.asked.is_empty() && !choices.asked.contains(&name);
            let by = match (changed(&theirs), changed(&mine)) {
                (true, true) if theirs == mine => return None,
                (false, false) => return None,
                (_, true) if merge.started && !words => By::TooLate,
                (true, true) => By::Both(choices.of(name).or(merged.then_some(Side::Mine))),
                (true, false) => By::Them,
                (false, true) => By::Me,
            };
            Some(Part {
                name,
                label,
                base,
                theirs,
                mine,
                by,
            })
        });
        Self {
            name,
            href,
            from: merge.from,
            parts: parts.collect(),
            unsettled: false,
        }
    }

    #[must_use]
    pub fn unsettled(self, unsettled: bool) -> Self {
        Self { unsettled, ..self }
    }

    /// Takes over what only the other one changed.
    pub fn merge(&self, mine: &mut FormState, theirs: &FormState) {
        let parts = self.parts.iter();
        for part in parts.filter(|part| matches!(part.by, By::Them | By::TooLate)) {
            take(mine, theirs, part.label);
        }
    }

    /// The other one changed no part.
    #[must_use]
    pub fn is_mine_alone(&self) -> bool {
        self.parts.iter().all(|part| part.by == By::Me)
    }

    fn has_clash(&self) -> bool {
        self.parts.iter().any(|part| matches!(part.by, By::Both(_)))
    }
}

#[must_use]
pub(super) fn view_conflict(cx: &Cx, conflict: &Conflict) -> AnyView {
    let said = match (conflict.parts.is_empty(), conflict.has_clash()) {
        (true, _) => W::ConflictSame,
        (false, true) => W::ConflictClash,
        (false, false) => W::ConflictMerged,
    };
    let too_late = conflict.parts.iter().any(|part| part.by == By::TooLate);
    let too_late = too_late.then(|| view! { <p>{cx.t(W::ConflictTooLate)}</p> });
    let error = conflict
        .unsettled
        .then(|| cx.t(W::ConflictChoose).to_owned());
    let body = view! {
        <input type="hidden" name="merged_from" value=conflict.from.to_string() />
        <p>{cx.t(said)}</p>
        {too_late}
        {(!conflict.parts.is_empty()).then(|| table(cx, conflict))}
        {field_error("clash", error)}
        <p>
            <a href=conflict.href.clone()>{cx.t(W::TakeTheirs)}</a>
        </p>
    };
    let shown = callout(Callout {
        tone: Tone::Warn,
        title: cx.f(W::ConflictTitle, &[&conflict.name]),
        body: body.into_any(),
    });
    view! {
        <div id="conflict" role="alert" tabindex="-1" autofocus=true>
            {shown}
        </div>
    }
    .into_any()
}

fn table(cx: &Cx, conflict: &Conflict) -> AnyView {
    let rows = conflict.parts.iter().map(|part| row(cx, part));
    view! {
        <table class="table diff stack">
            <thead>
                <tr>
                    <th scope="col">{cx.t(W::FieldName)}</th>
                    <th scope="col">{cx.t(W::Opened)}</th>
                    <th scope="col">{cx.t(W::Theirs)}</th>
                    <th scope="col">{cx.t(W::Yours)}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn row(cx: &Cx, part: &Part) -> AnyView {
    let mark = |changed: bool, text: &str| {
        let text = text.to_owned();
        match changed {
            true => view! { <ins>{text}</ins> }.into_any(),
            false => view! { <span class="quiet">{text}</span> }.into_any(),
        }
    };
    let (them, me, note) = match part.by {
        By::Them => (true, false, W::TakenOver),
        By::Me => (false, true, W::YoursAlone),
        By::Both(_) => (true, true, W::Clash),
        By::TooLate => (false, true, W::TooLate),
    };
    let tone = match part.by {
        By::Both(_) | By::TooLate => "chip warn",
        By::Them | By::Me => "chip",
    };
    let choice = |side: Side| match part.by {
        By::Both(chosen) => Some(view_choice(cx, part, side, chosen == Some(side))),
        _ => None,
    };
    let clash = matches!(part.by, By::Both(_)).then(|| {
        view! { <input type="hidden" name="clash" value=part.name /> }
    });
    view! {
        <tr>
            <th scope="row">
                {cx.t(part.label)} " " <span class=tone>{cx.t(note)}</span> {clash}
            </th>
            <td data-label=cx.t(W::Opened)>{part.base.clone().unwrap_or_default()}</td>
            <td data-label=cx.t(W::Theirs)>{mark(them, &part.theirs)} {choice(Side::Theirs)}</td>
            <td data-label=cx.t(W::Yours)>{mark(me, &part.mine)} {choice(Side::Mine)}</td>
        </tr>
    }
    .into_any()
}

fn view_choice(cx: &Cx, part: &Part, side: Side, chosen: bool) -> AnyView {
    let (value, whose) = match side {
        Side::Mine => ("mine", W::Yours),
        Side::Theirs => ("theirs", W::Theirs),
    };
    let of = format!("{}: {}", cx.t(part.label), cx.t(whose));
    view! {
        <label class="check">
            <input type="radio" name=format!("keep-{}", part.name) value=value checked=chosen />
            <span class="check-label">{cx.t(W::KeepThis)} <span class="sr">{of}</span></span>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use nexus_domain::Environment;
    use nexus_domain::experiment::Draft;

    use super::*;
    use crate::lang::Lang;

    fn state(change: impl FnOnce(&mut FormState)) -> FormState {
        let draft = Draft::starter(Environment::Production);
        let mut state = FormState::of_draft(&draft, Lang::En);
        change(&mut state);
        state
    }

    fn merge(base: Option<FormState>, theirs: &FormState, started: bool) -> Merge {
        Merge {
            from: 1,
            base,
            theirs: theirs.clone(),
            started,
        }
    }

    fn by(conflict: &Conflict) -> Vec<(&'static str, By)> {
        let parts = conflict.parts.iter();
        parts.map(|part| (part.name, part.by)).collect()
    }

    #[test]
    fn what_only_one_changed_is_merged_and_what_both_changed_is_asked() {
        let base = state(|_| ());
        let theirs = state(|s| {
            s.name = "Theirs".to_owned();
            s.coverage = "20".to_owned();
            s.start = "2040-01-01T09:00".to_owned();
            s.timezone = "Asia/Tokyo".to_owned();
            s.goal = "signup".to_owned();
        });
        let mut mine = state(|s| {
            s.coverage = "30".to_owned();
            s.ramp = "5% 1d".to_owned();
            s.goal = "signup".to_owned();
        });
        let sides = merge(Some(base), &theirs, false);
        let named = || ("x".to_owned(), "/x".to_owned());
        let conflict = Conflict::new(named(), &sides, &mine, &Choices::default());
        let expected = [
            ("name", By::Them),
            ("coverage", By::Both(None)),
            ("ramp", By::Me),
            ("schedule", By::Them),
        ];
        assert_eq!(by(&conflict), expected);
        conflict.merge(&mut mine, &theirs);
        assert_eq!((&*mine.name, &*mine.coverage), ("Theirs", "30"));
        assert_eq!((&*mine.ramp, &*mine.timezone), ("5% 1d", "Asia/Tokyo"));

        let form = Form::from([("clash", "coverage"), ("keep-coverage", "theirs")]);
        let choices = Choices::of_form(&form);
        assert!(!choices.are_missing());
        choices.settle(&mut mine, &theirs);
        assert_eq!(mine.coverage, "20");
        let hostile = [
            ("clash", "coverage"),
            ("keep-name", "theirs"),
            ("clash", "x"),
        ];
        let choices = Choices::of_form(&Form::from(hostile));
        assert!(choices.are_missing());
        mine.name = "Mine".to_owned();
        choices.settle(&mut mine, &theirs);
        assert_eq!(mine.name, "Mine", "nobody was asked");
    }

    #[test]
    fn without_a_base_every_difference_is_asked_and_after_a_start_only_words_stay() {
        let theirs = state(|s| s.name = "Theirs".to_owned());
        let mine = state(|s| s.coverage = "30".to_owned());
        let named = || ("x".to_owned(), "/x".to_owned());
        let sides = merge(None, &theirs, false);
        let unknown = Conflict::new(named(), &sides, &mine, &Choices::default());
        let expected = [("name", By::Both(None)), ("coverage", By::Both(None))];
        assert_eq!(by(&unknown), expected);
        let sides = merge(Some(state(|_| ())), &theirs, true);
        let started = Conflict::new(named(), &sides, &mine, &Choices::default());
        let expected = [("name", By::Them), ("coverage", By::TooLate)];
        assert_eq!(by(&started), expected);
    }

    #[test]
    fn every_part_of_the_form_is_compared_and_can_be_taken() {
        let base = state(|_| ());
        for (name, part) in PARTS {
            // A part that is forgotten in `text` or `take` would never differ or never move.
            let mut other = base.clone();
            match part {
                W::Variants => other.variants.truncate(1),
                W::Devices => other.audience.devices.push("mobile".to_owned()),
                W::Attributes => other.audience.attributes.push(Default::default()),
                W::Prerequisites => other.prerequisites.push(Default::default()),
                W::Metrics => other.metrics.push(super::super::MetricFields {
                    key: "signup".to_owned(),
                    ..Default::default()
                }),
                W::Condition => {
                    let json = serde_json::json!({ "plan": "pro" });
                    other.audience.condition =
                        crate::pages::condition::ConditionTyped::of(Some(&json));
                }
                W::Safeguards => other.safeguards.max_error_rate = "9".to_owned(),
                W::Schedule => other.end = "2040-01-01T09:00".to_owned(),
                _ => set(&mut other, part, "7"),
            }
            let mut into = base.clone();
            let differs = text(&into, part) != text(&other, part);
            assert!(
                differs || matches!(part, W::Attributes | W::Prerequisites),
                "{name}"
            );
            take(&mut into, &other, part);
            assert_eq!(into, other, "{name}");
        }
    }

    fn set(state: &mut FormState, part: W, value: &str) {
        let field = match part {
            W::Name => &mut state.name,
            W::Hypothesis => &mut state.hypothesis,
            W::Team => &mut state.team,
            W::Environment => &mut state.environment,
            W::Coverage => &mut state.coverage,
            W::Ramp => &mut state.ramp,
            W::Countries => &mut state.audience.countries,
            W::Layer => &mut state.layer,
            W::Holdout => &mut state.holdout,
            W::LayerShare => &mut state.layer_share,
            W::Goal => &mut state.goal,
            W::GoalWindow => &mut state.goal_window,
            W::GoalPre => &mut state.goal_pre,
            W::Significance => &mut state.significance,
            W::Baseline => &mut state.baseline,
            W::MinimumEffect => &mut state.minimum_effect,
            W::Method => &mut state.method,
            W::PlannedUsers => &mut state.planned_users,
            W::Looks => &mut state.looks,
            W::Correction => &mut state.correction,
            other => panic!("{other:?}"),
        };
        value.clone_into(field);
    }
}
