//! Why somebody gets what, and what two published snapshots say of them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::ingest::{SampledVisitor, Samples};
use nexus_control::ports::{Database as _, Statement};
use nexus_control::testing::{batch, draft, flag_draft, saved_group_draft};
use nexus_control::views::{FlagWhyCompared, WhyCompared};
use nexus_control::{Error, Result, Somebody, Versions};
use nexus_domain::Environment;
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::Command;
use nexus_domain::flag::{Flag, FlagCommand, FlagDraft, FlagKind, Rule};
use nexus_flags::{Asks, Check, RANKS, Targeting};
use serde_json::{Value, json};

const PRODUCTION: Environment = Environment::Production;

fn ann() -> Somebody {
    Somebody {
        unit: "ann".to_owned(),
        attributes: vec![("Plan".to_owned(), "pro".to_owned())],
        ..Somebody::default()
    }
}

/// One rule: that value for whoever fits the condition.
fn ruled(condition: &Value, value: Value, coverage_bp: u16) -> FlagDraft {
    FlagDraft {
        kind: FlagKind::String,
        value: json!("off"),
        rules: vec![Rule {
            coverage_bp,
            targeting: Targeting {
                condition: Some(condition.clone()),
                ..Targeting::default()
            },
            ..Rule::for_everybody(value)
        }],
        ..flag_draft("cta")
    }
}

async fn switched_on(w: &World, draft: FlagDraft) -> Flag {
    let console = &w.t.console;
    console.create_flag(&w.owner, draft).await.unwrap();
    w.t.clock.advance(1_000);
    let on = FlagCommand::Enable;
    let on = console.command_flag(&w.owner, PRODUCTION, "cta", None, on, "");
    on.await.unwrap()
}

/// Saves another state; its rule stays the same one.
async fn edited(w: &World, flag: &Flag, mut draft: FlagDraft) -> Flag {
    w.t.clock.advance(1_000);
    for (new, old) in draft.rules.iter_mut().zip(&flag.rules) {
        new.id.clone_from(&old.id);
    }
    let console = &w.t.console;
    let edited = console.edit_flag(&w.owner, PRODUCTION, "cta", flag.version, draft);
    edited.await.unwrap()
}

async fn newest(w: &World) -> u64 {
    let all = w.t.console.snapshots(&w.owner, PRODUCTION).await.unwrap();
    all[0].version
}

async fn compared(w: &World, from: u64, to: Option<u64>) -> Result<FlagWhyCompared> {
    let versions = Versions { from, to };
    let console = &w.t.console;
    console
        .flag_why_compared(&w.owner, PRODUCTION, "cta", &ann(), versions)
        .await
}

fn is_no_snapshot<T: std::fmt::Debug>(refused: Result<T>, version: u64) {
    match refused {
        Err(Error::NotFound { kind, id }) => {
            assert_eq!((kind, id), ("snapshot", version.to_string()))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_snapshots_answer_by_their_own_rules() {
    run(async {
        let w = world(1).await;
        let pro = json!({ "plan": "pro" });
        let flag = switched_on(&w, ruled(&pro, json!("A"), 10_000)).await;
        let first = newest(&w).await;
        let flag = edited(&w, &flag, ruled(&pro, json!("B"), 10_000)).await;
        let flag = edited(
            &w,
            &flag,
            ruled(&json!({ "plan": "free" }), json!("B"), 10_000),
        )
        .await;
        edited(&w, &flag, ruled(&pro, json!("B"), 0)).await;

        let value = compared(&w, first, Some(first + 1)).await.unwrap();
        assert_eq!(value.from.value(), Some(&json!("A")));
        assert_eq!(value.to.value(), Some(&json!("B")));
        let rule = compared(&w, first + 1, Some(first + 2)).await.unwrap();
        assert_eq!(rule.to.value(), Some(&json!("off")));
        let failed = |compared: &FlagWhyCompared| {
            let steps = &compared.to.explanation.as_ref().unwrap().rules[0].steps;
            let failed = steps.iter().filter(|step| !step.passed);
            let failed: Vec<Check> = failed.map(|step| step.check.clone()).collect();
            failed
        };
        let [Check::Condition { lines }] = &failed(&rule)[..] else {
            panic!("{rule:?}");
        };
        let Asks::Attribute { wanted, found, .. } = &lines[0].asks else {
            panic!("{lines:?}");
        };
        assert_eq!(
            (wanted, found.as_ref()),
            (&json!("free"), Some(&json!("pro")))
        );
        let coverage = compared(&w, first, None).await.unwrap();
        assert!(
            coverage.to.snapshot.is_none(),
            "what would be published next"
        );
        let [Check::Coverage { draw }] = &failed(&coverage)[..] else {
            panic!("{coverage:?}");
        };
        assert_eq!(draw.ranges[0].to, 0);
        let Check::Coverage { draw: before } = &coverage.from.explanation.as_ref().unwrap().rules
            [0]
        .steps
        .last()
        .unwrap()
        .check
        else {
            panic!("coverage comes last");
        };
        assert_eq!(before.bucket, draw.bucket, "nobody is dealt anew");
    });
}

#[test]
fn snapshots_say_what_made_them_to_whoever_may_know() {
    run(async {
        let w = world(1).await;
        let flag = switched_on(&w, ruled(&json!({}), json!("A"), 10_000)).await;
        edited(&w, &flag, ruled(&json!({}), json!("B"), 10_000)).await;
        let console = &w.t.console;
        let all = console.snapshots(&w.owner, PRODUCTION).await.unwrap();
        let told: Vec<&str> = all
            .iter()
            .map(|row| row.change.as_ref().unwrap().entry.action.as_str())
            .collect();
        assert_eq!(told[..2], ["flag.edit", "flag.enable"]);
        assert!(all[0].published_ms.is_none(), "on its way");
        w.t.ticks("edge", 2).await.unwrap();
        let published = console.snapshots(&w.owner, PRODUCTION).await.unwrap();
        assert!(published[0].published_ms.is_some());
        let viewer = w.t.person(Role::Viewer);
        let all = console.snapshots(&viewer, PRODUCTION).await.unwrap();
        assert!(all.iter().all(|row| row.change.is_none()));
    });
}

#[test]
fn no_snapshot_is_made_up() {
    run(async {
        let w = world(1).await;
        switched_on(&w, ruled(&json!({}), json!("A"), 10_000)).await;
        let version = newest(&w).await;
        is_no_snapshot(compared(&w, version + 1, None).await, version + 1);
        // Of two environments each counts its own.
        let staging = FlagDraft {
            environment: Environment::Staging,
            ..flag_draft("cta")
        };
        let console = &w.t.console;
        console.create_flag(&w.owner, staging).await.unwrap();
        let there = console
            .snapshots(&w.owner, Environment::Staging)
            .await
            .unwrap();
        let more = FlagDraft {
            environment: Environment::Staging,
            ..flag_draft("more")
        };
        console.create_flag(&w.owner, more).await.unwrap();
        let of_staging = |to| {
            let versions = Versions { from: to, to: None };
            let (console, owner) = (console.clone(), w.owner.clone());
            async move {
                console
                    .flag_why_compared(&owner, Environment::Staging, "cta", &ann(), versions)
                    .await
            }
        };
        assert_eq!(there.len(), 1);
        assert!(of_staging(there[0].version).await.is_ok());
        is_no_snapshot(of_staging(there[0].version + 5).await, there[0].version + 5);
        // A signature for one environment is worth nothing in another.
        let moved = "UPDATE snapshots SET envelope = (SELECT s.envelope FROM snapshots s \
                     WHERE s.environment = 'production' ORDER BY s.version DESC LIMIT 1) \
                     WHERE environment = 'staging'";
        w.db.batch(vec![Statement::new(moved, [])]).await.unwrap();
        let refused = of_staging(there[0].version).await.unwrap();
        let problem = refused.from.problem.unwrap();
        assert!(problem.contains("environment"), "{problem}");
        assert!(refused.from.explanation.is_none());
        // Neither is one that was changed.
        let changed = "UPDATE snapshots SET envelope = replace(envelope, 'off', 'on!') \
                       WHERE environment = 'production'";
        w.db.batch(vec![Statement::new(changed, [])]).await.unwrap();
        let refused = compared(&w, version, None).await.unwrap();
        assert_eq!(
            refused.from.problem.as_deref(),
            Some("the signature does not hold")
        );
        assert_eq!(
            refused.to.value(),
            Some(&json!("A")),
            "the other one is asked all the same"
        );
    });
}

#[test]
fn an_experiment_is_asked_before_its_start_and_while_it_is_paused() {
    run(async {
        let w = world(1).await;
        let console = &w.t.console;
        switched_on(&w, ruled(&json!({}), json!("A"), 10_000)).await;
        let before = newest(&w).await;
        w.t.clock.advance(1_000);
        let made = console.create_experiment(&w.owner, draft("cta")).await;
        made.unwrap();
        w.t.clock.advance(1_000);
        let started = console.command_experiment(&w.owner, "cta", None, Command::Start);
        started.await.unwrap();
        let running = newest(&w).await;
        w.t.clock.advance(1_000);
        let paused = console.command_experiment(&w.owner, "cta", None, Command::Pause);
        paused.await.unwrap();
        let asked = |from, to: Option<u64>| {
            let versions = Versions { from, to };
            let (console, owner) = (console.clone(), w.owner.clone());
            async move { console.why_compared(&owner, "cta", &ann(), versions).await }
        };
        let start: WhyCompared = asked(before, Some(running)).await.unwrap();
        assert!(start.from.rule.is_none() && start.from.variant().is_none());
        assert!(start.to.variant().is_some());
        assert_eq!(
            start.to.snapshot.unwrap().change.unwrap().entry.action,
            "experiment.start"
        );
        let pause = asked(running, Some(running + 1)).await.unwrap();
        assert!(pause.to.variant().is_none());
        let steps = &pause.to.explanation.as_ref().unwrap().steps;
        let running_step = steps.iter().find(|step| step.check == Check::Running);
        assert!(!running_step.unwrap().passed);
        let next = asked(running + 1, None).await.unwrap();
        assert!(next.to.variant().is_some(), "as if it ran");
        is_no_snapshot(asked(before, Some(99)).await, 99);
    });
}

#[test]
fn a_stranger_is_told_nothing() {
    run(async {
        let w = world(1).await;
        switched_on(&w, ruled(&json!({}), json!("A"), 10_000)).await;
        let version = newest(&w).await;
        let console = &w.t.console;
        let versions = Versions {
            from: version,
            to: None,
        };
        let nobody = Actor {
            grants: Vec::new(),
            ..w.t.person(Role::Viewer)
        };
        let listed = console.snapshots(&nobody, PRODUCTION).await;
        assert!(matches!(listed, Err(Error::Forbidden { .. })), "{listed:?}");
        let somebody = ann();
        let asked = console.flag_why_compared(&nobody, PRODUCTION, "cta", &somebody, versions);
        assert!(matches!(asked.await, Err(Error::Forbidden { .. })));
        let asked = console.why_compared(&nobody, "cta", &somebody, versions);
        assert!(matches!(asked.await, Err(Error::Forbidden { .. })));
    });
}

#[test]
fn an_experiment_that_sets_a_flag_comes_before_its_rules() {
    run(async {
        let w = world(1).await;
        let console = &w.t.console;
        switched_on(&w, ruled(&json!({ "Plan": "pro" }), json!("ruled"), 10_000)).await;
        let asked = || async { console.flag_why(&w.owner, PRODUCTION, "cta", &ann()).await };
        assert!(asked().await.unwrap().set_by.is_none());
        let mut setting = draft("words");
        for variant in &mut setting.variants {
            let value = format!("by {}", variant.key);
            variant.features.insert("cta".to_owned(), value.into());
        }
        console.create_experiment(&w.owner, setting).await.unwrap();
        let before = newest(&w).await;
        w.t.clock.advance(1_000);
        let started = console.command_experiment(&w.owner, "words", None, Command::Start);
        started.await.unwrap();
        let why = asked().await.unwrap();
        assert_eq!(
            why.explanation.decided,
            Some(0),
            "what the rules would give"
        );
        let set = why.set_by.unwrap();
        let mine = console.why(&w.owner, "words", &ann()).await.unwrap();
        let variant = mine.explanation.variant.unwrap() as usize;
        let dealt = mine.experiment.variants[variant].key.clone();
        let value = json!(format!("by {dealt}"));
        assert_eq!(
            (set.experiment.as_str(), set.variant, set.value),
            ("words", dealt, value)
        );
        let versions = Versions {
            from: before,
            to: None,
        };
        let ann = ann();
        let compared = console.flag_why_compared(&w.owner, PRODUCTION, "cta", &ann, versions);
        let compared = compared.await.unwrap();
        assert!(compared.from.set_by.is_none() && compared.to.set_by.is_some());
    });
}

#[test]
fn saved_groups_are_called_by_their_names() {
    run(async {
        let w = world(1).await;
        let console = &w.t.console;
        let group = saved_group_draft("staff", &["ann"]);
        let name = group.name.clone();
        console.create_saved_group(&w.owner, group).await.unwrap();
        let condition = json!({ "$savedGroups": ["staff"], "Plan": "free" });
        switched_on(&w, ruled(&condition, json!("A"), 10_000)).await;
        let why = console
            .flag_why(&w.owner, PRODUCTION, "cta", &ann())
            .await
            .unwrap();
        let steps = &why.explanation.rules[0].steps;
        let lines = steps.iter().find_map(|step| match &step.check {
            Check::Condition { lines } => Some(lines),
            _ => None,
        });
        let lines = lines.unwrap();
        let named = lines
            .iter()
            .find(|line| line.asks == Asks::Named { name: name.clone() });
        assert!(named.unwrap().passed, "{lines:?}");
        assert!(lines.iter().any(|line| !line.passed), "{lines:?}");
    });
}

#[test]
fn recent_visitors_are_shown_to_whoever_edits() {
    run(async {
        let w = world(1).await;
        let console = &w.t.console;
        let visitors = console.experiment_visitors(&w.owner, PRODUCTION).await;
        assert_eq!(visitors.unwrap(), Some(Vec::new()), "nobody has come yet");
        let visitor = |n: u32| SampledVisitor {
            unit: format!("visitor-{n}"),
            country: Some("JP".to_owned()),
            device: "mobile".to_owned(),
            attributes: [("plan".to_owned(), "a, b".to_owned())].into(),
        };
        let mut sent = batch(Vec::new());
        sent.samples = Some(Samples {
            at_ms: console.now_ms(),
            below: RANKS,
            visitors: (0..30).map(visitor).collect(),
        });
        console.ingest(&w.t.gateway(), sent).await.unwrap();
        let shown = console.flag_visitors(&w.owner, PRODUCTION).await.unwrap();
        let shown = shown.unwrap();
        assert_eq!(shown.len(), 10);
        assert_eq!(shown[0].who.attributes[0].1, "a, b");
        let viewer = w.t.person(Role::Viewer);
        let hidden = console.flag_visitors(&viewer, PRODUCTION).await.unwrap();
        assert_eq!(hidden, None);
        let hidden = console
            .experiment_visitors(&viewer, PRODUCTION)
            .await
            .unwrap();
        assert_eq!(hidden, None);
        w.t.clock.advance(25 * common::HOUR_MS);
        let gone = console.flag_visitors(&w.owner, PRODUCTION).await.unwrap();
        assert_eq!(gone, Some(Vec::new()), "only the last day");
    });
}
