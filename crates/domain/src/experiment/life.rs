//! The life of an experiment: draft → running ⇄ paused → stopped → decided → archived.

use serde::{Deserialize, Serialize};

use super::{Conclusion, Experiment, GuardrailEvidence, Outcome, Status, Stop};
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
    /// A variant hurt users (controller only).
    StopForHarm(GuardrailEvidence),
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

/// The command does not fit the experiment's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an experiment that is {} can't be changed so", .status.as_str())]
pub struct Refused {
    pub status: Status,
}

impl Command {
    /// Name in the audit log, the API and the CLI.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Stop { .. } => "stop",
            Self::EndSchedule => "end_schedule",
            Self::StopForHarm(_) => "stop_for_harm",
            Self::Decide { .. } => "decide",
            Self::Archive => "archive",
            Self::Unarchive => "unarchive",
        }
    }

    /// What the caller must be allowed to do.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Start | Self::Resume => Action::StartExperiment,
            Self::Pause => Action::PauseExperiment,
            Self::Stop { .. } | Self::EndSchedule | Self::StopForHarm(_) => Action::StopExperiment,
            Self::Decide { .. } => Action::DecideExperiment,
            Self::Archive | Self::Unarchive => Action::ArchiveExperiment,
        }
    }

    /// Whether the command fits the status.
    #[must_use]
    pub const fn fits(&self, status: Status) -> bool {
        match self {
            Self::Start => matches!(status, Status::Draft),
            Self::Pause => matches!(status, Status::Running),
            Self::Resume => matches!(status, Status::Paused),
            Self::Stop { .. } | Self::EndSchedule | Self::StopForHarm(_) => {
                matches!(status, Status::Running | Status::Paused)
            }
            Self::Decide { .. } => !matches!(status, Status::Draft | Status::Archived),
            Self::Archive => matches!(status, Status::Draft | Status::Stopped | Status::Decided),
            Self::Unarchive => matches!(status, Status::Archived),
        }
    }
}

impl Experiment {
    /// The experiment after a command.
    ///
    /// # Errors
    /// [`Refused`] when the command does not fit the status.
    pub fn after(&self, command: Command, by: &str, now_ms: i64) -> Result<Self, Refused> {
        if !command.fits(self.status) {
            return Err(Refused {
                status: self.status,
            });
        }
        let mut next = self.clone();
        next.version += 1;
        next.updated_ms = now_ms;
        let stop = match command {
            Command::Start => {
                next.status = Status::Running;
                next.started_ms = Some(now_ms);
                return Ok(next);
            }
            Command::Pause => {
                next.status = Status::Paused;
                return Ok(next);
            }
            Command::Resume => {
                next.status = Status::Running;
                return Ok(next);
            }
            Command::Stop { reason } => Stop::Command {
                by: by.to_owned(),
                reason,
            },
            Command::Decide { outcome, learned } => {
                next.conclude(outcome, learned, by, now_ms);
                return Ok(next);
            }
            Command::Archive => {
                next.status = Status::Archived;
                return Ok(next);
            }
            Command::Unarchive => {
                next.status = match (&next.conclusion, next.stopped_ms) {
                    (Some(_), _) => Status::Decided,
                    (None, Some(_)) => Status::Stopped,
                    (None, None) => Status::Draft,
                };
                return Ok(next);
            }
            Command::EndSchedule => Stop::Schedule,
            Command::StopForHarm(evidence) => Stop::Guardrail(evidence),
        };
        next.status = Status::Stopped;
        next.stopped_ms = Some(now_ms);
        next.stop = Some(stop);
        Ok(next)
    }

    fn conclude(&mut self, outcome: Outcome, learned: String, by: &str, now_ms: i64) {
        if self.status.at_the_edge() {
            self.stopped_ms = Some(now_ms);
            self.stop = Some(Stop::Command {
                by: by.to_owned(),
                reason: String::new(),
            });
        }
        self.status = Status::Decided;
        self.conclusion = Some(Conclusion {
            outcome,
            learned,
            by: by.to_owned(),
            at_ms: now_ms,
        });
    }
}
