//! Feature flags.

use nexus_domain::Environment;
use nexus_domain::flag::{Flag, FlagKind, FlagStatus, Stale, ValueSeen};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AuditRow, CodeUse, Comment, Propagation, Use};

/// Filter, sort and page of the list of flags; all of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagQuery {
    /// Part of key, name or description.
    pub q: String,
    /// None: all that are not archived.
    pub status: Option<FlagStatus>,
    pub environment: Option<Environment>,
    pub kind: Option<FlagKind>,
    /// Only those whose time is over.
    pub stale: bool,
    pub sort: FlagSort,
    pub descending: bool,
    /// From 1; 0 counts as 1.
    pub page: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagSort {
    #[default]
    Updated,
    Name,
    Status,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagRow {
    pub key: String,
    pub environment: Environment,
    pub name: String,
    pub kind: FlagKind,
    pub status: FlagStatus,
    /// The off value.
    pub value: Value,
    /// What its rules give, each value once, at most 4.
    pub given: Vec<Value>,
    pub rules: u32,
    /// When a gateway last gave it to somebody.
    pub evaluated_ms: Option<i64>,
    pub version: u64,
    pub updated_ms: i64,
    pub updated_by: String,
}

/// A flag that something may need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagChoice {
    pub key: String,
    pub name: String,
    pub kind: FlagKind,
}

/// Everything the flag's page shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagDetail {
    pub flag: Flag,
    pub propagation: Propagation,
    /// Newest first, at most 50.
    pub history: Vec<AuditRow>,
    /// The same key in other environments.
    pub elsewhere: Vec<FlagElsewhere>,
    /// What needs it: it can't be archived meanwhile.
    pub needed_by: Vec<Use>,
    /// Experiments that run and set it: they win over its rules while it is on.
    pub set_by: Vec<Use>,
    pub usage: FlagUsage,
    /// Where code asks for it, by repository.
    pub code: Vec<CodeUse>,
    /// Newest first, at most 100.
    pub comments: Vec<Comment>,
}

/// What a flag gave, as gateways count it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagUsage {
    /// At most 50, the latest first.
    pub values: Vec<ValueSeen>,
    /// Of the last seven days, where there was something.
    pub hours: Vec<FlagHour>,
    /// Why it can go.
    pub stale: Option<Stale>,
}

/// How often it gave a value in an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagHour {
    pub from_ms: i64,
    pub value: String,
    pub count: u64,
}

/// The same key in another environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagElsewhere {
    pub environment: Environment,
    pub status: FlagStatus,
    pub version: u64,
    /// Its settings are the same; whether it is on aside.
    pub same: bool,
    /// When a gateway last gave it to somebody.
    pub evaluated_ms: Option<i64>,
}

/// Every state a flag ever had.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagRevisions {
    pub current: Flag,
    /// Newest first, at most 200.
    pub revisions: Vec<FlagRevision>,
}

/// One state, and what made it as far as the reader may know.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagRevision {
    pub flag: Flag,
    pub change: Option<AuditRow>,
}
