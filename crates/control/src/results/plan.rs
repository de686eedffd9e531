//! How many users the plan asks for, and when they will be there.

use nexus_domain::experiment::{Experiment, Method, Status, Variant};
use nexus_stats::{Alpha, Sequential, Tail};

use super::counts::Counts;
use super::series::width_ms;
use crate::planning::{question, users_of_arms};
use crate::views::{PlanQuery, SeriesPoint};

const DAY_MS: i64 = 86_400_000;
/// Less than this says nothing about a day.
const SHORTEST_MS: i64 = 600_000;

/// Users of each variant, control first; all 0 when the plan can't be met (its target is
/// beyond 100 %).
pub(super) struct Planned(Vec<u64>);

impl Planned {
    pub(super) fn of(experiment: &Experiment) -> Self {
        let weights = weights(experiment);
        if let Some(horizon) = experiment.method.horizon() {
            let share = |weight: &u16| horizon.planned_users * u64::from(*weight) / 10_000;
            return Self(weights.iter().map(share).collect());
        }
        let query = PlanQuery {
            significance: experiment.significance,
            variants: weights.len() as u32,
            ..question(&experiment.plan, &experiment.metrics)
        };
        let watched = experiment.method == Method::AlwaysValid;
        let users = users_of_arms(&query, watched, &weights);
        Self(users.unwrap_or_else(|| vec![0; weights.len()]))
    }

    pub(super) fn of_variant(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(0)
    }

    /// Of those with a share.
    pub(super) fn of_smallest(&self) -> u64 {
        let with_share = self.0.iter().copied().filter(|users| *users > 0);
        with_share.min().unwrap_or(0)
    }

    /// Of the control and the smallest treatment.
    fn of_two(&self) -> u64 {
        let treatments = self.0.iter().skip(1).copied().filter(|users| *users > 0);
        self.of_variant(0) + treatments.min().unwrap_or(0)
    }

    /// Every variant has its users; of a method with a planned end, its last look was taken.
    pub(super) fn is_reached(&self, experiment: &Experiment, counts: &Counts) -> bool {
        if let Some(horizon) = experiment.method.horizon() {
            return counts.looks.last().is_some_and(|l| l.look >= horizon.looks);
        }
        let users = experiment
            .variants
            .iter()
            .map(|v| counts.of(&v.key).exposures);
        self.of_smallest() > 0 && self.0.iter().zip(users).all(|(planned, n)| n >= *planned)
    }

    /// Users of all variants together who must come until the last of them has its number.
    fn missing(&self, experiment: &Experiment, counts: &Counts) -> u64 {
        if let Some(horizon) = experiment.method.horizon() {
            return horizon.planned_users.saturating_sub(counts.exposures());
        }
        let of = |(variant, planned): (&Variant, &u64)| {
            let missing = planned.saturating_sub(counts.of(&variant.key).exposures);
            let whole = u128::from(missing) * 10_000;
            let all = whole.div_ceil(u128::from(variant.weight_bp.max(1)));
            u64::try_from(all).unwrap_or(u64::MAX)
        };
        let variants = experiment.variants.iter();
        variants.zip(&self.0).map(of).max().unwrap_or(0)
    }

    /// Whole days at the traffic of the last day up to now, as far as there was one.
    pub(super) fn days(
        &self,
        experiment: &Experiment,
        counts: &Counts,
        series: &[SeriesPoint],
        now_ms: i64,
    ) -> Option<u64> {
        let missing = Some(self.missing(experiment, counts)).filter(|n| *n > 0)?;
        let (came, span_ms) = traffic(experiment, series, now_ms)?;
        let days = missing as f64 * span_ms as f64 / (came as f64 * DAY_MS as f64);
        Some(days.ceil() as u64)
    }
}

/// Users of the last day, and the time they took to come; none when nobody came or it is too
/// early to say.
fn traffic(experiment: &Experiment, series: &[SeriesPoint], now_ms: i64) -> Option<(u64, i64)> {
    let started_ms = experiment
        .started_ms
        .filter(|_| experiment.status == Status::Running)?;
    let all = |point: &SeriesPoint| point.exposures.iter().sum::<u64>();
    let from_ms = now_ms - DAY_MS;
    let last = series.last()?;
    // The first bucket that reaches into the day: all of it counts, with its time.
    let first = series.iter().position(|point| point.at_ms > from_ms)?;
    let before = first.checked_sub(1).and_then(|i| series.get(i));
    let begins_ms = series.get(first)?.at_ms - width_ms(last.at_ms - 1 - started_ms);
    let span_ms = now_ms - begins_ms.min(from_ms).max(started_ms);
    let came = all(last).saturating_sub(before.map_or(0, all));
    (span_ms >= SHORTEST_MS && came > 0).then_some((came, span_ms))
}

/// Always valid for every metric alike: tightest at the planned size, which can't change
/// after the start; at the method's own where there is none.
pub(super) fn sequential(experiment: &Experiment, alpha: Alpha) -> Sequential {
    let method = Sequential::new(alpha, Tail::Both);
    let both_arms = Planned::of(experiment).of_two() as f64;
    method.tuned_for(both_arms).unwrap_or(method)
}

fn weights(experiment: &Experiment) -> Vec<u16> {
    experiment.variants.iter().map(|v| v.weight_bp).collect()
}

#[cfg(test)]
mod tests {
    use nexus_domain::Environment;
    use nexus_domain::experiment::Draft;

    use super::*;

    /// A tenth of the users is the treatment's.
    fn lopsided() -> Experiment {
        let mut draft = Draft {
            id: "a".to_owned(),
            name: "A".to_owned(),
            ..Draft::starter(Environment::Production)
        };
        for (variant, weight_bp) in draft.variants.iter_mut().zip([9_000, 1_000]) {
            variant.weight_bp = weight_bp;
        }
        Experiment {
            status: Status::Running,
            started_ms: Some(0),
            ..draft.create("seed".to_owned(), "a".to_owned(), 0).unwrap()
        }
    }

    fn counts(users: [u64; 2]) -> Counts {
        let keys = ["control", "treatment"].map(str::to_owned);
        Counts::of_users(keys.into_iter().zip(users))
    }

    fn point(at_ms: i64, users: [u64; 2]) -> SeriesPoint {
        SeriesPoint {
            at_ms,
            exposures: users.to_vec(),
            conversions: vec![0, 0],
            lifts: vec![None],
        }
    }

    #[test]
    fn the_smaller_arm_reaches_its_need() {
        let e = lopsided();
        let planned = Planned::of(&e);
        let [control, treatment] = [planned.of_variant(0), planned.of_variant(1)];
        assert!(
            control.abs_diff(9 * treatment) <= 9,
            "{control} {treatment}"
        );
        let mut even = e.clone();
        even.variants.iter_mut().for_each(|v| v.weight_bp = 5_000);
        let each = Planned::of(&even).of_smallest();
        // The larger arm makes up for some, but never for half.
        assert!(
            treatment < each && 2 * treatment > each,
            "{treatment} {each}"
        );
        assert!(!planned.is_reached(&e, &counts([2 * control, treatment - 1])));
        assert!(planned.is_reached(&e, &counts([control, treatment])));
    }

    #[test]
    fn days_are_those_until_the_smaller_arm_is_full() {
        let e = lopsided();
        let planned = Planned::of(&e);
        let treatment = planned.of_variant(1);
        let half = [9 * treatment, treatment / 2];
        let day = [point(DAY_MS, half)];
        // Half of it came within a day, and the other half needs another one.
        let days = planned.days(&e, &counts(half), &day, DAY_MS);
        assert_eq!(days, Some(1));
        let few = [9 * treatment / 10, treatment / 10];
        let series = [point(DAY_MS, few)];
        let days = planned.days(&e, &counts(few), &series, DAY_MS);
        assert!(matches!(days, Some(9 | 10)), "{days:?}");
    }

    #[test]
    fn traffic_that_has_stopped_forecasts_nothing() {
        let e = lopsided();
        let planned = Planned::of(&e);
        let users = [900, 100];
        let series = [point(DAY_MS / 2, [450, 50]), point(DAY_MS, users)];
        let days = |now_ms| planned.days(&e, &counts(users), &series, now_ms);
        assert!(days(DAY_MS).is_some());
        assert!(
            days(DAY_MS + DAY_MS / 2) > days(DAY_MS),
            "half a day of nobody"
        );
        assert_eq!(days(3 * DAY_MS), None);
    }
}
