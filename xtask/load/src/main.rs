//! `nexus-load`: requests in numbers, against this machine only.
//!
//! It is a program of its own, built with optimisation, because a load generator that is
//! slower than what it measures measures itself.

mod crowd;
mod hello;
mod ingest;
mod load;
mod propagation;
mod report;
mod target;

use clap::{Parser, Subcommand};
use std::net::SocketAddr;

#[derive(Parser)]
#[command(name = "nexus-load", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Send requests and print what came of them as JSON
    Http(load::Args),
    /// Send what a crowd does as events and print what must have been counted as JSON
    Ingest(ingest::Args),
    /// Change a flag again and again and print how long it took to arrive as JSON
    Propagation(propagation::Args),
    /// The least an axum server can be: what others are compared with
    Hello {
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
}

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Http(args) => print(&load::run(&args).await?),
        Command::Ingest(args) => print(&ingest::run(&args).await?),
        Command::Propagation(args) => print(&propagation::run(&args).await?),
        Command::Hello { listen } => hello::serve(listen).await,
    }
}

#[expect(clippy::print_stdout, reason = "the report is this program's result")]
fn print(report: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(report)?);
    Ok(())
}
