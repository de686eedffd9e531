//! The life of an experiment. [`TABLE`] is the whole of it: which command leads from which
//! status to which; here is what else each command changes.

mod table;
#[cfg(test)]
mod tests;

pub use table::TABLE;

use serde::{Deserialize, Serialize};

use super::{Conclusion, Evidence, Experiment, Outcome, Review, Schedule, Status, Stop};
use crate::FieldProblem;
use crate::access::Action;

/// What can happen to an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// Another person is to look at it.
    AskReview {
        words: String,
    },
    /// By another person than whose work it is.
    Approve {
        words: String,
    },
    /// To the draft again, with what is to change; also takes an approval back.
    SendBack {
        words: String,
    },
    /// Not to be looked at after all.
    WithdrawReview,
    /// Now, whatever was planned.
    Start,
    /// To start by itself at the schedule's start; [`Schedule::end_ms`] may be later.
    Schedule(Schedule),
    /// Off the plan again; the times stay as settings.
    Unschedule,
    /// The planned time has come (controller only).
    StartPlanned,
    /// The planned time has come, but the start was refused (controller only).
    MissStart {
        problems: Vec<FieldProblem>,
    },
    /// The ramp's next step is due (controller only).
    StepRamp,
    /// The ramp stays at its step.
    HoldRamp,
    /// The ramp goes on with what was left of its step.
    ContinueRamp,
    /// It ends by itself later than planned, or not at all.
    MoveEnd {
        end_ms: Option<i64>,
        reason: String,
    },
    /// More of the matching users take part; of a ramp it is where it leads.
    GrowCoverage {
        coverage_bp: u16,
        reason: String,
    },
    Pause,
    Resume,
    Stop {
        reason: String,
    },
    /// The schedule's end was reached (controller only).
    EndSchedule,
    /// A safeguard has seen enough (controller only).
    StopBySafeguard(Evidence),
    /// The question is answered; ends the experiment where it still runs. The answer may be
    /// changed.
    Decide {
        outcome: Outcome,
        learned: String,
    },
    /// Out of the lists.
    Archive,
    /// Back to where it was.
    Unarchive,
}

/// A command without its words and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    AskReview,
    Approve,
    SendBack,
    WithdrawReview,
    Start,
    Schedule,
    Unschedule,
    StartPlanned,
    MissStart,
    StepRamp,
    HoldRamp,
    ContinueRamp,
    MoveEnd,
    GrowCoverage,
    Pause,
    Resume,
    Stop,
    EndSchedule,
    StopBySafeguard,
    Decide,
    Archive,
    Unarchive,
}

/// A planned start that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Missed {
    pub planned_ms: Option<i64>,
    pub at_ms: i64,
    /// Why the start was refused.
    pub problems: Vec<FieldProblem>,
}

/// The command does not fit the experiment's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an experiment that is {} can't be changed so", .status.as_str())]
pub struct Refused {
    pub status: Status,
}

impl Verb {
    /// Name in the API and the CLI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AskReview => "ask_review",
            Self::Approve => "approve",
            Self::SendBack => "send_back",
            Self::WithdrawReview => "withdraw_review",
            Self::Start => "start",
            Self::Schedule => "schedule",
            Self::Unschedule => "unschedule",
            Self::StartPlanned => "start_planned",
            Self::MissStart => "miss_start",
            Self::StepRamp => "step_ramp",
            Self::HoldRamp => "hold_ramp",
            Self::ContinueRamp => "continue_ramp",
            Self::MoveEnd => "move_end",
            Self::GrowCoverage => "grow_coverage",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::EndSchedule => "end_schedule",
            Self::StopBySafeguard => "stop_by_safeguard",
            Self::Decide => "decide",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
        }
    }

    /// What the caller must be allowed to do.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::AskReview | Self::WithdrawReview => Action::EditExperiment,
            Self::Approve | Self::SendBack => Action::ReviewExperiment,
            Self::Start
            | Self::Schedule
            | Self::Unschedule
            | Self::StartPlanned
            | Self::MissStart
            | Self::Resume
            | Self::StepRamp
            | Self::ContinueRamp
            | Self::MoveEnd
            | Self::GrowCoverage => Action::StartExperiment,
            Self::Pause | Self::HoldRamp => Action::PauseExperiment,
            Self::Stop | Self::EndSchedule | Self::StopBySafeguard => Action::StopExperiment,
            Self::Decide => Action::DecideExperiment,
            Self::Archive | Self::Unarchive => Action::ArchiveExperiment,
        }
    }

    /// Only controllers say it, never a person or program.
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        matches!(
            self,
            Self::StartPlanned
                | Self::MissStart
                | Self::StepRamp
                | Self::EndSchedule
                | Self::StopBySafeguard
        )
    }

    /// Whether the command fits the status.
    #[must_use]
    pub fn fits(self, status: Status) -> bool {
        table::targets(status, self).next().is_some()
    }
}

impl Command {
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::AskReview { .. } => Verb::AskReview,
            Self::Approve { .. } => Verb::Approve,
            Self::SendBack { .. } => Verb::SendBack,
            Self::WithdrawReview => Verb::WithdrawReview,
            Self::Start => Verb::Start,
            Self::Schedule(_) => Verb::Schedule,
            Self::Unschedule => Verb::Unschedule,
            Self::StartPlanned => Verb::StartPlanned,
            Self::MissStart { .. } => Verb::MissStart,
            Self::StepRamp => Verb::StepRamp,
            Self::HoldRamp => Verb::HoldRamp,
            Self::ContinueRamp => Verb::ContinueRamp,
            Self::MoveEnd { .. } => Verb::MoveEnd,
            Self::GrowCoverage { .. } => Verb::GrowCoverage,
            Self::Pause => Verb::Pause,
            Self::Resume => Verb::Resume,
            Self::Stop { .. } => Verb::Stop,
            Self::EndSchedule => Verb::EndSchedule,
            Self::StopBySafeguard(_) => Verb::StopBySafeguard,
            Self::Decide { .. } => Verb::Decide,
            Self::Archive => Verb::Archive,
            Self::Unarchive => Verb::Unarchive,
        }
    }

    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.verb().as_str()
    }

    #[must_use]
    pub const fn action(&self) -> Action {
        self.verb().action()
    }

    #[must_use]
    pub fn fits(&self, status: Status) -> bool {
        self.verb().fits(status)
    }
}

impl Experiment {
    /// The experiment after a command.
    ///
    /// # Errors
    /// [`Refused`] when the command does not fit, also for who approves their own work, and
    /// when what may only grow would shrink.
    pub fn after(&self, command: Command, by: &str, now_ms: i64) -> Result<Self, Refused> {
        let refused = Refused {
            status: self.status,
        };
        let mut next = self.clone();
        let own = command.verb() == Verb::Approve && self.is_work_of(by);
        let narrowed = self.is_narrowed_by(&command, now_ms);
        if own || narrowed || !self.takes(command.verb(), now_ms) {
            return Err(refused);
        }
        next.status = self.target(command.verb()).ok_or(refused)?;
        next.version += 1;
        next.updated_ms = now_ms;
        let by = by.to_owned();
        match command {
            Command::AskReview { words } => {
                next.review = Some(Review {
                    asked_by: by,
                    asked_ms: now_ms,
                    words,
                    answer: None,
                });
            }
            Command::Approve { words } => next.answer_review(true, by, words, now_ms),
            Command::SendBack { words } => next.answer_review(false, by, words, now_ms),
            Command::WithdrawReview => next.review = None,
            Command::Start => {
                let planned_ms = next.schedule.start_ms;
                next.schedule.start_ms = planned_ms.filter(|start_ms| *start_ms <= now_ms);
                next.begin(now_ms);
            }
            Command::StartPlanned => next.begin(now_ms),
            Command::Schedule(schedule) => {
                next.schedule = schedule;
                next.missed = None;
            }
            Command::MissStart { problems } => {
                next.missed = Some(Missed {
                    planned_ms: self.schedule.start_ms,
                    at_ms: now_ms,
                    problems,
                });
            }
            Command::StepRamp => {
                let step = self.ramping.as_ref().map_or(0, |ramping| ramping.step);
                next.enter_step(step.saturating_add(1), now_ms);
            }
            Command::HoldRamp => {
                next.stop_clock(now_ms);
                if let Some(ramping) = &mut next.ramping {
                    ramping.held_by = Some(by);
                }
            }
            Command::ContinueRamp => {
                if let Some(ramping) = &mut next.ramping {
                    ramping.held_by = None;
                }
                next.start_clock(now_ms);
            }
            Command::MoveEnd { end_ms, .. } => next.schedule.end_ms = end_ms,
            Command::GrowCoverage { coverage_bp, .. } => next.coverage_bp = coverage_bp,
            Command::Pause => next.stop_clock(now_ms),
            Command::Resume => next.start_clock(now_ms),
            Command::Stop { reason } => next.end(Stop::Command { by, reason }, now_ms),
            Command::EndSchedule => next.end(Stop::Schedule, now_ms),
            Command::StopBySafeguard(evidence) => next.end(Stop::by_safeguard(evidence), now_ms),
            Command::Decide { outcome, learned } => {
                if self.status.at_the_edge() {
                    let reason = String::new();
                    let by = by.clone();
                    next.end(Stop::Command { by, reason }, now_ms);
                }
                let before = self.conclusion.as_ref();
                next.conclusion = Some(Conclusion {
                    outcome,
                    learned,
                    by,
                    at_ms: now_ms,
                    flags: before.map(|was| was.flags.clone()).unwrap_or_default(),
                });
            }
            Command::Unschedule | Command::Archive | Command::Unarchive => {}
        }
        Ok(next)
    }

    /// Whether the command fits now: its row of the table, its ramp, its time.
    #[must_use]
    pub fn takes(&self, verb: Verb, now_ms: i64) -> bool {
        verb.fits(self.status)
            && match verb {
                Verb::StartPlanned | Verb::MissStart => {
                    self.schedule.start_ms.is_some_and(|ms| ms <= now_ms)
                }
                Verb::StepRamp => self.is_step_due(now_ms),
                Verb::HoldRamp => self.ramping.is_some() && !self.is_ramp_held(),
                Verb::ContinueRamp => self.is_ramp_held(),
                _ => true,
            }
    }

    fn begin(&mut self, now_ms: i64) {
        self.started_ms = Some(now_ms);
        self.missed = None;
        self.enter_step(0, now_ms);
    }

    /// Where the command leads: by the table, and where that leaves a choice, by the past.
    fn target(&self, verb: Verb) -> Option<Status> {
        let past = match (&self.conclusion, self.stopped_ms) {
            (Some(_), _) => Status::Decided,
            (None, Some(_)) => Status::Stopped,
            (None, None) if self.is_approved() => Status::Approved,
            (None, None) => Status::Draft,
        };
        let mut targets = table::targets(self.status, verb);
        let first = targets.next()?;
        let is_only = targets.next().is_none();
        Some(if is_only { first } else { past })
    }

    fn end(&mut self, stop: Stop, now_ms: i64) {
        self.stop_clock(now_ms);
        self.stopped_ms = Some(now_ms);
        self.stop = Some(stop);
    }
}
