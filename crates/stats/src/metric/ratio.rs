//! A ratio of two sums over the same units, such as revenue per order.

use serde::{Deserialize, Serialize};

use super::sample::covariance;
use super::{MergeError, Sample, Summary};

/// `Σ numerator / Σ denominator`. The unit of analysis is the unit of assignment, so that
/// several orders of one visitor are not taken for independent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// Of the same units as the denominator.
    pub numerator: Sample,
    pub denominator: Sample,
    /// Numerator times denominator of each unit, summed.
    pub products: f64,
}

impl Ratio {
    /// Delta method (Deng, Knoblich and Lu, "Applying the delta method in metric
    /// analytics", KDD 2018), per unit:
    /// `V_m/D² - 2 C M/D³ + M² V_d/D⁴` with the means `M`, `D`.
    pub(super) fn summary(&self) -> Option<Summary> {
        let (top, bottom) = (self.numerator, self.denominator);
        if top.units() != bottom.units() {
            return None;
        }
        let (m, d) = (top.mean(), bottom.mean());
        let shared = covariance(&top, &bottom, self.products);
        let variance = top.variance() / (d * d) - 2.0 * shared * m / (d * d * d)
            + m * m * bottom.variance() / (d * d * d * d);
        let mean = top.sum() / bottom.sum();
        Some(Summary::unadjusted(top.units(), mean, variance))
    }

    pub(super) fn merge(self, other: Self) -> Result<Self, MergeError> {
        Ok(Self {
            numerator: self.numerator.merge(other.numerator)?,
            denominator: self.denominator.merge(other.denominator)?,
            products: self.products + other.products,
        })
    }
}
