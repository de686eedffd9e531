//! Experiments that never took place: how often a method stops, and how often its interval
//! misses the truth. The tests run them in small form, `examples/simulate.rs` in full.

#![allow(dead_code, reason = "no test needs all of it")]

use nexus_stats::{
    Adjusted, Alpha, Better, Count, Decision, Difference, Effect, Fixed, Grouped, Margin, Mean,
    Metric, NonInferiority, Proportion, Ratio, Reference, Sample, Sequential, Spending, SrmState,
    Status, Tail, chi_square_p,
};
use serde::Serialize;

use super::Random;

/// What one unit does. A lift is added to the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Model {
    /// One in ten converts.
    Conversion,
    /// A geometric number of page views, 2 on average.
    PageViews,
    /// Four in five spend nothing, the others an exponential amount, 10 on average.
    Revenue,
    /// Spending per order: one to three orders, dearer for some units than for others.
    OrderValue,
    /// Time on site, half of which is explained by the time before.
    AdjustedTime,
    /// Three in a hundred spend an exponential amount: far from normal in a small arm. Not
    /// among [`MODELS`].
    RareRevenue,
}

pub(crate) const MODELS: [Model; 5] = [
    Model::Conversion,
    Model::PageViews,
    Model::Revenue,
    Model::OrderValue,
    Model::AdjustedTime,
];

impl Model {
    /// One unit: its value, and the second value of the models that have two.
    fn unit(self, random: &mut Random, lift: f64) -> [f64; 2] {
        match self {
            Self::Conversion => [f64::from(random.share() < 0.1 + lift), 0.0],
            Self::PageViews => {
                let mut views = 0.0;
                while random.share() * (3.0 + lift) < 2.0 + lift {
                    views += 1.0;
                }
                [views, 0.0]
            }
            Self::Revenue | Self::RareRevenue => {
                let spends = random.share() < if self == Self::Revenue { 0.2 } else { 0.03 };
                let amount = if spends {
                    -10.0 * (1.0 - random.share()).ln()
                } else {
                    0.0
                };
                [amount + lift, 0.0]
            }
            Self::OrderValue => {
                let orders = random.whole(1, 4) as f64;
                [orders * (20.0 + 5.0 * random.normal() + lift), orders]
            }
            Self::AdjustedTime => {
                let habit = random.normal();
                [
                    habit + random.normal() + lift,
                    habit + 0.2 * random.normal(),
                ]
            }
        }
    }

    /// A lift that some thousand units per arm find.
    pub(crate) const fn visible_lift(self) -> f64 {
        match self {
            Self::Conversion => 0.06,
            Self::PageViews => 0.4,
            Self::Revenue | Self::RareRevenue => 1.0,
            Self::OrderValue => 0.8,
            Self::AdjustedTime => 0.2,
        }
    }
}

/// Sums over the units of an arm.
#[derive(Default)]
struct Arm {
    units: u64,
    sums: [f64; 2],
    squares: [f64; 2],
    products: f64,
}

impl Arm {
    fn add(&mut self, [a, b]: [f64; 2]) {
        self.units += 1;
        self.sums[0] += a;
        self.sums[1] += b;
        self.squares[0] += a * a;
        self.squares[1] += b * b;
        self.products += a * b;
    }

    fn metric(&self, model: Model) -> Metric {
        let (units, products) = (self.units, self.products);
        let sample = |index: usize| {
            let (sum, sum_squares) = (self.sums[index], self.squares[index]);
            Sample::Mean(Mean {
                units,
                sum,
                sum_squares,
                winsorised_at: None,
            })
        };
        match model {
            Model::Conversion => Proportion::new(self.sums[0] as u64, units).into(),
            Model::PageViews => {
                let (sum, sum_squares) = (self.sums[0] as u64, self.squares[0] as u64);
                Count {
                    units,
                    sum,
                    sum_squares,
                }
                .into()
            }
            Model::Revenue | Model::RareRevenue => Metric::Single(sample(0)),
            Model::OrderValue => {
                let (numerator, denominator) = (sample(0), sample(1));
                Metric::Ratio(Ratio {
                    numerator,
                    denominator,
                    products,
                })
            }
            Model::AdjustedTime => {
                let (post, pre) = (sample(0), sample(1));
                Metric::Adjusted(Adjusted {
                    post,
                    pre,
                    products,
                })
            }
        }
    }
}

/// A method at five percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Judge {
    AlwaysValid,
    AlwaysValidOneSided,
    /// The rule that a machine acts by.
    Decision,
    /// A guardrail without a margin calls harm.
    Guardrail,
    /// The wrong way: a fixed-horizon test at every look.
    Peeking,
    GroupSequential,
}

/// How long, how often and how much.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Runs {
    pub(crate) runs: u64,
    pub(crate) looks: u64,
    /// Units of each arm between two looks.
    pub(crate) step: u64,
    /// Control has so many times the units of the variant.
    pub(crate) ratio: u64,
}

/// How many of the runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Outcome {
    pub(crate) runs: u64,
    /// The interval left out "no difference" at some look.
    pub(crate) stopped: u64,
    /// The interval left out the true difference at some look.
    pub(crate) missed: u64,
    /// It did at the last look.
    pub(crate) missed_at_the_end: u64,
}

/// Runs experiments with a true difference of `lift`.
pub(crate) fn experiments(judge: Judge, model: Model, lift: f64, of: Runs) -> Outcome {
    let mut total = Outcome::default();
    let limits = boundaries(of.looks);
    for seed in 0..of.runs {
        let random = &mut Random::new(seed + 1);
        let mut arms = [Arm::default(), Arm::default()];
        let (mut stopped, mut missed, mut missed_now) = (false, false, false);
        for look in 0..of.looks {
            for ((arm, lift), times) in arms.iter_mut().zip([0.0, lift]).zip([of.ratio, 1]) {
                for _ in 0..times * of.step {
                    arm.add(model.unit(random, lift));
                }
            }
            let [control, variant] = arms.each_ref().map(|arm| arm.metric(model));
            let Ok(effect) = Effect::between(&control, &variant, Difference::Absolute) else {
                continue;
            };
            let limit = limits.get(look as usize).copied().flatten();
            stopped |= leaves_out(judge, &effect, 0.0, limit);
            missed_now = leaves_out(judge, &effect, lift, limit);
            missed |= missed_now;
        }
        total.runs += 1;
        total.stopped += u64::from(stopped);
        total.missed += u64::from(missed);
        total.missed_at_the_end += u64::from(missed_now);
    }
    total
}

fn leaves_out(judge: Judge, effect: &Effect, value: f64, limit: Option<f64>) -> bool {
    let alpha = Alpha::FIVE_PERCENT;
    match judge {
        Judge::AlwaysValid => Sequential::new(alpha, Tail::Both)
            .infer(effect, 0.0)
            .excludes(value),
        Judge::AlwaysValidOneSided => Sequential::new(alpha, Tail::Greater)
            .infer(effect, 0.0)
            .excludes(value),
        Judge::Decision => {
            // A verdict is about zero; the interval behind it is what covers.
            let moved = Effect {
                estimate: effect.estimate - value,
                ..*effect
            };
            let status = Decision::new(Sequential::default(), Better::Higher).judge(&moved);
            matches!(status, Status::Better | Status::Worse)
        }
        Judge::Guardrail => {
            let moved = Effect {
                estimate: effect.estimate - value,
                ..*effect
            };
            let rule = NonInferiority::new(0.0, Better::Higher, alpha);
            rule.is_ok_and(|rule| rule.judge(&moved).margin == Margin::Broken)
        }
        Judge::Peeking => {
            let fixed = Fixed {
                alpha,
                tail: Tail::Both,
                reference: Reference::Normal,
            };
            fixed.infer(effect, 0.0).excludes(value)
        }
        Judge::GroupSequential => limit.is_some_and(|limit| effect.z(value).abs() >= limit),
    }
}

/// O'Brien and Fleming's, for looks at equal distances.
fn boundaries(looks: u64) -> Vec<Option<f64>> {
    let plan = Grouped {
        alpha: Alpha::FIVE_PERCENT,
        tail: Tail::Both,
        spending: Spending::OBrienFleming,
        horizon_units: looks,
    };
    let fractions: Vec<f64> = (1..=looks).map(|look| look as f64 / looks as f64).collect();
    plan.boundaries(&fractions).unwrap_or_default()
}

/// How many of the runs sounded an alarm at some look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Alarms {
    pub(crate) runs: u64,
    /// The anytime-valid test at one percent.
    pub(crate) anytime: u64,
    /// Chi-square at five percent, at every look.
    pub(crate) chi_square: u64,
}

/// Assigns units to two arms of equal weight, the first getting `share`.
pub(crate) fn assignments(share: f64, of: Runs) -> Alarms {
    let mut total = Alarms::default();
    for seed in 0..of.runs {
        let random = &mut Random::new(seed + 1);
        let Ok(mut state) = SrmState::new(&[1.0, 1.0]) else {
            continue;
        };
        let mut counts = [0, 0];
        let (mut anytime, mut chi_square) = (false, false);
        for _ in 0..of.looks {
            let first = random.successes(2 * of.step, share);
            counts = [counts[0] + first, counts[1] + 2 * of.step - first];
            anytime |= state.observe(&counts).p_value <= 0.01;
            chi_square |= chi_square_p(&counts, &[1.0, 1.0]).is_ok_and(|p| p <= 0.05);
        }
        total.runs += 1;
        total.anytime += u64::from(anytime);
        total.chi_square += u64::from(chi_square);
    }
    total
}
