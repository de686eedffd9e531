//! Prerequisites: what may be needed, what follows at the edge, and what may not go away.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::testing::{draft, flag_draft};
use nexus_control::{Error, FlagCopy, Result, Somebody};
use nexus_domain::experiment::{Command, Draft};
use nexus_domain::flag::{Flag, FlagCommand, FlagDraft, FlagKind};
use nexus_domain::{Environment, Field, Problem};
use nexus_flags::{
    Check, Context, Device, Engine, Prerequisite, SignedSnapshot, Snapshot, ValueOperator,
};
use serde_json::{Value, json};

const PRODUCTION: Environment = Environment::Production;

fn needs(flag: &str, value: Value) -> Prerequisite {
    Prerequisite {
        flag: flag.into(),
        operator: ValueOperator::Is,
        value,
    }
}

/// A switch that is on for everybody who has what it needs.
async fn flag(w: &World, key: &str, prerequisites: Vec<Prerequisite>) -> Result<Flag> {
    let draft = FlagDraft {
        prerequisites,
        ..flag_draft(key)
    };
    w.t.console.create_flag(&w.owner, draft).await?;
    switch(w, key, FlagCommand::Enable).await
}

async fn switch(w: &World, key: &str, command: FlagCommand) -> Result<Flag> {
    let console = &w.t.console;
    console
        .command_flag(&w.owner, PRODUCTION, key, None, command, "")
        .await
}

async fn edit(w: &World, flag: &Flag, prerequisites: Vec<Prerequisite>) -> Result<Flag> {
    let draft = FlagDraft {
        prerequisites,
        ..FlagDraft::of(flag)
    };
    let (key, version) = (flag.key.as_str(), flag.version);
    let console = &w.t.console;
    console
        .edit_flag(&w.owner, PRODUCTION, key, version, draft)
        .await
}

fn problem(refused: Result<impl std::fmt::Debug>) -> (Field, Problem) {
    match refused {
        Err(Error::Invalid(mut problems)) => {
            let first = problems.remove(0);
            (first.field, first.problem)
        }
        other => panic!("{other:?}"),
    }
}

async fn value(w: &World, key: &str) -> Value {
    w.t.ticks("edge", 2).await.unwrap();
    let bytes = w.t.store.value("snapshot:production").unwrap();
    let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
    let snapshot: Snapshot = serde_json::from_str(&signed.payload).unwrap();
    let context = Context {
        unit: "ann",
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms: w.t.console.now_ms(),
    };
    let engine = Engine::compile(&snapshot).unwrap();
    engine.flag(key, &context).unwrap().value.clone()
}

#[test]
fn a_flag_follows_the_one_it_needs_at_once() {
    run(async {
        let w = world(1).await;
        flag(&w, "base", vec![]).await.unwrap();
        flag(&w, "top", vec![needs("base", true.into())])
            .await
            .unwrap();
        assert_eq!(value(&w, "top").await, json!(true));
        switch(&w, "base", FlagCommand::Disable).await.unwrap();
        assert_eq!(value(&w, "top").await, json!(false));
        let somebody = Somebody {
            unit: "ann".into(),
            ..Somebody::default()
        };
        let console = &w.t.console;
        let why = console
            .flag_why(&w.owner, PRODUCTION, "top", &somebody)
            .await
            .unwrap();
        let step = &why.explanation.prerequisites[0];
        let found = Some(json!(false));
        assert_eq!(
            (step.passed, &step.check),
            (false, &Check::Prerequisite { index: 0, found })
        );
        assert_eq!(
            (why.explanation.decided, why.explanation.rules[0].passed),
            (None, true)
        );
    });
}

#[test]
fn a_circle_is_spelled_out_wherever_it_is_closed() {
    run(async {
        let w = world(2).await;
        let one = flag(&w, "one", vec![]).await.unwrap();
        flag(&w, "two", vec![needs("one", true.into())])
            .await
            .unwrap();
        flag(&w, "three", vec![needs("two", true.into())])
            .await
            .unwrap();
        // Off or not: it would be one as soon as it is on.
        for command in [FlagCommand::Disable, FlagCommand::Enable] {
            switch(&w, "one", command).await.unwrap();
        }
        let latest =
            w.t.console
                .flag(&w.owner, PRODUCTION, "one")
                .await
                .unwrap()
                .flag;
        assert!(latest.version > one.version);
        let closed = edit(&w, &latest, vec![needs("three", true.into())]).await;
        let path = "one → three → two → one".to_owned();
        assert_eq!(
            problem(closed),
            (Field::Prerequisites, Problem::FlagCircle { path })
        );
        let own = edit(&w, &latest, vec![needs("one", true.into())]).await;
        let path = "one → one".to_owned();
        assert_eq!(
            problem(own),
            (Field::Prerequisites, Problem::FlagCircle { path })
        );
        // An experiment that sets a flag decides what the flag is, so it counts.
        let mut asked = Draft {
            prerequisites: vec![needs("three", true.into())],
            ..draft("cta")
        };
        asked.variants[1].features.insert("one".into(), json!(true));
        let refused = w.t.console.create_experiment(&w.owner, asked).await;
        let path = "one → three → two → one".to_owned();
        assert_eq!(
            problem(refused),
            (Field::Prerequisites, Problem::FlagCircle { path })
        );
    });
}

#[test]
fn what_is_needed_stays_and_what_is_not_there_is_refused() {
    run(async {
        let w = world(3).await;
        let console = &w.t.console;
        flag(&w, "base", vec![]).await.unwrap();
        flag(&w, "top", vec![needs("base", true.into())])
            .await
            .unwrap();
        let asked = Draft {
            prerequisites: vec![needs("base", true.into())],
            ..draft("cta")
        };
        w.started(asked).await;
        let by = "flag top, experiment cta".to_owned();
        let refused = switch(&w, "base", FlagCommand::Archive).await;
        assert_eq!(problem(refused), (Field::Key, Problem::InUse { by }));
        let detail = console.flag(&w.owner, PRODUCTION, "base").await.unwrap();
        assert_eq!(detail.needed_by.len(), 2);

        let copy = FlagCopy {
            key: "top",
            from: PRODUCTION,
            to: Environment::Staging,
            version: None,
        };
        let missing = |flag: &str| Problem::NoSuchFlag { flag: flag.into() };
        let copied = console.copy_flag(&w.owner, copy).await;
        assert_eq!(problem(copied), (Field::Prerequisites, missing("base")));
        let lost = flag(&w, "lost", vec![needs("nowhere", true.into())]).await;
        assert_eq!(problem(lost), (Field::Prerequisites, missing("nowhere")));
        let typed = flag(&w, "typed", vec![needs("base", "yes".into())]).await;
        let kind = FlagKind::Boolean.as_str().to_owned();
        assert_eq!(
            problem(typed),
            (Field::Prerequisites, Problem::NotOfKind { kind })
        );
        let mut of_rule = flag_draft("rule");
        of_rule.rules[0].prerequisites = vec![needs("base", json!({}))];
        let refused = console.create_flag(&w.owner, of_rule).await;
        assert_eq!(
            problem(refused),
            (Field::RulePrerequisites(0), Problem::NotComparable)
        );

        // Whatever ended or is out of use needs nothing any more.
        switch(&w, "top", FlagCommand::Archive).await.unwrap();
        let reason = "over".to_owned();
        let stop = Command::Stop { reason };
        console
            .command_experiment(&w.owner, "cta", None, stop)
            .await
            .unwrap();
        switch(&w, "base", FlagCommand::Archive).await.unwrap();
        let back = switch(&w, "top", FlagCommand::Unarchive).await;
        assert_eq!(problem(back), (Field::Prerequisites, missing("base")));
    });
}

#[test]
fn a_running_experiment_keeps_its_prerequisites() {
    run(async {
        let w = world(4).await;
        flag(&w, "base", vec![]).await.unwrap();
        let asked = Draft {
            prerequisites: vec![needs("base", true.into())],
            ..draft("cta")
        };
        let started = w.started(asked).await;
        let changed = Draft {
            prerequisites: vec![],
            ..Draft::of(&started)
        };
        let console = &w.t.console;
        let edited = console
            .edit_experiment(&w.owner, "cta", started.version, changed)
            .await;
        assert_eq!(
            problem(edited),
            (Field::Prerequisites, Problem::FixedAfterStart)
        );
        // The kill switch of what it needs works, and nobody takes part then.
        switch(&w, "base", FlagCommand::Disable).await.unwrap();
        let somebody = Somebody {
            unit: "ann".into(),
            ..Somebody::default()
        };
        let why = console.why(&w.owner, "cta", &somebody).await.unwrap();
        assert_eq!(why.explanation.variant, None);
    });
}
