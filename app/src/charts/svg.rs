//! Writing SVG elements.

use std::fmt::Write as _;

use crate::escape::escape;

/// Text being written. Coordinates are rounded to a tenth: less to send, and
/// nothing anybody can see.
#[derive(Default)]
pub(super) struct Svg(String);

impl Svg {
    pub(super) fn line(&mut self, class: &str, x1: f64, y1: f64, x2: f64, y2: f64) {
        let _ = write!(
            self.0,
            r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
        );
    }

    pub(super) fn circle(&mut self, class: &str, x: f64, y: f64, r: f64) {
        let _ = write!(
            self.0,
            r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{r}"/>"#
        );
    }

    pub(super) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64, rx: f64) {
        let (width, height) = (width.max(0.0), height.max(0.0));
        let _ = write!(
            self.0,
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="{rx}"/>"#
        );
    }

    /// `anchor` is `start`, `middle` or `end`.
    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, anchor: &str, text: &str) {
        let _ = write!(
            self.0,
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{}</text>"#,
            escape(text)
        );
    }

    pub(super) fn path(&mut self, class: &str, d: &str) {
        if !d.is_empty() {
            let _ = write!(self.0, r#"<path class="{class}" d="{d}"/>"#);
        }
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A line through points; `close` makes it an area.
pub(super) fn path_of(points: impl IntoIterator<Item = (f64, f64)>, close: bool) -> String {
    let mut d = String::new();
    for (x, y) in points {
        let step = if d.is_empty() { 'M' } else { 'L' };
        let _ = write!(d, "{step}{x:.1} {y:.1}");
    }
    if close && !d.is_empty() {
        d.push('Z');
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_numbers_are_short() {
        let mut svg = Svg::default();
        svg.text("t", 1.0 / 3.0, 2.0, "end", "<script>&");
        let text = svg.finish();
        assert!(text.contains(r#"x="0.3""#), "{text}");
        assert!(text.contains("&lt;script&gt;&amp;") && !text.contains("<script"));
    }

    #[test]
    fn an_area_is_closed() {
        assert_eq!(path_of([(0.0, 1.0), (2.0, 3.0)], true), "M0.0 1.0L2.0 3.0Z");
        assert_eq!(path_of([], true), "");
    }
}
