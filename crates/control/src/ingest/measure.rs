//! What metrics ask for: each exposed unit's running totals, and what the sums
//! of the units' numbers grow by.
//!
//! A conversion counts when it falls into the metric's window after the unit's earliest
//! exposure. It may arrive before that exposure, and an earlier exposure may arrive after
//! it and move the window: therefore conversions stay at hand for as long as such an
//! exposure is taken, and an exposure that is new or earlier than the one known counts
//! anew what is at hand. That is everything the unit can have: what counts is not older
//! than the exposure, which is at most a day old when it is taken.
//! Totals are whole thousandths, so they don't depend on the order of arrival.

use nexus_domain::experiment::{Among, Counted};

use super::ConversionEvent;
use super::tally::{Key, Place, Tally};
use crate::results::Moments;

pub(super) const DAY_MS: i64 = 86_400_000;
/// See `Experiment::goal_measured`.
const GOAL: &str = "";

/// A metric of an experiment, as far as counting goes.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) metric: String,
    pub(super) top: Side,
    /// Below the line of a ratio.
    pub(super) base: Option<Side>,
    /// After the exposure.
    pub(super) from_ms: i64,
    pub(super) until_ms: Option<i64>,
    /// Days before the day of the exposure; 0 when they are not asked for.
    pub(super) pre_days: i64,
    /// Of a retention: units exposed until then are counted, see [`super::settle`].
    pub(super) settled_ms: Option<i64>,
    /// Of a quantile, see [`super::distributions`]: it has no sums.
    pub(super) quantile: Option<Among>,
    /// Of a quantile whose values are kept by dimension and over time too.
    pub(super) level_bp: Option<u16>,
}

/// Conversions of one name, and what is taken of them.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) event: String,
    pub(super) number: Number,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Number {
    /// Whether there were any.
    Any,
    Times,
    Sum {
        /// Thousandths.
        cap_milli: Option<i64>,
    },
}

/// Conversions of one name together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Had {
    pub(super) events: i64,
    pub(super) milli: i64,
}

/// Of one unit: above the line and below it, and both before the exposure.
pub(super) type Total = [Had; 4];

/// A conversion that a metric asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Happened {
    pub(super) id: String,
    pub(super) at_ms: i64,
    pub(super) milli: i64,
}

impl Number {
    /// As the table of metrics names it.
    pub(super) fn of_ratio(counted: Option<&str>) -> Self {
        match counted.and_then(Counted::parse) {
            Some(Counted::Values) => Self::Sum { cap_milli: None },
            Some(Counted::Events) | None => Self::Times,
        }
    }

    /// In ones, events or thousandths.
    fn of(self, had: Had) -> i64 {
        match self {
            Self::Any => i64::from(had.events > 0),
            Self::Times => had.events,
            Self::Sum { cap_milli } => cap_milli.map_or(had.milli, |cap| had.milli.min(cap)),
        }
    }
}

impl Had {
    pub(super) fn add(&mut self, events: i64, milli: i64) {
        self.events += events;
        self.milli = self.milli.saturating_add(milli);
    }
}

impl Measured {
    /// Both sides, each with the place of its total.
    fn sides(&self) -> impl Iterator<Item = (usize, &Side)> {
        std::iter::once(&self.top).chain(&self.base).enumerate()
    }

    /// Whether it is the conversion goal, which is counted here where it has a window or asks
    /// for the time before the exposure: its sum is the number of conversions.
    pub(super) fn is_goal(&self) -> bool {
        self.metric == GOAL
    }

    /// Whether sums are kept of it: of the goal only for the time before.
    pub(super) fn has_sums(&self) -> bool {
        !self.is_goal() || self.pre_days > 0
    }

    /// Where the unit's totals or values are.
    pub(super) fn place(&self, key: &Key) -> Place {
        (key.0.clone(), key.1.clone(), self.metric.clone())
    }

    /// Names of the conversions it asks for.
    pub(super) fn events(&self) -> impl Iterator<Item = &str> {
        self.sides().map(|(_, side)| side.event.as_str())
    }

    pub(super) fn asks(&self, event: &str) -> bool {
        self.sides().any(|(_, side)| side.event == event)
    }

    pub(super) fn counts(&self, exposed_ms: i64, at_ms: i64) -> bool {
        let after_ms = at_ms.saturating_sub(exposed_ms);
        after_ms >= self.from_ms && self.until_ms.is_none_or(|until_ms| after_ms < until_ms)
    }

    /// Whether the day belongs to the time before the exposure.
    fn precedes(&self, exposed_ms: i64, day: i64) -> bool {
        let exposed = exposed_ms.div_euclid(DAY_MS);
        (exposed - self.pre_days..exposed).contains(&day)
    }

    /// Whether a unit of that exposure is counted by now.
    pub(super) fn has(&self, exposed_ms: i64) -> bool {
        self.settled_ms
            .is_none_or(|settled_ms| exposed_ms <= settled_ms)
    }

    /// Nothing of a quantile.
    pub(super) fn moments(&self, total: &Total) -> Moments {
        if self.quantile.is_some() {
            return Moments::default();
        }
        let mut numbers = [0; 4];
        for (i, side) in self.sides() {
            for place in [i, i + 2] {
                if let (Some(number), Some(had)) = (numbers.get_mut(place), total.get(place)) {
                    *number = side.number.of(*had);
                }
            }
        }
        Moments::of(numbers)
    }
}

/// Thousandths of a value that has passed the check of its size.
fn milli(value: Option<f64>) -> i64 {
    (value.unwrap_or(0.0) * 1_000.0).round() as i64
}

impl Tally {
    /// A conversion, for every experiment that measures it.
    pub(super) fn measure(&mut self, e: &ConversionEvent) {
        let (at_ms, milli) = (e.at_ms, milli(e.value));
        let (key, day) = ((e.unit.clone(), e.metric.clone()), at_ms.div_euclid(DAY_MS));
        let asked: Vec<_> = self
            .known
            .experiments
            .iter()
            .filter(|(_, x)| x.goes_on(at_ms) && x.metrics.iter().any(|m| m.asks(&e.metric)))
            .map(|(id, x)| (id.clone(), x.metrics.clone()))
            .collect();
        for (experiment, metrics) in &asked {
            let unit = (e.unit.clone(), experiment.clone());
            let Some(exposed_ms) = self.known.units.get(&unit).map(|u| u.exposed_ms) else {
                continue;
            };
            for measured in metrics.iter() {
                if measured.quantile == Some(Among::Events) {
                    if measured.asks(&e.metric) && measured.counts(exposed_ms, at_ms) {
                        self.observe(&unit, measured, milli);
                    }
                    continue;
                }
                self.change(&unit, measured, at_ms, |total| {
                    for (i, _) in measured.sides().filter(|(_, s)| s.event == e.metric) {
                        let place = if measured.counts(exposed_ms, at_ms) {
                            total.get_mut(i)
                        } else if measured.precedes(exposed_ms, day) {
                            total.get_mut(i + 2)
                        } else {
                            None
                        };
                        if let Some(had) = place {
                            had.add(1, milli);
                        }
                    }
                });
            }
        }
        if !asked.is_empty() {
            let id = e.id.to_ascii_lowercase();
            let happened = Happened { id, at_ms, milli };
            let kept = self.known.happened.entry(key.clone()).or_default();
            kept.push(happened.clone());
            self.happened.push((key.clone(), happened));
        }
        if self.known.remembered.contains(&e.metric) {
            let of_day = (key.0.clone(), key.1.clone(), day);
            self.days.entry(of_day).or_default().add(1, milli);
            let past = self.known.days.entry(key).or_default();
            past.entry(day).or_default().add(1, milli);
        }
    }

    /// Counts anew all that the unit had, by its exposure as it is known now.
    pub(super) fn recount(&mut self, key: &Key, at_ms: i64) {
        let (Some(x), Some(unit)) = (
            self.known.experiments.get(&key.1),
            self.known.units.get(key),
        ) else {
            return;
        };
        let (metrics, exposed_ms) = (x.metrics.clone(), unit.exposed_ms);
        let last_ms = x.until_ms().unwrap_or(i64::MAX);
        for measured in metrics.iter() {
            if measured.quantile == Some(Among::Events) {
                self.observe_anew(key, measured, exposed_ms, last_ms);
                continue;
            }
            let all = self.total(&key.0, measured, exposed_ms, last_ms);
            self.change(key, measured, at_ms, |total| *total = all);
        }
    }

    fn total(&self, unit: &str, measured: &Measured, exposed_ms: i64, last_ms: i64) -> Total {
        let mut total = Total::default();
        for (i, side) in measured.sides() {
            let key = (unit.to_owned(), side.event.clone());
            let happened = self.known.happened.get(&key).into_iter().flatten();
            let after =
                happened.filter(|h| h.at_ms <= last_ms && measured.counts(exposed_ms, h.at_ms));
            if let Some(had) = total.get_mut(i) {
                after.for_each(|h| had.add(1, h.milli));
            }
            let days = self.known.days.get(&key).into_iter().flatten();
            let before = days.filter(|(day, _)| measured.precedes(exposed_ms, **day));
            if let Some(had) = total.get_mut(i + 2) {
                before.for_each(|(_, of_day)| had.add(of_day.events, of_day.milli));
            }
        }
        total
    }

    /// Changes a unit's totals, and all sums it is in by the difference.
    fn change(
        &mut self,
        key: &Key,
        measured: &Measured,
        at_ms: i64,
        change: impl FnOnce(&mut Total),
    ) {
        let place = measured.place(key);
        let before = self.known.totals.get(&place).copied().unwrap_or_default();
        let mut after = before;
        change(&mut after);
        let exposed_ms = self.known.units.get(key).map(|unit| unit.exposed_ms);
        let Some(exposed_ms) = exposed_ms.filter(|_| after != before) else {
            return;
        };
        if measured.quantile.is_some() {
            self.note_sum(&place, &before);
        }
        self.known.totals.insert(place.clone(), after);
        self.changed_totals.insert(place);
        let grown = measured.moments(&after) - measured.moments(&before);
        if !grown.is_zero() && measured.has(exposed_ms) {
            self.grow(key, measured, at_ms, &grown);
        }
    }

    /// Adds to all sums that the unit is in.
    pub(super) fn grow(&mut self, key: &Key, measured: &Measured, at_ms: i64, grown: &Moments) {
        let [converted, ..] = grown.sums;
        if measured.is_goal() && converted != 0 {
            self.count_conversion(key, at_ms, converted);
        }
        if !measured.has_sums() {
            return;
        }
        let Some(unit) = self.known.units.get(key) else {
            return;
        };
        let whole = (key.1.clone(), unit.variant.clone(), measured.metric.clone());
        let (seen, bucket_ms) = (unit.seen, self.bucket_of(&key.1, at_ms));
        let sums = self.metrics.entry(whole).or_default();
        sums.whole += grown;
        *sums.buckets.entry(bucket_ms).or_default() += grown;
        if let Some(seen) = seen {
            *sums.seen.entry(seen).or_default() += grown;
        }
    }
}
