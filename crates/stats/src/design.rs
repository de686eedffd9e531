//! How long an experiment takes and what it can find.
//!
//! The normal approximation for a difference of two means: with `n` units of the variant
//! and `κ n` of control the standard error is `√((V_c/κ + V_t) / n)`, and the effect `d` is
//! found with the probability `Φ(d / se - c)`, `c` being the critical value (Duflo,
//! Glennerster and Kremer, "Using randomization in development economics research", 2007,
//! pages 28 to 31, with each arm's own variance).

use serde::{Deserialize, Serialize};

use crate::error::{OutOfRange, inside_unit};
use crate::method::{Alpha, PlannedLooks, Sequential, Spending, Tail};
use crate::special::{normal_cdf, normal_quantile};

/// What control is expected to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Share of units, between 0 and 1. The variance follows from the rate of each arm.
    Proportion { rate: f64 },
    /// Any mean; both arms vary alike.
    Mean { mean: f64, standard_deviation: f64 },
}

/// Which way the change goes. A rate varies less on its way to 0 and more on its way to one
/// half, so the same change takes other numbers of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    Increase,
    Decrease,
}

/// How the result will be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watching {
    /// Once, at the end.
    #[default]
    Once,
    /// At any time, with intervals tuned for the planned end. The power is that of the last
    /// look alone: a floor, since an earlier look may have found the effect.
    Always,
    /// At any time, with intervals tuned for this many units of two arms.
    AlwaysTuned { units: f64 },
}

/// An experiment to be: two-sided comparisons of each variant with one control.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Design {
    outcome: Outcome,
    /// Of one comparison.
    alpha: Alpha,
    variants: u32,
    control_ratio: f64,
    /// Share of the variance that is left.
    variance_left: f64,
    watching: Watching,
}

/// Units needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedUnits {
    pub control: u64,
    /// Of each variant.
    pub variant: u64,
    pub total: u64,
}

impl PlannedUnits {
    /// Whole days until all are exposed, at `units_per_day` above 0.
    #[must_use]
    pub fn days(&self, units_per_day: f64) -> Option<u64> {
        let days = self.total as f64 / units_per_day;
        (units_per_day > 0.0 && days.is_finite()).then(|| days.ceil() as u64)
    }
}

/// More units than anybody has.
const MOST_UNITS: f64 = 1e15;

impl Design {
    /// One variant, as large as control, looked at once.
    ///
    /// # Errors
    /// When the outcome does not vary or is not finite.
    pub fn new(outcome: Outcome, alpha: Alpha) -> Result<Self, OutOfRange> {
        match outcome {
            Outcome::Proportion { rate } => {
                inside_unit("baseline", rate)?;
            }
            Outcome::Mean {
                mean,
                standard_deviation,
            } => {
                inside("mean", mean.abs(), 1e-100, 1e100)?;
                inside("standard deviation", standard_deviation, 1e-100, 1e100)?;
            }
        }
        Ok(Self {
            outcome,
            alpha,
            variants: 1,
            control_ratio: 1.0,
            variance_left: 1.0,
            watching: Watching::Once,
        })
    }

    /// Several variants besides control. Each comparison gets its Bonferroni share of
    /// alpha, so that the whole experiment keeps alpha.
    #[must_use]
    pub fn among(self, variants: u32) -> Self {
        let variants = variants.max(1);
        Self {
            alpha: self.alpha.among(variants),
            variants,
            ..self
        }
    }

    /// Control has `ratio` times the units of one variant.
    ///
    /// # Errors
    /// When the ratio is not between 0.001 and 1,000.
    pub fn with_control_ratio(self, ratio: f64) -> Result<Self, OutOfRange> {
        let control_ratio = inside("control ratio", ratio, 1e-3, 1e3)?;
        Ok(Self {
            control_ratio,
            ..self
        })
    }

    /// The time before the exposure will take this share of the variance away: with one
    /// covariate, the square of its correlation with the outcome (Deng, Xu, Kohavi and
    /// Walker, WSDM 2013).
    ///
    /// # Errors
    /// When the share is not between 0 and 0.99.
    pub fn with_variance_reduced(self, share: f64) -> Result<Self, OutOfRange> {
        let variance_left = 1.0 - inside("variance reduction", share, 0.0, 0.99)?;
        Ok(Self {
            variance_left,
            ..self
        })
    }

    /// # Errors
    /// When the units to tune for are fewer than 1 or not a number.
    pub fn watched(self, watching: Watching) -> Result<Self, OutOfRange> {
        if let Watching::AlwaysTuned { units } = watching {
            Sequential::new(self.alpha, Tail::Both).tuned_for(units)?;
        }
        Ok(Self { watching, ..self })
    }

    /// Units that find a relative change of `lift` (0.1 is from 10 % to 11 %) with
    /// probability `power`, rounded up.
    ///
    /// # Errors
    /// When the power is not between 0 and 1, the lift is zero or leads out of the
    /// possible, or no possible number of units is enough.
    pub fn units(&self, lift: f64, power: f64) -> Result<PlannedUnits, OutOfRange> {
        let power = inside_unit("power", power)?;
        let (gap, variance) = (self.gap(lift)?, self.variance(lift));
        let size = |critical: f64| size(critical + normal_quantile(power), gap, variance);
        // The critical value grows with the units, but so slowly that the iteration settles.
        let mut variant = size(self.critical(1.0));
        for _ in 0..200 {
            let next = size(self.critical(variant));
            if (next - variant).abs() <= 1e-12 * variant {
                break;
            }
            variant = next;
        }
        self.planned(variant)
    }

    /// [`Self::units`] of a group-sequential plan, the largest there can be: those of its
    /// last look. The design's own [`Watching`] is of no account.
    ///
    /// # Errors
    /// As [`Self::units`].
    pub fn units_in_looks(
        &self,
        lift: f64,
        power: f64,
        looks: &PlannedLooks,
    ) -> Result<PlannedUnits, OutOfRange> {
        let (gap, variance) = (self.gap(lift)?, self.variance(lift));
        self.planned(size(looks.drift(power)?, gap, variance))
    }

    /// [`Self::power`] of a group-sequential plan that ends at so many units.
    ///
    /// # Errors
    /// As [`Self::power`].
    pub fn power_in_looks(
        &self,
        lift: f64,
        variant_units: u64,
        looks: &PlannedLooks,
    ) -> Result<f64, OutOfRange> {
        let units = at_least_one(variant_units)?;
        let error = (self.variance(lift) / units).sqrt();
        Ok(looks.power(self.gap(lift)? / error))
    }

    /// The looks of one comparison of the design, spending like O'Brien and Fleming's.
    ///
    /// # Errors
    /// When there are no looks, or more than 400.
    pub fn looks(&self, looks: u16) -> Result<PlannedLooks, OutOfRange> {
        PlannedLooks::evenly(self.alpha, Spending::OBrienFleming, looks)
    }

    fn planned(&self, variant: f64) -> Result<PlannedUnits, OutOfRange> {
        if variant.is_nan() || variant > MOST_UNITS {
            return Err(out("units of a variant", "at most 1e15", variant));
        }
        // A whole number that is one bit too large is still that number.
        let whole = |units: f64| (units * (1.0 - 1e-13)).ceil() as u64;
        let (variant, control) = (whole(variant), whole(variant * self.control_ratio).max(1));
        Ok(PlannedUnits {
            control,
            variant,
            total: control + u64::from(self.variants) * variant,
        })
    }

    /// Probability that `variant_units` of each variant find a relative change of `lift`, in
    /// its true direction.
    ///
    /// # Errors
    /// When the lift is zero or leads out of the possible, or there are no units.
    pub fn power(&self, lift: f64, variant_units: u64) -> Result<f64, OutOfRange> {
        let units = at_least_one(variant_units)?;
        let error = (self.variance(lift) / units).sqrt();
        Ok(normal_cdf(self.gap(lift)? / error - self.critical(units)))
    }

    /// [`Self::power`] at each of the numbers of units: the curve to draw.
    ///
    /// # Errors
    /// As [`Self::power`].
    pub fn power_curve(&self, lift: f64, variant_units: &[u64]) -> Result<Vec<f64>, OutOfRange> {
        variant_units
            .iter()
            .map(|units| self.power(lift, *units))
            .collect()
    }

    /// The smallest relative change that `variant_units` of each variant find with
    /// probability `power`, without its sign; for a proportion `None` when even a rate of 1, or
    /// of 0, is not found.
    ///
    /// # Errors
    /// When the power is not between 0 and 1 or there are no units.
    pub fn detectable(
        &self,
        direction: Direction,
        variant_units: u64,
        power: f64,
    ) -> Result<Option<f64>, OutOfRange> {
        let units = at_least_one(variant_units)?;
        let root = self.critical(units) + normal_quantile(inside_unit("power", power)?);
        Ok(self.found(direction, units, root))
    }

    /// [`Self::detectable`] of a group-sequential plan that ends at so many units.
    ///
    /// # Errors
    /// As [`Self::detectable`].
    pub fn detectable_in_looks(
        &self,
        direction: Direction,
        variant_units: u64,
        power: f64,
        looks: &PlannedLooks,
    ) -> Result<Option<f64>, OutOfRange> {
        let units = at_least_one(variant_units)?;
        Ok(self.found(direction, units, looks.drift(power)?))
    }

    /// The relative change that is `root` standard errors.
    fn found(&self, direction: Direction, units: f64, root: f64) -> Option<f64> {
        let k = root.max(0.0) * root.max(0.0) * self.variance_left / units;
        match self.outcome {
            Outcome::Mean {
                mean,
                standard_deviation,
            } => {
                let spread = standard_deviation * (1.0 / self.control_ratio + 1.0).sqrt();
                Some(k.sqrt() * spread / mean.abs())
            }
            Outcome::Proportion { rate } => {
                // d² = k (p q / κ + (p + d)(q - d)) solved for d; of a decrease p and q, the
                // shares of what is counted and what is not, change places.
                let own = rate * (1.0 - rate);
                let (slope, room) = match direction {
                    Direction::Increase => (1.0 - 2.0 * rate, 1.0 - rate),
                    Direction::Decrease => (2.0 * rate - 1.0, rate),
                };
                let half = 0.5 * k * slope;
                let constant = k * own * (1.0 / self.control_ratio + 1.0);
                let gap = (half + (half * half + (1.0 + k) * constant).sqrt()) / (1.0 + k);
                (gap < room).then_some(gap / rate)
            }
        }
    }

    /// Absolute size of the change.
    fn gap(&self, lift: f64) -> Result<f64, OutOfRange> {
        let gap = match self.outcome {
            Outcome::Proportion { rate } => {
                inside_unit("target", rate * (1.0 + lift))?;
                rate * lift
            }
            Outcome::Mean { mean, .. } => mean * lift,
        };
        inside("effect", gap.abs(), 1e-100, 1e100)
    }

    /// `V_c/κ + V_t`, as far as it is left.
    fn variance(&self, lift: f64) -> f64 {
        let (control, variant) = match self.outcome {
            Outcome::Proportion { rate } => {
                let target = rate * (1.0 + lift);
                (rate * (1.0 - rate), target * (1.0 - target))
            }
            Outcome::Mean {
                standard_deviation, ..
            } => {
                let variance = standard_deviation * standard_deviation;
                (variance, variance)
            }
        };
        (control / self.control_ratio + variant) * self.variance_left
    }

    /// In standard errors, with `variant` units of one variant.
    fn critical(&self, variant: f64) -> f64 {
        let method = Sequential::new(self.alpha, Tail::Both);
        let both = (variant * (1.0 + self.control_ratio)).max(1.0);
        let tuned = |units: f64| method.tuned_for(units).unwrap_or(method).width(both);
        match self.watching {
            Watching::Once => -normal_quantile(0.5 * self.alpha.get()),
            Watching::Always => tuned(both),
            Watching::AlwaysTuned { units } => tuned(units),
        }
    }
}

/// Units of a variant at which the change is `root` standard errors.
fn size(root: f64, gap: f64, variance: f64) -> f64 {
    let root = root.max(0.0) / gap;
    (root * root * variance).max(1.0)
}

fn at_least_one(units: u64) -> Result<f64, OutOfRange> {
    if units == 0 {
        return Err(out("units", "at least 1", 0.0));
    }
    Ok(units as f64)
}

fn inside(name: &'static str, value: f64, low: f64, high: f64) -> Result<f64, OutOfRange> {
    if value >= low && value <= high {
        return Ok(value);
    }
    Err(out(name, "of a usual size and not zero", value))
}

const fn out(name: &'static str, range: &'static str, found: f64) -> OutOfRange {
    OutOfRange { name, range, found }
}
