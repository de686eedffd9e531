//! `nexus-demo`: origins and traffic for a demonstration on one machine.

use std::io::IsTerminal as _;
use std::net::SocketAddr;

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand};
use nexus_demo::traffic::{Options, TargetUrl, Traffic};
use nexus_demo::{Random, origins, traffic};
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(
    name = "nexus-demo",
    version,
    about = "Origins and traffic for a demonstration"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Two services behind the gateway that can be told to fail or to be slow.
    Origins(OriginsArgs),
    /// A crowd in front of the gateway, with a page to steer it.
    Traffic(TrafficArgs),
}

#[derive(Args)]
struct OriginsArgs {
    #[arg(
        long,
        env = "NEXUS_DEMO_LISTEN_STABLE",
        default_value = "127.0.0.1:7831"
    )]
    listen_stable: SocketAddr,
    #[arg(
        long,
        env = "NEXUS_DEMO_LISTEN_CANARY",
        default_value = "127.0.0.1:7832"
    )]
    listen_canary: SocketAddr,
}

#[derive(Args)]
struct TrafficArgs {
    /// Where the gateway listens; must be a loopback address.
    #[arg(
        long,
        env = "NEXUS_DEMO_GATEWAY",
        default_value = "http://127.0.0.1:7820"
    )]
    gateway: TargetUrl,
    /// The origins' own addresses, for the page's error injection; loopback too.
    #[arg(
        long,
        env = "NEXUS_DEMO_ORIGINS",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:7831,http://127.0.0.1:7832"
    )]
    origins: Vec<TargetUrl>,
    /// The control page.
    #[arg(long, env = "NEXUS_DEMO_CONTROL", default_value = "127.0.0.1:7840")]
    control: SocketAddr,
    /// Mean requests per second over a day.
    #[arg(long, env = "NEXUS_DEMO_RATE", default_value_t = 50.0)]
    rate: f64,
    /// Length of a day: less than 86400 compresses the daily rhythm.
    #[arg(long, env = "NEXUS_DEMO_DAY_SECONDS", default_value_t = 86_400.0)]
    day_seconds: f64,
    /// Metric name of the conversions that visitors report.
    #[arg(long, env = "NEXUS_DEMO_METRIC", default_value = "conversion")]
    metric: String,
    /// Repeats the same crowd.
    #[arg(long, env = "NEXUS_DEMO_SEED")]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("NEXUS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Origins(args) => run_origins(args).await,
        Command::Traffic(args) => run_traffic(args).await,
    }
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    ensure!(
        address.ip().is_loopback(),
        "{address} is not a loopback address: the demonstration stays on this machine"
    );
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))
}

async fn run_origins(args: OriginsArgs) -> anyhow::Result<()> {
    let stable = listen(args.listen_stable).await?;
    let canary = listen(args.listen_canary).await?;
    tracing::info!(stable = %args.listen_stable, canary = %args.listen_canary, "origins listen");
    let stable = axum::serve(stable, origins::router("stable", Random::from_system()?));
    let canary = axum::serve(canary, origins::router("canary", Random::from_system()?));
    tokio::select! {
        () = stopped() => {}
        result = async { tokio::try_join!(stable, canary) } => { result?; }
    }
    Ok(())
}

async fn run_traffic(args: TrafficArgs) -> anyhow::Result<()> {
    let control = listen(args.control).await?;
    let random = match args.seed {
        Some(seed) => Random::seeded(seed),
        None => Random::from_system()?,
    };
    let traffic = Traffic::new(Options {
        gateway: args.gateway,
        origins: args.origins,
        rate_per_second: args.rate,
        day_seconds: args.day_seconds,
        metric: args.metric,
        random,
    })?;
    tracing::info!(control = %args.control, rate = args.rate, "traffic starts");
    let page = axum::serve(control, traffic::control_router(traffic.clone()));
    tokio::select! {
        () = stopped() => {}
        () = traffic.run() => {}
        result = page => result?,
    }
    Ok(())
}

/// Ctrl-C or SIGTERM.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
        }
        Err(_) => {
            let _ = interrupt.await;
        }
    }
}
