//! What must be on the machine, and what we can add to it ourselves.

use crate::{run, ui, workspace};
use anyhow::{Context as _, Result, bail};
use std::process::Command;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;

/// Checks compiler, linker, Node and npm, and adds the wasm32 target when it is missing.
///
/// # Errors
/// Names what is missing and how to get it.
pub(crate) fn check() -> Result<()> {
    let step = ui::step("prerequisites");
    let rustc = rustc()?;
    c_compiler()?;
    let node = node()?;
    wasm_target()?;
    step.done_with(&format!("rustc {rustc}, node {node}"));
    Ok(())
}

fn rustc() -> Result<String> {
    let said = run::reading(Command::new("rustc").arg("--version"))
        .context("Rust is missing: install it with rustup (https://rustup.rs)")?;
    let version = said.split(' ').nth(1).unwrap_or_default().to_owned();
    let wanted = wanted_rust()?;
    if numbers(&version) < numbers(&wanted) {
        bail!("rustc {version} is too old, {wanted} is needed: run `rustup update stable`");
    }
    Ok(version)
}

fn c_compiler() -> Result<()> {
    let works = |name: &str| run::reading(Command::new(name).arg("--version")).is_ok();
    if works("cc") || works("gcc") {
        return Ok(());
    }
    bail!("a C compiler is missing (SQLite is built from source): run `apt-get install gcc`");
}

/// Checks Node and npm; the version of Node.
///
/// # Errors
/// Names what is missing and how to get it.
pub(crate) fn node() -> Result<String> {
    let said = run::reading(Command::new("node").arg("--version")).with_context(|| {
        format!("Node.js {OLDEST_NODE} or newer is missing: install it from your distribution or nodejs.org")
    })?;
    let version = said.trim_start_matches('v').to_owned();
    if numbers(&version).first().copied().unwrap_or(0) < OLDEST_NODE {
        bail!("Node.js {version} is too old, {OLDEST_NODE} or newer is needed");
    }
    run::reading(Command::new("npm").arg("--version"))
        .context("npm is missing: it comes with Node.js, or run `apt-get install npm`")?;
    Ok(version)
}

fn wasm_target() -> Result<()> {
    let sysroot = run::reading(Command::new("rustc").args(["--print", "sysroot"]))?;
    let library = std::path::Path::new(&sysroot)
        .join("lib/rustlib")
        .join(WASM_TARGET);
    if library.is_dir() {
        return Ok(());
    }
    let step = ui::step(format!("rustup target add {WASM_TARGET}"));
    run::visibly(
        Command::new("rustup")
            .args(["target", "add", WASM_TARGET])
            .current_dir(workspace::root()),
    )
    .with_context(|| {
        format!("the Rust target {WASM_TARGET} is missing and rustup could not add it")
    })?;
    step.done();
    Ok(())
}

/// `rust-version` of the workspace.
fn wanted_rust() -> Result<String> {
    let manifest = std::fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))
        .map(|value| value.trim_matches('"').to_owned())
        .context("Cargo.toml does not name a rust-version")
}

/// `1.95.0-nightly` → `[1, 95, 0]`.
fn numbers(version: &str) -> Vec<u32> {
    let plain = version.split('-').next().unwrap_or_default();
    plain
        .split('.')
        .filter_map(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{numbers, wanted_rust};

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("1.100.0") > numbers("1.95"));
        assert!(numbers("1.95.0") >= numbers("1.95"));
        assert!(numbers("1.94.1-nightly") < numbers("1.95"));
    }

    #[test]
    fn the_workspace_names_its_rust() {
        assert!(numbers(&wanted_rust().unwrap()) >= vec![1, 90]);
    }
}
