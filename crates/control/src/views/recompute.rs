//! Counting an experiment anew.

use nexus_domain::Problem;
use nexus_domain::audit::RecomputeFailure;
use nexus_domain::experiment::{Experiment, Metric};
use serde::{Deserialize, Serialize};

/// Whether an experiment can be counted anew, and how far the newest attempt is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recomputable {
    pub experiment: Experiment,
    /// Days for which its environment keeps raw events; 0: none are kept.
    pub raw_days: u32,
    /// From when on all of them are there.
    pub raw_since_ms: Option<i64>,
    /// From when on they are needed; none before the start.
    pub needed_ms: Option<i64>,
    /// Why it can't be counted anew.
    pub obstacle: Option<Problem>,
    pub newest: Option<Recomputation>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recomputation {
    pub status: RecomputeStatus,
    pub asked_by: String,
    pub asked_ms: i64,
    pub ended_ms: Option<i64>,
    /// Raw events of the environment that have been read, of all that there are to read.
    pub events_done: u64,
    pub events_all: u64,
    /// The metrics beside the conversion goal that the experiment has from then on; none: those it
    /// had.
    pub metrics: Option<Vec<Metric>>,
    /// Of one that is done.
    pub outcome: Option<Vec<Recounted>>,
    /// How often in a row the next step has failed by now; it is tried again by itself.
    pub attempts: u64,
    /// Of one that failed; none of those of before reasons were kept.
    pub failure: Option<RecomputeFailure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecomputeStatus {
    Running,
    Done,
    Cancelled,
    /// It was given up; see `failure`.
    Failed,
}

impl RecomputeStatus {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "running" => Some(Self::Running),
            "done" => Some(Self::Done),
            "cancelled" => Some(Self::Cancelled),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }
}

/// What became of a variant's counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recounted {
    pub variant: String,
    pub exposures_before: u64,
    pub conversions_before: u64,
    pub exposures: u64,
    pub conversions: u64,
}
