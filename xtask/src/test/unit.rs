//! The Rust tests of the native crates.

use super::oracle;
use super::tally::Tally;
use crate::{run, stamp, ui, workspace};
use anyhow::{Context as _, Result};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Runs them with nextest where it is installed, else with `cargo test`; documentation
/// tests only where there are any, because building none of them takes as long.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn run() -> Result<Tally> {
    let mut tests = run::cargo();
    if nextest() {
        tests.args(["nextest", "run", "--no-fail-fast"]);
    } else {
        tests.args(["test", "--tests", "--no-fail-fast"]);
    }
    let python = oracle::python();
    if let Ok(python) = &python {
        tests.env("NEXUS_PYTHON", python);
    }
    let mut tally = counted(tests.arg("--locked"), Tally::of_rust_line)?;
    tally.skipped += missing_suites();
    if let Err(missing) = python {
        tally.skipped += 1;
        ui::note(format!(
            "skipped: parity with the reference statistics ({missing:#})"
        ));
    }
    let documented = crates_with_doc_tests()?;
    if !documented.is_empty() {
        let mut doc = run::cargo();
        doc.args(["test", "--doc", "--locked"]);
        for package in &documented {
            doc.args(["--package", package]);
        }
        tally = tally.plus(&counted(&mut doc, Tally::of_rust_line)?);
    }
    Ok(tally)
}

/// The pure crates' tests once more, optimised: the evaluators get 20,000 drawn inputs per
/// property, and a million users are watched.
///
/// # Errors
/// When cargo cannot be started.
pub(super) fn long() -> Result<Tally> {
    let mut tests = run::cargo();
    tests.args(["test", "--release", "--tests", "--no-fail-fast", "--locked"]);
    for package in ["nexus-flags", "nexus-stats", "nexus-domain"] {
        tests.args(["--package", package]);
    }
    tests.env("PROPTEST_CASES", "20000");
    tests.env("NEXUS_UNITS", "1000000");
    counted(&mut tests, Tally::of_rust_line)
}

/// Vectors that others published are read in place. A test whose suite is not there passes
/// without a word, because runners hide what a passing test prints: so it is said here.
fn missing_suites() -> u64 {
    let root = match std::env::var_os("NEXUS_SUITES") {
        Some(folder) => PathBuf::from(folder),
        None => workspace::root().join("../shared/suites"),
    };
    let mut missing = 0;
    for suite in ["wycheproof", "jose", "merkle", "growthbook"] {
        if !root.join(suite).is_dir() {
            missing += 1;
            ui::note(format!(
                "skipped: the published suite {suite} (no such folder in {}; NEXUS_SUITES names another place)",
                root.display()
            ));
        }
    }
    missing
}

fn nextest() -> bool {
    run::reading(run::cargo().args(["nextest", "--version"])).is_ok()
}

/// Runs a command with both outputs shown, counting by line; a bad end without a counted
/// failure (a build error, a crash) is a failure as well.
pub(super) fn counted(command: &mut Command, count: impl Fn(&str) -> Tally) -> Result<Tally> {
    // One pipe for both, so that lines stay in order and both are counted.
    let (reader, writer) = std::io::pipe()?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| {
            format!(
                "could not start {}",
                command.get_program().to_string_lossy()
            )
        })?;
    // The command keeps its ends of the pipe open until they are replaced.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut tally = Tally::default();
    let mut shown = std::io::stderr();
    for line in BufReader::new(reader).split(b'\n') {
        let line = line?;
        shown.write_all(&line)?;
        shown.write_all(b"\n")?;
        tally = tally.plus(&count(&String::from_utf8_lossy(&line)));
    }
    if !child.wait()?.success() && tally.failed == 0 {
        tally = tally.plus(&Tally::failure());
    }
    Ok(tally)
}

/// Library packages with a code block in their documentation that rustdoc would run.
fn crates_with_doc_tests() -> Result<Vec<String>> {
    let metadata = workspace::metadata()?;
    let mut found = Vec::new();
    for package in metadata.default_members() {
        let Some(source) = package.library_source() else {
            continue;
        };
        let mut runs = false;
        for file in stamp::files_below(source)? {
            let is_rust = file.extension().is_some_and(|ending| ending == "rs");
            runs |= is_rust && has_doc_test(&std::fs::read_to_string(&file)?);
        }
        if runs {
            found.push(package.name.clone());
        }
    }
    Ok(found)
}

fn has_doc_test(source: &str) -> bool {
    let mut inside = false;
    source.lines().any(|line| {
        let line = line.trim_start();
        let Some(text) = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"))
        else {
            inside = false;
            return false;
        };
        let Some(kind) = text.trim().strip_prefix("```") else {
            return false;
        };
        inside = !inside;
        let plain = ["", "rust", "no_run", "should_panic", "compile_fail"];
        inside && kind.split(',').all(|word| plain.contains(&word.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::{counted, has_doc_test};
    use crate::test::tally::Tally;
    use std::process::Command;

    #[test]
    fn only_blocks_that_run_count() {
        assert!(has_doc_test(
            "/// Adds.\n/// ```\n/// assert!(true);\n/// ```\nfn add() {}"
        ));
        assert!(has_doc_test("//! ```no_run\n//! main();\n//! ```"));
        assert!(!has_doc_test("/// ```text\n/// a b\n/// ```\nfn add() {}"));
        assert!(!has_doc_test("let fence = \"```\";"));
    }

    #[test]
    fn a_bad_end_without_a_count_is_a_failure() {
        let mut broken = Command::new("sh");
        broken.args(["-c", "echo error: no such thing >&2; exit 101"]);
        assert_eq!(
            counted(&mut broken, Tally::of_rust_line).unwrap(),
            Tally::failure()
        );
    }

    #[test]
    fn both_outputs_are_counted() {
        let mut both = Command::new("sh");
        both.args(["-c", "echo '# pass 2'; echo '# fail 1' >&2; exit 1"]);
        let tally = counted(&mut both, Tally::of_node_line).unwrap();
        assert_eq!((tally.passed, tally.failed), (2, 1));
    }
}
