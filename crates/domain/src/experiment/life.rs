//! The life of an experiment: draft → running ⇄ paused → stopped.

use serde::{Deserialize, Serialize};

use super::{Experiment, GuardrailEvidence, Status, Stop};
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
        }
    }

    /// What the caller must be allowed to do.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Start | Self::Resume => Action::StartExperiment,
            Self::Pause => Action::PauseExperiment,
            Self::Stop { .. } | Self::EndSchedule | Self::StopForHarm(_) => Action::StopExperiment,
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
            Command::EndSchedule => Stop::Schedule,
            Command::StopForHarm(evidence) => Stop::Guardrail(evidence),
        };
        next.status = Status::Stopped;
        next.stopped_ms = Some(now_ms);
        next.stop = Some(stop);
        Ok(next)
    }
}
