//! The log proves itself, and tells when it was touched.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::HashMap;

use common::log::{export, filled, root};
use common::{World, run, world};
use nexus_control::ports::{Database as _, Statement, Value};
use nexus_control::testing::{batch, draft};
use nexus_control::views::AuditQuery;
use nexus_domain::access::Role;
use nexus_domain::audit::{Hash, node_hash};
use nexus_domain::experiment::Command;
use proptest::prelude::*;

async fn touch(w: &World, sql: &'static str, values: Vec<Value>) {
    let changed = w.db.batch(vec![Statement { sql, values }]).await.unwrap();
    assert!(changed[0] > 0, "the test touched nothing");
}

#[test]
fn every_kind_of_tampering_is_found() {
    run(async {
        let cases: [(&'static str, Option<u64>); 5] = [
            (
                "UPDATE audit_entries SET canonical = REPLACE(canonical, 'e3', 'e4') WHERE seq = 3",
                Some(3),
            ),
            (
                "UPDATE audit_entries SET leaf_hash = (SELECT leaf_hash FROM audit_entries WHERE seq = 1) WHERE seq = 5",
                Some(5),
            ),
            ("DELETE FROM audit_entries WHERE seq = 7", Some(7)),
            (
                "UPDATE audit_nodes SET hash = (SELECT hash FROM audit_nodes WHERE level = 0 AND idx = 0) WHERE level = 3 AND idx = 0",
                None,
            ),
            // The end cut off after a checkpoint over it.
            ("DELETE FROM audit_entries WHERE seq >= 8", None),
        ];
        for (i, (sql, bad)) in cases.into_iter().enumerate() {
            let w = filled(i as u64, 10).await;
            let before = w.t.console.audit_verify(&w.owner).await.unwrap();
            assert!(before.ok && before.size == 10);
            touch(&w, sql, vec![]).await;
            let after = w.t.console.audit_verify(&w.owner).await.unwrap();
            assert!(!after.ok, "{sql}");
            if bad.is_some() {
                assert_eq!(after.first_bad_seq, bad, "{sql}");
            }
        }
    });
}

#[test]
fn a_rewritten_history_does_not_fit_its_checkpoint_and_is_not_signed() {
    run(async {
        let w = filled(20, 4).await;
        assert!(w.verifies().await);
        // Everything rewritten consistently: only the checkpoint knows.
        let forged = filled(21, 4).await;
        let rows = forged
            .db
            .query(Statement {
                sql: "SELECT seq, canonical, leaf_hash FROM audit_entries",
                values: vec![],
            })
            .await
            .unwrap();
        for mut row in rows {
            let (hash, text, seq) = (row.pop().unwrap(), row.pop().unwrap(), row.pop().unwrap());
            touch(
                &w,
                "UPDATE audit_entries SET canonical = ?1, leaf_hash = ?2 WHERE seq = ?3",
                vec![text, hash, seq],
            )
            .await;
        }
        let rows = forged
            .db
            .query(Statement {
                sql: "SELECT level, idx, hash FROM audit_nodes",
                values: vec![],
            })
            .await
            .unwrap();
        for mut row in rows {
            let (hash, idx, level) = (row.pop().unwrap(), row.pop().unwrap(), row.pop().unwrap());
            touch(
                &w,
                "UPDATE audit_nodes SET hash = ?1 WHERE level = ?2 AND idx = ?3",
                vec![hash, level, idx],
            )
            .await;
        }
        let after = w.t.console.audit_verify(&w.owner).await.unwrap();
        assert!(!after.checkpoint_ok && !after.ok && after.first_bad_seq.is_none());
        assert!(w.t.console.audit_proof(&w.owner, 0).await.is_err());
    });
}

fn hash(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

#[test]
fn an_entry_names_what_was_at_the_edge_before_and_after() {
    run(async {
        let (newer, restored) = (world(36).await, world(37).await);
        let at_the_edge = |w: &World| w.t.store.value("snapshot:production").unwrap();
        let digest = |json: Vec<u8>| {
            let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
            nexus_domain::digest::of(&json).unwrap()
        };
        for w in [&newer, &restored] {
            w.started(draft("a")).await;
        }
        newer
            .t
            .console
            .command_experiment(&newer.owner, "a", None, Command::Pause)
            .await
            .unwrap();
        newer.t.ticks("a", 1).await.unwrap();
        let before = at_the_edge(&newer);
        let store = &restored.t.store;
        store.overwrite("snapshot:production", Some(before.clone()));
        restored.t.ticks("a", 3).await.unwrap();
        let log = restored
            .t
            .console
            .audit(&restored.owner, &AuditQuery::default())
            .await
            .unwrap();
        let entry = &log.items[0].entry;
        assert_eq!(entry.action, "snapshot.republish");
        assert_eq!(entry.before_digest, Some(digest(before)));
        assert_eq!(entry.after_digest, Some(digest(at_the_edge(&restored))));
    });
}

#[test]
fn a_gateway_that_reports_is_told_once_what_there_is() {
    run(async {
        let w = world(11).await;
        w.t.ticks("a", 3).await.unwrap();
        assert_eq!(w.t.store.value("snapshot:production"), None, "nobody asks");
        let heartbeat = batch(Vec::new());
        w.t.console.ingest(&w.t.gateway(), heartbeat).await.unwrap();
        w.t.ticks("a", 3).await.unwrap();
        let first = w.t.store.value("snapshot:production");
        assert!(first.is_some());
        w.t.ticks("a", 3).await.unwrap();
        assert_eq!(w.t.store.value("snapshot:production"), first);
        let query = AuditQuery::default();
        let log = w.t.console.audit(&w.owner, &query).await.unwrap();
        let actions = log.items.iter().map(|row| row.entry.action.as_str());
        let published = actions.filter(|action| *action == "snapshot.publish");
        assert_eq!(published.count(), 1);
    });
}

#[test]
fn proofs_hold_for_every_entry_and_every_beginning() {
    run(async {
        let w = filled(40, 11).await;
        let leaves: Vec<Hash> = {
            let rows =
                w.db.query(Statement {
                    sql: "SELECT leaf_hash FROM audit_entries ORDER BY seq",
                    values: vec![],
                })
                .await
                .unwrap();
            rows.into_iter()
                .map(|r| match &r[0] {
                    Value::Text(t) => hash(t),
                    _ => panic!(),
                })
                .collect()
        };
        for seq in 0..11 {
            let proof = w.t.console.audit_proof(&w.owner, seq).await.unwrap();
            // RFC 9162 §2.1.3.2.
            let (mut f, mut s, mut r) = (seq, proof.size - 1, hash(&proof.leaf_hash));
            for p in &proof.path {
                assert_ne!(s, 0);
                if f & 1 == 1 || f == s {
                    r = node_hash(&hash(p), &r);
                    while f & 1 == 0 && f != 0 {
                        (f, s) = (f >> 1, s >> 1);
                    }
                } else {
                    r = node_hash(&r, &hash(p));
                }
                (f, s) = (f >> 1, s >> 1);
            }
            assert_eq!((s, hex::encode(r)), (0, proof.root.clone()));
            assert_eq!(hash(&proof.root), root(&leaves));
        }
        for old in 1..=11 {
            let proof =
                w.t.console
                    .audit_consistency(&w.owner, old, Some(11))
                    .await
                    .unwrap();
            assert_eq!(hash(&proof.old_root), root(&leaves[..old as usize]));
            assert_eq!(hash(&proof.root), root(&leaves));
        }
        assert!(w.t.console.audit_proof(&w.owner, 11).await.is_err());
        assert!(
            w.t.console
                .audit_consistency(&w.owner, 0, None)
                .await
                .is_err()
        );
        assert!(
            w.t.console
                .audit_consistency(&w.owner, 3, Some(12))
                .await
                .is_err()
        );
    });
}

#[test]
fn after_a_year_the_text_goes_and_every_proof_stays() {
    run(async {
        let w = filled(50, 5).await;
        assert!(w.verifies().await);
        w.t.clock.advance(365 * 86_400_000 - 2_000);
        w.t.console
            .create_experiment(&w.owner, draft("new"))
            .await
            .unwrap();
        w.t.ticks("a", 1).await.unwrap();
        let log =
            w.t.console
                .audit(&w.owner, &AuditQuery::default())
                .await
                .unwrap();
        assert_eq!(log.items[0].entry.action, "audit.retention");
        assert!(log.total < 7, "{}", log.total);
        assert!(w.verifies().await);
        assert!(w.t.console.audit_proof(&w.owner, 0).await.is_ok());
        assert!(
            export(&w, 100)
                .await
                .contains("{\"seq\":0,\"canonical\":null,\"leaf_hash\"")
        );
        // What a retention did not remove must not be missing, not even its own entry.
        let size = w.t.console.audit_verify(&w.owner).await.unwrap().size;
        for seq in [size - 2, size - 1] {
            let spoilt = "UPDATE audit_entries SET canonical = NULL WHERE seq = ?1";
            let before = "SELECT canonical FROM audit_entries WHERE seq = ?1";
            let at = || vec![Value::Integer(i64::try_from(seq).unwrap())];
            let kept =
                w.db.query(Statement {
                    sql: before,
                    values: at(),
                })
                .await
                .unwrap();
            w.db.batch(vec![Statement {
                sql: spoilt,
                values: at(),
            }])
            .await
            .unwrap();
            let found = w.t.console.audit_verify(&w.owner).await.unwrap();
            assert!(!found.ok);
            // Without the retention's own entry, nothing says that the first may be gone.
            let first = if seq == size - 2 { 0 } else { seq };
            assert_eq!(found.first_bad_seq, Some(first));
            let mut values = kept.into_iter().next().unwrap();
            values.extend(at());
            let heal = "UPDATE audit_entries SET canonical = ?1 WHERE seq = ?2";
            w.db.batch(vec![Statement { sql: heal, values }])
                .await
                .unwrap();
        }
        // Nothing left to do: no entry about nothing.
        let total = w.t.console.audit_verify(&w.owner).await.unwrap().size;
        w.t.clock.advance(2 * 3_600_000);
        w.t.ticks("a", 1).await.unwrap();
        let after = w.t.console.audit_verify(&w.owner).await.unwrap().size;
        assert!(after <= total + 1);
    });
}

#[test]
fn the_log_is_searched_without_wildcards_and_only_by_those_who_may() {
    run(async {
        let w = filled(60, 3).await;
        w.t.console
            .command_experiment(&w.owner, "e1", None, Command::Start)
            .await
            .unwrap();
        let ask =
            async |query: AuditQuery| w.t.console.audit(&w.owner, &query).await.unwrap().total;
        assert_eq!(
            ask(AuditQuery {
                q: "E1".into(),
                ..Default::default()
            })
            .await,
            2
        );
        assert_eq!(
            ask(AuditQuery {
                q: "%".into(),
                ..Default::default()
            })
            .await,
            0
        );
        assert_eq!(
            ask(AuditQuery {
                action: Some("experiment.start".into()),
                ..Default::default()
            })
            .await,
            1
        );
        assert_eq!(
            ask(AuditQuery {
                object_id: Some("e1".into()),
                actor_kind: Some("person".into()),
                ..Default::default()
            })
            .await,
            2
        );
        assert_eq!(
            ask(AuditQuery {
                to_ms: Some(nexus_control::testing::NOW_MS),
                ..Default::default()
            })
            .await,
            1
        );
        for role in [Role::Viewer, Role::Experimenter] {
            assert!(
                w.t.console
                    .audit(&w.t.person(role), &AuditQuery::default())
                    .await
                    .is_err()
            );
        }
        assert!(
            w.t.console
                .audit_export(&w.t.person(Role::Operator), 0, 1)
                .await
                .is_err()
        );
    });
}

fn command(n: u8) -> Command {
    match n % 4 {
        0 => Command::Start,
        1 => Command::Pause,
        2 => Command::Resume,
        _ => Command::Stop { reason: "r".into() },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_do_versions_are_dense_and_the_log_verifies(steps in proptest::collection::vec((0u8..4, 0u8..7), 1..40)) {
        run(async {
            let w = world(70).await;
            let mut expected: HashMap<String, u64> = HashMap::new();
            let mut entries = 0;
            for (which, what) in steps {
                let id = format!("e{which}");
                let done = match what {
                    0 => w.t.console.create_experiment(&w.owner, draft(&id)).await.is_ok(),
                    1 => {
                        let version = expected.get(&id).copied().unwrap_or(0);
                        let mut words = draft(&id);
                        words.hypothesis = format!("v{version}");
                        w.t.console.edit_experiment(&w.owner, &id, version, words).await.is_ok()
                    }
                    2 => w.t.console.edit_experiment(&w.owner, &id, 0, draft(&id)).await.is_ok(),
                    n => w.t.console.command_experiment(&w.owner, &id, None, command(n)).await.is_ok(),
                };
                if done {
                    *expected.entry(id).or_default() += 1;
                    entries += 1;
                }
            }
            let verification = w.t.console.audit_verify(&w.owner).await.unwrap();
            assert!(verification.ok);
            assert_eq!(verification.size, entries);
            for (id, version) in expected {
                let detail = w.t.console.experiment(&w.owner, &id).await.unwrap();
                assert_eq!(detail.experiment.version, version);
                let rows = w.db.query(Statement {
                    sql: "SELECT COUNT(*), MIN(version), MAX(version) FROM experiment_revisions WHERE experiment_id = ?1",
                    values: vec![Value::from(id.as_str())],
                }).await.unwrap();
                let version = Value::from(version);
                assert_eq!(rows[0], [version.clone(), Value::Integer(1), version]);
            }
        });
    }
}
