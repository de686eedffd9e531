//! `cargo xtask build`: browser assets, native binaries, Workers.

mod assets;
mod bindgen;
mod edge;
mod native;
mod site;

use crate::workspace::Profile;
use crate::{prerequisites, ui};
use anyhow::Result;
use clap::ValueEnum;

pub(crate) use bindgen::optimise;
pub(crate) use edge::{console_worker, d1_suite, gateway_worker, proofs};
pub(crate) use native::{BINARIES, binaries, binaries_and_tests};
pub(crate) use site::site;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to build
    #[arg(value_enum, default_value = "all")]
    what: What,
    /// Optimised native binaries (the browser client and the Workers always are)
    #[arg(long)]
    release: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Browser assets: WebAssembly, JavaScript, CSS, static files
    Site,
    /// nexus-admin, nexus-gateway, nexus-sandbox, nexus-demo
    Native,
    /// The gateway Worker
    EdgeGateway,
    /// The console Worker
    EdgeConsole,
    /// A Worker that runs the database suite on D1, for the tests
    D1Suite,
    /// A Worker that shows what the pure crates answer in WebAssembly, for the tests
    Proofs,
    All,
}

/// Builds what was asked for.
///
/// # Errors
/// When a prerequisite is missing or a build fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    prerequisites::check()?;
    let profile = if args.release {
        Profile::Release
    } else {
        Profile::Debug
    };
    let wants = |what| args.what == what || args.what == What::All;
    if wants(What::Site) {
        let site = site(Profile::Release)?;
        ui::note(format!("site in {}", site.display()));
    }
    if wants(What::Native) {
        binaries(profile)?;
    }
    if wants(What::EdgeGateway) {
        let worker = gateway_worker()?;
        ui::note(format!("gateway Worker in {}", worker.display()));
    }
    if wants(What::EdgeConsole) {
        let worker = console_worker()?;
        ui::note(format!("console Worker in {}", worker.display()));
    }
    if args.what == What::D1Suite {
        d1_suite()?;
    }
    if args.what == What::Proofs {
        proofs()?;
    }
    Ok(())
}
