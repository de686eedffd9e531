//! The planning calculator.

use axum::Json;
use axum::extract::State;
use nexus_control::planning::parse_weights;
use nexus_control::views::{Direction, Expected, PlanQuery, SizePlan};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{ApiActor, Query};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Share of users who convert.
    #[default]
    Proportion,
    /// A number per user.
    Mean,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PlanParams {
    kind: Kind,
    /// Expected conversion rate of the control, in basis points. For a proportion.
    baseline_bp: u16,
    /// Expected mean of the control. For a mean.
    mean: f64,
    /// How much users differ. For a mean.
    standard_deviation: f64,
    /// Smallest relative change worth finding, in basis points, without its sign.
    minimum_effect_bp: u16,
    /// Which way it goes: `increase` or, as of a metric of which less is better, `decrease`.
    direction: Direction,
    /// Two-sided significance level of the whole experiment.
    significance: f64,
    /// Probability of finding the effect if it is there.
    power: f64,
    /// The control among them; absent: as many as there are weights, or two.
    variants: Option<u32>,
    /// By which they share the users, the control first, as `90,10`: only their ratios count.
    /// Absent: all get the same share.
    weights: Option<String>,
    /// Of the group-sequential plan: 2 to 20.
    looks: u16,
    /// Users who would take part, all variants together; absent: no days.
    users_per_day: Option<u64>,
    /// Share of the variance that the time before the exposure is expected to take away
    /// (CUPED), in basis points: 0 to 9,900.
    variance_reduction_bp: u16,
}

impl Default for PlanParams {
    fn default() -> Self {
        let usual = PlanQuery::default();
        Self {
            kind: Kind::Proportion,
            baseline_bp: 1_000,
            mean: 20.0,
            standard_deviation: 40.0,
            minimum_effect_bp: usual.minimum_effect_bp,
            direction: usual.direction,
            significance: usual.significance,
            power: usual.power,
            variants: None,
            weights: None,
            looks: usual.looks,
            users_per_day: None,
            variance_reduction_bp: usual.variance_reduction_bp,
        }
    }
}

/// How many users a comparison takes, and what so many can find. Stores nothing.
#[utoipa::path(get, path = "/api/v1/plan", tag = "experiments", params(PlanParams),
    responses((status = 200, body = SizePlan), ApiError))]
pub(super) async fn plan(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<PlanParams>,
) -> Result<Json<SizePlan>, ApiError> {
    let weights = parse_weights(p.weights.as_deref().unwrap_or_default())
        .map_err(|problem| nexus_control::Error::Invalid(vec![problem]))?;
    let query = PlanQuery {
        expected: match p.kind {
            Kind::Proportion => Expected::Proportion {
                baseline_bp: p.baseline_bp,
            },
            Kind::Mean => Expected::Mean {
                mean: p.mean,
                standard_deviation: p.standard_deviation,
            },
        },
        minimum_effect_bp: p.minimum_effect_bp,
        direction: p.direction,
        significance: p.significance,
        power: p.power,
        variants: p.variants.unwrap_or(weights.len().max(2) as u32),
        weights,
        looks: p.looks,
        users_per_day: p.users_per_day,
        variance_reduction_bp: p.variance_reduction_bp,
    };
    Ok(Json(web.console().plan(&actor.0, &query)?))
}
