//! What the first page says: what hurts and what waits.

use nexus_domain::Environment;
use serde::{Deserialize, Serialize};

use super::{AuditRow, ExperimentRow, Propagation, Verdict};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Overview {
    pub environment: Environment,
    pub running: Vec<ExperimentRow>,
    /// What hurts now, worst first.
    pub hurts: Vec<Hurt>,
    /// What waits for this member.
    pub waits: Vec<Wait>,
    pub propagation: Propagation,
    /// Requests per second over the last minute, all gateways.
    pub requests_per_s: f64,
    /// Share of them with a status ≥ 500; none without requests.
    pub error_rate: Option<f64>,
    /// Requests per 10 s, oldest first, 60 points.
    pub traffic: Vec<u32>,
    /// Newest first, at most 8; empty when the member may not see the log.
    pub recent: Vec<AuditRow>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Hurt {
    /// A guardrail stopped an experiment within the last 24 h.
    StoppedForHarm {
        experiment: String,
        name: String,
        variant: String,
        at_ms: i64,
    },
    BrokenSplit {
        experiment: String,
        name: String,
    },
    /// Publishing a snapshot keeps failing.
    NotPublished {
        version: u64,
        since_ms: i64,
        problem: String,
    },
    GatewayLost {
        gateway: String,
        seen_ms: i64,
    },
    NoGateway,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Wait {
    /// A draft the member made and has not started.
    Draft {
        experiment: String,
        name: String,
        updated_ms: i64,
    },
    /// An experiment of somebody else, in any environment, that waits for a review.
    Review {
        experiment: String,
        name: String,
        environment: Environment,
        asked_by: String,
    },
    /// The member's own work, in any environment, that a reviewer has sent back.
    SentBack {
        experiment: String,
        name: String,
        environment: Environment,
        by: String,
        at_ms: i64,
    },
    /// A running experiment whose verdict is in.
    Decide {
        experiment: String,
        name: String,
        verdict: Verdict,
    },
    /// One that ended, and whose question nobody has answered.
    Answer {
        experiment: String,
        name: String,
        stopped_ms: i64,
    },
    /// One whose planned start was refused.
    Missed {
        experiment: String,
        name: String,
        planned_ms: i64,
    },
}

impl Wait {
    /// The experiment's.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Draft { experiment, .. }
            | Self::Review { experiment, .. }
            | Self::SentBack { experiment, .. }
            | Self::Decide { experiment, .. }
            | Self::Answer { experiment, .. }
            | Self::Missed { experiment, .. } => experiment,
        }
    }
}
