//! What switching a flag off means for experiments that set it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::visitors::{PRODUCTION, asked, published, send, somebody};
use common::{World, run, world};
use nexus_control::testing::{draft, flag_draft};
use nexus_domain::experiment::{Command, Draft};
use nexus_domain::flag::{FlagCommand, FlagDraft, FlagKind};
use nexus_flags::{Decisions, RANKS, SignedSnapshot, Snapshot};
use serde_json::{Value, json};

fn sets_cta() -> Draft {
    let mut draft = draft("checkout");
    draft.variants[0].features = json!({ "cta": "old" }).as_object().cloned().unwrap();
    draft.variants[1].features = json!({ "cta": "new" }).as_object().cloned().unwrap();
    draft
}

fn cta() -> FlagDraft {
    FlagDraft {
        kind: FlagKind::String,
        value: json!("off"),
        rules: Vec::new(),
        ..flag_draft("cta")
    }
}

async fn switch(w: &World, command: FlagCommand) {
    let console = &w.t.console;
    let done = console.command_flag(&w.owner, PRODUCTION, "cta", None, command, "");
    done.await.unwrap();
}

/// Variants and values of the flag, as gateways give them to a thousand users.
async fn given(w: &World) -> Vec<(String, Option<Value>)> {
    let engine = published(w).await;
    let now_ms = w.t.console.now_ms();
    let mut given = Vec::new();
    for n in 0..1_000 {
        asked(&somebody(n), now_ms, |context| {
            let mut decisions = Decisions::default();
            engine.decide(context, &mut decisions);
            let decided = engine.decided(&decisions);
            let [decision] = &decided.collect::<Vec<_>>()[..] else {
                panic!("everybody takes part");
            };
            let features = decision.features().iter();
            let set = features.filter(|(name, _)| *name == "cta");
            let set = set.map(|(_, value)| value.clone()).next();
            given.push((decision.variant_key().to_owned(), set));
        });
    }
    given
}

#[test]
fn a_flag_that_is_off_is_off_for_experiments_too_and_nobody_changes_variant() {
    run(async {
        let w = world(32).await;
        let console = &w.t.console;
        console.create_flag(&w.owner, cta()).await.unwrap();
        switch(&w, FlagCommand::Enable).await;
        w.started(sets_cta()).await;
        let on = given(&w).await;
        let value = |variant: &str| json!(if variant == "control" { "old" } else { "new" });
        for (variant, set) in &on {
            assert_eq!(*set, Some(value(variant)));
        }
        send(&w, RANKS, 0..1_000).await;
        let what_if = console
            .what_if_flag_command(&w.owner, PRODUCTION, "cta", FlagCommand::Disable)
            .await
            .unwrap();
        assert_eq!(what_if.changed.sampled, 1_000, "{what_if:?}");

        switch(&w, FlagCommand::Disable).await;
        let off = given(&w).await;
        for ((before, _), (after, set)) in on.iter().zip(&off) {
            assert_eq!((after, set), (before, &None));
        }
        let page = console.experiment(&w.owner, "checkout").await.unwrap();
        assert_eq!(page.flags_off, ["cta"]);
        let why = console
            .why(&w.owner, "checkout", &somebody(1))
            .await
            .unwrap();
        assert_eq!(why.flags_off, ["cta"]);

        switch(&w, FlagCommand::Enable).await;
        assert_eq!(given(&w).await, on);
        let page = console.experiment(&w.owner, "checkout").await.unwrap();
        assert!(page.flags_off.is_empty());
    });
}

#[test]
fn sdks_get_the_off_value_and_an_import_that_would_end_an_experiment_is_not_taken_unasked() {
    use nexus_domain::import::ImportTo;

    run(async {
        let w = world(34).await;
        let console = &w.t.console;
        w.started(sets_cta()).await;
        let to = ImportTo {
            environment: PRODUCTION,
            from: "",
        };
        let file = r#"{"features":{"cta":{"defaultValue":"a"},"other":{"defaultValue":"a"}}}"#;
        let preview = console.preview_import(&w.owner, file, to).await.unwrap();
        let plain = preview.plain().into_iter().map(|row| row.key.as_str());
        assert_eq!(plain.collect::<Vec<_>>(), ["other"]);

        console.create_flag(&w.owner, cta()).await.unwrap();
        let payload = async || {
            w.t.ticks("edge", 2).await.unwrap();
            let bytes = w.t.store.value("snapshot:production").unwrap();
            let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
            let snapshot: Snapshot = serde_json::from_str(&signed.payload).unwrap();
            nexus_flags::payload::features(&snapshot, console.now_ms())["cta"].clone()
        };
        assert_eq!(payload().await, json!({ "defaultValue": "off" }));
        switch(&w, FlagCommand::Enable).await;
        let rules = payload().await["rules"].clone();
        assert_eq!(rules[0]["variations"], json!(["old", "new"]));
    });
}

#[test]
fn an_archived_flag_leaves_the_feature_to_the_experiment() {
    run(async {
        let w = world(33).await;
        let console = &w.t.console;
        w.started(sets_cta()).await;
        console.create_flag(&w.owner, cta()).await.unwrap();
        let set = |given: Vec<(String, Option<Value>)>| {
            let mut set = given.into_iter().map(|(_, set)| set.is_some());
            (set.clone().any(|set| set), set.all(|set| set))
        };
        assert_eq!(set(given(&w).await), (false, false), "a new flag is off");
        switch(&w, FlagCommand::Archive).await;
        assert_eq!(set(given(&w).await), (true, true));
    });
}

#[test]
fn a_flag_names_the_running_experiments_that_set_it() {
    run(async {
        let w = world(30).await;
        let console = &w.t.console;
        console.create_flag(&w.owner, cta()).await.unwrap();
        let setting = || async {
            let detail = console.flag(&w.owner, PRODUCTION, "cta").await.unwrap();
            let ids = detail.set_by.into_iter().map(|used| used.id);
            ids.collect::<Vec<_>>()
        };
        w.started(draft("other")).await;
        w.started(sets_cta()).await;
        assert_eq!(setting().await, ["checkout"]);
        let reason = "enough".to_owned();
        for (command, sets) in [
            (Command::Pause, false),
            (Command::Resume, true),
            (Command::Stop { reason }, false),
        ] {
            let done = console.command_experiment(&w.owner, "checkout", None, command);
            done.await.unwrap();
            assert_eq!(!setting().await.is_empty(), sets);
        }
    });
}
