//! `nexus-gateway`: the native gateway.

use std::io::IsTerminal as _;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use nexus_gateway::host::{Args, start};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// What no flag says.
const MORE: &str = "\
Only in the environment:
  NEXUS_LOG  what is logged, such as `info` or `warn,nexus_gateway=debug`";

#[derive(Parser)]
#[command(name = "nexus-gateway", version, after_help = MORE)]
struct Cli {
    #[command(flatten)]
    args: Args,
    /// How log lines look.
    #[arg(long, env = "NEXUS_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Cli { args, log_format } = Cli::parse();
    start_log(log_format);
    let listen = args.listen;
    let options = args.into_options()?;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}"))?;
    let gateway = start(listener, options)?;
    tracing::info!(address = %gateway.address(), "the gateway serves");
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    tracing::info!("the gateway stops");
    gateway.stop().await;
    Ok(())
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_env("NEXUS_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_argument_says_what_it_is() {
        let mut command = super::Cli::command();
        command.clone().debug_assert();
        let dumb: Vec<_> = command
            .get_arguments()
            .filter(|argument| argument.get_help().is_none())
            .map(|argument| argument.get_id().clone())
            .collect();
        assert!(dumb.is_empty(), "{dumb:?}");
        let help = command.render_help().to_string();
        assert!(help.contains("NEXUS_LOG ") && help.contains("/__nexus/status"));
    }
}
