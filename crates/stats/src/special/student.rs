//! Student's t distribution.

use std::f64::consts::PI;

use libm::{exp, lgamma, log, log1p};

use super::{beta_fraction, normal_cdf, normal_quantile};

/// Degrees of freedom from which Hill's normal approximation is exact to 1e-13.
const MANY: f64 = 10_000.0;

/// Upper tail `P(T > t)` with `freedom` degrees of freedom; NaN when that is not positive.
/// Relative error below 1e-12 for one degree and more.
///
/// Incomplete beta function (DLMF 8.17.22) up to 10,000 degrees; beyond, the normal tail of
/// Hill's transformed variable (Communications of the ACM 13, 1970, algorithm 395).
#[must_use]
pub fn student_tail(t: f64, freedom: f64) -> f64 {
    if freedom.is_nan() || freedom <= 0.0 || t.is_nan() {
        return f64::NAN;
    }
    let tail = if freedom > MANY {
        normal_cdf(-hill(t.abs(), freedom))
    } else {
        beta_tail(t.abs(), freedom)
    };
    if t < 0.0 { 1.0 - tail } else { tail }
}

/// The `t` whose upper tail is `probability`: the critical value of a one-sided test.
/// ±infinity at 0 and 1, NaN outside. Relative error below 1e-11.
#[must_use]
pub fn student_quantile(probability: f64, freedom: f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) || freedom.is_nan() || freedom <= 0.0 {
        return f64::NAN;
    }
    if probability > 0.5 {
        return -student_quantile(1.0 - probability, freedom);
    }
    if probability == 0.0 {
        return f64::INFINITY;
    }
    search(probability, freedom)
}

/// Newton's method on the logarithm of the tail, which is nearly straight, kept inside a
/// bracket.
fn search(probability: f64, freedom: f64) -> f64 {
    let mut low = -normal_quantile(probability);
    let mut high = 2.0 * low + 1.0;
    while student_tail(high, freedom) > probability && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    let target = log(probability);
    let mut t = low;
    for _ in 0..200 {
        let tail = student_tail(t, freedom);
        if tail > probability {
            low = t;
        } else {
            high = t;
        }
        let newton = t + (log(tail) - target) * tail / density(t, freedom);
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        if (next - t).abs() <= 1e-14 * next.abs() {
            return next;
        }
        t = next;
    }
    t
}

fn density(t: f64, freedom: f64) -> f64 {
    let ln = ln_gamma_step(0.5 * freedom)
        - 0.5 * log(freedom * PI)
        - 0.5 * (freedom + 1.0) * log1p(t * t / freedom);
    exp(ln)
}

/// `I_x(v/2, 1/2) / 2` with `x = v / (v + t²)`, for `t >= 0`.
fn beta_tail(t: f64, freedom: f64) -> f64 {
    let ratio = t * t / freedom;
    if ratio == 0.0 {
        return 0.5;
    }
    let (a, b) = (0.5 * freedom, 0.5);
    let (x, y) = (1.0 / (1.0 + ratio), ratio / (1.0 + ratio));
    // 1 / B(a, 1/2) = Γ(a + 1/2) / (Γ(a) √π)
    let ln_front = ln_gamma_step(a) - 0.5 * log(PI) - a * log1p(ratio) + 0.5 * log(y);
    if x <= (a + 1.0) / (a + b + 2.0) {
        return 0.5 * exp(ln_front + log(beta_fraction(a, b, x) / a));
    }
    0.5 - 0.5 * exp(ln_front + log(beta_fraction(b, a, y) / b))
}

/// `ln Γ(a + 1/2) - ln Γ(a)`. The difference of two log-gammas loses digits as they grow;
/// the series (DLMF 5.11.13) does not.
fn ln_gamma_step(a: f64) -> f64 {
    if a < 20.0 {
        return lgamma(a + 0.5) - lgamma(a);
    }
    let square = a * a;
    let series =
        -0.125 + (1.0 / 192.0 - (1.0 / 640.0 - 17.0 / (14_336.0 * square)) / square) / square;
    0.5 * log(a) + series / a
}

/// Hill's variable: normal when `t` has Student's distribution.
fn hill(t: f64, freedom: f64) -> f64 {
    let a = freedom - 0.5;
    let b = 48.0 * a * a;
    let square = a * log1p(t * t / freedom);
    let poly = ((-0.4 * square - 3.3) * square - 24.0) * square - 85.5;
    let inner = poly / (0.8 * square * square + 100.0 + b) + square + 3.0;
    (inner / b + 1.0) * square.sqrt()
}
