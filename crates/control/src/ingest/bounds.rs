//! What lies within an experiment's time, however late it arrives.
//!
//! Exposures and conversions count from a minute before the start until a minute after the
//! stop: gateways learn of both with a delay, and clocks differ by a little. Of a unit's
//! conversions of one name only the newest is kept, and one from after the stop would hide what
//! lies before it from exposures that are still to arrive; so what it hides is kept beside it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use nexus_domain::experiment::{Experiment as Document, rule_as_planned};
use nexus_flags::{Engine, ExperimentRule, Snapshot, Targeting};

use super::tally::{Experiment, Key, Known, Tally};
use super::{Assignment, ConversionEvent, IngestBatch, IngestEvent};
use crate::sql::sql;
use crate::{Console, Error, Result};

/// Before the start and after the stop.
const GRACE_MS: i64 = 60_000;

impl Experiment {
    pub(super) const fn had_begun(&self, at_ms: i64) -> bool {
        at_ms >= self.started_ms.saturating_sub(GRACE_MS)
    }

    pub(super) fn goes_on(&self, at_ms: i64) -> bool {
        self.until_ms().is_none_or(|until_ms| at_ms <= until_ms)
    }

    /// The last moment that counts.
    pub(super) fn until_ms(&self) -> Option<i64> {
        self.stopped_ms
            .map(|stopped_ms| stopped_ms.saturating_add(GRACE_MS))
    }
}

/// Where the newest conversion before an experiment's end is kept once there is a newer one; no
/// conversion has such a name.
fn hidden(unit: &str, metric: &str, experiment: &str) -> Key {
    (unit.to_owned(), format!("{metric}@{experiment}"))
}

impl Tally {
    pub(super) fn note_newest(&mut self, key: Key, at_ms: i64) {
        let newest = self.known.conversions.get(&key);
        if newest.is_none_or(|newest_ms| *newest_ms < at_ms) {
            self.known.conversions.insert(key.clone(), at_ms);
            self.changed_conversions.insert(key);
        }
    }

    /// Before the conversion is noted.
    pub(super) fn keep_what_is_hidden(&mut self, e: &ConversionEvent, experiment: &str) {
        let x = self.known.experiments.get(experiment);
        let Some(until_ms) = x.and_then(Experiment::until_ms) else {
            return;
        };
        let key = (e.unit.clone(), e.metric.clone());
        let before = self.known.conversions.get(&key).copied();
        let both = [before, Some(e.at_ms)];
        let counting = both
            .into_iter()
            .flatten()
            .filter(|at_ms| *at_ms <= until_ms);
        let hides = both.into_iter().flatten().any(|at_ms| at_ms > until_ms);
        if let Some(at_ms) = counting.max().filter(|_| hides) {
            self.note_newest(hidden(&e.unit, &e.metric, experiment), at_ms);
        }
    }

    /// The newest conversion that the experiment can count.
    pub(super) fn newest(&self, unit: &str, experiment: &str, x: &Experiment) -> Option<i64> {
        let all = (unit.to_owned(), x.metric.clone());
        let places = [all, hidden(unit, &x.metric, experiment)];
        let known = places
            .iter()
            .filter_map(|key| self.known.conversions.get(key));
        known.copied().filter(|at_ms| x.goes_on(*at_ms)).max()
    }
}

impl Known {
    /// Whether the unit got the variant, as far as nobody has checked it before.
    pub(super) fn is_dealt(&self, a: &Assignment, unit: &str) -> bool {
        let dealer = self.dealer.as_ref().filter(|_| is_claim(a));
        dealer.is_none_or(|dealer| dealer.dealt(&a.experiment, unit, 0) == Some(&*a.variant))
    }
}

/// Of an experiment that whoever took it had no longer: no snapshot decided.
const fn is_claim(a: &Assignment) -> bool {
    a.version == 0
}

impl Console {
    /// What checks claims; nothing is read where there are none. Buckets never change once an
    /// experiment has begun, but for the coverage, which only grows.
    pub(super) async fn dealer(
        &self,
        batches: &[Arc<IngestBatch>],
        experiments: &HashMap<String, Experiment>,
    ) -> Result<Option<Arc<Engine>>> {
        let events = batches.iter().flat_map(|batch| &batch.events);
        let assignments = events.flat_map(|event| match event {
            IngestEvent::Request(e) => &*e.assignments,
            IngestEvent::Repeats(_) | IngestEvent::Conversion(_) => &[],
        });
        let claimed = assignments.filter(|a| is_claim(a)).map(|a| &*a.experiment);
        let claimed: HashSet<&str> = claimed.filter(|id| experiments.contains_key(*id)).collect();
        if claimed.is_empty() {
            return Ok(None);
        }
        let mut rules = Vec::with_capacity(claimed.len());
        for id in claimed {
            let document = sql!("SELECT document FROM experiments WHERE id = ?1", id);
            if let Some(mut row) = self.row(document).await? {
                rules.push(at_any_time(&row.json::<Document>()?));
            }
        }
        let snapshot = Snapshot {
            experiments: rules,
            ..Snapshot::default()
        };
        let engine = Engine::compile(&snapshot).map_err(Error::internal)?;
        Ok(Some(Arc::new(engine)))
    }
}

/// The buckets and nothing else.
fn at_any_time(experiment: &Document) -> ExperimentRule {
    ExperimentRule {
        targeting: Targeting::default(),
        prerequisites: Vec::new(),
        start_ms: None,
        end_ms: None,
        paused: false,
        ..rule_as_planned(experiment)
    }
}
