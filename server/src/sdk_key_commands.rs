//! `nexus-admin sdk-key`: for scripts that set up an environment, and for a leaked key.

use clap::Subcommand;
use nexus_domain::Environment;
use nexus_domain::sdk_key::{SdkKeyDraft, SdkKeyKind};

use crate::commands::{described, open, parse_environment, row, say};
use crate::config::Data;

#[derive(Subcommand)]
pub(crate) enum SdkKey {
    /// Create a key and print it. The running console publishes it.
    Create {
        /// What uses it; unique among the environment's keys in use.
        #[arg(long)]
        name: String,
        /// The environment whose gateways it is for.
        #[arg(long = "in", value_name = "ENVIRONMENT", value_parser = parse_environment)]
        environment: Environment,
        /// A secret for services, shown once, instead of a public key for pages and apps.
        #[arg(long)]
        server: bool,
        /// Web origin whose pages may use it; repeatable. Any by default.
        #[arg(long = "origin", value_name = "ORIGIN", conflicts_with = "server")]
        origins: Vec<String>,
        /// Print nothing but the key.
        #[arg(long)]
        print: bool,
    },
    /// List keys; never the text of server keys.
    List {
        /// Only in this environment.
        #[arg(long = "in", value_name = "ENVIRONMENT", value_parser = parse_environment)]
        environment: Option<Environment>,
    },
    /// Revoke a key for good. The running console publishes it.
    Revoke {
        /// As in `sdk-key list`.
        id: String,
    },
}

pub(crate) async fn sdk_key(data: &Data, command: SdkKey) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    match command {
        SdkKey::Create {
            name,
            environment,
            server,
            origins,
            print,
        } => {
            let kind = match server {
                true => SdkKeyKind::Server,
                false => SdkKeyKind::Client,
            };
            let draft = SdkKeyDraft {
                name,
                kind,
                origins,
                ..SdkKeyDraft::starter(environment)
            };
            let made = console.create_sdk_key(&actor, draft).await;
            let made = made.map_err(described)?;
            if server && !print {
                say(format_args!("This key is shown once; keep it safe:"));
            }
            say(format_args!("{}", made.key));
        }
        SdkKey::List { environment } => {
            row(&["ID", "STATE", "ENVIRONMENT", "KIND", "KEY", "NAME"]);
            for key in console.sdk_keys(&actor, environment).await? {
                let state = match key.revoked_ms {
                    Some(_) => "revoked",
                    None => "active",
                };
                let text = key.key.unwrap_or(format!("{}…", key.hint));
                let (environment, kind) = (key.environment.as_str(), key.kind.as_str());
                row(&[key.id.as_str(), state, environment, kind, &text, &key.name]);
            }
        }
        SdkKey::Revoke { id } => {
            console.revoke_sdk_key(&actor, &id).await?;
            say(format_args!("revoked"));
        }
    }
    Ok(())
}
