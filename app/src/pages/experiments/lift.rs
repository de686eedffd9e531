//! A lift as people read it: a share of the control's value or, where that is zero or hardly
//! known, the difference itself; in percentage points where the metric is a share.

use nexus_control::views::Lift;
use nexus_domain::experiment::{Metric, Scale};

use crate::cx::Cx;
use crate::format::{change, difference, difference_of_shares};
use crate::text::detail::DetailWord as W;

/// What a difference is in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Percentage points.
    Points,
    Amount,
}

impl Unit {
    /// None is the conversion goal.
    #[must_use]
    pub(super) fn of(metric: Option<&Metric>) -> Self {
        match metric {
            Some(metric) if !metric.kind.is_share() => Self::Amount,
            _ => Self::Points,
        }
    }
}

#[must_use]
pub(super) fn lift_text(cx: &Cx, unit: Unit, lift: &Lift) -> String {
    scaled(cx, unit, lift.scale, lift.relative)
}

/// Why lifts of a table are no shares of the control's value, and what they are in; nothing
/// where all are shares.
#[must_use]
pub(super) fn scales_note<'a>(
    cx: &Cx,
    unit: Unit,
    lifts: impl Iterator<Item = &'a Lift>,
) -> Option<&'static str> {
    let (shares, others): (Vec<&Lift>, Vec<_>) =
        lifts.partition(|lift| lift.scale == Scale::Relative);
    let word = match (shares.is_empty(), unit) {
        _ if others.is_empty() => return None,
        (false, Unit::Points) => W::ScalesPoints,
        (false, Unit::Amount) => W::ScalesAmount,
        (true, Unit::Points) => W::AllPoints,
        (true, Unit::Amount) => W::AllAmount,
    };
    Some(cx.t(word))
}

/// From where to where.
#[must_use]
pub(super) fn interval(cx: &Cx, unit: Unit, lift: &Lift) -> String {
    span(cx, unit, lift.scale, [lift.low, lift.high])
}

/// From where to where, in a cell of its own: says so when it is no share of the control's.
#[must_use]
pub(super) fn interval_alone(cx: &Cx, unit: Unit, lift: &Lift) -> String {
    let span = interval(cx, unit, lift);
    match (lift.scale, unit) {
        (Scale::Absolute, Unit::Amount) => cx.f(W::Absolute, &[&span]),
        _ => span,
    }
}

/// Says so when it is no share of the control's.
#[must_use]
pub(super) fn scaled(cx: &Cx, unit: Unit, scale: Scale, value: f64) -> String {
    match (scale, unit) {
        (Scale::Absolute, Unit::Amount) => cx.f(W::Absolute, &[&difference(value)]),
        _ => end_text(cx, unit, scale, value),
    }
}

#[must_use]
pub(super) fn span(cx: &Cx, unit: Unit, scale: Scale, ends: [f64; 2]) -> String {
    let [low, high] = ends.map(|end| end_text(cx, unit, scale, end));
    cx.f(W::IntervalText, &[&low, &high])
}

/// Beside a lift, which says what it is.
#[must_use]
pub(super) fn end_text(cx: &Cx, unit: Unit, scale: Scale, end: f64) -> String {
    match (scale, unit) {
        (Scale::Relative, _) => change(end),
        (Scale::Absolute, Unit::Amount) => difference(end),
        (Scale::Absolute, Unit::Points) => {
            let points = difference_of_shares(end);
            cx.f(W::Points, &[&points])
        }
    }
}
