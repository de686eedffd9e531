//! The lowest tolerable success rate: stop a variant that is below it as soon as that is sure.
//!
//! The mirror image of [`Guardrail`](crate::Guardrail). H0: the variant's success rate is at
//! least the floor `p0`. The e-value compares the counts under a mixture of lower rates,
//! Beta(1/2, 1/2) cut to `[0, p0)`, with the floor itself (Wald's likelihood ratio, mixed).
//! By Ville's inequality the probability that it *ever* reaches `1/a` while the rate is at
//! least the floor is at most `a`, so a controller may look every second.
//!
//! **Count settled units.** A unit that came a second ago has had no time to succeed. Give as
//! units those that have had their time, and as successes all there are: successes of the
//! others only ever lower the evidence, so the bound still holds.

use libm::{exp, log, log1p};

use crate::decision::DEFAULT_MINIMUM_UNITS;
use crate::error::{OutOfRange, inside_unit};
use crate::special::{ln_beta, ln_beta_tail};

/// Jeffreys' prior before it is cut.
const A: f64 = 0.5;
const B: f64 = 0.5;

/// A lower limit on the share of units that succeed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Floor {
    limit: f64,
    alpha: f64,
}

/// What the counts say, with the numbers that decided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FloorVerdict {
    /// Evidence against "at least the floor"; at most the largest double.
    pub e_value: f64,
    /// The e-value needed: `1 / alpha`.
    pub threshold: f64,
    /// Whether the variant is to be stopped.
    pub crossed: bool,
}

impl Floor {
    /// At least `limit` of the units must succeed; a variant that does is ever stopped with
    /// probability at most `alpha`. Nothing is stopped before [`DEFAULT_MINIMUM_UNITS`].
    ///
    /// # Errors
    /// When either is not strictly between 0 and 1.
    pub fn new(limit: f64, alpha: f64) -> Result<Self, OutOfRange> {
        let (limit, alpha) = (inside_unit("limit", limit)?, inside_unit("alpha", alpha)?);
        Ok(Self { limit, alpha })
    }

    /// The same floor for each of several variants, `alpha` shared among them (Bonferroni).
    #[must_use]
    pub fn among(self, variants: u32) -> Self {
        Self {
            alpha: self.alpha / f64::from(variants.max(1)),
            ..self
        }
    }

    /// Judges cumulative counts: `successes` of `units` (more than units count as all).
    #[must_use]
    pub fn judge(&self, successes: u64, units: u64) -> FloorVerdict {
        let successes = successes.min(units);
        let ln_e_value = self.ln_e_value(successes as f64, (units - successes) as f64);
        let threshold = 1.0 / self.alpha;
        FloorVerdict {
            e_value: exp(ln_e_value).min(f64::MAX),
            threshold,
            crossed: units >= DEFAULT_MINIMUM_UNITS && ln_e_value >= log(threshold),
        }
    }

    /// With `S` successes, `F` failures and `I` the regularised incomplete beta function:
    /// `ln B(a+S, b+F) - ln B(a, b) + ln I_p0(a+S, b+F) - ln I_p0(a, b)
    ///  - S ln p0 - F ln(1-p0)`, where `I_p0(x, y) = 1 - I_(1-p0)(y, x)`.
    fn ln_e_value(&self, successes: f64, failures: f64) -> f64 {
        let above = 1.0 - self.limit;
        let posterior =
            ln_beta(A + successes, B + failures) + ln_beta_tail(B + failures, A + successes, above);
        let prior = ln_beta(A, B) + ln_beta_tail(B, A, above);
        posterior - prior - successes * log(self.limit) - failures * log1p(-self.limit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn floor(limit: f64) -> Floor {
        Floor::new(limit, 0.05).unwrap()
    }

    /// The mean of Beta(1/2, 1/2) cut to [0, p0): with t = asin(sqrt(p0)) it is
    /// (t - sin t cos t) / (2 t), by substituting p = sin².
    #[test]
    fn the_evidence_of_the_first_unit_is_the_mean_of_the_mixture() {
        let limit: f64 = 0.3;
        let t = limit.sqrt().asin();
        let mean = (t - t.sin() * t.cos()) / (2.0 * t);
        let one = floor(limit);
        assert!(one.ln_e_value(0.0, 0.0).abs() < 1e-12);
        assert!((one.ln_e_value(1.0, 0.0).exp() - mean / limit).abs() < 1e-9);
        assert!((one.ln_e_value(0.0, 1.0).exp() - (1.0 - mean) / (1.0 - limit)).abs() < 1e-9);
    }

    #[test]
    fn none_of_many_is_stopped_and_enough_is_not() {
        // 0 of 100 at a floor of 10 %: 0.9^100 is hopeless.
        assert!(floor(0.1).judge(0, 100).crossed);
        assert!(!floor(0.1).judge(0, 99).crossed, "too few units");
        assert!(!floor(0.1).judge(1_000, 10_000).crossed);
        assert!(floor(0.1).judge(500, 10_000).crossed);
        assert!(Floor::new(0.0, 0.05).is_err() && Floor::new(1.0, 0.05).is_err());
        assert!((floor(0.1).among(4).judge(0, 1).threshold - 80.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn evidence_is_finite_and_falls_with_every_success(
            limit in 0.0001_f64..0.99, units in 1_u64..2_000_000, share in 0.0_f64..1.0,
        ) {
            let successes = ((units as f64 * share) as u64).min(units - 1);
            let at = |s: u64| floor(limit).ln_e_value(s as f64, (units - s) as f64);
            prop_assert!(at(successes).is_finite());
            prop_assert!(at(successes + 1) <= at(successes) + 1e-6);
        }

        /// A fair game under the floor itself: whatever was seen, the next unit leaves the
        /// evidence as it is on average. With Ville's inequality this is the whole guarantee.
        #[test]
        fn evidence_is_a_martingale_at_the_floor(
            limit in 0.01_f64..0.99, successes in 0_u64..500, failures in 0_u64..500,
        ) {
            let of = |s: u64, f: u64| floor(limit).ln_e_value(s as f64, f as f64);
            let now = of(successes, failures);
            let next = limit * (of(successes + 1, failures) - now).exp()
                + (1.0 - limit) * (of(successes, failures + 1) - now).exp();
            prop_assert!((next - 1.0).abs() < 1e-6, "{}", next);
        }
    }
}
