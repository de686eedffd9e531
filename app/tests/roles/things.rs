//! What the requests are about.

use nexus_control::testing::draft;
use nexus_domain::experiment::{Command, Metric};

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
