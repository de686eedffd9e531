//! Batches that come at once are counted in few commits, and none is lost by it.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::atomic::Ordering::SeqCst;

use common::{World, run, world};
use nexus_control::ports::{Database as _, Statement, Value};
use nexus_control::testing::{Break, NOW_MS, batch, conversion, draft, request};

#[test]
fn batches_that_wait_are_counted_together_and_each_hears_of_its_own() {
    run(async {
        let w = world(9).await;
        w.started(draft("a")).await;
        let gateway = w.t.gateway();
        let before = commits(&w).await;
        // Every batch has 30 users of its own, and 10 that the batch before it has too.
        let sent = (0..20u64).map(|b| {
            let users = b * 30..b * 30 + 40;
            let events = users
                .map(|n| request(n, NOW_MS, &format!("u{n}"), "a", "control", 200))
                .chain([conversion(b, NOW_MS, &format!("u{}", b * 30), "no name")]);
            w.t.console.ingest(&gateway, batch(events.collect()))
        });
        let replies = futures::future::join_all(sent).await;
        let mut counted = 0;
        for reply in replies {
            let reply = reply.unwrap();
            assert_eq!(reply.accepted + reply.duplicate, 40);
            assert_eq!(reply.rejected.len(), 1);
            assert_eq!(reply.rejected[0].index, 40);
            counted += reply.accepted;
        }
        assert_eq!(counted, 19 * 30 + 40);
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 19 * 30 + 40);
        assert!(commits(&w).await - before < 10);
    });
}

#[test]
fn who_waits_behind_a_failure_or_behind_somebody_who_left_is_counted_all_the_same() {
    run(async {
        let w = world(10).await;
        w.started(draft("a")).await;
        let gateway = w.t.gateway();
        let one = |n: u64| {
            let event = request(n, NOW_MS, &format!("u{n}"), "a", "control", 200);
            w.t.console.ingest(&gateway, batch(vec![event]))
        };
        for round in 0..8u64 {
            w.db.break_at(
                round % 2,
                if round % 4 < 2 {
                    Break::Before
                } else {
                    Break::After
                },
            );
            let all = futures::future::join_all((0..20).map(|n| one(round * 100 + n)));
            // The first to count goes away in the middle of it.
            let leaves = async {
                let _ =
                    futures::future::select(Box::pin(one(round * 100)), futures::future::ready(()))
                        .await;
            };
            let (_, replies) = futures::join!(leaves, all);
            let failed = replies.iter().filter(|reply| reply.is_err()).count();
            assert!(failed <= 1, "{failed} of round {round}");
            for n in 0..20 {
                one(round * 100 + n).await.unwrap();
            }
        }
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 8 * 20);
    });
}

#[test]
fn nobody_waits_for_ever_behind_those_who_come_again_and_again() {
    run(async {
        let w = world(11).await;
        w.started(draft("a")).await;
        let gateway = w.t.gateway();
        // Two send on and on, until the others have been answered once.
        let answered = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
        let senders = (0..16u64).map(|sender| {
            let (console, gateway) = (w.t.console.clone(), gateway.clone());
            let answered = std::sync::Arc::clone(&answered);
            let most = if sender < 2 { ROUNDS } else { 1 };
            tokio::spawn(async move {
                let mut sent = 0;
                while sent < most && (sender >= 2 || answered.load(SeqCst) < 14) {
                    let id = sender * ROUNDS + sent;
                    let event = request(id, NOW_MS, &format!("u{id}"), "a", "control", 200);
                    console.ingest(&gateway, batch(vec![event])).await.unwrap();
                    sent += 1;
                }
                answered.fetch_add(u64::from(sender >= 2), SeqCst);
                sent
            })
        });
        for sender in futures::future::join_all(senders).await {
            assert!(sender.unwrap() < ROUNDS, "the others waited all the time");
        }
    });
}

/// Far more than it takes when everybody's batch is counted with the next.
const ROUNDS: u64 = 300;

async fn commits(w: &World) -> i64 {
    let sql = "SELECT seq FROM ingest_head";
    let values = vec![];
    let rows = w.db.query(Statement { sql, values }).await.unwrap();
    match rows[0][0] {
        Value::Integer(seq) => seq,
        _ => unreachable!("a number"),
    }
}
