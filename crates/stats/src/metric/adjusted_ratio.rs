//! CUPED for a ratio: the ratio before the experiment explains part of the ratio in it.
//!
//! The delta method makes of each ratio a mean over units with the gradient
//! `(1/D, -M/D²)`; that mean is adjusted as any other (Deng, Xu, Kohavi and Walker, WSDM 2013).

use serde::{Deserialize, Serialize};

use super::ratio::of_terms;
use super::sample::covariance;
use super::{MergeError, Sample, Summary};

/// A ratio with its own value before the experiment. All four samples are of the same units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct AdjustedRatio {
    /// Numerator during the experiment.
    pub numerator: Sample,
    /// Denominator during the experiment.
    pub denominator: Sample,
    /// Numerator before exposure.
    pub numerator_pre: Sample,
    /// Denominator before exposure.
    pub denominator_pre: Sample,
    /// Sums over units of the products of two samples.
    pub products: Products,
}

/// Sums over units of `first × second`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Products {
    pub numerator_denominator: f64,
    pub numerator_pre_denominator_pre: f64,
    pub numerator_numerator_pre: f64,
    pub numerator_denominator_pre: f64,
    pub denominator_numerator_pre: f64,
    pub denominator_denominator_pre: f64,
}

/// Variances per unit of the linearised ratios.
struct Moments {
    post: f64,
    pre: f64,
    shared: f64,
}

impl AdjustedRatio {
    /// Both arms adjusted with one `θ`: the sum of the arms' covariances over the sum of
    /// their variances before, as GrowthBook pools it. 0, no adjustment, when the ratio
    /// before does not vary.
    pub(super) fn summaries(control: &Self, variant: &Self) -> Option<[Summary; 2]> {
        let moments = [control.moments()?, variant.moments()?];
        let pre = moments[0].pre + moments[1].pre;
        let known = pre > 0.0 && pre.is_finite();
        let theta = if known {
            (moments[0].shared + moments[1].shared) / pre
        } else {
            0.0
        };
        Some([
            control.summary(&moments[0], theta),
            variant.summary(&moments[1], theta),
        ])
    }

    fn summary(&self, moments: &Moments, theta: f64) -> Summary {
        let post = self.numerator.sum() / self.denominator.sum();
        if theta == 0.0 {
            return Summary::unadjusted(self.numerator.units(), post, moments.post);
        }
        let pre = self.numerator_pre.sum() / self.denominator_pre.sum();
        Summary {
            units: self.numerator.units(),
            mean: post - theta * pre,
            unadjusted_mean: post,
            variance: moments.post + theta * theta * moments.pre - 2.0 * theta * moments.shared,
        }
    }

    fn moments(&self) -> Option<Moments> {
        let (m, d, mp, dp) = (
            &self.numerator,
            &self.denominator,
            &self.numerator_pre,
            &self.denominator_pre,
        );
        if [d, mp, dp].iter().any(|other| other.units() != m.units()) {
            return None;
        }
        let sums = &self.products;
        let [gm, gd] = gradient(m, d);
        let [gmp, gdp] = gradient(mp, dp);
        let own = |a: &Sample, b: &Sample, ga: f64, gb: f64, sum: f64| {
            of_terms([
                ga * ga * a.variance(),
                gb * gb * b.variance(),
                2.0 * ga * gb * covariance(a, b, sum),
            ])
        };
        let shared = gm * gmp * covariance(m, mp, sums.numerator_numerator_pre)
            + gm * gdp * covariance(m, dp, sums.numerator_denominator_pre)
            + gd * gmp * covariance(d, mp, sums.denominator_numerator_pre)
            + gd * gdp * covariance(d, dp, sums.denominator_denominator_pre);
        Some(Moments {
            post: own(m, d, gm, gd, sums.numerator_denominator),
            pre: own(mp, dp, gmp, gdp, sums.numerator_pre_denominator_pre),
            shared,
        })
    }

    pub(super) fn merge(self, other: Self) -> Result<Self, MergeError> {
        Ok(Self {
            numerator: self.numerator.merge(other.numerator)?,
            denominator: self.denominator.merge(other.denominator)?,
            numerator_pre: self.numerator_pre.merge(other.numerator_pre)?,
            denominator_pre: self.denominator_pre.merge(other.denominator_pre)?,
            products: self.products.plus(&other.products),
        })
    }
}

impl Products {
    fn plus(&self, other: &Self) -> Self {
        Self {
            numerator_denominator: self.numerator_denominator + other.numerator_denominator,
            numerator_pre_denominator_pre: self.numerator_pre_denominator_pre
                + other.numerator_pre_denominator_pre,
            numerator_numerator_pre: self.numerator_numerator_pre + other.numerator_numerator_pre,
            numerator_denominator_pre: self.numerator_denominator_pre
                + other.numerator_denominator_pre,
            denominator_numerator_pre: self.denominator_numerator_pre
                + other.denominator_numerator_pre,
            denominator_denominator_pre: self.denominator_denominator_pre
                + other.denominator_denominator_pre,
        }
    }
}

/// Of `M/D` with respect to the two means; zero without a denominator.
fn gradient(numerator: &Sample, denominator: &Sample) -> [f64; 2] {
    let (m, d) = (numerator.mean(), denominator.mean());
    if d == 0.0 {
        return [0.0, 0.0];
    }
    [1.0 / d, -m / (d * d)]
}
