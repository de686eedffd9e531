//! Results by what the gateway saw of a unit at its earliest exposure.
//!
//! An earlier exposure that arrives later moves the unit, with all it has been counted
//! for, to where it belongs: the slices are those of the earliest exposures, whatever the
//! order of arrival. A unit that was counted before there were slices is in none.

use std::collections::BTreeMap;

use nexus_domain::experiment::{Dimension, Seen};

use super::tally::{Key, Tally};
use crate::results::Moments;

/// What a metric of a variant grows by.
#[derive(Clone, Debug, Default)]
pub(super) struct Grown {
    pub(super) whole: Moments,
    pub(super) buckets: BTreeMap<i64, Moments>,
    pub(super) seen: BTreeMap<Seen, Moments>,
}

/// By each dimension for itself, zeros left out.
pub(super) fn by_dimension<T: Copy + Default + PartialEq>(
    seen: &BTreeMap<Seen, T>,
    add: fn(&mut T, &T),
) -> BTreeMap<(Dimension, &str), T> {
    let mut slices = BTreeMap::new();
    for (seen, grown) in seen {
        for dimension in Dimension::ALL {
            let slice = slices.entry((dimension, seen.value(dimension)));
            add(slice.or_default(), grown);
        }
    }
    slices.retain(|_, grown| *grown != T::default());
    slices
}

impl Tally {
    /// The unit, with all it has been counted for, belongs to other slices.
    pub(super) fn reseen(&mut self, key: &Key, seen: Seen) {
        self.note_seen(key);
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
        let (metrics, sign) = (x.metrics.clone(), if away { -1 } else { 1 });
        let Some(seen) = unit.seen else {
            return;
        };
        let counts = self
            .added(&key.1, &unit.variant)
            .seen
            .entry(seen)
            .or_default();
        counts.0 += sign;
        counts.1 += sign * i64::from(unit.converted);
        let summed = metrics.iter().filter(|m| m.has_sums());
        for measured in summed.filter(|m| m.has(unit.exposed_ms)) {
            let place = measured.place(key);
            let Some(total) = self.known.totals.get(&place) else {
                continue;
            };
            let moments = measured.moments(total);
            if moments.is_zero() {
                continue;
            }
            let moments = if away { -moments } else { moments };
            let whole = (key.1.clone(), unit.variant.clone(), place.2);
            let grown = self.metrics.entry(whole).or_default();
            *grown.seen.entry(seen).or_default() += &moments;
        }
    }
}
