//! Other metrics after the start: only together with counting all events anew, so that old and
//! new numbers are never mixed.

use super::{Draft, Experiment, Metric, MetricRole};
use crate::{Field, FieldProblem, Problem};

impl Experiment {
    /// The experiment with other metrics beside the goal. What decides or stops it stays
    /// as it was at the start, and so does what is asked for before the exposure: that past is
    /// known only of what was asked for then.
    ///
    /// # Errors
    /// All problems, each with its place in the new list.
    pub fn measured_anew(
        &self,
        metrics: Vec<Metric>,
        by: &str,
        now_ms: i64,
    ) -> Result<Self, Vec<FieldProblem>> {
        let mut problems = Draft {
            metrics: metrics.clone(),
            ..Draft::of(self)
        }
        .problems();
        problems.extend(self.fixed_metrics(&metrics));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            metrics,
            authors: self.authors_with(by),
            version: self.version + 1,
            updated_ms: now_ms,
            ..self.clone()
        })
    }

    fn fixed_metrics(&self, new: &[Metric]) -> Vec<FieldProblem> {
        let is_fixed = |m: &&Metric| m.role != MetricRole::Secondary;
        let old = |key: &str| self.metrics.iter().find(|m| m.key == key);
        let mut found = Vec::new();
        for (i, metric) in (0u16..).zip(new) {
            let before = old(&metric.key);
            let fixed = is_fixed(&metric) || before.as_ref().is_some_and(is_fixed);
            if fixed && before != Some(metric) {
                found.push((Field::Metric(i), Problem::FixedAfterStart));
            }
            let past = |m: &Metric| {
                (
                    m.pre_days,
                    m.event().to_owned(),
                    m.over().map(str::to_owned),
                )
            };
            if metric.pre_days > 0 && before.map(past) != Some(past(metric)) {
                found.push((Field::MetricPreDays(i), Problem::FixedAfterStart));
            }
        }
        let mut all_fixed = self.metrics.iter().filter(is_fixed);
        if all_fixed.any(|m| new.iter().all(|n| n.key != m.key)) {
            found.push((Field::Metrics, Problem::FixedAfterStart));
        }
        let found = found.into_iter();
        found
            .map(|(field, problem)| FieldProblem::new(field, problem))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;
    use crate::experiment::MetricKind;

    fn metric(key: &str) -> Metric {
        Metric {
            key: key.to_owned(),
            kind: MetricKind::Count,
            ..Metric::default()
        }
    }

    fn experiment(metrics: Vec<Metric>) -> Experiment {
        let draft = Draft {
            id: "a".to_owned(),
            name: "A".to_owned(),
            metrics,
            ..Draft::starter(Environment::Production)
        };
        draft
            .create("seed".to_owned(), "ann".to_owned(), 0)
            .unwrap()
    }

    fn fields(of: &Experiment, new: Vec<Metric>) -> Vec<Field> {
        match of.measured_anew(new, "ann", 1) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|p| p.field).collect(),
        }
    }

    #[test]
    fn a_definition_may_change_but_nothing_that_stops_or_needs_a_past() {
        let guardrail = Metric {
            role: MetricRole::Guardrail { margin_bp: 100 },
            ..metric("refunds")
        };
        let past = Metric {
            pre_days: 7,
            ..metric("spent")
        };
        let old = experiment(vec![guardrail.clone(), past.clone(), metric("clicks")]);
        let sum = Metric {
            kind: MetricKind::Mean { cap: Some(9.0) },
            ..metric("clicks")
        };
        let summed = Metric {
            kind: MetricKind::Mean { cap: None },
            ..past.clone()
        };
        let good = vec![guardrail.clone(), summed, sum, metric("forgotten")];
        let new = old.measured_anew(good.clone(), "ann", 5).unwrap();
        assert_eq!((new.version, new.updated_ms, new.metrics), (2, 5, good));
        assert_eq!(fields(&old, vec![]), [Field::Metrics]);
        let softer = Metric {
            role: MetricRole::Guardrail { margin_bp: 900 },
            ..guardrail.clone()
        };
        assert_eq!(fields(&old, vec![softer]), [Field::Metric(0)]);
        let new_guardrail = Metric {
            key: "more".to_owned(),
            ..guardrail.clone()
        };
        assert_eq!(
            fields(&old, vec![guardrail.clone(), new_guardrail]),
            [Field::Metric(1)]
        );
        let longer = Metric {
            pre_days: 9,
            ..past
        };
        assert_eq!(
            fields(&old, vec![guardrail, longer]),
            [Field::MetricPreDays(1)]
        );
    }
}
