//! A trend in a line: no axes, the words beside it carry the number.

use leptos::prelude::*;

use super::raw;
use super::scale::Scale;
use super::svg::{Svg, path_of};

const WIDTH: f64 = 240.0;
const HEIGHT: f64 = 48.0;

/// `label` says in words what the line shows.
#[must_use]
pub fn sparkline(values: &[u32], label: String) -> AnyView {
    let top = values.iter().copied().max().unwrap_or(0).max(1);
    let last = values.len().saturating_sub(1).max(1);
    let x = Scale::new((0.0, last as f64), (1.0, WIDTH - 4.0));
    let y = Scale::new((0.0, f64::from(top)), (HEIGHT - 2.0, 4.0));
    let points: Vec<(f64, f64)> = values
        .iter()
        .enumerate()
        .map(|(i, v)| (x.at(i as f64), y.at(f64::from(*v))))
        .collect();
    let mut svg = Svg::default();
    if let (Some(first), Some(end)) = (points.first(), points.last()) {
        let floor = [(end.0, HEIGHT - 1.0), (first.0, HEIGHT - 1.0)];
        svg.path(
            "spark-area",
            &path_of(points.iter().copied().chain(floor), true),
        );
        svg.path("spark-line", &path_of(points.iter().copied(), false));
        svg.circle("spark-end", end.0, end.1, 2.5);
    }
    raw("spark", WIDTH, HEIGHT, label, svg.finish())
}
