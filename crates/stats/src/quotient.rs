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

/// How a difference relative to control's value is judged.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quotient {
    /// It isn't relative.
    #[default]
    None,
    /// By the delta method. Squared errors of both arms as shares of control's squared value.
    Delta { control: f64, variant: f64 },
    /// By Fieller's theorem. With a control below zero the quotient falls as the lift grows: the
    /// sign is that of control's value.
    Fieller {
        control: f64,
        variant: f64,
        sign: f64,
    },
}

impl Quotient {
    pub(crate) const fn of(control: f64, variant: f64) -> Self {
        Self::Delta { control, variant }
    }

    pub(crate) const fn judging(self, sign: f64) -> Self {
        match self {
            Self::Delta { control, variant } => Self::Fieller {
                control,
                variant,
                sign,
            },
            other => other,
        }
    }

    pub(crate) const fn is_lift(self) -> bool {
        matches!(self, Self::Fieller { .. })
    }

    /// Whether `width` errors of control's value are at most half of it; so of what isn't relative.
    pub(crate) fn is_sure(self, width: f64) -> bool {
        match self {
            Self::None => true,
            Self::Delta { control, .. } | Self::Fieller { control, .. } => {
                4.0 * width * width * control <= 1.0
            }
        }
    }

    /// Of the estimate, if the lift is `null`; none where it is judged otherwise.
    pub(crate) fn error_at(self, null: f64) -> Option<f64> {
        let Self::Fieller {
            control,
            variant,
            sign,
        } = self
        else {
            return None;
        };
        let quotient = 1.0 + sign * null;
        Some(sqrt(variant + quotient * quotient * control))
    }

    /// If there is no difference; none where it isn't relative.
    pub(crate) fn error_at_zero(self) -> Option<f64> {
        match self {
            Self::None => None,
            Self::Delta { control, variant }
            | Self::Fieller {
                control, variant, ..
            } => Some(sqrt(variant + control)),
        }
    }

    /// Both arms' errors larger by one factor, so that "no difference" has at least this error.
    pub(crate) fn at_least(self, error: f64) -> Self {
        let own = match self.error_at_zero() {
            Some(own) if own > 0.0 && own < error => own,
            _ => return self,
        };
        let factor = (error / own) * (error / own);
        match self {
            Self::None => Self::None,
            Self::Delta { control, variant } => Self::Delta {
                control: control * factor,
                variant: variant * factor,
            },
            Self::Fieller {
                control,
                variant,
                sign,
            } => Self::Fieller {
                control: control * factor,
                variant: variant * factor,
                sign,
            },
        }
    }

    /// The lifts within `width` errors of the estimate: the part that holds the estimate, where
    /// control's value is so unsure (`width² e >= 1`) that there is another one beyond infinity.
    /// None where it is judged otherwise.
    pub(crate) fn within(self, lift: f64, width: f64) -> Option<(Option<f64>, Option<f64>)> {
        let Self::Fieller {
            control,
            variant,
            sign,
        } = self
        else {
            return None;
        };
        let (lower, upper) = quotients(1.0 + sign * lift, control, variant, width);
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
