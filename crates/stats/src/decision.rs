//! May a machine act on this difference?
//!
//! An interval alone is not enough: its guarantee is asymptotic, and an arm of few
//! units with rare events or rare large values happens to estimate its own variance far too
//! small, most often just when its mean is far off. Measured over 1,000 A/A runs of 40 looks,
//! one at every 10 units of a variant with a tenth of control's units: of a mean where three
//! units in a hundred have a value at all, the interval alone leaves zero out in 18 %, this
//! rule in none; of a mean where one in five has, in 10 % and 0.2 %. Of conversion rates of 0.2
//! to 97 % ([`Decision::judge_rates`]), arms of half, a tenth and a fiftieth, over 2,000 A/A runs
//! of 500 looks: at most 3 %, against up to 36 %.

use crate::effect::{Difference, Effect};
use crate::method::Sequential;
use crate::proportion::{AdjustedProportion, Better, Status};

/// Units of the smaller arm before any verdict.
pub const DEFAULT_MINIMUM_UNITS: u64 = 100;

/// A rule that may stop or roll back an experiment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    method: Sequential,
    better: Better,
    minimum_units: f64,
}

impl Decision {
    /// Decides by the two-sided always-valid interval; with several variants, divide alpha
    /// among them ([`Alpha::among`](crate::Alpha::among)).
    #[must_use]
    pub const fn new(method: Sequential, better: Better) -> Self {
        Self {
            method,
            better,
            minimum_units: DEFAULT_MINIMUM_UNITS as f64,
        }
    }

    /// No verdict before the smaller arm has this many units.
    #[must_use]
    pub const fn with_minimum(self, units: u64) -> Self {
        Self {
            minimum_units: units as f64,
            ..self
        }
    }

    /// The verdict: better or worse when the interval leaves zero out and the difference is
    /// beyond the same width in common standard errors as well.
    #[must_use]
    pub fn judge(&self, effect: &Effect) -> Status {
        if effect.smaller_arm < self.minimum_units {
            return Status::NotEnoughData;
        }
        let apart = self.method.infer(effect, 0.0).excludes(0.0);
        let sure = effect.estimate.abs() > self.method.width(effect.units) * effect.common_error;
        if !(apart && sure) {
            return Status::Unclear;
        }
        match (self.better, effect.estimate > 0.0) {
            (Better::Higher, true) | (Better::Lower, false) => Status::Better,
            (Better::Higher, false) | (Better::Lower, true) => Status::Worse,
        }
    }

    /// The same of conversion rates, which need some of each kind in both arms as well
    /// ([`AdjustedProportion::are_near_normal`]).
    #[must_use]
    pub fn judge_rates(
        &self,
        control: impl Into<AdjustedProportion>,
        variant: impl Into<AdjustedProportion>,
    ) -> Status {
        let (control, variant) = (control.into(), variant.into());
        if !AdjustedProportion::are_near_normal(control, variant) {
            return Status::NotEnoughData;
        }
        let (c, v) = (control.into(), variant.into());
        let effect = Effect::between(&c, &v, Difference::Absolute)
            .or_else(|_| Effect::by_all_units(&c, &v, Difference::Absolute));
        effect.map_or(Status::NotEnoughData, |effect| self.judge(&effect))
    }
}
