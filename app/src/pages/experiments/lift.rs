//! A lift as people read it: a share of the control's value or, where that is zero, the
//! difference itself.

use nexus_control::views::Lift;
use nexus_domain::experiment::Scale;

use crate::cx::Cx;
use crate::format::{change, difference};
use crate::text::detail::DetailWord as W;

#[must_use]
pub(super) fn lift_text(cx: &Cx, lift: &Lift) -> String {
    scaled(cx, lift.scale, lift.relative)
}

/// From where to where.
#[must_use]
pub(super) fn interval(cx: &Cx, lift: &Lift) -> String {
    span(cx, lift.scale, [lift.low, lift.high])
}

/// Says so when it is no share.
#[must_use]
pub(super) fn scaled(cx: &Cx, scale: Scale, value: f64) -> String {
    match scale {
        Scale::Relative => change(value),
        Scale::Absolute => cx.f(W::Absolute, &[&difference(value)]),
    }
}

#[must_use]
pub(super) fn span(cx: &Cx, scale: Scale, ends: [f64; 2]) -> String {
    let [low, high] = ends.map(|end| end_text(scale, end));
    cx.f(W::IntervalText, &[&low, &high])
}

/// Beside a lift, which says what it is.
#[must_use]
pub(super) fn end_text(scale: Scale, end: f64) -> String {
    match scale {
        Scale::Relative => change(end),
        Scale::Absolute => difference(end),
    }
}
