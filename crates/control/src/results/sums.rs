//! What is stored of the metrics of an experiment at one time: their sums, and the
//! distributions of quantiles.

use std::collections::HashMap;

use nexus_domain::experiment::{self as domain, Among, MetricKind};
use nexus_stats::{BinnedQuantile, Distribution, Metric};

use super::Moments;
use super::sample;

/// One as it is stored, of a value.
const THOUSANDTH: f64 = 1e-3;

/// By variant and metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) moments: HashMap<(String, String), Moments>,
    pub(super) distributions: HashMap<(String, String), Distribution>,
    /// Of quantiles of which no more is known, as over time.
    pub(super) quantiles: HashMap<(String, String), BinnedQuantile>,
}

impl Sums {
    pub(super) fn moments_of(&self, variant: &str, metric: &domain::Metric) -> &Moments {
        let moments = self.moments.get(&place(variant, metric));
        moments.unwrap_or(&Moments::NOTHING)
    }

    /// The metric of one arm, of which so many units are exposed.
    pub(super) fn sample(&self, metric: &domain::Metric, variant: &str, exposed: u64) -> Metric {
        let MetricKind::Quantile { level_bp, among } = metric.kind else {
            return sample::sample(metric, exposed, self.moments_of(variant, metric));
        };
        if let Some(quantile) = self.quantiles.get(&place(variant, metric)) {
            return Metric::Binned(*quantile);
        }
        let distribution = self.distribution(metric, variant, among, exposed);
        Metric::Binned(quantile(&distribution, level_bp))
    }

    /// Units that the metric is of.
    pub(super) fn units(&self, metric: &domain::Metric, variant: &str, exposed: u64) -> u64 {
        match metric.kind {
            MetricKind::Quantile { among, .. } => {
                self.distribution(metric, variant, among, exposed).units()
            }
            _ => sample::units_of(metric, exposed, self.moments_of(variant, metric)),
        }
    }

    /// Of a quantile; with the zeros of users without any value, where it is of users.
    pub(super) fn distribution(
        &self,
        metric: &domain::Metric,
        variant: &str,
        among: Among,
        exposed: u64,
    ) -> Distribution {
        let stored = self.distributions.get(&place(variant, metric));
        whole(stored.cloned().unwrap_or_default(), among, exposed)
    }
}

/// With the zeros of users without any value, where it is of users.
pub(crate) fn whole(mut distribution: Distribution, among: Among, exposed: u64) -> Distribution {
    if among == Among::Users {
        distribution.add_zeros(exposed.saturating_sub(distribution.units()));
    }
    distribution
}

pub(crate) fn quantile(distribution: &Distribution, level_bp: u16) -> BinnedQuantile {
    distribution.quantile(f64::from(level_bp) / 1e4, THOUSANDTH)
}

fn place(variant: &str, metric: &domain::Metric) -> (String, String) {
    (variant.to_owned(), metric.key.clone())
}
