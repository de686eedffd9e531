//! A feature flag: a value that an application asks for by key, and the rules that switch it
//! for some users.

mod bound;
mod change;
mod draft;
mod fit;
mod life;
mod publish;
mod ship;
mod stale;
#[cfg(test)]
mod tests;

pub use change::{FlagChange, FlagPlace, changes};
pub use draft::{FlagDraft, MAX_RULES};
pub use fit::{schema_breaks_experiments, variants_that_do_not_fit};
pub use life::{FlagArchived, FlagCommand};
pub use publish::{flag_rule_as_planned, flag_rule_of, leave_out_those_off};
pub use ship::{Shipped, ship};
pub use stale::{STALE_MS, Stale, ValueSeen};

use nexus_flags::{BASIS_POINTS, Prerequisite, RampStep, Targeting, coverage_at};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Environment;
use crate::experiment::Schedule;
use crate::ids::FlagKey;

/// The whole state of a flag in one environment, as stored and digested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Flag {
    /// Unique in the environment; with the rules' ids the salt of who is in.
    pub key: FlagKey,
    pub environment: Environment,
    pub name: String,
    pub description: String,
    pub kind: FlagKind,
    /// What everybody gets whom no rule takes in: the off value.
    pub value: Value,
    /// JSON Schema that every value keeps to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// Meant to stay, as a kill switch is; otherwise it is to go some day.
    #[serde(default, skip_serializing_if = "is_false")]
    pub permanent: bool,
    /// When it is to go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_ms: Option<i64>,
    /// Off: everybody gets the off value, whatever the rules say.
    pub enabled: bool,
    /// Out of use: gateways do not know it.
    pub archived: bool,
    /// Tried in order; the first that takes the user in decides.
    pub rules: Vec<Rule>,
    /// Values of other flags without which no rule counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// Number of the next rule that brings no id: no id is given twice.
    pub next_rule: u32,
    /// Grows by one with every change; guards against silent overwrites.
    pub version: u64,
    pub created_ms: i64,
    pub created_by: String,
    pub updated_ms: i64,
    pub updated_by: String,
}

/// A value for some users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rule {
    /// Unique in the flag and part of the salt, so it stays with the rule wherever it moves.
    /// Empty in a draft: one is given.
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// Off: takes nobody in.
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default)]
    pub targeting: Targeting,
    /// Share of matching users who are taken in, in basis points (0 to 10,000).
    #[serde(default = "all")]
    pub coverage_bp: u16,
    /// Other shares from later moments on, in the order of time; at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ramp: Vec<RampStep>,
    /// What they get.
    pub value: Value,
    #[serde(default)]
    pub schedule: Schedule,
    /// Values of other flags without which it takes nobody in; at most 5.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// Ids of holdouts whose held-out it does not take in while they are in force; at most 6.
    /// A new rule gets the one that binds the flags of its environment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holdouts: Vec<String>,
    /// Why the holdout that binds the flags of its environment does not bind it; at most 200
    /// characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout_exemption: Option<String>,
}

impl Rule {
    /// A new rule that gives the value to everybody.
    #[must_use]
    pub fn for_everybody(value: Value) -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            description: String::new(),
            enabled: true,
            targeting: Targeting::default(),
            coverage_bp: BASIS_POINTS,
            ramp: Vec::new(),
            value,
            schedule: Schedule {
                timezone: "UTC".to_owned(),
                ..Schedule::default()
            },
            prerequisites: Vec::new(),
            holdouts: Vec::new(),
            holdout_exemption: None,
        }
    }

    /// The share of the matching users at a moment.
    #[must_use]
    pub fn coverage_at(&self, now_ms: i64) -> u16 {
        coverage_at(self.coverage_bp, &self.ramp, now_ms)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

const fn yes() -> bool {
    true
}

const fn all() -> u16 {
    BASIS_POINTS
}

/// What a flag's values are; fixed at creation, because applications rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagKind {
    Boolean,
    String,
    Number,
    /// Any JSON value.
    Json,
}

impl FlagKind {
    pub const ALL: [Self; 4] = [Self::Boolean, Self::String, Self::Number, Self::Json];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Number => "number",
            Self::Json => "json",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == text)
    }

    /// Whether the value is one of this kind.
    #[must_use]
    pub fn fits(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Json => true,
        }
    }
}

/// What lists filter by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlagStatus {
    On,
    Off,
    Archived,
}

impl FlagStatus {
    pub const ALL: [Self; 3] = [Self::On, Self::Off, Self::Archived];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Archived => "archived",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

impl Flag {
    #[must_use]
    pub const fn status(&self) -> FlagStatus {
        match (self.archived, self.enabled) {
            (true, _) => FlagStatus::Archived,
            (false, true) => FlagStatus::On,
            (false, false) => FlagStatus::Off,
        }
    }

    /// How the audit log names it: keys repeat between environments.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.environment, self.key)
    }

    /// Digest of the canonical state, for the audit log.
    #[must_use]
    pub fn digest(&self) -> String {
        // The maps of a flag have text keys only, so writing can't fail.
        crate::digest::of(self).unwrap_or_default()
    }
}
