//! The metrics beside the conversion goal: rows as typed.

use leptos::prelude::*;
use nexus_domain::{Field as At, FieldProblem};

use super::FormState;
use super::metric_fields::MetricFields;
use crate::cx::Cx;
use crate::pages::problems::error_of;
use crate::text::metric::MetricFormWord as F;
use crate::text::metric::MetricWord as W;
use crate::ui::{Icon, field_error, icon};

/// What an option sends, and what it is called.
type Options = [(&'static str, F)];

const KINDS: [(&str, F); 6] = [
    ("proportion", F::Proportion),
    ("count", F::Count),
    ("mean", F::Mean),
    ("retention", F::Retention),
    ("ratio", F::Ratio),
    ("quantile", F::Quantile),
];
const BETTER: [(&str, F); 2] = [("higher", F::Higher), ("lower", F::Lower)];
const ROLES: [(&str, F); 3] = [
    ("secondary", F::Secondary),
    ("guardrail", F::Guardrail),
    ("primary", F::Primary),
];
const COUNTED: [(&str, F); 2] = [("events", F::Events), ("values", F::Values)];
const AMONG: [(&str, F); 2] = [("events", F::AllEvents), ("users", F::EachUser)];

/// The rows typed so far and an empty one, which is ignored when left so.
#[must_use]
pub(crate) fn view_metrics(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let blank = MetricFields::default();
    let rows = state.metrics.iter().chain(std::iter::once(&blank));
    let rows = (0u16..)
        .zip(rows)
        .map(|(i, row)| Row { cx, problems, i }.view(row))
        .collect_view();
    view! {
        <fieldset class="field" id="metrics">
            <legend class="field-label">{cx.t(W::Title)}</legend>
            {rows}
            {field_error("metrics", error_of(cx, problems, At::Metrics))}
            <p class="field-help">{cx.t(F::Help)}</p>
            <button class="button small" type="submit" name="do" value="add-metric" formnovalidate=true>
                {cx.t(F::Add)}
            </button>
        </fieldset>
    }
    .into_any()
}

/// One metric of the form.
struct Row<'a> {
    cx: &'a Cx,
    problems: &'a [FieldProblem],
    i: u16,
}

impl Row<'_> {
    fn view(&self, row: &MetricFields) -> AnyView {
        let (cx, i) = (self.cx, self.i);
        // Closed, a problem inside would not be seen.
        let open = row.has_more() || self.has_problem_inside();
        let label = if row.key.is_empty() {
            cx.t(F::New).to_owned()
        } else {
            row.key.clone()
        };
        view! {
            <div class="metric-card" role="group" aria-label=label>
                <div class="metric-row">
                    {self.text(F::Key, "metric_key", "", At::Metric(i), &row.key)}
                    {self.choice(F::Kind, "metric_kind", &KINDS, &row.kind)}
                    {self.choice(F::Better, "metric_better", &BETTER, &row.better)}
                    {self.choice(F::Role, "metric_role", &ROLES, &row.role)}
                </div>
                <div class="metric-row">
                    {self
                        .text(F::Margin, "metric_margin", "margin", At::MetricMargin(i), &row.margin)}
                    {self
                        .text(F::Spread, "metric_spread", "spread", At::MetricSpread(i), &row.spread)}
                    {self.text(F::Cap, "metric_cap", "cap", At::MetricCap(i), &row.cap)}
                    {self.text(F::Days, "metric_days", "days", At::MetricDays(i), &row.days)}
                    {self.choice(F::Top, "metric_top", &COUNTED, &row.top)}
                    {self.text(F::Over, "metric_over", "over", At::MetricOver(i), &row.over)}
                    {self.choice(F::Bottom, "metric_bottom", &COUNTED, &row.bottom)}
                    {self.text(F::Level, "metric_level", "level", At::MetricLevel(i), &row.level)}
                    {self.choice(F::Among, "metric_among", &AMONG, &row.among)}
                </div>
                <details class="metric-more" open=open>
                    <summary>{cx.t(F::More)}</summary>
                    <div class="metric-row">
                        {self.text(F::Event, "metric_event", "event", At::MetricEvent(i), &row.event)}
                        {self
                            .text(
                                F::Window,
                                "metric_window",
                                "window",
                                At::MetricWindow(i),
                                &row.window,
                            )}
                        {self
                            .text(F::PreDays, "metric_pre", "pre", At::MetricPreDays(i), &row.pre)}
                    </div>
                </details>
            </div>
        }
        .into_any()
    }

    fn has_problem_inside(&self) -> bool {
        self.problems.iter().any(|p| {
            matches!(
                p.field,
                At::MetricEvent(i) | At::MetricWindow(i) | At::MetricPreDays(i) if i == self.i
            )
        })
    }

    fn text(&self, label: F, name: &'static str, part: &str, at: At, value: &str) -> AnyView {
        let error = error_of(self.cx, self.problems, at);
        let id = match part {
            "" => format!("metric-{}", self.i),
            part => format!("metric-{}-{part}", self.i),
        };
        let help = (label == F::Spread).then(|| format!("{id}-help"));
        let wrong = error.is_some().then(|| format!("{id}-error"));
        let described = [&help, &wrong].into_iter().flatten().cloned();
        let described = described.collect::<Vec<_>>().join(" ");
        let described = (!described.is_empty()).then_some(described);
        let invalid = if error.is_some() { " invalid" } else { "" };
        let class = format!("metric-field {}{invalid}", relevant(label));
        let hint = match label {
            F::Window => F::WindowHint,
            F::Days => F::DaysHint,
            F::Event => F::EventHint,
            F::Over => F::OverHint,
            F::Level => F::LevelHint,
            F::Spread => F::SpreadHint,
            _ => F::NoHint,
        };
        view! {
            <div class=class>
                <label for=id.clone()>{self.cx.t(label)}</label>
                <input
                    id=id.clone()
                    name=name
                    value=value.to_owned()
                    placeholder=self.cx.t(hint)
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described
                    autocomplete="off"
                />
                {help.map(|id| view! { <p class="field-help" id=id>{self.cx.t(F::SpreadHelp)}</p> })}
                {field_error(&id, error)}
            </div>
        }
        .into_any()
    }

    fn choice(&self, label: F, name: &'static str, options: &Options, chosen: &str) -> AnyView {
        let id = format!("metric-{}-{}", self.i, name.trim_start_matches("metric_"));
        let options = options
            .iter()
            .map(|(value, word)| {
                view! {
                    <option value=*value selected=chosen == *value>
                        {self.cx.t(*word)}
                    </option>
                }
            })
            .collect_view();
        view! {
            <div class=format!("metric-field {}", relevant(label))>
                <label for=id.clone()>{self.cx.t(label)}</label>
                <span class="select">
                    <select id=id name=name>
                        {options}
                    </select>
                    {icon(Icon::ChevronDown)}
                </span>
            </div>
        }
        .into_any()
    }
}

/// For which kinds and roles a field is shown.
const fn relevant(label: F) -> &'static str {
    match label {
        F::Margin => "for-guardrail",
        F::Spread => "for-primary not-share wide",
        F::Cap => "for-mean",
        F::Days => "for-retention",
        F::Top | F::Over | F::Bottom => "for-ratio",
        F::Level | F::Among => "for-quantile",
        F::Window => "not-retention",
        F::PreDays => "not-quantile",
        _ => "",
    }
}
