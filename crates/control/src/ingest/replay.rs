//! Counts once more what ingests have accepted, for one experiment and under another name.
//!
//! Each block is counted as the ingest that it was, at its time and by the same code (`tally`),
//! one after the other on a state that is read once for all of them. So the outcome is that of
//! the first time to the last sum, whatever depends on how events came together included: looks,
//! the course of quantiles, retentions.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use nexus_domain::Environment;

use super::known::{Whose, units_of};
use super::measure::Total;
use super::numbers::{self, Numbers};
use super::settle::{AT_ONCE, Due};
use super::tally::{self, Known, Tally, Unit};
use super::{Assignment, IngestBatch, IngestEvent, RequestEvent, store};
use crate::commit::Attempts;
use crate::ports::{DatabaseError, Statement};
use crate::sql::{Cells, sql};
use crate::{Console, Result};

const HOUR_MS: i64 = 3_600_000;
/// The last block of a step comes at most so long after the first. Therefore no unit that a
/// step exposes is due in it, and no event's id comes twice in it.
pub(crate) const SPAN_MS: i64 = 12 * HOUR_MS;
/// Conversions that no exposure can follow any more: see `validate::MAX_AGE_MS`.
const FORGOTTEN_MS: i64 = 36 * HOUR_MS;
/// Units of a retention that are looked at in one step.
const POOL: u32 = 20 * AT_ONCE;

/// What one ingest has accepted.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) seq: u64,
    pub(crate) at_ms: i64,
    pub(crate) events: Vec<IngestEvent>,
    /// How many the environment had in all, up to its end.
    pub(crate) events_so_far: u64,
}

/// What the first blocks come to.
#[derive(Default)]
pub(crate) struct Replayed {
    pub(crate) statements: Vec<Statement>,
    /// How many of the blocks these are for.
    pub(crate) blocks: usize,
    /// Exposures and conversions, by variant.
    pub(crate) added: BTreeMap<String, (u64, i64)>,
}

/// What is counted again.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    /// What it is counted under.
    pub(crate) name: String,
    /// As the events name it.
    pub(crate) experiment: String,
    pub(crate) environment: Environment,
    pub(crate) stopped_ms: Option<i64>,
    /// Conversions whose past counts, and since when it was kept.
    pub(crate) remembered: Vec<(String, i64)>,
}

/// Units of one retention that are due soon, in the order of their exposure.
struct Pool {
    experiment: String,
    metric: String,
    /// After the exposure.
    until_ms: i64,
    units: VecDeque<(String, Unit, Total)>,
    /// All that were exposed until then are here.
    known_ms: i64,
}

impl Console {
    /// Counts as many of the blocks as can be counted at once, the first ones and at least one.
    /// They are in order and within [`SPAN_MS`].
    pub(crate) async fn replay(&self, again: &Again, blocks: &[Block]) -> Result<Replayed> {
        let mut replayed = Replayed::default();
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
            return Ok(replayed);
        };
        let whose = Whose::Again(&again.name);
        let mut known = self.countable(whose).await?;
        let batches: Vec<_> = blocks.iter().map(|b| again.batch(b, &known)).collect();
        let units = units_of(&batches);
        let (number, rows) = self.numbered(again.environment, &units).await?;
        known.add_units(number, rows)?;
        self.of_units(whose, &batches, first.at_ms, &mut known)
            .await?;
        let mut pools = self.pools(&mut known, last.at_ms).await?;
        replayed.statements = forget(&again.name, first.at_ms);
        let capacity = self.inner.db.capacity();
        for (block, batch) in blocks.iter().zip(&batches) {
            if !pools.iter().all(|pool| pool.suffices(block.at_ms)) {
                break;
            }
            again.stand_at(block.at_ms, &mut known);
            let due = pools.iter_mut().filter_map(|p| p.take(block.at_ms, &known));
            known.due = due.collect();
            let (tally, _) = tally::count(std::slice::from_ref(batch), known, block.at_ms);
            let counted = store::counted(&again.name, &tally, block.at_ms, capacity)?;
            replayed.statements.extend(counted);
            replayed.blocks += 1;
            for ((_, variant), added) in &tally.variants {
                let sum = replayed.added.entry(variant.clone()).or_default();
                *sum = (sum.0 + added.exposures, sum.1 + added.conversions);
            }
            known = after(tally);
        }
        Ok(replayed)
    }

    /// Rows of the units, after those without a number were given one: in a batch of its own, so
    /// that a step of many statements does not begin again with every ingest of new units.
    /// Names stay while anything is counted anew.
    async fn numbered(
        &self,
        environment: Environment,
        units: &HashSet<&str>,
    ) -> Result<(i64, Vec<Cells>)> {
        let mut attempts = Attempts::new();
        loop {
            let mut numbers = Numbers::after(self.ingest_head(environment).await?.last_number);
            let rows = self.unit_rows(units).await?;
            for row in &rows {
                let mut row = row.clone();
                numbers.insert(&row.text()?, row.i64()?);
            }
            let new = numbers.give(units.iter().copied());
            if new.is_empty() {
                return Ok((numbers.last(), rows));
            }
            let capacity = self.inner.db.capacity();
            let statements = numbers::statements(&new, &numbers, capacity);
            match self.inner.db.batch(statements).await {
                Ok(_) => {}
                Err(cause @ DatabaseError::Constraint(_)) => attempts.raced(cause)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn pools(&self, known: &mut Known, last_ms: i64) -> Result<Vec<Pool>> {
        let mut pools = Vec::new();
        for (experiment, measured) in known.retentions() {
            let (Some(after_ms), Some(until_ms)) = (measured.settled_ms, measured.until_ms) else {
                continue;
            };
            let end_ms = last_ms - until_ms;
            let mark = sql!(
                "SELECT exposed_ms FROM units WHERE experiment_id = ?1 AND exposed_ms > ?2 \
                 AND exposed_ms <= ?3 ORDER BY exposed_ms LIMIT 1 OFFSET ?4",
                experiment.as_str(),
                after_ms,
                end_ms,
                POOL
            );
            let mark = self.row(mark).await?.map(|mut row| row.i64()).transpose()?;
            let known_ms = mark.unwrap_or(end_ms);
            let metric = measured.metric.as_str();
            let numbers = &mut known.numbers;
            let mut units = self
                .exposed_between(&experiment, metric, [after_ms, known_ms], numbers)
                .await?;
            units.sort_by_key(|(_, unit, _)| unit.exposed_ms);
            pools.push(Pool {
                experiment,
                metric: measured.metric.clone(),
                until_ms,
                units: units.into(),
                known_ms,
            });
        }
        Ok(pools)
    }
}

/// The state that the next block meets.
fn after(tally: Tally) -> Known {
    let looks = tally.looks().into_iter();
    let looks: Vec<(String, u16)> = looks.map(|(id, look)| (id.to_owned(), look)).collect();
    let Tally {
        mut known,
        variants,
        ..
    } = tally;
    for ((id, variant), added) in variants {
        if let Some(x) = known.experiments.get_mut(&id) {
            let arms = x.variants.iter().zip(&mut x.exposed);
            let ours = arms.filter(|(key, _)| **key == variant);
            ours.for_each(|(_, exposed)| *exposed += added.exposures);
        }
    }
    for (id, look) in looks {
        if let Some(x) = known.experiments.get_mut(&id) {
            x.looked = look;
        }
    }
    known
}

/// By time, for which there is an index: what is younger than these belongs to environments.
fn forget(name: &str, now_ms: i64) -> Vec<Statement> {
    let until_ms = now_ms - FORGOTTEN_MS;
    vec![
        sql!(
            "DELETE FROM unit_conversions WHERE at_ms <= ?2 AND environment = ?1",
            name,
            until_ms
        ),
        sql!(
            "DELETE FROM metric_events WHERE at_ms <= ?2 AND environment = ?1",
            name,
            until_ms
        ),
    ]
}

impl Again {
    /// What of the block concerns the experiment, as a gateway would report it.
    fn batch(&self, block: &Block, known: &Known) -> Arc<IngestBatch> {
        let mut asked: HashSet<&str> = HashSet::new();
        if let Some(x) = known.experiments.get(&self.name) {
            asked.insert(&x.metric);
            asked.extend(x.metrics.iter().flat_map(|m| m.events()));
        }
        let events = block.events.iter();
        let events = events.filter_map(|event| match event {
            IngestEvent::Request(e) => self.request(e).map(IngestEvent::Request),
            IngestEvent::Conversion(e) if asked.contains(e.metric.as_str()) => Some(event.clone()),
            IngestEvent::Conversion(_) | IngestEvent::Repeats(_) => None,
        });
        Arc::new(IngestBatch {
            gateway_id: String::new(),
            environment: self.environment,
            snapshot_version: 0,
            sent_ms: block.at_ms,
            streams: None,
            batch_id: String::new(),
            events: events.collect(),
            flags: Vec::new(),
            samples: None,
        })
    }

    fn request(&self, e: &RequestEvent) -> Option<RequestEvent> {
        let ours = e.assignments.iter();
        let ours = ours.filter(|a| a.experiment == self.experiment);
        let assignments: Vec<Assignment> = ours
            .map(|a| Assignment {
                experiment: self.name.clone(),
                ..a.clone()
            })
            .collect();
        (!assignments.is_empty()).then(|| RequestEvent {
            assignments,
            ..e.clone()
        })
    }

    /// What was so at that time.
    fn stand_at(&self, now_ms: i64, known: &mut Known) {
        if let Some(x) = known.experiments.get_mut(&self.name) {
            x.stopped_ms = self.stopped_ms.filter(|stopped_ms| *stopped_ms <= now_ms);
        }
        let remembered = self.remembered.iter();
        let remembered = remembered.filter(|(_, since_ms)| *since_ms <= now_ms);
        known.remembered = remembered.map(|(event, _)| event.clone()).collect();
    }
}

impl Pool {
    /// Whether whoever is due then, and would be taken with one batch, is here.
    fn suffices(&self, now_ms: i64) -> bool {
        now_ms - self.until_ms <= self.known_ms || self.units.len() >= AT_ONCE as usize
    }

    /// As `settle::due_of` takes them from the table.
    fn take(&mut self, now_ms: i64, known: &Known) -> Option<Due> {
        let end_ms = known.last_ms(&self.experiment, now_ms) - self.until_ms;
        let due = self.until(end_ms).min(AT_ONCE as usize);
        let (_, last, _) = self.units.get(due.checked_sub(1)?)?;
        let mark_ms = last.exposed_ms;
        let due = self.until(mark_ms);
        let units = self.units.drain(..due).map(|(unit, state, total)| {
            let key = (unit, self.experiment.clone());
            let state = known.units.get(&key).cloned().unwrap_or(state);
            let place = (key.0.clone(), key.1, self.metric.clone());
            let total = known.totals.get(&place).copied().unwrap_or(total);
            (key.0, state, total)
        });
        Some(Due {
            units: units.collect(),
            experiment: self.experiment.clone(),
            metric: self.metric.clone(),
            until_ms: mark_ms,
        })
    }

    fn until(&self, exposed_ms: i64) -> usize {
        self.units
            .partition_point(|(_, unit, _)| unit.exposed_ms <= exposed_ms)
    }
}
