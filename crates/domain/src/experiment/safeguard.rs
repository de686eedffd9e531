//! Safeguards: what stops an experiment by itself, chosen with the draft and fixed at the
//! start, and the numbers of such a stop.

use serde::{Deserialize, Serialize};

use super::{Better, Method};
use crate::problem::out_of_range;
use crate::{Field, FieldProblem, Problem};

/// Errors, slow answers, too few conversions and guardrail metrics are harm and stop at any
/// time; a broken split and a verdict stop from `min_hours` on. The error limit is always on
/// (100 % can't be exceeded); what is left out is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Safeguards {
    /// Highest tolerable share of users with an error, in basis points (500 = 5 %).
    pub max_error_rate_bp: u16,
    /// How long users may wait for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_latency: Option<MaxLatency>,
    /// How many users of a treatment must convert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_conversion: Option<MinConversion>,
    /// Stop when a guardrail metric of a treatment is worse by more than its margin.
    #[serde(default, skip_serializing_if = "is_off")]
    pub stop_on_metrics: bool,
    /// Stop when users are not split as configured.
    #[serde(default, skip_serializing_if = "is_off")]
    pub stop_on_split: bool,
    /// Stop when the method has its answer; not for a fixed horizon.
    #[serde(default, skip_serializing_if = "is_off")]
    pub stop_on_verdict: bool,
    /// Hours from the start in which only harm stops.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min_hours: u16,
}

/// At most this share of users may ever wait longer than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MaxLatency {
    /// Milliseconds to the first byte of the answer.
    pub limit_ms: u32,
    /// In basis points; 500 says that 95 % of the users must be answered in time.
    pub share_bp: u16,
}

/// At least this share of a treatment's users must convert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MinConversion {
    /// In basis points.
    pub rate_bp: u16,
    /// The time users get for it: those exposed later than this ago are not judged yet.
    pub within_hours: u16,
}

/// A quarter of a year.
const MOST_HOURS: u16 = 2_160;
const WITHIN_HOURS: std::ops::RangeInclusive<u16> = 1..=720;
const LIMIT_MS: std::ops::RangeInclusive<u32> = 1..=60_000;

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
const fn is_off(on: &bool) -> bool {
    !*on
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
const fn is_zero(hours: &u16) -> bool {
    *hours == 0
}

impl Default for Safeguards {
    fn default() -> Self {
        Self {
            max_error_rate_bp: 500,
            max_latency: None,
            min_conversion: None,
            stop_on_metrics: true,
            stop_on_split: false,
            stop_on_verdict: false,
            min_hours: 24,
        }
    }
}

impl Safeguards {
    /// The only ones there were before there was a choice.
    #[must_use]
    pub const fn errors_only(max_error_rate_bp: u16) -> Self {
        Self {
            max_error_rate_bp,
            max_latency: None,
            min_conversion: None,
            stop_on_metrics: false,
            stop_on_split: false,
            stop_on_verdict: false,
            min_hours: 0,
        }
    }

    /// When more than harm may stop an experiment that was started then.
    #[must_use]
    pub const fn patient_until_ms(&self, started_ms: i64) -> i64 {
        started_ms.saturating_add(self.min_hours as i64 * 3_600_000)
    }

    pub(super) fn problems(&self, method: Method) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        let mut note = |field, problem| found.push(FieldProblem::new(field, problem));
        let whole = 1..=10_000_u16;
        if !whole.contains(&self.max_error_rate_bp) {
            note(Field::MaxErrorRate, out_of_range("0.01", "100"));
        }
        if let Some(latency) = self.max_latency {
            if !LIMIT_MS.contains(&latency.limit_ms) {
                note(Field::MaxLatency, out_of_range("1", "60000"));
            }
            if !(1..10_000).contains(&latency.share_bp) {
                note(Field::SlowShare, out_of_range("0.01", "99.99"));
            }
        }
        if let Some(conversion) = self.min_conversion {
            if !(1..10_000).contains(&conversion.rate_bp) {
                note(Field::MinConversion, out_of_range("0.01", "99.99"));
            }
            if !WITHIN_HOURS.contains(&conversion.within_hours) {
                note(Field::ConversionHours, out_of_range("1", "720"));
            }
        }
        if self.min_hours > MOST_HOURS {
            note(Field::MinHours, out_of_range("0", "2160"));
        }
        if self.stop_on_verdict && !method.may_stop_early() {
            note(Field::StopOnVerdict, Problem::OneLookOnly);
        }
        found
    }
}

/// What a safeguard saw: kept for good with the experiment that it stopped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "safeguard")]
pub enum Evidence {
    Errors(GuardrailEvidence),
    Latency {
        variant: String,
        /// Users who ever waited longer than the limit.
        slow: u64,
        /// Users whose waiting was measured.
        users: u64,
        limit_ms: u32,
        share_bp: u16,
        e_value: f64,
        /// 1/α.
        threshold: f64,
    },
    Conversion {
        variant: String,
        conversions: u64,
        /// Exposed for at least `within_hours`.
        users: u64,
        min_rate_bp: u16,
        within_hours: u16,
        e_value: f64,
        /// 1/α.
        threshold: f64,
    },
    Metric {
        variant: String,
        metric: String,
        better: Better,
        margin_bp: u16,
        /// Lift against the control with its always-valid interval.
        relative: f64,
        low: f64,
        high: f64,
        #[serde(default, skip_serializing_if = "Scale::is_relative")]
        scale: Scale,
        users: u64,
        control_users: u64,
    },
    Split {
        /// Exposed users and configured share of each variant.
        users: Vec<SplitShare>,
        p_value: f64,
        alpha: f64,
    },
    Verdict {
        variant: String,
        /// The metric that decides; none: the conversion goal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        metric: Option<String>,
        is_better: bool,
        method: Method,
        /// Lift against the control with its interval by the method.
        relative: f64,
        low: f64,
        high: f64,
        #[serde(default, skip_serializing_if = "Scale::is_relative")]
        scale: Scale,
        p_value: Option<f64>,
        chance_to_win: Option<f64>,
        users: u64,
        control_users: u64,
    },
}

/// What the numbers of a lift are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Shares of the control's value, its sign aside.
    #[default]
    Relative,
    /// The metric's own unit, because the control's value is zero.
    Absolute,
}

impl Scale {
    /// The usual one is left out of stored documents, as in those from before there were two.
    #[must_use]
    pub const fn is_relative(&self) -> bool {
        matches!(self, Self::Relative)
    }
}

/// One variant of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SplitShare {
    pub variant: String,
    pub users: u64,
    pub weight_bp: u16,
}

/// Users with errors against the limit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GuardrailEvidence {
    pub variant: String,
    /// Users of the variant with at least one error.
    pub errors: u64,
    /// Users exposed to the variant.
    pub users: u64,
    pub max_error_rate_bp: u16,
    /// Evidence against "the rate is within the limit"; stops at `threshold`.
    pub e_value: f64,
    /// 1/α.
    pub threshold: f64,
}

impl Evidence {
    /// Users are hurt: no minimum duration delays it.
    #[must_use]
    pub const fn is_harm(&self) -> bool {
        !matches!(self, Self::Split { .. } | Self::Verdict { .. })
    }

    /// Whether both are of the same safeguard: its kind, variant and metric.
    #[must_use]
    pub fn is_about(&self, other: &Self) -> bool {
        let metric = |evidence: &Self| match evidence {
            Self::Metric { metric, .. } => Some(metric.clone()),
            _ => None,
        };
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && self.variant() == other.variant()
            && metric(self) == metric(other)
    }

    /// Whose numbers they are; none of a split.
    #[must_use]
    pub fn variant(&self) -> Option<&str> {
        match self {
            Self::Errors(GuardrailEvidence { variant, .. })
            | Self::Latency { variant, .. }
            | Self::Conversion { variant, .. }
            | Self::Metric { variant, .. }
            | Self::Verdict { variant, .. } => Some(variant),
            Self::Split { .. } => None,
        }
    }

    /// Name of the stop in the audit log.
    #[must_use]
    pub const fn audit_action(&self) -> &'static str {
        match self {
            Self::Split { .. } => "experiment.stop_for_split",
            Self::Verdict { .. } => "experiment.stop_on_verdict",
            _ => "experiment.stop_for_harm",
        }
    }

    /// The numbers and the rule that decided, for the audit log.
    #[must_use]
    pub fn said(&self) -> String {
        let percent = |bp: u16| format!("{:.2} %", f64::from(bp) / 100.0);
        let interval = |scale: Scale, relative: f64, low: f64, high: f64| match scale {
            Scale::Relative => {
                let (relative, low, high) = (relative * 100.0, low * 100.0, high * 100.0);
                format!("lift {relative:+.2} %, interval {low:+.2} % to {high:+.2} %")
            }
            Scale::Absolute => format!(
                "difference {relative:+.4}, interval {low:+.4} to {high:+.4} (the control's value is 0)"
            ),
        };
        match self {
            Self::Errors(e) => format!(
                "variant {}: {} of {} users met an error, allowed are {}; e-value {:.1}, needed {:.1} (1/alpha)",
                e.variant,
                e.errors,
                e.users,
                percent(e.max_error_rate_bp),
                e.e_value,
                e.threshold
            ),
            Self::Latency {
                variant,
                slow,
                users,
                limit_ms,
                share_bp,
                e_value,
                threshold,
            } => format!(
                "variant {variant}: {slow} of {users} users waited longer than {limit_ms} ms, allowed are {}; e-value {e_value:.1}, needed {threshold:.1} (1/alpha)",
                percent(*share_bp)
            ),
            Self::Conversion {
                variant,
                conversions,
                users,
                min_rate_bp,
                within_hours,
                e_value,
                threshold,
            } => format!(
                "variant {variant}: {conversions} conversions of {users} users exposed for {within_hours} h or more, at least {} are required; e-value {e_value:.1}, needed {threshold:.1} (1/alpha)",
                percent(*min_rate_bp)
            ),
            Self::Metric {
                variant,
                metric,
                margin_bp,
                relative,
                low,
                high,
                scale,
                users,
                control_users,
                ..
            } => format!(
                "variant {variant}: metric {metric} is worse than the control by more than {}: {}, {users} users against {control_users}; always-valid one-sided test against the margin",
                percent(*margin_bp),
                interval(*scale, *relative, *low, *high)
            ),
            Self::Split {
                users,
                p_value,
                alpha,
            } => {
                let of = |s: &SplitShare| {
                    format!("{} {} ({})", s.variant, s.users, percent(s.weight_bp))
                };
                let users: Vec<String> = users.iter().map(of).collect();
                format!(
                    "users are not split as configured: {}; always-valid p-value {p_value:.2e}, alarm at {alpha}",
                    users.join(", ")
                )
            }
            Self::Verdict {
                variant,
                metric,
                is_better,
                method,
                relative,
                low,
                high,
                scale,
                p_value,
                chance_to_win,
                users,
                control_users,
            } => {
                let side = if *is_better { "better" } else { "worse" };
                let on = metric.as_ref();
                let on = on.map_or_else(String::new, |metric| format!(" on metric {metric}"));
                let p = p_value.map_or_else(String::new, |p| format!(", p-value {p:.2e}"));
                let chance = chance_to_win.map_or_else(String::new, |c| {
                    format!(", chance to win {:.2} %", c * 100.0)
                });
                format!(
                    "variant {variant} is {side}{on}: {}{p}{chance}, {users} users against {control_users}; {} interval without zero",
                    interval(*scale, *relative, *low, *high),
                    method.as_str()
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_document_has_only_the_error_limit_and_keeps_its_text() {
        let text = r#"{"max_error_rate_bp":300}"#;
        let read: Safeguards = serde_json::from_str(text).unwrap();
        assert_eq!(read, Safeguards::errors_only(300));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn each_number_out_of_range_is_named_and_one_look_is_no_reason_to_stop_early() {
        let bad = Safeguards {
            max_error_rate_bp: 0,
            max_latency: Some(MaxLatency {
                limit_ms: 0,
                share_bp: 10_000,
            }),
            min_conversion: Some(MinConversion {
                rate_bp: 0,
                within_hours: 0,
            }),
            stop_on_verdict: true,
            min_hours: 2_161,
            ..Safeguards::default()
        };
        let horizon = Method::FixedHorizon { planned_users: 400 };
        let fields = |method| -> Vec<Field> {
            let problems = bad.problems(method).into_iter();
            problems.map(|p| p.field).collect()
        };
        let numbers = [
            Field::MaxErrorRate,
            Field::MaxLatency,
            Field::SlowShare,
            Field::MinConversion,
            Field::ConversionHours,
            Field::MinHours,
        ];
        assert_eq!(fields(Method::AlwaysValid), numbers);
        assert_eq!(fields(horizon).last(), Some(&Field::StopOnVerdict));
        assert!(Safeguards::default().problems(horizon).is_empty());
    }
}
