//! What is wrong with an input, as data: the app words it in the reader's
//! language, the API in English. A problem never repeats the whole input.

use nexus_flags::growthbook::ConditionFault;
use serde::{Deserialize, Serialize};

pub(crate) use crate::range::out_of_range;
pub use crate::schema::{KeywordFault, SchemaFault};
use crate::sdk_key::OriginFault;

/// One thing wrong at one place of an input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    pub field: Field,
    pub problem: Problem,
}

impl FieldProblem {
    #[must_use]
    pub const fn new(field: Field, problem: Problem) -> Self {
        Self { field, problem }
    }
}

/// Where: the place in the form or the JSON body. In the order of the forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "at", content = "index")]
pub enum Field {
    Name,
    Id,
    /// Of a flag, as an id elsewhere.
    Key,
    Email,
    Hypothesis,
    /// Whose an experiment is, or whose experiments join a holdout.
    Team,
    Environment,
    Kind,
    Value,
    Description,
    Schema,
    DueAt,
    Variants,
    /// The n-th variant, from 0.
    VariantKey(u16),
    VariantName(u16),
    VariantWeight(u16),
    VariantFeatures(u16),
    VariantDeployment(u16),
    /// Of the variants, all together.
    Weights,
    Coverage,
    /// The steps on the way to the coverage.
    Ramp,
    Countries,
    Devices,
    Attributes,
    /// The n-th attribute rule, from 0.
    Attribute(u16),
    Condition,
    /// Values of flags that must hold.
    Prerequisites,
    Layer,
    LayerShare,
    /// Of an experiment: the holdout that it names.
    Holdout,
    HoldoutShare,
    Goal,
    GoalWindow,
    GoalPreDays,
    Baseline,
    MinimumEffect,
    Significance,
    Method,
    PlannedUsers,
    Looks,
    PriorSd,
    Power,
    /// Of the comparisons of secondary metrics.
    Correction,
    /// The metrics beside the conversion goal.
    Metrics,
    /// The n-th of them, from 0.
    Metric(u16),
    MetricMargin(u16),
    MetricSpread(u16),
    MetricCap(u16),
    MetricDays(u16),
    MetricOver(u16),
    MetricLevel(u16),
    MetricEvent(u16),
    MetricWindow(u16),
    MetricPreDays(u16),
    /// What stops an experiment by itself, all together.
    Safeguards,
    MaxErrorRate,
    MaxLatency,
    SlowShare,
    MinConversion,
    ConversionHours,
    StopOnVerdict,
    MinHours,
    StartAt,
    EndAt,
    Timezone,
    Rules,
    /// The n-th rule of a flag, from 0.
    RuleId(u16),
    RuleName(u16),
    RuleValue(u16),
    RuleCoverage(u16),
    RuleCountries(u16),
    RuleDevices(u16),
    RuleAttributes(u16),
    RuleCondition(u16),
    RulePrerequisites(u16),
    RuleHoldouts(u16),
    RuleHoldoutExemption(u16),
    RuleStartAt(u16),
    RuleEndAt(u16),
    RuleTimezone(u16),
    RuleRamp(u16),
    RuleDescription(u16),
    Mean,
    StandardDeviation,
    UsersPerDay,
    VarianceReduction,
    /// Of links for testers.
    QaPage,
    QaHours,
    QaOnly,
    /// Of a saved group.
    GroupAttribute,
    GroupValues,
    /// The saved groups that an environment's conditions name, together.
    SavedGroups,
    /// Web origins of an SDK key.
    Origins,
    /// The n-th of them, from 0.
    Origin(u16),
    /// The SDK keys of an environment together.
    SdkKeys,
    /// A file that is imported.
    File,
    Comment,
    /// Of an upload of places in code.
    Repository,
    Revision,
    Link,
    References,
    /// The n-th of them, from 0.
    Reference(u16),
    Reason,
    /// The look of another person at it.
    Review,
    /// Days for which raw events are kept.
    RawDays,
    /// What experiments are counted anew from.
    RawEvents,
    Roles,
    Scopes,
    ExpiresIn,
}

impl Field {
    /// The list that it is a part of, and in which row, from 0.
    #[must_use]
    pub const fn row(self) -> Option<(Self, u16)> {
        match self {
            Self::VariantKey(i)
            | Self::VariantName(i)
            | Self::VariantWeight(i)
            | Self::VariantFeatures(i)
            | Self::VariantDeployment(i) => Some((Self::Variants, i)),
            Self::Metric(i)
            | Self::MetricMargin(i)
            | Self::MetricSpread(i)
            | Self::MetricCap(i)
            | Self::MetricDays(i)
            | Self::MetricOver(i)
            | Self::MetricLevel(i)
            | Self::MetricEvent(i)
            | Self::MetricWindow(i)
            | Self::MetricPreDays(i) => Some((Self::Metrics, i)),
            Self::RuleId(i)
            | Self::RuleName(i)
            | Self::RuleDescription(i)
            | Self::RuleValue(i)
            | Self::RuleCoverage(i)
            | Self::RuleRamp(i)
            | Self::RuleCountries(i)
            | Self::RuleDevices(i)
            | Self::RuleAttributes(i)
            | Self::RuleCondition(i)
            | Self::RuleStartAt(i)
            | Self::RuleEndAt(i)
            | Self::RuleTimezone(i)
            | Self::RulePrerequisites(i)
            | Self::RuleHoldouts(i)
            | Self::RuleHoldoutExemption(i) => Some((Self::Rules, i)),
            _ => None,
        }
    }

    /// The same place in the n-th rule of a flag.
    #[must_use]
    pub const fn of_rule(self, i: u16) -> Self {
        match self {
            Self::Countries => Self::RuleCountries(i),
            Self::Devices => Self::RuleDevices(i),
            Self::Condition => Self::RuleCondition(i),
            Self::Prerequisites => Self::RulePrerequisites(i),
            _ => Self::RuleAttributes(i),
        }
    }
}

/// What: stable codes; the numbers are what the wording needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum Problem {
    Required,
    /// Not a slug: a-z, 0-9, `-`, `_`, beginning with a letter, at most 64.
    NotSlug,
    /// Not of letters, digits, `.`, `-` and `_` beginning with a letter or digit, or too long.
    NotFlagKey,
    TooLong {
        max: u32,
    },
    TooMany {
        max: u32,
    },
    TooFew {
        min: u32,
    },
    /// Outside a closed range, in the field's own unit (basis points as percent text).
    OutOfRange {
        min: String,
        max: String,
    },
    Taken,
    Duplicate,
    /// Another metric decides already.
    OneDecides,
    /// A retention counts on its own days: it has no window besides.
    HasItsOwnDays,
    /// The time before the exposure adjusts means and shares, no quantiles.
    NotOfQuantiles,
    /// The weights must add up to 100 %.
    WeightsSum {
        sum_bp: u32,
    },
    NotJsonObject {
        detail: String,
    },
    NotJson {
        detail: String,
    },
    /// The value of a flag is not of its kind.
    NotOfKind {
        kind: String,
    },
    /// A file of no system that flags are taken from.
    NotAnExport,
    /// No address that begins with `https://` or `http://`.
    NotALink,
    /// No JSON Schema that is understood; the place says where.
    BadSchema {
        place: String,
        fault: KeywordFault,
    },
    /// The value breaks its schema; the detail says where and how, in English.
    BreaksSchema {
        detail: String,
        /// Experiment and variant, as `cta/treatment`, where it is a variant's value that breaks
        /// the schema of the field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        variant: Option<String>,
        /// The same as data: the first five at most.
        faults: Vec<SchemaFault>,
        /// So many faults follow, of the first hundred.
        #[serde(default)]
        more: u32,
    },
    /// A permanent flag is not to go.
    OnlyForTemporary,
    /// Rows of a condition that say nothing yet.
    Incomplete,
    /// A condition that means nothing; the detail says where and why, in English.
    BadCondition {
        detail: String,
        /// The same as data. Absent in what was stored before there was it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fault: Option<ConditionFault>,
    },
    /// A condition names a saved group that it may not name.
    Group {
        /// Where, as `condition.$or[1].id.$inGroup`.
        place: String,
        /// The group; of a circle all groups on it, in order.
        group: String,
        fault: GroupFault,
    },
    /// It takes more bytes than it may.
    TooLarge {
        bytes: u32,
        max: u32,
    },
    /// The line with this number is longer than `max` characters or has control characters.
    NotAValue {
        line: u32,
        max: u32,
    },
    /// It is in use: by what, in words such as `flag checkout, experiment cta`.
    InUse {
        by: String,
    },
    /// The environment has a holdout of all its experiments in force already.
    OneGlobalHoldout,
    /// The team has a holdout in force in the environment already.
    OneTeamHoldout,
    /// Only a holdout of a team's experiments has a team.
    OfNoTeam,
    /// Flags need each other in a circle, which is `path`.
    FlagCircle {
        path: String,
    },
    /// Flags need each other over more levels than `max`.
    TooManyLevels {
        max: u32,
    },
    /// There is no such flag in the environment, or it is archived.
    NoSuchFlag {
        flag: String,
    },
    /// Only texts, numbers and truth values can be compared.
    NotComparable,
    /// Values lie within each other more often than `max` times.
    TooDeep {
        max: u32,
    },
    /// The largest part of the layer that is free, in basis points.
    LayerFull {
        free_bp: u16,
    },
    NotANumber,
    /// No whole number in a closed range.
    NotWhole {
        min: String,
        max: String,
    },
    UnknownCountry {
        code: String,
    },
    UnknownTimezone,
    NotATime,
    /// The local time does not exist or is ambiguous in that timezone.
    TimeSkipped,
    EndBeforeStart,
    /// Each must be later than the one before.
    Unordered,
    /// Each step must be larger than the one before, and smaller than the whole.
    NotGrowing,
    /// The step with this number, from 1, is none of a ramp: a share with how long it is held, or
    /// with the time from when on.
    NotAStep {
        line: u32,
        why: StepFault,
    },
    /// The last step, with this number, names what follows the steps by itself.
    CoverageFollows {
        line: u32,
        coverage_bp: u16,
    },
    /// The steps are counted from a start, and none is given.
    NoStart,
    InThePast,
    /// Nobody approves their own work.
    OwnWork,
    /// The environment asks for an approval before the start.
    ReviewNeeded,
    /// The environment keeps no raw events.
    NoRawEvents,
    /// Raw events are kept since then only, but counting anew needs them from `from_ms` on.
    RawEventsSince {
        since_ms: i64,
        from_ms: i64,
    },
    /// It is being counted anew already.
    CountedAnew,
    /// The method has one look, at its planned end.
    OneLookOnly,
    /// The method judges at its planned end, so the end stays.
    JudgedAtItsEnd,
    /// There is no planned end that could move.
    HasNoEnd,
    /// Not later than the end as it is.
    NotLater,
    /// Not more than it is, or more than everybody.
    NotMore {
        than_bp: u16,
    },
    /// What an approval was asked for is widened by somebody else than whose work it is.
    NotByAuthor,
    NotAnEmail,
    /// Not a web origin as browsers send it.
    NotAnOrigin {
        fault: OriginFault,
    },
    /// No page may use a server key, so it has no origins.
    OnlyForClientKeys,
    Unknown {
        value: String,
    },
    /// The field may not change once the experiment has started.
    FixedAfterStart,
    /// The field may never change.
    Fixed,
}

impl Problem {
    pub(crate) fn bad_condition(fault: ConditionFault) -> Self {
        Self::BadCondition {
            detail: fault.to_string(),
            fault: Some(fault),
        }
    }
}

/// Why a line is no step of a ramp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StepFault {
    Unreadable,
    /// A share alone.
    NoLength,
    /// More than everybody.
    Share,
    /// Held for less than a minute or more than 90 days.
    Length,
    /// The first line is of the other kind.
    Mixed,
    /// In an experiment, which may start at another time than planned.
    Dated,
    NoSuchTime,
    /// The clock leaves this time out, or shows it twice.
    Skipped,
}

/// What is wrong with a saved group where a condition names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupFault {
    Missing,
    Archived,
    /// `$inGroup` and `$notInGroup` ask for a list; conditions are named by `$savedGroups`.
    NotAList,
    /// It is within itself.
    Circle,
    /// Too many groups are named, with those that they name.
    TooMany,
}

/// What is wrong with a text that is no slug.
pub(crate) fn slug_problem(text: &str) -> Problem {
    if text.is_empty() {
        Problem::Required
    } else {
        Problem::NotSlug
    }
}
