//! Results as a flat table: one row per metric and variant.

use std::fmt::Write as _;

use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::MetricRole;
use serde::Serialize;

use crate::views::{ExperimentDetail, MetricValue, ResultRow};
use crate::{Console, Result};

impl Console {
    /// Every metric of an experiment, the primary one first, for each variant.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, or the database's.
    pub async fn result_rows(&self, actor: &Actor, id: &str) -> Result<Vec<ResultRow>> {
        self.authorise(actor, Action::ViewExperiments, None, None)?;
        let detail = self.experiment(actor, id).await?;
        Ok(rows(&detail))
    }
}

fn rows(detail: &ExperimentDetail) -> Vec<ResultRow> {
    let results = &detail.results;
    let row = |metric: &str, role, i: usize, of: &MetricValue| {
        let lift = of.lift;
        Some(ResultRow {
            metric: metric.to_owned(),
            role,
            variant: results.variants.get(i)?.key.clone(),
            users: of.users,
            value: of.value,
            lift: lift.map(|l| l.relative),
            low: lift.map(|l| l.low),
            high: lift.map(|l| l.high),
            p_value: lift.and_then(|l| l.p_value),
            chance_to_win: lift.and_then(|l| l.chance_to_win),
            verdict: lift.map(|l| l.verdict),
            margin: of.margin,
            scale: lift.map(|l| l.scale),
        })
    };
    let primary = results.variants.iter().enumerate().filter_map(|(i, v)| {
        let of = MetricValue {
            users: v.exposures,
            value: v.rate,
            lift: v.lift,
            margin: None,
            variance_reduced: v.variance_reduced,
        };
        row(&detail.experiment.primary_metric, "primary", i, &of)
    });
    let others = results.metrics.iter().flat_map(|m| {
        let role = match m.metric.role {
            MetricRole::Secondary => "secondary",
            MetricRole::Guardrail { .. } => "guardrail",
        };
        let row = &row;
        let values = m.variants.iter().enumerate();
        values.filter_map(move |(i, of)| row(&m.metric.key, role, i, of))
    });
    primary.chain(others).collect()
}

const HEAD: &str =
    "metric,role,variant,users,value,lift,low,high,p_value,chance_to_win,verdict,margin,scale\r\n";

/// As RFC 4180. Names are slugs and the rest are numbers and words of ours, so
/// nothing needs quotes and no spreadsheet takes a cell for a formula.
#[must_use]
pub fn csv(rows: &[ResultRow]) -> String {
    let mut text = HEAD.to_owned();
    for r in rows {
        let number = |n: Option<f64>| n.map_or_else(String::new, |n| n.to_string());
        let _ = write!(
            text,
            "{},{},{},{},{},{},{},{},{},{},{},{},{}\r\n",
            r.metric,
            r.role,
            r.variant,
            r.users,
            number(r.value),
            number(r.lift),
            number(r.low),
            number(r.high),
            number(r.p_value),
            number(r.chance_to_win),
            word(r.verdict),
            word(r.margin),
            word(r.scale),
        );
    }
    text
}

/// The name it has in JSON.
fn word<T: Serialize>(of: Option<T>) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use nexus_domain::experiment::Scale;

    use super::*;
    use crate::views::{MarginState, Verdict};

    #[test]
    fn a_table_has_as_many_cells_in_every_line() {
        let row = ResultRow {
            metric: "revenue".to_owned(),
            role: "guardrail",
            variant: "b".to_owned(),
            users: 3,
            value: Some(1.5),
            lift: Some(-0.25),
            low: Some(-0.5),
            high: Some(0.0),
            p_value: None,
            chance_to_win: None,
            verdict: Some(Verdict::NotEnoughData),
            margin: Some(MarginState::Unclear),
            scale: Some(Scale::Relative),
        };
        let text = csv(&[row]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[1],
            "revenue,guardrail,b,3,1.5,-0.25,-0.5,0,,,not_enough_data,unclear,relative"
        );
        let cells = |line: &str| line.matches(',').count();
        assert_eq!(cells(lines[0]), cells(lines[1]));
    }
}
