//! How many units an experiment needs.
//!
//! Two proportions, two-sided, normal approximation with each arm's own variance:
//! `n = (z₁₋ₐ/₂ + z_power)² (p₁q₁ + p₂q₂) / (p₂ - p₁)²` per arm (Fleiss, Levin and Paik,
//! "Statistical Methods for Rates and Proportions", without the pooled-variance and
//! continuity refinements).

use crate::error::{OutOfRange, inside_unit};
use crate::proportion::{AlwaysValid, Better};
use crate::special::normal_quantile;

/// What is to be detected, and how surely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    baseline: f64,
    target: f64,
    alpha: f64,
    power: f64,
}

impl Plan {
    /// To detect a change of the `baseline` rate by `relative_effect` of itself (0.1 is
    /// from 10 % to 11 %, -0.1 to 9 %), at significance `alpha`, two-sided, with
    /// probability `power`.
    ///
    /// # Errors
    /// When baseline, target, alpha or power is not strictly between 0 and 1, or there is
    /// no effect to detect.
    pub fn new(
        baseline: f64,
        relative_effect: f64,
        alpha: f64,
        power: f64,
    ) -> Result<Self, OutOfRange> {
        let baseline = inside_unit("baseline", baseline)?;
        let target = inside_unit("target", baseline * (1.0 + relative_effect))?;
        if target == baseline {
            let (name, range) = ("relative effect", "other than 0");
            return Err(OutOfRange {
                name,
                range,
                found: relative_effect,
            });
        }
        let (alpha, power) = (inside_unit("alpha", alpha)?, inside_unit("power", power)?);
        Ok(Self {
            baseline,
            target,
            alpha,
            power,
        })
    }

    /// Standard error of the difference, times the root of the units per arm.
    fn spread(&self) -> f64 {
        let variance = |rate: f64| rate * (1.0 - rate);
        (variance(self.baseline) + variance(self.target)).sqrt()
    }

    fn effect(&self) -> f64 {
        (self.target - self.baseline).abs()
    }
}

/// Units per arm when the result is looked at once, at the end. Rounded to the nearest:
/// the approximation is coarser than one unit.
#[must_use]
pub fn sample_size(plan: &Plan) -> u64 {
    let root = quantiles(plan.alpha, plan.power) * plan.spread() / plan.effect();
    (root * root).round().max(1.0) as u64
}

/// Units per arm when the result is watched with always-valid intervals tuned for that
/// very number. This many reach the stated power at the last look alone; an experiment
/// that is stopped at the first clear look is usually over sooner.
///
/// # Errors
/// Never for a valid plan; the tuning is checked all the same.
pub fn sample_size_always_valid(plan: &Plan) -> Result<u64, OutOfRange> {
    let method = AlwaysValid::new(plan.alpha, Better::Higher)?;
    // At the number it is tuned for, the width is always the same.
    let width = method.tuned_for(1_000.0)?.width(1_000.0);
    let root = (width + normal_quantile(plan.power)) * plan.spread() / plan.effect();
    Ok((root * root).round().max(1.0) as u64)
}

/// The smallest relative increase of the `baseline` rate that `units` per arm detect:
/// the inverse of [`sample_size`].
///
/// # Errors
/// When baseline, alpha or power is not strictly between 0 and 1, or there are no units.
pub fn detectable_lift(
    baseline: f64,
    units: u64,
    alpha: f64,
    power: f64,
) -> Result<f64, OutOfRange> {
    let p = inside_unit("baseline", baseline)?;
    if units == 0 {
        return Err(OutOfRange {
            name: "units",
            range: "at least 1",
            found: 0.0,
        });
    }
    let z = quantiles(inside_unit("alpha", alpha)?, inside_unit("power", power)?);
    // d² = k (p q + (p+d)(1-p-d)) solved for d, with k = z²/n.
    let k = z * z / units as f64;
    let half = k * (1.0 - 2.0 * p) / 2.0;
    let root = (half * half + (1.0 + k) * 2.0 * k * p * (1.0 - p)).sqrt();
    Ok((half + root) / (1.0 + k) / p)
}

fn quantiles(alpha: f64, power: f64) -> f64 {
    -normal_quantile(alpha / 2.0) + normal_quantile(power)
}
