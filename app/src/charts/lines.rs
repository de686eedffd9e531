//! Lines over time, with bands of uncertainty where there are any.

use leptos::prelude::*;

use super::raw;
use super::scale::{Scale, ticks};
use super::svg::{Svg, path_of};

const WIDTH: f64 = 420.0;
const HEIGHT: f64 = 180.0;
const LEFT: f64 = 50.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 26.0;

pub struct Series {
    /// 0 is the control; picks colour and dashes.
    pub index: usize,
    /// Time in ms and value; gaps are left out.
    pub points: Vec<(f64, f64)>,
}

/// Low and high over time.
pub struct Band {
    pub index: usize,
    pub points: Vec<(f64, f64, f64)>,
}

pub struct LineChart<X, Y> {
    pub series: Vec<Series>,
    pub bands: Vec<Band>,
    /// Values the axis shows at least.
    pub include: (f64, f64),
    /// Values beyond these are cut at the edge: early intervals are huge.
    pub cut: Option<(f64, f64)>,
    /// A line across, as "no difference" or "the plan".
    pub mark: Option<f64>,
    /// Where the axis of time, or whatever goes along, has its labels; none: evenly spread.
    pub x_ticks: Option<Vec<f64>>,
    pub x_label: X,
    pub y_label: Y,
    pub label: String,
}

#[must_use]
pub fn line_chart<X, Y>(chart: LineChart<X, Y>) -> AnyView
where
    X: Fn(f64) -> String,
    Y: Fn(f64) -> String,
{
    let (low, high) = bounds(&chart);
    let times = chart
        .series
        .iter()
        .flat_map(|s| s.points.iter().map(|p| p.0));
    let (first, last) = times.fold((f64::MAX, f64::MIN), |(a, b), t| (a.min(t), b.max(t)));
    let (first, last) = if first > last {
        (0.0, 1.0)
    } else {
        (first, last)
    };
    let x = Scale::new((first, last), (LEFT, WIDTH - RIGHT));
    let y = Scale::new((low, high), (HEIGHT - BOTTOM, TOP));
    let mut svg = Svg::default();
    for tick in ticks(low, high, 4) {
        let at = y.at(tick);
        svg.line("grid", LEFT, at, WIDTH - RIGHT, at);
        svg.text("tick", LEFT - 8.0, at + 4.0, "end", &(chart.y_label)(tick));
    }
    for (time, anchor) in places(chart.x_ticks.as_deref(), (first, last)) {
        svg.text(
            "tick",
            x.at(time),
            HEIGHT - 6.0,
            anchor,
            &(chart.x_label)(time),
        );
    }
    for band in &chart.bands {
        let lows = band.points.iter().map(|p| (x.at(p.0), y.within(p.1)));
        let highs = band.points.iter().rev().map(|p| (x.at(p.0), y.within(p.2)));
        svg.path(
            &format!("band s{}", band.index % 7),
            &path_of(lows.chain(highs), true),
        );
    }
    if let Some(mark) = chart.mark.filter(|m| (low..=high).contains(m)) {
        svg.line("mark-line", LEFT, y.at(mark), WIDTH - RIGHT, y.at(mark));
    }
    for series in &chart.series {
        let points = series.points.iter().map(|p| (x.at(p.0), y.within(p.1)));
        svg.path(
            &format!("line s{}", series.index % 7),
            &path_of(points, false),
        );
        if let Some(end) = series.points.last() {
            svg.circle(
                &format!("end s{}", series.index % 7),
                x.at(end.0),
                y.within(end.1),
                3.0,
            );
        }
    }
    let chart = raw("chart", WIDTH, HEIGHT, chart.label, svg.finish());
    view! { <div class="chart-box">{chart}</div> }.into_any()
}

/// Of the labels of the time axis, each with its anchor.
fn places(given: Option<&[f64]>, (first, last): (f64, f64)) -> Vec<(f64, &'static str)> {
    let Some(given) = given else {
        let evenly = ["start", "middle", "middle", "end"].into_iter();
        let evenly = evenly.enumerate();
        let evenly = evenly.map(|(i, anchor)| (first + (last - first) * i as f64 / 3.0, anchor));
        // Of a single moment one label says all.
        return evenly.take(if first < last { 4 } else { 1 }).collect();
    };
    let within = given.iter().filter(|time| (first..=last).contains(*time));
    let near_the_end = (last - first).mul_add(-0.06, last);
    let anchor = |time: f64| if time > near_the_end { "end" } else { "middle" };
    within.map(|time| (*time, anchor(*time))).collect()
}

fn bounds<X, Y>(chart: &LineChart<X, Y>) -> (f64, f64) {
    let lines = chart
        .series
        .iter()
        .flat_map(|s| s.points.iter().map(|p| p.1));
    let bands = chart
        .bands
        .iter()
        .flat_map(|b| b.points.iter().flat_map(|p| [p.1, p.2]));
    let (low, high) = lines
        .chain(bands)
        .filter(|v| v.is_finite())
        .fold(chart.include, |(a, b), v| (a.min(v), b.max(v)));
    let (low, high) = match chart.cut {
        Some((least, most)) => (low.max(least), high.min(most)),
        None => (low, high),
    };
    let room = (high - low) * 0.06;
    (if low < 0.0 { low - room } else { low }, high + room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_early_intervals_are_cut_and_nothing_is_not_a_number() {
        let html = line_chart(LineChart {
            series: vec![Series {
                index: 1,
                points: vec![(0.0, 0.1), (10.0, 0.2)],
            }],
            bands: vec![Band {
                index: 1,
                points: vec![(0.0, -90.0, f64::INFINITY), (10.0, 0.1, 0.3)],
            }],
            include: (-0.1, 0.1),
            cut: Some((-1.0, 1.0)),
            mark: Some(0.0),
            x_ticks: None,
            x_label: |_| String::new(),
            y_label: |v| format!("{v:.1}"),
            label: "lift".to_owned(),
        })
        .to_html();
        assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
        assert!(html.contains(r#"class="mark-line""#));
    }

    #[test]
    fn given_ticks_stand_where_they_are_and_nowhere_else() {
        let found = places(Some(&[-1.0, 0.0, 50.0, 99.0, 101.0]), (0.0, 100.0));
        assert_eq!(found, [(0.0, "middle"), (50.0, "middle"), (99.0, "end")]);
        let evenly = places(None, (0.0, 3.0));
        let at: Vec<f64> = evenly.iter().map(|place| place.0).collect();
        assert_eq!(at, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(places(None, (3.0, 3.0)).len(), 1);
    }

    #[test]
    fn no_points_still_make_a_chart() {
        let html = line_chart(LineChart {
            series: vec![Series {
                index: 0,
                points: vec![],
            }],
            bands: vec![],
            include: (0.0, 1.0),
            cut: None,
            mark: None,
            x_ticks: None,
            x_label: |_| String::new(),
            y_label: |v| format!("{v}"),
            label: String::new(),
        })
        .to_html();
        assert!(!html.contains("NaN"), "{html}");
    }
}
