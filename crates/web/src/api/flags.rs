//! Feature flags.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use nexus_control::FlagCopy;
use nexus_control::views::{
    FlagDetail, FlagQuery, FlagRevisions, FlagRow, FlagSort, FlagWhy, FlagWhyCompared, Page,
};
use nexus_domain::Environment;
use nexus_domain::flag::{Flag, FlagChange, FlagCommand, FlagDraft, FlagKind, FlagStatus};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::experiments::{Comparison, Question};
use super::{ApiActor, Body, Path, Query};
use crate::identify::Web;
use crate::problem::ApiError;

/// Environment and key: keys repeat between environments.
type At = Path<(Environment, String)>;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ListParams {
    /// Part of key, name or description.
    q: String,
    /// Absent: all that are not archived.
    status: Option<FlagStatus>,
    environment: Option<Environment>,
    kind: Option<FlagKind>,
    /// Only those whose time is over: due, the same for everybody for 30 days, or unused.
    stale: bool,
    sort: FlagSort,
    descending: bool,
    /// From 1; 20 items a page.
    page: u32,
}

impl Default for ListParams {
    fn default() -> Self {
        Self {
            q: String::new(),
            status: None,
            environment: None,
            kind: None,
            stale: false,
            sort: FlagSort::Updated,
            descending: true,
            page: 1,
        }
    }
}

/// List flags.
#[utoipa::path(get, path = "/api/v1/flags", tag = "flags", params(ListParams),
    responses((status = 200, body = Page<FlagRow>), ApiError))]
pub(super) async fn list(
    State(web): State<Web>,
    actor: ApiActor,
    Query(p): Query<ListParams>,
) -> Result<Json<Page<FlagRow>>, ApiError> {
    let query = FlagQuery {
        q: p.q,
        status: p.status,
        environment: p.environment,
        kind: p.kind,
        stale: p.stale,
        sort: p.sort,
        descending: p.descending,
        page: p.page,
    };
    Ok(Json(web.console().flags(&actor.0, &query).await?))
}

/// Create a flag; it is switched off.
#[utoipa::path(post, path = "/api/v1/flags", tag = "flags", request_body = FlagDraft,
    responses((status = 201, body = Flag), ApiError))]
pub(super) async fn create(
    State(web): State<Web>,
    actor: ApiActor,
    Body(draft): Body<FlagDraft>,
) -> Result<(StatusCode, Json<Flag>), ApiError> {
    let flag = web.console().create_flag(&actor.0, draft).await?;
    Ok((StatusCode::CREATED, Json(flag)))
}

/// One flag with its propagation, its history, and where else it is.
#[utoipa::path(get, path = "/api/v1/flags/{environment}/{key}", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    responses((status = 200, body = FlagDetail), ApiError))]
pub(super) async fn detail(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
) -> Result<Json<FlagDetail>, ApiError> {
    let detail = web.console().flag(&actor.0, environment, &key);
    Ok(Json(detail.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlagEdit {
    /// The version that was read; another one in between is a conflict.
    version: u64,
    /// Rules keep whom they take in by their ids: send them back as they were read.
    draft: FlagDraft,
}

/// Replace the settable part; whether it is on stays.
#[utoipa::path(put, path = "/api/v1/flags/{environment}/{key}", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = FlagEdit, responses((status = 200, body = Flag), ApiError))]
pub(super) async fn edit(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
    Body(edit): Body<FlagEdit>,
) -> Result<Json<Flag>, ApiError> {
    let console = web.console();
    let edited = console.edit_flag(&actor.0, environment, &key, edit.version, edit.draft);
    Ok(Json(edited.await?))
}

/// Every state it ever had, newest first.
#[utoipa::path(get, path = "/api/v1/flags/{environment}/{key}/revisions", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    responses((status = 200, body = FlagRevisions), ApiError))]
pub(super) async fn revisions(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
) -> Result<Json<FlagRevisions>, ApiError> {
    let revisions = web.console().flag_revisions(&actor.0, environment, &key);
    Ok(Json(revisions.await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Two {
    /// Number of the older revision.
    from: u64,
    /// Number of the newer one.
    to: u64,
}

/// What differs between two revisions, part by part.
#[utoipa::path(get, path = "/api/v1/flags/{environment}/{key}/changes", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path), Two),
    responses((status = 200, body = Vec<FlagChange>), ApiError))]
pub(super) async fn changes(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
    Query(two): Query<Two>,
) -> Result<Json<Vec<FlagChange>>, ApiError> {
    let console = web.console();
    let changes = console.flag_changes(&actor.0, environment, &key, two.from, two.to);
    Ok(Json(changes.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlagRestore {
    /// The version that was read; another one in between is a conflict.
    version: u64,
    /// The revision whose settings become the newest ones.
    revision: u64,
}

/// Go back to the settings of a revision; whether it is on stays.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/restore", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = FlagRestore, responses((status = 200, body = Flag), ApiError))]
pub(super) async fn restore(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
    Body(to): Body<FlagRestore>,
) -> Result<Json<Flag>, ApiError> {
    let console = web.console();
    let restored = console.restore_flag(&actor.0, environment, &key, to.version, to.revision);
    Ok(Json(restored.await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlagCopyTo {
    /// Where it is copied to.
    environment: Environment,
    /// Version of the flag that is there and gets the settings; absent when there is none.
    version: Option<u64>,
}

/// Copy to another environment. A new flag is off; one that is there stays on or off.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/copy", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = FlagCopyTo, responses((status = 200, body = Flag), ApiError))]
pub(super) async fn copy(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
    Body(to): Body<FlagCopyTo>,
) -> Result<Json<Flag>, ApiError> {
    let copy = FlagCopy {
        key: &key,
        from: environment,
        to: to.environment,
        version: to.version,
    };
    Ok(Json(web.console().copy_flag(&actor.0, copy).await?))
}

/// Why somebody gets what: rule by rule. Changes nothing.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/why", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = Question, responses((status = 200, body = FlagWhy), ApiError))]
pub(super) async fn why(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
    Body(question): Body<Question>,
) -> Result<Json<FlagWhy>, ApiError> {
    let (console, somebody) = (web.console(), question.somebody());
    let why = console.flag_why(&actor.0, environment, &key, &somebody);
    Ok(Json(why.await?))
}

/// The same question to two snapshots, as they would answer now. Changes nothing.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/why/compare", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = Comparison, responses((status = 200, body = FlagWhyCompared), ApiError))]
pub(super) async fn compare_why(
    State(web): State<Web>,
    actor: ApiActor,
    Path((environment, key)): At,
    Body(comparison): Body<Comparison>,
) -> Result<Json<FlagWhyCompared>, ApiError> {
    let (somebody, versions) = comparison.parts();
    let console = web.console();
    let compared = console.flag_why_compared(&actor.0, environment, &key, &somebody, versions);
    Ok(Json(compared.await?))
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FlagSwitch {
    /// Refuse if the flag has another version by now.
    version: Option<u64>,
    /// Why; kept in the audit log.
    reason: String,
}

async fn command(
    web: &Web,
    actor: &ApiActor,
    (environment, key): (Environment, String),
    switch: FlagSwitch,
    command: FlagCommand,
) -> Result<Json<Flag>, ApiError> {
    let FlagSwitch { version, reason } = switch;
    let console = web.console();
    let changed = console.command_flag(&actor.0, environment, &key, version, command, &reason);
    Ok(Json(changed.await?))
}

/// Switch on: its rules count. On already is fine.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/enable", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = FlagSwitch, responses((status = 200, body = Flag), ApiError))]
pub(super) async fn enable(
    State(web): State<Web>,
    actor: ApiActor,
    Path(at): At,
    Body(switch): Body<FlagSwitch>,
) -> Result<Json<Flag>, ApiError> {
    command(&web, &actor, at, switch, FlagCommand::Enable).await
}

/// The kill switch: everybody gets the off value. Off already is fine.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/disable", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = FlagSwitch, responses((status = 200, body = Flag), ApiError))]
pub(super) async fn disable(
    State(web): State<Web>,
    actor: ApiActor,
    Path(at): At,
    Body(switch): Body<FlagSwitch>,
) -> Result<Json<Flag>, ApiError> {
    command(&web, &actor, at, switch, FlagCommand::Disable).await
}

/// Take out of use: gateways forget it.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/archive", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = FlagSwitch, responses((status = 200, body = Flag), ApiError))]
pub(super) async fn archive(
    State(web): State<Web>,
    actor: ApiActor,
    Path(at): At,
    Body(switch): Body<FlagSwitch>,
) -> Result<Json<Flag>, ApiError> {
    command(&web, &actor, at, switch, FlagCommand::Archive).await
}

/// Bring back, switched off.
#[utoipa::path(post, path = "/api/v1/flags/{environment}/{key}/unarchive", tag = "flags",
    params(("environment" = Environment, Path), ("key" = String, Path)),
    request_body = FlagSwitch, responses((status = 200, body = Flag), ApiError))]
pub(super) async fn unarchive(
    State(web): State<Web>,
    actor: ApiActor,
    Path(at): At,
    Body(switch): Body<FlagSwitch>,
) -> Result<Json<Flag>, ApiError> {
    command(&web, &actor, at, switch, FlagCommand::Unarchive).await
}
