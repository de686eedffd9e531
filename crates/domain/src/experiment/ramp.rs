//! Ramping: coverage that grows in steps, so that trouble meets few.
//!
//! Every variant keeps its part of whoever is taken in, and the buckets of a step lie within
//! those of the next ([`nexus_flags::bucketing`]): nobody changes variant, and the split is the
//! configured one all along.

use serde::{Deserialize, Serialize};

use super::Experiment;
use crate::problem::out_of_range;
use crate::{Field, FieldProblem, Problem};

pub const MAX_STEPS: usize = 20;
/// How long a share can be held: up to a quarter of a year.
pub const STEP_MINUTES: std::ops::RangeInclusive<u32> = 1..=129_600;

/// A share that is held for some time before the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CoverageStep {
    /// Share of the matching users, in basis points.
    pub coverage_bp: u16,
    pub minutes: u32,
}

/// Where a ramp is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ramping {
    /// Index into the steps.
    pub step: u16,
    /// When the step began.
    pub since_ms: i64,
    /// When the next one begins; none while it is held or the experiment is paused.
    pub next_ms: Option<i64>,
    /// What was left of the step's time when it was held or paused, in milliseconds.
    pub left_ms: i64,
    /// Who holds it.
    pub held_by: Option<String>,
}

/// Every problem of the steps on the way to a coverage.
pub(super) fn problems(steps: &[CoverageStep], coverage_bp: u16) -> Vec<FieldProblem> {
    let note = |problem| vec![FieldProblem::new(Field::Ramp, problem)];
    if steps.len() > MAX_STEPS {
        let max = MAX_STEPS as u32;
        return note(Problem::TooMany { max });
    }
    let is_out = |step: &CoverageStep| !STEP_MINUTES.contains(&step.minutes);
    if steps.iter().any(is_out) {
        return note(out_of_range("1 min", "90 d"));
    }
    let shares = steps.iter().map(|step| step.coverage_bp);
    let all: Vec<u16> = std::iter::once(0)
        .chain(shares)
        .chain([coverage_bp])
        .collect();
    if !steps.is_empty() && !all.is_sorted_by(|a, b| a < b) {
        return note(Problem::NotGrowing);
    }
    Vec::new()
}

impl Experiment {
    /// Share of the matching users who take part now, or took part at its end: the ramp's, or
    /// the whole.
    #[must_use]
    pub fn coverage_now_bp(&self) -> u16 {
        let step = self.ramping.as_ref().and_then(|r| self.step(r.step));
        step.map_or(self.coverage_bp, |step| step.coverage_bp)
    }

    fn step(&self, step: u16) -> Option<&CoverageStep> {
        self.ramp.get(usize::from(step))
    }

    /// The ramp is due for its next step.
    #[must_use]
    pub fn is_step_due(&self, now_ms: i64) -> bool {
        let next_ms = self.ramping.as_ref().and_then(|ramping| ramping.next_ms);
        next_ms.is_some_and(|next_ms| next_ms <= now_ms)
    }

    /// Somebody holds the ramp.
    #[must_use]
    pub fn is_ramp_held(&self) -> bool {
        self.ramping.as_ref().is_some_and(|r| r.held_by.is_some())
    }

    /// At that step from now on; beyond the last one the ramp is over.
    pub(super) fn enter_step(&mut self, step: u16, now_ms: i64) {
        self.ramping = self.step(step).map(|found| {
            let left_ms = i64::from(found.minutes) * 60_000;
            Ramping {
                step,
                since_ms: now_ms,
                next_ms: Some(now_ms + left_ms),
                left_ms,
                held_by: None,
            }
        });
    }

    /// The step's time stands still.
    pub(super) fn stop_clock(&mut self, now_ms: i64) {
        if let Some(ramping) = &mut self.ramping
            && let Some(next_ms) = ramping.next_ms.take()
        {
            ramping.left_ms = (next_ms - now_ms).max(0);
        }
    }

    /// The step's time goes on, unless somebody holds it.
    pub(super) fn start_clock(&mut self, now_ms: i64) {
        if let Some(ramping) = &mut self.ramping
            && ramping.held_by.is_none()
        {
            ramping.next_ms = Some(now_ms + ramping.left_ms);
        }
    }
}

#[cfg(test)]
mod tests {
    use nexus_flags::{BASIS_POINTS, Engine, Snapshot};
    use proptest::prelude::*;

    use super::*;
    use crate::Environment;
    use crate::experiment::{Command, Draft, DraftVariant, rule_of};

    fn draft(ramp: Vec<CoverageStep>, coverage_bp: u16) -> Draft {
        Draft {
            id: "ramped".into(),
            name: "Ramped".into(),
            ramp,
            coverage_bp,
            ..Draft::starter(Environment::Production)
        }
    }

    fn step(coverage_bp: u16, minutes: u32) -> CoverageStep {
        CoverageStep {
            coverage_bp,
            minutes,
        }
    }

    fn variant_of(experiment: &Experiment, user: &str) -> Option<String> {
        let snapshot = Snapshot {
            version: 1,
            environment: "production".to_owned(),
            created_ms: 0,
            experiments: rule_of(experiment).into_iter().collect(),
            flags: Vec::new(),
            qa_links: Vec::new(),
            saved_groups: std::collections::BTreeMap::default(),
            sampling_seed: None,
            sdk_keys: Vec::new(),
        };
        let engine = Engine::compile(&snapshot).unwrap();
        engine.dealt("ramped", user, 0).map(str::to_owned)
    }

    #[test]
    fn coverage_only_grows_and_ends_at_the_whole() {
        let good = [step(500, 60), step(2_000, 1_440)];
        assert_eq!(problems(&good, 10_000), []);
        for bad in [
            vec![step(2_000, 60), step(500, 60)],
            vec![step(500, 60), step(500, 60)],
            vec![step(10_000, 60)],
            vec![step(0, 60)],
            vec![step(500, 0)],
            vec![step(1, 1); MAX_STEPS + 1],
        ] {
            assert_eq!(problems(&bad, 10_000).len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_hold_and_a_pause_stop_the_clock_and_a_hold_outlives_a_pause() {
        let made = draft(vec![step(500, 10), step(2_000, 10)], 10_000);
        let made = made.create("s".into(), "a".into(), 0).unwrap();
        let minute = 60_000;
        let after = |e: &Experiment, c: Command, now: i64| e.after(c, "op", now).unwrap();
        let e = after(&made, Command::Start, 0);
        assert_eq!(
            (e.coverage_now_bp(), e.is_step_due(10 * minute)),
            (500, true)
        );
        assert!(e.after(Command::StepRamp, "c", 10 * minute - 1).is_err());
        let e = after(&e, Command::HoldRamp, 4 * minute);
        assert!(e.after(Command::HoldRamp, "op", 4 * minute).is_err());
        let e = after(&e, Command::Pause, 5 * minute);
        let e = after(&e, Command::Resume, 50 * minute);
        assert!(!e.is_step_due(i64::MAX), "still held");
        let e = after(&e, Command::ContinueRamp, 60 * minute);
        assert!(!e.is_step_due(66 * minute - 1) && e.is_step_due(66 * minute));
        let e = after(&e, Command::StepRamp, 66 * minute);
        assert_eq!(e.coverage_now_bp(), 2_000);
        let e = after(&e, Command::Pause, 70 * minute);
        let e = after(&e, Command::Resume, 170 * minute);
        let e = after(&e, Command::StepRamp, 176 * minute);
        assert_eq!((e.coverage_now_bp(), &e.ramping), (10_000, &None));
        assert!(e.after(Command::HoldRamp, "op", 200 * minute).is_err());
    }

    proptest! {
        /// Whatever the weights and steps: whoever has a variant keeps it until the ramp is
        /// over and while the whole coverage grows, and each step takes in whoever was in
        /// before.
        #[test]
        fn nobody_changes_variant_while_coverage_grows(
            shares in prop::collection::btree_set(1_u16..9_999, 1..6),
            weight_bp in 0_u16..=10_000,
            grows_by in 1_000_u16..=9_000,
            grown in any::<bool>(),
            users in prop::collection::vec("[a-z0-9]{1,12}", 1..60),
        ) {
            let ramp: Vec<_> = shares.iter().map(|share| step(*share, 1)).collect();
            let last = ramp.last().map_or(0, |step| step.coverage_bp);
            let mut d = draft(ramp, if grown { last + 1 } else { BASIS_POINTS });
            let variant = |key: &str, weight_bp| DraftVariant {
                key: key.into(), name: String::new(), weight_bp,
                features: serde_json::Map::new(), deployment: None,
            };
            d.variants = vec![variant("a", weight_bp), variant("b", BASIS_POINTS - weight_bp)];
            let e = d.create("seed".into(), "a".into(), 0).unwrap();
            let mut e = e.after(Command::Start, "a", 0).unwrap();
            let mut now_ms = 0;
            let mut dealt: Vec<Option<String>> = users.iter().map(|u| variant_of(&e, u)).collect();
            while e.ramping.is_some() {
                now_ms += 60_000;
                let before = e.coverage_now_bp();
                e = e.after(Command::StepRamp, "schedule", now_ms).unwrap();
                prop_assert!(e.coverage_now_bp() > before);
                for (user, had) in users.iter().zip(&mut dealt) {
                    let has = variant_of(&e, user);
                    prop_assert!(had.is_none() || *had == has, "{}: {:?} then {:?}", user, had, has);
                    *had = has;
                }
            }
            prop_assert!(grown || dealt.iter().all(Option::is_some));
            // And whoever is in stays as they are when the whole coverage grows.
            while e.coverage_bp < BASIS_POINTS {
                let coverage_bp = BASIS_POINTS.min(e.coverage_bp + grows_by);
                let reason = "more".to_owned();
                e = e.after(Command::GrowCoverage { coverage_bp, reason }, "a", now_ms).unwrap();
                prop_assert_eq!(e.coverage_now_bp(), coverage_bp);
                for (user, had) in users.iter().zip(&mut dealt) {
                    let has = variant_of(&e, user);
                    prop_assert!(had.is_none() || *had == has, "{}: {:?} then {:?}", user, had, has);
                    *had = has;
                }
            }
            prop_assert!(dealt.iter().all(Option::is_some));
        }
    }
}
