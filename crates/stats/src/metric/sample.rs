//! One number per unit, kept as its sums.

use serde::{Deserialize, Serialize};

use super::MergeError;
use crate::proportion::Proportion;

/// How often something happened to each unit: whole numbers, so that merging and the
/// variance are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// Units exposed.
    pub units: u64,
    /// Events of all units.
    pub sum: u64,
    /// Squares of each unit's events, summed.
    pub sum_squares: u64,
}

/// A real number per unit, such as revenue.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Mean {
    /// Units exposed.
    pub units: u64,
    pub sum: f64,
    /// Squares of each unit's value, summed.
    pub sum_squares: f64,
    /// Where the caller cut each unit's value before summing, in the metric's own unit: the
    /// mean is then that of the winsorised values. Absent when nothing was cut.
    #[serde(default)]
    pub winsorised_at: Option<f64>,
}

/// A metric with one number per unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sample {
    /// Zero or one.
    Proportion(Proportion),
    /// A whole number.
    Count(Count),
    /// Any number.
    Mean(Mean),
}

impl Sample {
    /// Units exposed.
    #[must_use]
    pub const fn units(&self) -> u64 {
        match self {
            Self::Proportion(rate) => rate.units,
            Self::Count(count) => count.units,
            Self::Mean(mean) => mean.units,
        }
    }

    /// Sum over all units.
    #[must_use]
    pub fn sum(&self) -> f64 {
        match self {
            Self::Proportion(rate) => rate.converted() as f64,
            Self::Count(count) => count.sum as f64,
            Self::Mean(mean) => mean.sum,
        }
    }

    /// Sum per unit; 0 without units.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.units() == 0 {
            return 0.0;
        }
        self.sum() / self.units() as f64
    }

    /// Variance between units: `p (1 - p)` of a proportion, otherwise the unbiased
    /// `(Σx² - (Σx)²/n) / (n - 1)`; 0 when it is not defined.
    #[must_use]
    pub fn variance(&self) -> f64 {
        match self {
            Self::Proportion(rate) => rate.rate() * (1.0 - rate.rate()),
            Self::Count(count) => count.variance(),
            Self::Mean(mean) => mean.variance(),
        }
    }

    /// Both samples as one.
    ///
    /// # Errors
    /// When they are of different kinds or cut at different values, or a count overflows.
    pub fn merge(self, other: Self) -> Result<Self, MergeError> {
        match (self, other) {
            (Self::Proportion(a), Self::Proportion(b)) => Ok(Self::Proportion(Proportion::new(
                added(a.converted(), b.converted())?,
                added(a.units, b.units)?,
            ))),
            (Self::Count(a), Self::Count(b)) => Ok(Self::Count(Count {
                units: added(a.units, b.units)?,
                sum: added(a.sum, b.sum)?,
                sum_squares: added(a.sum_squares, b.sum_squares)?,
            })),
            (Self::Mean(a), Self::Mean(b)) => a.merge(b).map(Self::Mean),
            _ => Err(MergeError::DifferentMetrics),
        }
    }
}

impl Count {
    fn variance(&self) -> f64 {
        if self.units <= 1 {
            return 0.0;
        }
        let wide = |value: u64| u128::from(value);
        let squares = wide(self.units) * wide(self.sum_squares);
        let spread = squares.saturating_sub(wide(self.sum) * wide(self.sum));
        spread as f64 / self.units as f64 / (self.units - 1) as f64
    }
}

impl Mean {
    fn variance(&self) -> f64 {
        if self.units <= 1 {
            return 0.0;
        }
        let units = self.units as f64;
        (self.sum_squares - self.sum * self.sum / units) / (units - 1.0)
    }

    fn merge(self, other: Self) -> Result<Self, MergeError> {
        if self.winsorised_at != other.winsorised_at {
            return Err(MergeError::DifferentCuts);
        }
        Ok(Self {
            units: added(self.units, other.units)?,
            sum: self.sum + other.sum,
            sum_squares: self.sum_squares + other.sum_squares,
            winsorised_at: self.winsorised_at,
        })
    }
}

/// Covariance between two samples of the same units from the sum of their products:
/// `(Σxy - Σx Σy / n) / (n - 1)`; 0 when it is not defined.
pub(super) fn covariance(a: &Sample, b: &Sample, products: f64) -> f64 {
    if a.units() <= 1 {
        return 0.0;
    }
    let units = a.units() as f64;
    (products - a.sum() * b.sum() / units) / (units - 1.0)
}

fn added(a: u64, b: u64) -> Result<u64, MergeError> {
    a.checked_add(b).ok_or(MergeError::Overflow)
}
