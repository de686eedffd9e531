//! What is said of the metrics beside the primary one.

use nexus_domain::experiment::Metric;
use serde::{Deserialize, Serialize};

use super::Lift;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricResult {
    pub metric: Metric,
    /// In the order of the experiment's variants, control first.
    pub variants: Vec<MetricValue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricValue {
    /// Rate or mean of all exposed users; none before the first.
    pub value: Option<f64>,
    /// Against the control. Of a secondary metric p-value and interval are
    /// corrected for the number of such comparisons; a guardrail's interval is
    /// always valid, whatever the experiment's method.
    pub lift: Option<Lift>,
    /// Of a guardrail's treatments.
    pub margin: Option<MarginState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MarginState {
    /// Shown not to be worse by the margin.
    Kept,
    /// Shown to be worse by more than the margin.
    Broken,
    /// Neither is certain so far.
    Unclear,
}
