//! What is said of the metrics.

use nexus_domain::experiment::{Correction, Dimension, Experiment, Metric, Scale};
use serde::{Deserialize, Serialize};

use super::{Lift, Verdict};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricResult {
    pub metric: Metric,
    /// Share of the exposed users whose window has ended; none of a metric without one,
    /// and before any user.
    pub through_window: Option<f64>,
    /// In the order of the experiment's variants, control first.
    pub variants: Vec<MetricValue>,
    /// Name of an event whose values it is made of, of which some have come and none with a
    /// value, or with zero only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_value: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricValue {
    /// Users it is of: the exposed ones, of a retention those whose days are over, of a
    /// quantile of events those who have any.
    pub users: u64,
    /// Rate, mean, ratio or quantile of these users; none before the first.
    pub value: Option<f64>,
    /// Against the control. Of the primary metric by the experiment's method, at the level
    /// that is shared among its treatments. Of a secondary metric p-value and interval are
    /// corrected for the number of such comparisons; a guardrail's interval is
    /// always valid, whatever the experiment's method.
    pub lift: Option<Lift>,
    /// Of a guardrail's treatments.
    pub margin: Option<MarginState>,
    /// By what share the time before the exposure makes the variance of the lift smaller;
    /// of treatments, where the metric asks for it.
    pub variance_reduced: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MarginState {
    /// Shown not to be worse by the margin.
    Kept,
    /// Shown to be worse by more than the margin.
    Broken,
    /// Neither is certain so far.
    Unclear,
}

/// One metric of one variant, flat.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResultRow {
    pub metric: String,
    /// `primary`, which decides; `goal` where that is not the conversion goal; `secondary` or
    /// `guardrail`.
    pub role: &'static str,
    pub variant: String,
    /// As [`MetricValue::users`].
    pub users: u64,
    pub value: Option<f64>,
    /// Against the control; none for the control itself.
    pub lift: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub p_value: Option<f64>,
    pub chance_to_win: Option<f64>,
    pub verdict: Option<Verdict>,
    pub margin: Option<MarginState>,
    /// What lift and interval are in.
    pub scale: Option<Scale>,
    /// By which p-value and interval are corrected for the others of the family; of secondary
    /// metrics with a p-value.
    pub correction: Option<Correction>,
}

/// One point of a metric's course, of one variant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CourseRow {
    pub metric: String,
    /// End of the bucket of time; everything is of all until then, but for what is new in it.
    pub at_ms: i64,
    pub variant: String,
    /// Exposed users.
    pub users: u64,
    pub new_users: u64,
    /// Conversions, events or values so far; of a ratio above the line; none of a quantile.
    pub total: Option<f64>,
    pub new_total: Option<f64>,
    /// Rate, mean, ratio or quantile.
    pub value: Option<f64>,
    /// Relative, against the control, with its interval; none for the control itself.
    pub lift: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

/// One slice of a metric, of one variant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SliceRow {
    pub metric: String,
    pub by: Dimension,
    /// As [`Slice::value`].
    pub slice: String,
    pub variant: String,
    /// As [`MetricValue::users`].
    pub users: u64,
    pub value: Option<f64>,
    /// As [`SliceValue::lift`].
    pub lift: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub verdict: Option<Verdict>,
    /// What lift and interval are in.
    pub scale: Option<Scale>,
    /// Of the whole slice.
    pub split_p_value: f64,
}

/// The value of one variant below which a share of all its values lies.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuantileRow {
    pub metric: String,
    /// That share: 0.95 of the 95th percentile.
    pub level: f64,
    pub variant: String,
    pub value: Option<f64>,
}

/// One metric with its course and its slices.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricDetail {
    pub experiment: Experiment,
    /// None: the conversion goal.
    pub metric: Option<Metric>,
    /// In the order of the experiment's variants, control first.
    pub values: Vec<MetricValue>,
    /// As [`MetricResult::through_window`].
    pub through_window: Option<f64>,
    /// As [`MetricResult::without_value`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without_value: Option<String>,
    /// One point per bucket, oldest first, at most 120. Of a quantile what it was known to be
    /// then: what comes late shows when it came.
    pub course: Vec<MetricPoint>,
    /// Of a quantile: the same values at other levels too, lowest first.
    pub quantiles: Vec<QuantilePoint>,
    /// Without rows of a quantile that was started before its values were kept by dimension.
    pub slices: Slices,
}

/// The values below which a share of all values lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuantilePoint {
    /// That share, in basis points.
    pub level_bp: u16,
    /// In the order of the experiment's variants; none without values.
    pub values: Vec<Option<f64>>,
}

/// Cumulative, at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricPoint {
    pub at_ms: i64,
    /// Exposed users, in the order of the experiment's variants.
    pub users: Vec<u64>,
    /// Conversions, events or values so far; of a ratio above the line; none of a quantile.
    pub totals: Vec<f64>,
    /// Rate, mean, ratio or quantile of all users counted until then.
    pub values: Vec<Option<f64>>,
    /// Relative lift of each treatment with its interval, by the experiment's method; none
    /// where it has nothing to say. Order: treatments only.
    pub lifts: Vec<Option<(f64, f64, f64)>>,
}

/// A metric by one dimension: at most ten values with most users first, and all others
/// together as `other`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slices {
    pub by: Dimension,
    /// Comparisons with the control that the intervals are corrected for.
    pub comparisons: u32,
    /// Of "users are split as configured in every slice".
    pub split_p_value: f64,
    pub rows: Vec<Slice>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slice {
    /// A country's code, a kind of device or a browser; `other`; `unknown`.
    pub value: String,
    /// Corrected for the number of slices.
    pub split_p_value: f64,
    pub split_broken: bool,
    /// In the order of the experiment's variants, control first.
    pub variants: Vec<SliceValue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SliceValue {
    /// As [`MetricValue::users`].
    pub users: u64,
    /// Rate, mean or ratio; none without users.
    pub value: Option<f64>,
    /// Against the control, always valid, its interval corrected for the number of
    /// comparisons in the table. None before the first look of a method that has looks.
    pub lift: Option<Lift>,
}

/// What was not counted, and whether users are split as configured everywhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Quality {
    /// Requests of known bots, as gateways report them.
    pub bots: u64,
    /// Events that had come before.
    pub duplicates: u64,
    /// Requests of users who had been dealt another variant before.
    pub conflicts: u64,
    /// By dimension; none before any user.
    pub splits: Vec<DimensionSplit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DimensionSplit {
    pub by: Dimension,
    /// Of "users are split as configured in every slice", at any time.
    pub p_value: f64,
    pub alpha: f64,
    pub broken: bool,
    /// The slices that are off by themselves, corrected for their number.
    pub values: Vec<String>,
}
