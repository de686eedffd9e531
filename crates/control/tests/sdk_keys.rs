//! SDK keys: who may make them, what gateways get to know, and how they end.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::testing::sdk_key_draft;
use nexus_domain::access::{Action, Grant, Role};
use nexus_domain::actor::Actor;
use nexus_domain::sdk_key::{
    EncryptionChange, MAX_KEYS, SdkKey, SdkKeyDraft, SdkKeyEdit, SdkKeyKind,
};
use nexus_domain::{Environment, Field, FieldProblem, Problem, digest};
use nexus_flags::{SignedSnapshot, Snapshot};

/// What the environment's gateways get after a round of effects.
async fn at_the_edge(w: &World, environment: Environment) -> Option<Snapshot> {
    w.t.console.tick("test").await.unwrap();
    let bytes = w.t.store.value(&format!("snapshot:{environment}"))?;
    let signed: SignedSnapshot = serde_json::from_slice(&bytes).unwrap();
    Some(serde_json::from_str(&signed.payload).unwrap())
}

async fn made(w: &World, draft: SdkKeyDraft) -> (SdkKey, String) {
    let made = w.t.console.create_sdk_key(&w.owner, draft).await.unwrap();
    (made.sdk_key, made.key)
}

async fn change(w: &World, key: &SdkKey, edit: &SdkKeyEdit) -> nexus_control::Result<SdkKey> {
    let id = key.id.as_str();
    let changed = w.t.console.change_sdk_key(&w.owner, id, key.version, edit);
    changed.await
}

fn problems(result: nexus_control::Result<impl Sized>) -> Vec<FieldProblem> {
    match result.err() {
        Some(Error::Invalid(problems)) => problems,
        other => panic!("{other:?}"),
    }
}

#[test]
fn gateways_know_a_key_from_its_making_to_its_end() {
    run(async {
        let w = world(31).await;
        assert!(at_the_edge(&w, Environment::Production).await.is_none());
        let (key, text) = made(&w, sdk_key_draft("web")).await;
        let snapshot = at_the_edge(&w, Environment::Production).await.unwrap();
        assert_eq!(snapshot.sdk_keys, [key.published().unwrap()]);
        assert_eq!(
            snapshot.sdk_keys[0].sha256,
            digest::of_bytes(text.as_bytes())
        );

        let edit = SdkKeyEdit {
            origins: vec!["http://localhost:5173".to_owned()],
            encryption: EncryptionChange::On,
            ..SdkKeyEdit::of(&key)
        };
        let changed = change(&w, &key, &edit).await.unwrap();
        let snapshot = at_the_edge(&w, Environment::Production).await.unwrap();
        assert_eq!(snapshot.sdk_keys, [changed.published().unwrap()]);
        assert!(snapshot.sdk_keys[0].encryption_key.is_some());

        // Gateways know no names: renaming makes no snapshot.
        let version = snapshot.version;
        let renamed = SdkKeyEdit {
            name: "shop".to_owned(),
            ..SdkKeyEdit::of(&changed)
        };
        let renamed = change(&w, &changed, &renamed).await.unwrap();
        let snapshot = at_the_edge(&w, Environment::Production).await.unwrap();
        assert_eq!(snapshot.version, version);

        let id = renamed.id.as_str();
        for _ in 0..2 {
            let revoked = w.t.console.revoke_sdk_key(&w.owner, id).await.unwrap();
            assert_eq!(revoked.version, 4);
        }
        let snapshot = at_the_edge(&w, Environment::Production).await.unwrap();
        assert!(snapshot.sdk_keys.is_empty());
        assert_eq!(snapshot.version, version + 1);
        let late = change(&w, &renamed, &SdkKeyEdit::of(&renamed)).await;
        assert!(matches!(late, Err(Error::Conflict { .. })));

        let detail = w.t.console.sdk_key(&w.owner, id).await.unwrap();
        let log: Vec<_> = detail
            .history
            .iter()
            .map(|row| (row.entry.action.as_str(), row.entry.reason.as_deref()))
            .collect();
        assert_eq!(
            log,
            [
                ("sdk_key.revoke", Some("shop")),
                ("sdk_key.change", Some("name: web → shop")),
                (
                    "sdk_key.change",
                    Some("origins: http://localhost:5173; encryption: on")
                ),
                ("sdk_key.create", Some("web: client")),
            ]
        );
        assert_eq!(
            detail.history[0].entry.before_digest,
            detail.history[1].entry.after_digest
        );
        assert!(w.verifies().await);
    });
}

#[test]
fn of_a_server_key_nothing_but_its_hash_is_kept() {
    run(async {
        let w = world(32).await;
        let draft = SdkKeyDraft {
            kind: SdkKeyKind::Server,
            origins: Vec::new(),
            ..sdk_key_draft("backend")
        };
        let (key, text) = made(&w, draft).await;
        assert_eq!(key.key, None);
        assert_eq!(key.sha256, digest::of_bytes(text.as_bytes()));
        let listed = w.t.console.sdk_keys(&w.owner, None).await.unwrap();
        let detail =
            w.t.console
                .sdk_key(&w.owner, key.id.as_str())
                .await
                .unwrap();
        assert!(!format!("{listed:?}{detail:?}").contains(&text));
        let snapshot = at_the_edge(&w, Environment::Production).await.unwrap();
        assert!(!serde_json::to_string(&snapshot).unwrap().contains(&text));
    });
}

#[test]
fn names_are_unique_among_keys_in_use_and_there_is_room_for_so_many() {
    run(async {
        let w = world(33).await;
        let console = &w.t.console;
        let (web, _) = made(&w, sdk_key_draft("web")).await;
        let taken = [FieldProblem::new(Field::Name, Problem::Taken)];
        let again = console.create_sdk_key(&w.owner, sdk_key_draft(" web"));
        assert_eq!(problems(again.await), taken);
        let (other, _) = made(&w, sdk_key_draft("other")).await;
        let renamed = SdkKeyEdit {
            name: "web".to_owned(),
            ..SdkKeyEdit::of(&other)
        };
        assert_eq!(problems(change(&w, &other, &renamed).await), taken);

        let same = change(&w, &other, &SdkKeyEdit::of(&other)).await.unwrap();
        assert_eq!(same.version, other.version, "nothing changed");
        let stale = SdkKey {
            version: 7,
            ..other.clone()
        };
        let conflict = change(&w, &stale, &SdkKeyEdit::of(&other)).await;
        assert!(matches!(
            conflict,
            Err(Error::Conflict {
                expected: 7,
                actual: 1
            })
        ));

        for n in 2..MAX_KEYS {
            made(&w, sdk_key_draft(&format!("k{n}"))).await;
        }
        let full = console.create_sdk_key(&w.owner, sdk_key_draft("more"));
        let max = MAX_KEYS as u32;
        let too_many = [FieldProblem::new(Field::SdkKeys, Problem::TooMany { max })];
        assert_eq!(problems(full.await), too_many);
        let elsewhere = SdkKeyDraft {
            environment: Environment::Staging,
            ..sdk_key_draft("web")
        };
        made(&w, elsewhere).await;
        let revoked = console.revoke_sdk_key(&w.owner, web.id.as_str());
        revoked.await.unwrap();
        made(&w, sdk_key_draft("web")).await;
        let listed = console.sdk_keys(&w.owner, Some(Environment::Production));
        let listed = listed.await.unwrap();
        assert_eq!(listed.len(), MAX_KEYS + 1);
        assert_eq!(listed.last().unwrap().id, web.id, "revoked ones come last");
        let unknown = console.revoke_sdk_key(&w.owner, "key_x").await;
        assert!(matches!(unknown, Err(Error::NotFound { .. })));
    });
}

#[test]
fn whoever_hands_out_access_manages_keys_where_the_role_is_held() {
    run(async {
        let w = world(34).await;
        let console = &w.t.console;
        let (key, _) = made(&w, sdk_key_draft("web")).await;
        let id = key.id.as_str();
        let forbidden = |result: nexus_control::Result<SdkKey>| {
            matches!(
                result,
                Err(Error::Forbidden {
                    action: Action::ManageSdkKeys
                })
            )
        };
        let experimenter = w.t.person(Role::Experimenter);
        assert_eq!(
            console.sdk_keys(&experimenter, None).await.unwrap().len(),
            1
        );
        let seen = console.sdk_key(&experimenter, id).await.unwrap();
        assert!(seen.history.is_empty());
        assert!(forbidden(console.revoke_sdk_key(&experimenter, id).await));
        let in_staging = Actor {
            grants: vec![Grant {
                role: Role::Operator,
                environment: Some(Environment::Staging),
            }],
            ..w.t.person(Role::Operator)
        };
        let edit = SdkKeyEdit::of(&key);
        let changed = console.change_sdk_key(&in_staging, id, 1, &edit).await;
        assert!(forbidden(changed));
        let draft = |environment| SdkKeyDraft {
            environment,
            ..sdk_key_draft("mine")
        };
        let (staging, production) = (Environment::Staging, Environment::Production);
        let there = console.create_sdk_key(&in_staging, draft(staging)).await;
        assert!(there.is_ok());
        let here = console.create_sdk_key(&in_staging, draft(production)).await;
        assert!(forbidden(here.map(|made| made.sdk_key)));
    });
}
