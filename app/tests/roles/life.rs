//! Routes of an experiment's life, and experiments for which they make sense.

use nexus_control::testing::draft;
use nexus_domain::access::Action;
use nexus_domain::actor::Actor;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Command, CoverageStep, Schedule};

use super::super::world::World;

pub(super) const ROUTES: &[(&str, &str, Option<Action>)] = &[
    (
        "GET",
        "/settings/environments",
        Some(Action::ViewExperiments),
    ),
    (
        "POST",
        "/settings/environments",
        Some(Action::ManageEnvironments),
    ),
    (
        "GET",
        "/experiments/{id}/recompute",
        Some(Action::ViewExperiments),
    ),
    (
        "POST",
        "/experiments/{id}/recompute",
        Some(Action::EditExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/ask-review",
        Some(Action::EditExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/withdraw-review",
        Some(Action::EditExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/approve",
        Some(Action::ReviewExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/send-back",
        Some(Action::ReviewExperiment),
    ),
    (
        "GET",
        "/experiments/{id}/schedule",
        Some(Action::ViewExperiments),
    ),
    (
        "POST",
        "/experiments/{id}/schedule",
        Some(Action::StartExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/unschedule",
        Some(Action::StartExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/hold-ramp",
        Some(Action::PauseExperiment),
    ),
    (
        "POST",
        "/experiments/{id}/continue-ramp",
        Some(Action::StartExperiment),
    ),
];

pub(super) const COMMANDS: [&str; 7] = [
    "ask-review",
    "withdraw-review",
    "approve",
    "send-back",
    "unschedule",
    "hold-ramp",
    "continue-ramp",
];

/// Ramped, and where the command needs it.
pub(super) async fn experiment(w: &World, id: &str, command: &str) {
    let console = &w.t.console;
    // Not of the roles that are tested: nobody approves their own work.
    let owner = Actor::cli("ops", console.request_id());
    let mut draft = draft(id);
    draft.ramp = vec![CoverageStep {
        coverage_bp: 500,
        minutes: 60,
    }];
    if command == "recompute" {
        let rules = EnvironmentRules {
            environment: draft.environment,
            review: false,
            raw_days: 1,
        };
        let kept = console.set_environment_rules(&owner, rules).await;
        kept.expect("kept");
    }
    let made = console.create_experiment(&owner, draft).await;
    made.expect("created");
    let planned = Command::Schedule(Schedule {
        start_ms: Some(console.now_ms() + 3_600_000),
        end_ms: None,
        timezone: "UTC".to_owned(),
    });
    let ask = Command::AskReview {
        words: String::new(),
    };
    let before: &[Command] = match command {
        "withdraw-review" | "approve" | "send-back" => &[ask],
        "unschedule" => &[planned],
        "hold-ramp" | "recompute" => &[Command::Start],
        "continue-ramp" => &[Command::Start, Command::HoldRamp],
        _ => &[],
    };
    for command in before {
        let done = console.command_experiment(&owner, id, None, command.clone());
        done.await.expect("done");
    }
}
