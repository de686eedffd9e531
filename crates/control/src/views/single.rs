//! One experiment looked at from several sides, and what SDKs read.

use nexus_domain::FieldProblem;
use nexus_domain::experiment::Experiment;
use serde::Serialize;
use serde_json::{Map, Value};

use super::AuditRow;

/// What GrowthBook's SDKs read.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SdkPayload {
    /// Of the snapshot it says the same as; 0 when nothing was published.
    pub version: u64,
    /// By name, in the form of the GrowthBook SDK specification 0.12.0.
    pub features: Map<String, Value>,
    /// What its conditions refer to.
    #[serde(rename = "savedGroups")]
    pub saved_groups: Map<String, Value>,
}

/// Every state an experiment ever had.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExperimentRevisions {
    pub current: Experiment,
    /// Newest first, at most 200.
    pub revisions: Vec<Revision>,
}

/// One state, and what made it as far as the reader may know.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Revision {
    pub experiment: Experiment,
    pub change: Option<AuditRow>,
}

/// What shipping a variant would do.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShipPlan {
    pub variant: String,
    /// One for each of its features; none when there are problems.
    pub flags: Vec<ShipFlag>,
    /// Why its features can be no flags.
    pub problems: Vec<FieldProblem>,
}

/// A flag that a winner's feature becomes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShipFlag {
    pub key: String,
    /// There is one of that key; it gets one rule more, before its others.
    pub exists: bool,
    /// On afterwards; one that exists stays as it is.
    pub enabled: bool,
    /// What everybody the experiment was for gets.
    pub value: Option<Value>,
    /// What everybody gets while it is off.
    pub off_value: Option<Value>,
}
