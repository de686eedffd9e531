//! A saved group: a list of ids or a condition under a name, shared by many conditions.

mod change;
mod draft;
mod expand;
mod life;
#[cfg(test)]
mod tests;

pub use change::{MOST_SHOWN, SavedGroupChanges, changes};
pub use draft::{MAX_BYTES, MAX_VALUES, SavedGroupDraft, check_room};
pub use expand::{Expanded, Groups, groups_named};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Environment;
use crate::ids::SavedGroupId;

/// The whole state of a saved group in one environment, as stored and digested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedGroup {
    /// Unique in the environment; conditions name it.
    pub id: SavedGroupId,
    pub environment: Environment,
    pub name: String,
    pub description: String,
    #[serde(flatten)]
    pub content: GroupContent,
    /// Out of use: no condition may name it.
    pub archived: bool,
    /// Grows by one with every change; guards against silent overwrites.
    pub version: u64,
    pub created_ms: i64,
    pub created_by: String,
    pub updated_ms: i64,
    pub updated_by: String,
}

/// Who is in a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum GroupContent {
    /// Whoever's attribute is one of the values.
    List {
        /// `id` (the user), `country`, `device` or one that applications send.
        attribute: String,
        /// Each once, at most 100,000.
        values: Vec<String>,
    },
    /// Whoever fits a condition; it may name other groups.
    Condition {
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        condition: Value,
    },
}

/// Which of the two it is; fixed at creation, because conditions name the two differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    List,
    Condition,
}

impl GroupKind {
    pub const ALL: [Self; 2] = [Self::List, Self::Condition];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Condition => "condition",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

impl GroupContent {
    #[must_use]
    pub const fn kind(&self) -> GroupKind {
        match self {
            Self::List { .. } => GroupKind::List,
            Self::Condition { .. } => GroupKind::Condition,
        }
    }

    /// How many values a list has; none of a condition.
    #[must_use]
    pub const fn size(&self) -> Option<usize> {
        match self {
            Self::List { values, .. } => Some(values.len()),
            Self::Condition { .. } => None,
        }
    }
}

impl SavedGroup {
    /// How the audit log names it: ids repeat between environments.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.environment, self.id)
    }

    /// Digest of the canonical state, for the audit log.
    #[must_use]
    pub fn digest(&self) -> String {
        // The maps of a group have text keys only, so writing can't fail.
        crate::digest::of(self).unwrap_or_default()
    }
}
