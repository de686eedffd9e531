//! wasm-bindgen as a library, and wasm-opt after it.

use crate::{npm, run};
use anyhow::{Context as _, Result};
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// Writes `client.js` and `client_bg.wasm` (and `snippets/`) for browsers into `out`.
///
/// # Errors
/// When the module was not made by the wasm-bindgen version this tool is locked to.
pub(crate) fn for_browsers(module: &Path, out: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .remove_producers_section(true)
        // The script finds its module beside itself; `assets.mjs` puts in the hashed name.
        .omit_default_module_path(false)
        .out_name("client")
        .generate(out)
        .with_context(|| format!("wasm-bindgen of {}", module.display()))
}

/// Optimises a module at a level (`-Oz` for size, `-O2` for speed) and drops its symbols.
///
/// The features are those rustc's wasm32 target has switched on; wasm-opt must be told,
/// because it refuses code whose feature is not named.
///
/// # Errors
/// When wasm-opt fails.
pub(crate) fn optimise(tools: &Path, level: &str, module: &Path, out: &Path) -> Result<()> {
    run::visibly(
        npm::wasm_opt(tools)
            .arg(module)
            .arg(level)
            .args([
                "--enable-bulk-memory",
                "--enable-nontrapping-float-to-int",
                "--enable-sign-ext",
                "--enable-mutable-globals",
                "--enable-reference-types",
                "--enable-multivalue",
                "--strip-debug",
                "--strip-producers",
                "-o",
            ])
            .arg(out),
    )
}
