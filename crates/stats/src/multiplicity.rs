//! Several comparisons at once.
//!
//! Weighing each at the same alpha, twenty metrics without an effect give one "result" on
//! average. Which family of comparisons is corrected together is the caller's choice and
//! part of the plan; guardrails are usually outside it.

use serde::{Deserialize, Serialize};

use crate::method::Alpha;
use crate::special::normal_quantile;

/// How p-values are corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// Holm 1979: bounds the probability of any false result, whatever the dependence.
    #[default]
    Holm,
    /// Benjamini and Hochberg 1995: bounds the expected share of false results among all,
    /// for comparisons that are independent or positively dependent.
    BenjaminiHochberg,
}

impl Correction {
    /// Adjusted p-values in the order given: reject those at most alpha. Values outside 0
    /// to 1, and NaN, count as 1.
    #[must_use]
    pub fn adjust(self, p_values: &[f64]) -> Vec<f64> {
        let valid = |p: f64| if (0.0..=1.0).contains(&p) { p } else { 1.0 };
        let mut order: Vec<(usize, f64)> = p_values.iter().map(|p| valid(*p)).enumerate().collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        match self {
            Self::Holm => holm(&mut order),
            Self::BenjaminiHochberg => benjamini_hochberg(&mut order),
        }
        order.sort_by_key(|(index, _)| *index);
        order.into_iter().map(|(_, p)| p).collect()
    }
}

/// `max over j <= i of (m - j + 1) p_(j)`, the p-values growing.
fn holm(order: &mut [(usize, f64)]) {
    let count = order.len();
    let mut largest: f64 = 0.0;
    for (rank, (_, p)) in order.iter_mut().enumerate() {
        largest = largest.max((count - rank) as f64 * *p);
        *p = largest.min(1.0);
    }
}

/// `min over j >= i of m p_(j) / j`, the p-values growing.
fn benjamini_hochberg(order: &mut [(usize, f64)]) {
    let count = order.len() as f64;
    let mut smallest: f64 = 1.0;
    for (rank, (_, p)) in order.iter_mut().enumerate().rev() {
        // The quotient first: it is at least 1, so that the result is at least p.
        smallest = smallest.min(*p * (count / (rank + 1) as f64));
        *p = smallest;
    }
}

/// Half the interval that goes with an adjusted p-value, in standard errors, as GrowthBook shows
/// it: that of a normal estimate `z` errors from zero with just this p-value, never less than the
/// unadjusted `width`; none when the p-value is 1, of which no interval has ends.
///
/// It agrees with the adjusted verdict about zero; no statement is known about the coverage
/// of all such intervals together. For intervals that hold together use [`Alpha::among`].
#[must_use]
pub fn adjusted_width(z: f64, width: f64, adjusted_p: f64, alpha: Alpha) -> Option<f64> {
    if adjusted_p.is_nan() || adjusted_p > 0.999_999 {
        return None;
    }
    let normal = |p: f64| -normal_quantile(0.5 * p);
    let adjusted = normal(alpha.get()) * (z / normal(adjusted_p)).abs();
    Some(adjusted.max(width))
}
