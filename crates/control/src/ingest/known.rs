//! What is stored about the experiments, events and units of a batch.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use nexus_domain::Environment;
use nexus_domain::experiment::{Among, Horizon, Seen};

use super::flags;
use super::measure::{DAY_MS, Had, Happened, Measured, Number, Side};
use super::tally::{Experiment, Known, Unit, id_of};
use super::{IngestBatch, IngestEvent, RequestEvent};
use crate::bulk::Bulk;
use crate::controllers::ENDED_MS;
use crate::ports::Value;
use crate::sql::{Cells, sql};
use crate::{Console, Result};

static EVENTS: Bulk<1> = Bulk::new("SELECT id FROM ingest_events WHERE id IN (", ")");
static UNITS: Bulk<1> = Bulk::new(
    "SELECT unit, experiment_id, variant, exposed_ms, errored, converted, country, device, \
     browser FROM units WHERE unit IN (",
    ")",
);
static CONVERSIONS: Bulk<1> = Bulk::new(
    "SELECT unit, metric, environment, at_ms FROM unit_conversions WHERE unit IN (",
    ")",
);
static TOTALS: Bulk<1> = Bulk::new(
    "SELECT unit, experiment_id, metric, events, total_milli, base_events, base_milli, \
     pre_events, pre_milli, pre_base_events, pre_base_milli FROM unit_metrics WHERE unit IN (",
    ")",
);
static HAPPENED: Bulk<1> = Bulk::new(
    "SELECT unit, metric, environment, id, at_ms, value_milli FROM metric_events \
     WHERE unit IN (",
    ")",
);
static WAITS: Bulk<1> = Bulk::new(
    "SELECT unit, experiment_id, slow FROM unit_waits WHERE unit IN (",
    ")",
);
static DAYS: Bulk<1> = Bulk::new(
    "SELECT unit, metric, environment, day, events, total_milli FROM unit_days WHERE unit IN (",
    ")",
);

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
    /// The number of the ingest comes first: then nothing older is counted on.
    pub(super) async fn known(
        &self,
        environment: Environment,
        batches: &[Arc<IngestBatch>],
    ) -> Result<Known> {
        let events = || batches.iter().flat_map(|batch| &batch.events);
        let mut head = self
            .rows_to_write(sql!("SELECT seq FROM ingest_head WHERE id = 1"))
            .await?;
        let seq = head.first_mut().map_or(Ok(0), Cells::u64)?;
        let mut ids: Vec<String> = events().map(id_of).collect();
        ids.extend(batches.iter().filter_map(|batch| flags::id_of(batch)));
        let ids: HashSet<&str> = ids.iter().map(String::as_str).collect();
        let units: HashSet<&str> = events().filter_map(unit_of).collect();
        let mut known = Known {
            seq,
            experiments: self.countable(environment).await?,
            ..Known::default()
        };
        known.dealer = self.dealer(batches, &known.experiments).await?;
        self.measured(environment, &mut known).await?;
        self.units(&units, &mut known).await?;
        let touched = Touched::by(batches, &known);
        self.conversions(environment, &touched.either, &mut known)
            .await?;
        if known.experiments.values().any(|x| !x.metrics.is_empty()) {
            self.totals(&touched.counted, &mut known).await?;
            self.happened(environment, &touched.exposed, &mut known)
                .await?;
            self.past(environment, &touched.exposed, &mut known).await?;
            self.due_units(&mut known).await?;
            self.distributions(environment, &touched.counted, &mut known)
                .await?;
            self.slice_distributions(batches, &touched, &mut known)
                .await?;
        }
        self.waits(environment, &units, &mut known).await?;
        known.remembered = self.remembered(environment).await?;
        for mut row in self.find(&EVENTS, &ids).await? {
            known.events.insert(row.text()?);
        }
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

    async fn units(&self, units: &HashSet<&str>, known: &mut Known) -> Result<()> {
        for mut row in self.find(&UNITS, units).await? {
            let key = (row.text()?, row.text()?);
            let unit = Unit {
                variant: row.text()?,
                exposed_ms: row.i64()?,
                errored: row.bool()?,
                converted: row.bool()?,
                seen: seen(row.maybe_text()?, row.maybe_text()?, row.maybe_text()?),
            };
            known.units.insert(key, unit);
        }
        Ok(())
    }

    /// The newest ones.
    async fn conversions(
        &self,
        environment: Environment,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        for mut row in self.find(&CONVERSIONS, units).await? {
            let (unit, metric, of) = (row.text()?, row.text()?, row.text()?);
            if of == environment.as_str() {
                known.conversions.insert((unit, metric), row.i64()?);
            }
        }
        Ok(())
    }

    /// Experiments of the environment that run, or did until lately.
    async fn countable(&self, environment: Environment) -> Result<HashMap<String, Experiment>> {
        let rows = self
            .rows_to_write(sql!(
                "SELECT e.id, e.primary_metric, e.started_ms, e.stopped_ms, s.variant, \
                 s.exposures, p.looks, p.planned_users, \
                 (SELECT MAX(c.look) FROM look_counts c WHERE c.experiment_id = p.experiment_id) \
                 FROM experiments e JOIN variant_stats s ON s.experiment_id = e.id \
                 LEFT JOIN look_plans p ON p.experiment_id = e.id \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ))
            .await?;
        let mut all: HashMap<String, Experiment> = HashMap::new();
        for mut row in rows {
            let id = row.text()?;
            let (metric, started_ms) = (row.text()?, row.maybe_i64()?.unwrap_or(0));
            let stopped_ms = row.maybe_i64()?;
            let experiment = all.entry(id).or_insert_with(|| Experiment {
                metric,
                started_ms,
                stopped_ms,
                variants: Vec::new(),
                exposed: Vec::new(),
                horizon: None,
                looked: 0,
                metrics: Arc::default(),
            });
            experiment.variants.push(row.text()?);
            experiment.exposed.push(row.u64()?);
            if let (Some(looks), Some(planned_users)) = (row.maybe_u64()?, row.maybe_u64()?) {
                experiment.horizon = Some(Horizon {
                    looks: narrow(looks),
                    planned_users,
                });
            }
            experiment.looked = narrow(row.maybe_u64()?.unwrap_or(0));
        }
        all.extend(self.countable_holdouts(environment).await?);
        Ok(all)
    }

    async fn measured(&self, environment: Environment, known: &mut Known) -> Result<()> {
        let rows = self
            .rows_to_write(sql!(
                "SELECT m.experiment_id, m.metric, m.kind, m.cap_milli, m.event, m.counts, \
                 m.base_event, m.base_counts, m.from_ms, m.until_ms, m.pre_days, m.settled_ms, \
                 m.level_bp \
                 FROM experiment_metrics m JOIN experiments e ON e.id = m.experiment_id \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ))
            .await?;
        let mut all: HashMap<String, Vec<Measured>> = HashMap::new();
        for mut row in rows {
            let metrics = all.entry(row.text()?).or_default();
            let metric = row.text()?;
            let kind = row.text()?;
            let cap_milli = row.maybe_i64()?;
            let event = row.maybe_text()?.unwrap_or_else(|| metric.clone());
            let counts = row.maybe_text()?;
            let number = match kind.as_str() {
                "count" => Number::Times,
                "mean" | "quantile" => Number::Sum { cap_milli },
                "ratio" => Number::of_ratio(counts.as_deref()),
                _ => Number::Any,
            };
            let (base_event, base_counts) = (row.maybe_text()?, row.maybe_text()?);
            metrics.push(Measured {
                metric,
                top: Side { event, number },
                base: base_event.map(|event| Side {
                    event,
                    number: Number::of_ratio(base_counts.as_deref()),
                }),
                from_ms: row.i64()?,
                until_ms: row.maybe_i64()?,
                pre_days: row.i64()?,
                settled_ms: {
                    let settled_ms = row.maybe_i64()?.unwrap_or(0);
                    (kind == "retention").then_some(settled_ms)
                },
                quantile: match kind.as_str() {
                    "quantile" => counts.as_deref().and_then(Among::parse),
                    _ => None,
                },
                level_bp: row.maybe_u64()?.map(narrow),
            });
        }
        for (id, metrics) in all {
            if let Some(x) = known.experiments.get_mut(&id) {
                x.metrics = metrics.into();
            }
        }
        Ok(())
    }

    /// Limits of how long users may wait, and who did.
    async fn waits(
        &self,
        environment: Environment,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        let limits = self
            .rows_to_write(sql!(
                "SELECT l.experiment_id, l.limit_ms FROM latency_limits l \
                 JOIN experiments e ON e.id = l.experiment_id \
                 WHERE e.environment = ?1 AND (e.status IN ('running', 'paused') \
                 OR e.stopped_ms > ?2)",
                environment.as_str(),
                self.now_ms() - ENDED_MS
            ))
            .await?;
        for mut row in limits {
            known.limits.insert(row.text()?, row.u64()? as f64);
        }
        if known.limits.is_empty() {
            return Ok(());
        }
        for mut row in self.find(&WAITS, units).await? {
            known.waits.insert((row.text()?, row.text()?), row.bool()?);
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
        let rows = self.find(&TOTALS, units).await?;
        for mut row in rows {
            let place = (row.text()?, row.text()?, row.text()?);
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
        environment: Environment,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        let metrics = known.experiments.values().flat_map(|x| x.metrics.iter());
        let longest = metrics.map(|m| m.pre_days).max().unwrap_or(0);
        if longest == 0 {
            return Ok(());
        }
        // An exposure may be a day old.
        let oldest = self.now_ms().div_euclid(DAY_MS) - longest - 2;
        let rows = self.find(&DAYS, units).await?;
        for mut row in rows {
            let (unit, metric, of) = (row.text()?, row.text()?, row.text()?);
            let day = row.i64()?;
            if of == environment.as_str() && day >= oldest {
                let past = known.days.entry((unit, metric)).or_default();
                let (events, milli) = (row.i64()?, row.i64()?);
                past.insert(day, Had { events, milli });
            }
        }
        Ok(())
    }

    async fn happened(
        &self,
        environment: Environment,
        units: &HashSet<&str>,
        known: &mut Known,
    ) -> Result<()> {
        let rows = self.find(&HAPPENED, units).await?;
        for mut row in rows {
            let (unit, metric, of) = (row.text()?, row.text()?, row.text()?);
            if of == environment.as_str() {
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
        keys: &HashSet<&str>,
    ) -> Result<Vec<Cells>> {
        let keys = keys.iter().map(|key| [Value::from(*key)]);
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

pub(super) fn seen(
    country: Option<String>,
    device: Option<String>,
    browser: Option<String>,
) -> Option<Seen> {
    let (country, device, browser) = (country?, device?, browser?);
    Some(Seen::of(Some(&country), Some(&device), Some(&browser)))
}

fn narrow(looks: u64) -> u16 {
    u16::try_from(looks).unwrap_or(u16::MAX)
}

fn unit_of(event: &IngestEvent) -> Option<&str> {
    match event {
        IngestEvent::Request(e) => Some(&e.unit),
        IngestEvent::Repeats(_) => None,
        IngestEvent::Conversion(e) => Some(&e.unit),
    }
}
