//! `nexus-admin flag`: for whoever has to switch one at night.

use clap::Subcommand;
use nexus_control::views::{FlagQuery, FlagRow, ImportState};
use nexus_control::{Console, Take};
use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::flag::FlagCommand;
use nexus_domain::import::ImportTo;

use crate::commands::{open, parse_environment, row, say};
use crate::config::Data;
use crate::find_references::{FindReferences, find_references};
use crate::qa_commands::{ValueLink, value_link};

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
    /// Make links by which a browser sees one value and counts nowhere.
    QaLink(ValueLink),
    /// Take flags from an export file of GrowthBook or Unleash.
    Import(ImportArgs),
    /// Find where a checkout's code asks for flags, and tell the console.
    FindReferences(FindReferences),
}

#[derive(clap::Args)]
pub(crate) struct ImportArgs {
    /// The environment they go to.
    #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
    to: Environment,
    /// The file; `-` reads what is piped in.
    file: std::path::PathBuf,
    /// The environment of the file to read.
    #[arg(long, default_value = "")]
    from: String,
    /// Do it; otherwise it is only shown what would be done.
    #[arg(long)]
    commit: bool,
    /// Also those that lose something; they are off.
    #[arg(long)]
    partial: bool,
    /// Also write over flags that are there and differ.
    #[arg(long)]
    overwrite: bool,
    /// New flags are on where they are on in the file.
    #[arg(long)]
    keep_state: bool,
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
    let flag = match flag {
        Flag::FindReferences(args) => return find_references(data, args).await,
        flag => flag,
    };
    let (console, actor) = open(data).await?;
    let (switch, command) = match flag {
        Flag::List { only_in, json } => {
            return list(&console, &actor, only_in, json).await;
        }
        // It may need no database, so it is done above.
        Flag::FindReferences(_) => return Ok(()),
        Flag::QaLink(args) => return value_link(&console, &actor, args).await,
        Flag::Import(args) => return import(&console, &actor, &args).await,
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

async fn import(console: &Console, actor: &Actor, args: &ImportArgs) -> anyhow::Result<()> {
    let text = match args.file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin())?,
        false => std::fs::read_to_string(&args.file)?,
    };
    let to = ImportTo {
        environment: args.to,
        from: &args.from,
    };
    let preview = console.preview_import(actor, &text, to).await?;
    row(&["KEY", "STATE", "RULES", "NOTES"]);
    let mut take = Vec::new();
    for flag in &preview.rows {
        let (state, version, asked) = match flag.state {
            ImportState::New => ("new", None, true),
            ImportState::Same => ("same", None, false),
            ImportState::Differs { version } => ("differs", Some(version), args.overwrite),
            ImportState::Archived => ("archived", None, false),
            ImportState::Impossible => ("impossible", None, false),
        };
        if asked && (!flag.partial || args.partial) {
            let key = flag.key.clone();
            take.push(Take { key, version });
        }
        let rules = flag.draft.as_ref().map_or(0, |draft| draft.rules.len());
        let notes = serde_json::to_string(&flag.notes)?;
        row(&[&flag.key, state, &rules.to_string(), &notes]);
    }
    if !args.commit {
        let count = take.len();
        say(format_args!(
            "{count} flags would be taken; repeat it with --commit"
        ));
        return Ok(());
    }
    let done = console.import_flags(actor, &text, to, Some(&take), args.keep_state);
    let done = done.await?;
    say(format_args!("created: {}", done.created.join(" ")));
    say(format_args!("changed: {}", done.changed.join(" ")));
    Ok(())
}

/// Every flag that is not archived.
pub(crate) async fn all(
    console: &Console,
    actor: &Actor,
    environment: Option<Environment>,
) -> anyhow::Result<Vec<FlagRow>> {
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
            return Ok(items);
        }
        query.page += 1;
    }
}

async fn list(
    console: &Console,
    actor: &Actor,
    environment: Option<Environment>,
    json: bool,
) -> anyhow::Result<()> {
    let items = all(console, actor, environment).await?;
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
