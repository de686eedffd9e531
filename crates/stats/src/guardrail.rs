//! Guardrail on the error rate: stop a variant that hurts users as soon as that is sure.
//!
//! H0: the variant's error rate is at most the limit `p0`. The e-value compares the counts
//! under a mixture of worse rates, Beta(1/2, 5) cut to `(p0, 1]`, with the limit itself
//! (Wald's likelihood ratio, mixed). By Ville's inequality the probability that it *ever*
//! reaches `1/a` while the rate is within the limit is at most `a`, so a controller may
//! look every second.
//!
//! **Count units, not requests.** The bound needs independent observations. Requests of
//! one visitor fail together: with ten errors per failing session the same test stops good
//! variants in 13 to 27 % of runs at a stated 1 %. So a unit (user or visitor) counts once,
//! as failed when any of its requests failed.

use libm::{exp, log, log1p};
use serde::{Deserialize, Serialize};

use crate::error::{OutOfRange, inside_unit};
use crate::special::{ln_beta, ln_beta_tail};

/// The mixture's Beta parameters before it is cut: most weight just above the limit.
const A: f64 = 0.5;
const B: f64 = 5.0;

/// A limit on the share of units that meet an error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Guardrail {
    limit: f64,
    alpha: f64,
    min_errors: u64,
}

/// What the counts say, with the numbers that decided.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GuardrailVerdict {
    /// Units with at least one error.
    pub errors: u64,
    /// Units observed.
    pub units: u64,
    /// `errors / units`; 0 without units.
    pub rate: f64,
    /// The highest rate allowed.
    pub limit: f64,
    /// Evidence against "within the limit"; at most the largest double.
    pub e_value: f64,
    /// Natural logarithm of the e-value, exact also where that is beyond doubles.
    pub ln_e_value: f64,
    /// Probability of ever stopping a variant that is within the limit.
    pub alpha: f64,
    /// The e-value needed: `1 / alpha`.
    pub threshold: f64,
    /// Whether the variant is to be stopped.
    pub crossed: bool,
}

impl Guardrail {
    /// Errors needed before anything is stopped, whatever the e-value.
    pub const DEFAULT_MIN_ERRORS: u64 = 3;

    /// At most `limit` of the units may meet an error; a variant within the limit is ever
    /// stopped with probability at most `alpha`.
    ///
    /// # Errors
    /// When either is not strictly between 0 and 1.
    pub fn new(limit: f64, alpha: f64) -> Result<Self, OutOfRange> {
        let (limit, alpha) = (inside_unit("limit", limit)?, inside_unit("alpha", alpha)?);
        Ok(Self {
            limit,
            alpha,
            min_errors: Self::DEFAULT_MIN_ERRORS,
        })
    }

    /// Another minimum of errors. It only ever delays a stop, so `alpha` still holds.
    #[must_use]
    pub const fn with_min_errors(self, min_errors: u64) -> Self {
        Self { min_errors, ..self }
    }

    /// The same limit for each of several variants, `alpha` shared among them, so that it
    /// bounds the false stops of the whole experiment (Bonferroni).
    #[must_use]
    pub fn among(self, variants: u32) -> Self {
        Self {
            alpha: self.alpha / f64::from(variants.max(1)),
            ..self
        }
    }

    /// Judges cumulative counts: `errors` of `units` (more errors than units count as all).
    #[must_use]
    pub fn judge(&self, errors: u64, units: u64) -> GuardrailVerdict {
        let errors = errors.min(units);
        let ln_e_value = self.ln_e_value(errors as f64, units as f64);
        let threshold = 1.0 / self.alpha;
        let rate = if units == 0 {
            0.0
        } else {
            errors as f64 / units as f64
        };
        GuardrailVerdict {
            errors,
            units,
            rate,
            limit: self.limit,
            e_value: exp(ln_e_value).min(f64::MAX),
            ln_e_value,
            alpha: self.alpha,
            threshold,
            crossed: errors >= self.min_errors && ln_e_value >= log(threshold),
        }
    }

    /// With `S` errors of `n` units and `I` the regularised incomplete beta function:
    /// `ln B(a+S, b+n-S) - ln B(a, b) + ln[1 - I_p0(a+S, b+n-S)] - ln[1 - I_p0(a, b)]
    ///  - S ln p0 - (n-S) ln(1-p0)`.
    fn ln_e_value(&self, errors: f64, units: f64) -> f64 {
        let (limit, passed) = (self.limit, units - errors);
        let posterior = ln_beta(A + errors, B + passed);
        let posterior = posterior + ln_beta_tail(A + errors, B + passed, limit);
        let prior = ln_beta(A, B) + ln_beta_tail(A, B, limit);
        posterior - prior - errors * log(limit) - passed * log1p(-limit)
    }
}
