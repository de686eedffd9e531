//! Guardrails of any metric: the variant may be worse than control, but by less than a
//! margin.
//!
//! "No significant harm" is no evidence of harmlessness; a small experiment shows nothing at
//! all. Non-inferiority turns the burden of proof round: harmless is what has been shown to
//! be less than the margin worse (CONSORT extension, Piaggio et al., JAMA 2012).

use serde::{Deserialize, Serialize};

use crate::decision::DEFAULT_MINIMUM_UNITS;
use crate::effect::Effect;
use crate::error::OutOfRange;
use crate::method::{Alpha, Fixed, Inference, Reference, Sequential, Tail};
use crate::proportion::Better;

/// A margin and how it is tested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NonInferiority {
    margin: f64,
    better: Better,
    alpha: Alpha,
    watched: Watched,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Watched {
    /// Always valid, tuned for so many units of both arms; by the two-sided interval, so that what
    /// is shown beside a verdict agrees with it.
    Always { tuning_units: f64 },
    /// One look at the end, one-sided.
    Once { reference: Reference },
}

/// What is known about the margin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Margin {
    /// The variant is not worse by the margin: safe to ship.
    Kept,
    /// The variant is worse by more than the margin: stop.
    Broken,
    /// Neither is certain so far.
    Unclear,
}

/// The two tests against the margin, each at alpha.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MarginVerdict {
    pub margin: Margin,
    /// Against "worse by the margin or more": its interval ends where the worst that is
    /// possible does.
    pub safety: Inference,
    /// Against "worse by the margin or less".
    pub harm: Inference,
}

impl NonInferiority {
    /// The variant may be worse by less than `margin`, in the unit of the difference, above
    /// or equal to 0. Always valid: look at any time; no verdict before each arm has
    /// [`DEFAULT_MINIMUM_UNITS`].
    ///
    /// # Errors
    /// When the margin is negative or not finite.
    pub fn new(margin: f64, better: Better, alpha: Alpha) -> Result<Self, OutOfRange> {
        if !(margin >= 0.0 && margin.is_finite()) {
            return Err(OutOfRange {
                name: "margin",
                range: "zero or more",
                found: margin,
            });
        }
        Ok(Self {
            margin,
            better,
            alpha,
            watched: Watched::Always {
                tuning_units: 5_000.0,
            },
        })
    }

    /// Tightest at about `units` units of both arms.
    ///
    /// # Errors
    /// When `units` is less than 1 or not a number.
    pub fn tuned_for(self, units: f64) -> Result<Self, OutOfRange> {
        Sequential::new(self.alpha, Tail::Both).tuned_for(units)?;
        let watched = Watched::Always {
            tuning_units: units,
        };
        Ok(Self { watched, ..self })
    }

    /// Always valid, tightest where the method is.
    #[must_use]
    pub const fn tuned_as(self, method: &Sequential) -> Self {
        let tuning_units = method.tuning_units();
        let watched = Watched::Always { tuning_units };
        Self { watched, ..self }
    }

    /// For one look at a fixed time.
    #[must_use]
    pub const fn once(self, reference: Reference) -> Self {
        let watched = Watched::Once { reference };
        Self { watched, ..self }
    }

    /// Tests both sides of the margin.
    #[must_use]
    pub fn judge(&self, effect: &Effect) -> MarginVerdict {
        let (null, safe, harmful) = match self.better {
            Better::Higher => (-self.margin, Tail::Greater, Tail::Lesser),
            Better::Lower => (self.margin, Tail::Lesser, Tail::Greater),
        };
        let safety = self.infer(effect, null, safe);
        let harm = self.infer(effect, null, harmful);
        let is_worse = match self.better {
            Better::Higher => effect.estimate < null,
            Better::Lower => effect.estimate > null,
        };
        let margin = match if is_worse { harm } else { safety } {
            test if !test.excludes(null) || !self.is_sure(effect, null) => Margin::Unclear,
            _ if is_worse => Margin::Broken,
            _ => Margin::Kept,
        };
        MarginVerdict {
            margin,
            safety,
            harm,
        }
    }

    /// Whether the arms are large enough for the interval to be believed at every look: as
    /// [`Decision`](crate::Decision) asks it.
    fn is_sure(&self, effect: &Effect, null: f64) -> bool {
        match self.watched {
            Watched::Once { .. } => true,
            Watched::Always { tuning_units } => {
                let width = self.sequential(tuning_units).width(effect.units);
                let beyond = (effect.estimate - null).abs() > width * effect.common_error;
                beyond && effect.smaller_arm >= DEFAULT_MINIMUM_UNITS as f64
            }
        }
    }

    fn infer(&self, effect: &Effect, null: f64, tail: Tail) -> Inference {
        match self.watched {
            Watched::Always { tuning_units } => self.sequential(tuning_units).infer(effect, null),
            Watched::Once { reference } => Fixed {
                alpha: self.alpha,
                tail,
                reference,
            }
            .infer(effect, null),
        }
    }

    fn sequential(&self, tuning_units: f64) -> Sequential {
        let method = Sequential::new(self.alpha, Tail::Both);
        // The units were checked when they were set.
        method.tuned_for(tuning_units).unwrap_or(method)
    }
}
