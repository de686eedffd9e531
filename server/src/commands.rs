//! The commands besides `serve`. They work on the database directly, as the
//! `cli` actor: whoever can run them on the server owns the database anyhow,
//! and every change is in the audit log like any other.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use nexus_app::Cx;
use nexus_app::text::problem::placed_problem;
use nexus_control::views::{Comment, PendingRequest};
use nexus_control::{Confirmed, Console, Error};
use nexus_domain::access::{Grant, Role, Scope};
use nexus_domain::actor::{Actor, StepUp};
use nexus_domain::{Environment, FieldProblem};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::config::Data;
use crate::wiring;

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Check an export offline: every entry, the tree, the signed checkpoint.
    Verify {
        /// File written by `audit export` or the audit page.
        file: PathBuf,
        /// Public key that must have signed, as `audit public-key` prints it;
        /// without it the key in the file is used and shown.
        #[arg(long)]
        key: Option<String>,
    },
    /// Write the whole log as JSON lines.
    Export {
        /// File to write; must not exist.
        to: PathBuf,
    },
    /// Print the key that signs checkpoints.
    PublicKey,
}

#[derive(Subcommand)]
pub(crate) enum Member {
    /// Add a person (address) or a machine (client id of a service token).
    Add {
        /// Address the person signs in with, or client id of the service token.
        #[arg(value_name = "ADDRESS")]
        email: String,
        /// viewer, experimenter, operator, approver, security_admin or owner; repeatable.
        #[arg(long = "role", value_name = "ROLE", required = true, value_parser = parse_role)]
        roles: Vec<Role>,
        /// Only in this environment; in all by default.
        #[arg(long = "in", value_name = "ENVIRONMENT", value_parser = parse_environment)]
        only_in: Option<Environment>,
        /// An Access service token instead of a person.
        #[arg(long)]
        machine: bool,
    },
    /// List members.
    List,
}

#[derive(Subcommand)]
pub(crate) enum Token {
    /// Create a token and print it once.
    Create {
        /// What the token is for; shown in the list and in the audit log.
        #[arg(long)]
        name: String,
        /// experiments:read, experiments:write, flags:read, flags:write, sdk_keys:read,
        /// sdk_keys:write, audit:read, members:read or ingest; repeatable.
        #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = parse_scope)]
        scopes: Vec<Scope>,
        /// Days until the token stops working.
        #[arg(long, value_name = "DAYS", default_value_t = 90)]
        expires_days: u32,
        /// Print nothing but the token.
        #[arg(long)]
        print: bool,
    },
    /// List tokens; never their secrets.
    List,
    /// Revoke a token at once.
    Revoke {
        /// As in `token list`.
        id: String,
    },
}

#[derive(Subcommand)]
pub(crate) enum Keys {
    /// Print the public key that gateways must trust, as `<key id>:<base64url>`.
    Show,
}

pub(crate) async fn migrate(data: &Data) -> anyhow::Result<()> {
    wiring::console(data).await?;
    say(format_args!(
        "{} is up to date",
        data.data_dir.join("console.db").display()
    ));
    Ok(())
}

pub(crate) async fn backup(data: &Data, to: &Path) -> anyhow::Result<()> {
    refuse_existing(to)?;
    wiring::open(data).await?.backup(to).await?;
    say(format_args!("wrote {}", to.display()));
    say(format_args!(
        "the keys in {}/*.key are not in it: keep a copy of them in a safe place",
        data.data_dir.display()
    ));
    Ok(())
}

pub(crate) async fn audit(data: &Data, audit: Audit) -> anyhow::Result<()> {
    match audit {
        Audit::Verify { file, key } => verify(&file, key.as_deref()),
        Audit::Export { to } => {
            refuse_existing(&to)?;
            let (console, actor) = open(data).await?;
            let entries = export(&console, &actor, &to).await?;
            say(format_args!("wrote {entries} entries to {}", to.display()));
            Ok(())
        }
        Audit::PublicKey => {
            let (console, _) = open(data).await?;
            say(format_args!("{}", console.audit_public_key()));
            Ok(())
        }
    }
}

fn verify(file: &Path, key: Option<&str>) -> anyhow::Result<()> {
    let text = std::fs::File::open(file).with_context(|| file.display().to_string())?;
    let report = nexus_audit_verify::verify_export(std::io::BufReader::new(text), key)
        .with_context(|| format!("{} does not verify", file.display()))?;
    say(format_args!("{report}"));
    Ok(())
}

async fn export(console: &Console, actor: &Actor, to: &Path) -> anyhow::Result<u64> {
    use std::io::Write as _;
    let mut file = std::io::BufWriter::new(std::fs::File::create_new(to)?);
    let (mut next, mut entries) = (Some(0), 0);
    while let Some(from) = next {
        let chunk = console.audit_export(actor, from, 10_000).await?;
        file.write_all(chunk.text.as_bytes())?;
        entries += chunk.entries;
        next = chunk.next_seq;
    }
    file.into_inner()?.sync_all()?;
    Ok(entries)
}

pub(crate) async fn member(data: &Data, member: Member) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    match member {
        Member::Add {
            email,
            roles,
            only_in,
            machine,
        } => {
            let grants = roles.into_iter().map(|role| Grant {
                role,
                environment: only_in,
            });
            let request = PendingRequest::AddMember {
                email,
                machine,
                grants: grants.collect(),
            };
            confirm(&console, actor, request).await?;
            say(format_args!("added"));
        }
        Member::List => {
            row(&["ID", "STATE", "ADDRESS", "ROLES"]);
            for m in console.members(&actor).await? {
                let roles: Vec<String> = m.grants.iter().map(role_in).collect();
                let state = if m.disabled { "disabled" } else { "active" };
                row(&[&m.id, state, &m.email, &roles.join(",")]);
            }
        }
    }
    Ok(())
}

pub(crate) async fn token(data: &Data, token: Token) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    match token {
        Token::Create {
            name,
            scopes,
            expires_days,
            print,
        } => {
            let request = PendingRequest::CreateToken {
                name,
                scopes,
                expires_days,
            };
            let Confirmed::Token(once) = confirm(&console, actor, request).await? else {
                bail!("no token was made");
            };
            if !print {
                say(format_args!("This token is shown once; keep it safe:"));
            }
            say(format_args!("{}", once.secret));
        }
        Token::List => {
            row(&["ID", "STATE", "NAME", "SCOPES"]);
            for t in console.tokens(&actor).await? {
                let scopes: Vec<&str> = t.scopes.iter().map(|s| s.as_str()).collect();
                let state = if t.revoked_ms.is_some() {
                    "revoked"
                } else {
                    "active"
                };
                row(&[&t.id, state, &t.name, &scopes.join(",")]);
            }
        }
        Token::Revoke { id } => {
            console.revoke_token(&actor, &id).await?;
            say(format_args!("revoked"));
        }
    }
    Ok(())
}

pub(crate) async fn keys(data: &Data, keys: Keys) -> anyhow::Result<()> {
    let Keys::Show = keys;
    let (console, _) = open(data).await?;
    say(format_args!("{}", console.snapshot_public_key().await));
    Ok(())
}

/// On the server's own machine being its user is the second factor.
async fn confirm(
    console: &Console,
    mut actor: Actor,
    request: PendingRequest,
) -> anyhow::Result<Confirmed> {
    let pending = console.request(&actor, request).await.map_err(described)?;
    actor.step_up = Some(StepUp {
        action_digest: pending.action_digest,
        at_ms: console.now_ms(),
    });
    console
        .confirm(&actor, &pending.id)
        .await
        .map_err(described)
}

pub(crate) async fn open(data: &Data) -> anyhow::Result<(Console, Actor)> {
    let console = wiring::console(data).await?.console;
    let actor = Actor::cli(&user(), console.request_id());
    Ok((console, actor))
}

/// Whom the audit log names. Containers often tell no user name.
fn user() -> String {
    ["USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
        .unwrap_or_else(|| "command line".to_owned())
}

/// An input error with every problem, as the terminal has no form to show them in.
pub(crate) fn described(error: Error) -> anyhow::Error {
    match &error {
        Error::Invalid(problems) => {
            let lines: Vec<String> = problems.iter().map(in_english).collect();
            anyhow::anyhow!("{error}\n  {}", lines.join("\n  "))
        }
        _ => error.into(),
    }
}

/// `Link: An address begins with https:// or http://.`
pub(crate) fn in_english(found: &FieldProblem) -> String {
    placed_problem(&Cx::outside_pages(), found)
}

fn refuse_existing(path: &Path) -> anyhow::Result<()> {
    if path.exists() {
        bail!("{} exists already", path.display());
    }
    Ok(())
}

/// `operator`, or `operator@staging` for one environment.
fn role_in(grant: &Grant) -> String {
    let role = grant.role.as_str();
    match grant.environment {
        Some(environment) => format!("{role}@{}", environment.as_str()),
        None => role.to_owned(),
    }
}

/// A line of a list, for people and for `cut`.
pub(crate) fn row(cells: &[&str]) {
    say(format_args!("{}", cells.join("\t")));
}

#[expect(clippy::print_stdout, reason = "the one place where a command answers")]
pub(crate) fn say(line: std::fmt::Arguments<'_>) {
    println!("{line}");
}

/// All of a list that comes in pages: `ask` gives a page by its number, and how many there are
/// on all of them.
pub(crate) async fn every<T, E>(
    mut ask: impl AsyncFnMut(u32) -> Result<(Vec<T>, u64), E>,
) -> Result<Vec<T>, E> {
    let mut all = Vec::new();
    for number in 1.. {
        let (items, total) = ask(number).await?;
        let is_last = items.is_empty();
        all.extend(items);
        if is_last || all.len() as u64 >= total {
            break;
        }
    }
    Ok(all)
}

/// What was said of a flag or an experiment, newest first.
pub(crate) fn say_comments(comments: &[Comment]) {
    row(&["AT", "BY", "TEXT"]);
    for one in comments {
        // A line each, whatever was typed.
        let text = one.text.split_whitespace().collect::<Vec<_>>().join(" ");
        row(&[&rfc3339(one.at_ms), &one.by, &text]);
    }
}

/// The text of a file, or of what is piped in where it is called `-`.
pub(crate) fn read(file: &Path) -> anyhow::Result<String> {
    match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()).context("what is piped in"),
        false => std::fs::read_to_string(file)
            .with_context(|| format!("{} can't be read", file.display())),
    }
}

/// A time in UTC, to the second.
pub(crate) fn rfc3339(ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000));
    let text = time.ok().and_then(|time| time.format(&Rfc3339).ok());
    text.unwrap_or_else(|| ms.to_string())
}

/// Milliseconds since 1970 UTC.
pub(crate) fn parse_time(text: &str) -> Result<i64, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    let time = time.map_err(|_| "a time such as 2026-12-01T09:00:00+09:00".to_owned())?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).map_err(|error| error.to_string())
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| one_of(Role::ALL.iter().map(|r| r.as_str())))
}

fn parse_scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| one_of(Scope::ALL.iter().map(|s| s.as_str())))
}

pub(crate) fn parse_environment(text: &str) -> Result<Environment, String> {
    Environment::parse(text).ok_or_else(|| one_of(Environment::ALL.iter().map(|e| e.as_str())))
}

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("one of {}", names.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_domain::{Field, Problem};

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let found = FieldProblem::new(Field::RuleCoverage(1), Problem::NotANumber);
        let said = described(Error::Invalid(vec![found])).to_string();
        assert!(
            said.ends_with("\n  Rule 2 · Coverage: A number from 0 up."),
            "{said}"
        );
    }
}
