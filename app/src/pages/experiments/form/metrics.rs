//! The metrics beside the primary one: rows as typed, and what they mean.

use leptos::prelude::*;
use nexus_domain::experiment::{Better, Metric, MetricKind, MetricRole};
use nexus_domain::{Field as At, FieldProblem};

use super::FormState;
use crate::cx::Cx;
use crate::format::{bp, parse_bp, parse_number};
use crate::host::Form;
use crate::pages::problems::error_of;
use crate::text::metric::MetricWord as W;
use crate::ui::{Icon, field_error, icon};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricFields {
    pub key: String,
    pub kind: String,
    pub better: String,
    pub role: String,
    pub margin: String,
    pub cap: String,
}

const KINDS: [(&str, W); 3] = [
    ("proportion", W::Proportion),
    ("count", W::Count),
    ("mean", W::Mean),
];
const BETTER: [(&str, W); 2] = [("higher", W::Higher), ("lower", W::Lower)];
const ROLES: [(&str, W); 2] = [("secondary", W::Secondary), ("guardrail", W::Guardrail)];

impl MetricFields {
    #[must_use]
    pub(super) fn of(metric: &Metric) -> Self {
        let text = str::to_owned;
        let cap = match metric.kind {
            MetricKind::Mean { cap } => cap.map_or_else(String::new, |cap| cap.to_string()),
            _ => String::new(),
        };
        let (role, margin) = match metric.role {
            MetricRole::Secondary => ("secondary", String::new()),
            MetricRole::Guardrail { margin_bp } => ("guardrail", bp(margin_bp)),
        };
        Self {
            key: metric.key.clone(),
            kind: text(metric.kind.as_str()),
            better: text(match metric.better {
                Better::Higher => "higher",
                Better::Lower => "lower",
            }),
            role: text(role),
            margin,
            cap,
        }
    }

    /// Every row sends all its fields, so the n-th of each belong together.
    #[must_use]
    pub(super) fn of_form(form: &Form) -> Vec<Self> {
        let column = |name: &str| form.all(name);
        let (kinds, better) = (column("metric_kind"), column("metric_better"));
        let (roles, margins) = (column("metric_role"), column("metric_margin"));
        let caps = column("metric_cap");
        let at =
            |list: &[&str], i: usize| list.get(i).map_or(String::new(), |v| v.trim().to_owned());
        column("metric_key")
            .into_iter()
            .enumerate()
            .map(|(i, key)| Self {
                key: key.trim().to_owned(),
                kind: at(&kinds, i),
                better: at(&better, i),
                role: at(&roles, i),
                margin: at(&margins, i),
                cap: at(&caps, i),
            })
            .filter(|row| !row.key.is_empty())
            .collect()
    }

    /// What can't be read becomes what no check lets through: its own problem
    /// names the range.
    #[must_use]
    pub(super) fn metric(&self) -> Metric {
        Metric {
            key: self.key.clone(),
            kind: match self.kind.as_str() {
                "count" => MetricKind::Count,
                "mean" => MetricKind::Mean {
                    cap: (!self.cap.is_empty()).then(|| parse_number(&self.cap).unwrap_or(-1.0)),
                },
                _ => MetricKind::Proportion,
            },
            better: if self.better == "lower" {
                Better::Lower
            } else {
                Better::Higher
            },
            role: if self.role == "guardrail" {
                let margin_bp = parse_bp(&self.margin).unwrap_or(0);
                MetricRole::Guardrail { margin_bp }
            } else {
                MetricRole::Secondary
            },
        }
    }
}

/// The rows typed so far and an empty one, which is ignored when left so.
#[must_use]
pub(super) fn view_metrics(cx: &Cx, state: &FormState, problems: &[FieldProblem]) -> AnyView {
    let blank = MetricFields::default();
    let rows = state.metrics.iter().chain(std::iter::once(&blank));
    let rows = (0u16..)
        .zip(rows)
        .map(|(i, row)| view_row(cx, i, row, error_of(cx, problems, At::Metric(i))))
        .collect_view();
    view! {
        <fieldset class="field" id="metrics">
            <legend class="field-label">{cx.t(W::Title)}</legend>
            {rows}
            {field_error("metrics", error_of(cx, problems, At::Metrics))}
            <p class="field-help">{cx.t(W::Help)}</p>
            <button class="button small" type="submit" name="do" value="add-metric" formnovalidate=true>
                {cx.t(W::Add)}
            </button>
        </fieldset>
    }
    .into_any()
}

fn view_row(cx: &Cx, i: u16, row: &MetricFields, error: Option<String>) -> AnyView {
    let id = format!("metric-{i}");
    let described = error.is_some().then(|| format!("{id}-error"));
    let text = |name: &'static str, label: W, value: &str| {
        view! {
            <input
                name=name
                value=value.to_owned()
                aria-label=cx.t(label)
                placeholder=cx.t(label)
                inputmode="decimal"
                autocomplete="off"
            />
        }
    };
    view! {
        <div class="metric-row">
            <input
                id=id.clone()
                class="mono"
                name="metric_key"
                value=row.key.clone()
                aria-label=cx.t(W::Key)
                placeholder=cx.t(W::Key)
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described
                autocomplete="off"
            />
            {choice(cx, "metric_kind", W::Kind, &KINDS, &row.kind)}
            {choice(cx, "metric_better", W::Better, &BETTER, &row.better)}
            {choice(cx, "metric_role", W::Role, &ROLES, &row.role)}
            {text("metric_margin", W::Margin, &row.margin)}
            {text("metric_cap", W::Cap, &row.cap)}
        </div>
        {field_error(&id, error)}
    }
    .into_any()
}

fn choice(
    cx: &Cx,
    name: &'static str,
    label: W,
    options: &[(&'static str, W)],
    chosen: &str,
) -> AnyView {
    let options = options
        .iter()
        .map(|(value, word)| {
            view! {
                <option value=*value selected=chosen == *value>
                    {cx.t(*word)}
                </option>
            }
        })
        .collect_view();
    view! {
        <span class="select">
            <select name=name aria-label=cx.t(label)>
                {options}
            </select>
            {icon(Icon::ChevronDown)}
        </span>
    }
    .into_any()
}
