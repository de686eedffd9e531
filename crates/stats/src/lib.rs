//! The statistics of experiments: comparison of two proportions, sample ratio mismatch,
//! error-rate guardrails and sample sizes.
//!
//! People look at results every day and controllers every second, so everything that
//! decides is *anytime-valid*: the stated error rate holds however often one looks and
//! whenever one stops. The fixed-horizon formulas are here only for planning.
//!
//! Pure functions of their arguments. Transcendental functions come from `libm` and
//! nothing fuses or reorders operations, so the same numbers come out bit for bit on a
//! server, in a Worker and in the browser.

mod error;
mod guardrail;
mod proportion;
mod sample_size;
pub mod special;
mod srm;

pub use error::OutOfRange;
pub use guardrail::{Guardrail, GuardrailVerdict};
pub use proportion::{AlwaysValid, Better, Comparison, Interval, Proportion, Status, compare};
pub use sample_size::{Plan, detectable_lift, sample_size, sample_size_always_valid};
pub use srm::{DEFAULT_CONCENTRATION, SrmState, SrmVerdict, chi_square_p, srm};
