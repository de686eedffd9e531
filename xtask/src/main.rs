//! `cargo xtask`: every command a developer or CI runs on this project.

mod build;
mod dev;
mod measure;
mod npm;
mod prerequisites;
mod run;
mod stack;
mod stamp;
mod test;
mod tidy;
mod ui;
mod up;
mod worker_build;
mod workspace;

use clap::{Parser, Subcommand};

/// Build, run, test and measure Nexus Admin.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build and start everything on loopback, then print the address to open
    Up(up::Args),
    /// Run all tests: unit, conformance, Workers, browser
    Test(test::Args),
    /// Like `up` with debug builds; rebuilds and restarts when a source file changes
    Dev(dev::Args),
    /// Build the browser assets, the native binaries or the Workers
    Build(build::Args),
    /// Start everything on free ports with its own data, and print the ports as JSON
    Stack(stack::Args),
    /// Measure the running system beside bare comparisons
    Measure(measure::Args),
    /// Check the rules of the house that a machine can check
    Tidy,
}

fn main() -> std::process::ExitCode {
    let outcome = match Cli::parse().command {
        Command::Up(args) => up::run(&args),
        Command::Test(args) => match test::run(&args) {
            Ok(false) => return std::process::ExitCode::FAILURE,
            outcome => outcome.map(|_| ()),
        },
        Command::Dev(args) => dev::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Stack(args) => stack::run(&args),
        Command::Measure(args) => measure::run(&args),
        Command::Tidy => tidy::run(),
    };
    match outcome {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            ui::error(&error);
            std::process::ExitCode::FAILURE
        }
    }
}
