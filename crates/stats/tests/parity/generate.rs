//! Inputs from a seed: arms of every kind of metric, plausible and far-fetched sizes.

use nexus_stats::{
    Adjusted, Clusters, Count, Difference, Mean, Metric, Proportion, Quantile, Ratio, Sample,
};

use crate::common::Random;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Proportion,
    Count,
    Mean,
    RatioOfMeans,
    RatioToProportion,
    AdjustedMean,
    AdjustedProportion,
    Quantile,
    ClusteredQuantile,
}

pub(crate) const KINDS: [Kind; 9] = [
    Kind::Proportion,
    Kind::Count,
    Kind::Mean,
    Kind::RatioOfMeans,
    Kind::RatioToProportion,
    Kind::AdjustedMean,
    Kind::AdjustedProportion,
    Kind::Quantile,
    Kind::ClusteredQuantile,
];

impl Kind {
    /// Quantiles need more: fewer are refused by both sides.
    const fn fewest(self) -> f64 {
        match self {
            Self::Quantile | Self::ClusteredQuantile => 60.0,
            _ => 3.0,
        }
    }

    /// Control and variant: alike, so that p-values fall everywhere.
    pub(crate) fn arms(self, random: &mut Random) -> [Metric; 2] {
        let level = random.magnitude(0.01, 1e4) * if random.share() < 0.1 { -1.0 } else { 1.0 };
        let spread = level.abs() * random.magnitude(0.05, 20.0);
        let rate = random.between(0.01, 0.99);
        let quantile = random.pick(&[0.1, 0.5, 0.9, 0.95, 0.99]);
        [0, 1].map(|_| {
            let units = random.magnitude(self.fewest(), 2e6) as u64;
            let near = 1.0 + 0.2 * random.normal() / (units as f64).sqrt().min(20.0);
            self.arm(
                random,
                units,
                level * near,
                spread,
                (rate * near).clamp(0.005, 0.995),
                quantile,
            )
        })
    }

    fn arm(
        self,
        random: &mut Random,
        units: u64,
        level: f64,
        spread: f64,
        rate: f64,
        quantile: f64,
    ) -> Metric {
        let n = units as f64;
        let mean = |level: f64, spread: f64| {
            let sum = level * n;
            let sum_squares = sum * sum / n + spread * spread * (n - 1.0);
            Mean {
                units,
                sum,
                sum_squares,
                winsorised_at: None,
            }
        };
        let proportion = |rate: f64| {
            let conversions = ((rate * n) as u64).clamp(1, units - 1);
            Proportion::new(conversions, units)
        };
        // Σxy with the correlation `r` of two samples.
        let products = |a: &Sample, b: &Sample, r: f64| {
            a.sum() * b.sum() / n + r * (n - 1.0) * (a.variance() * b.variance()).sqrt()
        };
        let correlation = random.between(-0.9, 0.95);
        match self {
            Self::Proportion => proportion(rate).into(),
            Self::Mean => mean(level, spread).into(),
            Self::Count => count(random, units).into(),
            Self::RatioOfMeans | Self::RatioToProportion => {
                let numerator = Sample::Mean(mean(level, spread));
                let denominator = if self == Self::RatioOfMeans {
                    let orders = random.between(0.5, 5.0);
                    Sample::Mean(mean(orders, orders * random.between(0.1, 2.0)))
                } else {
                    Sample::Proportion(proportion(rate))
                };
                let products = products(&numerator, &denominator, correlation);
                Metric::Ratio(Ratio {
                    numerator,
                    denominator,
                    products,
                })
            }
            Self::AdjustedMean => {
                let post = Sample::Mean(mean(level, spread));
                let pre = Sample::Mean(mean(0.9 * level, 1.1 * spread));
                let products = products(&post, &pre, correlation);
                Metric::Adjusted(Adjusted {
                    post,
                    pre,
                    products,
                })
            }
            Self::AdjustedProportion => {
                let post = Sample::Proportion(proportion(rate));
                let pre = Sample::Proportion(proportion(0.8 * rate));
                let products = products(&post, &pre, 0.5 * correlation).max(0.0);
                Metric::Adjusted(Adjusted {
                    post,
                    pre,
                    products,
                })
            }
            Self::Quantile | Self::ClusteredQuantile => {
                let clustered = self == Self::ClusteredQuantile;
                Metric::Quantile(order_statistics(
                    random,
                    units,
                    level.abs(),
                    quantile,
                    clustered,
                ))
            }
        }
    }
}

fn count(random: &mut Random, units: u64) -> Count {
    let mean = random.between(0.2, 8.0);
    let sum = (mean * units as f64) as u64 + 1;
    let excess = random.between(1.0, 4.0);
    let sum_squares = (excess * mean * units as f64 + (sum as f64) * mean) as u64 + 2;
    Count {
        units,
        sum,
        sum_squares,
    }
}

fn order_statistics(
    random: &mut Random,
    events: u64,
    value: f64,
    level: f64,
    clustered: bool,
) -> Quantile {
    let n = events as f64;
    let width = value * random.between(0.5, 3.0) / n.sqrt();
    let clusters = clustered.then(|| {
        let units = (n / random.between(1.5, 10.0)).ceil().max(2.0);
        let (mean, deviation) = (n / units, n / units * random.between(0.3, 1.5));
        let events_squares = units * (mean * mean + deviation * deviation);
        let noise = random.between(0.05, 0.5) * mean;
        Clusters {
            units: units as u64,
            below: level * n,
            below_squares: level * level * events_squares + units * noise * noise,
            events: n,
            events_squares,
            products: level * events_squares,
        }
    });
    Quantile {
        events,
        level,
        value,
        lower: value - 0.5 * width,
        upper: value + 0.6 * width,
        bound_events: events - events / random.whole(2, 50),
        clusters,
    }
}

pub(crate) fn difference(random: &mut Random, which: usize) -> Difference {
    match which % 3 {
        0 => Difference::Absolute,
        1 => Difference::Relative,
        _ => Difference::Scaled {
            variant_share: random.between(0.05, 1.0),
            days: random.between(1.0, 60.0),
        },
    }
}

/// Arms about which there is little or nothing to say.
pub(crate) fn poor() -> Vec<[Metric; 2]> {
    let rate = |conversions, units| Metric::from(Proportion::new(conversions, units));
    let mean = |units, sum, sum_squares| {
        Metric::from(Mean {
            units,
            sum,
            sum_squares,
            winsorised_at: None,
        })
    };
    vec![
        [rate(0, 0), rate(0, 0)],
        [rate(0, 100), rate(5, 100)],
        [rate(5, 100), rate(0, 100)],
        [rate(100, 100), rate(50, 100)],
        [rate(1, 1), rate(50, 100)],
        [rate(1, 2), rate(1, 2)],
        [mean(0, 0.0, 0.0), mean(10, 5.0, 6.0)],
        [mean(1, 2.0, 4.0), mean(10, 5.0, 6.0)],
        [mean(10, 5.0, 6.0), mean(1, 2.0, 4.0)],
        [mean(10, 0.0, 6.0), mean(10, 5.0, 6.0)],
        [mean(10, 5.0, 2.5), mean(10, 5.0, 6.0)],
    ]
}
