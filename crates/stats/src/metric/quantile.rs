//! A quantile of events, such as the 95th percentile of latency.

use serde::{Deserialize, Serialize};

use super::Summary;
use crate::special::normal_quantile;

/// The smallest variance of a quantile from 100 events on, in the metric's unit squared, as
/// in `gbstats`: many equal values make the two bounds meet. It does not scale with the
/// metric, so choose a unit in which differences of 0.003 do not matter.
const LEAST_VARIANCE: f64 = 1e-5;

/// A sample quantile with the order statistics around it. Quantiles do not merge.
///
/// Deng, Knoblich and Lu (KDD 2018); Yao, Li and Lu (arXiv 2401.14549) for the
/// bounds: they are the values at the levels `level ± z √(level (1 - level) / bound_events)`
/// with `z` the normal quantile of 97.5 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// Events of all units.
    pub events: u64,
    /// Which quantile, between 0 and 1.
    pub level: f64,
    pub value: f64,
    pub lower: f64,
    pub upper: f64,
    /// Number of events for which the levels of the bounds were computed.
    pub bound_events: u64,
    /// Present when a unit has several events.
    #[serde(default)]
    pub clusters: Option<Clusters>,
}

/// How events gather in units. "Below" counts a unit's events at or below the quantile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Clusters {
    pub units: u64,
    pub below: f64,
    pub below_squares: f64,
    pub events: f64,
    pub events_squares: f64,
    /// Below times events of each unit, summed.
    pub products: f64,
}

impl Quantile {
    pub(super) fn summary(&self) -> Option<Summary> {
        let z = normal_quantile(0.975);
        let events = self.events as f64;
        let odds = self.level / (1.0 - self.level);
        let inside = self.level > 0.0 && self.level < 1.0;
        if !inside || events <= z * z * odds || events <= z * z / odds {
            return None;
        }
        let raw = self.raw_variance(z);
        if raw <= 0.0 && self.events < 1_000 {
            return None;
        }
        let least = if self.events < 100 {
            0.0
        } else {
            LEAST_VARIANCE
        };
        Some(Summary::unadjusted(self.events, self.value, raw.max(least)))
    }

    /// Per event: the width of the bounds gives the density at the quantile, the clusters
    /// how much less than independent the events are.
    fn raw_variance(&self, z: f64) -> f64 {
        if self.events <= 1 {
            return 0.0;
        }
        let events = self.events as f64;
        let root = (self.upper - self.lower) / (2.0 * z);
        let independent = self.bound_events as f64 / events * (events - 1.0) * root * root;
        let Some(clusters) = self.clusters else {
            return independent;
        };
        if clusters.units <= 1 || clusters.events <= 0.0 {
            return 0.0;
        }
        let of_independent = self.level * (1.0 - self.level) / events;
        independent * clusters.variance_of_share() / of_independent
    }
}

impl Clusters {
    /// Variance of the share of events below, a ratio of means over units (delta method).
    pub(super) fn variance_of_share(&self) -> f64 {
        let units = self.units as f64;
        let (below, events) = (self.below / units, self.events / units);
        let unbiased = |mean: f64, product: f64| (mean - product) * units / (units - 1.0);
        let var_below = unbiased(self.below_squares / units, below * below);
        let var_events = unbiased(self.events_squares / units, events * events);
        let shared = unbiased(self.products / units, below * events);
        let share = below / events;
        let variance = var_below - 2.0 * share * shared + share * share * var_events;
        variance / (units * events * events)
    }
}
