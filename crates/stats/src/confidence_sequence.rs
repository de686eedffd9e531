//! Asymptotic confidence sequences in standard errors.
//!
//! Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
//! asymptotic confidence sequences" (Annals of Statistics 2024, arXiv 2103.06476v7).
//! Everywhere `scaled = N r²`, with `N` the units of both arms and `r` from [`rho`].

use libm::{exp, expm1, log, log1p};

/// `r` of equation 161: `sqrt((-2 ln a + ln(-2 ln a + 1)) / N*)`, tightest at `N*` units.
pub(crate) fn rho(alpha: f64, tuning_units: f64) -> f64 {
    ((-2.0 * log(alpha) + log(-2.0 * log(alpha) + 1.0)) / tuning_units).sqrt()
}

/// `N r²`.
pub(crate) fn scale(units: f64, rho: f64) -> f64 {
    units * rho * rho
}

/// Equation 9: `sqrt(2 (s + 1) / s · ln(sqrt(s + 1) / a))`.
pub(crate) fn two_sided_width(alpha: f64, scaled: f64) -> f64 {
    (2.0 * (scaled + 1.0) / scaled * log((scaled + 1.0).sqrt() / alpha)).sqrt()
}

/// Equation 134: `sqrt(2 (s + 1) / s · ln(1 + sqrt(s + 1) / (2 a)))`. It follows from mixing
/// over the positive half of the normal alternatives, with `exp(x²/2) Φ(x)` bounded below by
/// `exp(x²/2) - 1`.
pub(crate) fn one_sided_width(alpha: f64, scaled: f64) -> f64 {
    let ln = log1p((scaled + 1.0).sqrt() / (2.0 * alpha));
    (2.0 * (scaled + 1.0) / scaled * ln).sqrt()
}

/// Equation 155: the smallest alpha whose two-sided interval excludes the null that is `z`
/// standard errors away, `r` held fixed.
pub(crate) fn two_sided_p(z: f64, scaled: f64) -> f64 {
    let ln_e = scaled * z * z / (2.0 * (scaled + 1.0)) - 0.5 * log(scaled + 1.0);
    exp(-ln_e).min(1.0)
}

/// The same for the one-sided interval: equation 134 solved for alpha.
pub(crate) fn one_sided_p(z: f64, scaled: f64) -> f64 {
    if z <= 0.0 {
        return 1.0;
    }
    let growth = expm1(scaled * z * z / (2.0 * (scaled + 1.0)));
    ((scaled + 1.0).sqrt() / (2.0 * growth)).min(1.0)
}
