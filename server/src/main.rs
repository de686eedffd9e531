//! `nexus-admin`: the console's server and its command line.

mod assets;
mod commands;
mod config;
mod environment_commands;
mod experiment_commands;
mod fetch;
mod find_references;
mod flag_commands;
mod group_commands;
mod keys;
mod layers;
mod machine;
mod oidc;
mod patience;
mod plan_command;
mod qa_commands;
mod sdk_key_commands;
mod serve;
mod sessions;
mod template_commands;
mod wiring;

use std::io::IsTerminal as _;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Data, LogFormat};

/// What one thread reads from the network another one counts and a third one writes: the
/// system's allocator is slow where memory is freed by another thread than it was taken by.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What no flag says.
const MORE: &str = "\
Only in the environment:
  CLOUDFLARE_API_TOKEN      API token with Workers KV Storage:Edit
  NEXUS_OIDC_CLIENT_SECRET  secret at the OpenID Connect provider, if it gave one
  NEXUS_LOG                 what is logged, such as `info` or `warn,nexus_server=debug`

Examples:
  nexus-admin member add ada@example.com --role owner
  NEXUS_ACCESS_ISSUER=https://team.cloudflareaccess.com NEXUS_ACCESS_AUDIENCE=4f1c… \\
    nexus-admin serve --assets-dir site --public-url https://admin.example.com";

/// Control room for experiments on Cloudflare's edge.
#[derive(Parser)]
#[command(name = "nexus-admin", version, max_term_width = 100, after_help = MORE)]
struct Cli {
    #[command(flatten)]
    data: Data,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the console.
    Serve(config::Serve),
    /// Bring the database to this version's schema and exit.
    Migrate,
    /// Write a consistent copy of the database, while the console runs or not.
    Backup {
        /// File to write; must not exist.
        to: std::path::PathBuf,
    },
    /// The audit log.
    #[command(subcommand)]
    Audit(commands::Audit),
    /// Members and their roles.
    #[command(subcommand)]
    Member(commands::Member),
    /// API tokens.
    #[command(subcommand)]
    Token(commands::Token),
    /// Experiments.
    #[command(subcommand)]
    Experiment(experiment_commands::Experiment),
    /// Size an experiment that may never be made; nothing is stored.
    Plan(plan_command::Plan),
    /// What environments ask of their experiments.
    #[command(subcommand)]
    Environment(environment_commands::Environments),
    /// Feature flags.
    #[command(subcommand)]
    Flag(flag_commands::Flag),
    /// Templates that the team saved.
    #[command(subcommand)]
    Template(template_commands::Template),
    /// Saved groups: lists of ids and conditions under a name.
    #[command(subcommand)]
    Group(group_commands::Group),
    /// Keys by which SDKs reach the gateways.
    #[command(subcommand)]
    SdkKey(sdk_key_commands::SdkKey),
    /// The console's own keys.
    #[command(subcommand)]
    Keys(commands::Keys),
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    start_log(cli.data.log_format);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no async runtime")?
        .block_on(run(cli))
}

async fn run(Cli { data, command }: Cli) -> anyhow::Result<()> {
    match command {
        Command::Serve(serve) => serve::run(&data, &serve).await,
        Command::Migrate => commands::migrate(&data).await,
        Command::Backup { to } => commands::backup(&data, &to).await,
        Command::Audit(audit) => commands::audit(&data, audit).await,
        Command::Member(member) => commands::member(&data, member).await,
        Command::Token(token) => commands::token(&data, token).await,
        Command::Experiment(experiment) => experiment_commands::experiment(&data, experiment).await,
        Command::Plan(plan) => plan_command::plan(&plan),
        Command::Environment(command) => environment_commands::environment(&data, command).await,
        Command::Template(template) => template_commands::template(&data, template).await,
        Command::Flag(flag) => flag_commands::flag(&data, flag).await,
        Command::Group(group) => group_commands::group(&data, group).await,
        Command::SdkKey(key) => sdk_key_commands::sdk_key(&data, key).await,
        Command::Keys(keys) => commands::keys(&data, keys).await,
    }
}

/// To standard error, so that the output of commands can be piped.
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
    use super::*;
    use clap::CommandFactory as _;

    fn undescribed(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let path = format!("{path} {}", command.get_name());
        if command.get_about().is_none() {
            found.push(path.clone());
        }
        for argument in command.get_arguments() {
            if argument.get_help().is_none() {
                found.push(format!("{path} {}", argument.get_id()));
            }
        }
        for sub in command.get_subcommands() {
            undescribed(sub, &path, found);
        }
    }

    #[test]
    fn every_command_and_argument_says_what_it_is() {
        let command = Cli::command();
        command.clone().debug_assert();
        let mut found = Vec::new();
        undescribed(&command, "", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    /// clap would fill it with the global one's value.
    #[test]
    fn no_argument_has_the_name_of_a_global_one() {
        fn check(command: &clap::Command, globals: &[&clap::Id]) {
            for sub in command.get_subcommands() {
                for argument in sub.get_arguments() {
                    let id = argument.get_id();
                    assert!(!globals.contains(&id), "{} {id}", sub.get_name());
                }
                check(sub, globals);
            }
        }
        let command = Cli::command();
        let globals: Vec<_> = command.get_arguments().map(clap::Arg::get_id).collect();
        check(&command, &globals);
    }

    #[test]
    fn help_names_what_only_the_environment_sets() {
        let help = Cli::command().render_help().to_string();
        for name in [
            "CLOUDFLARE_API_TOKEN",
            "NEXUS_OIDC_CLIENT_SECRET",
            "NEXUS_LOG",
        ] {
            assert!(help.contains(name), "{name}");
        }
    }
}
