//! Metrics made of values whose events come without any.
//!
//! An event without a value counts as one of zero, so that the sums look as if nothing came at
//! all: that something does is known of the units' totals and, once these are gone, of metrics
//! that count the same event.

use std::collections::HashMap;

use nexus_domain::experiment::{Among, Counted, Experiment, Metric, MetricKind};
use nexus_stats::Distribution;

use super::Measures;
use super::sums::Sums;
use crate::sql::sql;
use crate::views::MetricResult;
use crate::{Console, Result};

/// Totals of units that are looked at: some of a metric are among so many, and no page waits
/// for those of millions.
const LOOKED_AT: u32 = 2_000;

/// Of the event above the line, and of that below it where there is one.
type Sides = [bool; 2];

impl Console {
    /// Says of each result which event lacks its value. Nothing is asked where none can.
    pub(crate) async fn note_valueless(
        &self,
        experiment: &Experiment,
        measures: &Measures,
        all: &mut [MetricResult],
    ) -> Result<()> {
        let sums = &measures.now;
        let has_started = experiment.started_ms.is_some();
        let may_lack = |m: &MetricResult| {
            let have = have_value(experiment, sums, &m.metric);
            lacking(&m.metric, [true; 2], have).is_some()
        };
        if !has_started || !all.iter().any(may_lack) {
            return Ok(());
        }
        let of_units = self.came(experiment).await?;
        for result in all {
            let metric = &result.metric;
            let [top, base] = of_units.get(&metric.key).copied().unwrap_or_default();
            let is_known = |event| is_counted(experiment, sums, metric, event);
            let [known, known_base] = valued(metric).map(|event| event.is_some_and(is_known));
            let have = have_value(experiment, sums, metric);
            let event = lacking(metric, [top || known, base || known_base], have);
            result.without_value = event.map(str::to_owned);
        }
        Ok(())
    }

    /// By metric, of the units' totals; they have another name where the experiment was counted
    /// anew.
    async fn came(&self, experiment: &Experiment) -> Result<HashMap<String, Sides>> {
        let rows = self
            .rows(sql!(
                "SELECT metric, MAX(events), MAX(base_events) FROM \
                 (SELECT u.metric, u.events, u.base_events FROM unit_metrics u \
                 WHERE u.experiment_id = COALESCE((SELECT MAX(r.name) FROM recomputations r \
                 WHERE r.experiment_id = ?1 AND r.holds_units = 1), ?1) LIMIT ?2) AS looked_at \
                 GROUP BY metric",
                experiment.id.as_str(),
                LOOKED_AT
            ))
            .await?;
        let came = rows
            .into_iter()
            .map(|mut row| Ok((row.text()?, [row.i64()? > 0, row.i64()? > 0])));
        came.collect()
    }
}

/// Whether any value but zero was counted, in any variant.
fn have_value(experiment: &Experiment, sums: &Sums, metric: &Metric) -> Sides {
    let variants = experiment.variants.iter();
    let moments: Vec<_> = variants.map(|v| sums.moments_of(&v.key, metric)).collect();
    // Values may cancel each other, their squares don't.
    let top = moments.iter().any(|m| m.products[0] != 0.0);
    let base = moments.iter().any(|m| m.products[4] != 0.0);
    let is_spread = |of: Distribution| {
        let ends = [0.0, 1.0].map(|level| of.value_at(level).unwrap_or(0.0));
        ends != [0.0; 2]
    };
    let in_bins = distributions(experiment, sums, metric).any(is_spread);
    [top || in_bins, base]
}

/// Whether any metric over the same time has counted the event, its value aside.
fn is_counted(experiment: &Experiment, sums: &Sums, of: &Metric, event: &str) -> bool {
    let metrics = experiment.metrics.iter();
    let mut alike = metrics.filter(|m| m.window_hours == of.window_hours && !m.kind.waits());
    alike.any(|metric| {
        let [top, base] = have_value(experiment, sums, metric);
        let is_kept = distributions(experiment, sums, metric).any(|of| of.events() > 0);
        let is_below = matches!(&metric.kind, MetricKind::Ratio { over, .. } if over == event);
        (metric.event() == event && (top || is_kept)) || (is_below && base)
    })
}

/// As they are stored: without the zeros of users who have no event.
fn distributions(
    experiment: &Experiment,
    sums: &Sums,
    metric: &Metric,
) -> impl Iterator<Item = Distribution> {
    let variants = experiment.variants.iter();
    variants.map(move |v| sums.distribution(metric, &v.key, Among::Events, 0))
}

/// Of which events it takes the values.
fn valued(metric: &Metric) -> [Option<&str>; 2] {
    let of = |counted: Counted, event| (counted == Counted::Values).then_some(event);
    match &metric.kind {
        MetricKind::Mean { .. } | MetricKind::Quantile { .. } => [Some(metric.event()), None],
        MetricKind::Ratio { top, over, bottom } => {
            [of(*top, metric.event()), of(*bottom, over.as_str())]
        }
        MetricKind::Proportion | MetricKind::Count | MetricKind::Retention { .. } => [None, None],
    }
}

/// The event that has come and never had the value that is taken of it.
fn lacking(metric: &Metric, came: Sides, have: Sides) -> Option<&str> {
    let sides = came.into_iter().zip(have);
    let mut sides = valued(metric).into_iter().zip(sides);
    sides.find_map(|(event, (came, has))| event.filter(|_| came && !has))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(kind: MetricKind) -> Metric {
        Metric {
            key: "a".to_owned(),
            event: "order".to_owned(),
            kind,
            ..Metric::default()
        }
    }

    #[test]
    fn what_takes_values_lacks_them_once_its_event_has_come() {
        let (none, top, both) = ([false; 2], [true, false], [true; 2]);
        let mean = metric(MetricKind::Mean { cap: None });
        assert_eq!(lacking(&mean, top, none), Some("order"));
        assert_eq!(lacking(&mean, none, none), None, "nothing has come");
        assert_eq!(lacking(&mean, top, top), None, "there are values");
        let among = Among::Users;
        let median = metric(MetricKind::Quantile {
            level_bp: 5_000,
            among,
        });
        assert_eq!(lacking(&median, top, none), Some("order"));
        for kind in [MetricKind::Proportion, MetricKind::Count] {
            assert_eq!(lacking(&metric(kind), both, none), None);
        }
    }

    #[test]
    fn a_ratio_lacks_the_values_of_the_side_that_takes_them() {
        let (none, top, both) = ([false; 2], [true, false], [true; 2]);
        let (events, values) = (Counted::Events, Counted::Values);
        let ratio = |top, bottom| {
            metric(MetricKind::Ratio {
                top,
                over: "visit".to_owned(),
                bottom,
            })
        };
        assert_eq!(lacking(&ratio(values, events), both, none), Some("order"));
        assert_eq!(lacking(&ratio(events, values), both, none), Some("visit"));
        assert_eq!(lacking(&ratio(values, values), both, top), Some("visit"));
        assert_eq!(lacking(&ratio(events, values), top, none), None);
        assert_eq!(lacking(&ratio(events, events), both, none), None);
    }
}
