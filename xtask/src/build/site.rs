//! The browser assets.
//!
//! Output: `<target>/site/`, whose files are served under `/assets/`
//! - `<name>.<hash>.<ext>` and beside each compressible file its `.br` twin; immutable,
//!   because the name changes with the content;
//! - `manifest.json`: logical name → URL path, e.g. `"client.js": "/assets/client.1a2b3c4d5e.js"`.
//!   Logical names are `client.js`, `client.wasm`, `main.css` and the path of every file
//!   below `app/public/`.
//!
//! Files of the set before are kept, so that a page rendered just before an upgrade still
//! finds what it names.

use super::{assets, bindgen};
use crate::stamp::Inputs;
use crate::workspace::{self, Profile};
use crate::{npm, run, stamp, ui};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// Builds the site and returns its folder; unchanged steps are skipped.
///
/// `Profile::Debug` leaves out optimisation, for a quick edit-and-look.
///
/// # Errors
/// When a compiler or bundler fails.
pub(crate) fn site(profile: Profile) -> Result<PathBuf> {
    let tools = npm::build_tools()?;
    let module = compile(profile)?;
    let parts = workspace::target().join("site-parts");
    std::fs::create_dir_all(&parts)?;
    bind(&tools, &module, &parts, profile)?;
    assemble(&tools, &parts, profile)?;
    Ok(workspace::site())
}

fn compile(profile: Profile) -> Result<PathBuf> {
    let step = ui::step("browser client (wasm32)");
    let name = match profile {
        Profile::Debug => "wasm-dev",
        Profile::Release => "wasm-release",
    };
    run::visibly(run::cargo().args([
        "build",
        "--locked",
        "--package",
        "nexus-client",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        name,
    ]))?;
    step.done();
    Ok(workspace::target()
        .join("wasm32-unknown-unknown")
        .join(name)
        .join("nexus_client.wasm"))
}

fn bind(tools: &Path, module: &Path, parts: &Path, profile: Profile) -> Result<()> {
    let digest = Inputs::default()
        .value(&format!("{profile:?}"))
        .path(module)?
        .path(&tools.join("package-lock.json"))?
        .path(&workspace::root().join("xtask/src/build/bindgen.rs"))?
        .digest();
    let bound = parts.join("bound");
    let wasm = bound.join("client_bg.wasm");
    stamp::unless_done(&parts.join("bindgen.stamp"), &digest, &wasm, || {
        let step = ui::step("wasm-bindgen and wasm-opt");
        if bound.exists() {
            std::fs::remove_dir_all(&bound)?;
        }
        bindgen::for_browsers(module, &bound)?;
        let before = std::fs::metadata(&wasm)?.len();
        if profile == Profile::Release {
            bindgen::optimise(tools, "-Oz", &wasm, &wasm)?;
        }
        let after = std::fs::metadata(&wasm)?.len();
        step.done_with(&format!("{} kB → {} kB", before / 1000, after / 1000));
        Ok(())
    })?;
    Ok(())
}

fn assemble(tools: &Path, parts: &Path, profile: Profile) -> Result<()> {
    let root = workspace::root();
    let out = workspace::site();
    let digest = Inputs::default()
        .value(&format!("{profile:?}"))
        .path(&parts.join("bound"))?
        .path(&root.join("style"))?
        .path(&root.join("app/public"))?
        .path(&tools.join("assets.mjs"))?
        .path(&tools.join("reload.js"))?
        .path(&tools.join("package-lock.json"))?
        .digest();
    let result = out.join("manifest.json");
    stamp::unless_done(&parts.join("assets.stamp"), &digest, &result, || {
        let step = ui::step("style sheets, scripts, hashed names, brotli");
        assets::write(tools, &parts.join("bound"), &out, profile)?;
        step.done();
        Ok(())
    })?;
    Ok(())
}
