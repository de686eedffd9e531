//! What came of an experiment: the answer, the winner as flags, and the shelf.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::testing::{draft, flag_draft};
use nexus_control::views::ExperimentQuery;
use nexus_control::{Deciding, Error, Result};
use nexus_domain::access::{Grant, Role};
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Experiment, Outcome, Status};
use nexus_domain::{Environment, Field, Problem};
use serde_json::json;

const PRODUCTION: Environment = Environment::Production;

async fn decide(w: &World, actor: &Actor, outcome: Outcome, as_flags: bool) -> Result<Experiment> {
    let deciding = Deciding {
        outcome,
        learned: "shorter is better".to_owned(),
        as_flags,
    };
    let console = &w.t.console;
    console
        .decide_experiment(actor, "checkout", None, deciding)
        .await
}

fn ship() -> Outcome {
    Outcome::Ship {
        variant: "treatment".to_owned(),
    }
}

/// An experiment that runs, whose second variant sets two features.
async fn running(w: &World) {
    let mut draft = draft("checkout");
    draft.variants[1].key = "treatment".to_owned();
    draft.variants[1].features = json!({ "steps": 2, "cta": "Buy" })
        .as_object()
        .cloned()
        .unwrap();
    w.started(draft).await;
}

#[test]
fn a_winner_is_shipped_in_one_commit_and_one_snapshot() {
    run(async {
        let w = world(1).await;
        running(&w).await;
        let before = w.t.console.flag(&w.owner, PRODUCTION, "steps").await;
        assert!(matches!(before, Err(Error::NotFound { .. })));
        let plans = w.t.console.shipping(&w.owner, "checkout").await.unwrap();
        assert_eq!((plans.len(), plans[0].flags.len()), (1, 2));

        let e = decide(&w, &w.owner, ship(), true).await.unwrap();
        assert_eq!((e.status, e.has_ended()), (Status::Decided, true));
        for (key, value) in [("steps", json!(2)), ("cta", json!("Buy"))] {
            let flag =
                w.t.console
                    .flag(&w.owner, PRODUCTION, key)
                    .await
                    .unwrap()
                    .flag;
            assert!(flag.enabled);
            assert_eq!(flag.rules[0].value, value);
        }
        assert_eq!(e.conclusion.unwrap().flags, ["cta", "steps"]);
        // The snapshot in which the experiment is gone is the one in which the flags are there.
        let payload = w.t.console.sdk_payload(&w.owner, PRODUCTION).await.unwrap();
        assert_eq!(payload.version, 2);
        assert_eq!(payload.features["steps"]["rules"][0]["force"], json!(2));
        assert!(!payload.features.contains_key("checkout"));

        let detail = w.t.console.experiment(&w.owner, "checkout").await.unwrap();
        let entry = &detail.history[0].entry;
        assert_eq!(entry.action, "experiment.decide");
        assert_eq!(
            entry.reason.as_deref(),
            Some("ship treatment: shorter is better")
        );

        // Another decision leaves them, and the same again has nothing to do.
        let plans = w.t.console.shipping(&w.owner, "checkout").await.unwrap();
        assert!(plans[0].flags.is_empty() && plans[0].problems.is_empty());
        let again = decide(&w, &w.owner, ship(), true).await.unwrap();
        assert_eq!(again.conclusion.unwrap().flags, ["cta", "steps"]);
        let kept = decide(&w, &w.owner, Outcome::KeepControl, false).await;
        assert_eq!(kept.unwrap().conclusion.unwrap().flags, ["cta", "steps"]);
        let flag = w.t.console.flag(&w.owner, PRODUCTION, "steps").await;
        assert_eq!(flag.unwrap().flag.rules.len(), 1);
    });
}

#[test]
fn whatever_can_not_be_a_flag_ships_nothing_and_decides_nothing() {
    run(async {
        let w = world(1).await;
        running(&w).await;
        let other = nexus_domain::flag::FlagDraft {
            key: "steps".to_owned(),
            ..flag_draft("steps")
        };
        w.t.console.create_flag(&w.owner, other).await.unwrap();
        let refused = decide(&w, &w.owner, ship(), true).await;
        let Err(Error::Invalid(problems)) = refused else {
            panic!("{refused:?}")
        };
        assert_eq!(problems[0].field, Field::VariantFeatures(1));
        assert!(matches!(problems[0].problem, Problem::NotOfKind { .. }));
        let e = w.t.console.experiment(&w.owner, "checkout").await.unwrap();
        assert_eq!(e.experiment.status, Status::Running);
        let cta = w.t.console.flag(&w.owner, PRODUCTION, "cta").await;
        assert!(matches!(cta, Err(Error::NotFound { .. })));

        for variant in ["control", "nobody"] {
            let variant = variant.to_owned();
            let refused = decide(&w, &w.owner, Outcome::Ship { variant }, false).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
    });
}

#[test]
fn deciding_what_runs_needs_to_be_allowed_to_stop_it_and_shipping_to_make_flags() {
    run(async {
        let w = world(1).await;
        running(&w).await;
        let of = |role| Actor {
            grants: vec![Grant {
                role,
                environment: Some(PRODUCTION),
            }],
            ..w.owner.clone()
        };
        for role in [Role::Viewer, Role::Operator, Role::Approver] {
            let refused = decide(&w, &of(role), Outcome::Inconclusive, false).await;
            assert!(matches!(refused, Err(Error::Forbidden { .. })), "{role:?}");
        }
        let done = decide(&w, &of(Role::Experimenter), ship(), true).await;
        assert_eq!(done.unwrap().status, Status::Decided);
    });
}

#[test]
fn an_answer_may_change_and_the_shelf_is_no_grave() {
    run(async {
        let w = world(1).await;
        running(&w).await;
        let first = decide(&w, &w.owner, Outcome::Inconclusive, false)
            .await
            .unwrap();
        let second = decide(&w, &w.owner, Outcome::KeepControl, true)
            .await
            .unwrap();
        assert_eq!(second.stopped_ms, first.stopped_ms);
        assert_eq!(
            second.conclusion.as_ref().unwrap().outcome,
            Outcome::KeepControl
        );

        let command = |command| {
            let console = &w.t.console;
            console.command_experiment(&w.owner, "checkout", None, command)
        };
        command(Command::Archive).await.unwrap();
        let listed = async |status| {
            let query = ExperimentQuery {
                status,
                ..ExperimentQuery::default()
            };
            w.t.console
                .experiments(&w.owner, &query)
                .await
                .unwrap()
                .total
        };
        assert_eq!(listed(None).await, 0);
        assert_eq!(listed(Some(Status::Archived)).await, 1);
        let edited =
            w.t.console
                .edit_experiment(&w.owner, "checkout", 5, draft("checkout"));
        assert!(matches!(
            edited.await,
            Err(Error::Refused(Status::Archived))
        ));
        let back = command(Command::Unarchive).await.unwrap();
        assert_eq!(back.status, Status::Decided);
        assert!(matches!(
            command(Command::Start).await,
            Err(Error::Refused(_))
        ));
    });
}

#[test]
fn a_draft_that_was_shelved_still_starts_with_its_counters() {
    run(async {
        let w = world(1).await;
        w.t.console
            .create_experiment(&w.owner, draft("checkout"))
            .await
            .unwrap();
        for command in [Command::Archive, Command::Unarchive, Command::Start] {
            let console = &w.t.console;
            let done = console.command_experiment(&w.owner, "checkout", None, command);
            done.await.unwrap();
        }
        let detail = w.t.console.experiment(&w.owner, "checkout").await.unwrap();
        assert_eq!(detail.results.variants.len(), 2);
    });
}
