//! Playwright against the whole stack.

use super::chromium;
use super::tally::Tally;
use crate::workspace::Profile;
use crate::{build, npm, run, ui, workspace};
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::path::Path;
use std::process::Command;

/// The part of Playwright's JSON report that we need.
#[derive(Deserialize)]
struct Report {
    stats: Stats,
    #[serde(default)]
    errors: Vec<serde_json::Value>,
    #[serde(default)]
    suites: Vec<Suite>,
}

/// A file or a `describe` in one.
#[derive(Deserialize)]
struct Suite {
    title: String,
    #[serde(default)]
    suites: Vec<Suite>,
    #[serde(default)]
    specs: Vec<Spec>,
}

#[derive(Deserialize)]
struct Spec {
    title: String,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    results: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Stats {
    expected: u64,
    unexpected: u64,
    flaky: u64,
    skipped: u64,
}

/// Builds what the tests run against, then runs them; the tests start the stack themselves.
///
/// # Errors
/// When the browser is missing, a build fails, or Playwright leaves no report.
pub(super) fn tests(release: bool, arguments: &[String]) -> Result<Tally> {
    chromium::ensure()?;
    let folder = npm::install("end2end")?;
    // Playwright only strips types; the compiler checks them.
    run::visibly(
        Command::new("npx")
            .args(["--no-install", "tsc", "--project", "."])
            .current_dir(&folder),
    )?;
    build::site(Profile::Release)?;
    let report = workspace::target().join("playwright-report.json");
    if report.exists() {
        std::fs::remove_file(&report)?;
    }
    let status = Command::new("npx")
        .args(["--no-install", "playwright", "test"])
        .args(arguments)
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
        .env("NEXUS_CHROMIUM", chromium::CHROMIUM)
        .env("NEXUS_STACK_RELEASE", if release { "1" } else { "" })
        .env("CARGO_TARGET_DIR", workspace::target())
        .current_dir(&folder)
        .status()
        .context("could not start Playwright")?;
    let report = read(&report)?;
    // Once more at the end: above, each stands amid what the browser said.
    for line in faults(&report.suites) {
        ui::note(line);
    }
    let tally = tally(&report);
    if !status.success() && tally.failed == 0 {
        bail!("Playwright ended with {status}");
    }
    Ok(tally)
}

fn read(report: &Path) -> Result<Report> {
    let text = std::fs::read_to_string(report).context("Playwright left no report")?;
    serde_json::from_str(&text).context("Playwright's report")
}

/// A test that only passed on a second try has failed.
fn tally(report: &Report) -> Tally {
    let errors = report.errors.len() as u64;
    Tally {
        passed: report.stats.expected,
        failed: report.stats.unexpected + report.stats.flaky + errors,
        skipped: report.stats.skipped,
    }
}

/// What went wrong, test by test.
fn faults(suites: &[Suite]) -> Vec<String> {
    let of_spec = |suite: &Suite, spec: &Spec| {
        let runs = spec.tests.iter().flat_map(|test| &test.results);
        let errors = runs.flat_map(|run| &run.errors);
        let (file, test) = (&suite.title, &spec.title);
        errors
            .map(|fault| format!("{file} › {test}: {}", plain(&fault.message)))
            .collect::<Vec<_>>()
    };
    suites
        .iter()
        .flat_map(|suite| {
            let own = suite.specs.iter().flat_map(|spec| of_spec(suite, spec));
            own.chain(faults(&suite.suites)).collect::<Vec<_>>()
        })
        .collect()
}

/// The beginning of a message, without the colours of a terminal.
fn plain(message: &str) -> String {
    const LINES: usize = 12;
    let mut text = String::new();
    let mut is_colour = false;
    for c in message.chars() {
        match c {
            '\u{1b}' => is_colour = true,
            'm' if is_colour => is_colour = false,
            _ if is_colour => {}
            _ => text.push(c),
        }
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[..lines.len().min(LINES)].join("\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_is_told_again_without_colours() {
        let report = r#"{
            "stats": {"expected": 1, "unexpected": 1, "flaky": 0, "skipped": 0},
            "suites": [{
                "title": "a.spec.ts",
                "specs": [{"title": "fine", "tests": [{"results": [{}]}]}],
                "suites": [{
                    "title": "in light",
                    "specs": [{"title": "breaks", "tests": [{"results": [
                        {"errors": [{"message": "\u001b[31mError\u001b[39m: axe\n\n+ found"}]}
                    ]}]}]
                }]
            }]
        }"#;
        let report: Report = serde_json::from_str(report).unwrap();
        assert_eq!(
            faults(&report.suites),
            ["in light › breaks: Error: axe\n    + found"]
        );
        assert_eq!(tally(&report).failed, 1);
    }
}
