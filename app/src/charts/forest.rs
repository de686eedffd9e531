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

/// How far the shared axis reaches to either side, so that rows compare: a round number that
/// holds the widest interval. Young intervals are huge: those that are wider than three times
/// the narrowest, and than what the largest lift needs, are cut.
#[must_use]
pub fn forest_scale(rows: &[(f64, f64, f64)]) -> f64 {
    let ends = rows.iter().filter_map(|(_, low, high)| {
        let ends = [low.abs(), high.abs()];
        ends.into_iter().filter(|v| v.is_finite()).reduce(f64::max)
    });
    let widest = ends.clone().fold(0.0, f64::max);
    let narrowest = ends.fold(f64::INFINITY, f64::min);
    let largest = rows
        .iter()
        .map(|(relative, ..)| relative.abs())
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    let usual = largest.mul_add(2.0, 0.2).max(3.0 * narrowest);
    round_up(widest.min(usual).max(0.02))
}

/// The next number that is good to read at the end of an axis.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0]
        .into_iter()
        .map(|step| step * power)
        .find(|round| *round >= value * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
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
        assert!(reach < 1.0, "{reach}");
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
    fn a_lone_interval_is_whole_and_the_ends_are_round() {
        for (row, round) in [
            ((0.119, -0.176, 0.531), 0.6),
            ((0.01, -3.2, 3.9), 4.0),
            ((0.1, 0.02, 0.2), 0.2),
        ] {
            let reach = forest_scale(&[row]);
            assert!((reach - round).abs() < 1e-9, "{reach}");
        }
        let alike = forest_scale(&[(0.05, -0.4, 0.5), (0.01, -1.1, 1.2)]);
        assert!(alike >= 1.2, "{alike}");
    }

    #[test]
    fn the_axis_never_vanishes() {
        assert!(forest_scale(&[]) > 0.0);
        assert!(forest_scale(&[(0.0, f64::NEG_INFINITY, f64::INFINITY)]).is_finite());
    }
}
