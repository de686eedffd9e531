//! `cargo xtask measure peers`: our evaluators beside those of other systems, from the folder
//! `bench`, which has a workspace of its own. Timed twice, because a shared machine is noisy.

use super::{estimates, machine, peers_table, section};
use crate::{run, ui, workspace};
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const RUNS: usize = 2;
/// Crates whose versions the page names.
const CRATES: [&str; 6] = [
    "unleash-yggdrasil",
    "eppo_core",
    "launchdarkly-server-sdk-evaluation",
    "flagsmith-flag-engine",
    "growthbook-rust",
    "criterion",
];

/// What was found; benchmarks are named `group/function/flags` as criterion files them.
pub(super) struct Peers {
    pub(super) machine: super::numbers::Machine,
    /// Programs that wanted to run at once, before the first run.
    pub(super) load: String,
    pub(super) versions: Vec<(String, String)>,
    pub(super) runs: Vec<BTreeMap<String, estimates::Times>>,
    /// By `function/flags`.
    pub(super) memory: BTreeMap<String, Allocated>,
}

/// What a load did to the heap.
#[derive(Deserialize)]
pub(super) struct Allocated {
    pub(super) document_bytes: u64,
    pub(super) kept_bytes: u64,
    pub(super) most_bytes: u64,
}

/// Runs the benchmarks and puts their section into the page of measurements.
///
/// # Errors
/// When a benchmark fails, also because an evaluator answers wrongly.
pub(super) fn run(page: &Path) -> Result<()> {
    let step = ui::step("build the benchmarks of other systems' evaluators");
    run::visibly(bench("peers").arg("--no-run"))?;
    run::visibly(bench("memory").arg("--no-run"))?;
    step.done();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut runs = Vec::new();
    for number in 1..=RUNS {
        let step = ui::step(format!("measure evaluators, run {number} of {RUNS}"));
        runs.push(times(number)?);
        step.done();
    }
    let memory = run::reading(&mut bench("memory")).context("the bench `memory`")?;
    let peers = Peers {
        machine: machine::describe()?,
        load: load.split(' ').next().unwrap_or_default().to_owned(),
        versions: versions()?,
        runs,
        memory: serde_json::from_str(&memory).context("the report of the bench `memory`")?,
    };
    section::replace(page, section::PEERS, &peers_table::markdown(&peers))?;
    ui::note(format!("{}", page.display()));
    Ok(())
}

fn times(number: usize) -> Result<BTreeMap<String, estimates::Times>> {
    let folder = target().join(format!("measure-peers-{number}"));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    run::visibly(bench("peers").env("CRITERION_HOME", &folder))?;
    estimates::below(&folder)
}

fn bench(name: &str) -> Command {
    let mut cargo = run::cargo();
    cargo
        .current_dir(folder())
        .args(["bench", "--locked", "--quiet", "--bench", name])
        .env("CARGO_TARGET_DIR", target());
    cargo
}

fn folder() -> PathBuf {
    workspace::root().join("bench")
}

/// Outside the checkout, so that nothing else walks through what the benchmarks build.
fn target() -> PathBuf {
    let ours = workspace::target();
    if ours.starts_with(workspace::root()) {
        std::env::temp_dir().join("nexus-bench-target")
    } else {
        ours
    }
}

/// The versions that the lock file names.
fn versions() -> Result<Vec<(String, String)>> {
    let lock = folder().join("Cargo.lock");
    let lock = std::fs::read_to_string(&lock).with_context(|| lock.display().to_string())?;
    let version = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        let (version, _) = rest.split_once('"')?;
        Some((name.to_owned(), version.to_owned()))
    };
    Ok(CRATES.into_iter().filter_map(version).collect())
}
