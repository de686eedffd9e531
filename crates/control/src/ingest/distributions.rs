//! Quantiles: what the values of an arm become.
//!
//! The first change of a unit in a batch notes what its values were; after the batch the unit
//! is exchanged in the distribution of its arm, once, however many events it had. A
//! distribution is read and written as a whole, which the guard of the ingest makes safe.
//!
//! The same is kept by dimension, of the values that the batch's units were seen with. What
//! each arm's quantile is at the end of a batch is its place in the course.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use nexus_domain::experiment::{Among, Dimension, Seen};
use nexus_stats::{BinnedQuantile, Distribution, Values};

use super::known::{Touched, Whose};
use super::measure::{Measured, Total};
use super::tally::{Experiment, Key, Known, Place, SlicePlace, Tally};
use super::{IngestBatch, IngestEvent};
use crate::bulk::Bulk;
use crate::controllers::ENDED_MS;
use crate::ports::{Capacity, Statement, Value};
use crate::results::{quantile, whole};
use crate::sql::{json, sql};
use crate::{Console, Result};

static VALUES: Bulk<1> = Bulk::new(
    "SELECT number, experiment_id, metric, bins FROM unit_values WHERE number IN (",
    ")",
);
static NEW_VALUES: Bulk<4> = Bulk::new(
    "INSERT INTO unit_values (number, experiment_id, metric, bins)",
    "ON CONFLICT (number, experiment_id, metric) DO UPDATE SET bins = excluded.bins",
);
static SLICES: Bulk<3> = Bulk::new(
    "SELECT experiment_id, variant, metric, dimension, value, distribution \
     FROM slice_distributions WHERE (experiment_id, dimension, value) IN (",
    ")",
);
static NEW_SLICES: Bulk<6> = Bulk::new(
    "INSERT INTO slice_distributions (experiment_id, variant, metric, dimension, value, \
     distribution)",
    "ON CONFLICT (experiment_id, dimension, value, variant, metric) DO UPDATE SET \
     distribution = excluded.distribution",
);
static POINTS: Bulk<5> = Bulk::new(
    "INSERT INTO quantile_series (experiment_id, variant, metric, bucket_ms, quantile)",
    "ON CONFLICT (experiment_id, metric, bucket_ms, variant) DO UPDATE SET \
     quantile = excluded.quantile",
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
        whose: Whose<'_>,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        let metrics = known.experiments.values().flat_map(|x| x.metrics.iter());
        let among: Vec<Among> = metrics.filter_map(|m| m.quantile).collect();
        if among.is_empty() {
            return Ok(());
        }
        let rows = match whose {
            Whose::Environment(environment) => sql!(
                "SELECT d.experiment_id, d.variant, d.metric, d.distribution \
                 FROM metric_distributions d JOIN experiments e ON e.id = d.experiment_id \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ),
            Whose::Again(name) => sql!(
                "SELECT experiment_id, variant, metric, distribution \
                 FROM metric_distributions WHERE experiment_id = ?1",
                name
            ),
        };
        for mut row in self.rows_to_write(rows).await? {
            let place = (row.text()?, row.text()?, row.text()?);
            known.distributions.insert(place, row.json()?);
        }
        if among.contains(&Among::Events) {
            let names = known.by_units();
            let rows = self.find(&VALUES, known.numbers.of(units)).await?;
            for mut row in rows {
                let unit = known.numbers.unit(row.i64()?)?;
                let (name, metric) = (row.text()?, row.text()?);
                if let Some(id) = names.get(&name) {
                    known.values.insert((unit, id.clone(), metric), row.json()?);
                }
            }
        }
        Ok(())
    }

    /// Those of the slices that units whose values may change are in, or may move to.
    pub(super) async fn slice_distributions(
        &self,
        batches: &[Arc<IngestBatch>],
        touched: &Touched<'_>,
        known: &mut Known,
    ) -> Result<()> {
        let asks = |x: &Experiment| x.metrics.iter().any(|m| m.level_bp.is_some());
        let asking = known.experiments.iter().filter(|(_, x)| asks(x));
        let asking: HashSet<&str> = asking.map(|(id, _)| id.as_str()).collect();
        if asking.is_empty() {
            return Ok(());
        }
        let mut seen: BTreeSet<(&str, Seen)> = BTreeSet::new();
        let units = known.units.iter();
        let units = units.filter(|((unit, _), _)| touched.counted.contains(unit.as_str()));
        seen.extend(units.filter_map(|((_, id), unit)| Some((id.as_str(), unit.seen?))));
        let events = batches.iter().flat_map(|batch| &batch.events);
        for event in events {
            if let IngestEvent::Request(e) = event
                && touched.exposed.contains(e.unit.as_str())
            {
                let [country, device, browser] = [&e.country, &e.device, &e.browser];
                let now = Seen::of(country.as_deref(), device.as_deref(), browser.as_deref());
                seen.extend(e.assignments.iter().map(|a| (a.experiment.as_str(), now)));
            }
        }
        seen.retain(|(id, _)| asking.contains(id));
        let slice = |(id, seen): &(&str, Seen)| {
            Dimension::ALL.map(|of| [*id, of.as_str(), seen.value(of)].map(str::to_owned))
        };
        let slices: BTreeSet<[String; 3]> = seen.iter().flat_map(slice).collect();
        let slices = slices.into_iter().map(|slice| slice.map(Value::from));
        for statement in SLICES.statements(slices, self.inner.db.capacity()) {
            for mut row in self.rows_to_write(statement).await? {
                let arm = (row.text()?, row.text()?, row.text()?);
                let (dimension, value) = (row.text()?, row.text()?);
                if let Some(dimension) = Dimension::parse(&dimension) {
                    known.slices.insert((arm, dimension, value), row.json()?);
                }
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
    pub(super) fn observe_anew(
        &mut self,
        key: &Key,
        measured: &Measured,
        exposed_ms: i64,
        last_ms: i64,
    ) {
        let at = (key.0.clone(), measured.top.event.clone());
        let happened = self.known.happened.get(&at).into_iter().flatten();
        let counted =
            happened.filter(|h| h.at_ms <= last_ms && measured.counts(exposed_ms, h.at_ms));
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

    /// Before a unit is seen otherwise: all its values move with it.
    pub(super) fn note_seen(&mut self, key: &Key) {
        let (Some(x), Some(unit)) = (
            self.known.experiments.get(&key.1),
            self.known.units.get(key),
        ) else {
            return;
        };
        let (metrics, seen) = (x.metrics.clone(), unit.seen);
        for measured in metrics.iter().filter(|m| m.level_bp.is_some()) {
            self.moved.entry(key.clone()).or_insert(seen);
            let place = measured.place(key);
            let values = self.values_of(&place);
            self.exchanged.entry(place).or_insert(values);
        }
    }

    /// What a unit has by now.
    fn values_of(&self, place: &Place) -> Values {
        let of_users = || self.known.totals.get(place).map(of_sum);
        let values = self.known.values.get(place).cloned();
        values.or_else(of_users).unwrap_or_default()
    }

    /// Exchanges every unit that has changed in the distribution of its arm, and in those of
    /// the slices that it is in.
    pub(super) fn exchange(&mut self) {
        let exchanged = std::mem::take(&mut self.exchanged);
        for (place, before) in &exchanged {
            self.exchange_unit(place, before);
        }
        self.exchanged = exchanged;
    }

    fn exchange_unit(&mut self, place: &Place, before: &Values) {
        let (unit, experiment, metric) = place;
        let key = (unit.clone(), experiment.clone());
        let Some(unit) = self.known.units.get(&key) else {
            return;
        };
        let arm = (experiment.clone(), unit.variant.clone(), metric.clone());
        let (seen, after) = (unit.seen, self.values_of(place));
        if after != *before {
            let distribution = self.known.distributions.entry(arm.clone()).or_default();
            distribution.exchange(before, &after);
            self.distributed.insert(arm.clone());
        }
        let x = self.known.experiments.get(experiment);
        let measured = x.and_then(|x| x.metrics.iter().find(|m| m.metric == *metric));
        if measured.is_none_or(|m| m.level_bp.is_none()) {
            return;
        }
        let was = self.moved.get(&key).copied().unwrap_or(seen);
        for of in Dimension::ALL {
            let value = |seen: Option<Seen>| seen.map(|seen| seen.value(of).to_owned());
            let (old, new) = (value(was), value(seen));
            if old == new {
                self.exchange_slice(&arm, of, new, [before, &after]);
            } else {
                let none = Values::default();
                self.exchange_slice(&arm, of, old, [before, &none]);
                self.exchange_slice(&arm, of, new, [&none, &after]);
            }
        }
    }

    fn exchange_slice(
        &mut self,
        arm: &Place,
        of: Dimension,
        value: Option<String>,
        [before, after]: [&Values; 2],
    ) {
        if let Some(value) = value.filter(|_| before != after) {
            let slice = (arm.clone(), of, value);
            let distribution = self.known.slices.entry(slice.clone()).or_default();
            distribution.exchange(before, after);
            self.sliced.insert(slice);
        }
    }

    /// What the quantiles of arms that have changed are now, by the bucket of now.
    fn points(&self, now_ms: i64) -> Result<Vec<[Value; 5]>> {
        let mut points = Vec::new();
        for (id, x) in &self.known.experiments {
            let bucket_ms = self.bucket_of(id, now_ms);
            for measured in x.metrics.iter() {
                for (variant, exposed) in x.variants.iter().zip(&x.exposed) {
                    let arm = (id.clone(), variant.clone(), measured.metric.clone());
                    if let Some(quantile) = self.point(&arm, measured, *exposed) {
                        let quantile = json(&quantile)?;
                        let (id, variant, metric) = arm;
                        let keys = [id, variant, metric].map(Value::from);
                        let [id, variant, metric] = keys;
                        points.push([id, variant, metric, bucket_ms.into(), quantile.into()]);
                    }
                }
            }
        }
        Ok(points)
    }

    /// Of an arm that had so many users before the batch; none where nothing has changed.
    fn point(&self, arm: &Place, measured: &Measured, exposed: u64) -> Option<BinnedQuantile> {
        let (level_bp, among) = (measured.level_bp?, measured.quantile?);
        let (id, variant, _) = arm;
        let added = self.variants.get(&(id.clone(), variant.clone()));
        let added = added.map_or(0, |added| added.exposures);
        let has_new_zeros = among == Among::Users && added > 0;
        if !has_new_zeros && !self.distributed.contains(arm) {
            return None;
        }
        let distribution = self.known.distributions.get(arm).cloned();
        let whole = whole(distribution.unwrap_or_default(), among, exposed + added);
        Some(quantile(&whole, level_bp))
    }
}

/// The values and the distributions that have changed.
pub(super) fn statements(
    tally: &Tally,
    now_ms: i64,
    capacity: Capacity,
    all: &mut Vec<Statement>,
) -> Result<()> {
    let known = &tally.known;
    let mut rows = Vec::with_capacity(tally.exchanged.len());
    for (place, before) in &tally.exchanged {
        if let Some(values) = known.values.get(place).filter(|values| *values != before) {
            let name = known.units_of(&place.1);
            let keys = [name, &place.2].map(Value::from);
            let [name, metric] = keys;
            let number = known.numbers.number(&place.0);
            rows.push([number, name, metric, json(values)?.into()]);
        }
    }
    all.extend(NEW_VALUES.statements(rows, capacity));
    let mut rows = Vec::with_capacity(tally.distributed.len());
    for arm in &tally.distributed {
        if let Some(distribution) = known.distributions.get(arm) {
            rows.push(row([&arm.0, &arm.1, &arm.2], json(distribution)?));
        }
    }
    all.extend(NEW_DISTRIBUTIONS.statements(rows, capacity));
    let mut rows = Vec::with_capacity(tally.sliced.len());
    for slice in &tally.sliced {
        if let Some(distribution) = known.slices.get(slice) {
            rows.push(slice_row(slice, distribution)?);
        }
    }
    all.extend(NEW_SLICES.statements(rows, capacity));
    all.extend(POINTS.statements(tally.points(now_ms)?, capacity));
    Ok(())
}

fn slice_row((arm, of, value): &SlicePlace, distribution: &Distribution) -> Result<[Value; 6]> {
    Ok([
        arm.0.as_str().into(),
        arm.1.as_str().into(),
        arm.2.as_str().into(),
        of.as_str().into(),
        value.as_str().into(),
        json(distribution)?.into(),
    ])
}

fn row([a, b, c]: [&str; 3], text: String) -> [Value; 4] {
    [a.into(), b.into(), c.into(), text.into()]
}
