//! Group-sequential: a known end and looks on the way, paid for from one alpha.
//!
//! Lan and DeMets, "Discrete sequential boundaries for clinical trials" (Biometrika 1983):
//! a spending function says how much of alpha may be used up by an information fraction;
//! the boundary of each look follows from the fractions so far, so that neither number nor
//! times of the looks need be known beforehand. More power than an always-valid interval
//! when the end is known.

use std::f64::consts::E;

use libm::{log1p, pow};
use serde::{Deserialize, Serialize};

use super::grouped_density::Density;
use super::{Alpha, Tail};
use crate::effect::Effect;
use crate::error::OutOfRange;
use crate::special::{normal_cdf, normal_quantile};

/// Looks closer together than this share of the horizon count as one: a boundary between
/// them would cost much and gain nothing.
pub(super) const SMALLEST_STEP: f64 = 1e-3;
/// More looks than anybody plans.
const MOST_LOOKS: usize = 400;

/// How alpha is spent over the information fraction `t` (0 to 1).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// `2 - 2 Φ(z_{a/2} / √t)`: like O'Brien and Fleming's, little at first.
    #[default]
    OBrienFleming,
    /// `a ln(1 + (e - 1) t)`: like Pocock's, nearly the same boundary at every look.
    Pocock,
    /// `a t^power` (Kim and DeMets 1987); 2 is Spotify's.
    Power(f64),
}

impl Spending {
    /// Of `alpha` on one side, how much is spent at `fraction`; all of it from 1 on.
    #[must_use]
    pub fn spent(self, alpha: f64, fraction: f64) -> f64 {
        let t = fraction.clamp(0.0, 1.0);
        if t == 0.0 {
            return 0.0;
        }
        match self {
            Self::OBrienFleming => 2.0 * normal_cdf(normal_quantile(0.5 * alpha) / t.sqrt()),
            Self::Pocock => alpha * log1p((E - 1.0) * t),
            Self::Power(power) => alpha * pow(t, power.max(0.0)),
        }
    }
}

/// A group-sequential plan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Grouped {
    pub alpha: Alpha,
    #[serde(default)]
    pub tail: Tail,
    #[serde(default)]
    pub spending: Spending,
    /// Units of both arms at the planned end.
    pub horizon_units: u64,
}

/// A look at a difference. There is no p-value of a single look: compare the estimate with
/// its boundary. For several comparisons, share alpha among them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Look {
    pub estimate: f64,
    pub standard_error: f64,
    /// Share of the horizon.
    pub fraction: f64,
    /// Boundary in standard errors; absent when this look may not stop the experiment.
    pub boundary: Option<f64>,
    /// Ends of the repeated confidence interval (Jennison and Turnbull 1989): the estimate
    /// and `boundary` standard errors; absent where the boundary or the side is.
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    /// Whether the difference from the null crosses the boundary: stop.
    pub crossed: bool,
}

impl Grouped {
    /// Boundaries in standard errors at each of the information `fractions`, which grow.
    /// `None` where nothing is left to spend or the step is below a thousandth. Two-sided
    /// boundaries give half of alpha to each side.
    ///
    /// # Errors
    /// When the fractions do not grow from above 0, or there are more than 400.
    pub fn boundaries(&self, fractions: &[f64]) -> Result<Vec<Option<f64>>, OutOfRange> {
        self.spend(fractions, false)
    }

    /// At the last of all looks `ends`: nothing needs to be left.
    fn spend(&self, fractions: &[f64], ends: bool) -> Result<Vec<Option<f64>>, OutOfRange> {
        check(fractions)?;
        let alpha = match self.tail {
            Tail::Both => 0.5 * self.alpha.get(),
            Tail::Greater | Tail::Lesser => self.alpha.get(),
        };
        let mut density = Density::start();
        let mut spent = 0.0;
        let mut last = 0.0;
        let mut boundaries = Vec::with_capacity(fractions.len());
        for (n, fraction) in fractions.iter().enumerate() {
            let is_end = ends && n + 1 == fractions.len();
            let due = if is_end { 1.0 } else { *fraction };
            let budget = self.spending.spent(alpha, due) - spent;
            if fraction - last < SMALLEST_STEP || budget <= 0.0 {
                boundaries.push(None);
                continue;
            }
            let boundary = density.advance(*fraction, budget);
            spent += budget;
            last = *fraction;
            boundaries.push(Some(boundary));
        }
        Ok(boundaries)
    }

    /// Judges the difference at the last of the looks, given the units of both arms at
    /// every look so far, this one included. `null` is the difference to be excluded.
    ///
    /// # Errors
    /// When there are no looks, or their units do not grow.
    pub fn infer(&self, effect: &Effect, null: f64, looks: &[u64]) -> Result<Look, OutOfRange> {
        self.judge(effect, null, looks, false)
    }

    /// The same at the last of all looks: it spends what is left of alpha, however far the
    /// units are from the horizon. Valid when the end came by something other than the data,
    /// such as the clock.
    ///
    /// # Errors
    /// As [`Self::infer`].
    pub fn infer_last(
        &self,
        effect: &Effect,
        null: f64,
        looks: &[u64],
    ) -> Result<Look, OutOfRange> {
        self.judge(effect, null, looks, true)
    }

    fn judge(
        &self,
        effect: &Effect,
        null: f64,
        looks: &[u64],
        ends: bool,
    ) -> Result<Look, OutOfRange> {
        let horizon = self.horizon_units.max(1) as f64;
        let fractions: Vec<f64> = looks.iter().map(|units| *units as f64 / horizon).collect();
        let boundary = self.spend(&fractions, ends)?.pop().flatten();
        let (lower, upper) =
            boundary.map_or((None, None), |width| self.tail.interval(effect, width));
        let z = effect.z(null);
        let beyond = match self.tail {
            Tail::Both => z.abs(),
            Tail::Greater => z,
            Tail::Lesser => -z,
        };
        Ok(Look {
            estimate: effect.estimate,
            standard_error: effect.standard_error,
            fraction: fractions.last().copied().unwrap_or_default(),
            boundary,
            lower,
            upper,
            crossed: boundary.is_some_and(|width| beyond >= width),
        })
    }
}

pub(super) fn check(fractions: &[f64]) -> Result<(), OutOfRange> {
    let count = fractions.len();
    if count == 0 || count > MOST_LOOKS {
        return Err(OutOfRange {
            name: "number of looks",
            range: "between 1 and 400",
            found: count as f64,
        });
    }
    let mut last = 0.0;
    for fraction in fractions {
        let grows = *fraction > 0.0 && *fraction >= last && *fraction <= 1e6;
        if !grows {
            return Err(OutOfRange {
                name: "information fraction",
                range: "above 0 and not below the one before",
                found: *fraction,
            });
        }
        last = *fraction;
    }
    Ok(())
}
