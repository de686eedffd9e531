//! Sample ratio mismatch: do the variants have the shares of units they were assigned?
//!
//! A mismatch means that assignment, exposure or logging is broken, and then no result of
//! the experiment can be trusted. The test is anytime-valid (Lindon and Malek, "Anytime-
//! valid inference for multinomial count data", NeurIPS 2022): under the right shares the
//! probability that the e-value ever reaches `1/a` is at most `a`. A chi-square test
//! repeated at every look has no such bound.

use libm::{exp, lgamma, log};
use serde::{Deserialize, Serialize};

use crate::error::OutOfRange;
use crate::special::gamma_tail;

/// Weight of the prior, in units: how closely the alternative hugs the assigned shares.
/// The default of Optimizely's `ssrm-test`; sensitive to mismatches of a percent or so.
pub const DEFAULT_CONCENTRATION: f64 = 10_000.0;

/// Evidence gathered so far. Persist it with the counts: the p-value remembers the
/// strongest evidence ever seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SrmState {
    /// Assigned shares, summing to 1.
    shares: Vec<f64>,
    concentration: f64,
    /// Natural logarithm of the largest e-value seen; 0 at the start.
    max_ln_e: f64,
}

/// What the counts say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SrmVerdict {
    /// Natural logarithm of the e-value of these counts.
    pub ln_e_value: f64,
    /// `min(1, 1 / largest e-value so far)`. A mismatch when it is at most the chosen
    /// level, usually 0.01.
    pub p_value: f64,
}

impl SrmState {
    /// Nothing counted yet. `weights` are the assigned shares in any unit (percent, basis
    /// points, buckets); a weight of zero leaves the variant out of the test.
    ///
    /// # Errors
    /// When a weight is negative or not finite, or fewer than two are positive.
    pub fn new(weights: &[f64]) -> Result<Self, OutOfRange> {
        if let Some(bad) = weights.iter().find(|w| !w.is_finite() || **w < 0.0) {
            return Err(OutOfRange {
                name: "weight",
                range: "zero or more",
                found: *bad,
            });
        }
        let positive = weights.iter().filter(|w| **w > 0.0).count();
        if positive < 2 {
            let found = positive as f64;
            return Err(OutOfRange {
                name: "number of variants",
                range: "at least 2",
                found,
            });
        }
        let sum: f64 = weights.iter().sum();
        let shares = weights.iter().map(|weight| weight / sum).collect();
        Ok(Self {
            shares,
            concentration: DEFAULT_CONCENTRATION,
            max_ln_e: 0.0,
        })
    }

    /// Looks at the counts of units so far (cumulative, in the order of the weights).
    /// Missing counts are zero.
    pub fn observe(&mut self, counts: &[u64]) -> SrmVerdict {
        let ln_e_value = self.ln_e_value(counts);
        self.max_ln_e = self.max_ln_e.max(ln_e_value);
        SrmVerdict {
            ln_e_value,
            p_value: self.p_value(),
        }
    }

    /// The p-value of everything observed so far.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        exp(-self.max_ln_e)
    }

    /// `ln E = ln B(a + x) - ln B(a) - Σ x_i ln θ_i` with `a = k θ`, where
    /// `ln B(v) = Σ lnΓ(v_i) - lnΓ(Σ v_i)`.
    fn ln_e_value(&self, counts: &[u64]) -> f64 {
        let k = self.concentration;
        let mut total = 0.0;
        let mut ln_e = 0.0;
        for (share, count) in self.shares.iter().zip(counts) {
            if *share > 0.0 {
                let (prior, count) = (k * share, *count as f64);
                ln_e += lgamma(prior + count) - lgamma(prior) - count * log(*share);
                total += count;
            }
        }
        ln_e + lgamma(k) - lgamma(k + total)
    }
}

/// One look without history.
///
/// # Errors
/// As [`SrmState::new`].
pub fn srm(counts: &[u64], weights: &[f64]) -> Result<SrmVerdict, OutOfRange> {
    Ok(SrmState::new(weights)?.observe(counts))
}

/// P-value of Pearson's chi-square test, for a single look at a fixed time: the comparison
/// that others report.
///
/// # Errors
/// As [`SrmState::new`].
pub fn chi_square_p(counts: &[u64], weights: &[f64]) -> Result<f64, OutOfRange> {
    let state = SrmState::new(weights)?;
    let cells = || {
        state
            .shares
            .iter()
            .zip(counts)
            .filter(|(share, _)| **share > 0.0)
    };
    let total: f64 = cells().map(|(_, count)| *count as f64).sum();
    if total <= 0.0 {
        return Ok(1.0);
    }
    let term = |(share, count): (&f64, &u64)| {
        let expected = share * total;
        let off = *count as f64 - expected;
        off * off / expected
    };
    let statistic: f64 = cells().map(term).sum();
    let freedom = state.shares.iter().filter(|share| **share > 0.0).count() as f64 - 1.0;
    Ok(gamma_tail(freedom / 2.0, statistic / 2.0))
}
