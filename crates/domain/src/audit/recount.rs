//! What a re-computation has found, or why it was given up.

use serde::{Deserialize, Serialize};

/// Users of a variant, and those who converted, before and after a re-computation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recount {
    pub variant: String,
    pub exposures_before: u64,
    pub conversions_before: u64,
    pub exposures: u64,
    pub conversions: u64,
}

/// Why a re-computation was given up; its experiment's counts stayed as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecomputeFailure {
    /// Raw events that it needs are not kept any more.
    Gone,
    /// Raw events could not be read, or another error that would come again.
    Fault,
    /// The experiment was changed meanwhile, and the metrics asked for no longer fit it.
    Metrics,
    /// The database refused its counts several times in a row.
    Refused,
    /// The database could not take its counts many times in a row.
    Unavailable,
}

impl RecomputeFailure {
    pub const ALL: [Self; 5] = [
        Self::Gone,
        Self::Fault,
        Self::Metrics,
        Self::Refused,
        Self::Unavailable,
    ];

    /// In English, for logs.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Gone => "raw events that it needs were removed meanwhile",
            Self::Fault => "an error of the console that would come again; its log has it",
            Self::Metrics => "the experiment was changed, and these metrics no longer fit it",
            Self::Refused => "the database refused its counts; the console's log says why",
            Self::Unavailable => "the database could not take its counts, many times in a row",
        }
    }
}
