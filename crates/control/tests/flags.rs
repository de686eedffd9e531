//! Feature flags: their life, who may, what reaches the edge, and going back.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::testing::{draft, flag_draft, saved_group_draft};
use nexus_control::{Error, FlagCopy};
use nexus_domain::access::{Grant, Role};
use nexus_domain::actor::Actor;
use nexus_domain::experiment::Command;
use nexus_domain::flag::{Flag, FlagCommand, FlagDraft, FlagKind, FlagPlace, FlagStatus, Rule};
use nexus_domain::{Environment, Field, Problem};
use nexus_flags::{Context, Device, Engine, SignedSnapshot, Snapshot};
use serde_json::{Value, json};

const PRODUCTION: Environment = Environment::Production;
const STAGING: Environment = Environment::Staging;

async fn made(w: &World, draft: FlagDraft) -> Flag {
    w.t.console.create_flag(&w.owner, draft).await.unwrap()
}

async fn command(
    w: &World,
    actor: &Actor,
    flag: &Flag,
    c: FlagCommand,
) -> nexus_control::Result<Flag> {
    let (environment, key) = (flag.environment, flag.key.as_str());
    let version = Some(flag.version);
    let console = &w.t.console;
    console
        .command_flag(actor, environment, key, version, c, " because ")
        .await
}

async fn edit(
    w: &World,
    flag: &Flag,
    change: impl FnOnce(&mut FlagDraft),
) -> nexus_control::Result<Flag> {
    let mut draft = FlagDraft::of(flag);
    change(&mut draft);
    let (environment, key) = (flag.environment, flag.key.as_str());
    let console = &w.t.console;
    console
        .edit_flag(&w.owner, environment, key, flag.version, draft)
        .await
}

#[test]
fn a_history_is_of_the_flag_and_not_of_a_group_of_the_same_name() {
    run(async {
        let w = world(31).await;
        let console = &w.t.console;
        made(&w, flag_draft("beta")).await;
        let group = saved_group_draft("beta", &["ann"]);
        let group = console.create_saved_group(&w.owner, group);
        group.await.unwrap();
        let flag = console.flag(&w.owner, PRODUCTION, "beta").await.unwrap();
        let actions = flag.history.iter().map(|row| row.entry.action.as_str());
        assert_eq!(actions.collect::<Vec<_>>(), ["flag.create"]);
    });
}

#[test]
fn a_schema_holds_for_the_flag_and_for_the_variants_that_set_it() {
    run(async {
        let w = world(7).await;
        let mut typed = FlagDraft {
            kind: FlagKind::Json,
            value: json!({ "columns": 2 }),
            schema: Some(json!({ "properties": { "columns": { "maximum": 3 } } })),
            rules: vec![Rule::for_everybody(json!({ "columns": 9 }))],
            ..flag_draft("layout")
        };
        let Err(Error::Invalid(problems)) = w.t.console.create_flag(&w.owner, typed.clone()).await
        else {
            panic!("a rule that breaks the schema is refused");
        };
        assert_eq!(problems[0].field, Field::RuleValue(0));
        assert!(
            matches!(&problems[0].problem, Problem::BreaksSchema { detail, .. }
            if detail == "/columns must be at most 3")
        );
        typed.rules.clear();
        let flag = made(&w, typed).await;

        let mut variants = draft("columns");
        variants.variants[1]
            .features
            .insert("layout".into(), json!({ "columns": 4 }));
        let refused =
            w.t.console
                .create_experiment(&w.owner, variants.clone())
                .await;
        let Err(Error::Invalid(problems)) = refused else {
            panic!("a variant that breaks the schema is refused");
        };
        assert_eq!(problems[0].field, Field::VariantFeatures(1));
        variants.variants[1]
            .features
            .insert("layout".into(), json!({ "columns": 3 }));
        let made =
            w.t.console
                .create_experiment(&w.owner, variants)
                .await
                .unwrap();
        let console = &w.t.console;
        console
            .command_experiment(&w.owner, made.id.as_str(), None, Command::Start)
            .await
            .unwrap();
        // A stricter schema is checked against all that is there.
        let strict = json!({ "properties": { "columns": { "maximum": 2 } } });
        let refused = edit(&w, &flag, |draft| draft.schema = Some(strict.clone())).await;
        let Err(Error::Invalid(problems)) = refused else {
            panic!("a running experiment counts");
        };
        assert_eq!(problems[0].field, Field::Schema);
        assert!(
            matches!(&problems[0].problem, Problem::BreaksSchema { detail, .. }
            if detail == "columns/treatment: /columns must be at most 2")
        );
    });
}

/// Version of the snapshot at the edge, and what a user gets there.
async fn at_the_edge(w: &World, environment: Environment, key: &str) -> (u64, Option<Value>) {
    w.t.ticks("edge", 2).await.unwrap();
    let name = format!("snapshot:{environment}");
    let Some(bytes) = w.t.store.value(&name) else {
        return (0, None);
    };
    let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&signed.payload).unwrap();
    let engine = Engine::compile(&snapshot).unwrap();
    let context = Context {
        unit: "ann",
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms: w.t.console.now_ms(),
    };
    let value = engine.flag(key, &context).map(|d| d.value.clone());
    (snapshot.version, value)
}

#[test]
fn the_edge_follows_a_flag_from_creation_to_archive() {
    run(async {
        let w = world(1).await;
        let flag = made(&w, flag_draft("banner")).await;
        assert_eq!(flag.status(), FlagStatus::Off);
        assert_eq!(
            at_the_edge(&w, PRODUCTION, "banner").await,
            (1, Some(json!(false)))
        );
        let on = command(&w, &w.owner, &flag, FlagCommand::Enable)
            .await
            .unwrap();
        assert_eq!(
            at_the_edge(&w, PRODUCTION, "banner").await,
            (2, Some(json!(true)))
        );

        // Words do not concern the edge, and what is so already is no change.
        let words = edit(&w, &on, |d| d.description = "Summer".into())
            .await
            .unwrap();
        let same = command(&w, &w.owner, &words, FlagCommand::Enable)
            .await
            .unwrap();
        assert_eq!(same.version, words.version);
        assert_eq!(at_the_edge(&w, PRODUCTION, "banner").await.0, 2);

        let off = command(&w, &w.owner, &same, FlagCommand::Disable)
            .await
            .unwrap();
        assert_eq!(
            at_the_edge(&w, PRODUCTION, "banner").await,
            (3, Some(json!(false)))
        );
        // The rules of a flag that is off do not concern it either.
        let ready = edit(&w, &off, |d| d.rules[0].coverage_bp = 0)
            .await
            .unwrap();
        assert_eq!(at_the_edge(&w, PRODUCTION, "banner").await.0, 3);
        let gone = command(&w, &w.owner, &ready, FlagCommand::Archive)
            .await
            .unwrap();
        assert_eq!(at_the_edge(&w, PRODUCTION, "banner").await, (4, None));
        assert!(matches!(
            edit(&w, &gone, |_| ()).await,
            Err(Error::Archived)
        ));
        let refused = command(&w, &w.owner, &gone, FlagCommand::Enable).await;
        assert!(matches!(refused, Err(Error::Archived)));
        let back = command(&w, &w.owner, &gone, FlagCommand::Unarchive)
            .await
            .unwrap();
        assert_eq!(back.status(), FlagStatus::Off);
        assert_eq!(
            at_the_edge(&w, PRODUCTION, "banner").await,
            (5, Some(json!(false)))
        );
        assert!(w.verifies().await);
    });
}

#[test]
fn an_experiment_and_a_flag_share_the_snapshot() {
    run(async {
        let w = world(1).await;
        let flag = made(&w, flag_draft("banner")).await;
        command(&w, &w.owner, &flag, FlagCommand::Enable)
            .await
            .unwrap();
        w.started(draft("cta")).await;
        assert_eq!(
            at_the_edge(&w, PRODUCTION, "banner").await,
            (3, Some(json!(true)))
        );
        let payload = w.t.console.sdk_payload(&w.owner, PRODUCTION).await.unwrap();
        assert!(payload.features.contains_key("cta") && payload.features.contains_key("banner"));
    });
}

#[test]
fn keys_repeat_between_environments_only() {
    run(async {
        let w = world(1).await;
        made(&w, flag_draft("banner")).await;
        let again =
            w.t.console
                .create_flag(&w.owner, flag_draft("banner"))
                .await;
        let Err(Error::Invalid(problems)) = again else {
            panic!("it is taken")
        };
        assert_eq!(
            (problems[0].field, &problems[0].problem),
            (Field::Key, &Problem::Taken)
        );
        let elsewhere = FlagDraft {
            environment: STAGING,
            ..flag_draft("banner")
        };
        made(&w, elsewhere).await;
        assert_eq!(at_the_edge(&w, PRODUCTION, "banner").await.0, 1);
        assert_eq!(at_the_edge(&w, STAGING, "banner").await.0, 1);
    });
}

#[test]
fn two_edits_of_one_version_are_a_conflict() {
    run(async {
        let w = world(1).await;
        let flag = made(&w, flag_draft("banner")).await;
        edit(&w, &flag, |d| d.name = "Theirs".into()).await.unwrap();
        let late = edit(&w, &flag, |d| d.name = "Mine".into()).await;
        let conflict = matches!(
            late,
            Err(Error::Conflict {
                expected: 1,
                actual: 2
            })
        );
        assert!(conflict, "{late:?}");
        let base =
            w.t.console
                .flag_revision(&w.owner, PRODUCTION, "banner", 1)
                .await;
        assert_eq!(base.unwrap(), flag);
    });
}

#[test]
fn revisions_are_compared_and_gone_back_to() {
    run(async {
        let w = world(1).await;
        let c = &w.t.console;
        let first = made(&w, flag_draft("banner")).await;
        let on = command(&w, &w.owner, &first, FlagCommand::Enable)
            .await
            .unwrap();
        let third = edit(&w, &on, |d| {
            d.rules[0].coverage_bp = 2_000;
            d.rules.push(Rule::for_everybody(json!(false)));
        });
        let third = third.await.unwrap();
        let found = c
            .flag_changes(&w.owner, PRODUCTION, "banner", 1, 3)
            .await
            .unwrap();
        let places: Vec<_> = found.iter().map(|c| c.at).collect();
        assert_eq!(places, [FlagPlace::RuleCoverage, FlagPlace::Rule]);

        let back = c
            .restore_flag(&w.owner, PRODUCTION, "banner", third.version, 1)
            .await;
        let back = back.unwrap();
        assert_eq!((back.version, back.enabled), (4, true), "the switch stays");
        assert_eq!(back.rules, first.rules);
        assert_eq!(back.next_rule, 3, "no id is given twice");
        let all = c
            .flag_revisions(&w.owner, PRODUCTION, "banner")
            .await
            .unwrap();
        let said: Vec<(&str, Option<&str>)> = all
            .revisions
            .iter()
            .map(|r| &r.change.as_ref().unwrap().entry)
            .map(|entry| (entry.action.as_str(), entry.reason.as_deref()))
            .collect();
        assert_eq!(
            said,
            [
                ("flag.restore", Some("revision 1")),
                ("flag.edit", None),
                ("flag.enable", Some("because")),
                ("flag.create", None),
            ]
        );
        let none = c.restore_flag(&w.owner, PRODUCTION, "banner", 4, 9).await;
        assert!(matches!(
            none,
            Err(Error::NotFound {
                kind: "revision",
                ..
            })
        ));
        let viewer = w.t.person(Role::Viewer);
        let seen = c
            .flag_revisions(&viewer, PRODUCTION, "banner")
            .await
            .unwrap();
        assert!(seen.revisions[0].change.is_none(), "the log is not theirs");
    });
}

#[test]
fn a_copy_promotes_and_never_switches() {
    run(async {
        let w = world(1).await;
        let c = &w.t.console;
        let staged = FlagDraft {
            environment: STAGING,
            ..flag_draft("banner")
        };
        let staged = made(&w, staged).await;
        let staged = command(&w, &w.owner, &staged, FlagCommand::Enable)
            .await
            .unwrap();
        let copy = |version| FlagCopy {
            key: "banner",
            from: STAGING,
            to: PRODUCTION,
            version,
        };
        let new = c.copy_flag(&w.owner, copy(None)).await.unwrap();
        assert_eq!((new.status(), new.version), (FlagStatus::Off, 1));
        assert_eq!(new.rules, staged.rules);
        let on = command(&w, &w.owner, &new, FlagCommand::Enable)
            .await
            .unwrap();
        let staged = edit(&w, &staged, |d| d.rules[0].coverage_bp = 100)
            .await
            .unwrap();
        let stale = c.copy_flag(&w.owner, copy(Some(new.version))).await;
        assert!(matches!(stale, Err(Error::Conflict { .. })));
        let unaware = c.copy_flag(&w.owner, copy(None)).await;
        assert!(
            matches!(unaware, Err(Error::Conflict { .. })),
            "nothing is overwritten unseen"
        );
        let newer = c.copy_flag(&w.owner, copy(Some(on.version))).await.unwrap();
        assert_eq!((newer.enabled, newer.rules[0].coverage_bp), (true, 100));
        let detail = c.flag(&w.owner, PRODUCTION, "banner").await.unwrap();
        assert!(detail.elsewhere[0].same);
        let entry = &detail.history[0].entry;
        let reason = format!("from staging, revision {}", staged.version);
        assert_eq!(
            (entry.action.as_str(), entry.reason.as_ref()),
            ("flag.copy", Some(&reason))
        );

        let itself = FlagCopy {
            to: STAGING,
            ..copy(None)
        };
        let itself = c.copy_flag(&w.owner, itself).await;
        assert!(matches!(itself, Err(Error::Invalid(_))));
        let other_kind = FlagDraft {
            environment: Environment::Preview,
            kind: FlagKind::Json,
            ..flag_draft("banner")
        };
        made(&w, other_kind).await;
        let preview = FlagCopy {
            to: Environment::Preview,
            version: Some(1),
            ..copy(None)
        };
        let Err(Error::Invalid(problems)) = c.copy_flag(&w.owner, preview).await else {
            panic!("kinds differ")
        };
        assert_eq!(problems[0].field, Field::Kind);
    });
}

#[test]
fn operators_switch_and_change_nothing_else() {
    run(async {
        let w = world(1).await;
        let c = &w.t.console;
        let flag = made(&w, flag_draft("banner")).await;
        let [operator, viewer] = [Role::Operator, Role::Viewer].map(|role| w.t.person(role));
        let on = command(&w, &operator, &flag, FlagCommand::Enable)
            .await
            .unwrap();
        assert_eq!(on.updated_by, "operator@example.com");
        command(&w, &operator, &on, FlagCommand::Disable)
            .await
            .unwrap();
        let forbidden = |result: nexus_control::Result<Flag>| {
            assert!(matches!(result, Err(Error::Forbidden { .. })), "{result:?}");
        };
        forbidden(command(&w, &operator, &on, FlagCommand::Archive).await);
        forbidden(command(&w, &viewer, &on, FlagCommand::Disable).await);
        forbidden(c.create_flag(&operator, flag_draft("banner")).await);
        forbidden(
            c.edit_flag(&operator, PRODUCTION, "banner", 1, flag_draft("banner"))
                .await,
        );
        forbidden(c.restore_flag(&viewer, PRODUCTION, "banner", 1, 1).await);
        // A role ends at its environment's border, also when copying.
        let in_staging = Actor {
            grants: vec![Grant {
                role: Role::Experimenter,
                environment: Some(STAGING),
            }],
            ..w.t.person(Role::Experimenter)
        };
        forbidden(command(&w, &in_staging, &on, FlagCommand::Disable).await);
        let copy = FlagCopy {
            key: "banner",
            from: PRODUCTION,
            to: STAGING,
            version: None,
        };
        c.copy_flag(&in_staging, copy).await.unwrap();
        forbidden(
            c.copy_flag(
                &in_staging,
                FlagCopy {
                    from: STAGING,
                    to: PRODUCTION,
                    version: Some(3),
                    ..copy
                },
            )
            .await,
        );
    });
}
