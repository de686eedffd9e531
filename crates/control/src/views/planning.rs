//! The planning calculator's question and answer.

use nexus_domain::experiment::Better;
use serde::{Deserialize, Serialize};

/// What the control is expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Share of users who convert, in basis points.
    Proportion { baseline_bp: u16 },
    /// A number per user; all variants vary alike.
    Mean { mean: f64, standard_deviation: f64 },
}

/// An experiment that might be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanQuery {
    pub expected: Expected,
    /// Smallest relative lift worth finding, in basis points; down where lower is better.
    pub minimum_effect_bp: u16,
    pub better: Better,
    /// Two-sided significance level of the whole experiment.
    pub significance: f64,
    /// Probability of finding the effect if it is there.
    pub power: f64,
    /// The control among them; all get the same share of the users.
    pub variants: u32,
    /// Users who would take part, all variants together.
    pub users_per_day: Option<u64>,
    /// Share of the variance that the time before the exposure is expected to take away
    /// (CUPED), in basis points; 0 to 9,900.
    pub variance_reduction_bp: u16,
}

impl Default for PlanQuery {
    fn default() -> Self {
        Self {
            expected: Expected::Proportion { baseline_bp: 1_000 },
            minimum_effect_bp: 1_000,
            better: Better::Higher,
            significance: 0.05,
            power: 0.8,
            variants: 2,
            users_per_day: None,
            variance_reduction_bp: 0,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SizePlan {
    /// Looked at once, at the end.
    pub fixed: PlannedSize,
    /// Looked at whenever one likes; an experiment that is stopped at the first
    /// clear look is usually over sooner.
    pub always_valid: PlannedSize,
    /// What the usual 1,000 users per variant would find.
    pub rule_of_thumb: Detectable,
    /// Growing numbers of users; at most 30 points.
    pub curve: Vec<PowerPoint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedSize {
    pub per_variant: u64,
    pub total: u64,
    /// Whole days; none without the traffic.
    pub days: Option<u64>,
}

/// Smallest relative change for the better that is found with the power asked for; none when
/// not even 100 % would be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Detectable {
    pub users_per_variant: u64,
    pub fixed: Option<f64>,
    pub always_valid: Option<f64>,
}

/// Probability of finding the effect with so many users.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PowerPoint {
    pub users_per_variant: u64,
    pub fixed: f64,
    pub always_valid: f64,
}
