//! Why somebody gets what: now, and by snapshots that were published.

use nexus_domain::experiment::Experiment;
use nexus_domain::flag::Flag;
use nexus_flags::{ExperimentRule, Explanation, FlagExplanation, FlagRule, SliceRule};
use serde::Serialize;
use serde_json::Value;

use super::AuditRow;

/// Why an experiment treats somebody as it does.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Why {
    pub experiment: Experiment,
    /// What the steps about slices are about.
    pub slices: Vec<SliceRule>,
    pub explanation: Explanation,
    /// Keys of flags that a variant sets and that are off; empty when the experiment has ended.
    pub flags_off: Vec<String>,
}

/// Why a flag gives somebody what.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagWhy {
    pub flag: Flag,
    /// Null where no running experiment sets it for them.
    pub set_by: Option<SetBy>,
    pub explanation: FlagExplanation,
    /// Of each rule: whom its holdouts leave.
    pub slices: Vec<Vec<SliceRule>>,
}

/// A running experiment that gives somebody its value of a flag, before any rule.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetBy {
    pub experiment: String,
    pub variant: String,
    pub value: Value,
}

/// A snapshot that is kept.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SnapshotRow {
    pub version: u64,
    pub created_ms: i64,
    /// Null while it is on its way, and of one that a newer one overtook.
    pub published_ms: Option<i64>,
    /// What made it, as far as the reader may know.
    pub change: Option<AuditRow>,
}

/// The same question to two snapshots.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhyCompared {
    pub experiment: Experiment,
    pub from: WhyThen,
    pub to: WhyThen,
}

/// What one snapshot says of an experiment.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WhyThen {
    /// Null: what would be published next.
    pub snapshot: Option<SnapshotRow>,
    /// Null where the experiment is not in it, and where there is a problem.
    pub rule: Option<ExperimentRule>,
    pub explanation: Option<Explanation>,
    /// Why no gateway would obey it, so it is not asked.
    pub problem: Option<String>,
}

/// The same question to two snapshots.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagWhyCompared {
    pub flag: Flag,
    pub from: FlagWhyThen,
    pub to: FlagWhyThen,
}

/// What one snapshot says of a flag.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FlagWhyThen {
    /// Null: what would be published next.
    pub snapshot: Option<SnapshotRow>,
    /// Null where the flag is not in it, and where there is a problem.
    pub rule: Option<FlagRule>,
    pub explanation: Option<FlagExplanation>,
    /// Null where no experiment sets it for them.
    pub set_by: Option<SetBy>,
    /// Why no gateway would obey it, so it is not asked.
    pub problem: Option<String>,
}

impl WhyThen {
    /// Key of the variant that the user gets; none outside of the experiment.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        let position = self.explanation.as_ref()?.variant?;
        let variant = self.rule.as_ref()?.variants.get(position as usize)?;
        Some(&variant.key)
    }
}

impl FlagWhyThen {
    /// What the user gets; none where there is no such flag.
    #[must_use]
    pub fn value(&self) -> Option<&serde_json::Value> {
        let rule = self.rule.as_ref()?;
        let decided = self.explanation.as_ref()?.decided;
        let step = decided.and_then(|position| rule.rules.get(position as usize));
        Some(step.map_or(&rule.value, |step| &step.value))
    }
}
