//! What a metric is there for, and what decides: the conversion goal or the primary metric.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Better, Experiment, Metric, Plan};
use crate::problem::out_of_range;
use crate::{Field, FieldProblem, Problem};

const MARGIN_BP: RangeInclusive<u16> = 1..=10_000;
const SPREAD_BP: RangeInclusive<u32> = 100..=1_000_000;

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
    /// Decides the experiment instead of the conversion goal; at most one does.
    Primary {
        /// How much users differ, for the planned size: the standard deviation of the number of
        /// a user as a share of the mean, in basis points; 100 to 1,000,000. Of a share it
        /// follows from the plan's baseline instead.
        #[serde(default = "usual_spread_bp")]
        spread_bp: u32,
    },
}

const fn usual_spread_bp() -> u32 {
    MetricRole::USUAL_SPREAD_BP
}

impl MetricRole {
    /// As much as whether somebody converts, where a tenth do: `√(0.9 / 0.1)`.
    pub const USUAL_SPREAD_BP: u32 = 30_000;

    #[must_use]
    pub const fn is_primary(self) -> bool {
        matches!(self, Self::Primary { .. })
    }

    /// Of the n-th metric.
    pub(super) fn problem(self, i: u16) -> Option<FieldProblem> {
        let (field, problem) = match self {
            Self::Guardrail { margin_bp } if !MARGIN_BP.contains(&margin_bp) => {
                (Field::MetricMargin(i), out_of_range("0.01", "100"))
            }
            Self::Primary { spread_bp } if !SPREAD_BP.contains(&spread_bp) => {
                (Field::MetricSpread(i), out_of_range("1", "10000"))
            }
            _ => return None,
        };
        Some(FieldProblem::new(field, problem))
    }
}

impl Experiment {
    /// The metric that decides; none: the conversion goal.
    #[must_use]
    pub fn primary(&self) -> Option<&Metric> {
        primary(&self.metrics)
    }

    /// Name of what decides.
    #[must_use]
    pub fn decided_by(&self) -> &str {
        self.primary().map_or(&self.goal, |m| &m.key)
    }
}

/// The metric of the list that decides.
#[must_use]
pub fn primary(metrics: &[Metric]) -> Option<&Metric> {
    metrics.iter().find(|metric| metric.role.is_primary())
}

/// Only one decides; and what is to become lower can't lose all it has or more.
pub(super) fn problems(metrics: &[Metric], plan: &Plan) -> Vec<FieldProblem> {
    let primaries = (0u16..).zip(metrics).filter(|(_, m)| m.role.is_primary());
    let others = primaries.skip(1);
    let problem = |(i, _)| FieldProblem::new(Field::Metric(i), Problem::OneDecides);
    let mut found: Vec<FieldProblem> = others.map(problem).collect();
    let is_lower = primary(metrics).is_some_and(|m| m.better == Better::Lower);
    if is_lower && plan.minimum_effect_bp >= 10_000 {
        let problem = out_of_range("0.01", "99.99");
        found.push(FieldProblem::new(Field::MinimumEffect, problem));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;
    use crate::experiment::{Draft, MetricKind, MetricRole};

    fn metric(key: &str, role: MetricRole) -> Metric {
        Metric {
            key: key.to_owned(),
            kind: MetricKind::Mean { cap: None },
            role,
            ..Metric::default()
        }
    }

    const PRIMARY: MetricRole = MetricRole::Primary { spread_bp: 40_000 };

    fn draft(metrics: Vec<Metric>) -> Draft {
        Draft {
            id: "a".to_owned(),
            name: "A".to_owned(),
            metrics,
            ..Draft::starter(Environment::Production)
        }
    }

    fn problems_of(draft: &Draft) -> Vec<(Field, Problem)> {
        let found = draft.problems().into_iter();
        found.map(|p| (p.field, p.problem)).collect()
    }

    #[test]
    fn the_goal_decides_unless_one_metric_does() {
        let create = |metrics| draft(metrics).create("seed".to_owned(), "a".to_owned(), 0);
        let goal = create(vec![metric("spent", MetricRole::Secondary)]).unwrap();
        assert_eq!((goal.primary(), goal.decided_by()), (None, "conversion"));
        let spent = metric("spent", PRIMARY);
        let decided = create(vec![metric("x", MetricRole::Secondary), spent.clone()]).unwrap();
        assert_eq!(decided.primary(), Some(&spent));
        assert_eq!(decided.decided_by(), "spent");
    }

    #[test]
    fn a_second_one_is_named_and_so_is_a_spread_beyond_reason() {
        let two = draft(vec![metric("a", PRIMARY), metric("b", PRIMARY)]);
        let second = (Field::Metric(1), Problem::OneDecides);
        assert_eq!(problems_of(&two), [second]);
        for spread_bp in [0, 99, 1_000_001] {
            let found = problems_of(&draft(vec![metric("a", MetricRole::Primary { spread_bp })]));
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].0, Field::MetricSpread(0));
        }
    }

    #[test]
    fn nothing_becomes_lower_by_more_than_all_of_it() {
        let mut lower = draft(vec![Metric {
            better: Better::Lower,
            ..metric("load", PRIMARY)
        }]);
        lower.plan.minimum_effect_bp = 9_999;
        assert!(lower.problems().is_empty());
        lower.plan.minimum_effect_bp = 10_000;
        assert_eq!(problems_of(&lower)[0].0, Field::MinimumEffect);
        lower.metrics[0].better = Better::Higher;
        assert!(lower.problems().is_empty());
    }

    #[test]
    fn what_decides_is_fixed_with_the_start_and_when_counted_anew() {
        let create = |metrics| draft(metrics).create("seed".to_owned(), "a".to_owned(), 0);
        let (old, other) = (metric("spent", PRIMARY), metric("x", MetricRole::Secondary));
        let decided = create(vec![old.clone(), other.clone()]).unwrap();
        let fields = |new| match decided.measured_anew(new, "ann", 1) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|p| p.field).collect::<Vec<_>>(),
        };
        assert!(fields(vec![old.clone()]).is_empty());
        assert_eq!(fields(vec![other.clone()]), [Field::Metrics]);
        let secondary = metric("spent", MetricRole::Secondary);
        assert_eq!(fields(vec![secondary]), [Field::Metric(0)]);
        assert_eq!(fields(vec![old, metric("x", PRIMARY)])[0], Field::Metric(1));
    }

    #[test]
    fn an_older_document_reads_and_is_written_as_it_was() {
        let text =
            r#"{"key":"a","kind":{"of":"count"},"better":"lower","role":{"is":"secondary"}}"#;
        let read: Metric = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        let role: MetricRole = serde_json::from_str(r#"{"is":"primary"}"#).unwrap();
        let spread_bp = MetricRole::USUAL_SPREAD_BP;
        assert_eq!(role, MetricRole::Primary { spread_bp });
    }
}
