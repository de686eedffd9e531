//! Saved groups.

use nexus_domain::Environment;
use nexus_domain::saved_group::{GroupKind, SavedGroup};
use serde::{Deserialize, Serialize};

use super::{AuditRow, Propagation};

/// Filter and page of the list of saved groups; all of it is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroupQuery {
    /// Part of id, name or description.
    pub q: String,
    pub environment: Option<Environment>,
    /// The archived ones instead of the others.
    pub archived: bool,
    /// From 1; 0 counts as 1.
    pub page: u32,
}

/// One line of the list.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroupRow {
    pub environment: Environment,
    pub id: String,
    pub name: String,
    pub kind: GroupKind,
    /// Of a list.
    pub attribute: Option<String>,
    /// How many values a list has.
    pub size: Option<u64>,
    pub archived: bool,
    pub version: u64,
    pub updated_ms: i64,
    pub updated_by: String,
}

/// A group that a condition may name, or names still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupChoice {
    pub id: String,
    pub name: String,
    pub kind: GroupKind,
    pub archived: bool,
}

/// Everything the group's page shows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroupDetail {
    pub group: SavedGroup,
    /// What names it: it can't be archived meanwhile.
    pub used_by: Vec<Use>,
    pub propagation: Propagation,
    /// Newest first, at most 50.
    pub history: Vec<AuditRow>,
}

/// Something of the environment that needs something else of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Use {
    pub kind: UseKind,
    /// Key of a flag, id of anything else.
    pub id: String,
    pub name: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UseKind {
    Flag,
    Experiment,
    SavedGroup,
}

impl Use {
    /// As `flag checkout`.
    #[must_use]
    pub fn said(&self) -> String {
        let kind = match self.kind {
            UseKind::Flag => "flag",
            UseKind::Experiment => "experiment",
            UseKind::SavedGroup => "saved group",
        };
        format!("{kind} {}", self.id)
    }
}

/// Every state a group ever had.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroupRevisions {
    pub current: SavedGroup,
    /// Newest first, at most 50.
    pub revisions: Vec<SavedGroupRevision>,
}

/// One state, and what made it as far as the reader may know.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroupRevision {
    pub version: u64,
    pub at_ms: i64,
    pub change: Option<AuditRow>,
}
