//! Conversion rates, adjusted by the time before the exposure (CUPED) or not.

use serde::{Deserialize, Serialize};

use crate::metric::{Adjusted, Sample};

/// Of each kind, in each arm.
const MINIMUM_EVENTS: f64 = 10.0;

/// Units that converted, of all units exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proportion {
    /// Units with at least one conversion; more than `units` counts as `units`.
    pub conversions: u64,
    /// Units exposed.
    pub units: u64,
}

impl Proportion {
    /// `conversions` of `units`.
    #[must_use]
    pub const fn new(conversions: u64, units: u64) -> Self {
        Self { conversions, units }
    }

    /// Share that converted; 0 without units.
    #[must_use]
    pub fn rate(self) -> f64 {
        if self.units == 0 {
            return 0.0;
        }
        self.converted() as f64 / self.units as f64
    }

    pub(crate) fn converted(self) -> u64 {
        self.conversions.min(self.units)
    }
}

/// Units that converted, adjusted by whether they had before they were exposed (CUPED): see
/// [`Adjusted`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustedProportion {
    pub after: Proportion,
    /// Units that had converted before.
    pub before: u64,
    /// Units that converted before and after.
    pub both: u64,
}

/// Nothing is known of the time before: nothing is adjusted.
impl From<Proportion> for AdjustedProportion {
    fn from(after: Proportion) -> Self {
        Self {
            after,
            before: 0,
            both: 0,
        }
    }
}

impl AdjustedProportion {
    pub(crate) fn adjusted(self) -> Adjusted {
        let before = Proportion::new(self.before, self.after.units);
        let both = self.both.min(self.after.converted());
        Adjusted {
            post: Sample::Proportion(self.after),
            pre: Sample::Proportion(before),
            products: both.min(before.converted()) as f64,
        }
    }

    /// Whether each arm would have at least so many units that converted, and that didn't, at
    /// the common rate: below, a rate is not near normal. An arm of 100 units that happens to
    /// have no conversion estimates its own variance as zero.
    #[must_use]
    pub fn are_near_normal(control: Self, variant: Self) -> bool {
        let (c, v) = (control.after, variant.after);
        let units = c.units.saturating_add(v.units);
        let converted = c.converted().saturating_add(v.converted());
        let common = Proportion::new(converted, units).rate();
        c.units.min(v.units) as f64 * common.min(1.0 - common) >= MINIMUM_EVENTS
    }
}

/// Which direction of the metric is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// Conversions, sign-ups.
    #[default]
    Higher,
    /// Errors, cancellations.
    Lower,
}

/// The verdict on a variant, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Better than control.
    Better,
    /// Worse than control.
    Worse,
    /// No difference is certain so far.
    Unclear,
    /// Too few units or conversions for any statement.
    NotEnoughData,
}
