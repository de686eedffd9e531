//! Flags that respect holdouts: a shipped winner, and a rule that says so.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::testing::{draft, flag_draft, holdout_draft};
use nexus_control::{Deciding, Error, Somebody};
use nexus_domain::experiment::Outcome;
use nexus_domain::flag::{FlagCommand, FlagDraft, Rule};
use nexus_domain::{Environment, Field, Problem};
use nexus_flags::bucketing::bucket;
use nexus_flags::growthbook::{Engine as GrowthBook, Options};
use serde_json::{Value, json};

const PRODUCTION: Environment = Environment::Production;

/// What a GrowthBook SDK says of a flag to each of these users, by the payload of now.
async fn told(w: &World, key: &str, users: &[String]) -> Vec<Value> {
    let payload = w.t.console.sdk_payload(&w.owner, PRODUCTION).await.unwrap();
    let theirs = GrowthBook::compile(&json!({ "features": payload.features })).unwrap();
    let options = Options::default();
    let values = users.iter().map(|user| {
        let attributes = json!({ "id": user });
        theirs.feature(key, &attributes, &options).value.clone()
    });
    values.collect()
}

fn users() -> Vec<String> {
    (0..400).map(|n| format!("user-{n}")).collect()
}

fn is_held(user: &str) -> bool {
    bucket("holdout:year", user) < 2_000
}

#[test]
fn a_shipped_winner_reaches_the_held_out_when_the_holdout_is_stopped() {
    run(async {
        let w = world(1).await;
        let console = &w.t.console;
        let year = console.create_holdout(&w.owner, holdout_draft("year", true));
        year.await.unwrap();
        let mut draft = draft("checkout");
        draft.variants[1].key = "treatment".to_owned();
        draft.variants[1].features = json!({ "steps": 2 }).as_object().cloned().unwrap();
        w.started(draft).await;
        let deciding = Deciding {
            outcome: Outcome::Ship {
                variant: "treatment".to_owned(),
            },
            learned: String::new(),
            as_flags: true,
        };
        let decided = console.decide_experiment(&w.owner, "checkout", None, deciding);
        decided.await.unwrap();

        let users = users();
        for (user, value) in users.iter().zip(told(&w, "steps", &users).await) {
            let expected = if is_held(user) { 0 } else { 2 };
            assert_eq!(value, expected, "{user}");
        }
        let held = users.iter().find(|user| is_held(user)).unwrap();
        let somebody = Somebody {
            unit: held.clone(),
            ..Somebody::default()
        };
        let why = console.flag_why(&w.owner, PRODUCTION, "steps", &somebody);
        let why = why.await.unwrap();
        assert_eq!(why.explanation.decided, None);
        assert_eq!(why.slices[0][0].seed, "holdout:year");
        let detail = console.holdout(&w.owner, "year").await.unwrap();
        assert!(detail.experiments.iter().any(|used| used.id == "steps"));

        console.stop_holdout(&w.owner, "year").await.unwrap();
        let after = told(&w, "steps", &users).await;
        assert!(after.iter().all(|value| *value == 2));
    });
}

#[test]
fn a_rule_names_holdouts_of_its_environment_and_a_copy_leaves_them_behind() {
    run(async {
        let w = world(2).await;
        let console = &w.t.console;
        let mut draft = flag_draft("cta");
        draft.rules = vec![Rule {
            holdouts: vec!["year".to_owned()],
            ..Rule::for_everybody(true.into())
        }];
        let refused = console.create_flag(&w.owner, draft.clone()).await;
        let value = "year".to_owned();
        let unknown = Problem::Unknown { value };
        assert!(
            matches!(refused, Err(Error::Invalid(found)) if found[0].field == Field::RuleHoldouts(0) && found[0].problem == unknown)
        );
        let year = console.create_holdout(&w.owner, holdout_draft("year", true));
        year.await.unwrap();
        console.create_flag(&w.owner, draft).await.unwrap();
        let on = console.command_flag(&w.owner, PRODUCTION, "cta", None, FlagCommand::Enable, "");
        on.await.unwrap();
        let users = users();
        for (user, value) in users.iter().zip(told(&w, "cta", &users).await) {
            assert_eq!(value, !is_held(user), "{user}");
        }
        let copied = console.copy_flag(
            &w.owner,
            nexus_control::FlagCopy {
                key: "cta",
                from: PRODUCTION,
                to: Environment::Staging,
                version: None,
            },
        );
        assert_eq!(copied.await.unwrap().rules[0].holdouts, [] as [&str; 0]);
    });
}

#[test]
fn new_rules_join_the_holdout_that_binds_flags_and_its_page_lists_the_others() {
    run(async {
        let w = world(3).await;
        let console = &w.t.console;
        let mut older = flag_draft("older");
        older.rules = vec![Rule::for_everybody(true.into())];
        let older = console.create_flag(&w.owner, older).await.unwrap();
        let year = console.create_holdout(&w.owner, holdout_draft("year", true));
        assert!(year.await.unwrap().binds_flags);

        let mut draft = flag_draft("cta");
        draft.rules = vec![
            Rule::for_everybody(true.into()),
            Rule {
                holdout_exemption: Some(" a fix ".to_owned()),
                ..Rule::for_everybody(true.into())
            },
        ];
        let made = console.create_flag(&w.owner, draft).await.unwrap();
        assert_eq!(made.rules[0].holdouts, ["year"]);
        assert!(made.rules[1].holdouts.is_empty());
        let on = console.command_flag(&w.owner, PRODUCTION, "cta", None, FlagCommand::Enable, "");
        let on = on.await.unwrap();

        // An edit that says nothing of holdouts frees no rule; a reason does.
        let mut edit = FlagDraft::of(&on);
        edit.rules.truncate(1);
        edit.rules[0].holdouts.clear();
        let edited = console.edit_flag(&w.owner, PRODUCTION, "cta", on.version, edit);
        let edited = edited.await.unwrap();
        assert_eq!(edited.rules[0].holdouts, ["year"]);
        let users = users();
        for (user, value) in users.iter().zip(told(&w, "cta", &users).await) {
            assert_eq!(value, !is_held(user), "{user}");
        }
        let mut touched = FlagDraft::of(&older);
        touched.name = "Older by now".to_owned();
        let touched = console.edit_flag(&w.owner, PRODUCTION, "older", older.version, touched);
        assert!(touched.await.unwrap().rules[0].holdouts.is_empty());

        // A revision comes back as it was: with the rule that says why not.
        let back = console.restore_flag(&w.owner, PRODUCTION, "cta", edited.version, 1);
        assert_eq!(
            back.await.unwrap().rules[1].holdout_exemption.as_deref(),
            Some("a fix")
        );
        let detail = console.holdout(&w.owner, "year").await.unwrap();
        let unbound = detail.unbound.iter();
        let unbound: Vec<_> = unbound
            .map(|rule| {
                (
                    rule.flag.as_str(),
                    rule.rule.as_str(),
                    rule.exemption.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            unbound,
            [("cta", "r2", Some("a fix")), ("older", "r1", None)]
        );
        console.stop_holdout(&w.owner, "year").await.unwrap();
        let detail = console.holdout(&w.owner, "year").await.unwrap();
        assert!(detail.unbound.is_empty());
    });
}
