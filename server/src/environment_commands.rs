//! `nexus-admin environment`: what environments ask of their experiments.

use clap::Subcommand;
use nexus_domain::Environment;
use nexus_domain::environment::EnvironmentRules;

use crate::commands::{open, parse_environment, row, say};
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
            row(&["ENVIRONMENT", "APPROVAL"]);
            for rules in console.environment_rules(&actor).await? {
                row(&[rules.environment.as_str(), approval(rules)]);
            }
        }
        Environments::Approval { whose, rule } => {
            let new = EnvironmentRules {
                environment: whose,
                review: matches!(rule, Approval::Required),
            };
            let now = console.set_environment_rules(&actor, new).await?;
            say(format_args!("{whose}: approval {}", approval(now)));
        }
    }
    Ok(())
}

const fn approval(rules: EnvironmentRules) -> &'static str {
    match rules.review {
        true => "required",
        false => "not-required",
    }
}
