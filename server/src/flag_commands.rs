//! `nexus-admin flag`: for whoever has to switch one at night.

use anyhow::Context as _;
use clap::Subcommand;
use nexus_control::views::{FlagQuery, FlagRow, ImportState};
use nexus_control::{Console, Error, FlagCopy, Take};
use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::flag::{FlagCommand, FlagDraft, FlagStatus};
use nexus_domain::import::{ImportTo, MAX_IMPORTED};

use crate::commands::{described, every, open, parse_environment, read, row, say, say_comments};
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
    /// Print its settings as JSON, as `flag save` takes them.
    Show(Which),
    /// Create a flag from its settings as JSON, or edit the one that is there.
    Save {
        /// The file; `-` reads what is piped in.
        file: std::path::PathBuf,
        /// Only if it still has this version; otherwise the newest is edited.
        #[arg(long)]
        version: Option<u64>,
    },
    /// Take it to another environment. There it stays as it was, on or off; a new one is off.
    Copy {
        #[command(flatten)]
        flag: Which,
        /// Where to.
        #[arg(value_name = "TO", value_parser = parse_environment)]
        to: Environment,
    },
    /// Put it out of use: gateways forget it, code gets its own default.
    Archive(Switch),
    /// Bring it back, off.
    Unarchive(Switch),
    /// Say what switching it would change for recent visitors; it stays as it is.
    WhatIf(WhatIfArgs),
    /// Make links by which a browser sees one value and counts nowhere.
    QaLink(ValueLink),
    /// Take flags from an export file of GrowthBook or Unleash.
    Import(ImportArgs),
    /// The JSON Schema that the flag's values keep to.
    #[command(subcommand)]
    Schema(Schema),
    /// Say something of it.
    Comment {
        #[command(flatten)]
        flag: Which,
        /// Plain text of at most 2,000 characters.
        text: String,
    },
    /// List what was said of it, newest first.
    Comments(Which),
    /// Find where a checkout's code asks for flags, and tell the console.
    FindReferences(FindReferences),
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The flag's environment.
    #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
    whose: Environment,
    /// As in `flag list`.
    key: String,
}

#[derive(Subcommand)]
pub(crate) enum Schema {
    /// Print it; nothing where there is none.
    Get(Which),
    /// Set it. The flag's values must keep to it.
    Set {
        #[command(flatten)]
        flag: Which,
        /// The file with the JSON Schema (draft 2020-12); `-` reads what is piped in.
        file: std::path::PathBuf,
    },
    /// Take it away.
    Clear(Which),
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
pub(crate) struct WhatIfArgs {
    /// The environment whose visitors are asked about.
    #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
    whose: Environment,
    /// As in `flag list`.
    key: String,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Switch {
    /// The environment whose gateways are to follow.
    #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
    whose: Environment,
    /// As in `flag list`.
    key: String,
    /// Why; kept in the audit log.
    #[arg(long, default_value = "on the command line")]
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
        Flag::WhatIf(args) => return what_if(&console, &actor, &args).await,
        Flag::QaLink(args) => return value_link(&console, &actor, args).await,
        Flag::Import(args) => return import(&console, &actor, &args).await,
        Flag::Schema(command) => return schema(&console, &actor, command).await,
        Flag::Comment { flag, text } => {
            let Which { whose, key } = flag;
            let made = console.comment_on_flag(&actor, whose, &key, &text).await;
            made.map_err(described)?;
            say(format_args!("said of {whose}/{key}"));
            return Ok(());
        }
        Flag::Comments(Which { whose, key }) => {
            let detail = console.flag(&actor, whose, &key).await?;
            say_comments(&detail.comments);
            return Ok(());
        }
        Flag::Show(Which { whose, key }) => {
            let flag = console.flag(&actor, whose, &key).await?.flag;
            let draft = serde_json::to_string_pretty(&FlagDraft::of(&flag))?;
            say(format_args!("{draft}"));
            return Ok(());
        }
        Flag::Save { file, version } => {
            return save(&console, &actor, &read(&file)?, version).await;
        }
        Flag::Copy { flag, to } => return copy(&console, &actor, &flag, to).await,
        Flag::Enable(switch) => (switch, FlagCommand::Enable),
        Flag::Disable(switch) => (switch, FlagCommand::Disable),
        Flag::Archive(switch) => (switch, FlagCommand::Archive),
        Flag::Unarchive(switch) => (switch, FlagCommand::Unarchive),
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
    say_set_by(&console, &actor, environment, &key).await
}

/// What its status means for running experiments that set it.
async fn say_set_by(
    console: &Console,
    actor: &Actor,
    environment: Environment,
    key: &str,
) -> anyhow::Result<()> {
    let detail = console.flag(actor, environment, key).await?;
    if !detail.set_by.is_empty() {
        let ids: Vec<&str> = detail.set_by.iter().map(|used| used.id.as_str()).collect();
        let means = match detail.flag.status() {
            FlagStatus::On => "win over its rules",
            FlagStatus::Off => "give its off value in every variant",
            FlagStatus::Archived => "give their own values",
        };
        say(format_args!(
            "running experiments set it and {means}: {}",
            ids.join(", ")
        ));
    }
    Ok(())
}

/// The version of the flag that is there; none where there is none.
async fn version_of(
    console: &Console,
    actor: &Actor,
    environment: Environment,
    key: &str,
) -> anyhow::Result<Option<u64>> {
    match console.flag(actor, environment, key).await {
        Ok(detail) => Ok(Some(detail.flag.version)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn save(
    console: &Console,
    actor: &Actor,
    text: &str,
    version: Option<u64>,
) -> anyhow::Result<()> {
    let draft: FlagDraft = serde_json::from_str(text).context("these are no settings of a flag")?;
    let (environment, key) = (draft.environment, draft.key.clone());
    let there = match version {
        Some(version) => Some(version),
        None => version_of(console, actor, environment, &key).await?,
    };
    let saved = match there {
        None => console.create_flag(actor, draft).await,
        Some(version) => {
            let edited = console.edit_flag(actor, environment, &key, version, draft);
            edited.await
        }
    };
    let saved = saved.map_err(described)?;
    say(format_args!(
        "{environment}/{key} is at version {} and {}",
        saved.version,
        saved.status().as_str()
    ));
    say_set_by(console, actor, environment, &key).await
}

async fn copy(
    console: &Console,
    actor: &Actor,
    Which { whose, key }: &Which,
    to: Environment,
) -> anyhow::Result<()> {
    let copy = FlagCopy {
        key,
        from: *whose,
        to,
        version: version_of(console, actor, to, key).await?,
    };
    let copied = console.copy_flag(actor, copy).await.map_err(described)?;
    say(format_args!(
        "{to}/{key} is at version {} and {}",
        copied.version,
        copied.status().as_str()
    ));
    say_set_by(console, actor, to, key).await
}

async fn what_if(console: &Console, actor: &Actor, args: &WhatIfArgs) -> anyhow::Result<()> {
    let flag = console.flag(actor, args.whose, &args.key).await?.flag;
    let command = match flag.enabled {
        true => FlagCommand::Disable,
        false => FlagCommand::Enable,
    };
    let answer = console
        .what_if_flag_command(actor, args.whose, &args.key, command)
        .await?;
    if args.json {
        say(format_args!("{}", serde_json::to_string_pretty(&answer)?));
        return Ok(());
    }
    let minutes = (answer.window.until_ms - answer.window.from_ms) / 60_000;
    say(format_args!(
        "of {} visitors of the last {minutes} minutes, {:.1} % would get another value",
        answer.window.all.sampled,
        answer.changed.share * 100.0
    ));
    row(&["NOW", "THEN", "SHARE", "VISITORS"]);
    for one in &answer.moves {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let share = format!("{:.1} %", one.users.share * 100.0);
        let visitors = one.users.visitors.to_string();
        row(&[&said(&one.from), &said(&one.to), &share, &visitors]);
    }
    Ok(())
}

async fn schema(console: &Console, actor: &Actor, command: Schema) -> anyhow::Result<()> {
    let (Which { whose, key }, new) = match command {
        Schema::Get(Which { whose, key }) => {
            let flag = console.flag(actor, whose, &key).await?.flag;
            if let Some(schema) = &flag.schema {
                say(format_args!("{}", serde_json::to_string_pretty(schema)?));
            }
            return Ok(());
        }
        Schema::Set { flag, file } => {
            let schema = serde_json::from_str(&read(&file)?);
            (flag, Some(schema.context("the schema is not JSON")?))
        }
        Schema::Clear(flag) => (flag, None),
    };
    let flag = console.flag(actor, whose, &key).await?.flag;
    let draft = FlagDraft {
        schema: new,
        ..FlagDraft::of(&flag)
    };
    let changed = console.edit_flag(actor, whose, &key, flag.version, draft);
    let changed = changed.await.map_err(described)?;
    let said = match changed.schema {
        Some(_) => "has a schema",
        None => "has no schema",
    };
    say(format_args!("{whose}/{key} {said}"));
    Ok(())
}

async fn import(console: &Console, actor: &Actor, args: &ImportArgs) -> anyhow::Result<()> {
    let text = read(&args.file)?;
    let to = ImportTo {
        environment: args.to,
        from: &args.from,
    };
    let preview = console.preview_import(actor, &text, to).await?;
    row(&["KEY", "STATE", "RULES", "NEEDS", "NOTES"]);
    let wanted = preview.with_needs(|flag| match flag.state {
        _ if flag.partial && !args.partial => false,
        ImportState::New => true,
        ImportState::Differs { .. } => args.overwrite,
        ImportState::Same | ImportState::Archived | ImportState::Impossible => false,
    });
    let take = wanted.into_iter().map(|flag| Take {
        key: flag.key.clone(),
        version: match flag.state {
            ImportState::Differs { version } => Some(version),
            _ => None,
        },
    });
    let take: Vec<Take> = take.collect();
    for flag in &preview.rows {
        let state = match flag.state {
            ImportState::New => "new",
            ImportState::Same => "same",
            ImportState::Differs { .. } => "differs",
            ImportState::Archived => "archived",
            ImportState::Impossible => "impossible",
        };
        let rules = flag.draft.as_ref().map_or(0, |draft| draft.rules.len());
        let notes = serde_json::to_string(&flag.notes)?;
        let needs = match flag.needs.is_empty() {
            true => "-".to_owned(),
            false => flag.needs.join(" "),
        };
        row(&[&flag.key, state, &rules.to_string(), &needs, &notes]);
    }
    if !args.commit {
        let count = take.len();
        say(format_args!(
            "{count} flags would be taken; repeat it with --commit"
        ));
        return Ok(());
    }
    // Each part is one commit: what is said is done, whatever becomes of the next.
    for part in take.chunks(MAX_IMPORTED) {
        let done = console.import_flags(actor, &text, to, Some(part), args.keep_state);
        let done = done.await.map_err(described)?;
        say(format_args!("created: {}", done.created.join(" ")));
        say(format_args!("changed: {}", done.changed.join(" ")));
    }
    Ok(())
}

/// Every flag that is not archived.
pub(crate) async fn all(
    console: &Console,
    actor: &Actor,
    environment: Option<Environment>,
) -> anyhow::Result<Vec<FlagRow>> {
    every(async |page| {
        let query = FlagQuery {
            environment,
            page,
            ..FlagQuery::default()
        };
        let found = console.flags(actor, &query).await?;
        anyhow::Ok((found.items, found.total))
    })
    .await
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
