//! What rules would do with the visitors of the last day.

use nexus_domain::Environment;
use nexus_flags::{CountryCode, Device};
use serde::{Deserialize, Serialize};

use super::Use;

/// The time that an answer is about, and who came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrafficWindow {
    pub environment: Environment,
    /// At most 24 hours ago; later where gateways have sampled for a shorter time.
    pub from_ms: i64,
    pub until_ms: i64,
    /// Everybody who came.
    pub all: AudienceShare,
}

impl TrafficWindow {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.all.sampled == 0
    }

    /// Too few to say more than roughly how it is.
    #[must_use]
    pub const fn is_small(&self) -> bool {
        self.all.sampled < 100
    }

    /// Of the day before now, in hours.
    #[must_use]
    pub fn hours(&self) -> f64 {
        (self.until_ms - self.from_ms) as f64 / 3_600_000.0
    }
}

/// A part of the visitors. Intervals are of 95 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceShare {
    /// Of the sample.
    pub sampled: u32,
    /// Of everybody who came.
    pub share: f64,
    pub low: f64,
    pub high: f64,
    /// About how many visitors these are.
    pub visitors: u64,
    pub fewest: u64,
    pub most: u64,
}

/// What visitors must pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AudienceStage {
    /// The targeting matches.
    Targeting,
    /// Of a flag's rule: no rule above takes them in.
    Above,
    /// In the experiment's part of its layer.
    Layer,
    /// Held out by no holdout.
    Holdout,
    /// Other flags have the values that are asked for.
    Prerequisites,
    /// Within the coverage.
    Coverage,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceStep {
    pub stage: AudienceStage,
    /// Who has passed it and all before.
    pub left: AudienceShare,
}

/// Who would take part in an experiment if it ran now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AudienceEstimate {
    pub window: TrafficWindow,
    /// In the order in which they are asked; the last one's are those who take part.
    pub steps: Vec<AudienceStep>,
    /// Who takes part in a day, by the window's length; absent for less than an hour.
    pub per_day: Option<u64>,
    /// All users that the plan asks for; absent where no number is enough.
    pub planned_users: Option<u64>,
    /// Days until then if everybody of a day is new; who comes again makes it longer.
    pub days: Option<u64>,
    /// Attributes that the conditions name and no visitor in the sample has.
    pub unseen_attributes: Vec<String>,
}

/// Whom each rule of a flag would take in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagAudience {
    pub window: TrafficWindow,
    pub rules: Vec<RuleAudience>,
    pub unseen_attributes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleAudience {
    /// The last one's are those who get the rule's value.
    pub steps: Vec<AudienceStep>,
}

/// What users of the last hour would get if a change went live; of the last 24 hours where
/// the hour has too few.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhatIf {
    pub window: TrafficWindow,
    /// Who would get something else. In an experiment taking no part is as its control, and the
    /// values of its flags count.
    pub changed: AudienceShare,
    /// Who gets what, and what they would get: changes first, the largest first; at most 50.
    /// None of a saved group, which gives nobody anything by itself.
    pub moves: Vec<Move>,
    /// Flags and experiments that ask for this one's value, or name the saved group, and would
    /// change for somebody.
    pub others: Vec<OtherChange>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Move {
    /// A variant's key or a value's JSON; null for whoever takes no part.
    pub from: Option<String>,
    pub to: Option<String>,
    pub users: AudienceShare,
    /// Some of them; none unless the caller may edit.
    pub examples: Vec<Example>,
}

impl Move {
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.from != self.to
    }
}

/// A visitor of the sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Example {
    pub unit: String,
    pub country: Option<CountryCode>,
    pub device: Device,
    /// Names and values.
    pub attributes: Vec<(String, String)>,
}

/// A visitor of the sample, to ask about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorRow {
    pub seen_ms: i64,
    pub who: Example,
}

/// Something else that would change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OtherChange {
    /// A flag's key or an experiment's id.
    pub id: String,
    pub is_flag: bool,
    pub users: AudienceShare,
}

/// Whom a holdout would leave out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldoutEstimate {
    pub window: TrafficWindow,
    pub held_out: AudienceShare,
    /// Experiments that have not started and would leave them out.
    pub waiting: Vec<Use>,
}
