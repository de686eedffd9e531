//! Relative times, worded alike on the server and in the browser.

use serde::{Deserialize, Serialize};

/// Patterns with `{0}` for the number: seconds, minutes, hours, days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelativeWords {
    pub now: String,
    pub ago: [String; 4],
    pub ahead: [String; 4],
}

impl RelativeWords {
    /// How far `then_ms` is from `now_ms`, in the largest unit that fits.
    #[must_use]
    pub fn say(&self, now_ms: i64, then_ms: i64) -> String {
        let seconds = (now_ms - then_ms) / 1000;
        let patterns = if seconds < 0 { &self.ahead } else { &self.ago };
        let (unit, n) = match seconds.unsigned_abs() {
            0..=2 => return self.now.clone(),
            s @ 3..60 => (0, s),
            s @ 60..3_600 => (1, s / 60),
            s @ 3_600..86_400 => (2, s / 3_600),
            s => (3, s / 86_400),
        };
        patterns[unit].replace("{0}", &n.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_fits() {
        let four =
            |a: &str, b: &str| ["s", "min", "h", "d"].map(|unit| format!("{a}{{0}} {unit}{b}"));
        let words = RelativeWords {
            now: "now".to_owned(),
            ago: four("", " ago"),
            ahead: four("in ", ""),
        };
        for (seconds, expected) in [
            (0, "now"),
            (59, "59 s ago"),
            (60, "1 min ago"),
            (3_599, "59 min ago"),
            (86_399, "23 h ago"),
            (864_000, "10 d ago"),
            (-90, "in 1 min"),
        ] {
            assert_eq!(
                words.say(1_000_000_000, 1_000_000_000 - seconds * 1000),
                expected
            );
        }
    }
}
