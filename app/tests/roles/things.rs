//! What the requests are about.

use nexus_control::testing::draft;
use nexus_domain::experiment::{Command, Metric};
use nexus_domain::qa::QaDraft;
use nexus_domain::template::TemplateDraft;

use super::World;

/// With a metric, in the state that the command wants.
pub(super) async fn experiment(w: &World, id: &str, command: &str) {
    let (console, owner) = (&w.t.console, w.owner());
    let mut draft = draft(id);
    draft.metrics = vec![Metric {
        key: "revenue".to_owned(),
        ..Metric::default()
    }];
    let made = console.create_experiment(&owner, draft).await;
    made.expect("created");
    let before: &[Command] = match command {
        "pause" | "stop" | "decide" => &[Command::Start],
        "unarchive" => &[Command::Archive],
        "resume" => &[Command::Start, Command::Pause],
        _ => &[],
    };
    for command in before {
        let done = console.command_experiment(&owner, id, None, command.clone());
        done.await.expect("done");
    }
}

/// A link of the experiment; its id.
pub(super) async fn qa_link(w: &World, experiment: &str) -> String {
    let draft = QaDraft {
        page: "https://shop.example/".to_owned(),
        hours: 1,
        only: Vec::new(),
    };
    let (console, owner) = (&w.t.console, w.owner());
    let made = console.make_variant_links(&owner, experiment, &draft).await;
    made.expect("made").remove(0).link.id.to_string()
}

/// The experiment as a template; its id.
pub(super) async fn template(w: &World, experiment: &str) -> String {
    let draft = TemplateDraft {
        name: experiment.to_owned(),
        ..TemplateDraft::default()
    };
    let (console, owner) = (&w.t.console, w.owner());
    let saved = console.save_experiment_as_template(&owner, experiment, draft);
    saved.await.expect("saved").id.to_string()
}
