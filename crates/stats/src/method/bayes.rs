//! Bayesian: a normal prior on the difference and a normal likelihood.
//!
//! A posterior does not change with the number of looks, but neither does it bound how
//! often one errs: stopping at the first 95 % chance to win has no stated error rate.

use serde::{Deserialize, Serialize};

use super::Alpha;
use crate::effect::{Difference, Effect, Insufficient};
use crate::error::OutOfRange;
use crate::proportion::Better;
use crate::special::{normal_cdf, normal_density, normal_quantile};

/// What a prior is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorScale {
    /// The relative lift.
    #[default]
    Relative,
    /// The difference in the metric's unit.
    Absolute,
}

/// A proper normal prior of the difference. GrowthBook proposes mean 0 and deviation 0.3 of
/// the relative lift, Eppo 0 and 0.05.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Prior {
    mean: f64,
    standard_deviation: f64,
    scale: PriorScale,
}

/// A prior as it is read, to be checked.
#[derive(Deserialize)]
struct Stored {
    mean: f64,
    standard_deviation: f64,
    #[serde(default)]
    scale: PriorScale,
}

impl TryFrom<Stored> for Prior {
    type Error = OutOfRange;

    fn try_from(stored: Stored) -> Result<Self, OutOfRange> {
        Self::new(stored.mean, stored.standard_deviation, stored.scale)
    }
}

impl Prior {
    /// # Errors
    /// When the mean is not finite or the deviation is not between 1e-100 and 1e100.
    pub fn new(mean: f64, standard_deviation: f64, scale: PriorScale) -> Result<Self, OutOfRange> {
        if !(1e-100..=1e100).contains(&standard_deviation) {
            return Err(OutOfRange {
                name: "standard deviation of the prior",
                range: "between 1e-100 and 1e100",
                found: standard_deviation,
            });
        }
        if mean.is_nan() || mean.abs() > 1e100 {
            return Err(OutOfRange {
                name: "mean of the prior",
                range: "between -1e100 and 1e100",
                found: mean,
            });
        }
        Ok(Self {
            mean,
            standard_deviation,
            scale,
        })
    }

    /// Mean and standard deviation in the unit of the effect.
    fn on(&self, effect: &Effect) -> (f64, f64) {
        let unit = match (self.scale, effect.difference) {
            (PriorScale::Relative, Difference::Relative) => 1.0,
            (PriorScale::Absolute, Difference::Relative) => 1.0 / effect.control.abs(),
            (PriorScale::Relative, _) => effect.control.abs() * effect.factor,
            (PriorScale::Absolute, _) => effect.factor,
        };
        (self.mean * unit, self.standard_deviation * unit)
    }
}

/// A Bayesian judge of differences.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bayes {
    /// The credible interval leaves out `alpha / 2` on each side.
    pub alpha: Alpha,
    /// Absent: flat, every difference equally likely.
    #[serde(default)]
    pub prior: Option<Prior>,
    #[serde(default)]
    pub better: Better,
}

/// The difference, given the data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Posterior {
    pub mean: f64,
    pub standard_deviation: f64,
    /// Of the credible interval.
    pub lower: f64,
    pub upper: f64,
    /// Probability that the variant is the better arm.
    pub chance_to_win: f64,
    /// Expected loss, in the unit of the difference, of keeping control: what the variant
    /// would have been better by, zero where it is worse, averaged.
    pub risk_of_control: f64,
    /// Expected loss of choosing the variant.
    pub risk_of_variant: f64,
}

impl Bayes {
    /// The posterior: precisions add, means weigh by precision (Gelman et al., "Bayesian
    /// Data Analysis", 3rd ed., equation 2.12).
    ///
    /// # Errors
    /// When control is zero and the prior is of the other scale.
    pub fn judge(&self, effect: &Effect) -> Result<Posterior, Insufficient> {
        let (mean, deviation) = match &self.prior {
            None => (effect.estimate, effect.standard_error),
            Some(prior) => combine(effect, prior.on(effect))?,
        };
        let half = -normal_quantile(0.5 * self.alpha.get()) * deviation;
        let (above, below) = (loss(mean, deviation), loss(-mean, deviation));
        let above_zero = normal_cdf(mean / deviation);
        let below_zero = normal_cdf(-mean / deviation);
        let (chance_to_win, risk_of_control, risk_of_variant) = match self.better {
            Better::Higher => (above_zero, above, below),
            Better::Lower => (below_zero, below, above),
        };
        Ok(Posterior {
            mean,
            standard_deviation: deviation,
            lower: mean - half,
            upper: mean + half,
            chance_to_win,
            risk_of_control,
            risk_of_variant,
        })
    }
}

fn combine(effect: &Effect, prior: (f64, f64)) -> Result<(f64, f64), Insufficient> {
    let (mean, deviation) = prior;
    if !deviation.is_finite() || !mean.is_finite() {
        return Err(Insufficient::Range);
    }
    // A relative prior of a control near zero is no prior but a statement.
    if deviation < 1e-100 * effect.standard_error.max(1e-50) {
        return Err(Insufficient::Baseline);
    }
    // Weights by the ratio of the deviations, so that no precision overflows.
    let ratio = effect.standard_error / deviation;
    let weight = 1.0 / (1.0 + ratio * ratio);
    let posterior = mean + weight * (effect.estimate - mean);
    Ok((posterior, effect.standard_error * weight.sqrt()))
}

/// `E[max(X, 0)]` of a normal variable: `s (φ(z) + z Φ(z))` with `z = m / s`.
fn loss(mean: f64, deviation: f64) -> f64 {
    let z = mean / deviation;
    if z > 40.0 {
        return mean;
    }
    (deviation * (normal_density(z) + z * normal_cdf(z))).max(0.0)
}
