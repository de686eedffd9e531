//! Somebody else saved in between: what differs, field by field.

use leptos::prelude::*;

use super::state::FormState;
use crate::cx::Cx;
use crate::pages::audience::AttributeFields;
use crate::pages::prerequisites::PrerequisiteFields;
use crate::text::form::FormWord as W;
use crate::ui::{Callout, Tone, callout};

/// The current state that the typed one was not based on.
pub struct Conflict {
    pub name: String,
    pub current: FormState,
    /// Where the page can be loaded afresh.
    pub href: String,
}

/// Label, mine, theirs; only what differs.
#[must_use]
pub fn differences(mine: &FormState, theirs: &FormState) -> Vec<(W, String, String)> {
    let text = |s: &FormState, word: W| match word {
        W::Name => s.name.clone(),
        W::Hypothesis => s.hypothesis.clone(),
        W::Environment => s.environment.clone(),
        W::Variants => variants(s),
        W::Coverage => s.coverage.clone(),
        W::Ramp => s.ramp.clone(),
        W::Countries => s.audience.countries.clone(),
        W::Devices => s.audience.devices.join(", "),
        W::Attributes => attributes(s),
        W::Condition => s.audience.condition.text(),
        W::Prerequisites => prerequisites(s),
        W::Layer => s.layer.clone(),
        W::Holdout => s.holdout.clone(),
        W::LayerShare => s.layer_share.clone(),
        W::StartAt => s.start.clone(),
        W::EndAt => s.end.clone(),
        W::Timezone => s.timezone.clone(),
        W::PrimaryMetric => s.primary_metric.clone(),
        W::PrimaryWindow => s.primary_window.clone(),
        W::PrimaryPre => s.primary_pre.clone(),
        W::Safeguards => s.safeguards.line(),
        W::Significance => s.significance.clone(),
        W::Baseline => s.baseline.clone(),
        W::MinimumEffect => s.minimum_effect.clone(),
        W::Method => s.method.clone(),
        W::PlannedUsers => s.planned_users.clone(),
        W::Looks => s.looks.clone(),
        W::PriorSd => s.prior_sd.clone(),
        W::Metrics => metrics(s),
        _ => String::new(),
    };
    [
        W::Name,
        W::Hypothesis,
        W::Environment,
        W::Variants,
        W::Coverage,
        W::Ramp,
        W::Countries,
        W::Devices,
        W::Attributes,
        W::Condition,
        W::Prerequisites,
        W::Layer,
        W::Holdout,
        W::LayerShare,
        W::StartAt,
        W::EndAt,
        W::Timezone,
        W::PrimaryMetric,
        W::PrimaryWindow,
        W::PrimaryPre,
        W::Safeguards,
        W::Significance,
        W::Baseline,
        W::MinimumEffect,
        W::Method,
        W::PlannedUsers,
        W::Looks,
        W::PriorSd,
        W::Metrics,
    ]
    .into_iter()
    .map(|word| (word, text(mine, word), text(theirs, word)))
    .filter(|(_, mine, theirs)| mine.trim() != theirs.trim())
    .collect()
}

fn variants(state: &FormState) -> String {
    let line = |v: &crate::islands::VariantFields| {
        let parts = [
            v.key.as_str(),
            v.name.as_str(),
            v.features.as_str(),
            v.deployment.as_str(),
        ];
        let known: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        format!("{} · {}%", known.join(" · "), v.weight)
    };
    state
        .variants
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn metrics(state: &FormState) -> String {
    state
        .metrics
        .iter()
        .map(super::MetricFields::line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn prerequisites(s: &FormState) -> String {
    let said = |row: &PrerequisiteFields| format!("{} {} {}", row.flag, row.operator, row.value);
    let rows: Vec<String> = s.prerequisites.iter().map(said).collect();
    rows.join("\n")
}

fn attributes(state: &FormState) -> String {
    let line = |a: &AttributeFields| format!("{} {} {}", a.name, a.operator, a.values);
    state
        .audience
        .attributes
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

#[must_use]
pub(super) fn view_conflict(cx: &Cx, mine: &FormState, conflict: &Conflict) -> AnyView {
    let rows = differences(mine, &conflict.current);
    let table = if rows.is_empty() {
        view! { <p>{cx.t(W::ConflictSame)}</p> }.into_any()
    } else {
        let rows = rows
            .into_iter()
            .map(|(word, mine, theirs)| {
                view! {
                    <tr>
                        <th scope="row">{cx.t(word)}</th>
                        <td data-label=cx.t(W::Yours)>
                            <ins>{mine}</ins>
                        </td>
                        <td data-label=cx.t(W::Theirs)>
                            <del>{theirs}</del>
                        </td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <p>{cx.t(W::ConflictText)}</p>
            <table class="table diff stack">
                <thead>
                    <tr>
                        <th scope="col">{cx.t(W::FieldName)}</th>
                        <th scope="col">{cx.t(W::Yours)}</th>
                        <th scope="col">{cx.t(W::Theirs)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    let body = view! {
        {table}
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
