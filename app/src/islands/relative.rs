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
    /// How far `then_ms` is from `now_ms`, in the largest unit that fits. What has passed is
    /// whole units; what is to come is rounded, so that a day just chosen is a day away.
    #[must_use]
    pub fn say(&self, now_ms: i64, then_ms: i64) -> String {
        let seconds = (now_ms - then_ms) / 1000;
        let is_ahead = seconds < 0;
        let patterns = if is_ahead { &self.ahead } else { &self.ago };
        let seconds = seconds.unsigned_abs();
        let whole = |unit: u64| (seconds + if is_ahead { unit / 2 } else { 0 }) / unit;
        let (unit, n) = match [seconds, whole(60), whole(3_600), whole(86_400)] {
            [0..=2, ..] => return self.now.clone(),
            [s @ ..60, ..] => (0, s),
            [_, minutes @ ..60, ..] => (1, minutes),
            [_, _, hours @ ..24, _] => (2, hours),
            [_, _, _, days] => (3, days),
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
            (-59, "in 59 s"),
            (-60, "in 1 min"),
            (-100, "in 2 min"),
            (-3_599, "in 1 h"),
            (-82_800, "in 23 h"),
            (-86_395, "in 1 d"),
            (-129_599, "in 1 d"),
            (-129_600, "in 2 d"),
        ] {
            assert_eq!(
                words.say(1_000_000_000, 1_000_000_000 - seconds * 1000),
                expected
            );
        }
    }
}
