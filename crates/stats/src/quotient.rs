//! Lifts: what may be said of a quotient of two means.
//!
//! Fieller, "Some problems in interval estimation" (Journal of the Royal Statistical Society B
//! 1954): of independent means `t` and `c` with squared errors `v` and `e`, that their quotient is
//! `u` is the same as that `t - u c` is zero, and its squared error is `v + u² e`. All `u` for which
//! `|t - u c|` is at most `w` of these errors are an interval at the level of `w`, whatever the
//! method that `w` comes from. The delta method takes the error at the estimate for all of them:
//! of a lift of a fifth it makes "no lift" a fifth harder to leave out than "no difference".

use libm::sqrt;
use serde::{Deserialize, Serialize};

/// Squared errors of both arms as shares of control's squared value: how a difference relative to
/// that value is judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quotient {
    pub control: f64,
    pub variant: f64,
    /// Of a lift, which is judged by Fieller's theorem, the sign of control's value: with one
    /// below zero the quotient falls as the lift grows. None: by the delta method.
    pub sign: Option<f64>,
}

impl Quotient {
    pub(crate) const fn of(control: f64, variant: f64) -> Self {
        Self {
            control,
            variant,
            sign: None,
        }
    }

    pub(crate) fn judging(self, sign: f64) -> Self {
        Self {
            sign: self.sign.or(Some(sign)),
            ..self
        }
    }

    pub(crate) const fn is_lift(self) -> bool {
        self.sign.is_some()
    }

    /// Whether `width` errors of control's value are at most half of it.
    pub(crate) fn is_sure(self, width: f64) -> bool {
        4.0 * width * width * self.control <= 1.0
    }

    /// Of the estimate, if the lift is `null`; none by the delta method.
    pub(crate) fn error_at(self, null: f64) -> Option<f64> {
        let quotient = 1.0 + self.sign? * null;
        Some(sqrt(self.variant + quotient * quotient * self.control))
    }

    /// If there is no difference.
    pub(crate) fn error_at_zero(self) -> f64 {
        sqrt(self.variant + self.control)
    }

    /// Both arms' errors larger by one factor, so that "no difference" has at least this error.
    pub(crate) fn at_least(self, error: f64) -> Self {
        let own = self.error_at_zero();
        if !(own > 0.0 && own < error) {
            return self;
        }
        let factor = (error / own) * (error / own);
        Self {
            control: self.control * factor,
            variant: self.variant * factor,
            ..self
        }
    }

    /// The lifts within `width` errors of the estimate: the part that holds the estimate, where
    /// control's value is so unsure (`width² e >= 1`) that there is another one beyond infinity.
    /// None by the delta method.
    pub(crate) fn within(self, lift: f64, width: f64) -> Option<(Option<f64>, Option<f64>)> {
        let sign = self.sign?;
        let (lower, upper) = quotients(1.0 + sign * lift, self.control, self.variant, width);
        let as_lift = |quotient: f64| sign * (quotient - 1.0);
        let (lower, upper) = (lower.map(as_lift), upper.map(as_lift));
        Some(if sign < 0.0 {
            (upper, lower)
        } else {
            (lower, upper)
        })
    }
}

/// Where `(q - u)² = w² (v + u² e)` around the estimate `q`: `u` is a root of
/// `(1 - w² e) u² - 2 q u + q² - w² v`.
fn quotients(q: f64, control: f64, variant: f64, width: f64) -> (Option<f64>, Option<f64>) {
    let square = width * width;
    let lead = 1.0 - square * control;
    let rest = variant * lead + q * q * control;
    if rest < 0.0 {
        return (None, None);
    }
    let reach = width * sqrt(rest);
    if lead > 0.0 {
        return finite((q - reach) / lead, (q + reach) / lead, q);
    }
    // The other root is beyond infinity. That of the estimate's side, by the product of both,
    // `(q² - w² v) / lead`, needs no division by what may be zero. Of a quotient below zero the
    // part beyond infinity may hold "no lift": then nothing can be said.
    if q <= 0.0 {
        return (None, None);
    }
    let near = (q * q - square * variant) / (q + reach);
    (finite(near, q, q).0, None)
}

/// Ends that can be written down, on their sides of the estimate.
fn finite(lower: f64, upper: f64, q: f64) -> (Option<f64>, Option<f64>) {
    let told = |end: f64| end.is_finite().then_some(end);
    (told(lower.min(q)), told(upper.max(q)))
}
