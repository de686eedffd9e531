//! What is said of the metrics beside the primary one.

use nexus_domain::experiment::Metric;
use serde::{Deserialize, Serialize};

use super::{Lift, Verdict};

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
    /// By what share the time before the exposure makes the variance of the lift smaller;
    /// of treatments, where the metric asks for it.
    pub variance_reduced: Option<f64>,
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

/// One metric of one variant, flat.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResultRow {
    pub metric: String,
    /// `primary`, `secondary` or `guardrail`.
    pub role: &'static str,
    pub variant: String,
    /// Exposed users.
    pub users: u64,
    pub value: Option<f64>,
    /// Relative, against the control; none for the control itself.
    pub lift: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub p_value: Option<f64>,
    pub chance_to_win: Option<f64>,
    pub verdict: Option<Verdict>,
    pub margin: Option<MarginState>,
}
