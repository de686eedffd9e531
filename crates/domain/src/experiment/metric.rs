//! What is measured beside the conversion goal.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::MetricRole;
use crate::ids::is_slug;
use crate::problem::out_of_range;
use crate::{Field, FieldProblem, Problem};

pub const MAX_METRICS: usize = 10;
/// Largest size of one reported value.
pub const MAX_VALUE: f64 = 1e9;
/// Longest conversion window: 90 days.
const WINDOW_HOURS: RangeInclusive<u32> = 1..=2_160;
/// A retention ends on day 2 or later: an exposure may be reported a day late, and counted
/// users must not appear behind those that were.
const RETENTION_DAYS: RangeInclusive<u16> = 1..=90;
/// Levels of quantiles, basis points: from the first percentile to the 99th.
const LEVELS_BP: RangeInclusive<u16> = 100..=9_900;
/// Longest period before the exposure.
pub const MAX_PRE_DAYS: u16 = 28;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metric {
    /// Its name within the experiment.
    pub key: String,
    /// Name of the conversion that reports it; the key when empty. May be the goal's, to count
    /// or sum what that only asks for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub event: String,
    pub kind: MetricKind,
    #[serde(default)]
    pub better: Better,
    #[serde(default)]
    pub role: MetricRole,
    /// Hours after the exposure until which something counts; none: until the end. 1 to
    /// 2,160. A retention has its own days instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_hours: Option<u32>,
    /// Whole days (UTC) before the day of the exposure, in which the same number is taken
    /// to reduce the variance (CUPED); 0 to 28, 0 for none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pre_days: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
pub(super) const fn is_zero(days: &u16) -> bool {
    *days == 0
}

/// The number each exposed user has.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum MetricKind {
    /// Whether it happened.
    #[default]
    Proportion,
    /// How often it happened.
    Count,
    /// The sum of the values reported with it.
    Mean {
        /// A user's sum counts as no more than this (winsorising), so that a few
        /// large ones do not drown the rest.
        #[serde(default)]
        cap: Option<f64>,
    },
    /// Whether it happened again, from the start of one day after the exposure until the
    /// start of another: from 7 until 14 is the second week. Days of 24 hours. Users count
    /// once these days are over.
    Retention { from_day: u16, until_day: u16 },
    /// Two numbers of each user: the sum of the one over all users by that of the other.
    Ratio {
        /// What is taken of the metric's own conversions.
        #[serde(default)]
        top: Counted,
        /// Name of the conversions below the line.
        over: String,
        /// What is taken of them.
        #[serde(default)]
        bottom: Counted,
    },
    /// The value below which a share of the values lies, such as the median (50 %) or the
    /// 95th percentile.
    Quantile {
        /// That share, in basis points: 100 to 9,900.
        level_bp: u16,
        #[serde(default)]
        among: Among,
    },
}

/// What a quantile is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// The values of all events; users without any are not in it.
    #[default]
    Events,
    /// Each user's sum of values; 0 of users without any.
    Users,
}

/// What is taken of a user's conversions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// How many there were.
    #[default]
    Events,
    /// The sum of their values.
    Values,
}

/// Which direction is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Better {
    #[default]
    Higher,
    Lower,
}

impl MetricKind {
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Proportion => "proportion",
            Self::Count => "count",
            Self::Mean { .. } => "mean",
            Self::Retention { .. } => "retention",
            Self::Ratio { .. } => "ratio",
            Self::Quantile { .. } => "quantile",
        }
    }

    /// Whether users count only when their time is over, not from their exposure on.
    #[must_use]
    pub const fn waits(&self) -> bool {
        matches!(self, Self::Retention { .. })
    }

    /// Whether all values are kept as one distribution, of which nothing is known by time or
    /// by dimension.
    #[must_use]
    pub const fn is_quantile(&self) -> bool {
        matches!(self, Self::Quantile { .. })
    }

    /// Whether no user's number, whatever is reported, is below zero.
    #[must_use]
    pub const fn is_never_negative(&self) -> bool {
        match self {
            Self::Proportion | Self::Count | Self::Retention { .. } => true,
            Self::Ratio { top, bottom, .. } => {
                matches!((top, bottom), (Counted::Events, Counted::Events))
            }
            Self::Mean { .. } | Self::Quantile { .. } => false,
        }
    }

    /// Whether the number is a share of users.
    #[must_use]
    pub const fn is_share(&self) -> bool {
        matches!(self, Self::Proportion | Self::Retention { .. })
    }
}

impl Among {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Users => "users",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Events, Self::Users]
            .into_iter()
            .find(|among| among.as_str() == text)
    }
}

impl Counted {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Values => "values",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Events, Self::Values]
            .into_iter()
            .find(|counted| counted.as_str() == text)
    }
}

impl Metric {
    /// Name of the conversion that reports it.
    #[must_use]
    pub fn event(&self) -> &str {
        if self.event.is_empty() {
            &self.key
        } else {
            &self.event
        }
    }

    /// Name of the conversion below the line of a ratio.
    #[must_use]
    pub fn over(&self) -> Option<&str> {
        match &self.kind {
            MetricKind::Ratio { over, .. } => Some(over),
            _ => None,
        }
    }

    /// When something counts: from and until so many milliseconds after the exposure, the
    /// end not included; none when there is no end.
    #[must_use]
    pub fn window_ms(&self) -> (i64, Option<i64>) {
        match self.kind {
            MetricKind::Retention {
                from_day,
                until_day,
            } => {
                let ms = |day: u16| i64::from(day) * DAY_MS;
                (ms(from_day), Some(ms(until_day)))
            }
            _ => (0, self.window_hours.map(|h| i64::from(h) * HOUR_MS)),
        }
    }
}

/// Of the goal's window and days before the exposure.
pub(super) fn goal_problems(hours: Option<u32>, pre_days: u16) -> Vec<FieldProblem> {
    let no_window = hours.is_some_and(|hours| !WINDOW_HOURS.contains(&hours));
    let window = FieldProblem::new(Field::GoalWindow, out_of_range("1h", "90d"));
    let before = FieldProblem::new(Field::GoalPreDays, out_of_range("0", "28"));
    let found = [(no_window, window), (pre_days > MAX_PRE_DAYS, before)];
    let found = found.into_iter().filter(|(wrong, _)| *wrong);
    found.map(|(_, problem)| problem).collect()
}

/// Every problem of the list.
pub(super) fn problems(metrics: &[Metric]) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    if metrics.len() > MAX_METRICS {
        let max = MAX_METRICS as u32;
        found.push(FieldProblem::new(Field::Metrics, Problem::TooMany { max }));
        return found;
    }
    for (i, metric) in (0u16..).zip(metrics) {
        let is_taken = metrics
            .iter()
            .take(usize::from(i))
            .any(|m| m.key == metric.key);
        found.extend(problem(metric, is_taken, i));
    }
    found
}

/// The first that is wrong with a metric.
fn problem(metric: &Metric, is_taken: bool, i: u16) -> Option<FieldProblem> {
    let slug = |field, text: &str| {
        let problem = match text {
            "" => Some(Problem::Required),
            _ if !is_slug(text) => Some(Problem::NotSlug),
            _ => None,
        };
        problem.map(|problem| FieldProblem::new(field, problem))
    };
    let outside = |field, min: &str, max: &str| {
        let (min, max) = (min.to_owned(), max.to_owned());
        FieldProblem::new(field, Problem::OutOfRange { min, max })
    };
    if let Some(problem) = slug(Field::Metric(i), &metric.key) {
        return Some(problem);
    }
    if is_taken {
        return Some(FieldProblem::new(Field::Metric(i), Problem::Duplicate));
    }
    if let Some(problem) = slug(Field::MetricEvent(i), metric.event()) {
        return Some(problem);
    }
    if let Some(problem) = metric.role.problem(i) {
        return Some(problem);
    }
    match (&metric.kind, metric.window_hours) {
        (MetricKind::Retention { .. }, Some(_)) => {
            let problem = Problem::HasItsOwnDays;
            return Some(FieldProblem::new(Field::MetricWindow(i), problem));
        }
        (_, Some(hours)) if !WINDOW_HOURS.contains(&hours) => {
            return Some(outside(Field::MetricWindow(i), "1h", "90d"));
        }
        _ => {}
    }
    if metric.pre_days > 0 && metric.kind.is_quantile() {
        let problem = Problem::NotOfQuantiles;
        return Some(FieldProblem::new(Field::MetricPreDays(i), problem));
    }
    if metric.pre_days > MAX_PRE_DAYS {
        return Some(outside(Field::MetricPreDays(i), "0", "28"));
    }
    match &metric.kind {
        MetricKind::Mean { cap: Some(cap) } if !(0.001..=MAX_VALUE).contains(cap) => {
            Some(outside(Field::MetricCap(i), "0.001", "1000000000"))
        }
        MetricKind::Retention { from_day, .. } if !RETENTION_DAYS.contains(from_day) => {
            Some(outside(Field::MetricDays(i), "1", "90"))
        }
        MetricKind::Retention {
            from_day,
            until_day,
        } if until_day <= from_day || !RETENTION_DAYS.contains(until_day) => {
            let min = (from_day + 1).to_string();
            Some(outside(Field::MetricDays(i), &min, "90"))
        }
        MetricKind::Ratio { over, .. } => slug(Field::MetricOver(i), over),
        MetricKind::Quantile { level_bp, .. } if !LEVELS_BP.contains(level_bp) => {
            Some(outside(Field::MetricLevel(i), "1", "99"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(key: &str) -> Metric {
        Metric {
            key: key.to_owned(),
            kind: MetricKind::Mean { cap: None },
            ..Metric::default()
        }
    }

    fn retained(from_day: u16, until_day: u16) -> Metric {
        Metric {
            kind: MetricKind::Retention {
                from_day,
                until_day,
            },
            ..metric("r")
        }
    }

    #[test]
    fn each_bad_metric_is_named_once() {
        let capped = |cap| Metric {
            kind: MetricKind::Mean { cap: Some(cap) },
            ..metric("c")
        };
        let guarded = |margin_bp| Metric {
            role: MetricRole::Guardrail { margin_bp },
            ..metric("g")
        };
        let list = [
            metric("revenue"),
            metric("revenue"),
            metric("No Slug"),
            capped(f64::NAN),
            guarded(0),
        ];
        let fields: Vec<Field> = problems(&list).into_iter().map(|p| p.field).collect();
        let expected = [
            Field::Metric(1),
            Field::Metric(2),
            Field::MetricCap(3),
            Field::MetricMargin(4),
        ];
        assert_eq!(fields, expected);
        assert!(problems(&[metric("a"), capped(250.0), guarded(200)]).is_empty());
        let many = vec![metric("a"); MAX_METRICS + 1];
        assert_eq!(problems(&many)[0].field, Field::Metrics);
    }

    #[test]
    fn windows_days_and_the_other_side_of_a_ratio_are_checked() {
        let field = |metric: Metric| problems(&[metric]).first().map(|p| p.field);
        let windowed = |hours| Metric {
            window_hours: Some(hours),
            ..metric("w")
        };
        assert_eq!(field(windowed(0)), Some(Field::MetricWindow(0)));
        assert_eq!(field(windowed(2_160)), None);
        assert_eq!(field(retained(0, 7)), Some(Field::MetricDays(0)));
        assert_eq!(field(retained(7, 7)), Some(Field::MetricDays(0)));
        assert_eq!(field(retained(7, 91)), Some(Field::MetricDays(0)));
        assert_eq!(field(retained(7, 14)), None);
        let both = Metric {
            window_hours: Some(24),
            ..retained(7, 14)
        };
        assert_eq!(field(both), Some(Field::MetricWindow(0)));
        let over = |over: &str| Metric {
            kind: MetricKind::Ratio {
                top: Counted::Values,
                over: over.to_owned(),
                bottom: Counted::Events,
            },
            ..metric("aov")
        };
        assert_eq!(field(over("")), Some(Field::MetricOver(0)));
        assert_eq!(field(over("purchase")), None);
        let pre = Metric {
            pre_days: 29,
            ..metric("p")
        };
        assert_eq!(field(pre), Some(Field::MetricPreDays(0)));
        let event = Metric {
            event: "No Slug".to_owned(),
            ..metric("e")
        };
        assert_eq!(field(event), Some(Field::MetricEvent(0)));
    }

    #[test]
    fn a_quantile_has_a_level_and_no_time_before() {
        let field = |metric: Metric| problems(&[metric]).first().map(|p| p.field);
        let slow = |level_bp, pre_days| Metric {
            kind: MetricKind::Quantile {
                level_bp,
                among: Among::Events,
            },
            pre_days,
            window_hours: Some(24),
            ..metric("page-load")
        };
        assert_eq!(field(slow(9_500, 0)), None);
        assert_eq!(field(slow(99, 0)), Some(Field::MetricLevel(0)));
        assert_eq!(field(slow(9_901, 0)), Some(Field::MetricLevel(0)));
        assert_eq!(field(slow(9_500, 7)), Some(Field::MetricPreDays(0)));
        let read: Metric =
            serde_json::from_str(r#"{"key":"load","kind":{"of":"quantile","level_bp":9500}}"#)
                .unwrap();
        assert_eq!(problems(&[read]), []);
    }

    #[test]
    fn a_metric_as_it_was_written_before_windows_still_reads() {
        let text = r#"{"key":"revenue","kind":{"of":"mean","cap":5.0},"better":"higher","role":{"is":"secondary"}}"#;
        let read: Metric = serde_json::from_str(text).unwrap();
        assert_eq!((read.event(), read.window_ms()), ("revenue", (0, None)));
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(retained(7, 14).window_ms(), (7 * DAY_MS, Some(14 * DAY_MS)));
    }
}
