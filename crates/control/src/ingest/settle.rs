//! A retention counts a unit once its days are over: before, nobody could have come back,
//! and counting those who just came would only make the share small.
//!
//! Units are taken in the order of their exposure, some with every batch. An exposure is at
//! most a day old when it is taken and a retention ends two days after it at the earliest,
//! so no unit can appear behind the mark. What comes late for a unit before the mark still
//! counts.

use super::known::state;
use super::measure::{Had, Measured, Total};
use super::numbers::Numbers;
use super::tally::{Known, Tally, Unit};
use crate::sql::sql;
use crate::{Console, Result};

/// Units taken with one batch, for each metric; more only when they were exposed at the
/// same moment. A batch exposes no more than it has events.
pub(super) const AT_ONCE: u32 = super::MAX_EVENTS as u32;

/// Units whose days are over.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) experiment: String,
    pub(super) metric: String,
    /// The mark after them.
    pub(super) until_ms: i64,
    pub(super) units: Vec<(String, Unit, Total)>,
}

impl Console {
    pub(super) async fn due_units(&self, known: &mut Known) -> Result<()> {
        let mut due = Vec::new();
        for (experiment, measured) in known.retentions() {
            let units = known.units_of(&experiment).to_owned();
            let last_ms = known.last_ms(&experiment, self.now_ms());
            let numbers = &mut known.numbers;
            let due_now = self.due_of(&experiment, &units, &measured, last_ms, numbers);
            due.extend(due_now.await?);
        }
        known.due = due;
        Ok(())
    }

    async fn due_of(
        &self,
        experiment: &str,
        counted_as: &str,
        measured: &Measured,
        last_ms: i64,
        numbers: &mut Numbers,
    ) -> Result<Option<Due>> {
        let (Some(settled_ms), Some(until_ms)) = (measured.settled_ms, measured.until_ms) else {
            return Ok(None);
        };
        let mark = sql!(
            "SELECT MAX(exposed_ms) FROM (SELECT exposed_ms FROM units \
             WHERE experiment_id = ?1 AND exposed_ms > ?2 AND exposed_ms <= ?3 \
             ORDER BY exposed_ms LIMIT ?4) AS first_ones",
            counted_as,
            settled_ms,
            last_ms - until_ms,
            AT_ONCE
        );
        let row = self.row(mark).await?;
        let Some(mark_ms) = row.map(|mut r| r.maybe_i64()).transpose()?.flatten() else {
            return Ok(None);
        };
        let metric = measured.metric.as_str();
        let units = self
            .exposed_between(counted_as, metric, [settled_ms, mark_ms], numbers)
            .await?;
        Ok(Some(Due {
            experiment: experiment.to_owned(),
            metric: measured.metric.clone(),
            until_ms: mark_ms,
            units,
        }))
    }

    /// Units exposed after the one time and until the other, with what they have of a metric.
    pub(super) async fn exposed_between(
        &self,
        counted_as: &str,
        metric: &str,
        [after_ms, until_ms]: [i64; 2],
        numbers: &mut Numbers,
    ) -> Result<Vec<(String, Unit, Total)>> {
        let rows = self
            .rows_to_write(sql!(
                "SELECT n.unit, n.number, u.variant, u.exposed_ms, u.errored, u.converted, u.country, \
                 u.device, u.browser, t.events, t.total_milli, t.base_events, t.base_milli, \
                 t.pre_events, t.pre_milli, t.pre_base_events, t.pre_base_milli \
                 FROM units u JOIN unit_numbers n ON n.number = u.number \
                 LEFT JOIN unit_metrics t ON t.number = u.number \
                 AND t.experiment_id = u.experiment_id AND t.metric = ?2 \
                 WHERE u.experiment_id = ?1 AND u.exposed_ms > ?3 AND u.exposed_ms <= ?4",
                counted_as,
                metric,
                after_ms,
                until_ms
            ))
            .await?;
        let mut units = Vec::with_capacity(rows.len());
        for mut row in rows {
            let unit = row.text()?;
            numbers.insert(&unit, row.i64()?);
            let state = state(&mut row)?;
            let mut total = [Had::default(); 4];
            for had in &mut total {
                had.events = row.maybe_i64()?.unwrap_or(0);
                had.milli = row.maybe_i64()?.unwrap_or(0);
            }
            units.push((unit, state, total));
        }
        Ok(units)
    }
}

impl Known {
    /// Metrics whose units are counted once their days are over, by experiment.
    pub(super) fn retentions(&self) -> Vec<(String, Measured)> {
        let all = self.experiments.iter();
        all.flat_map(|(id, x)| x.metrics.iter().map(move |m| (id.clone(), m.clone())))
            .filter(|(_, m)| m.settled_ms.is_some())
            .collect()
    }
}

impl Tally {
    /// Counts the units that are due; first of all, so that the batch meets them counted.
    pub(super) fn settle(&mut self, now_ms: i64) {
        for due in std::mem::take(&mut self.known.due) {
            let Some(x) = self.known.experiments.get_mut(&due.experiment) else {
                continue;
            };
            let mut metrics = x.metrics.to_vec();
            let Some(measured) = metrics.iter_mut().find(|m| m.metric == due.metric) else {
                continue;
            };
            measured.settled_ms = Some(due.until_ms);
            let measured = measured.clone();
            x.metrics = metrics.into();
            for (unit, state, total) in due.units {
                let key = (unit, due.experiment.clone());
                let mut counted = measured.moments(&total);
                counted.units = 1;
                self.known.units.entry(key.clone()).or_insert(state);
                self.grow(&key, &measured, now_ms, &counted);
            }
            self.settled
                .insert((due.experiment, due.metric), due.until_ms);
        }
    }
}
