//! Where a unit is drawn: ranges of buckets on a line, and its own bucket as a mark.

use leptos::prelude::*;

use super::stretched;
use super::svg::Svg;

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 20.0;
/// Above and below the line the mark stands out.
const OUT: f64 = 4.0;
const MARK: f64 = 4.0;
const BUCKETS: f64 = 10_000.0;

/// Half-open ranges in series colours; the one at `holder` holds the bucket. Grey is a control:
/// a range by itself is none.
#[must_use]
pub fn draw_line(
    ranges: &[(u16, u16)],
    bucket: u16,
    holder: Option<usize>,
    label: String,
) -> AnyView {
    let at = |bucket: u16| f64::from(bucket) / BUCKETS * WIDTH;
    let tall = 2.0f64.mul_add(-OUT, HEIGHT);
    let mut svg = Svg::default();
    svg.rect("draw-track", 0.0, OUT, WIDTH, tall, 0.0);
    for (index, (from, to)) in ranges.iter().enumerate() {
        let series = match ranges.len() {
            1 => 1,
            _ => index % 7,
        };
        let class = match holder == Some(index) {
            true => format!("part holder s{series}"),
            false => format!("part s{series}"),
        };
        let (from, to) = (at(*from), at(*to));
        svg.rect(&class, from, OUT, to - from, tall, 0.0);
    }
    let mark = at(bucket).clamp(0.0, WIDTH - MARK);
    svg.rect("draw-mark", mark, 0.0, MARK, HEIGHT, 0.0);
    stretched("draw-line", WIDTH, HEIGHT, label, svg.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_where_the_bucket_is() {
        let ranges = [(0, 2_500), (5_000, 7_500)];
        let html = draw_line(&ranges, 6_000, Some(1), "in B".to_owned()).to_html();
        assert!(
            html.contains(r#"class="part holder s1" x="500.0""#),
            "{html}"
        );
        assert!(html.contains(r#"class="draw-mark" x="600.0""#), "{html}");
        let last = draw_line(&ranges, 9_999, None, String::new()).to_html();
        assert!(last.contains(r#"class="draw-mark" x="996.0""#), "{last}");
        assert!(!last.contains("holder"));
    }
}
