//! Special functions.
//!
//! Accuracies are those measured by this module's tests against 30-digit values.

mod student;

pub use student::{student_quantile, student_tail};

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use libm::{erfc, exp, expm1, lgamma, log, log1p};

/// Standard normal distribution function. Relative error below 1e-13 on both tails.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * erfc(-x * FRAC_1_SQRT_2)
}

/// Standard normal density.
#[must_use]
pub fn normal_density(x: f64) -> f64 {
    exp(-0.5 * x * x) / (2.0 * PI).sqrt()
}

/// Inverse of [`normal_cdf`]; ±infinity at 0 and 1, NaN outside. Relative error below
/// 1e-13 for probabilities from 1e-300 on.
///
/// Acklam's rational approximation (2003, relative error 1.15e-9), then one step of
/// Halley's method.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    if probability > 0.5 {
        return -lower_quantile(1.0 - probability);
    }
    lower_quantile(probability)
}

/// Where Acklam's approximation changes from the tail to the centre.
const TAIL: f64 = 0.024_25;

/// For probabilities up to one half.
fn lower_quantile(probability: f64) -> f64 {
    if probability == 0.0 {
        return f64::NEG_INFINITY;
    }
    if probability.is_nan() || probability < 0.0 {
        return f64::NAN;
    }
    let start = acklam(probability);
    // Beyond |x| = 37.5 the density underflows; the start is all there is.
    let density = exp(-0.5 * start * start) / (2.0 * PI).sqrt();
    if density == 0.0 {
        return start;
    }
    let step = (normal_cdf(start) - probability) / density;
    start - step / (1.0 + 0.5 * start * step)
}

fn acklam(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    if probability < TAIL {
        let q = (-2.0 * log(probability)).sqrt();
        return horner(&C, q) / horner(&D, q);
    }
    let q = probability - 0.5;
    let r = q * q;
    horner(&A, r) * q / horner(&B, r)
}

/// A polynomial, highest power first.
fn horner(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |sum, c| sum * x + c)
}

/// Logarithm of the beta function, for positive arguments. The absolute error grows with
/// the arguments as that of their log-gammas: 1e-9 at a million, 1e-6 at a billion.
#[must_use]
pub fn ln_beta(a: f64, b: f64) -> f64 {
    lgamma(a) + lgamma(b) - lgamma(a + b)
}

/// Regularised incomplete beta function `I_x(a, b)`, the distribution function of
/// Beta(a, b) at `x`. Relative error below 1e-11 for `a + b` up to 1,000 and 1e-8 up to a
/// million.
#[must_use]
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    exp(ln_beta_cdf(a, b, x))
}

/// `ln(1 - I_x(a, b))`, precise also where the tail is far below the smallest double.
#[must_use]
pub fn ln_beta_tail(a: f64, b: f64, x: f64) -> f64 {
    // I_x(a, b) = 1 - I_{1-x}(b, a)
    ln_beta_parts(b, a, 1.0 - x, x)
}

/// `ln I_x(a, b)`.
#[must_use]
pub fn ln_beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    ln_beta_parts(a, b, x, 1.0 - x)
}

/// `ln I_x(a, b)` with `y = 1 - x` given apart. The continued fraction converges quickly
/// on one side of the mean; the other side is its complement.
fn ln_beta_parts(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if y <= 0.0 {
        return 0.0;
    }
    let ln_front = a * log(x) + b * log(y) - ln_beta(a, b);
    if x <= (a + 1.0) / (a + b + 2.0) {
        return (ln_front + log(beta_fraction(a, b, x) / a)).min(0.0);
    }
    let complement = exp(ln_front + log(beta_fraction(b, a, y) / b));
    log1p(-complement.min(1.0))
}

/// Continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method.
/// It needs about √max(a, b) terms; the cap is enough beyond a billion.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TERMS: u32 = 200_000;
    let nonzero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for term in 1..TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for step in [even, odd] {
            d = 1.0 / nonzero(1.0 + step * d);
            c = nonzero(1.0 + step / c);
            change = c * d;
            product *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

/// Upper tail `Q(a, x)` of the regularised incomplete gamma function, for `a > 0`.
/// Relative error below 1e-12 for `a` up to 100.
#[must_use]
pub fn gamma_tail(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let ln_front = a * log(x) - x - lgamma(a);
    if x < a + 1.0 {
        return -expm1(ln_front + log(gamma_series(a, x)));
    }
    exp(ln_front) * gamma_fraction(a, x)
}

/// Series of the lower tail (DLMF 8.11.4).
fn gamma_series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut n = a;
    while term > sum * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// Continued fraction of the upper tail (DLMF 8.9.2) by Lentz's method.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = 1e300;
    let mut d = 1.0 / b;
    let mut product = d;
    for term in 1..10_000 {
        let n = f64::from(term);
        let numerator = n * (a - n);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        product *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests;
