//! Saved groups: who may, what reaches the edge, and what may not be broken.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::testing::{draft, flag_draft, saved_group_draft};
use nexus_control::views::{SavedGroupQuery, UseKind};
use nexus_control::{Error, FlagCopy, Result, Somebody};
use nexus_domain::access::Role;
use nexus_domain::experiment::Command;
use nexus_domain::flag::{Flag, FlagCommand, Rule};
use nexus_domain::problem::GroupFault;
use nexus_domain::saved_group::{GroupContent, SavedGroup, SavedGroupDraft};
use nexus_domain::{Environment, Field, Problem};
use nexus_flags::growthbook::{Engine as GrowthBook, Options};
use nexus_flags::{Context, Device, Engine, SignedSnapshot, Snapshot, Targeting};
use serde_json::{Value, json};

const PRODUCTION: Environment = Environment::Production;

async fn group(w: &World, id: &str, users: &[&str]) -> SavedGroup {
    let draft = saved_group_draft(id, users);
    let made = w.t.console.create_saved_group(&w.owner, draft).await;
    made.unwrap()
}

/// A flag that is on for whoever fits the condition.
async fn flag(w: &World, key: &str, condition: Value) -> Result<Flag> {
    let mut draft = flag_draft(key);
    draft.rules = vec![Rule {
        targeting: Targeting {
            condition: Some(condition),
            ..Targeting::default()
        },
        ..Rule::for_everybody(true.into())
    }];
    let console = &w.t.console;
    console.create_flag(&w.owner, draft).await?;
    let on = FlagCommand::Enable;
    console
        .command_flag(&w.owner, PRODUCTION, key, None, on, "")
        .await
}

async fn edit(w: &World, group: &SavedGroup, users: &[&str]) -> Result<SavedGroup> {
    let draft = saved_group_draft(group.id.as_str(), users);
    let (id, version) = (group.id.as_str(), group.version);
    let console = &w.t.console;
    console
        .edit_saved_group(&w.owner, PRODUCTION, id, version, draft)
        .await
}

async fn snapshot(w: &World) -> Snapshot {
    w.t.ticks("edge", 2).await.unwrap();
    let bytes = w.t.store.value("snapshot:production").unwrap();
    let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
    serde_json::from_str(&signed.payload).unwrap()
}

/// What the gateway gives a user, and what an SDK makes of the payload; they must agree.
async fn value(w: &World, key: &str, unit: &str) -> Value {
    let snapshot = snapshot(w).await;
    let engine = Engine::compile(&snapshot).unwrap();
    let context = Context {
        unit,
        country: None,
        device: Device::Other,
        attributes: &[],
        now_ms: w.t.console.now_ms(),
    };
    let value = engine.flag(key, &context).unwrap().value.clone();
    let payload = w.t.console.sdk_payload(&w.owner, PRODUCTION).await.unwrap();
    let payload = json!({ "features": payload.features, "savedGroups": payload.saved_groups });
    let theirs = GrowthBook::compile(&payload).unwrap();
    let attributes = json!({ "id": unit });
    let options = Options::default();
    let found = theirs.feature(key, &attributes, &options);
    assert_eq!(found.value, &value, "{key} for {unit}");
    value
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

#[test]
fn an_edit_reaches_the_edge_with_its_commit() {
    run(async {
        let w = world(1).await;
        let beta = group(&w, "beta", &["ann"]).await;
        flag(&w, "new", json!({ "$savedGroups": ["beta"] }))
            .await
            .unwrap();
        flag(&w, "old", json!({ "id": { "$notInGroup": "beta" } }))
            .await
            .unwrap();
        assert_eq!(value(&w, "new", "ann").await, json!(true));
        assert_eq!(value(&w, "new", "bob").await, json!(false));
        assert_eq!(value(&w, "old", "bob").await, json!(true));
        let before = snapshot(&w).await.version;
        let edited = edit(&w, &beta, &["bob", "bob", " eve "]).await.unwrap();
        assert_eq!(snapshot(&w).await.version, before + 1);
        for (unit, new) in [("ann", false), ("bob", true), ("eve", true)] {
            assert_eq!(value(&w, "new", unit).await, json!(new));
            assert_eq!(value(&w, "old", unit).await, json!(!new));
        }
        let history = w.t.console.saved_group(&w.owner, PRODUCTION, "beta").await;
        let history = history.unwrap().history;
        assert_eq!(history[0].entry.action, "saved_group.edit");
        assert_eq!(
            history[0].entry.reason.as_deref(),
            Some("2 added, 1 removed")
        );
        // A list that nothing names goes nowhere.
        group(&w, "idle", &["zoe"]).await;
        assert_eq!(snapshot(&w).await.version, before + 1);
        assert!(!snapshot(&w).await.saved_groups.contains_key("idle"));
        // The first of two edits wins.
        let conflict = edit(&w, &beta, &[]).await;
        let actual = edited.version;
        assert!(matches!(conflict, Err(Error::Conflict { expected: 1, actual: a }) if a == actual));
        assert!(w.verifies().await);
    });
}

#[test]
fn a_group_in_use_stays() {
    run(async {
        let w = world(2).await;
        let console = &w.t.console;
        let archive = |id: &'static str, archived| {
            console.archive_saved_group(&w.owner, PRODUCTION, id, None, archived)
        };
        group(&w, "beta", &["ann"]).await;
        let inner = SavedGroupDraft {
            content: GroupContent::Condition {
                condition: json!({ "country": "JP", "$savedGroups": ["beta"] }),
            },
            ..saved_group_draft("local", &[])
        };
        console.create_saved_group(&w.owner, inner).await.unwrap();
        let made = flag(&w, "new", json!({ "$savedGroups": ["local"] })).await;
        let mut cta = draft("cta");
        cta.targeting.condition = Some(json!({ "id": { "$inGroup": "beta" } }));
        console.create_experiment(&w.owner, cta).await.unwrap();
        let by = "experiment cta, saved group local".to_owned();
        assert_eq!(
            problem(archive("beta", true).await),
            (Field::Id, Problem::InUse { by })
        );
        let by = "flag new".to_owned();
        assert_eq!(
            problem(archive("local", true).await),
            (Field::Id, Problem::InUse { by })
        );
        let detail = console
            .saved_group(&w.owner, PRODUCTION, "beta")
            .await
            .unwrap();
        let kinds: Vec<UseKind> = detail.used_by.iter().map(|u| u.kind).collect();
        assert_eq!(kinds, [UseKind::Experiment, UseKind::SavedGroup]);

        // What is out of use lets go; what comes back needs it again.
        let (key, gone) = (made.unwrap().key, FlagCommand::Archive);
        let command = |c| console.command_flag(&w.owner, PRODUCTION, key.as_str(), None, c, "");
        command(gone).await.unwrap();
        archive("local", true).await.unwrap();
        let (field, found) = problem(command(FlagCommand::Unarchive).await);
        assert_eq!(field, Field::RuleCondition(0));
        assert_eq!(
            found,
            Problem::Group {
                place: "condition.$savedGroups[0]".into(),
                group: "local".into(),
                fault: GroupFault::Archived
            }
        );
        archive("local", false).await.unwrap();
        command(FlagCommand::Unarchive).await.unwrap();
        console
            .command_experiment(&w.owner, "cta", None, Command::Start)
            .await
            .unwrap();
    });
}

#[test]
fn what_is_not_there_is_refused_with_its_place() {
    run(async {
        let w = world(3).await;
        let console = &w.t.console;
        let missing = |place: &str, group: &str| Problem::Group {
            place: place.into(),
            group: group.into(),
            fault: GroupFault::Missing,
        };
        let made = flag(
            &w,
            "new",
            json!({ "$or": [{}, { "id": { "$inGroup": "no" } }] }),
        )
        .await;
        let place = "condition.$or[1].id.$inGroup";
        assert_eq!(
            problem(made),
            (Field::RuleCondition(0), missing(place, "no"))
        );
        let mut cta = draft("cta");
        cta.targeting.condition = Some(json!({ "$savedGroups": ["no"] }));
        let made = console.create_experiment(&w.owner, cta).await;
        let place = "condition.$savedGroups[0]";
        assert_eq!(problem(made), (Field::Condition, missing(place, "no")));
        // Groups belong to one environment, as flags do.
        group(&w, "beta", &["ann"]).await;
        flag(&w, "new", json!({ "$savedGroups": ["beta"] }))
            .await
            .unwrap();
        let copy = FlagCopy {
            key: "new",
            from: PRODUCTION,
            to: Environment::Staging,
            version: None,
        };
        let copied = console.copy_flag(&w.owner, copy).await;
        let place = "condition.$savedGroups[0]";
        assert_eq!(
            problem(copied),
            (Field::RuleCondition(0), missing(place, "beta"))
        );
        // A circle is one from wherever it is closed.
        let of = |id: &str, names: &str| SavedGroupDraft {
            content: GroupContent::Condition {
                condition: json!({ "$savedGroups": [names] }),
            },
            ..saved_group_draft(id, &[])
        };
        console
            .create_saved_group(&w.owner, of("one", "beta"))
            .await
            .unwrap();
        console
            .create_saved_group(&w.owner, of("two", "one"))
            .await
            .unwrap();
        let closed = console
            .edit_saved_group(&w.owner, PRODUCTION, "one", 1, of("one", "two"))
            .await;
        match problem(closed) {
            (Field::Condition, Problem::Group { group, fault, .. }) => {
                assert_eq!(
                    (group.as_str(), fault),
                    ("one → two → one", GroupFault::Circle)
                );
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn why_knows_the_groups_and_the_past_comes_back() {
    run(async {
        let w = world(4).await;
        let console = &w.t.console;
        let beta = group(&w, "beta", &["ann"]).await;
        flag(&w, "new", json!({ "$savedGroups": ["beta"] }))
            .await
            .unwrap();
        let why = async |unit: &str| {
            let somebody = Somebody {
                unit: unit.into(),
                ..Somebody::default()
            };
            let why = console
                .flag_why(&w.owner, PRODUCTION, "new", &somebody)
                .await;
            why.unwrap().explanation.decided
        };
        assert_eq!((why("ann").await, why("bob").await), (Some(0), None));
        let edited = edit(&w, &beta, &["bob"]).await.unwrap();
        assert_eq!((why("ann").await, why("bob").await), (None, Some(0)));
        let found = console
            .saved_group_changes(&w.owner, PRODUCTION, "beta", 1, 2)
            .await;
        let found = found.unwrap();
        assert_eq!(
            (&*found.added, &*found.removed),
            (&["bob".to_owned()][..], &["ann".to_owned()][..])
        );
        console
            .restore_saved_group(&w.owner, PRODUCTION, "beta", edited.version, 1)
            .await
            .unwrap();
        assert_eq!(value(&w, "new", "ann").await, json!(true));
        let all = console
            .saved_group_revisions(&w.owner, PRODUCTION, "beta")
            .await
            .unwrap();
        let told: Vec<(u64, &str)> = all
            .revisions
            .iter()
            .map(|r| (r.version, r.change.as_ref().unwrap().entry.action.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (3, "saved_group.restore"),
                (2, "saved_group.edit"),
                (1, "saved_group.create")
            ]
        );
    });
}

#[test]
fn all_lists_in_use_fit_into_one_snapshot() {
    run(async {
        let w = world(5).await;
        let console = &w.t.console;
        let long = |from: usize| -> Vec<String> {
            (from..from + 20_000)
                .map(|n| format!("user-{n:020}"))
                .collect()
        };
        for (n, id) in ["one", "two"].into_iter().enumerate() {
            let values = long(n * 20_000);
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            group(&w, id, &values).await;
        }
        flag(&w, "first", json!({ "$savedGroups": ["one"] }))
            .await
            .unwrap();
        let mut second = flag_draft("second");
        second.rules[0].targeting.condition = Some(json!({ "$savedGroups": ["two"] }));
        console.create_flag(&w.owner, second).await.unwrap();
        // The list counts from the moment that gateways need it.
        let on = FlagCommand::Enable;
        let refused = console
            .command_flag(&w.owner, PRODUCTION, "second", None, on, "")
            .await;
        let too_large = Problem::TooLarge {
            bytes: 2 * 20_000 * 28,
            max: 1_000_000,
        };
        assert_eq!(problem(refused), (Field::SavedGroups, too_large));
        let off = FlagCommand::Disable;
        console
            .command_flag(&w.owner, PRODUCTION, "first", None, off, "")
            .await
            .unwrap();
        console
            .command_flag(&w.owner, PRODUCTION, "second", None, on, "")
            .await
            .unwrap();
    });
}

#[test]
fn lists_are_found_and_only_some_may_change_them() {
    run(async {
        let w = world(6).await;
        let console = &w.t.console;
        group(&w, "beta", &["ann", "bob"]).await;
        let query = SavedGroupQuery {
            q: "GROUP b".into(),
            ..SavedGroupQuery::default()
        };
        let viewer = w.t.person(Role::Viewer);
        let page = console.saved_groups(&viewer, &query).await.unwrap();
        assert_eq!((page.total, page.items[0].size), (1, Some(2)));
        for role in [Role::Viewer, Role::Operator, Role::SecurityAdmin] {
            let actor = w.t.person(role);
            let made = console
                .create_saved_group(&actor, saved_group_draft("x", &[]))
                .await;
            assert!(matches!(made, Err(Error::Forbidden { .. })), "{role:?}");
        }
        let actor = w.t.person(Role::Experimenter);
        console
            .create_saved_group(&actor, saved_group_draft("x", &[]))
            .await
            .unwrap();
        let taken = console
            .create_saved_group(&actor, saved_group_draft("x", &[]))
            .await;
        assert_eq!(problem(taken), (Field::Id, Problem::Taken));
    });
}
