//! The difference between two arms with its standard error: what every method starts from.

use serde::{Deserialize, Serialize};

use crate::metric::{Metric, Summary};
use crate::quotient::Quotient;

/// In what the difference between the variant and control is expressed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// In the metric's own unit: variant minus control.
    Absolute,
    /// As a share of control's value. Of a negative control the sign is that of the quotient.
    #[default]
    Relative,
    /// Per day, had everybody been given the variant: the absolute difference times
    /// `variant's units / variant_share / days`.
    Scaled {
        /// Share of all traffic that was given the variant, above 0.
        variant_share: f64,
        /// Length of the experiment in days, above 0.
        days: f64,
    },
}

/// Why there is nothing to say yet. Neither an error nor a result: show it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Insufficient {
    #[error("an arm has fewer than two units")]
    Units,
    #[error("the values of an arm do not vary")]
    Variance,
    #[error("control's value is zero: there is no relative difference")]
    Baseline,
    #[error("the arms do not have the same kind of metric")]
    Mismatch,
    #[error("the numbers are too large or not numbers")]
    Range,
}

/// An estimated difference, before any method has judged it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    pub estimate: f64,
    pub standard_error: f64,
    /// What the standard error would be if both arms varied alike, by the variance of all
    /// their units. Where arms of few units happen to vary too little, it is larger.
    pub common_error: f64,
    /// Units of both arms.
    pub units: f64,
    /// Units of the smaller arm.
    pub smaller_arm: f64,
    /// Degrees of freedom after Welch and Satterthwaite.
    pub freedom: f64,
    /// Control's value, unadjusted.
    pub control: f64,
    /// The variant's value, unadjusted.
    pub variant: f64,
    pub difference: Difference,
    /// By what an absolute difference was multiplied; 1 unless it is scaled.
    pub factor: f64,
    /// How a relative difference is judged.
    pub quotient: Option<Quotient>,
}

/// Beyond this a square overflows, below its inverse one vanishes.
const LARGEST: f64 = 1e150;

impl Effect {
    /// Compares the variant with control.
    ///
    /// Absolute: `V_t/n_t + V_c/n_c`. Relative, delta method:
    /// `V_t/(n_t m_c²) + V_c m_t²/(n_c m_c⁴)` (Deng, Knoblich and Lu, KDD 2018). Of an
    /// adjusted metric the difference is between the adjusted means and the base the
    /// unadjusted mean, as in `gbstats`.
    ///
    /// # Errors
    /// When the data do not give a difference with a standard error.
    pub fn between(
        control: &Metric,
        variant: &Metric,
        difference: Difference,
    ) -> Result<Self, Insufficient> {
        let [c, t] = summaries(control, variant)?;
        if c.variance <= 0.0 || t.variance <= 0.0 {
            return Err(Insufficient::Variance);
        }
        Self::from_summaries(&c, &t, difference)?.checked()
    }

    /// The same of arms of which one does not vary, as when nobody in it converts: its own
    /// variance of zero says nothing of how sure its mean is. Each arm is taken to vary at
    /// least as all units of both arms together, the difference of the means included, and
    /// the standard error is at least [`Self::common_error`].
    ///
    /// # Errors
    /// As [`Self::between`]; `Variance` when all units are alike.
    pub fn by_all_units(
        control: &Metric,
        variant: &Metric,
        difference: Difference,
    ) -> Result<Self, Insufficient> {
        let [c, t] = summaries(control, variant)?;
        let (units_c, units_t) = (c.units as f64, t.units as f64);
        let share = units_t / (units_c + units_t);
        let (own_c, own_t) = (c.variance.max(0.0), t.variance.max(0.0));
        let gap = t.mean - c.mean;
        let whole = share * own_t + (1.0 - share) * own_c + share * (1.0 - share) * gap * gap;
        if whole.is_nan() || whole <= 0.0 {
            return Err(Insufficient::Variance);
        }
        let [c, t] = [c, t].map(|arm| Summary {
            variance: arm.variance.max(whole),
            ..arm
        });
        Ok(Self::from_summaries(&c, &t, difference)?
            .checked()?
            .careful())
    }

    fn from_summaries(
        c: &Summary,
        t: &Summary,
        difference: Difference,
    ) -> Result<Self, Insufficient> {
        let (units_c, units_t) = (c.units as f64, t.units as f64);
        let (error_c, error_t) = (c.variance / units_c, t.variance / units_t);
        let gap = t.mean - c.mean;
        let absolute = Self {
            estimate: gap,
            standard_error: (error_t + error_c).sqrt(),
            common_error: common_error(c, t),
            units: units_c + units_t,
            smaller_arm: units_c.min(units_t),
            freedom: welch(error_c, error_t, units_c, units_t),
            control: c.unadjusted_mean,
            variant: t.unadjusted_mean,
            difference,
            factor: 1.0,
            quotient: None,
        };
        match difference {
            Difference::Absolute => Ok(absolute),
            Difference::Relative => absolute.relative_to(error_c, error_t),
            Difference::Scaled {
                variant_share,
                days,
            } => {
                if variant_share <= 0.0 || days <= 0.0 {
                    return Err(Insufficient::Range);
                }
                let factor = units_t / variant_share / days;
                Ok(Self {
                    estimate: gap * factor,
                    standard_error: absolute.standard_error * factor,
                    common_error: absolute.common_error * factor,
                    factor,
                    ..absolute
                })
            }
        }
    }

    fn relative_to(self, error_c: f64, error_t: f64) -> Result<Self, Insufficient> {
        if self.control == 0.0 {
            return Err(Insufficient::Baseline);
        }
        let (base, quotient) = (self.control, self.variant / self.control);
        let variance = (error_t + error_c * quotient * quotient) / (base * base);
        Ok(Self {
            estimate: self.estimate / base,
            standard_error: variance.sqrt(),
            common_error: self.common_error / base.abs(),
            quotient: Some(Quotient::of(
                error_c / (base * base),
                error_t / (base * base),
            )),
            ..self
        })
    }

    fn checked(self) -> Result<Self, Insufficient> {
        let error = self.standard_error;
        let fits = self.estimate.abs() < LARGEST && error < LARGEST && self.common_error < LARGEST;
        let fits = fits && self.freedom > 0.0;
        if !fits || !self.control.is_finite() || !self.variant.is_finite() {
            return Err(Insufficient::Range);
        }
        if error < 1.0 / LARGEST {
            return Err(Insufficient::Variance);
        }
        Ok(self)
    }

    /// How many standard errors the estimate is above `null`; of a lift, errors that hold if
    /// `null` is the truth.
    #[must_use]
    pub fn z(&self, null: f64) -> f64 {
        let distance = self.estimate - null;
        match self.quotient.and_then(|q| q.error_at(null)) {
            Some(error) => distance / error,
            None => distance / self.standard_error,
        }
    }

    /// What is within `width` standard errors: all nulls with `|z|` at most `width`. Of a lift an
    /// end is missing where nothing on that side can be left out.
    #[must_use]
    pub fn within(&self, width: f64) -> (Option<f64>, Option<f64>) {
        let lifts = self.quotient.and_then(|q| q.within(self.estimate, width));
        if let Some(ends) = lifts {
            return ends;
        }
        let half = width * self.standard_error;
        (Some(self.estimate - half), Some(self.estimate + half))
    }

    /// A relative difference as a lift: of control's value without its sign, so that up is up of
    /// a loss too, and judged by Fieller's theorem instead of the delta method. "No lift" is then
    /// left out just when "no difference" is, and the interval of a large lift reaches as far up
    /// and down as the data allow. Other differences stay as they are.
    #[must_use]
    pub fn lift(self) -> Self {
        if self.difference != Difference::Relative {
            return self;
        }
        let sign = if self.control < 0.0 { -1.0 } else { 1.0 };
        Self {
            estimate: sign * self.estimate,
            quotient: self.quotient.map(|q| q.judging(sign)),
            ..self
        }
    }

    /// A lift for an interval of so many errors: while control's own value isn't known to half
    /// of itself a share of it might be anything, so it is the difference in the metric's unit.
    #[must_use]
    pub fn readable(self, width: f64) -> Self {
        if self.quotient.is_none_or(|q| q.is_sure(width)) {
            return self;
        }
        self.absolute()
    }

    fn absolute(self) -> Self {
        let Some(quotient) = self.quotient else {
            return self;
        };
        let base = self.control.abs();
        // Of a lift the sign has been turned already.
        let sign = if quotient.is_lift() {
            1.0
        } else {
            self.control.signum()
        };
        Self {
            estimate: sign * self.estimate * base,
            standard_error: quotient.error_at_zero() * base,
            common_error: self.common_error * base,
            difference: Difference::Absolute,
            quotient: None,
            ..self
        }
    }

    /// The same by errors that are at least [`Self::common_error`]: where arms of few units happen
    /// to vary too little.
    #[must_use]
    pub fn careful(self) -> Self {
        Self {
            standard_error: self.standard_error.max(self.common_error),
            quotient: self.quotient.map(|q| q.at_least(self.common_error)),
            ..self
        }
    }
}

fn summaries(control: &Metric, variant: &Metric) -> Result<[Summary; 2], Insufficient> {
    if !control.is_comparable(variant) {
        return Err(Insufficient::Mismatch);
    }
    let arms = Metric::summaries(control, variant).ok_or(Insufficient::Variance)?;
    if arms.iter().any(|arm| arm.units < 2) {
        return Err(Insufficient::Units);
    }
    Ok(arms)
}

/// Of the difference between two arms with one variance, `(n_c V_c + n_t V_t) / (n_c + n_t)`.
fn common_error(c: &Summary, t: &Summary) -> f64 {
    let (units_c, units_t) = (c.units as f64, t.units as f64);
    let share = units_t / (units_c + units_t);
    let variance = share * t.variance + (1.0 - share) * c.variance;
    (variance / units_c + variance / units_t).sqrt()
}

/// Welch and Satterthwaite: `(a + b)² / (a²/(n_a - 1) + b²/(n_b - 1))`, divided through by
/// the square so that nothing overflows.
fn welch(error_c: f64, error_t: f64, units_c: f64, units_t: f64) -> f64 {
    let share = error_t / (error_t + error_c);
    1.0 / (share * share / (units_t - 1.0) + (1.0 - share) * (1.0 - share) / (units_c - 1.0))
}
