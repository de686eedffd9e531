//! `nexus-admin group`: for lists that a script keeps.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use nexus_control::views::SavedGroupQuery;
use nexus_control::{Console, Error};
use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::saved_group::{GroupContent, SavedGroupDraft};

use crate::commands::{every, open, parse_environment, read, row, say};
use crate::config::Data;

#[derive(Subcommand)]
pub(crate) enum Group {
    /// List saved groups.
    List {
        /// Only in this environment.
        #[arg(long = "in", value_name = "ENVIRONMENT", value_parser = parse_environment)]
        only_in: Option<Environment>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Replace the values of a list. The running console publishes it.
    Set {
        /// The environment of the group.
        #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
        whose: Environment,
        /// As in `group list`.
        id: String,
        /// One value a line; `-` reads what comes in.
        file: PathBuf,
    },
}

pub(crate) async fn group(data: &Data, group: Group) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    match group {
        Group::List { only_in, json } => list(&console, &actor, only_in, json).await,
        Group::Set { whose, id, file } => set(&console, &actor, (whose, &id), &file).await,
    }
}

async fn set(
    console: &Console,
    actor: &Actor,
    (environment, id): (Environment, &str),
    file: &Path,
) -> anyhow::Result<()> {
    let text = read(file)?;
    let group = console.saved_group(actor, environment, id).await?.group;
    let mut draft = SavedGroupDraft::of(&group);
    let GroupContent::List { values, .. } = &mut draft.content else {
        anyhow::bail!("{environment}/{id} is a condition, not a list of values");
    };
    *values = text.lines().map(str::to_owned).collect();
    let version = group.version;
    let set = console
        .edit_saved_group(actor, environment, id, version, draft)
        .await;
    let set = match set {
        // What is wrong with which value is worth more than how much is.
        Err(Error::Invalid(problems)) => anyhow::bail!("{}", serde_json::to_string(&problems)?),
        set => set?,
    };
    let size = set.content.size().unwrap_or(0);
    say(format_args!("{environment}/{id} has {size} values"));
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
    let items = every(async |page| {
        let query = SavedGroupQuery {
            environment,
            page,
            ..SavedGroupQuery::default()
        };
        let found = console.saved_groups(actor, &query).await?;
        anyhow::Ok((found.items, found.total))
    })
    .await?;
    if json {
        say(format_args!("{}", serde_json::to_string_pretty(&items)?));
        return Ok(());
    }
    row(&["ID", "ENVIRONMENT", "KIND", "VALUES", "NAME"]);
    for g in items {
        let size = g
            .size
            .map_or_else(|| "–".to_owned(), |size| size.to_string());
        row(&[
            &g.id,
            g.environment.as_str(),
            g.kind.as_str(),
            &size,
            &g.name,
        ]);
    }
    Ok(())
}
