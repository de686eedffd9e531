//! Sample ratio mismatch per slice: a mismatch of one browser can hide in the whole.
//!
//! Every slice has its own e-value (see [`SrmState`]). Two statements bound the error over
//! all slices and all looks:
//!
//! - *whether any slice is off*: the arithmetic mean of the e-values is an e-value again,
//!   whatever their dependence (Vovk and Wang, "E-values: calibration, combination and
//!   applications", Annals of Statistics 2021);
//! - *which slices are off*: Bonferroni, each p-value times the number of slices.

use libm::{exp, log};
use serde::{Deserialize, Serialize};

use crate::error::OutOfRange;
use crate::srm::SrmState;

/// Evidence per slice. The number of slices is fixed beforehand: gather small ones and
/// those that appear later in a last slice, "other".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SrmSlices {
    slices: Vec<SrmState>,
    /// Logarithm of the current e-value of each slice.
    ln_e_values: Vec<f64>,
    /// Logarithm of the largest mean of the e-values seen.
    max_ln_mean: f64,
}

/// What the counts of all slices say so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SrmSlicesVerdict {
    /// Of "no slice is off".
    pub p_value: f64,
    /// Per slice, of "this slice is not off", times the number of slices.
    pub adjusted_p_values: Vec<f64>,
}

impl SrmSlices {
    /// `count` slices, all assigned with the same `weights`.
    ///
    /// # Errors
    /// When there is no slice or more than 10,000, or as [`SrmState::new`].
    pub fn new(weights: &[f64], count: usize) -> Result<Self, OutOfRange> {
        if count == 0 || count > 10_000 {
            return Err(OutOfRange {
                name: "number of slices",
                range: "between 1 and 10,000",
                found: count as f64,
            });
        }
        Ok(Self {
            slices: vec![SrmState::new(weights)?; count],
            ln_e_values: vec![0.0; count],
            max_ln_mean: 0.0,
        })
    }

    /// Looks at the counts of units so far: per slice, in the order of the weights.
    /// Slices without counts keep their evidence.
    pub fn observe(&mut self, counts: &[&[u64]]) -> SrmSlicesVerdict {
        let states = self.slices.iter_mut().zip(&mut self.ln_e_values);
        for ((state, ln_e), counts) in states.zip(counts) {
            *ln_e = state.observe(counts).ln_e_value;
        }
        self.max_ln_mean = self.max_ln_mean.max(ln_mean(&self.ln_e_values));
        let number = self.slices.len() as f64;
        let adjusted = |state: &SrmState| (number * state.p_value()).min(1.0);
        SrmSlicesVerdict {
            p_value: exp(-self.max_ln_mean),
            adjusted_p_values: self.slices.iter().map(adjusted).collect(),
        }
    }
}

impl SrmSlicesVerdict {
    /// Of evidence gathered elsewhere: the natural logarithms of the slices' e-values. For
    /// slices whose shares changed on the way: e-values of parts that follow one another
    /// multiply.
    #[must_use]
    pub fn of(ln_e_values: &[f64]) -> Self {
        let number = ln_e_values.len() as f64;
        let adjusted = |ln_e: &f64| (number * exp(-ln_e.max(0.0))).min(1.0);
        Self {
            p_value: match ln_e_values {
                [] => 1.0,
                some => exp(-ln_mean(some).max(0.0)),
            },
            adjusted_p_values: ln_e_values.iter().map(adjusted).collect(),
        }
    }
}

/// Logarithm of the mean of the values with these logarithms, without overflow.
fn ln_mean(ln_values: &[f64]) -> f64 {
    let largest = ln_values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = ln_values.iter().map(|ln| exp(ln - largest)).sum();
    largest + log(sum / ln_values.len() as f64)
}
