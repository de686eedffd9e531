//! `nexus-sandbox`: the local Cloudflare account as a program.

mod sign_in;

use std::io::{IsTerminal as _, Write};
use std::path::PathBuf;
use std::pin::Pin;

use anyhow::{Context, Result};
use axum::Router;
use clap::Parser;
use nexus_sandbox::{ApiToken, DEMO_ACCOUNT_ID, DEMO_API_TOKEN, Sandbox, SandboxConfig};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A local Cloudflare-compatible account: tokens, KV and D1, with faults on
/// purpose. State is kept in a directory and survives restarts.
#[derive(Debug, Parser)]
#[command(version, about)]
#[group(id = "account")]
struct Options {
    /// Where the API listens; port 0 picks a free one.
    #[arg(
        long,
        alias = "api-listen",
        env = "NEXUS_SANDBOX_LISTEN",
        default_value = "127.0.0.1:7801"
    )]
    listen: String,
    /// Where state is kept.
    #[arg(long, env = "NEXUS_SANDBOX_DATA", default_value = ".nexus/sandbox")]
    data_dir: PathBuf,
    /// A user's API token that is accepted; repeat for more.
    #[arg(long, env = "NEXUS_SANDBOX_TOKEN", default_value = DEMO_API_TOKEN, hide_env_values = true)]
    token: Vec<String>,
    /// An API token of the account itself that is accepted; repeat for more.
    #[arg(long)]
    account_token: Vec<String>,
    /// The account's id, 32 hex digits.
    #[arg(long, env = "NEXUS_SANDBOX_ACCOUNT", default_value = DEMO_ACCOUNT_ID)]
    account_id: String,
    /// The account's name.
    #[arg(long, default_value = "Sandbox")]
    account_name: String,
    /// The address of the person to whom user tokens belong.
    #[arg(long, default_value = "owner@example.com")]
    user_email: String,
    /// Base of the URLs the API hands out; by default what the client called.
    #[arg(long)]
    public_url: Option<String>,
    #[command(flatten)]
    sign_in: sign_in::SignInOptions,
}

/// A service to listen for: its name, its socket and what it answers.
struct Service {
    name: &'static str,
    listener: TcpListener,
    router: Router,
}

async fn listen(name: &str, address: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address} for {name}"))
}

#[tokio::main]
async fn main() -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("NEXUS_LOG");
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| "warn,nexus_sandbox=info".into()))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let options = Options::parse();
    let sandbox = nexus_sandbox::open(config(&options)).await?;
    let services = services(&options, &sandbox).await?;
    announce(&services)?;
    run(services).await?;
    sandbox.close().await;
    Ok(())
}

/// Binds every address before anything starts, so a taken port is the first thing said.
async fn services(options: &Options, sandbox: &Sandbox) -> Result<Vec<Service>> {
    let api = listen("api", &options.listen).await?;
    let Some(address) = &options.sign_in.access_listen else {
        return Ok(vec![Service {
            name: "api",
            listener: api,
            router: sandbox.router(),
        }]);
    };
    let access = listen("access", address).await?;
    let addresses = (access.local_addr()?, api.local_addr()?);
    let (access_router, api_router) = sign_in::open(
        &options.sign_in,
        &options.data_dir,
        addresses.0,
        addresses.1,
        sandbox,
    )
    .await?;
    Ok(vec![
        Service {
            name: "api",
            listener: api,
            router: api_router,
        },
        Service {
            name: "access",
            listener: access,
            router: access_router,
        },
    ])
}

fn config(options: &Options) -> SandboxConfig {
    let mut config = SandboxConfig::demo(&options.data_dir);
    let users = options.token.iter().map(ApiToken::user);
    let machines = options.account_token.iter().map(ApiToken::account);
    config.api_tokens = users.chain(machines).collect();
    config.account_id.clone_from(&options.account_id);
    config.account_name.clone_from(&options.account_name);
    config.user_email.clone_from(&options.user_email);
    config.public_url = options
        .public_url
        .as_deref()
        .map(|u| u.trim_end_matches('/').to_owned());
    config
}

/// One line per service on stdout, `<name> http://<address>`, then `ready`:
/// whoever starts this program reads the ports from here.
fn announce(services: &[Service]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for service in services {
        writeln!(
            out,
            "{} http://{}",
            service.name,
            service.listener.local_addr()?
        )?;
    }
    writeln!(out, "ready")?;
    out.flush().context("stdout is closed")
}

/// Serves all until Ctrl-C or SIGTERM; one that breaks ends all.
async fn run(services: Vec<Service>) -> Result<()> {
    let (stop, stopped) = watch::channel(false);
    let mut tasks = tokio::task::JoinSet::new();
    for Service {
        name,
        listener,
        router,
    } in services
    {
        let mut stopped = stopped.clone();
        tasks.spawn(async move {
            let stop = async move {
                // An error means that main is gone, which also means stop.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            nexus_sandbox::serve(listener, router, stop)
                .await
                .with_context(|| format!("{name} stopped listening"))
        });
    }
    let mut signal = stop_signal()?;
    let first = tokio::select! {
        () = &mut signal => None,
        ended = tasks.join_next() => ended,
    };
    stop.send_replace(true);
    let mut outcomes: Vec<_> = first.into_iter().collect();
    while let Some(ended) = tasks.join_next().await {
        outcomes.push(ended);
    }
    outcomes.into_iter().try_for_each(|ended| ended?)
}

/// Done when the process is told to end.
fn stop_signal() -> Result<Pin<Box<dyn Future<Output = ()> + Send>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_options_fit_together() {
        super::Options::command().debug_assert();
    }
}
