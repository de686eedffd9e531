//! The planning calculator.

use axum::Json;
use axum::extract::State;
use nexus_control::views::{Expected, PlanQuery, SizePlan};
use nexus_domain::experiment::Better;
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
    /// Smallest relative lift worth finding, in basis points; down where lower is better.
    minimum_effect_bp: u16,
    /// Which direction is good.
    better: Better,
    /// Two-sided significance level of the whole experiment.
    significance: f64,
    /// Probability of finding the effect if it is there.
    power: f64,
    /// The control among them; all get the same share of the users.
    variants: u32,
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
            better: usual.better,
            significance: usual.significance,
            power: usual.power,
            variants: usual.variants,
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
        better: p.better,
        significance: p.significance,
        power: p.power,
        variants: p.variants,
        users_per_day: p.users_per_day,
        variance_reduction_bp: p.variance_reduction_bp,
    };
    Ok(Json(web.console().plan(&actor.0, &query)?))
}
