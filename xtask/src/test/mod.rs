//! `cargo xtask test`: every kind of test, summed up in one closing line.

mod browser;
mod chromium;
mod node;
mod oracle;
mod tally;
mod unit;

use crate::workspace::Profile;
use crate::{build, npm, prerequisites, ui};
use anyhow::Result;
use clap::ValueEnum;
use tally::Tally;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these parts [default: all]
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Leave out what needs the Workers built or a browser
    #[arg(long)]
    fast: bool,
    /// Run the browser tests against release binaries
    #[arg(long)]
    release: bool,
    /// Passed to the browser tests, e.g. a file name or `-g <words>`
    #[arg(last = true)]
    browser_arguments: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Rust: unit, property and integration tests of the native crates
    Unit,
    /// wrangler and the official SDK against the sandbox
    Conformance,
    /// The Workers on workerd
    Edge,
    /// The console in Chromium
    Browser,
    /// Only when asked for: property tests with 20,000 cases each, a million users
    Long,
}

/// Runs the parts; the last line says how many tests passed and failed. False when a test
/// failed or a part could not run: nothing is said after that line.
///
/// # Errors
/// When a prerequisite is missing.
pub(crate) fn run(args: &Args) -> Result<bool> {
    prerequisites::check()?;
    let parts = wanted(args);
    let mut total = build_native(&parts, args.release);
    for part in parts {
        let tally = match part {
            Part::Unit => part_of("unit", unit::run),
            Part::Conformance => part_of("conformance", conformance),
            Part::Edge => part_of("edge", edge),
            Part::Browser => part_of("browser", || {
                browser::tests(args.release, &args.browser_arguments)
            }),
            Part::Long => part_of("long", unit::long),
        };
        total = total.plus(&tally);
    }
    total.report();
    Ok(total.is_good())
}

fn wanted(args: &Args) -> Vec<Part> {
    let all = [
        Part::Unit,
        Part::Conformance,
        Part::Edge,
        Part::Browser,
        Part::Long,
    ];
    let chosen = |part: &Part| {
        let by_default = args.parts.is_empty() && *part != Part::Long;
        by_default || args.parts.contains(part)
    };
    let slow = |part: &Part| matches!(part, Part::Edge | Part::Browser);
    all.into_iter()
        .filter(|part| chosen(part) && !(args.fast && slow(part)))
        .collect()
}

/// Runs one part; that it could not run counts as a failure of its own, never as silence.
fn part_of(name: &str, work: impl FnOnce() -> Result<Tally>) -> Tally {
    let step = ui::step(format!("tests: {name}"));
    let tally = work().unwrap_or_else(|error| {
        ui::error(&error.context(format!("the {name} tests could not run")));
        Tally::failure()
    });
    step.done_with(&tally.to_string());
    tally
}

/// What the other parts run; a build that fails is one failure, and the parts that can do
/// without go on.
fn build_native(parts: &[Part], release: bool) -> Tally {
    if parts == [Part::Long] {
        return Tally::default();
    }
    let built = if parts.contains(&Part::Unit) {
        build::binaries_and_tests()
    } else {
        build::binaries(Profile::Debug)
    };
    let release = release && parts.contains(&Part::Browser);
    let built = built.and_then(|()| {
        if release {
            build::binaries(Profile::Release)
        } else {
            Ok(())
        }
    });
    match built {
        Ok(()) => Tally::default(),
        Err(error) => {
            ui::error(&error);
            Tally::failure()
        }
    }
}

fn conformance() -> Result<Tally> {
    let python = oracle::programs(oracle::Packages::Clients)?;
    node::folder("end2end/conformance", &[("NEXUS_PYTHON_TOOLS", &python)])
}

fn edge() -> Result<Tally> {
    build::gateway_worker()?;
    build::proofs()?;
    // One test asks wrangler whether it would deploy what was built.
    npm::install("end2end/conformance")?;
    let gateway = node::folder("end2end/edge-gateway", &[])?;
    build::console_worker()?;
    build::d1_suite()?;
    chromium::ensure()?;
    let console = node::folder("end2end/edge-console", &[])?;
    Ok(gateway.plus(&console))
}
