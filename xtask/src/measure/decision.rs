//! Time per decision, from the benchmark of `nexus-flags` (criterion's estimates).

use super::numbers::Decision;
use crate::{run, stamp, ui, workspace};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;

/// Runs the benchmark and reads what criterion found.
///
/// # Errors
/// When it fails or leaves no estimates.
pub(super) fn measure() -> Result<Decision> {
    let step = ui::step("measure decisions (1,000 flags, 100 experiments)");
    let folder = workspace::target().join("measure-decisions");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    run::visibly(
        run::cargo()
            .args([
                "bench",
                "--locked",
                "--package",
                "nexus-flags",
                "--bench",
                "decide",
                "--",
            ])
            .args(["--noplot", "--warm-up-time", "1", "--measurement-time", "3"])
            .env("CRITERION_HOME", &folder),
    )?;
    let mut mean_ns = BTreeMap::new();
    for file in stamp::files_below(&folder)? {
        if file.ends_with("new/estimates.json") {
            let (name, mean) = estimate(&file)?;
            mean_ns.insert(name, mean);
        }
    }
    if mean_ns.is_empty() {
        bail!("the benchmark left no estimates in {}", folder.display());
    }
    step.done();
    Ok(Decision { mean_ns })
}

/// Criterion writes `<name>/new/estimates.json` with times in nanoseconds.
fn estimate(file: &std::path::Path) -> Result<(String, f64)> {
    let name = file
        .ancestors()
        .nth(2)
        .and_then(|folder| folder.file_name())
        .context("an estimate without a name")?;
    let value: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let mean = value
        .pointer("/mean/point_estimate")
        .and_then(serde_json::Value::as_f64)
        .with_context(|| format!("{} has no mean", file.display()))?;
    Ok((name.to_string_lossy().into_owned(), mean))
}
