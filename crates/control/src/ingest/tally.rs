//! The counting itself: stored state and a batch in, differences out. Pure.
//!
//! A unit is exposed from its earliest exposure on, to the variant it was first
//! counted in. It has converted when its newest conversion is not older than its
//! earliest exposure. Earliest and newest don't depend on the order of arrival,
//! so neither do the counts. Known bots are exposed to nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use nexus_domain::experiment::{Dimension, Horizon, Seen};
use nexus_flags::{Device, Engine};
use nexus_stats::{Distribution, Values};

use super::flags;
use super::measure::{Had, Happened, Measured, Total};
use super::numbers::Numbers;
use super::raw;
use super::settle::Due;
use super::slices::Grown;
use super::waits::Waited;
use super::{
    Assignment, ConversionEvent, IngestBatch, IngestEvent, IngestReply, Rejected, RepeatsEvent,
    RequestEvent, validate,
};
use crate::overview::BUCKET_MS;
use crate::results::bucket_ms;

#[derive(Clone, Debug)]
pub(super) struct Experiment {
    /// What its units are counted under; its id but for a re-computation.
    pub(super) units: String,
    pub(super) metric: String,
    pub(super) started_ms: i64,
    pub(super) stopped_ms: Option<i64>,
    pub(super) variants: Vec<String>,
    /// Exposed users of each.
    pub(super) exposed: Vec<u64>,
    /// Of a method with a planned end.
    pub(super) horizon: Option<Horizon>,
    /// The newest look taken; 0 before the first.
    pub(super) looked: u16,
    pub(super) metrics: Arc<[Measured]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) variant: String,
    pub(super) exposed_ms: i64,
    pub(super) errored: bool,
    pub(super) converted: bool,
    /// At the earliest exposure; none of a unit that was counted before this was kept.
    pub(super) seen: Option<Seen>,
}

/// (unit, experiment) and (unit, metric).
pub(super) type Key = (String, String);

/// (unit, experiment, metric) and (experiment, variant, metric).
pub(super) type Place = (String, String, String);

/// (experiment, variant, metric) in one slice.
pub(super) type SlicePlace = (Place, Dimension, String);

/// What is stored, as far as the batch concerns it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) seq: u64,
    /// How many raw events there are, where they are kept.
    pub(super) raw_so_far: Option<u64>,
    pub(super) experiments: HashMap<String, Experiment>,
    pub(super) events: HashSet<String>,
    /// Keys of the environment's flags, when somebody tells of any.
    pub(super) flags: HashSet<String>,
    pub(super) units: HashMap<Key, Unit>,
    pub(super) numbers: Numbers,
    /// Newest conversion.
    pub(super) conversions: HashMap<Key, i64>,
    /// By unit, experiment and metric.
    pub(super) totals: HashMap<Place, Total>,
    /// Of quantiles of events, by unit, experiment and metric.
    pub(super) values: HashMap<Place, Values>,
    /// Of quantiles, by experiment, variant and metric.
    pub(super) distributions: HashMap<Place, Distribution>,
    /// The same by dimension.
    pub(super) slices: HashMap<SlicePlace, Distribution>,
    /// By unit and metric.
    pub(super) happened: HashMap<Key, Vec<Happened>>,
    /// Names of the conversions whose past is kept.
    pub(super) remembered: HashSet<String>,
    /// That past by unit and name, per day (UTC, counted from 1970).
    pub(super) days: HashMap<Key, BTreeMap<i64, Had>>,
    /// Milliseconds that users may wait, by experiment with a limit.
    pub(super) limits: HashMap<String, f64>,
    /// Whether a user whose waiting was measured ever waited longer.
    pub(super) waits: HashMap<Key, bool>,
    /// Units that retentions count from now on.
    pub(super) due: Vec<Due>,
    /// Deals as the experiments do of which nobody has checked an exposure.
    pub(super) dealer: Option<Arc<Engine>>,
}

/// What the batch adds to one variant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    pub(super) exposures: u64,
    /// Fewer where an earlier exposure moves a window.
    pub(super) conversions: i64,
    pub(super) errored_users: u64,
    pub(super) conflicts: u64,
    /// Requests of known bots.
    pub(super) bots: u64,
    /// Events that had been counted before.
    pub(super) duplicates: u64,
    /// Exposures and conversions of the units that were seen so.
    pub(super) seen: BTreeMap<Seen, (i64, i64)>,
}

/// What one bucket of the course grows by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct InBucket {
    /// Users by their earliest exposure.
    pub(super) exposures: i64,
    /// Of these.
    pub(super) converted: i64,
    /// By the time of the conversion.
    pub(super) conversions: i64,
}

/// The state after the batch, and what of it changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) known: Known,
    /// Ids and times of the events counted now.
    pub(super) events: Vec<(String, i64)>,
    /// These as they are kept, where they are.
    pub(super) raw: Vec<IngestEvent>,
    /// Units that get a number, in its order.
    pub(super) new_units: Vec<String>,
    pub(super) changed_units: HashSet<Key>,
    pub(super) changed_conversions: HashSet<Key>,
    pub(super) changed_totals: HashSet<Place>,
    /// Of quantiles: what units that have changed had before, and the arms that have.
    pub(super) exchanged: HashMap<Place, Values>,
    pub(super) distributed: HashSet<Place>,
    /// Slices of these that have changed, and how units that moved were seen before.
    pub(super) sliced: HashSet<SlicePlace>,
    pub(super) moved: HashMap<Key, Option<Seen>>,
    /// Conversions that metrics ask for.
    pub(super) happened: Vec<(Key, Happened)>,
    /// What is added to the past, by unit, name and day.
    pub(super) days: BTreeMap<(String, String, i64), Had>,
    /// Up to which exposure retentions count, by experiment and metric.
    pub(super) settled: BTreeMap<Key, i64>,
    /// What the sums of metrics grow by, by experiment, variant and metric.
    pub(super) metrics: BTreeMap<Place, Grown>,
    /// By experiment and variant.
    pub(super) variants: BTreeMap<Key, Added>,
    pub(super) changed_waits: HashSet<Key>,
    /// By experiment and variant.
    pub(super) waited: BTreeMap<Key, Waited>,
    /// By experiment, bucket and variant.
    pub(super) series: BTreeMap<(String, i64, String), InBucket>,
    /// Positions of the batches whose counts of flags are new.
    pub(super) flag_reports: Vec<usize>,
    /// Requests and errors by bucket.
    pub(super) traffic: BTreeMap<i64, (u64, u64)>,
}

/// The batches one after the other; a reply for each.
pub(super) fn count(
    batches: &[Arc<IngestBatch>],
    known: Known,
    now_ms: i64,
) -> (Tally, Vec<IngestReply>) {
    let mut tally = Tally {
        known,
        ..Tally::default()
    };
    tally.settle(now_ms);
    let replies = (0..).zip(batches).map(|(position, batch)| {
        if let Some(id) = flags::id_of(batch)
            && tally.known.events.insert(id.clone())
        {
            tally.events.push((id, now_ms));
            tally.flag_reports.push(position);
        }
        tally.count(batch, now_ms)
    });
    let replies = replies.collect();
    tally.exchange();
    tally.number_units();
    (tally, replies)
}

impl Tally {
    fn count(&mut self, batch: &IngestBatch, now_ms: i64) -> IngestReply {
        let mut reply = IngestReply::default();
        for (index, event) in (0u32..).zip(&batch.events) {
            let problem = validate::event(event, now_ms).or_else(|| self.foreign(event));
            if let Some(problem) = problem {
                let problem = problem.to_owned();
                reply.rejected.push(Rejected { index, problem });
                continue;
            }
            let id = id_of(event);
            let (IngestEvent::Request(RequestEvent { at_ms, .. })
            | IngestEvent::Repeats(RepeatsEvent { at_ms, .. })
            | IngestEvent::Conversion(ConversionEvent { at_ms, .. })) = event;
            if !self.known.events.insert(id.clone()) {
                reply.duplicate += 1;
                self.duplicate(event);
                continue;
            }
            self.events.push((id, *at_ms));
            if self.known.raw_so_far.is_some() {
                self.raw.extend(raw::kept(event));
            }
            reply.accepted += 1;
            match event {
                IngestEvent::Request(e) => self.request(e),
                IngestEvent::Repeats(e) => self.traffic(e.at_ms, e.requests, e.errors),
                IngestEvent::Conversion(e) => {
                    self.conversion(e);
                    self.measure(e);
                }
            }
        }
        reply
    }

    /// Why nothing of the event can be counted. One assignment that counts is enough: a
    /// stopped experiment must not hide what happens to the others.
    fn foreign(&self, event: &IngestEvent) -> Option<&'static str> {
        let IngestEvent::Request(e) = event else {
            return None;
        };
        let mut problem = None;
        for assignment in &e.assignments {
            problem = Some(self.problem(assignment, &e.unit, e.at_ms)?);
        }
        problem
    }

    /// Why the assignment speaks of something that isn't running here.
    fn problem(&self, a: &Assignment, unit: &str, at_ms: i64) -> Option<&'static str> {
        match self.known.experiments.get(&a.experiment) {
            None => Some("no such experiment is running in this environment"),
            Some(x) if !x.variants.contains(&a.variant) => {
                Some("the experiment has no such variant")
            }
            Some(x) if !x.had_begun(at_ms) => Some("the experiment had not begun then"),
            Some(x) if !x.goes_on(at_ms) => Some("the experiment had stopped before"),
            Some(_) if !self.known.is_dealt(a, unit) => {
                Some("the experiment deals this unit another variant or none")
            }
            Some(_) => None,
        }
    }

    fn request(&mut self, e: &RequestEvent) {
        let failed = e.status >= 500;
        self.traffic(e.at_ms, 1, u64::from(failed));
        for assignment in &e.assignments {
            if self.problem(assignment, &e.unit, e.at_ms).is_some() {
                continue;
            }
            if e.device.as_deref() == Some(Device::Bot.as_str()) {
                self.added(&assignment.experiment, &assignment.variant).bots += 1;
            } else {
                self.exposure(e, assignment, failed);
                self.waited(e, assignment);
            }
        }
    }

    /// An event that has come before, for the experiments that it would have counted in.
    fn duplicate(&mut self, event: &IngestEvent) {
        match event {
            IngestEvent::Request(e) => {
                for a in &e.assignments {
                    if self.problem(a, &e.unit, e.at_ms).is_none() {
                        self.added(&a.experiment, &a.variant).duplicates += 1;
                    }
                }
            }
            IngestEvent::Conversion(e) => {
                let asked = self.known.experiments.iter().filter(|(_, x)| {
                    x.metric == e.metric || x.metrics.iter().any(|m| m.asks(&e.metric))
                });
                let keys: Vec<Key> = asked.map(|(id, _)| (e.unit.clone(), id.clone())).collect();
                for key in keys {
                    let variant = self.known.units.get(&key).map(|unit| unit.variant.clone());
                    if let Some(variant) = variant {
                        self.added(&key.1, &variant).duplicates += 1;
                    }
                }
            }
            IngestEvent::Repeats(_) => {}
        }
    }

    fn traffic(&mut self, at_ms: i64, requests: u64, errors: u64) {
        let bucket_ms = at_ms.div_euclid(BUCKET_MS) * BUCKET_MS;
        let traffic = self.traffic.entry(bucket_ms).or_default();
        traffic.0 += requests;
        traffic.1 += errors;
    }

    fn exposure(&mut self, e: &RequestEvent, a: &Assignment, failed: bool) {
        let key = (e.unit.clone(), a.experiment.clone());
        let seen = Seen::of(
            e.country.as_deref(),
            e.device.as_deref(),
            e.browser.as_deref(),
        );
        let Some(unit) = self.known.units.get(&key) else {
            return self.first_exposure(e, a, key, failed, seen);
        };
        // Dealt anew (a changed seed, a foreign gateway): counting the unit in
        // two variants would be worse than not counting the request.
        if unit.variant != a.variant {
            let variant = unit.variant.clone();
            self.added(&a.experiment, &variant).conflicts += 1;
            return;
        }
        let is_earlier = e.at_ms < unit.exposed_ms;
        let new_error = failed && !unit.errored;
        // Of two exposures at the same moment one must count, whichever came first.
        let is_reseen = unit
            .seen
            .as_ref()
            .is_some_and(|s| *s != seen && (e.at_ms, seen) < (unit.exposed_ms, *s));
        if !is_earlier && !new_error && !is_reseen {
            return;
        }
        if is_reseen {
            self.reseen(&key, seen);
        }
        self.added(&a.experiment, &a.variant).errored_users += u64::from(new_error);
        if let Some(unit) = self.known.units.get_mut(&key) {
            unit.errored |= failed;
        }
        self.changed_units.insert(key.clone());
        if is_earlier {
            self.exposed_earlier(&key, e.at_ms);
            self.convert(&key);
            self.recount(&key, e.at_ms);
        }
    }

    fn exposed_earlier(&mut self, key: &Key, at_ms: i64) {
        let Some(unit) = self.known.units.get_mut(key) else {
            return;
        };
        let (variant, converted) = (unit.variant.clone(), i64::from(unit.converted));
        let known_ms = std::mem::replace(&mut unit.exposed_ms, at_ms);
        for (at_ms, sign) in [(known_ms, -1), (at_ms, 1)] {
            let bucket = self.bucket(&key.1, &variant, at_ms);
            bucket.exposures += sign;
            bucket.converted += sign * converted;
        }
    }

    fn first_exposure(
        &mut self,
        e: &RequestEvent,
        a: &Assignment,
        key: Key,
        failed: bool,
        seen: Seen,
    ) {
        let unit = Unit {
            variant: a.variant.clone(),
            exposed_ms: e.at_ms,
            errored: failed,
            converted: false,
            seen: Some(seen),
        };
        let added = self.added(&a.experiment, &a.variant);
        added.exposures += 1;
        added.errored_users += u64::from(failed);
        added.seen.entry(seen).or_default().0 += 1;
        self.bucket(&a.experiment, &a.variant, e.at_ms).exposures += 1;
        self.known.units.insert(key.clone(), unit);
        self.changed_units.insert(key.clone());
        self.convert(&key);
        self.recount(&key, e.at_ms);
    }

    fn conversion(&mut self, e: &ConversionEvent) {
        let of_interest: Vec<String> = self
            .known
            .experiments
            .iter()
            .filter(|(_, x)| x.metric == e.metric)
            .map(|(id, _)| id.clone())
            .collect();
        if of_interest.is_empty() {
            return;
        }
        for experiment in &of_interest {
            self.keep_what_is_hidden(e, experiment);
        }
        self.note_newest((e.unit.clone(), e.metric.clone()), e.at_ms);
        for experiment in of_interest {
            self.convert(&(e.unit.clone(), experiment));
        }
    }

    /// Counts the unit as converted when by now it is.
    fn convert(&mut self, key: &Key) {
        let (Some(unit), Some(x)) = (
            self.known.units.get(key),
            self.known.experiments.get(&key.1),
        ) else {
            return;
        };
        let is_measured = x.metrics.iter().any(Measured::is_goal);
        if unit.converted || is_measured {
            return;
        }
        let newest = self.newest(&key.0, &key.1, x);
        if let Some(at_ms) = newest.filter(|at_ms| *at_ms >= unit.exposed_ms) {
            self.count_conversion(key, at_ms, 1);
        }
    }

    /// The unit has converted (1), or no longer has (-1).
    pub(super) fn count_conversion(&mut self, key: &Key, at_ms: i64, sign: i64) {
        let Some(unit) = self.known.units.get_mut(key) else {
            return;
        };
        unit.converted = sign > 0;
        let (variant, seen, exposed_ms) = (unit.variant.clone(), unit.seen, unit.exposed_ms);
        let added = self.added(&key.1, &variant);
        added.conversions += sign;
        if let Some(seen) = seen {
            added.seen.entry(seen).or_default().1 += sign;
        }
        self.bucket(&key.1, &variant, at_ms).conversions += sign;
        self.bucket(&key.1, &variant, exposed_ms).converted += sign;
        self.changed_units.insert(key.clone());
    }

    /// Experiments that the batch brings to a look, with its number. When it brings one
    /// past several, only the newest is taken: the others would see the same counts.
    pub(super) fn looks(&self) -> BTreeMap<&str, u16> {
        let mut due = BTreeMap::new();
        for (id, x) in &self.known.experiments {
            let Some(horizon) = x.horizon.filter(|h| x.looked < h.looks) else {
                continue;
            };
            let ours = self.variants.iter().filter(|((of, _), _)| of == id);
            let added: u64 = ours.map(|(_, added)| added.exposures).sum();
            let exposed: u64 = x.exposed.iter().sum();
            let look = horizon.due(exposed + added);
            if look > x.looked {
                due.insert(id.as_str(), look);
            }
        }
        due
    }

    pub(super) fn added(&mut self, experiment: &str, variant: &str) -> &mut Added {
        self.variants
            .entry((experiment.to_owned(), variant.to_owned()))
            .or_default()
    }

    fn bucket(&mut self, experiment: &str, variant: &str, at_ms: i64) -> &mut InBucket {
        let bucket = self.bucket_of(experiment, at_ms);
        self.series
            .entry((experiment.to_owned(), bucket, variant.to_owned()))
            .or_default()
    }

    pub(super) fn bucket_of(&self, experiment: &str, at_ms: i64) -> i64 {
        let x = self.known.experiments.get(experiment);
        bucket_ms(x.map_or(at_ms, |x| x.started_ms), at_ms)
    }
}

/// What makes an event the same as another. Requests and conversions are numbered apart:
/// a page may use the id of its request for a conversion.
pub(super) fn id_of(event: &IngestEvent) -> String {
    match event {
        IngestEvent::Request(e) => e.id.to_ascii_lowercase(),
        IngestEvent::Repeats(e) => e.id.to_ascii_lowercase(),
        IngestEvent::Conversion(e) => format!("c:{}", e.id.to_ascii_lowercase()),
    }
}

impl Known {
    /// What the units of an experiment are counted under.
    pub(super) fn units_of<'a>(&'a self, experiment: &'a str) -> &'a str {
        let x = self.experiments.get(experiment);
        x.map_or(experiment, |x| x.units.as_str())
    }
}
