//! Metrics beside the primary one: each exposed unit's running total, and per
//! variant the sums of these totals and of their squares.
//!
//! A conversion counts when it is not older than the unit's earliest exposure. It
//! may arrive before that exposure, and an earlier exposure may arrive after it:
//! therefore conversions stay at hand for as long as such an exposure is taken, and
//! an exposure that is new or earlier than the one known fetches those it adds.
//! Totals are whole thousandths, so they don't depend on the order of arrival; sums
//! of squares are floating-point numbers, whose last digits may.

use nexus_domain::experiment::MetricKind;

use super::ConversionEvent;
use super::tally::{Key, Tally};

/// A metric of an experiment, as far as counting goes.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) metric: String,
    pub(super) kind: MetricKind,
    /// Thousandths.
    pub(super) cap_milli: Option<i64>,
}

/// What one unit has had since its exposure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) events: i64,
    pub(super) milli: i64,
}

/// A conversion that a metric asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Happened {
    pub(super) id: String,
    pub(super) at_ms: i64,
    pub(super) milli: i64,
}

impl Measured {
    /// The unit's number, in ones, events or thousandths.
    fn of(&self, total: Total) -> i64 {
        match self.kind {
            MetricKind::Proportion => i64::from(total.events > 0),
            MetricKind::Count => total.events,
            MetricKind::Mean { .. } => self
                .cap_milli
                .map_or(total.milli, |cap| total.milli.min(cap)),
        }
    }
}

/// Thousandths of a value that has passed the check of its size.
fn milli(value: Option<f64>) -> i64 {
    (value.unwrap_or(0.0) * 1_000.0).round() as i64
}

impl Tally {
    /// A conversion, for every experiment that measures it.
    pub(super) fn measure(&mut self, e: &ConversionEvent) {
        let experiments: Vec<String> = self
            .known
            .experiments
            .iter()
            .filter(|(_, x)| x.metrics.iter().any(|m| m.metric == e.metric))
            .map(|(id, _)| id.clone())
            .collect();
        if experiments.is_empty() {
            return;
        }
        let happened = Happened {
            id: e.id.to_ascii_lowercase(),
            at_ms: e.at_ms,
            milli: milli(e.value),
        };
        for experiment in experiments {
            let key = (e.unit.clone(), experiment);
            let exposed = self.known.units.get(&key).map(|unit| unit.exposed_ms);
            if exposed.is_some_and(|exposed_ms| e.at_ms >= exposed_ms) {
                self.add(&key, &e.metric, 1, happened.milli);
            }
        }
        let key = (e.unit.clone(), e.metric.clone());
        let kept = self.known.happened.entry(key.clone()).or_default();
        kept.push(happened.clone());
        self.happened.push((key, happened));
    }

    /// What happened from `from_ms` on and before `until_ms` counts for the unit from now on.
    pub(super) fn include(&mut self, key: &Key, from_ms: i64, until_ms: i64) {
        let Some(x) = self.known.experiments.get(&key.1) else {
            return;
        };
        let metrics: Vec<String> = x.metrics.iter().map(|m| m.metric.clone()).collect();
        for metric in metrics {
            let Some(all) = self.known.happened.get(&(key.0.clone(), metric.clone())) else {
                continue;
            };
            let ours = all
                .iter()
                .filter(|h| (from_ms..until_ms).contains(&h.at_ms));
            let (events, milli) = ours.fold((0i64, 0i64), |(n, sum), h| {
                (n + 1, sum.saturating_add(h.milli))
            });
            if events > 0 {
                self.add(key, &metric, events, milli);
            }
        }
    }

    fn add(&mut self, key: &Key, metric: &str, events: i64, milli: i64) {
        let (Some(x), Some(unit)) = (
            self.known.experiments.get(&key.1),
            self.known.units.get(key),
        ) else {
            return;
        };
        let Some(measured) = x.metrics.iter().find(|m| m.metric == metric) else {
            return;
        };
        let place = (key.0.clone(), key.1.clone(), metric.to_owned());
        let total = self.known.totals.entry(place.clone()).or_default();
        let before = measured.of(*total);
        total.events += events;
        total.milli = total.milli.saturating_add(milli);
        let after = measured.of(*total);
        let stats = (key.1.clone(), unit.variant.clone(), metric.to_owned());
        let sums = self.metrics.entry(stats).or_default();
        sums.0 = sums.0.saturating_add(after.saturating_sub(before));
        sums.1 += square(after) - square(before);
        self.changed_totals.insert(place);
    }
}

fn square(number: i64) -> f64 {
    let number = number as f64;
    number * number
}
