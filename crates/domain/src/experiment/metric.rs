//! What is measured beside the primary metric.

use serde::{Deserialize, Serialize};

use crate::ids::is_slug;
use crate::{Field, FieldProblem, Problem};

pub const MAX_METRICS: usize = 10;
/// Largest size of one reported value.
pub const MAX_VALUE: f64 = 1e9;
const MARGIN_BP: std::ops::RangeInclusive<u16> = 1..=10_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metric {
    /// Name of the conversion that reports it; may be the primary one's, to
    /// count or sum what that only asks for.
    pub key: String,
    pub kind: MetricKind,
    #[serde(default)]
    pub better: Better,
    #[serde(default)]
    pub role: MetricRole,
}

/// The number each exposed user has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum MetricKind {
    /// Whether it happened.
    #[default]
    Proportion,
    /// How often it happened.
    Count,
    /// The sum of the values reported with it.
    Mean {
        /// A user's sum counts as no more than this (winsorising), so that a few
        /// large ones do not drown the rest.
        #[serde(default)]
        cap: Option<f64>,
    },
}

/// Which direction is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Better {
    #[default]
    Higher,
    Lower,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum MetricRole {
    /// Explains the result; corrected for the number of such metrics.
    #[default]
    Secondary,
    /// Must not become worse by the margin or more.
    Guardrail {
        /// Relative, in basis points.
        margin_bp: u16,
    },
}

impl MetricKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proportion => "proportion",
            Self::Count => "count",
            Self::Mean { .. } => "mean",
        }
    }
}

/// Every problem of the list.
pub(super) fn problems(metrics: &[Metric]) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    if metrics.len() > MAX_METRICS {
        let max = MAX_METRICS as u32;
        found.push(FieldProblem::new(Field::Metrics, Problem::TooMany { max }));
        return found;
    }
    for (i, metric) in (0u16..).zip(metrics) {
        let earlier = metrics.iter().take(usize::from(i));
        if let Some(problem) = problem(metric, earlier) {
            found.push(FieldProblem::new(Field::Metric(i), problem));
        }
    }
    found
}

fn problem<'a>(metric: &Metric, mut earlier: impl Iterator<Item = &'a Metric>) -> Option<Problem> {
    let out_of_range = |min: &str, max: &str| {
        let (min, max) = (min.to_owned(), max.to_owned());
        Some(Problem::OutOfRange { min, max })
    };
    if metric.key.is_empty() {
        return Some(Problem::Required);
    }
    if !is_slug(&metric.key) {
        return Some(Problem::NotSlug);
    }
    if earlier.any(|m| m.key == metric.key) {
        return Some(Problem::Duplicate);
    }
    match (metric.role, metric.kind) {
        (MetricRole::Guardrail { margin_bp }, _) if !MARGIN_BP.contains(&margin_bp) => {
            out_of_range("0.01", "100")
        }
        (_, MetricKind::Mean { cap: Some(cap) }) if !(0.001..=MAX_VALUE).contains(&cap) => {
            out_of_range("0.001", "1000000000")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(key: &str) -> Metric {
        Metric {
            key: key.to_owned(),
            kind: MetricKind::Mean { cap: None },
            better: Better::Higher,
            role: MetricRole::Secondary,
        }
    }

    #[test]
    fn each_bad_metric_is_named_once() {
        let capped = |cap| Metric {
            kind: MetricKind::Mean { cap: Some(cap) },
            ..metric("c")
        };
        let guarded = |margin_bp| Metric {
            role: MetricRole::Guardrail { margin_bp },
            ..metric("g")
        };
        let list = [
            metric("revenue"),
            metric("revenue"),
            metric("No Slug"),
            capped(f64::NAN),
            guarded(0),
        ];
        let fields: Vec<Field> = problems(&list).into_iter().map(|p| p.field).collect();
        assert_eq!(fields, [1, 2, 3, 4].map(Field::Metric));
        assert!(problems(&[metric("a"), capped(250.0), guarded(200)]).is_empty());
        let many = vec![metric("a"); MAX_METRICS + 1];
        assert_eq!(problems(&many)[0].field, Field::Metrics);
    }
}
