use proptest::prelude::*;

use super::*;
use crate::Environment;
use crate::experiment::{CoverageStep, Draft, GuardrailEvidence, SplitShare};

fn experiment() -> Experiment {
    let draft = Draft {
        id: "cta".into(),
        name: "CTA".into(),
        ramp: vec![CoverageStep {
            coverage_bp: 500,
            minutes: 1,
        }],
        coverage_bp: 3_000,
        schedule: Schedule {
            end_ms: Some(200_000),
            ..Schedule::default()
        },
        ..Draft::starter(Environment::Production)
    };
    draft.create("seed".into(), "a@b.c".into(), 1_000).unwrap()
}

fn errors() -> Evidence {
    Evidence::Errors(GuardrailEvidence {
        variant: "treatment".to_owned(),
        errors: 40,
        users: 100,
        max_error_rate_bp: 500,
        e_value: 1e6,
        threshold: 40.0,
    })
}

fn split() -> Evidence {
    let share = |variant: &str, users| SplitShare {
        variant: variant.to_owned(),
        users,
        weight_bp: 5_000,
    };
    Evidence::Split {
        users: vec![share("control", 900), share("treatment", 100)],
        p_value: 1e-9,
        alpha: 0.01,
    }
}

fn command() -> impl Strategy<Value = Command> {
    let planned = |start_ms| {
        Command::Schedule(Schedule {
            start_ms: Some(start_ms),
            end_ms: None,
            timezone: "UTC".to_owned(),
        })
    };
    let words = || "because".to_owned();
    let fixed = [
        Command::AskReview { words: words() },
        Command::Approve { words: words() },
        Command::SendBack { words: words() },
        Command::WithdrawReview,
        Command::Start,
        planned(1_990),
        planned(9_000_000_000_000),
        Command::Unschedule,
        Command::StartPlanned,
        Command::MissStart {
            problems: Vec::new(),
        },
        Command::StepRamp,
        Command::HoldRamp,
        Command::ContinueRamp,
        Command::MoveEnd {
            end_ms: Some(300_000),
            reason: words(),
        },
        Command::MoveEnd {
            end_ms: None,
            reason: words(),
        },
        Command::GrowCoverage {
            coverage_bp: 6_000,
            reason: words(),
        },
        Command::GrowCoverage {
            coverage_bp: 10_000,
            reason: words(),
        },
        Command::Pause,
        Command::Resume,
        Command::Stop {
            reason: String::new(),
        },
        Command::EndSchedule,
        Command::StopBySafeguard(errors()),
        Command::StopBySafeguard(split()),
        Command::Decide {
            outcome: Outcome::KeepControl,
            learned: "more".to_owned(),
        },
        Command::Archive,
        Command::Unarchive,
    ];
    prop::sample::select(fixed.to_vec())
}

proptest! {
    /// Whatever is asked in whatever order: only what the table says happens, versions grow by
    /// one per accepted command, what has ended never runs again, a refusal changes nothing.
    #[test]
    fn only_the_tables_transitions_happen(
        commands in prop::collection::vec((command(), prop::sample::select(vec!["a@b.c", "ann", "bob"])), 0..60),
    ) {
        let mut e = experiment();
        for (now, (c, by)) in (2_000..).step_by(20_000).zip(commands) {
            let (from, verb) = (e.status, c.verb());
            let takes = e.takes(verb, now);
            let ramp_before = e.coverage_now_bp();
            let own = verb == Verb::Approve && e.is_work_of(by);
            let narrowed = e.is_narrowed_by(&c, now);
            match e.after(c, by, now) {
                Ok(next) => {
                    prop_assert!(TABLE.contains(&(from, verb, next.status)), "{:?}", (from, verb, next.status));
                    prop_assert!(takes && !own && !narrowed);
                    if let Some(answer) = next.answer() {
                        prop_assert!(!answer.approved || !next.is_work_of(&answer.by));
                    }
                    prop_assert!(next.status != Status::Approved || next.is_approved());
                    prop_assert!(next.status != Status::Draft || !next.is_approved());
                    prop_assert!(from.is_before_start() || next.coverage_now_bp() >= ramp_before);
                    let last = |e: &Experiment| e.schedule.end_ms.unwrap_or(i64::MAX);
                    prop_assert!(from.is_before_start() || last(&next) >= last(&e));
                    let held = next.is_ramp_held();
                    let due = next.ramping.as_ref().is_some_and(|r| r.next_ms.is_some());
                    prop_assert!(!due || (next.status == Status::Running && !held));
                    prop_assert_eq!(next.version, e.version + 1);
                    prop_assert!(e.stopped_ms.is_none() || !next.status.at_the_edge());
                    prop_assert_eq!(next.stopped_ms.is_some(), next.stop.is_some());
                    prop_assert!(next.status != Status::Stopped || next.stop.is_some());
                    prop_assert!(!next.status.at_the_edge() || next.started_ms.is_some());
                    let answered = next.conclusion.is_some();
                    prop_assert!(next.status != Status::Decided || answered);
                    prop_assert!(!next.status.at_the_edge() || !answered);
                    prop_assert_eq!(&next.seed, &e.seed);
                    let stored = serde_json::to_string(&next).unwrap();
                    prop_assert_eq!(&serde_json::from_str::<Experiment>(&stored).unwrap(), &next);
                    e = next;
                }
                Err(refused) => {
                    prop_assert_eq!(refused.status, from);
                    prop_assert!(!takes || own || narrowed);
                }
            }
        }
    }
}

#[test]
fn the_table_has_no_row_twice_and_reaches_every_status() {
    for (i, row) in TABLE.iter().enumerate() {
        assert!(!TABLE[..i].contains(row), "{row:?}");
    }
    for status in Status::ALL {
        assert!(
            TABLE.iter().any(|(_, _, to)| *to == status),
            "nothing leads to {status:?}"
        );
    }
}

#[test]
fn a_stop_keeps_its_numbers_and_errors_keep_their_old_form() {
    let running = experiment().after(Command::Start, "a", 2).unwrap();
    for (evidence, cause) in [(errors(), "guardrail"), (split(), "safeguard")] {
        let command = Command::StopBySafeguard(evidence.clone());
        let stop = running.after(command, "a", 3).unwrap().stop.unwrap();
        assert_eq!(serde_json::to_value(&stop).unwrap()["cause"], cause);
        assert_eq!(stop.evidence(), Some(evidence));
    }
}

#[test]
fn an_edit_takes_an_approval_and_a_plan_back() {
    let made = experiment();
    let words = String::new;
    let asked = made
        .after(Command::AskReview { words: words() }, "ann", 2)
        .unwrap();
    for own in ["ann", "a@b.c"] {
        assert!(
            asked
                .after(Command::Approve { words: words() }, own, 3)
                .is_err()
        );
    }
    let approved = asked
        .after(Command::Approve { words: words() }, "bob", 3)
        .unwrap();
    assert_eq!(approved.status, Status::Approved);
    let mut edit = Draft::of(&approved);
    edit.coverage_bp = 7_000;
    let edited = edit.apply(&approved, "ann", 4).unwrap();
    assert_eq!((edited.status, edited.review), (Status::Draft, None));
}

/// A step of a review: an edit or a command.
#[derive(Clone, Debug)]
enum Step {
    Edit,
    Say(Command),
}

fn review_step() -> impl Strategy<Value = Step> {
    let words = String::new;
    let steps = [
        Step::Edit,
        Step::Edit,
        Step::Say(Command::AskReview { words: words() }),
        Step::Say(Command::AskReview { words: words() }),
        Step::Say(Command::Approve { words: words() }),
        Step::Say(Command::Approve { words: words() }),
        Step::Say(Command::SendBack { words: words() }),
        Step::Say(Command::WithdrawReview),
        Step::Say(Command::Unschedule),
    ];
    prop::sample::select(steps.to_vec())
}

proptest! {
    /// Whoever changed anything since the last approval approves nothing of it, whoever sent
    /// it in; whoever did not may.
    #[test]
    fn no_author_since_the_last_approval_approves(
        steps in prop::collection::vec((review_step(), prop::sample::select(vec!["a@b.c", "ann", "bob", "eve"])), 0..40),
    ) {
        let mut e = experiment();
        let mut authors = vec!["a@b.c"];
        for (now, (step, by)) in (2_000..).zip(steps) {
            let was_approved = e.is_approved();
            match step {
                Step::Edit => {
                    let mut draft = Draft::of(&e);
                    draft.coverage_bp = 1_000 + (now % 1_000) as u16;
                    e = draft.apply(&e, by, now).unwrap();
                    if was_approved {
                        authors = vec!["a@b.c"];
                    }
                    authors.push(by);
                }
                Step::Say(command) => {
                    let approves = command.verb() == Verb::Approve && e.takes(Verb::Approve, now);
                    let asked = e.review.as_ref().is_some_and(|review| review.asked_by == by);
                    let done = e.after(command, by, now);
                    if approves {
                        prop_assert_eq!(done.is_ok(), !authors.contains(&by) && !asked);
                    }
                    e = done.unwrap_or(e);
                }
            }
            let kept = |author: &&str| e.is_work_of(author);
            prop_assert!(authors.iter().all(kept));
        }
    }
}
