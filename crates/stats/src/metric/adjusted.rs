//! CUPED: what units did before the experiment explains part of what they do in it.
//!
//! Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online controlled experiments
//! by utilizing pre-experiment data" (WSDM 2013): `Y - θ X` with `θ = cov(Y, X) / var(X)`
//! has the variance `var(Y) (1 - corr²)`. `θ` is pooled over both arms, so that it cannot
//! make a difference between them.

use serde::{Deserialize, Serialize};

use super::sample::covariance;
use super::{MergeError, Sample, Summary};

/// A metric with its own value before the experiment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Adjusted {
    /// During the experiment.
    pub post: Sample,
    /// Before exposure, of the same units; 0 for a unit not seen before.
    pub pre: Sample,
    /// Post times pre of each unit, summed.
    pub products: f64,
}

impl Adjusted {
    /// Both arms adjusted alike.
    pub(super) fn summaries(control: &Self, variant: &Self) -> Option<[Summary; 2]> {
        let same_units = |arm: &Self| arm.post.units() == arm.pre.units();
        if !same_units(control) || !same_units(variant) {
            return None;
        }
        let theta = control.merge(*variant).ok()?.theta();
        Some([control.summary(theta), variant.summary(theta)])
    }

    /// Of both arms taken as one sample, as in `gbstats`; 0, no adjustment, when either period
    /// does not vary.
    pub(crate) fn theta(&self) -> f64 {
        let (pre, post) = (self.pre.variance(), self.post.variance());
        if pre <= 0.0 || post <= 0.0 {
            return 0.0;
        }
        covariance(&self.post, &self.pre, self.products) / pre
    }

    pub(crate) fn summary(&self, theta: f64) -> Summary {
        let shared = covariance(&self.post, &self.pre, self.products);
        let variance =
            self.post.variance() + theta * theta * self.pre.variance() - 2.0 * theta * shared;
        Summary {
            units: self.post.units(),
            mean: self.post.mean() - theta * self.pre.mean(),
            unadjusted_mean: self.post.mean(),
            variance,
        }
    }

    pub(super) fn merge(self, other: Self) -> Result<Self, MergeError> {
        Ok(Self {
            post: self.post.merge(other.post)?,
            pre: self.pre.merge(other.pre)?,
            products: self.products + other.products,
        })
    }
}
