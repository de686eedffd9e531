//! Counts of tests, and how each runner says them.

use crate::ui;
use std::fmt;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// One failure: a part that could not run.
    pub(crate) fn failure() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    pub(crate) fn plus(self, other: &Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }

    /// The closing line, alone on its line on standard output.
    #[expect(clippy::print_stdout, reason = "this line is the command's result")]
    pub(crate) fn report(&self) {
        if self.skipped > 0 {
            ui::note(format!("{} skipped; each says why above", self.skipped));
        }
        println!("{} passed, {} failed", self.passed, self.failed);
    }

    /// What a line of `cargo test` or of nextest's summary adds.
    pub(crate) fn of_rust_line(line: &str) -> Self {
        let counts =
            line.starts_with("test result: ") || line.trim_start().starts_with("Summary [");
        if !counts {
            return Self::default();
        }
        Self {
            passed: number_before(line, "passed"),
            failed: number_before(line, "failed"),
            skipped: number_before(line, "ignored") + number_before(line, "skipped"),
        }
    }

    /// What a line of the summary of `node --test` adds (`# pass 3`).
    pub(crate) fn of_node_line(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let (Some("#" | "ℹ"), Some(what), Some(count), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Self::default();
        };
        let count = count.parse().unwrap_or(0);
        match what {
            "pass" => Self {
                passed: count,
                ..Self::default()
            },
            "fail" | "cancelled" => Self {
                failed: count,
                ..Self::default()
            },
            "skipped" | "todo" => Self {
                skipped: count,
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The number in front of a word: `number_before("3 passed;", "passed")` is 3.
fn number_before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> = line.split_whitespace().collect();
    let matches = |text: &str| text.trim_end_matches([';', ',', '.']) == word;
    words
        .windows(2)
        .find(|pair| matches(pair[1]))
        .and_then(|pair| pair[0].parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn cargo_test_lines_count() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(
            Tally::of_rust_line(line),
            Tally {
                passed: 12,
                failed: 2,
                skipped: 1
            }
        );
        assert_eq!(Tally::of_rust_line("test a ... ok"), Tally::default());
    }

    #[test]
    fn nextest_summaries_count() {
        let line = "     Summary [   0.004s] 3 tests run: 2 passed, 1 failed, 4 skipped";
        assert_eq!(
            Tally::of_rust_line(line),
            Tally {
                passed: 2,
                failed: 1,
                skipped: 4
            }
        );
    }

    #[test]
    fn node_summaries_count() {
        let sum = [
            "# tests 5",
            "ℹ pass 3",
            "# fail 1",
            "# cancelled 1",
            "# skipped 0",
        ]
        .iter()
        .fold(Tally::default(), |sum, line| {
            sum.plus(&Tally::of_node_line(line))
        });
        assert_eq!(
            sum,
            Tally {
                passed: 3,
                failed: 2,
                skipped: 0
            }
        );
        assert_eq!(Tally::of_node_line("# pass the salt 3"), Tally::default());
    }

    #[test]
    fn nothing_run_is_not_good() {
        assert!(!Tally::default().is_good());
        assert!(!Tally::failure().is_good());
    }
}
