//! Bars: how far something has come, and how a whole is split.

use leptos::prelude::*;

use super::stretched;
use super::svg::Svg;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 8.0;

/// Where `value` stands between 1 and `threshold` on a logarithmic scale, 0 to 1:
/// evidence multiplies, so equal factors are equal lengths.
#[must_use]
pub fn log_share(value: f64, threshold: f64) -> f64 {
    if value.is_nan() || value <= 1.0 || threshold <= 1.0 {
        return 0.0;
    }
    (value.ln() / threshold.ln()).clamp(0.0, 1.0)
}

/// A filled bar; `share` from 0 to 1.
#[must_use]
pub fn meter(share: f64, tone: &'static str, label: String) -> AnyView {
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let mut svg = Svg::default();
    svg.rect("meter-track", 0.0, 0.0, WIDTH, HEIGHT, 0.0);
    let filled = if share > 0.0 {
        (WIDTH * share).max(2.0)
    } else {
        0.0
    };
    svg.rect(&format!("meter-fill {tone}"), 0.0, 0.0, filled, HEIGHT, 0.0);
    stretched("meter", WIDTH, HEIGHT, label, svg.finish())
}

/// Parts of a whole in basis points, in series colours.
#[must_use]
pub fn split_bar(parts_bp: &[u16], label: String) -> AnyView {
    let mut svg = Svg::default();
    let mut x = 0.0;
    for (i, part) in parts_bp.iter().enumerate() {
        let width = WIDTH * f64::from(*part) / 10_000.0;
        svg.rect(
            &format!("part s{}", i % 7),
            x,
            0.0,
            (width - 1.0).max(0.0),
            HEIGHT,
            0.0,
        );
        x += width;
    }
    stretched("meter", WIDTH, HEIGHT, label, svg.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_shown_by_its_logarithm() {
        assert_eq!(log_share(0.5, 100.0), 0.0);
        assert!((log_share(10.0, 100.0) - 0.5).abs() < 1e-9);
        assert_eq!(log_share(1e9, 100.0), 1.0);
        assert_eq!(log_share(f64::NAN, 100.0), 0.0);
    }
}
