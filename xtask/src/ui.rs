//! What a person sees on the terminal: named steps with their time, notes, errors.
//!
//! Everything goes to standard error, so that standard output stays free for results
//! (`stack` prints JSON there).
#![expect(
    clippy::print_stderr,
    reason = "this module is the terminal of a command-line tool"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "elapsed time shown to a person; this is the tool's only clock"
)]

use std::fmt::Display;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

/// A running step; says how long it took when it is finished.
pub(crate) struct Step {
    name: String,
    started: Instant,
}

/// Announces a step by its name.
pub(crate) fn step(name: impl Into<String>) -> Step {
    let name = name.into();
    eprintln!("{} {name}", paint("1;36", "▸"));
    Step {
        name,
        started: now(),
    }
}

impl Step {
    /// Announces the end of the step with its elapsed time.
    pub(crate) fn done(self) {
        self.done_with("");
    }

    /// As [`Step::done`], with what came out of it.
    pub(crate) fn done_with(self, outcome: &str) {
        let gap = if outcome.is_empty() { "" } else { ": " };
        let elapsed = seconds(self.started.elapsed());
        eprintln!(
            "{} {}{gap}{outcome} {}",
            paint("1;32", "✓"),
            self.name,
            paint("2", &format!("({elapsed})"))
        );
    }
}

/// The monotonic clock of this tool.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// `1.2 s` or `3 min 4 s`.
pub(crate) fn seconds(elapsed: Duration) -> String {
    let whole = elapsed.as_secs();
    if whole < 60 {
        format!("{:.1} s", elapsed.as_secs_f64())
    } else {
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

/// A line that explains, indented under the current step.
pub(crate) fn note(text: impl Display) {
    eprintln!("  {text}");
}

/// A line as it is.
pub(crate) fn line(text: impl Display) {
    eprintln!("{text}");
}

/// An error with its causes, outermost first.
pub(crate) fn error(error: &anyhow::Error) {
    eprintln!("{} {error}", paint("1;31", "error:"));
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
}

/// Bold text when the terminal can show it.
pub(crate) fn bold(text: &str) -> String {
    paint("1", text)
}

fn paint(code: &str, text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some() || !std::io::stderr().is_terminal();
    if plain {
        text.to_owned()
    } else {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::seconds;
    use std::time::Duration;

    #[test]
    fn elapsed_time_reads_well() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(184)), "3 min 4 s");
    }
}
