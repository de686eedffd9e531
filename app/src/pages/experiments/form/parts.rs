//! The parts of the form that are compared and merged: each a text, and each a whole that is
//! taken from one side or the other.

use super::state::FormState;
use crate::islands::VariantFields;
use crate::pages::audience::AttributeFields;
use crate::pages::prerequisites::PrerequisiteFields;
use crate::text::form::FormWord as W;

/// Name in the form that settles a clash, label.
pub(super) const PARTS: [(&str, W); 28] = [
    ("name", W::Name),
    ("hypothesis", W::Hypothesis),
    ("team", W::Team),
    ("environment", W::Environment),
    ("variants", W::Variants),
    ("coverage", W::Coverage),
    ("ramp", W::Ramp),
    ("countries", W::Countries),
    ("devices", W::Devices),
    ("attributes", W::Attributes),
    ("condition", W::Condition),
    ("prerequisites", W::Prerequisites),
    ("layer", W::Layer),
    ("holdout", W::Holdout),
    ("layer_share", W::LayerShare),
    ("schedule", W::Schedule),
    ("goal", W::Goal),
    ("goal_window", W::GoalWindow),
    ("goal_pre", W::GoalPre),
    ("safeguards", W::Safeguards),
    ("significance", W::Significance),
    ("baseline", W::Baseline),
    ("minimum_effect", W::MinimumEffect),
    ("method", W::Method),
    ("planned_users", W::PlannedUsers),
    ("looks", W::Looks),
    ("correction", W::Correction),
    ("metrics", W::Metrics),
];

/// The part in one text, with line ends as the console keeps them.
pub(super) fn text(s: &FormState, part: W) -> String {
    let text = match part {
        W::Name => s.name.clone(),
        W::Hypothesis => s.hypothesis.clone(),
        W::Team => s.team.clone(),
        W::Environment => s.environment.clone(),
        W::Variants => lines(&s.variants, variant),
        W::Coverage => s.coverage.clone(),
        W::Ramp => s.ramp.clone(),
        W::Countries => s.audience.countries.clone(),
        W::Devices => s.audience.devices.join(", "),
        W::Attributes => lines(&s.audience.attributes, attribute),
        W::Condition => s.audience.condition.text(),
        W::Prerequisites => lines(&s.prerequisites, prerequisite),
        W::Layer => s.layer.clone(),
        W::Holdout => s.holdout.clone(),
        W::LayerShare => s.layer_share.clone(),
        W::Schedule => schedule(s),
        W::Goal => s.goal.clone(),
        W::GoalWindow => s.goal_window.clone(),
        W::GoalPre => s.goal_pre.clone(),
        W::Safeguards => s.safeguards.line(),
        W::Significance => s.significance.clone(),
        W::Baseline => s.baseline.clone(),
        W::MinimumEffect => s.minimum_effect.clone(),
        W::Method => method(s),
        W::PlannedUsers => s.planned_users.clone(),
        W::Looks => s.looks.clone(),
        W::Correction => s.correction.clone(),
        W::Metrics => lines(&s.metrics, super::MetricFields::line),
        _ => String::new(),
    };
    text.replace("\r\n", "\n").trim().to_owned()
}

/// The part as it is there.
pub(super) fn take(into: &mut FormState, from: &FormState, part: W) {
    let from = from.clone();
    match part {
        W::Name => into.name = from.name,
        W::Hypothesis => into.hypothesis = from.hypothesis,
        W::Team => into.team = from.team,
        W::Environment => into.environment = from.environment,
        W::Variants => into.variants = from.variants,
        W::Coverage => into.coverage = from.coverage,
        W::Ramp => into.ramp = from.ramp,
        W::Countries => into.audience.countries = from.audience.countries,
        W::Devices => into.audience.devices = from.audience.devices,
        W::Attributes => into.audience.attributes = from.audience.attributes,
        W::Condition => into.audience.condition = from.audience.condition,
        W::Prerequisites => into.prerequisites = from.prerequisites,
        W::Layer => into.layer = from.layer,
        W::Holdout => into.holdout = from.holdout,
        W::LayerShare => into.layer_share = from.layer_share,
        W::Schedule => {
            into.start = from.start;
            into.end = from.end;
            into.timezone = from.timezone;
        }
        W::Goal => into.goal = from.goal,
        W::GoalWindow => into.goal_window = from.goal_window,
        W::GoalPre => into.goal_pre = from.goal_pre,
        W::Safeguards => into.safeguards = from.safeguards,
        W::Significance => into.significance = from.significance,
        W::Baseline => into.baseline = from.baseline,
        W::MinimumEffect => into.minimum_effect = from.minimum_effect,
        W::Method => {
            into.method = from.method;
            into.prior_sd = from.prior_sd;
        }
        W::PlannedUsers => into.planned_users = from.planned_users,
        W::Looks => into.looks = from.looks,
        W::Correction => into.correction = from.correction,
        W::Metrics => into.metrics = from.metrics,
        _ => {}
    }
}

/// Label, one, other; only what differs.
#[must_use]
pub fn differences(one: &FormState, other: &FormState) -> Vec<(W, String, String)> {
    PARTS
        .into_iter()
        .map(|(_, part)| (part, text(one, part), text(other, part)))
        .filter(|(_, one, other)| one != other)
        .collect()
}

fn lines<T>(all: &[T], line: impl Fn(&T) -> String) -> String {
    let lines: Vec<String> = all.iter().map(line).collect();
    lines.join("\n")
}

fn variant(v: &VariantFields) -> String {
    let parts = [&v.key, &v.name, &v.features, &v.deployment];
    let known = parts.into_iter().map(String::as_str);
    let known: Vec<&str> = known.filter(|part| !part.is_empty()).collect();
    format!("{} · {}%", known.join(" · "), v.weight)
}

fn attribute(a: &AttributeFields) -> String {
    format!("{} {} {}", a.name, a.operator, a.values)
}

fn prerequisite(row: &PrerequisiteFields) -> String {
    format!("{} {} {}", row.flag, row.operator, row.value)
}

/// The times mean nothing without their zone, so they go together.
fn schedule(s: &FormState) -> String {
    let times = format!("{} – {}", s.start, s.end);
    match times.as_str() {
        " – " => s.timezone.clone(),
        _ => format!("{} {}", times.trim(), s.timezone),
    }
}

/// The prior is the Bayesian method's alone.
fn method(s: &FormState) -> String {
    match s.method.as_str() {
        "bayesian" => format!("{} · {}%", s.method, s.prior_sd),
        _ => s.method.clone(),
    }
}
