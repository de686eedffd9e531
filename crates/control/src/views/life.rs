//! What happens to an experiment by itself.

use nexus_domain::experiment::Evidence;
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
