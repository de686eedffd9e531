//! npm packages: installed from their lock files, once per change of the lock.

use crate::{run, stamp, ui, workspace};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Installs what the lock file in `folder` (relative to the workspace) names.
///
/// # Errors
/// When the lock file is missing or npm fails.
pub(crate) fn install(folder: &str) -> Result<PathBuf> {
    let path = workspace::root().join(folder);
    let lock = path.join("package-lock.json");
    if !lock.is_file() {
        bail!("{folder}/package-lock.json is missing: npm packages are only installed locked");
    }
    let digest = stamp::Inputs::default()
        .path(&lock)?
        .path(&path.join("package.json"))?
        .digest();
    // The stamp lives inside node_modules, so that removing the folder removes it too.
    let stamp = path.join("node_modules/.nexus-stamp");
    stamp::unless_done(&stamp, &digest, &stamp, || {
        let step = ui::step(format!("npm packages of {folder}"));
        run::visibly(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
                .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
                .current_dir(&path),
        )?;
        step.done();
        Ok(())
    })?;
    Ok(path)
}

/// Installs the build tools (wasm-opt, esbuild, lightningcss) and returns their folder.
///
/// # Errors
/// As [`install`].
pub(crate) fn build_tools() -> Result<PathBuf> {
    install("xtask/npm")
}

/// `wasm-opt` of the build tools as a command.
pub(crate) fn wasm_opt(tools: &Path) -> Command {
    Command::new(tools.join("node_modules/.bin/wasm-opt"))
}
