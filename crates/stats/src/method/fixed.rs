//! Fixed horizon: one look, at a time chosen beforehand.

use serde::{Deserialize, Serialize};

use super::{Alpha, Inference, Tail};
use crate::effect::Effect;
use crate::special::{normal_cdf, normal_quantile, student_quantile, student_tail};

/// The distribution that the standardised difference is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// Student's t with Welch's and Satterthwaite's degrees of freedom (Welch 1947): right
    /// also for few units.
    #[default]
    Welch,
    /// The normal distribution.
    Normal,
}

/// A test that holds at one look only: at every further look it errs anew.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Fixed {
    pub alpha: Alpha,
    #[serde(default)]
    pub tail: Tail,
    #[serde(default)]
    pub reference: Reference,
}

impl Fixed {
    /// Two-sided, Welch.
    #[must_use]
    pub const fn new(alpha: Alpha) -> Self {
        Self {
            alpha,
            tail: Tail::Both,
            reference: Reference::Welch,
        }
    }

    /// Interval and p-value of "the difference is `null`".
    #[must_use]
    pub fn infer(&self, effect: &Effect, null: f64) -> Inference {
        let z = effect.z(null);
        let p_value = match self.tail {
            Tail::Both => (2.0 * self.upper_tail(z.abs(), effect)).min(1.0),
            Tail::Greater => self.upper_tail(z, effect),
            Tail::Lesser => self.upper_tail(-z, effect),
        };
        let (lower, upper) = self.tail.interval(effect, self.width(effect));
        Inference {
            estimate: effect.estimate,
            standard_error: effect.standard_error,
            lower,
            upper,
            p_value,
        }
    }

    fn upper_tail(&self, z: f64, effect: &Effect) -> f64 {
        match self.reference {
            Reference::Welch => student_tail(z, effect.freedom),
            Reference::Normal => normal_cdf(-z),
        }
    }

    /// Half-width in standard errors.
    #[must_use]
    pub fn width(&self, effect: &Effect) -> f64 {
        let tail = match self.tail {
            Tail::Both => 0.5 * self.alpha.get(),
            Tail::Greater | Tail::Lesser => self.alpha.get(),
        };
        match self.reference {
            Reference::Welch => student_quantile(tail, effect.freedom),
            Reference::Normal => -normal_quantile(tail),
        }
    }
}
