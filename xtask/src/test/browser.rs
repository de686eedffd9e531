//! Playwright against the whole stack.

use super::chromium;
use super::tally::Tally;
use crate::workspace::Profile;
use crate::{build, npm, run, workspace};
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
    let tally = read(&report)?;
    if !status.success() && tally.failed == 0 {
        bail!("Playwright ended with {status}");
    }
    Ok(tally)
}

/// A test that only passed on a second try has failed.
fn read(report: &Path) -> Result<Tally> {
    let text = std::fs::read_to_string(report).context("Playwright left no report")?;
    let report: Report = serde_json::from_str(&text).context("Playwright's report")?;
    let errors = report.errors.len() as u64;
    Ok(Tally {
        passed: report.stats.expected,
        failed: report.stats.unexpected + report.stats.flaky + errors,
        skipped: report.stats.skipped,
    })
}
