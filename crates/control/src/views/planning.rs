//! The planning calculator's question and answer.

use nexus_domain::experiment::Method;
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

/// Which way the smallest change worth finding goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    Increase,
    /// As of a metric of which less is better.
    Decrease,
}

/// An experiment that might be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanQuery {
    pub expected: Expected,
    /// Smallest relative change worth finding, in basis points, without its sign.
    pub minimum_effect_bp: u16,
    pub direction: Direction,
    /// Two-sided significance level of the whole experiment.
    pub significance: f64,
    /// Probability of finding the effect if it is there.
    pub power: f64,
    /// The control among them.
    pub variants: u32,
    /// By which they share the users, the control first; only their ratios count. Empty: all
    /// get the same share.
    pub weights: Vec<u16>,
    /// Of a group-sequential plan: 2 to 20.
    pub looks: u16,
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
            direction: Direction::default(),
            significance: 0.05,
            power: 0.8,
            variants: 2,
            weights: Vec::new(),
            looks: Method::USUAL_LOOKS,
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
    /// Looked at a few times on the way to a planned end.
    pub group_sequential: GroupedSize,
    /// Looked at whenever one likes; an experiment that is stopped at the first
    /// clear look is usually over sooner.
    pub always_valid: PlannedSize,
    /// What the usual 1,000 users per variant would find.
    pub rule_of_thumb: Detectable,
    /// Growing numbers of users; at most 30 points.
    pub curve: Vec<PowerPoint>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlannedSize {
    /// Of the variant with the smallest share.
    pub per_variant: u64,
    /// Of each variant, the control first.
    pub by_variant: Vec<u64>,
    pub total: u64,
    /// Whole days; none without the traffic.
    pub days: Option<u64>,
}

/// Evenly spaced looks, spending like O'Brien and Fleming's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupedSize {
    pub looks: u16,
    /// At the last look: what the plan asks for.
    pub maximum: PlannedSize,
    /// On average, when the effect is just there in the treatment with the smallest share and
    /// the first look that decides on it ends the experiment.
    pub expected: PlannedSize,
}

/// Smallest relative change in the direction asked for, without its sign, that is found with the
/// power asked for; none when not even the largest possible would be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Detectable {
    /// Of the variant with the smallest share.
    pub users_per_variant: u64,
    pub fixed: Option<f64>,
    pub group_sequential: Option<f64>,
    pub always_valid: Option<f64>,
}

/// Probability of finding the effect, in the treatment with the smallest share, with so many
/// users.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PowerPoint {
    /// All variants together.
    pub users: u64,
    /// Of the variant with the smallest share.
    pub users_per_variant: u64,
    pub fixed: f64,
    /// Of a plan that ends at so many.
    pub group_sequential: f64,
    pub always_valid: f64,
}
