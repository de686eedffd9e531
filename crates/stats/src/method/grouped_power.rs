//! What looks on the way to a planned end cost and save, when the plan is made.

use super::grouped::{SMALLEST_STEP, check};
use super::grouped_density::Density;
use super::{Alpha, Spending};
use crate::error::{OutOfRange, inside_unit};
use crate::special::normal_quantile;

/// The looks of a two-sided group-sequential plan, the last at its planned end.
///
/// What happens depends on the *drift* alone: the effect in standard errors of the planned
/// end, `√I_max δ` in the words of Jennison and Turnbull, "Group Sequential Methods with
/// Applications to Clinical Trials" (2000), chapter 19, whose recursive integration this is.
#[derive(Debug, Clone)]
pub struct PlannedLooks {
    looks: Vec<Density>,
    /// Boundary of the last look if it were the only one.
    single: f64,
}

/// Beyond this the integrals lose mass; plans are at 2 to 8.
const LARGEST_DRIFT: f64 = 30.0;

impl PlannedLooks {
    /// Looks at these shares of the planned end, which grow to 1.
    ///
    /// # Errors
    /// When they do not, are less than a thousandth apart, or are more than 400.
    pub fn new(alpha: Alpha, spending: Spending, fractions: &[f64]) -> Result<Self, OutOfRange> {
        check(fractions)?;
        let half = 0.5 * alpha.get();
        let (mut density, mut spent) = (Density::start(), 0.0);
        let mut looks = Vec::with_capacity(fractions.len());
        for fraction in fractions {
            let due = spending.spent(half, *fraction);
            if *fraction - density.fraction() < SMALLEST_STEP || due <= spent {
                return Err(outside("information fraction", "apart", *fraction));
            }
            density.advance(*fraction, due - spent);
            spent = due;
            looks.push(density.clone());
        }
        if density.fraction() != 1.0 {
            return Err(outside(
                "last information fraction",
                "1",
                density.fraction(),
            ));
        }
        Ok(Self {
            looks,
            single: -normal_quantile(half),
        })
    }

    /// So many evenly spaced looks.
    ///
    /// # Errors
    /// When there are none, or more than 400.
    pub fn evenly(alpha: Alpha, spending: Spending, looks: u16) -> Result<Self, OutOfRange> {
        let share = |look: u16| f64::from(look) / f64::from(looks);
        let fractions: Vec<f64> = (1..=looks).map(share).collect();
        Self::new(alpha, spending, &fractions)
    }

    /// The boundary of each look, in standard errors.
    pub fn boundaries(&self) -> impl Iterator<Item = f64> {
        self.looks.iter().map(Density::width)
    }

    /// The probability that a look finds the effect in its true direction.
    #[must_use]
    pub fn power(&self, drift: f64) -> f64 {
        let found: f64 = self.looks.iter().map(|look| look.crossed(drift)).sum();
        found.min(1.0)
    }

    /// The drift that is found with the probability `power`: the root of the planned units
    /// goes with it. With one look it is `z(1 - alpha/2) + z(power)`; 0 when the power is at
    /// most half of alpha.
    ///
    /// # Errors
    /// When the power is not between 0 and 1, or spent so early that no drift reaches it.
    pub fn drift(&self, power: f64) -> Result<f64, OutOfRange> {
        let power = inside_unit("power", power)?;
        // No test of this level finds more at the end than the single look, so it is not below.
        let mut low = (self.single + normal_quantile(power)).max(0.0);
        if self.power(low) >= power {
            return Ok(low);
        }
        let mut high = 1.1 * low + 0.5;
        while self.power(high) < power {
            if high > LARGEST_DRIFT {
                return Err(outside("power", "reached by these looks", power));
            }
            (low, high) = (high, 1.5 * high);
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.power(middle) < power {
                low = middle;
            } else {
                high = middle;
            }
        }
        Ok(high)
    }

    /// How many times the units of a single look at the end the planned end has, for the same
    /// power.
    ///
    /// # Errors
    /// When the power is not above half of alpha and below 1.
    pub fn inflation(&self, power: f64) -> Result<f64, OutOfRange> {
        let single = self.single + normal_quantile(inside_unit("power", power)?);
        if single <= 0.0 {
            return Err(outside("power", "above half of alpha", power));
        }
        let ratio = self.drift(power)? / single;
        Ok(ratio * ratio)
    }

    /// The share of the planned units that are there on average when the first look that
    /// decides, in whichever direction, ends it.
    #[must_use]
    pub fn expected_share(&self, drift: f64) -> f64 {
        // Paths that cross both boundaries are too rare to be taken off.
        let saved = self.looks.iter().map(|look| {
            let ended = look.crossed(drift) + look.crossed(-drift);
            ended * (1.0 - look.fraction())
        });
        1.0 - saved.sum::<f64>().min(1.0)
    }
}

const fn outside(name: &'static str, range: &'static str, found: f64) -> OutOfRange {
    OutOfRange { name, range, found }
}
