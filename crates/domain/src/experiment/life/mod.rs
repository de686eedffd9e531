//! The life of an experiment. [`TABLE`] is the whole of it: which command leads from which
//! status to which; here is what else each command changes.

mod table;
#[cfg(test)]
mod tests;

pub use table::TABLE;

use serde::{Deserialize, Serialize};

use super::{Conclusion, Evidence, Experiment, Outcome, Status, Stop};
use crate::access::Action;

/// What can happen to an experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    Start,
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
    Start,
    Pause,
    Resume,
    Stop,
    EndSchedule,
    StopBySafeguard,
    Decide,
    Archive,
    Unarchive,
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
            Self::Start => "start",
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
            Self::Start | Self::Resume => Action::StartExperiment,
            Self::Pause => Action::PauseExperiment,
            Self::Stop | Self::EndSchedule | Self::StopBySafeguard => Action::StopExperiment,
            Self::Decide => Action::DecideExperiment,
            Self::Archive | Self::Unarchive => Action::ArchiveExperiment,
        }
    }

    /// Only controllers say it, never a person or program.
    #[must_use]
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::EndSchedule | Self::StopBySafeguard)
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
            Self::Start => Verb::Start,
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
    /// [`Refused`] when the command does not fit the status.
    pub fn after(&self, command: Command, by: &str, now_ms: i64) -> Result<Self, Refused> {
        let refused = Refused {
            status: self.status,
        };
        let mut next = self.clone();
        next.status = self.target(command.verb()).ok_or(refused)?;
        next.version += 1;
        next.updated_ms = now_ms;
        let by = by.to_owned();
        match command {
            Command::Start => next.started_ms = Some(now_ms),
            Command::Stop { reason } => next.end(Stop::Command { by, reason }, now_ms),
            Command::EndSchedule => next.end(Stop::Schedule, now_ms),
            Command::StopBySafeguard(evidence) => next.end(Stop::by_safeguard(evidence), now_ms),
            Command::Decide { outcome, learned } => {
                if self.status.at_the_edge() {
                    let reason = String::new();
                    let by = by.clone();
                    next.end(Stop::Command { by, reason }, now_ms);
                }
                next.conclusion = Some(Conclusion {
                    outcome,
                    learned,
                    by,
                    at_ms: now_ms,
                });
            }
            Command::Pause | Command::Resume | Command::Archive | Command::Unarchive => {}
        }
        Ok(next)
    }

    /// Where the command leads: by the table, and where that leaves a choice, by the past.
    fn target(&self, verb: Verb) -> Option<Status> {
        let past = match (&self.conclusion, self.stopped_ms) {
            (Some(_), _) => Status::Decided,
            (None, Some(_)) => Status::Stopped,
            (None, None) => Status::Draft,
        };
        let mut targets = table::targets(self.status, verb);
        let first = targets.next()?;
        let is_only = targets.next().is_none();
        Some(if is_only { first } else { past })
    }

    fn end(&mut self, stop: Stop, now_ms: i64) {
        self.stopped_ms = Some(now_ms);
        self.stop = Some(stop);
    }
}
