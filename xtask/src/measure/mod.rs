//! `cargo xtask measure`: the numbers of the running system, each beside a bare comparison
//! taken in the same run on the same machine.
//!
//! Everything is release, on loopback, and bounded: 5 s per load by default.

mod console;
mod decision;
mod estimates;
mod gateway;
mod ingest;
mod load;
mod machine;
mod memory;
mod numbers;
mod peers;
mod peers_table;
mod propagation;
mod results;
mod section;
mod seed;
mod statistics;
mod table;
mod transfer;
mod worker;

use crate::stack::{DEMO_OWNER, Interrupt, Ports, Settings, Stack, scratch};
use crate::workspace::{self, Profile};
use crate::{build, prerequisites, ui};
use anyhow::{Context as _, Result};
use load::Loader;
use numbers::Numbers;
use std::path::PathBuf;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    only: Option<Only>,
    /// Seconds per load
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Connections that ask at once
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=256))]
    connections: u32,
    /// How many experiments the console holds
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    experiments: u32,
    /// Where the numbers go; the table gets the same name with the ending `md`
    #[arg(long, default_value = "docs/measurements.json")]
    out: PathBuf,
    /// Leave out the Workers, which take longest to build
    #[arg(long)]
    no_workers: bool,
}

/// What is measured by itself.
#[derive(Clone, Copy, clap::Subcommand)]
enum Only {
    /// Counting what a crowd of millions does, killed in the middle of it
    Ingest(ingest::Args),
    /// How long a page of results takes to open, however many events there were
    Results(results::Args),
    /// How long a change takes to gateways and to SDKs' streams
    Propagation(propagation::Args),
    /// The promises about errors, by simulation
    Statistics(statistics::Args),
    /// Our evaluators beside those of other systems, as the last section of the table
    Peers,
}

/// Builds, starts, measures, writes, prints.
///
/// # Errors
/// When a part cannot be built, started or measured.
pub(crate) fn run(args: &Args) -> Result<()> {
    let page = workspace::root().join(&args.out).with_extension("md");
    match args.only {
        Some(Only::Ingest(args)) => return ingest::run(args, &page),
        Some(Only::Results(args)) => return results::run(args, &page),
        Some(Only::Propagation(args)) => return propagation::run(args, &page),
        Some(Only::Statistics(args)) => return statistics::run(args, &page),
        Some(Only::Peers) => return peers::run(&page),
        None => {}
    }
    let interrupt = Interrupt::install()?;
    prerequisites::check()?;
    build::site(Profile::Release)?;
    build::binaries(Profile::Release)?;
    let loader = Loader::build(args.connections, args.seconds)?;
    let settings = Settings {
        profile: Profile::Release,
        data: scratch("measure"),
        ports: Ports::free()?,
        traffic_per_s: 0,
        owner_email: DEMO_OWNER.to_owned(),
    };
    let data = settings.data.clone();
    let mut stack = Stack::start(settings, &interrupt)?;
    let numbers = measure(args, &loader, &stack);
    stack.stop();
    let numbers = numbers?;
    std::fs::remove_dir_all(data)?;
    write(args, &numbers)
}

fn measure(args: &Args, loader: &Loader, stack: &Stack) -> Result<Numbers> {
    let settings = stack.settings();
    let token = seed::token(settings)?;
    seed::experiments(settings, &token, 0..1)?;
    let gateway = gateway::measure(loader, settings)?;
    seed::experiments(settings, &token, 1..args.experiments)?;
    let console = console::measure(loader, settings.ports.console, &token)?;
    let transfer = transfer::measure(settings.ports.console, &token)?;
    let gateway_crowded = gateway::measure(loader, settings)?;
    // After the load, so that the peaks are real ones.
    let memory = memory::of_all(&stack.ids());
    let decision = decision::measure()?;
    let worker = if args.no_workers {
        None
    } else {
        Some(worker::measure(loader, settings.ports.stable)?)
    };
    Ok(Numbers {
        machine: machine::describe()?,
        experiments: args.experiments,
        connections: args.connections,
        seconds_per_load: args.seconds,
        console,
        transfer,
        gateway,
        gateway_crowded,
        worker,
        decision,
        memory,
    })
}

#[expect(clippy::print_stdout, reason = "the table is the command's result")]
fn write(args: &Args, numbers: &Numbers) -> Result<()> {
    let json = workspace::root().join(&args.out);
    let markdown = json.with_extension("md");
    let text = format!("{}\n", serde_json::to_string_pretty(numbers)?);
    std::fs::write(&json, text).with_context(|| format!("writing {}", json.display()))?;
    let table = table::markdown(numbers);
    std::fs::write(&markdown, section::keep(&markdown, &table))?;
    ui::note(format!("{} and {}", json.display(), markdown.display()));
    println!("{table}");
    Ok(())
}
