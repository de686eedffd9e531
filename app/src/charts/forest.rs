//! Lift with its interval as one row of a forest plot.

use leptos::prelude::*;

use super::raw;
use super::scale::Scale;
use super::svg::Svg;

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 30.0;
const EDGE: f64 = 8.0;

pub struct Forest {
    pub relative: f64,
    pub low: f64,
    pub high: f64,
    /// `good`, `bad` or `neutral`.
    pub tone: &'static str,
    pub label: String,
}

/// How far the shared axis reaches to either side, so that rows compare: the
/// widest interval, but at most twice the largest lift plus a fifth, because
/// young intervals are huge.
#[must_use]
pub fn forest_scale(rows: &[(f64, f64, f64)]) -> f64 {
    let widest = rows
        .iter()
        .flat_map(|(_, low, high)| [low.abs(), high.abs()])
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    let largest = rows
        .iter()
        .map(|(relative, ..)| relative.abs())
        .fold(0.0, f64::max);
    widest.min(largest.mul_add(2.0, 0.2)).max(0.02) * 1.08
}

/// One row. An interval that leaves the axis ends in an arrow.
#[must_use]
pub fn forest(row: Forest, reach: f64) -> AnyView {
    let x = Scale::new((-reach, reach), (EDGE, WIDTH - EDGE));
    let y = HEIGHT / 2.0;
    let (low, high) = (x.within(row.low), x.within(row.high));
    let class = |part: &str| format!("{part} {}", row.tone);
    let mut svg = Svg::default();
    svg.line("forest-axis", EDGE, y, WIDTH - EDGE, y);
    svg.line("forest-zero", x.at(0.0), 2.0, x.at(0.0), HEIGHT - 2.0);
    svg.rect(&class("forest-span"), low, y - 4.0, high - low, 8.0, 4.0);
    if row.low < -reach {
        svg.path(&class("forest-arrow"), &arrow(low, y, -5.0));
    }
    if row.high > reach {
        svg.path(&class("forest-arrow"), &arrow(high, y, 5.0));
    }
    svg.circle(&class("forest-point"), x.within(row.relative), y, 4.5);
    raw("forest", WIDTH, HEIGHT, row.label, svg.finish())
}

fn arrow(x: f64, y: f64, length: f64) -> String {
    format!("M{x:.1} {:.1}l{length} 6l{:.1} 6Z", y - 6.0, -length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_young_interval_does_not_squeeze_the_others() {
        let reach = forest_scale(&[(0.1, 0.02, 0.18), (0.05, -4.0, 9.0)]);
        assert!(reach < 0.5, "{reach}");
        let row = Forest {
            relative: 0.05,
            low: -4.0,
            high: 9.0,
            tone: "neutral",
            label: String::new(),
        };
        let html = forest(row, reach).to_html();
        assert_eq!(html.matches("forest-arrow").count(), 2, "{html}");
    }

    #[test]
    fn the_axis_never_vanishes() {
        assert!(forest_scale(&[]) > 0.0);
        assert!(forest_scale(&[(0.0, f64::NEG_INFINITY, f64::INFINITY)]).is_finite());
    }
}
