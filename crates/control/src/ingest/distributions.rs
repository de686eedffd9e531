//! Quantiles: what the values of an arm become.
//!
//! The first change of a unit in a batch notes what its values were; after the batch the unit
//! is exchanged in the distribution of its arm, once, however many events it had. A
//! distribution is read and written as a whole, which the guard of the ingest makes safe.

use std::collections::HashSet;

use nexus_domain::Environment;
use nexus_domain::experiment::Among;
use nexus_stats::Values;

use super::measure::{Measured, Total};
use super::tally::{Key, Known, Place, Tally};
use crate::bulk::Bulk;
use crate::controllers::ENDED_MS;
use crate::ports::{Capacity, Statement, Value};
use crate::sql::{json, sql};
use crate::{Console, Result};

static VALUES: Bulk<1> = Bulk::new(
    "SELECT unit, experiment_id, metric, bins FROM unit_values WHERE unit IN (",
    ")",
);
static NEW_VALUES: Bulk<4> = Bulk::new(
    "INSERT INTO unit_values (unit, experiment_id, metric, bins)",
    "ON CONFLICT (unit, experiment_id, metric) DO UPDATE SET bins = excluded.bins",
);
static NEW_DISTRIBUTIONS: Bulk<4> = Bulk::new(
    "INSERT INTO metric_distributions (experiment_id, variant, metric, distribution)",
    "ON CONFLICT (experiment_id, variant, metric) DO UPDATE SET \
     distribution = excluded.distribution",
);

impl Console {
    /// The distributions of the environment's quantiles and the values of the units; nothing
    /// is asked where there is no quantile.
    pub(super) async fn distributions(
        &self,
        environment: Environment,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        let metrics = known.experiments.values().flat_map(|x| x.metrics.iter());
        let among: Vec<Among> = metrics.filter_map(|m| m.quantile).collect();
        if among.is_empty() {
            return Ok(());
        }
        let rows = self
            .rows(sql!(
                "SELECT d.experiment_id, d.variant, d.metric, d.distribution \
                 FROM metric_distributions d JOIN experiments e ON e.id = d.experiment_id \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ))
            .await?;
        for mut row in rows {
            let place = (row.text()?, row.text()?, row.text()?);
            known.distributions.insert(place, row.json()?);
        }
        if among.contains(&Among::Events) {
            for mut row in self.find(&VALUES, units).await? {
                let place = (row.text()?, row.text()?, row.text()?);
                known.values.insert(place, row.json()?);
            }
        }
        Ok(())
    }
}

/// Of a quantile of users: the unit's sum. One whose sum is zero is as one without any.
fn of_sum(total: &Total) -> Values {
    let [had, ..] = total;
    std::iter::once(had.milli).filter(|sum| *sum != 0).collect()
}

impl Tally {
    /// An event of a quantile of events.
    pub(super) fn observe(&mut self, key: &Key, measured: &Measured, milli: i64) {
        let place = measured.place(key);
        let values = self.known.values.entry(place.clone()).or_default();
        self.exchanged
            .entry(place)
            .or_insert_with(|| values.clone());
        values.add(milli);
    }

    /// All that the unit had, by its exposure as it is known now.
    pub(super) fn observe_anew(&mut self, key: &Key, measured: &Measured, exposed_ms: i64) {
        let at = (key.0.clone(), measured.top.event.clone());
        let happened = self.known.happened.get(&at).into_iter().flatten();
        let counted = happened.filter(|h| measured.counts(exposed_ms, h.at_ms));
        let after: Values = counted.map(|h| h.milli).collect();
        let place = measured.place(key);
        let before = self.known.values.get(&place).cloned().unwrap_or_default();
        if after != before {
            self.known.values.insert(place.clone(), after);
            self.exchanged.entry(place).or_insert(before);
        }
    }

    /// Before the totals of a quantile of users change.
    pub(super) fn note_sum(&mut self, place: &Place, before: &Total) {
        if !self.exchanged.contains_key(place) {
            self.exchanged.insert(place.clone(), of_sum(before));
        }
    }

    /// Exchanges every unit that has changed in the distribution of its arm.
    pub(super) fn exchange(&mut self) {
        for (place, before) in &self.exchanged {
            let (unit, experiment, metric) = place;
            let Some(unit) = self.known.units.get(&(unit.clone(), experiment.clone())) else {
                continue;
            };
            let of_users = || self.known.totals.get(place).map(of_sum);
            let after = self.known.values.get(place).cloned().or_else(of_users);
            let after = after.unwrap_or_default();
            if after != *before {
                let arm = (experiment.clone(), unit.variant.clone(), metric.clone());
                let distribution = self.known.distributions.entry(arm.clone()).or_default();
                distribution.exchange(before, &after);
                self.distributed.insert(arm);
            }
        }
    }
}

/// The values and the distributions that have changed.
pub(super) fn statements(
    tally: &Tally,
    capacity: Capacity,
    all: &mut Vec<Statement>,
) -> Result<()> {
    let known = &tally.known;
    let mut rows = Vec::with_capacity(tally.exchanged.len());
    for (place, before) in &tally.exchanged {
        if let Some(values) = known.values.get(place).filter(|values| *values != before) {
            rows.push(row(place, json(values)?));
        }
    }
    all.extend(NEW_VALUES.statements(rows, capacity));
    let mut rows = Vec::with_capacity(tally.distributed.len());
    for arm in &tally.distributed {
        if let Some(distribution) = known.distributions.get(arm) {
            rows.push(row(arm, json(distribution)?));
        }
    }
    all.extend(NEW_DISTRIBUTIONS.statements(rows, capacity));
    Ok(())
}

fn row((a, b, c): &Place, text: String) -> [Value; 4] {
    [
        a.as_str().into(),
        b.as_str().into(),
        c.as_str().into(),
        text.into(),
    ]
}
