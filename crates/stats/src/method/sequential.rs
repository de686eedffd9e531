//! Always valid: look whenever and as often as you like. The default.

use serde::{Deserialize, Serialize};

use super::{Alpha, Inference, Tail};
use crate::confidence_sequence as sequence;
use crate::effect::Effect;
use crate::error::OutOfRange;

/// Asymptotic confidence sequence (Waudby-Smith et al., arXiv 2103.06476v7, equations 9,
/// 134, 155 and 161): all its intervals hold at once with probability `1 - alpha`, once the
/// arms are large enough for their means to be near normal. The equations are those of
/// GrowthBook's sequential test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Sequential {
    alpha: Alpha,
    tail: Tail,
    tuning_units: f64,
}

/// A method as it is read, to be checked.
#[derive(Deserialize)]
struct Stored {
    alpha: Alpha,
    #[serde(default)]
    tail: Tail,
    tuning_units: f64,
}

impl TryFrom<Stored> for Sequential {
    type Error = OutOfRange;

    fn try_from(stored: Stored) -> Result<Self, OutOfRange> {
        Self::new(stored.alpha, stored.tail).tuned_for(stored.tuning_units)
    }
}

impl Default for Sequential {
    fn default() -> Self {
        Self::new(Alpha::FIVE_PERCENT, Tail::Both)
    }
}

impl Sequential {
    /// Tightest when both arms together have 5,000 units, GrowthBook's default.
    #[must_use]
    pub const fn new(alpha: Alpha, tail: Tail) -> Self {
        Self {
            alpha,
            tail,
            tuning_units: 5_000.0,
        }
    }

    /// Tightest when both arms together have about `units` units. Choose it before the
    /// first look. One-sided intervals are tuned with the same equation: a little off the
    /// best, valid all the same.
    ///
    /// # Errors
    /// When `units` is less than 1 or not a number.
    pub fn tuned_for(self, units: f64) -> Result<Self, OutOfRange> {
        if units >= 1.0 && units.is_finite() {
            return Ok(Self {
                tuning_units: units,
                ..self
            });
        }
        Err(OutOfRange {
            name: "tuning units",
            range: "at least 1",
            found: units,
        })
    }

    /// The same mixture at another level: `r` stays, so that its interval leaves a null out
    /// just when the p-value of either, which depends on `r` only, is at most that level.
    #[must_use]
    pub fn at(self, alpha: Alpha) -> Self {
        let other = Self { alpha, ..self };
        let ratio = other.rho() / self.rho();
        Self {
            tuning_units: self.tuning_units * ratio * ratio,
            ..other
        }
    }

    /// Interval and p-value of "the difference is `null`" at this look. Both may shrink and
    /// grow between looks; the smallest p-value so far is valid too.
    #[must_use]
    pub fn infer(&self, effect: &Effect, null: f64) -> Inference {
        let p_value = self.p_value(effect.z(null), effect.units);
        let (lower, upper) = self.tail.interval(effect, self.width(effect.units));
        Inference {
            estimate: effect.estimate,
            standard_error: effect.standard_error,
            lower,
            upper,
            p_value,
        }
    }

    /// Half-width in standard errors when both arms together have `units` units.
    #[must_use]
    pub fn width(&self, units: f64) -> f64 {
        match self.tail {
            Tail::Both => sequence::two_sided_width(self.alpha.get(), self.scaled(units)),
            Tail::Greater | Tail::Lesser => {
                sequence::one_sided_width(self.alpha.get(), self.scaled(units))
            }
        }
    }

    /// Of a difference that is `z` standard errors away.
    pub(crate) fn p_value(&self, z: f64, units: f64) -> f64 {
        let scaled = self.scaled(units);
        match self.tail {
            Tail::Both => sequence::two_sided_p(z, scaled),
            Tail::Greater => sequence::one_sided_p(z, scaled),
            Tail::Lesser => sequence::one_sided_p(-z, scaled),
        }
    }

    #[must_use]
    pub const fn alpha(&self) -> Alpha {
        self.alpha
    }

    pub(crate) const fn tuning_units(&self) -> f64 {
        self.tuning_units
    }

    /// `r` of equation 161: `sqrt((-2 ln a + ln(-2 ln a + 1)) / N*)`.
    #[must_use]
    pub fn rho(&self) -> f64 {
        sequence::rho(self.alpha.get(), self.tuning_units)
    }

    fn scaled(&self, units: f64) -> f64 {
        sequence::scale(units, self.rho())
    }
}
