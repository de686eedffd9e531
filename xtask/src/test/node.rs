//! Tests run by Node's own test runner, one npm package per folder.

use super::tally::Tally;
use super::unit::counted;
use crate::workspace::Profile;
use crate::{npm, workspace};
use anyhow::{Result, bail};
use std::path::Path;
use std::process::Command;

/// Installs a folder's packages and runs its tests.
///
/// They find what we built through the environment, with what more is given.
///
/// # Errors
/// When the folder has no tests, or Node cannot be started.
pub(super) fn folder(folder: &str, more: &[(&str, &Path)]) -> Result<Tally> {
    if !workspace::root()
        .join(folder)
        .join("package.json")
        .is_file()
    {
        bail!("{folder} has no tests");
    }
    let path = npm::install(folder)?;
    let mut node = Command::new("npm");
    node.args(["test", "--silent"])
        .current_dir(path)
        .env("CARGO_TARGET_DIR", workspace::target())
        .env("NEXUS_SITE_DIR", workspace::site())
        .env("NEXUS_ADMIN_BIN", Profile::Debug.binary("nexus-admin"))
        .env("NEXUS_GATEWAY_BIN", Profile::Debug.binary("nexus-gateway"))
        .env("NEXUS_SANDBOX_BIN", Profile::Debug.binary("nexus-sandbox"))
        .env(
            "NEXUS_EDGE_GATEWAY_DIR",
            workspace::target().join("edge/gateway"),
        )
        .env(
            "NEXUS_EDGE_CONSOLE_DIR",
            workspace::target().join("edge/console"),
        )
        .env(
            "NEXUS_EDGE_CONSOLE_PUBLIC_DIR",
            workspace::target().join("edge/console-public"),
        )
        .env("NEXUS_PROOFS_DIR", workspace::target().join("edge/proofs"))
        .env(
            "NEXUS_D1_SUITE_DIR",
            workspace::target().join("edge/d1-suite"),
        )
        .env("NEXUS_CHROMIUM", super::chromium::CHROMIUM)
        .envs(more.iter().copied())
        .env("NO_COLOR", "1");
    counted(&mut node, Tally::of_node_line)
}
