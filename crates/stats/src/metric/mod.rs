//! Metrics of one arm as sufficient statistics.
//!
//! A statistic of the whole is the sum of the statistics of the parts, whatever the parts
//! are (days, shards, dimensions), as long as every unit falls into one part only.

mod adjusted;
mod adjusted_ratio;
mod distribution;
mod quantile;
mod ratio;
mod sample;

pub use adjusted::Adjusted;
pub use adjusted_ratio::{AdjustedRatio, Products};
pub use distribution::{BinnedQuantile, Distribution, Values};
pub use quantile::{Clusters, Quantile};
pub use ratio::Ratio;
pub use sample::{Count, Mean, Sample};

use serde::{Deserialize, Serialize};

use crate::proportion::{AdjustedProportion, Proportion};

/// A metric of one arm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// One number per unit: a proportion, a count or a mean.
    Single(Sample),
    /// A ratio of two sums.
    Ratio(Ratio),
    /// A quantile of events.
    Quantile(Quantile),
    /// A quantile of events that are counted in bins.
    Binned(BinnedQuantile),
    /// One number per unit, adjusted by what it was before.
    Adjusted(Adjusted),
    /// A ratio, adjusted by what it was before.
    AdjustedRatio(AdjustedRatio),
}

impl From<Proportion> for Metric {
    fn from(rate: Proportion) -> Self {
        Self::Single(Sample::Proportion(rate))
    }
}

impl From<AdjustedProportion> for Metric {
    fn from(rate: AdjustedProportion) -> Self {
        Self::Adjusted(rate.adjusted())
    }
}

impl From<Count> for Metric {
    fn from(count: Count) -> Self {
        Self::Single(Sample::Count(count))
    }
}

impl From<Mean> for Metric {
    fn from(mean: Mean) -> Self {
        Self::Single(Sample::Mean(mean))
    }
}

/// Why two statistics have no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    #[error("the metrics are of different kinds")]
    DifferentMetrics,
    #[error("the values were winsorised at different values: winsorise all alike first")]
    DifferentCuts,
    #[error("quantiles do not merge: compute them from the events of all parts")]
    Quantiles,
    #[error("a count exceeds 64 bits")]
    Overflow,
}

/// What a comparison needs of one arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Summary {
    /// Units; events of a quantile from order statistics.
    pub(crate) units: u64,
    /// The estimate, adjusted where the metric is.
    pub(crate) mean: f64,
    /// The estimate as people see it.
    pub(crate) unadjusted_mean: f64,
    /// Of one unit: the estimate has this over `units`.
    pub(crate) variance: f64,
}

impl Summary {
    pub(crate) fn unadjusted(units: u64, mean: f64, variance: f64) -> Self {
        Self {
            units,
            mean,
            unadjusted_mean: mean,
            variance,
        }
    }
}

impl Metric {
    /// Both parts as one.
    ///
    /// # Errors
    /// When they are of different kinds or are quantiles, or a count overflows.
    pub fn merge(self, other: Self) -> Result<Self, MergeError> {
        match (self, other) {
            (Self::Single(a), Self::Single(b)) => a.merge(b).map(Self::Single),
            (Self::Ratio(a), Self::Ratio(b)) => a.merge(b).map(Self::Ratio),
            (Self::Adjusted(a), Self::Adjusted(b)) => a.merge(b).map(Self::Adjusted),
            (Self::AdjustedRatio(a), Self::AdjustedRatio(b)) => a.merge(b).map(Self::AdjustedRatio),
            (Self::Quantile(_), Self::Quantile(_)) | (Self::Binned(_), Self::Binned(_)) => {
                Err(MergeError::Quantiles)
            }
            _ => Err(MergeError::DifferentMetrics),
        }
    }

    /// Control's summary and the variant's; `None` when there is none.
    pub(crate) fn summaries(control: &Self, variant: &Self) -> Option<[Summary; 2]> {
        match (control, variant) {
            (Self::Adjusted(a), Self::Adjusted(b)) => Adjusted::summaries(a, b),
            (Self::AdjustedRatio(a), Self::AdjustedRatio(b)) => AdjustedRatio::summaries(a, b),
            _ => Some([control.summary()?, variant.summary()?]),
        }
    }

    fn summary(&self) -> Option<Summary> {
        match self {
            Self::Single(sample) => {
                let (mean, variance) = (sample.mean(), sample.variance());
                Some(Summary::unadjusted(sample.units(), mean, variance))
            }
            Self::Ratio(ratio) => ratio.summary(),
            Self::Quantile(quantile) => quantile.summary(),
            Self::Binned(quantile) => quantile.summary(),
            Self::Adjusted(_) | Self::AdjustedRatio(_) => None,
        }
    }

    /// Whether both are the same kind of metric, so that their difference means something.
    pub(crate) fn is_comparable(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Single(a), Self::Single(b)) => same_kind(a, b),
            (Self::Ratio(a), Self::Ratio(b)) => {
                same_kind(&a.numerator, &b.numerator) && same_kind(&a.denominator, &b.denominator)
            }
            (Self::Quantile(a), Self::Quantile(b)) => a.level == b.level,
            (Self::Binned(a), Self::Binned(b)) => a.level == b.level,
            (Self::Adjusted(a), Self::Adjusted(b)) => {
                same_kind(&a.post, &b.post) && same_kind(&a.pre, &b.pre)
            }
            (Self::AdjustedRatio(_), Self::AdjustedRatio(_)) => true,
            _ => false,
        }
    }
}

fn same_kind(a: &Sample, b: &Sample) -> bool {
    match (a, b) {
        (Sample::Mean(a), Sample::Mean(b)) => a.winsorised_at == b.winsorised_at,
        _ => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
