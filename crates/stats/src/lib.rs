//! The statistics of experiments.
//!
//! From sums to statements: a [`Metric`] of each arm holds sufficient statistics that merge;
//! [`Effect::between`] makes of two of them a difference with its standard error,
//! [`Effect::lift`] of a relative one a lift as pages show it; a method judges it:
//! [`Sequential`] (the default), [`Fixed`], [`Grouped`] or [`Bayes`]. [`Decision`] says whether
//! a machine may act on it. [`Correction`] is for several comparisons at once,
//! [`NonInferiority`] for guardrails of any metric, [`SrmState`] and [`SrmSlices`] for broken
//! assignment, [`Design`] for planning.
//!
//! People look at results every day and controllers every second, so everything that
//! decides by itself ([`Decision`], [`Guardrail`], [`Floor`], the SRM tests, the defaults) is
//! *anytime-valid*: the stated error rate holds however often one looks and whenever one
//! stops. [`Fixed`] holds at one look, [`Grouped`] up to a planned end.
//!
//! Pure functions of their arguments. Transcendental functions come from `libm` and
//! nothing fuses or reorders operations, so the same numbers come out bit for bit on a
//! server, in a Worker and in the browser.

mod confidence_sequence;
mod decision;
mod design;
mod effect;
mod error;
mod floor;
mod guardrail;
mod method;
mod metric;
mod multiplicity;
mod noninferiority;
mod proportion;
mod quotient;
pub mod special;
mod srm;
mod srm_slices;

pub use decision::{DEFAULT_MINIMUM_UNITS, Decision};
pub use design::{Design, Direction, Outcome, PlannedUnits, Watching};
pub use effect::{Difference, Effect, Insufficient};
pub use error::OutOfRange;
pub use floor::{Floor, FloorVerdict};
pub use guardrail::{Guardrail, GuardrailVerdict};
pub use method::{
    Alpha, Bayes, Fixed, Grouped, Inference, Look, PlannedLooks, Posterior, Prior, PriorScale,
    Reference, Sequential, Spending, Tail,
};
pub use metric::{
    Adjusted, AdjustedRatio, BinnedQuantile, Clusters, Count, Distribution, Mean, MergeError,
    Metric, Products, Quantile, Ratio, Sample, Values,
};
pub use multiplicity::{Correction, adjusted_width};
pub use noninferiority::{Margin, MarginVerdict, NonInferiority};
pub use proportion::{AdjustedProportion, Better, Proportion, Status};
pub use quotient::Quotient;
pub use srm::{DEFAULT_CONCENTRATION, SrmState, SrmVerdict, chi_square_p, srm};
pub use srm_slices::{SrmSlices, SrmSlicesVerdict};
