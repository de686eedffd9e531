//! `nexus-admin flag`: for whoever has to switch one at night.

use clap::Subcommand;
use nexus_control::Console;
use nexus_control::views::FlagQuery;
use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::flag::FlagCommand;

use crate::commands::{open, parse_environment, row, say};
use crate::config::Data;

#[derive(Subcommand)]
pub(crate) enum Flag {
    /// List feature flags.
    List {
        /// Only in this environment.
        #[arg(long = "in", value_name = "ENVIRONMENT", value_parser = parse_environment)]
        only_in: Option<Environment>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let its rules decide. The running console publishes it.
    Enable(Switch),
    /// Give everybody the off value. The running console publishes it.
    Disable(Switch),
}

#[derive(clap::Args)]
pub(crate) struct Switch {
    /// The environment whose gateways are to follow.
    #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
    whose: Environment,
    /// As in `flag list`.
    key: String,
    /// Why; kept in the audit log.
    #[arg(long, default_value = "switched on the command line")]
    reason: String,
}

pub(crate) async fn flag(data: &Data, flag: Flag) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    let (switch, command) = match flag {
        Flag::List { only_in, json } => {
            return list(&console, &actor, only_in, json).await;
        }
        Flag::Enable(switch) => (switch, FlagCommand::Enable),
        Flag::Disable(switch) => (switch, FlagCommand::Disable),
    };
    let Switch {
        whose: environment,
        key,
        reason,
    } = switch;
    let changed = console
        .command_flag(&actor, environment, &key, None, command, &reason)
        .await?;
    say(format_args!(
        "{environment}/{key} is {}",
        changed.status().as_str()
    ));
    say(format_args!(
        "the running console publishes the new snapshot to the gateways"
    ));
    Ok(())
}

async fn list(
    console: &Console,
    actor: &Actor,
    environment: Option<Environment>,
    json: bool,
) -> anyhow::Result<()> {
    let mut query = FlagQuery {
        environment,
        page: 1,
        ..FlagQuery::default()
    };
    let mut items = Vec::new();
    loop {
        let page = console.flags(actor, &query).await?;
        let done = page.items.is_empty() || items.len() + page.items.len() >= page.total as usize;
        items.extend(page.items);
        if done {
            break;
        }
        query.page += 1;
    }
    if json {
        say(format_args!("{}", serde_json::to_string_pretty(&items)?));
        return Ok(());
    }
    row(&["KEY", "ENVIRONMENT", "STATUS", "RULES", "NAME"]);
    for f in items {
        let (environment, rules) = (f.environment.as_str(), f.rules.to_string());
        row(&[&f.key, environment, f.status.as_str(), &rules, &f.name]);
    }
    Ok(())
}
