//! Experiments that never took place: how often a method stops, and how often its interval
//! misses the truth. The tests run them in small form, `examples/simulate.rs` in full.

#![allow(dead_code, reason = "no test needs all of it")]

use nexus_stats::Outcome as Planned;
use nexus_stats::{
    Adjusted, Alpha, Bayes, Better, Count, Decision, Design, Difference, Effect, Fixed, Grouped,
    Margin, Mean, Metric, NonInferiority, OutOfRange, Proportion, Ratio, Reference, Sample,
    Sequential, Spending, SrmState, Status, Tail, Watching, chi_square_p,
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

    /// What control is, for a plan; of conversion and revenue only.
    const fn planned(self) -> Planned {
        match self {
            Self::Conversion => Planned::Proportion { rate: 0.1 },
            // Var = p E[X²] - (p E[X])² = 0.2 · 200 - 4.
            _ => Planned::Mean {
                mean: 2.0,
                standard_deviation: 6.0,
            },
        }
    }

    const fn planned_mean(self) -> f64 {
        match self.planned() {
            Planned::Proportion { rate } => rate,
            Planned::Mean { mean, .. } => mean,
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

/// A method at five percent, by its interval alone or by the verdict that pages show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Judge {
    AlwaysValid,
    AlwaysValidOneSided,
    AlwaysValidVerdict,
    /// The rule that a machine acts by.
    Decision,
    /// A guardrail without a margin calls harm.
    Guardrail,
    /// The wrong way: a fixed-horizon test at every look.
    Peeking,
    /// At the last look only.
    Fixed,
    FixedVerdict,
    GroupSequential,
    GroupSequentialVerdict,
    /// The credible interval of a flat prior, at the last look only.
    Bayesian,
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
    /// A difference was called at some look.
    pub(crate) stopped: u64,
    /// It was first called with the variant above control.
    pub(crate) above: u64,
    /// The interval left out the true difference at some look.
    pub(crate) missed: u64,
    /// It did at the last look.
    pub(crate) missed_at_the_end: u64,
}

/// What became of one experiment so far.
#[derive(Clone, Copy, Default)]
struct Fate {
    stopped: Option<f64>,
    missed: bool,
    missed_now: bool,
}

/// One look at two arms.
struct Seen {
    absolute: Effect,
    /// The difference itself of a control at zero.
    lift: Effect,
    /// Boundary of the group-sequential plan.
    limit: Option<f64>,
    is_last: bool,
}

/// Runs experiments with a true difference of `lift`.
pub(crate) fn experiments(judge: Judge, model: Model, lift: f64, of: Runs) -> Outcome {
    let [outcome] = all_experiments([judge], model, lift, of);
    outcome
}

/// The same experiments before several judges.
pub(crate) fn all_experiments<const N: usize>(
    judges: [Judge; N],
    model: Model,
    lift: f64,
    of: Runs,
) -> [Outcome; N] {
    let mut totals = [Outcome::default(); N];
    let limits = boundaries(of.looks);
    for seed in 0..of.runs {
        let random = &mut Random::new(seed + 1);
        let mut arms = [Arm::default(), Arm::default()];
        let mut fates = [Fate::default(); N];
        for look in 0..of.looks {
            for ((arm, lift), times) in arms.iter_mut().zip([0.0, lift]).zip([of.ratio, 1]) {
                for _ in 0..times * of.step {
                    arm.add(model.unit(random, lift));
                }
            }
            let arms = arms.each_ref().map(|arm| arm.metric(model));
            let Some(seen) = Seen::of(&arms, look, &limits) else {
                continue;
            };
            for (judge, fate) in judges.iter().zip(&mut fates) {
                fate.look(*judge, &seen, lift);
            }
        }
        for (total, fate) in totals.iter_mut().zip(fates) {
            total.add(fate);
        }
    }
    totals
}

impl Outcome {
    fn add(&mut self, fate: Fate) {
        self.runs += 1;
        self.stopped += u64::from(fate.stopped.is_some());
        self.above += u64::from(fate.stopped.is_some_and(|estimate| estimate > 0.0));
        self.missed += u64::from(fate.missed);
        self.missed_at_the_end += u64::from(fate.missed_now);
    }
}

impl Fate {
    fn look(&mut self, judge: Judge, seen: &Seen, lift: f64) {
        let calls = self.stopped.is_none() && judge.calls(seen);
        self.stopped = self.stopped.or(calls.then_some(seen.absolute.estimate));
        self.missed_now = judge.leaves_out(seen, lift);
        self.missed |= self.missed_now;
    }
}

impl Seen {
    fn of([control, variant]: &[Metric; 2], look: u64, limits: &[Option<f64>]) -> Option<Self> {
        let effect = |difference| Effect::between(control, variant, difference).ok();
        let absolute = effect(Difference::Absolute)?;
        Some(Self {
            absolute,
            lift: effect(Difference::Relative).map_or(absolute, Effect::lift),
            limit: limits.get(look as usize).copied().flatten(),
            is_last: look + 1 == limits.len() as u64,
        })
    }

    /// A verdict as pages give it: the lift's interval of so many errors leaves zero out, and so
    /// does one by the variance that both arms have in common.
    fn verdict(&self, width: f64) -> bool {
        let lift = self.lift.readable(width);
        let (lower, upper) = lift.within(width);
        let apart = lower.is_some_and(|l| l > 0.0) || upper.is_some_and(|u| u < 0.0);
        apart && lift.careful().z(0.0).abs() > width
    }
}

impl Judge {
    /// Whether a difference is called at this look.
    fn calls(self, seen: &Seen) -> bool {
        match self {
            Self::AlwaysValidVerdict => {
                seen.verdict(Sequential::default().width(seen.absolute.units))
            }
            Self::FixedVerdict => seen.is_last && seen.verdict(NORMAL_WIDTH),
            Self::GroupSequentialVerdict => seen.limit.is_some_and(|width| seen.verdict(width)),
            other => other.leaves_out(seen, 0.0),
        }
    }

    /// Whether the interval, or the rule that has none, leaves this difference out.
    fn leaves_out(self, seen: &Seen, value: f64) -> bool {
        let alpha = Alpha::FIVE_PERCENT;
        let effect = &seen.absolute;
        // A verdict is about zero; the interval behind it is what covers.
        let moved = Effect {
            estimate: effect.estimate - value,
            ..*effect
        };
        let excludes = |method: Sequential| method.infer(effect, 0.0).excludes(value);
        match self {
            Self::AlwaysValid | Self::AlwaysValidVerdict => excludes(Sequential::default()),
            Self::AlwaysValidOneSided => excludes(Sequential::new(alpha, Tail::Greater)),
            Self::Decision => {
                let status = Decision::new(Sequential::default(), Better::Higher).judge(&moved);
                matches!(status, Status::Better | Status::Worse)
            }
            Self::Guardrail => {
                let rule = NonInferiority::new(0.0, Better::Higher, alpha);
                rule.is_ok_and(|rule| rule.judge(&moved).margin == Margin::Broken)
            }
            Self::Peeking => fixed().infer(effect, 0.0).excludes(value),
            Self::Fixed | Self::FixedVerdict => {
                seen.is_last && fixed().infer(effect, 0.0).excludes(value)
            }
            Self::GroupSequential | Self::GroupSequentialVerdict => seen
                .limit
                .is_some_and(|limit| effect.z(value).abs() >= limit),
            Self::Bayesian => {
                seen.is_last
                    && credible()
                        .judge(effect)
                        .is_ok_and(|posterior| value < posterior.lower || value > posterior.upper)
            }
        }
    }
}

/// Two-sided at five percent, in standard errors.
const NORMAL_WIDTH: f64 = 1.959_963_984_540_054;

const fn fixed() -> Fixed {
    Fixed {
        alpha: Alpha::FIVE_PERCENT,
        tail: Tail::Both,
        reference: Reference::Normal,
    }
}

const fn credible() -> Bayes {
    Bayes {
        alpha: Alpha::FIVE_PERCENT,
        prior: None,
        better: Better::Higher,
    }
}

/// How often experiments of a planned size find a lift of a fifth.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Power {
    pub(crate) runs: u64,
    /// Of each arm.
    pub(crate) units: u64,
    /// What the power curve says of these units.
    pub(crate) curve: f64,
    /// Found by the interval that the curve is about.
    pub(crate) by_interval: u64,
    /// Found by the verdict that pages show.
    pub(crate) by_verdict: u64,
}

/// Plans for the power `wanted`, then runs experiments of that size.
///
/// # Errors
/// When there is no such plan.
pub(crate) fn power(
    model: Model,
    watching: Watching,
    wanted: f64,
    runs: u64,
) -> Result<Power, OutOfRange> {
    const LIFT: f64 = 0.2;
    let (judges, looks) = match watching {
        Watching::Once => ([Judge::Fixed, Judge::FixedVerdict], 1),
        // An earlier look may have found it: at least what the curve says of the last one.
        Watching::Always | Watching::AlwaysTuned { .. } => {
            ([Judge::AlwaysValid, Judge::AlwaysValidVerdict], 10)
        }
    };
    let design = Design::new(model.planned(), Alpha::FIVE_PERCENT)?.watched(watching)?;
    let step = design.units(LIFT, wanted)?.variant.div_ceil(looks);
    let of = Runs {
        runs,
        looks,
        step,
        ratio: 1,
    };
    let lift = LIFT * model.planned_mean();
    let [interval, verdict] = all_experiments(judges, model, lift, of);
    Ok(Power {
        runs,
        units: step * looks,
        curve: design.power(LIFT, step * looks)?,
        by_interval: interval.above,
        by_verdict: verdict.above,
    })
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
