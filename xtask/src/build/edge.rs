//! The Workers, into `<target>/edge/<name>/`, where their wrangler configurations look.

use crate::worker_build::{Source, build_worker};
use crate::{ui, workspace};
use anyhow::Result;
use std::path::PathBuf;

/// Builds the gateway's Worker and returns its folder.
///
/// # Errors
/// When a compiler or bundler fails.
pub(crate) fn gateway_worker() -> Result<PathBuf> {
    let out = workspace::target().join("edge/gateway");
    // For speed first: a Worker's size only has to stay under the limit of its plan.
    build_worker(Source::Package("nexus-edge-gateway"), Some("-O2"), &out)?;
    Ok(out)
}

/// Builds the console's Worker and lays out its static files: `<target>/edge/console` and
/// `<target>/edge/console-public`, whose paths are those of the URLs.
///
/// # Errors
/// When a compiler or bundler fails, or a file cannot be copied.
pub(crate) fn console_worker() -> Result<PathBuf> {
    let site = super::site(workspace::Profile::Release)?;
    let out = workspace::target().join("edge/console");
    // Three times as long in the optimiser would make it no smaller once it is compressed.
    build_worker(Source::Package("nexus-edge-console"), Some("-O1"), &out)?;
    let public = workspace::target().join("edge/console-public");
    if public.exists() {
        std::fs::remove_dir_all(&public)?;
    }
    let assets = public.join("assets");
    for file in crate::stamp::files_below(&site)? {
        // Cloudflare compresses by itself.
        let wanted = file.extension().is_none_or(|ending| ending != "br");
        let name = file.strip_prefix(&site)?;
        if wanted {
            let copy = assets.join(name);
            if let Some(folder) = copy.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::copy(&file, copy)?;
        }
    }
    // How they are cached; wrangler reads it beside the files.
    std::fs::copy(
        workspace::root().join("edge/console/_headers"),
        public.join("_headers"),
    )?;
    ui::note(format!("static files in {}", public.display()));
    Ok(out)
}

/// Builds the Worker that runs the suite of all database adapters on D1, each part once: tests
/// would wait longer for the optimiser.
///
/// # Errors
/// When a compiler or bundler fails.
pub(crate) fn d1_suite() -> Result<()> {
    let out = workspace::target().join("edge/d1-suite");
    build_worker(Source::Example("nexus-edge-d1", "suite"), None, &out)
}

/// Builds the Worker that shows what the pure crates answer in WebAssembly.
///
/// # Errors
/// When a compiler or bundler fails.
pub(crate) fn proofs() -> Result<()> {
    let out = workspace::target().join("edge/proofs");
    build_worker(Source::Example("nexus-edge-gateway", "proofs"), None, &out)
}
