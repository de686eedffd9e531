//! A Rust package to a Worker: cargo, wasm-bindgen, wasm-opt, esbuild.
//!
//! What Cloudflare's `worker-build` does, without its six minutes of compiling and its
//! downloads. The output folder holds `index.js` and `index_bg.wasm`; wrangler takes them
//! as they are (`"no_bundle": true`), miniflare as two modules.

use crate::stamp::Inputs;
use crate::{build, npm, run, stamp, ui, workspace};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The Worker's entry. When Rust panics the instance is unusable: it is thrown away and
/// the next request gets a new one.
const ENTRY: &str = r#"import * as exports from "./index.js";

const state = exports.__worker_init_state();

function renewAfterPanic() {
  if (state.criticalError) {
    exports.__wbg_reset_state();
    state.criticalError = false;
    state.instanceId++;
  }
}

function note(error) {
  if (error instanceof WebAssembly.RuntimeError) {
    console.error("panic", error);
    state.criticalError = true;
  }
}

addEventListener("error", (event) => note(event.error));

async function guarded(work) {
  renewAfterPanic();
  try {
    return await work();
  } catch (error) {
    note(error);
    throw error;
  }
}

// A Worker has the handlers that its package has.
const names = ["fetch", "scheduled"].filter((name) => name in exports);
export default Object.fromEntries(
  names.map((name) => [name, (...given) => guarded(() => exports[name](...given))]),
);
"#;

/// A `cdylib` of the workspace with `#[worker::event(…)]` handlers.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// A package's library.
    Package(&'a str),
    /// A package and its example, which may use what only tests may.
    Example(&'a str, &'a str),
}

impl Source<'_> {
    fn package(&self) -> &str {
        match self {
            Self::Package(package) | Self::Example(package, _) => package,
        }
    }

    /// Of what is built.
    fn name(&self) -> &str {
        match self {
            Self::Package(name) | Self::Example(_, name) => name,
        }
    }
}

/// Builds it into `out_dir`, which is emptied first; skipped when neither the module nor
/// this file changed. `level`: wasm-opt's, as `-O2`; none for what it is not to touch.
///
/// # Errors
/// When a compiler or bundler fails, or the package's wasm-bindgen is not the one that
/// this tool is locked to.
pub(crate) fn build_worker(source: Source<'_>, level: Option<&str>, out_dir: &Path) -> Result<()> {
    let tools = npm::build_tools()?;
    let name = source.name();
    let module = compile(source)?;
    let parts = workspace::target().join("worker-parts").join(name);
    let digest = Inputs::default()
        .path(&module)?
        .path(&tools.join("package-lock.json"))?
        .value(include_str!("worker_build.rs"))
        .value(level.unwrap_or_default())
        .digest();
    let stamp = parts.with_extension("stamp");
    stamp::unless_done(&stamp, &digest, &out_dir.join("index.js"), || {
        assemble(name, level, &tools, &module, &parts, out_dir)
    })?;
    Ok(())
}

fn assemble(
    name: &str,
    level: Option<&str>,
    tools: &Path,
    module: &Path,
    parts: &Path,
    out_dir: &Path,
) -> Result<()> {
    let step = ui::step(format!("Worker of {name}"));
    for folder in [parts, out_dir] {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
    }
    bind(module, parts)?;
    std::fs::write(parts.join("entry.js"), ENTRY)?;
    let bound = parts.join("index_bg.wasm");
    let wasm = out_dir.join("index_bg.wasm");
    match level {
        Some(level) => build::optimise(tools, level, &bound, &wasm)?,
        None => {
            std::fs::copy(&bound, &wasm)?;
        }
    }
    bundle(tools, parts, &out_dir.join("index.js"))?;
    let size = |path: &Path| std::fs::metadata(path).map(|file| file.len() / 1000);
    step.done_with(&format!("{} kB → {} kB", size(&bound)?, size(&wasm)?));
    Ok(())
}

fn compile(source: Source<'_>) -> Result<PathBuf> {
    let package = source.package();
    let step = ui::step(format!("{} (wasm32)", source.name()));
    let mut cargo = run::cargo();
    cargo.args([
        "build",
        "--locked",
        "--package",
        package,
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        "edge-release",
    ]);
    let folder = workspace::target().join("wasm32-unknown-unknown/edge-release");
    let module = match source {
        Source::Package(_) => folder.join(format!("{}.wasm", package.replace('-', "_"))),
        Source::Example(_, example) => {
            cargo.args(["--example", example]);
            folder.join("examples").join(format!("{example}.wasm"))
        }
    };
    run::visibly(&mut cargo)?;
    step.done();
    Ok(module)
}

/// Glue for a module that imports its WebAssembly and can throw its state away.
fn bind(module: &Path, parts: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .module(true)?
        .typescript(false)
        .remove_producers_section(true)
        .reset_state_function(true)
        .out_name("index")
        .generate(parts)
        .with_context(|| format!("wasm-bindgen of {}", module.display()))
}

/// One script of the glue, its snippets and the entry.
fn bundle(tools: &Path, parts: &Path, out: &Path) -> Result<()> {
    run::visibly(
        Command::new(tools.join("node_modules/.bin/esbuild"))
            .current_dir(parts)
            .args([
                "entry.js",
                "--bundle",
                "--format=esm",
                "--minify",
                "--external:./index_bg.wasm",
                "--external:cloudflare:*",
                "--log-level=warning",
            ])
            .arg(format!("--outfile={}", out.display())),
    )?;
    // Workers import WebAssembly modules without the `source` phase keyword.
    let script = std::fs::read_to_string(out)?;
    std::fs::write(out, script.replace("import source ", "import "))?;
    Ok(())
}
