//! What is stored about the experiments, events and units of a batch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::future::try_join3;
use nexus_domain::Environment;
use nexus_domain::experiment::Seen;

use super::flags;
use super::measure::{DAY_MS, Had, Happened};
use super::numbers::Numbers;
use super::tally::{Known, Unit, id_of};
use super::{IngestBatch, IngestEvent, RequestEvent};
use crate::bulk::Bulk;
use crate::controllers::ENDED_MS;
use crate::ports::Value;
use crate::sql::{Cells, sql};
use crate::{Console, Result};

static EVENTS: Bulk<1> = Bulk::new("SELECT id FROM ingest_events WHERE id IN (", ")");
static UNITS: Bulk<1> = Bulk::new(
    "SELECT n.unit, n.number, u.experiment_id, u.variant, u.exposed_ms, u.errored, \
     u.converted, u.country, u.device, u.browser \
     FROM unit_numbers n LEFT JOIN units u ON u.number = n.number WHERE n.unit IN (",
    ")",
);
static CONVERSIONS: Bulk<1> = Bulk::new(
    "SELECT number, metric, environment, at_ms FROM unit_conversions WHERE number IN (",
    ")",
);
static TOTALS: Bulk<1> = Bulk::new(
    "SELECT number, experiment_id, metric, events, total_milli, base_events, base_milli, \
     pre_events, pre_milli, pre_base_events, pre_base_milli FROM unit_metrics \
     WHERE number IN (",
    ")",
);
static HAPPENED: Bulk<1> = Bulk::new(
    "SELECT number, metric, environment, id, at_ms, value_milli FROM metric_events \
     WHERE number IN (",
    ")",
);
static WAITS: Bulk<1> = Bulk::new(
    "SELECT number, experiment_id, slow FROM unit_waits WHERE number IN (",
    ")",
);
static DAYS: Bulk<1> = Bulk::new(
    "SELECT number, metric, environment, day, events, total_milli FROM unit_days \
     WHERE number IN (",
    ")",
);

/// Whose experiments are counted, and where.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    Environment(Environment),
    /// One experiment, anew, under this name.
    Again(&'a str),
}

impl<'a> Whose<'a> {
    /// What conversions are kept under.
    pub(super) fn as_str(self) -> &'a str {
        match self {
            Self::Environment(environment) => environment.as_str(),
            Self::Again(name) => name,
        }
    }
}

impl Known {
    /// Experiments by what their units are counted under.
    pub(super) fn by_units(&self) -> HashMap<String, String> {
        let all = self.experiments.iter();
        all.map(|(id, x)| (x.units.clone(), id.clone())).collect()
    }

    /// What was read of the units; `last` is the last number that was given out before.
    pub(super) fn add_units(&mut self, last: i64, rows: Vec<Cells>) -> Result<()> {
        self.numbers = Numbers::after(last);
        let names = self.by_units();
        for mut row in rows {
            let unit = row.text()?;
            self.numbers.insert(&unit, row.i64()?);
            // Of none, not of what is over, nor of what is counted under another name.
            let Some(id) = row.maybe_text()?.and_then(|name| names.get(&name)) else {
                continue;
            };
            let key = (unit, id.clone());
            let unit = state(&mut row)?;
            self.units.insert(key, unit);
        }
        Ok(())
    }
}

/// Units of a batch about which more must be known than that they were exposed: most requests
/// come from units that were before, and change nothing.
#[derive(Default)]
pub(super) struct Touched<'a> {
    /// Exposed to an experiment for the first time, or earlier than was known.
    pub(super) exposed: HashSet<&'a str>,
    /// These, and those that convert.
    either: HashSet<&'a str>,
    /// Of `either` those that an experiment knows: others have no totals.
    pub(super) counted: HashSet<&'a str>,
}

impl<'a> Touched<'a> {
    fn by(batches: &'a [Arc<IngestBatch>], known: &Known) -> Self {
        let mut touched = Self::default();
        for event in batches.iter().flat_map(|batch| &batch.events) {
            match event {
                IngestEvent::Request(e) if may_expose(e, known) => {
                    touched.exposed.insert(&e.unit);
                    touched.either.insert(&e.unit);
                }
                IngestEvent::Conversion(e) => {
                    touched.either.insert(&e.unit);
                }
                IngestEvent::Request(_) | IngestEvent::Repeats(_) => {}
            }
        }
        let counted = known.units.keys().map(|(unit, _)| unit.as_str());
        let counted: HashSet<&str> = counted.collect();
        let either = touched.either.iter().copied();
        touched.counted = either.filter(|unit| counted.contains(unit)).collect();
        touched
    }
}

/// Whether an assignment of the request may be new to its experiment, or move the exposure
/// that is stored.
fn may_expose(e: &RequestEvent, known: &Known) -> bool {
    let mut counted = e.assignments.iter();
    counted.any(|a| {
        let key = (e.unit.clone(), a.experiment.clone());
        let stored = known.units.get(&key);
        known.experiments.contains_key(&a.experiment)
            && stored.is_none_or(|unit| e.at_ms <= unit.exposed_ms)
    })
}

impl Console {
    /// Ids of events and experiments are read beside the units, on other connections.
    pub(super) async fn known(
        &self,
        environment: Environment,
        batches: &[Arc<IngestBatch>],
    ) -> Result<Known> {
        let events = || batches.iter().flat_map(|batch| &batch.events);
        let head = self.ingest_head(environment).await?;
        let mut ids: Vec<String> = events().map(id_of).collect();
        ids.extend(batches.iter().filter_map(|batch| flags::id_of(batch)));
        let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let whose = Whose::Environment(environment);
        let units = units_of(batches);
        let (countable, events, rows) = try_join3(
            self.countable(whose),
            self.seen_before(&ids),
            self.unit_rows(&units),
        )
        .await?;
        let mut known = Known {
            seq: head.seq,
            raw_so_far: head.raw_so_far,
            events,
            ..countable
        };
        known.add_units(head.last_number, rows)?;
        known.dealer = self.dealer(batches, &known.experiments).await?;
        self.of_units(whose, batches, self.now_ms(), &mut known)
            .await?;
        self.due_units(&mut known).await?;
        known.remembered = self.remembered(environment).await?;
        if batches.iter().any(|batch| !batch.flags.is_empty()) {
            let keys = sql!(
                "SELECT key FROM flags WHERE environment = ?1",
                environment.as_str()
            );
            for mut row in self.rows_to_write(keys).await? {
                known.flags.insert(row.text()?);
            }
        }
        Ok(known)
    }

    /// Those of the ids that came before. They are written at the end of their table, so that
    /// the writer's cache has what it needs of it anyway.
    async fn seen_before(&self, ids: &HashSet<&str>) -> Result<HashSet<String>> {
        let keys = ids.iter().map(|id| [(*id).into()]);
        let mut seen = HashSet::new();
        for statement in EVENTS.statements(keys, self.inner.db.capacity()) {
            for mut row in self.many_rows(statement).await? {
                seen.insert(row.text()?);
            }
        }
        Ok(seen)
    }

    pub(super) async fn unit_rows(&self, units: &HashSet<&str>) -> Result<Vec<Cells>> {
        self.find(&UNITS, units.iter().map(|unit| [(*unit).into()]))
            .await
    }

    /// What is known of the units of the batches, after the units themselves.
    pub(super) async fn of_units(
        &self,
        whose: Whose<'_>,
        batches: &[Arc<IngestBatch>],
        now_ms: i64,
        known: &mut Known,
    ) -> Result<()> {
        let touched = Touched::by(batches, known);
        let place = whose.as_str();
        self.conversions(place, &touched.either, known).await?;
        if known.experiments.values().any(|x| !x.metrics.is_empty()) {
            self.totals(&touched.counted, known).await?;
            self.happened(place, &touched.exposed, known).await?;
            self.past(place, &touched.exposed, now_ms, known).await?;
            self.distributions(whose, &touched.counted, known).await?;
            self.slice_distributions(batches, &touched, known).await?;
        }
        self.waits(whose, &units_of(batches), known).await
    }

    /// The newest ones.
    async fn conversions(
        &self,
        place: &str,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        let rows = self.find(&CONVERSIONS, known.numbers.of(units)).await?;
        for mut row in rows {
            let unit = known.numbers.unit(row.i64()?)?;
            let (metric, of) = (row.text()?, row.text()?);
            if of == place {
                known.conversions.insert((unit, metric), row.i64()?);
            }
        }
        Ok(())
    }

    /// Limits of how long users may wait, and who did.
    async fn waits(
        &self,
        whose: Whose<'_>,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        let limits = match whose {
            Whose::Environment(environment) => sql!(
                "SELECT l.experiment_id, l.limit_ms FROM latency_limits l \
                 JOIN experiments e ON e.id = l.experiment_id \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ),
            Whose::Again(name) => sql!(
                "SELECT experiment_id, limit_ms FROM latency_limits WHERE experiment_id = ?1",
                name
            ),
        };
        let limits = self.rows_to_write(limits).await?;
        for mut row in limits {
            known.limits.insert(row.text()?, row.u64()? as f64);
        }
        if known.limits.is_empty() {
            return Ok(());
        }
        let names = known.by_units();
        let rows = self.find(&WAITS, known.numbers.of(units)).await?;
        for mut row in rows {
            let (unit, name) = (known.numbers.unit(row.i64()?)?, row.text()?);
            if let Some(id) = names.get(&name) {
                known.waits.insert((unit, id.clone()), row.bool()?);
            }
        }
        Ok(())
    }

    /// Conversions whose past is kept.
    async fn remembered(&self, environment: Environment) -> Result<HashSet<String>> {
        let rows = self
            .rows_to_write(sql!(
                "SELECT metric FROM metric_history WHERE environment = ?1",
                environment.as_str()
            ))
            .await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    async fn totals(&self, units: &HashSet<&str>, known: &mut Known) -> Result<()> {
        let names = known.by_units();
        let rows = self.find(&TOTALS, known.numbers.of(units)).await?;
        for mut row in rows {
            let unit = known.numbers.unit(row.i64()?)?;
            let (name, metric) = (row.text()?, row.text()?);
            let Some(id) = names.get(&name) else {
                continue;
            };
            let place = (unit, id.clone(), metric);
            let mut total = [Had::default(); 4];
            for had in &mut total {
                (had.events, had.milli) = (row.i64()?, row.i64()?);
            }
            known.totals.insert(place, total);
        }
        Ok(())
    }

    /// The days before, of units that may be exposed now.
    async fn past(
        &self,
        place: &str,
        units: &HashSet<&str>,
        now_ms: i64,
        known: &mut Known,
    ) -> Result<()> {
        let metrics = known.experiments.values().flat_map(|x| x.metrics.iter());
        let longest = metrics.map(|m| m.pre_days).max().unwrap_or(0);
        if longest == 0 {
            return Ok(());
        }
        // An exposure may be a day old.
        let oldest = now_ms.div_euclid(DAY_MS) - longest - 2;
        let rows = self.find(&DAYS, known.numbers.of(units)).await?;
        for mut row in rows {
            let unit = known.numbers.unit(row.i64()?)?;
            let (metric, of) = (row.text()?, row.text()?);
            let day = row.i64()?;
            if of == place && day >= oldest {
                let past = known.days.entry((unit, metric)).or_default();
                let (events, milli) = (row.i64()?, row.i64()?);
                past.insert(day, Had { events, milli });
            }
        }
        Ok(())
    }

    async fn happened(&self, place: &str, units: &HashSet<&str>, known: &mut Known) -> Result<()> {
        let rows = self.find(&HAPPENED, known.numbers.of(units)).await?;
        for mut row in rows {
            let unit = known.numbers.unit(row.i64()?)?;
            let (metric, of) = (row.text()?, row.text()?);
            if of == place {
                let kept = known.happened.entry((unit, metric)).or_default();
                kept.push(Happened {
                    id: row.text()?,
                    at_ms: row.i64()?,
                    milli: row.i64()?,
                });
            }
        }
        Ok(())
    }

    pub(super) async fn find(
        &self,
        bulk: &'static Bulk<1>,
        keys: impl Iterator<Item = [Value; 1]>,
    ) -> Result<Vec<Cells>> {
        let mut rows = Vec::new();
        for statement in bulk.statements(keys, self.inner.db.capacity()) {
            rows.extend(self.rows_to_write(statement).await?);
        }
        Ok(rows)
    }

    pub(super) async fn gateway_version(&self, batch: &IngestBatch) -> Result<Option<u64>> {
        let row = self
            .row(sql!(
                "SELECT version FROM gateways WHERE environment = ?1 AND id = ?2",
                batch.environment.as_str(),
                batch.gateway_id.as_str()
            ))
            .await?;
        row.map(|mut r| r.u64()).transpose()
    }
}

/// The next cells of a row, as tables of units have them.
pub(super) fn state(row: &mut Cells) -> Result<Unit> {
    Ok(Unit {
        variant: row.text()?,
        exposed_ms: row.i64()?,
        errored: row.bool()?,
        converted: row.bool()?,
        seen: seen(row.maybe_text()?, row.maybe_text()?, row.maybe_text()?),
    })
}

fn seen(country: Option<String>, device: Option<String>, browser: Option<String>) -> Option<Seen> {
    let (country, device, browser) = (country?, device?, browser?);
    Some(Seen::of(Some(&country), Some(&device), Some(&browser)))
}

pub(super) fn units_of(batches: &[Arc<IngestBatch>]) -> HashSet<&str> {
    let events = batches.iter().flat_map(|batch| &batch.events);
    events.filter_map(unit_of).collect()
}

fn unit_of(event: &IngestEvent) -> Option<&str> {
    match event {
        IngestEvent::Request(e) => Some(&e.unit),
        IngestEvent::Repeats(_) => None,
        IngestEvent::Conversion(e) => Some(&e.unit),
    }
}
