//! `nexus-admin template`: what new experiments and flags can begin from.

use clap::Subcommand;
use nexus_domain::Environment;
use nexus_domain::template::{TemplateDraft, TemplateKind};

use crate::commands::{described, open, parse_environment, row, say};
use crate::config::Data;

#[derive(Subcommand)]
pub(crate) enum Template {
    /// List the templates that the team saved.
    List {
        /// As JSON, with their drafts.
        #[arg(long)]
        json: bool,
    },
    /// Save an experiment's settings as a template.
    SaveExperiment {
        /// As in `experiment list`.
        id: String,
        #[command(flatten)]
        words: Words,
    },
    /// Save a flag's settings as a template.
    SaveFlag {
        /// The environment of the flag.
        #[arg(value_name = "ENVIRONMENT", value_parser = parse_environment)]
        whose: Environment,
        /// As in `flag list`.
        key: String,
        #[command(flatten)]
        words: Words,
    },
    /// Delete a template. What began from it stays as it is.
    Delete {
        /// As in `template list`.
        id: String,
    },
}

#[derive(clap::Args)]
pub(crate) struct Words {
    /// What it is for; unique among those of its kind.
    #[arg(long)]
    name: String,
    /// When to take it.
    #[arg(long, default_value = "")]
    description: String,
}

impl Words {
    fn draft(self) -> TemplateDraft {
        TemplateDraft {
            name: self.name,
            description: self.description,
        }
    }
}

pub(crate) async fn template(data: &Data, template: Template) -> anyhow::Result<()> {
    let (console, actor) = open(data).await?;
    let done = match template {
        Template::List { json } => {
            let mut all = console.templates(&actor, TemplateKind::Experiment).await?;
            all.extend(console.templates(&actor, TemplateKind::Flag).await?);
            if json {
                say(format_args!("{}", serde_json::to_string_pretty(&all)?));
                return Ok(());
            }
            row(&["ID", "KIND", "NAME"]);
            for one in &all {
                row(&[one.id.as_str(), one.content.kind().as_str(), &one.name]);
            }
            return Ok(());
        }
        Template::SaveExperiment { id, words } => {
            let saved = console.save_experiment_as_template(&actor, &id, words.draft());
            saved.await
        }
        Template::SaveFlag { whose, key, words } => {
            let saved = console.save_flag_as_template(&actor, whose, &key, words.draft());
            saved.await
        }
        Template::Delete { id } => console.delete_template(&actor, &id).await,
    };
    let done = done.map_err(described)?;
    say(format_args!("{} {}", done.id, done.name));
    Ok(())
}
