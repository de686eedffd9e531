//! The one outward error: what the caller may be told, and apart from it what
//! only the log may see.

use nexus_domain::FieldProblem;
use nexus_domain::access::Action;
use nexus_domain::experiment::Status;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is wrong; every problem with its place (HTTP 422).
    #[error("the input has {} problem(s)", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// No such thing, or none that the caller may know of (404).
    #[error("there is no {kind} {id}")]
    NotFound { kind: &'static str, id: String },
    /// The actor's roles or scopes don't allow it (403).
    #[error("{} is not allowed for this role", .action.as_str())]
    Forbidden { action: Action },
    /// Allowed, but only with a fresh second factor for exactly this (403).
    #[error("a fresh second factor is needed")]
    StepUpRequired {
        action: Action,
        action_digest: String,
    },
    /// Somebody else changed it in between (409).
    #[error("changed by somebody else in between: version {expected} became {actual}")]
    Conflict { expected: u64, actual: u64 },
    /// The command does not fit the experiment's status (409).
    #[error("not possible while the experiment is {}", .0.as_str())]
    Refused(Status),
    /// Nothing but bringing it back can be done to an archived flag or saved group (409).
    #[error("not possible while it is archived")]
    Archived,
    /// An outside party or the database can't answer now; trying again is safe (503).
    #[error("{what} is not available")]
    Unavailable {
        what: &'static str,
        #[source]
        cause: Cause,
    },
    /// Our fault (500). The cause goes to the log only.
    #[error("internal error")]
    Internal(#[source] Cause),
}

pub type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

impl Error {
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    /// Stable name: the last part of the problem type's URL.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotFound { .. } => "not-found",
            Self::Forbidden { .. } => "forbidden",
            Self::StepUpRequired { .. } => "step-up-required",
            Self::Conflict { .. } => "conflict",
            Self::Refused(_) | Self::Archived => "refused",
            Self::Unavailable { .. } => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// HTTP status, as `docs/api.md` lists them.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::NotFound { .. } => 404,
            Self::Forbidden { .. } | Self::StepUpRequired { .. } => 403,
            Self::Conflict { .. } | Self::Refused(_) | Self::Archived => 409,
            Self::Unavailable { .. } => 503,
            Self::Internal(_) => 500,
        }
    }
}
