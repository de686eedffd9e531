//! What was measured on.

use super::numbers::Machine;
use crate::{prerequisites, run, workspace};
use anyhow::Result;
use std::process::Command;

/// Describes this machine and the measured source.
///
/// # Errors
/// When the compiler cannot be asked.
pub(super) fn describe() -> Result<Machine> {
    let rustc = run::reading(Command::new("rustc").arg("--version"))?;
    Ok(Machine {
        cpu: cpu(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        rustc: rustc.split(' ').nth(1).unwrap_or_default().to_owned(),
        node: prerequisites::node()?,
        commit: commit(),
    })
}

fn cpu() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    info.lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or_else(
            || std::env::consts::ARCH.to_owned(),
            |(_, name)| name.to_owned(),
        )
}

fn commit() -> String {
    let git = |arguments: &[&str]| {
        run::reading(
            Command::new("git")
                .args(arguments)
                .current_dir(workspace::root()),
        )
    };
    let Ok(hash) = git(&["rev-parse", "--short", "HEAD"]) else {
        return "unknown".to_owned();
    };
    let changed = git(&["status", "--porcelain"]).is_ok_and(|text| !text.is_empty());
    if changed { format!("{hash}+") } else { hash }
}
