//! `nexus-admin environment`: what environments ask of their experiments.

use anyhow::Context as _;
use clap::Subcommand;
use nexus_control::Console;
use nexus_domain::Environment;
use nexus_domain::actor::Actor;
use nexus_domain::environment::EnvironmentRules;

use crate::commands::{described, open, parse_environment, row, say};
use crate::config::Data;

#[derive(Subcommand)]
pub(crate) enum Environments {
    /// List what each asks.
    List,
    /// Say whether another person must approve an experiment before it starts.
    Approval {
        /// The environment whose experiments it is about.
        #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
        whose: Environment,
        /// `required` holds from the next start on; what runs goes on.
        #[arg(value_enum)]
        rule: Approval,
    },
    /// Say for how many days raw events are kept, from which experiments can be recomputed.
    RawEvents {
        /// The environment whose events they are.
        #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
        whose: Environment,
        /// 1 to 90; 0 keeps none, and removes those that were kept.
        days: u16,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Approval {
    Required,
    NotRequired,
}

pub(crate) async fn environment(data: &Data, command: Environments) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    match command {
        Environments::List => {
            row(&["ENVIRONMENT", "APPROVAL", "RAW EVENTS"]);
            for rules in console.environment_rules(&actor).await? {
                let days = format!("{} days", rules.raw_days);
                row(&[rules.environment.as_str(), approval(rules), &days]);
            }
        }
        Environments::Approval { whose, rule } => {
            let new = EnvironmentRules {
                review: matches!(rule, Approval::Required),
                ..rules_of(&console, &actor, whose).await?
            };
            let now = console.set_environment_rules(&actor, new).await?;
            say(format_args!("{whose}: approval {}", approval(now)));
        }
        Environments::RawEvents { whose, days } => {
            let new = EnvironmentRules {
                raw_days: days,
                ..rules_of(&console, &actor, whose).await?
            };
            let now = console.set_environment_rules(&actor, new).await;
            let now = now.map_err(described)?;
            say(format_args!("{whose}: raw events {} days", now.raw_days));
        }
    }
    Ok(())
}

async fn rules_of(
    console: &Console,
    actor: &Actor,
    whose: Environment,
) -> anyhow::Result<EnvironmentRules> {
    let all = console.environment_rules(actor).await?;
    let ours = all.into_iter().find(|rules| rules.environment == whose);
    ours.context("no such environment")
}

const fn approval(rules: EnvironmentRules) -> &'static str {
    match rules.review {
        true => "required",
        false => "not-required",
    }
}
