//! Experiments.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::views::{
    ExperimentDetail, ExperimentQuery, ExperimentRevisions, ExperimentRow, ExperimentSort,
    MetricDetail, Page, Why, WhyCompared,
};
use nexus_control::{Somebody, Versions};
use nexus_domain::Environment;
use nexus_domain::experiment::{Command, Dimension, Draft, Experiment, Schedule, Status};
use nexus_flags::{CountryCode, Device};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{ApiActor, Body, Path, Query};
use crate::identify::Web;
use crate::problem::ApiError;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListParams {
    /// Part of id, name, team or hypothesis.
    q: String,
    status: Option<Status>,
    environment: Option<Environment>,
    sort: ExperimentSort,
    descending: bool,
    /// From 1; 20 items a page.
    page: u32,
}

impl Default for ListParams {
    fn default() -> Self {
        let sort = ExperimentSort::Updated;
        Self {
            q: String::new(),
            status: None,
            environment: None,
            sort,
            descending: true,
            page: 1,
        }
    }
}

/// List experiments.
#[utoipa::path(get, path = "/api/v1/experiments", tag = "experiments", params(ListParams),
    responses((status = 200, body = Page<ExperimentRow>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ListParams>,
) -> Result<Json<Page<ExperimentRow>>, ApiError> {
    let query = ExperimentQuery {
        q: p.q,
        status: p.status,
        environment: p.environment,
        sort: p.sort,
        descending: p.descending,
        page: p.page,
    };
    Ok(Json(web.console().experiments(&actor.0, &query).await?))
}

/// Create a draft.
#[utoipa::path(post, path = "/api/v1/experiments", tag = "experiments", request_body = Draft,
    responses((status = 201, body = Experiment), ApiError))]
pub(super) async fn create(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<Draft>,
) -> Result<(StatusCode, Json<Experiment>), ApiError> {
    let experiment = web.console().create_experiment(&actor.0, draft).await?;
    Ok((StatusCode::CREATED, Json(experiment)))
}

/// One experiment with its results, propagation and history.
#[utoipa::path(get, path = "/api/v1/experiments/{id}", tag = "experiments", params(("id" = String, Path)),
    responses((status = 200, body = ExperimentDetail), ApiError))]
pub(super) async fn detail(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<ExperimentDetail>, ApiError> {
    Ok(Json(web.console().experiment(&actor.0, &id).await?))
}

/// Every state it ever had, newest first.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/revisions", tag = "experiments", params(("id" = String, Path)),
    responses((status = 200, body = ExperimentRevisions), ApiError))]
pub(super) async fn revisions(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
) -> Result<Json<ExperimentRevisions>, ApiError> {
    Ok(Json(
        web.console().experiment_revisions(&actor.0, &id).await?,
    ))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Restore {
    /// The version that was read; another one in between is a conflict.
    version: u64,
    /// The revision whose settings become the newest ones.
    revision: u64,
}

/// Go back to the settings of a revision; once started, to its words.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/restore", tag = "experiments", params(("id" = String, Path)),
    request_body = Restore, responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn restore(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(to): Body<Restore>,
) -> Result<Json<Experiment>, ApiError> {
    let console = web.console();
    let restored = console.restore_experiment(&actor.0, &id, to.version, to.revision);
    Ok(Json(restored.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    /// User id.
    #[serde(default)]
    unit: String,
    #[serde(default)]
    country: Option<CountryCode>,
    #[serde(default)]
    device: Device,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

/// A question to two snapshots.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Comparison {
    /// Version of the first snapshot.
    from: u64,
    /// Version of the second one; absent: what would be published next.
    #[serde(default)]
    to: Option<u64>,
    /// Whom it is about.
    somebody: Question,
}

impl Comparison {
    pub(super) fn parts(self) -> (Somebody, Versions) {
        let versions = Versions {
            from: self.from,
            to: self.to,
        };
        (self.somebody.somebody(), versions)
    }
}

impl Question {
    pub(super) fn somebody(self) -> Somebody {
        Somebody {
            unit: self.unit,
            country: self.country,
            device: self.device,
            attributes: self.attributes.into_iter().collect(),
        }
    }
}

/// Why somebody gets what: every condition with its answer. Changes nothing.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/why", tag = "experiments", params(("id" = String, Path)),
    request_body = Question, responses((status = 200, body = Why), ApiError))]
pub(super) async fn why(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(question): Body<Question>,
) -> Result<Json<Why>, ApiError> {
    let somebody = question.somebody();
    Ok(Json(web.console().why(&actor.0, &id, &somebody).await?))
}

/// The same question to two snapshots, as they would answer now. Changes nothing.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/why/compare", tag = "experiments", params(("id" = String, Path)),
    request_body = Comparison, responses((status = 200, body = WhyCompared), ApiError))]
pub(super) async fn compare_why(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(comparison): Body<Comparison>,
) -> Result<Json<WhyCompared>, ApiError> {
    let (somebody, versions) = comparison.parts();
    let compared = web
        .console()
        .why_compared(&actor.0, &id, &somebody, versions);
    Ok(Json(compared.await?))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct By {
    /// By what the slices are; `country` when absent.
    #[serde(default = "country")]
    by: Dimension,
}

const fn country() -> Dimension {
    Dimension::Country
}

/// The conversion goal with its course and its slices.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/goal", tag = "experiments", params(("id" = String, Path), By),
    responses((status = 200, body = MetricDetail), ApiError))]
pub(super) async fn goal(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Query(by): Query<By>,
) -> Result<Json<MetricDetail>, ApiError> {
    let detail = web.console().metric(&actor.0, &id, None, by.by);
    Ok(Json(detail.await?))
}

/// Another metric with its course and its slices.
#[utoipa::path(get, path = "/api/v1/experiments/{id}/metrics/{metric}", tag = "experiments",
    params(("id" = String, Path), ("metric" = String, Path, description = "Its key."), By),
    responses((status = 200, body = MetricDetail), ApiError))]
pub(super) async fn metric(
    State(web): State<Web>,
    actor: ApiActor,
    Path((id, metric)): Path<(String, String)>,
    Query(by): Query<By>,
) -> Result<Json<MetricDetail>, ApiError> {
    let detail = web.console().metric(&actor.0, &id, Some(&metric), by.by);
    Ok(Json(detail.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    /// The version that was read; another one in between is a conflict.
    version: u64,
    draft: Draft,
}

/// Replace the settable part.
#[utoipa::path(put, path = "/api/v1/experiments/{id}", tag = "experiments", params(("id" = String, Path)),
    request_body = Edit,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn edit(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(edit): Body<Edit>,
) -> Result<Json<Experiment>, ApiError> {
    Ok(Json(
        web.console()
            .edit_experiment(&actor.0, &id, edit.version, edit.draft)
            .await?,
    ))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Change {
    /// Refuse if the experiment has another version by now.
    version: Option<u64>,
    /// Why; kept in the audit log. For `stop`.
    reason: String,
}

async fn command(
    web: &Web,
    actor: &ApiActor,
    id: &str,
    version: Option<u64>,
    command: Command,
) -> Result<Json<Experiment>, ApiError> {
    Ok(Json(
        web.console()
            .command_experiment(&actor.0, id, version, command)
            .await?,
    ))
}

/// Start a draft: publishes a snapshot to the gateways.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/start", tag = "experiments", params(("id" = String, Path)),
    request_body = Change,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn start(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Experiment>, ApiError> {
    command(&web, &actor, &id, change.version, Command::Start).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    /// Refuse if the experiment has another version by now.
    #[serde(default)]
    version: Option<u64>,
    /// When it starts by itself, in milliseconds since 1970 UTC.
    start_ms: i64,
    /// When it ends by itself; absent: when somebody stops it.
    #[serde(default)]
    end_ms: Option<i64>,
    /// IANA name in which people read the times.
    #[serde(default = "utc")]
    timezone: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

/// Start by itself at a time to come, with the same checks as a start by hand.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/schedule", tag = "experiments", params(("id" = String, Path)),
    request_body = Plan,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn schedule(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(plan): Body<Plan>,
) -> Result<Json<Experiment>, ApiError> {
    let schedule = Command::Schedule(Schedule {
        start_ms: Some(plan.start_ms),
        end_ms: plan.end_ms,
        timezone: plan.timezone,
    });
    command(&web, &actor, &id, plan.version, schedule).await
}

/// Take a planned start off the plan.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/unschedule", tag = "experiments", params(("id" = String, Path)),
    request_body = Change,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn unschedule(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Experiment>, ApiError> {
    command(&web, &actor, &id, change.version, Command::Unschedule).await
}

/// Hold a ramp at its step.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/hold-ramp", tag = "experiments", params(("id" = String, Path)),
    request_body = Change,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn hold_ramp(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Experiment>, ApiError> {
    command(&web, &actor, &id, change.version, Command::HoldRamp).await
}

/// Let a held ramp go on, with what was left of its step.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/continue-ramp", tag = "experiments", params(("id" = String, Path)),
    request_body = Change,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn continue_ramp(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Experiment>, ApiError> {
    command(&web, &actor, &id, change.version, Command::ContinueRamp).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEnd {
    /// Refuse if the experiment has another version by now.
    #[serde(default)]
    version: Option<u64>,
    /// Later than the end as it is, in milliseconds since 1970 UTC; absent: when somebody
    /// stops it.
    #[serde(default)]
    end_ms: Option<i64>,
    /// Why; kept in the audit log.
    reason: String,
}

/// Let it run longer than planned. Not under a method that judges at its planned end.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/move-end", tag = "experiments", params(("id" = String, Path)),
    request_body = NewEnd,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn move_end(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(new): Body<NewEnd>,
) -> Result<Json<Experiment>, ApiError> {
    let (end_ms, reason) = (new.end_ms, new.reason);
    let later = Command::MoveEnd { end_ms, reason };
    command(&web, &actor, &id, new.version, later).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCoverage {
    /// Refuse if the experiment has another version by now.
    #[serde(default)]
    version: Option<u64>,
    /// More than it is, in basis points (10,000: everybody who matches).
    coverage_bp: u16,
    /// Why; kept in the audit log.
    reason: String,
}

/// Let more users in; nobody is dealt anew.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/grow-coverage", tag = "experiments", params(("id" = String, Path)),
    request_body = NewCoverage,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn grow_coverage(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(new): Body<NewCoverage>,
) -> Result<Json<Experiment>, ApiError> {
    let (coverage_bp, reason) = (new.coverage_bp, new.reason);
    let more = Command::GrowCoverage {
        coverage_bp,
        reason,
    };
    command(&web, &actor, &id, new.version, more).await
}

/// Pause: everybody gets control, nobody is exposed.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/pause", tag = "experiments", params(("id" = String, Path)),
    request_body = Change,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn pause(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Experiment>, ApiError> {
    command(&web, &actor, &id, change.version, Command::Pause).await
}

/// Resume a paused experiment.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/resume", tag = "experiments", params(("id" = String, Path)),
    request_body = Change,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn resume(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Experiment>, ApiError> {
    command(&web, &actor, &id, change.version, Command::Resume).await
}

/// Stop for good.
#[utoipa::path(post, path = "/api/v1/experiments/{id}/stop", tag = "experiments", params(("id" = String, Path)),
    request_body = Change,
    responses((status = 200, body = Experiment), ApiError))]
pub(super) async fn stop(
    State(web): State<Web>,
    actor: ApiActor,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Experiment>, ApiError> {
    let stop = Command::Stop {
        reason: change.reason,
    };
    command(&web, &actor, &id, change.version, stop).await
}
