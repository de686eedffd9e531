//! What happens to an experiment by itself: safeguards and ramps.

use nexus_domain::experiment::{Evidence, Experiment};
use serde::{Deserialize, Serialize};

/// What one safeguard sees.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SafeguardState {
    pub evidence: Evidence,
    #[serde(flatten)]
    pub seen: Seen,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "seen")]
pub enum Seen {
    /// No reason to stop.
    Quiet,
    /// A reason to stop, but not before the minimum duration is over.
    Waits { until_ms: i64 },
    /// A reason to stop; a controller does so within about a second.
    Stops,
}

/// Where a ramp is that still goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RampPlace {
    /// From 1.
    pub step: u16,
    /// The whole coverage is the last one.
    pub of: u16,
    pub coverage_bp: u16,
    /// When the next step begins; none while held or paused.
    pub next_ms: Option<i64>,
    pub held_by: Option<String>,
}

impl RampPlace {
    /// None without a ramp, before the start, and once it is over.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Option<Self> {
        let at = experiment.ramping.as_ref();
        let at = at.filter(|_| experiment.status.at_the_edge())?;
        Some(Self {
            step: at.step + 1,
            of: experiment.ramp.len() as u16 + 1,
            coverage_bp: experiment.coverage_now_bp(),
            next_ms: at.next_ms,
            held_by: at.held_by.clone(),
        })
    }
}
