//! From a difference to a statement about it.
//!
//! The method of an experiment is chosen before it starts and kept: changing it afterwards
//! is another way of peeking.

mod bayes;
mod fixed;
mod grouped;
mod grouped_density;
mod grouped_power;
mod sequential;

pub use bayes::{Bayes, Posterior, Prior, PriorScale};
pub use fixed::{Fixed, Reference};
pub use grouped::{Grouped, Look, Spending};
pub use grouped_power::PlannedLooks;
pub use sequential::Sequential;

use serde::{Deserialize, Serialize};

use crate::effect::Effect;
use crate::error::OutOfRange;

/// A probability of error, above 0 and at most one half: beyond that a one-sided interval
/// would leave out its own estimate.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Alpha(f64);

impl Alpha {
    /// Five percent.
    pub const FIVE_PERCENT: Self = Self(0.05);

    /// # Errors
    /// When it is not above 0 and at most 0.5.
    pub fn new(alpha: f64) -> Result<Self, OutOfRange> {
        if alpha > 0.0 && alpha <= 0.5 {
            return Ok(Self(alpha));
        }
        Err(OutOfRange {
            name: "alpha",
            range: "above 0 and at most 0.5",
            found: alpha,
        })
    }

    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// Bonferroni: one of `comparisons` equal shares. All intervals at this level hold
    /// together with the probability that one at the whole level holds alone.
    #[must_use]
    pub fn among(self, comparisons: u32) -> Self {
        Self(self.0 / f64::from(comparisons.max(1)))
    }

    /// `selected` of `comparisons` equal shares. Where Benjamini and Hochberg's procedure
    /// rejects `selected` of them, the intervals of these at this level miss, as an expected
    /// share of all of these, at most as often as one at the whole level: the rate of false
    /// coverage (Benjamini and Yekutieli, JASA 2005), for independent estimates.
    #[must_use]
    pub fn of_selected(self, selected: u32, comparisons: u32) -> Self {
        let comparisons = comparisons.max(1);
        let selected = selected.clamp(1, comparisons);
        Self(self.0 * f64::from(selected) / f64::from(comparisons))
    }
}

impl TryFrom<f64> for Alpha {
    type Error = OutOfRange;

    fn try_from(alpha: f64) -> Result<Self, OutOfRange> {
        Self::new(alpha)
    }
}

impl From<Alpha> for f64 {
    fn from(alpha: Alpha) -> Self {
        alpha.0
    }
}

/// What the alternative to "no difference" is; chosen before the data are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// A difference in either direction.
    #[default]
    Both,
    /// The variant is above control; the interval has no upper end.
    Greater,
    /// The variant is below control; the interval has no lower end.
    Lesser,
}

impl Tail {
    /// Its side of what is within `width` standard errors of the effect.
    fn interval(self, effect: &Effect, width: f64) -> (Option<f64>, Option<f64>) {
        let (lower, upper) = effect.within(width);
        match self {
            Self::Both => (lower, upper),
            Self::Greater => (lower, None),
            Self::Lesser => (None, upper),
        }
    }
}

/// An estimate with its interval and p-value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Inference {
    pub estimate: f64,
    pub standard_error: f64,
    /// Absent when the interval has no lower end: it is one-sided, or of a lift over a control
    /// whose own value is too unsure.
    pub lower: Option<f64>,
    /// Absent when the interval has no upper end, likewise.
    pub upper: Option<f64>,
    /// Of the null that was asked about.
    pub p_value: f64,
}

impl Inference {
    /// Whether the interval leaves `value` out.
    #[must_use]
    pub fn excludes(&self, value: f64) -> bool {
        self.lower.is_some_and(|lower| lower > value)
            || self.upper.is_some_and(|upper| upper < value)
    }
}
