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

/// The sum of a variance's terms; 0 where it is no more than what rounding leaves of terms that
/// cancel out, as where every unit has the same ratio.
pub(super) fn of_terms(terms: [f64; 3]) -> f64 {
    let size: f64 = terms.iter().map(|term| term.abs()).sum();
    let sum: f64 = terms.iter().sum();
    if sum.abs() <= size * 1e-10 { 0.0 } else { sum }
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
        let variance = of_terms([
            top.variance() / (d * d),
            -2.0 * shared * m / (d * d * d),
            m * m * bottom.variance() / (d * d * d * d),
        ]);
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

#[cfg(test)]
mod tests {
    use super::super::sample::Mean;
    use super::*;

    #[test]
    fn a_ratio_that_is_the_same_for_everybody_does_not_vary() {
        for times in 1..200_u64 {
            // One or two events of each of many users, always so many times as much above the line.
            let (units, share) = (1_000 * times, 1.0 / 3.0);
            let of = |twice: f64| {
                let (once, two) = (units as f64 * (1.0 - twice), units as f64 * twice);
                (once + 2.0 * two, once + 4.0 * two)
            };
            let (sum, squares) = of(0.1 + share / times as f64);
            let sample = |by: f64| {
                Sample::Mean(Mean {
                    units,
                    sum: by * sum,
                    sum_squares: by * by * squares,
                    winsorised_at: None,
                })
            };
            let same = Ratio {
                numerator: sample(share),
                denominator: sample(1.0),
                products: share * squares,
            };
            let summary = same.summary().unwrap();
            assert_eq!(summary.variance, 0.0, "{summary:?}");
        }
    }
}
