//! What may still grow once an experiment runs: its time and its coverage. Neither deals
//! anybody anew ([`super::ramp`]), and neither moves the goal: where the method judges at a
//! planned end, the end stays.

use nexus_flags::BASIS_POINTS;

use super::{Command, Experiment};
use crate::Problem;

impl Experiment {
    /// What keeps the end from being moved there; none is as late as can be.
    #[must_use]
    pub fn end_problem(&self, end_ms: Option<i64>, now_ms: i64) -> Option<Problem> {
        if self.method.horizon().is_some() {
            return Some(Problem::JudgedAtItsEnd);
        }
        let Some(old_ms) = self.schedule.end_ms else {
            return Some(Problem::HasNoEnd);
        };
        match end_ms {
            Some(end_ms) if end_ms <= old_ms => Some(Problem::NotLater),
            Some(end_ms) if end_ms <= now_ms => Some(Problem::InThePast),
            _ => None,
        }
    }

    /// What keeps the whole coverage from growing to that.
    #[must_use]
    pub fn coverage_problem(&self, coverage_bp: u16) -> Option<Problem> {
        let than_bp = self.coverage_bp;
        (coverage_bp <= than_bp || coverage_bp > BASIS_POINTS)
            .then_some(Problem::NotMore { than_bp })
    }

    /// The command would make smaller what may only grow.
    pub(super) fn is_narrowed_by(&self, command: &Command, now_ms: i64) -> bool {
        let problem = match command {
            Command::MoveEnd { end_ms, .. } => self.end_problem(*end_ms, now_ms),
            Command::GrowCoverage { coverage_bp, .. } => self.coverage_problem(*coverage_bp),
            _ => None,
        };
        problem.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Environment;
    use crate::experiment::{CoverageStep, Draft, Method};

    fn running(change: impl FnOnce(&mut Draft)) -> Experiment {
        let mut draft = Draft {
            id: "cta".into(),
            name: "CTA".into(),
            coverage_bp: 2_000,
            ..Draft::starter(Environment::Production)
        };
        draft.schedule.end_ms = Some(1_000);
        change(&mut draft);
        let made = draft.create("seed".into(), "ann".into(), 0).unwrap();
        made.after(Command::Start, "ann", 1).unwrap()
    }

    fn end(end_ms: Option<i64>) -> Command {
        let reason = "too few users".to_owned();
        Command::MoveEnd { end_ms, reason }
    }

    fn coverage(coverage_bp: u16) -> Command {
        let reason = "all is well".to_owned();
        Command::GrowCoverage {
            coverage_bp,
            reason,
        }
    }

    #[test]
    fn the_end_moves_later_or_away_and_never_under_a_method_that_judges_at_it() {
        let e = running(|_| ());
        let later = e.after(end(Some(5_000)), "ann", 500).unwrap();
        assert_eq!(later.schedule.end_ms, Some(5_000));
        assert_eq!(later.schedule.timezone, e.schedule.timezone);
        let never = later.after(end(None), "ann", 600).unwrap();
        assert_eq!(never.schedule.end_ms, None);
        for (e, end_ms, now_ms, problem) in [
            (&e, Some(1_000), 500, Problem::NotLater),
            (&e, Some(900), 500, Problem::NotLater),
            (&e, Some(1_100), 1_200, Problem::InThePast),
            (&never, Some(9_000), 700, Problem::HasNoEnd),
        ] {
            assert_eq!(e.end_problem(end_ms, now_ms), Some(problem));
            assert!(e.after(end(end_ms), "ann", now_ms).is_err());
        }
        let planned_users = 4_000;
        for (method, moves) in [
            (Method::Bayesian { prior_sd_bp: 3_000 }, true),
            (Method::FixedHorizon { planned_users }, false),
            (
                Method::GroupSequential {
                    looks: 5,
                    planned_users,
                },
                false,
            ),
        ] {
            let e = running(|draft| draft.method = method);
            assert_eq!(e.after(end(None), "ann", 500).is_ok(), moves, "{method:?}");
        }
    }

    #[test]
    fn coverage_grows_at_once_or_at_the_end_of_the_ramp() {
        let e = running(|_| ());
        let grown = e.after(coverage(5_000), "ann", 5).unwrap();
        assert_eq!((grown.coverage_bp, grown.coverage_now_bp()), (5_000, 5_000));
        for bad in [0, 1_999, 2_000, 10_001] {
            let problem = Problem::NotMore { than_bp: 2_000 };
            assert_eq!(e.coverage_problem(bad), Some(problem));
            assert!(e.after(coverage(bad), "ann", 5).is_err(), "{bad}");
        }
        let step = CoverageStep {
            coverage_bp: 500,
            minutes: 1,
        };
        let e = running(|draft| draft.ramp = vec![step]);
        let e = e.after(coverage(5_000), "ann", 5).unwrap();
        assert_eq!((e.coverage_bp, e.coverage_now_bp()), (5_000, 500));
        let e = e.after(Command::StepRamp, "clock", 60_001).unwrap();
        assert_eq!(e.coverage_now_bp(), 5_000);
    }
}
