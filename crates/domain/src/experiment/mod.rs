//! An experiment: what it compares, for whom, and when it must stop.

mod correction;
mod dimension;
mod draft;
mod fixed;
mod layer;
mod life;
mod method;
mod metric;
mod publish;
mod ramp;
mod remeasure;
mod review;
mod role;
mod safeguard;
#[cfg(test)]
mod tests;
mod widen;

pub use correction::Correction;
pub use dimension::{Dimension, Seen};
pub use draft::{Draft, DraftVariant, MAX_VARIANTS};
pub use layer::{LayerShare, free_parts};
pub use life::{Command, Missed, Refused, TABLE, Verb};
pub use method::{Horizon, Method};
pub use metric::{
    Among, Better, Counted, MAX_METRICS, MAX_PRE_DAYS, MAX_VALUE, Metric, MetricKind,
};
pub use publish::{rule_as_planned, rule_of};
pub use ramp::{CoverageStep, MAX_STEPS, Ramping, STEP_MINUTES};
pub use review::{Review, ReviewAnswer};
pub use role::{MetricRole, primary};
pub use safeguard::{
    Evidence, GuardrailEvidence, MaxLatency, MinConversion, Safeguards, Scale, SplitShare,
};

use std::ops::RangeInclusive;

use nexus_flags::{Prerequisite, Targeting};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::holdout::HeldBack;
use crate::ids::ExperimentId;
use crate::{Environment, Field, FieldProblem, Problem};

/// Of the goal, in digests.
const FIRST_NAMES: [(&str, &str); 3] = [
    ("goal", "primary_metric"),
    ("goal_window_hours", "primary_window_hours"),
    ("goal_pre_days", "primary_pre_days"),
];

/// The whole state of an experiment, as stored and digested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Experiment {
    pub id: ExperimentId,
    pub environment: Environment,
    pub name: String,
    pub hypothesis: String,
    /// Whose it is: it joined the holdouts of that team at its start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The first is the control. Two or more.
    pub variants: Vec<Variant>,
    /// Share of matching users who take part, in basis points (0 to 10,000).
    pub coverage_bp: u16,
    /// Smaller shares on the way there, each held for a while; empty: all at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ramp: Vec<CoverageStep>,
    pub targeting: Targeting,
    /// Its part of a layer, whose experiments share no users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<LayerShare>,
    /// Values of flags without which nobody takes part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// The holdout that it joins at its start, beside the global one and its team's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout: Option<String>,
    /// What it leaves out because of holdouts; found at the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldBack>,
    pub schedule: Schedule,
    /// Name of the conversion goal: it decides, unless one of the metrics does.
    #[serde(alias = "primary_metric")]
    pub goal: String,
    /// Hours after the exposure until which it counts; none: until the end.
    #[serde(
        default,
        alias = "primary_window_hours",
        skip_serializing_if = "Option::is_none"
    )]
    pub goal_window_hours: Option<u32>,
    /// Whole days (UTC) before the day of the exposure: whether somebody converted in them
    /// already reduces the variance (CUPED); 0 to 28, 0 for none.
    #[serde(
        default,
        alias = "primary_pre_days",
        skip_serializing_if = "metric::is_zero"
    )]
    pub goal_pre_days: u16,
    /// What stops it by itself.
    pub guardrail: Safeguards,
    /// Two-sided significance level of the verdict (0.05 by default).
    pub significance: f64,
    /// What the experiment was sized for.
    pub plan: Plan,
    /// How the result is judged; absent: always valid.
    #[serde(default, skip_serializing_if = "Method::is_default")]
    pub method: Method,
    /// How the comparisons of secondary metrics are corrected; absent: Holm.
    #[serde(default, skip_serializing_if = "Correction::is_default")]
    pub correction: Correction,
    /// What is measured beside the conversion goal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    pub status: Status,
    /// Salt of the assignment; fixed at creation.
    pub seed: String,
    /// Grows by one with every change; guards against silent overwrites.
    pub version: u64,
    pub created_ms: i64,
    pub created_by: String,
    pub updated_ms: i64,
    pub started_ms: Option<i64>,
    pub stopped_ms: Option<i64>,
    pub stop: Option<Stop>,
    /// The step of the ramp it is at, or was when it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ramping: Option<Ramping>,
    /// Whether another person has looked at it; gone with every edit before the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// Whoever changed it since it was made or last approved: none of them approves it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Why its planned start came to nothing; until somebody plans or starts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<Missed>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusion: Option<Conclusion>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Variant {
    pub key: String,
    pub name: String,
    /// Share of the participants in basis points; all add up to 10,000.
    pub weight_bp: u16,
    /// Feature payload handed to the application.
    pub features: Map<String, Value>,
    /// Which deployment serves it; none means the gateway's default.
    pub deployment: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// When it is to start, once it is scheduled. Of an experiment that was started before
    /// there were planned starts: when assignment begins.
    pub start_ms: Option<i64>,
    /// The experiment stops by itself.
    pub end_ms: Option<i64>,
    /// IANA name in which people typed and read the two times.
    pub timezone: String,
}

impl Schedule {
    /// What keeps it from being a plan for a start.
    #[must_use]
    pub fn problems_of_plan(&self, now_ms: i64) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        match self.start_ms {
            None => note(Field::StartAt, Problem::Required),
            Some(start_ms) if start_ms <= now_ms => note(Field::StartAt, Problem::InThePast),
            Some(start_ms) => {
                if self.end_ms.is_some_and(|end_ms| end_ms <= start_ms) {
                    note(Field::EndAt, Problem::EndBeforeStart);
                }
            }
        }
        if self.timezone.len() > draft::MAX_TIMEZONE {
            note(Field::Timezone, Problem::UnknownTimezone);
        }
        found
    }
}

/// Baseline and effect from which the sample size follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Plan {
    /// Expected rate of the control, in basis points: of what decides, where that is a share.
    pub baseline_bp: u16,
    /// Smallest relative lift worth finding, in the direction that is better, in basis points
    /// (1,000 = +10 %, or -10 % where lower is better).
    pub minimum_effect_bp: u16,
}

impl Plan {
    /// The effects that can be planned for. What was typed larger than fits saturates above it.
    pub const EFFECTS_BP: RangeInclusive<u16> = 1..=65_500;
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            baseline_bp: 1_000,
            minimum_effect_bp: 1_000,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    /// Another person is to look at it.
    InReview,
    /// Another person has approved it as it is.
    Approved,
    /// Starts by itself at a planned time.
    Scheduled,
    Running,
    Paused,
    /// Ended; nobody has said yet what came of it.
    Stopped,
    Decided,
    Archived,
}

impl Status {
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::InReview,
        Self::Approved,
        Self::Scheduled,
        Self::Running,
        Self::Paused,
        Self::Stopped,
        Self::Decided,
        Self::Archived,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::InReview => "in_review",
            Self::Approved => "approved",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Decided => "decided",
            Self::Archived => "archived",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// Everything can still change.
    #[must_use]
    pub const fn is_before_start(self) -> bool {
        matches!(
            self,
            Self::Draft | Self::InReview | Self::Approved | Self::Scheduled
        )
    }

    /// Whether the gateway must know the experiment.
    #[must_use]
    pub const fn at_the_edge(self) -> bool {
        matches!(self, Self::Running | Self::Paused)
    }
}

/// What came of an experiment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conclusion {
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What was learned, for whoever asks the same in a year.
    pub learned: String,
    pub by: String,
    pub at_ms: i64,
    /// Keys of the flags that winners were rolled out as, also by an earlier decision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
}

/// The decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Everybody is to get this variant; not the control.
    Ship {
        variant: String,
    },
    KeepControl,
    Inconclusive,
}

/// Why an experiment ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "cause")]
pub enum Stop {
    /// A person or script stopped it.
    Command { by: String, reason: String },
    /// The schedule's end was reached.
    Schedule,
    /// Too many users of a variant met errors; the numbers that decided.
    Guardrail(GuardrailEvidence),
    /// Another safeguard; the numbers that decided.
    Safeguard(Evidence),
}

impl Stop {
    /// Errors keep the form they were stored in before there were other safeguards.
    fn by_safeguard(evidence: Evidence) -> Self {
        match evidence {
            Evidence::Errors(evidence) => Self::Guardrail(evidence),
            other => Self::Safeguard(other),
        }
    }

    /// The numbers of an automatic stop.
    #[must_use]
    pub fn evidence(&self) -> Option<Evidence> {
        match self {
            Self::Guardrail(evidence) => Some(Evidence::Errors(evidence.clone())),
            Self::Safeguard(evidence) => Some(evidence.clone()),
            Self::Command { .. } | Self::Schedule => None,
        }
    }
}

impl Experiment {
    /// The conversion goal as the metrics are counted, where it has a window or asks for the
    /// time before the exposure; else none. It has no key.
    #[must_use]
    pub fn goal_measured(&self) -> Option<Metric> {
        let asks = self.goal_window_hours.is_some() || self.goal_pre_days > 0;
        asks.then(|| Metric {
            event: self.goal.clone(),
            window_hours: self.goal_window_hours,
            pre_days: self.goal_pre_days,
            ..Metric::default()
        })
    }

    /// How its secondary metrics are corrected; none where it has none or its method knows no
    /// p-values.
    #[must_use]
    pub fn corrected_by(&self) -> Option<Correction> {
        let mut metrics = self.metrics.iter();
        let has_secondary = metrics.any(|metric| metric.role == MetricRole::Secondary);
        (has_secondary && self.method.has_p_values()).then_some(self.correction)
    }

    /// It ran once and never will again.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.stopped_ms.is_some()
    }

    #[must_use]
    pub fn control(&self) -> Option<&Variant> {
        self.variants.first()
    }

    #[must_use]
    pub fn variant(&self, key: &str) -> Option<&Variant> {
        self.variants.iter().find(|v| v.key == key)
    }

    /// Digest of the canonical state, for the audit log.
    #[must_use]
    pub fn digest(&self) -> String {
        // The maps of an experiment have text keys only, so writing can't fail.
        crate::digest::under_first_names(self, &FIRST_NAMES).unwrap_or_default()
    }
}
