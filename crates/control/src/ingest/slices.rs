//! Results by what the gateway saw of a unit at its earliest exposure.
//!
//! An earlier exposure that arrives later moves the unit, with all it has been counted
//! for, to where it belongs: the slices are those of the earliest exposures, whatever the
//! order of arrival.

use nexus_domain::experiment::{Dimension, Seen};

use super::tally::{Key, Tally};

/// One group of units of a variant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slice {
    pub(super) experiment: String,
    pub(super) dimension: Dimension,
    pub(super) value: String,
    pub(super) variant: String,
}

/// One bucket of a metric's course.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Course {
    pub(super) experiment: String,
    pub(super) metric: String,
    pub(super) bucket_ms: i64,
    pub(super) variant: String,
}

/// The slices of a unit; none of one that was counted before there were any.
pub(super) fn slices<'a>(
    experiment: &'a str,
    variant: &'a str,
    seen: Option<&'a Seen>,
) -> impl Iterator<Item = Slice> + use<'a> {
    let all = seen.map(|seen| Dimension::ALL.map(|of| (of, seen.value(of))));
    all.into_iter().flatten().map(|(dimension, value)| Slice {
        experiment: experiment.to_owned(),
        dimension,
        value: value.to_owned(),
        variant: variant.to_owned(),
    })
}

impl Tally {
    /// Exposures and conversions of a unit for its slices.
    pub(super) fn slice(&mut self, key: &Key, exposures: i64, conversions: i64) {
        let Some(unit) = self.known.units.get(key) else {
            return;
        };
        for slice in slices(&key.1, &unit.variant, unit.seen.as_ref()) {
            let counts = self.slices.entry(slice).or_default();
            counts.0 += exposures;
            counts.1 += conversions;
        }
    }

    /// The unit, with all it has been counted for, belongs to other slices.
    pub(super) fn reseen(&mut self, key: &Key, seen: Seen) {
        self.move_slices(key, true);
        if let Some(unit) = self.known.units.get_mut(key) {
            unit.seen = Some(seen);
        }
        self.move_slices(key, false);
    }

    fn move_slices(&mut self, key: &Key, away: bool) {
        let (Some(x), Some(unit)) = (
            self.known.experiments.get(&key.1),
            self.known.units.get(key).cloned(),
        ) else {
            return;
        };
        let metrics = x.metrics.clone();
        let sign = if away { -1 } else { 1 };
        self.slice(key, sign, sign * i64::from(unit.converted));
        for measured in metrics.iter().filter(|m| m.has(unit.exposed_ms)) {
            let place = (key.0.clone(), key.1.clone(), measured.metric.clone());
            let Some(total) = self.known.totals.get(&place) else {
                continue;
            };
            let moments = measured.moments(total);
            let moments = if away { -moments } else { moments };
            for slice in slices(&key.1, &unit.variant, unit.seen.as_ref()) {
                let sums = self.slice_metrics.entry((slice, measured.metric.clone()));
                *sums.or_default() += &moments;
            }
        }
    }
}
