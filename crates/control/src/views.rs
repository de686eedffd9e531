//! What queries return: plain data that a page renders and the API serialises.
//! Times are milliseconds since 1970 UTC, rates are fractions (0.05 = 5 %).

mod audit;
mod decisive;
mod flags;
mod holdouts;
mod import;
mod layers;
mod life;
mod metrics;
mod notes;
mod overview;
mod planning;
mod qa;
mod recompute;
mod saved_groups;
mod sdk_keys;
mod single;
mod traffic;
mod why;

use nexus_domain::Environment;
use nexus_domain::access::{Grant, Scope};
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Experiment, Scale, Status};
use nexus_domain::holdout::HeldBack;
use serde::{Deserialize, Serialize};

pub use audit::{
    AuditConsistency, AuditExportChunk, AuditProof, AuditQuery, AuditRow, AuditVerification,
};
pub use flags::{
    FlagChoice, FlagDetail, FlagElsewhere, FlagHour, FlagQuery, FlagRevision, FlagRevisions,
    FlagRow, FlagSort, FlagUsage,
};
pub use holdouts::{HoldoutDetail, HoldoutRow, UnboundRule};
pub use import::{ImportPreview, ImportResult, ImportRow, ImportState};
pub use layers::{Layer, LayerPart};
pub use life::{RampPlace, SafeguardState, Seen};
pub use metrics::{
    CourseRow, DimensionSplit, MarginState, MetricDetail, MetricPoint, MetricResult, MetricValue,
    Quality, QuantilePoint, QuantileRow, ResultRow, Slice, SliceRow, SliceValue, Slices,
};
pub use notes::{CodePlace, CodeUse, Comment};
pub use overview::{Hurt, Overview, Wait};
pub use planning::{
    Detectable, Direction, Expected, GroupedSize, PlanQuery, PlannedSize, PowerPoint, SizePlan,
};
pub use qa::{QaLinkRow, QaLinks};
pub use recompute::{Recomputable, Recomputation, RecomputeStatus, Recounted};
pub use saved_groups::{
    GroupChoice, SavedGroupDetail, SavedGroupQuery, SavedGroupRevision, SavedGroupRevisions,
    SavedGroupRow, Use, UseKind,
};
pub use sdk_keys::{SdkKeyDetail, SdkKeyOnce};
pub use single::{ExperimentRevisions, Revision, SdkPayload, ShipFlag, ShipPlan};
pub use traffic::{
    AudienceEstimate, AudienceShare, AudienceStage, AudienceStep, Example, FlagAudience,
    HoldoutEstimate, Move, OtherChange, RuleAudience, TrafficWindow, VisitorRow, WhatIf,
};
pub use why::{
    FlagWhy, FlagWhyCompared, FlagWhyThen, SetBy, SnapshotRow, Why, WhyCompared, WhyThen,
};

/// One page of a list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Matching items in all.
    pub total: u64,
    /// From 1.
    pub page: u32,
    pub per_page: u32,
}

impl<T> Page<T> {
    /// The last page, when this one lies behind it.
    #[must_use]
    pub fn last_before(&self) -> Option<u32> {
        let pages = self.total.div_ceil(u64::from(self.per_page.max(1)));
        let last = u32::try_from(pages).unwrap_or(u32::MAX);
        (last > 0 && self.page > last).then_some(last)
    }
}

/// Filter, sort and page of the experiment list; all of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExperimentQuery {
    /// Part of id, name, team or hypothesis.
    pub q: String,
    pub status: Option<Status>,
    pub environment: Option<Environment>,
    pub sort: ExperimentSort,
    pub descending: bool,
    /// From 1; 0 counts as 1.
    pub page: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExperimentSort {
    #[default]
    Updated,
    Name,
    Status,
    Exposures,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExperimentRow {
    pub id: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    pub environment: Environment,
    pub status: Status,
    pub variants: u32,
    /// Of now: a ramp's step, or the whole.
    pub coverage_bp: u16,
    /// While a ramp goes on.
    pub ramp: Option<RampPlace>,
    /// When it starts by itself; only while it is scheduled.
    pub planned_ms: Option<i64>,
    pub exposures: u64,
    pub started_ms: Option<i64>,
    pub updated_ms: i64,
    /// The metric that decides; none: the conversion goal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// Verdict of the best treatment so far; none before any data.
    pub verdict: Option<Verdict>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Too few users to say anything.
    NotEnoughData,
    /// The interval includes zero.
    Unclear,
    Better,
    Worse,
    /// Users are not split as configured: results can't be trusted.
    BrokenSplit,
    /// Stopped because a variant hurt users.
    Harmful,
}

/// Everything the experiment's page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExperimentDetail {
    pub experiment: Experiment,
    pub results: Results,
    pub propagation: Propagation,
    /// What its environment asks of it.
    pub rules: EnvironmentRules,
    /// Keys of flags that a variant sets and that are off: every variant gives their off value.
    /// Empty when it has ended.
    #[serde(default)]
    pub flags_off: Vec<String>,
    /// Holdouts that it would join if it started now; empty once it has started.
    #[serde(default)]
    pub would_join: Vec<HeldBack>,
    /// Newest first, at most 50.
    pub history: Vec<AuditRow>,
    /// Newest first, at most 100.
    pub comments: Vec<Comment>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Results {
    pub verdict: Verdict,
    /// In the order of the experiment's variants, control first.
    pub variants: Vec<VariantResult>,
    /// Beside the conversion goal, in the experiment's order.
    pub metrics: Vec<MetricResult>,
    pub srm: Srm,
    pub quality: Quality,
    /// Every safeguard that is on, as it stands; harm first.
    pub safeguards: Vec<SafeguardState>,
    /// Users of the smallest variant that the plan asks for; of each variant see there.
    pub planned_users_per_variant: u64,
    /// Whole days until every variant has its planned users at the traffic of the last
    /// day up to now; none when they have, or while that can't be said.
    pub days_to_plan: Option<u64>,
    /// Every variant has its planned users; of a method with a planned end, its last look was
    /// taken. What is not clear now may be called inconclusive.
    pub plan_reached: bool,
    /// Of a method with a planned end.
    pub horizon: Option<HorizonProgress>,
    /// One point per bucket, oldest first, at most 120; lifts are those of the conversion goal.
    pub series: Vec<SeriesPoint>,
    /// The same of the metric that decides; empty where the goal does, and of a method that
    /// speaks at its looks only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub course: Vec<MetricPoint>,
    pub updated_ms: i64,
}

/// How far a method with a planned end has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HorizonProgress {
    /// Exposed users of all variants together at the planned end.
    pub planned_users: u64,
    pub users: u64,
    pub planned_looks: u16,
    /// Users at which the next look is due; none after the last.
    pub next_look_users: Option<u64>,
    /// Oldest first.
    pub looks: Vec<LookResult>,
}

/// What was to be seen at a look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LookResult {
    /// From 1. A look that was passed together with the next one is left out.
    pub look: u16,
    pub at_ms: i64,
    /// Exposed users of all variants together.
    pub users: u64,
    /// Of each treatment.
    pub lifts: Vec<Option<Lift>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantResult {
    pub key: String,
    pub name: String,
    pub exposures: u64,
    pub conversions: u64,
    /// Conversions per exposed user; none before the first exposure.
    pub rate: Option<f64>,
    /// Users with at least one error.
    pub errored_users: u64,
    pub error_rate: Option<f64>,
    /// Against the control; none for the control itself, before any data, and
    /// before the first look of a method that has looks.
    pub lift: Option<Lift>,
    /// By what share the time before the exposure makes the variance of the lift smaller;
    /// none of the control, and where the experiment doesn't ask for it.
    pub variance_reduced: Option<f64>,
    /// As many as the plan asks for by its weight; 0 when the plan can't be met.
    pub planned_users: u64,
    /// Progress of the guardrail test: stops at `guardrail_threshold`.
    pub guardrail_e_value: f64,
    pub guardrail_threshold: f64,
}

/// Lift with its interval by the experiment's method.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lift {
    /// The change as a share of the control's value without its sign; as `scale` says, the
    /// difference itself where that value is zero or hardly known.
    pub relative: f64,
    pub low: f64,
    pub high: f64,
    /// Of all three numbers.
    #[serde(default)]
    pub scale: Scale,
    /// Always-valid or of the one look, corrected as the interval is: at most the level just
    /// when the interval leaves zero out. None where the method has none.
    pub p_value: Option<f64>,
    /// Probability that the variant is better than the control; Bayesian only.
    pub chance_to_win: Option<f64>,
    pub verdict: Verdict,
}

impl Lift {
    /// Of what is never negative: nobody can lose more than everything, so neither can an
    /// interval. Cutting off what is impossible leaves its coverage as it was.
    pub(crate) const fn at_most_all_lost(mut self) -> Self {
        if self.scale.is_relative() {
            self.relative = self.relative.max(-1.0);
            self.low = self.low.max(-1.0);
            self.high = self.high.max(-1.0);
        }
        self
    }

    /// Of shares: no difference of two is larger than the whole.
    pub(crate) const fn of_shares(mut self) -> Self {
        if !self.scale.is_relative() {
            self.relative = self.relative.clamp(-1.0, 1.0);
            self.low = self.low.clamp(-1.0, 1.0);
            self.high = self.high.clamp(-1.0, 1.0);
        }
        self
    }

    /// Lift and ends for an axis of relative changes; none where it is absolute.
    #[must_use]
    pub fn charted(&self) -> Option<(f64, f64, f64)> {
        let parts = (self.relative, self.low, self.high);
        self.scale.is_relative().then_some(parts)
    }
}

/// Sample-ratio check, valid however often one looks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Srm {
    pub p_value: f64,
    pub alpha: f64,
    pub broken: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesPoint {
    pub at_ms: i64,
    /// Cumulative per variant, in the order of the experiment's variants.
    pub exposures: Vec<u64>,
    pub conversions: Vec<u64>,
    /// Relative lift of each treatment against control at that time, with its
    /// interval; none where there was no data or control's rate was zero. Order: treatments
    /// only.
    pub lifts: Vec<Option<(f64, f64, f64)>>,
}

/// How far the newest snapshot has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Propagation {
    /// Newest version committed; 0 before the first.
    pub version: u64,
    pub created_ms: Option<i64>,
    /// When Workers KV confirmed it; none while the intent is under way.
    pub published_ms: Option<i64>,
    /// Last failure of the publishing intent, if it is still trying.
    pub problem: Option<String>,
    pub gateways: Vec<GatewayRow>,
    /// This console's own pages for SDKs; none in a Worker, which keeps nothing.
    #[serde(default)]
    pub own_pages: Option<OwnPages>,
}

/// What the console's own pages for SDKs answer by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OwnPages {
    pub version: u64,
    /// Has the newest snapshot.
    pub current: bool,
    /// Streams that SDKs keep open.
    pub streams: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GatewayRow {
    pub id: String,
    pub environment: Environment,
    pub version: u64,
    pub seen_ms: i64,
    /// Has the newest snapshot.
    pub current: bool,
    /// Not heard of for 15 s.
    pub lost: bool,
    /// Streams that SDKs keep open there, as it said last; none where it keeps none.
    #[serde(default)]
    pub streams: Option<u32>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberRow {
    pub id: String,
    /// Address of a person, client id of a machine.
    pub email: String,
    pub machine: bool,
    pub disabled: bool,
    pub grants: Vec<Grant>,
    pub version: u64,
    pub created_ms: i64,
    pub last_seen_ms: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenRow {
    pub id: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_by: String,
    pub created_ms: i64,
    pub expires_ms: i64,
    pub last_used_ms: Option<i64>,
    pub revoked_ms: Option<i64>,
}

/// A new token: the only time its secret is shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenOnce {
    pub row: TokenRow,
    pub secret: String,
}

/// An action that waits for its step-up; shown before it is confirmed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingAction {
    pub id: String,
    pub request: PendingRequest,
    pub action_digest: String,
    pub expires_ms: i64,
}

/// The dangerous actions, whole, as they will be carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum PendingRequest {
    AddMember {
        email: String,
        machine: bool,
        grants: Vec<Grant>,
    },
    ChangeMember {
        id: String,
        email: String,
        version: u64,
        grants: Vec<Grant>,
        disabled: bool,
    },
    CreateToken {
        name: String,
        scopes: Vec<Scope>,
        expires_days: u32,
    },
}

/// A hit of the command palette.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hit {
    pub kind: HitKind,
    pub title: String,
    /// Where there may be one of the same name.
    pub environment: Option<Environment>,
    /// Which one: its id, key or address.
    pub detail: String,
    /// Of an experiment or a flag, as the API names it.
    pub status: Option<String>,
    /// Path within the console.
    pub href: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    Experiment,
    Flag,
    SavedGroup,
    SdkKey,
    Member,
    Token,
}

/// What a confirmed action made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Confirmed {
    Member(MemberRow),
    Token(TokenOnce),
}
