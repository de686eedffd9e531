//! How fast events are counted. Run by hand, in release:
//! `cargo test --release -p nexus-control --test speed -- --ignored --nocapture`

use std::sync::{Arc, Mutex};
use std::time::Instant;

use nexus_control::ingest::IngestBatch;
use nexus_control::testing::{NOW_MS, TestConsole, batch, conversion, draft, request};
use nexus_domain::access::Role;
use nexus_domain::experiment::{Command, Metric, MetricKind};
use nexus_sqlite::Sqlite;

/// Of 1,000 events.
const BATCHES: u64 = 1_000;

#[test]
#[ignore = "a measurement, not a check; needs a release build"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn events_per_second() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // As in production: every batch waits for the disk.
        let dir = tempfile::tempdir().unwrap();
        let db = Sqlite::open(&dir.path().join("console.db")).await.unwrap();
        db.migrate().await.unwrap();
        let t = TestConsole::new(Arc::new(db), 1);
        let owner = t.person(Role::Owner);
        for n in 0..100 {
            let id = format!("e{n}");
            let mut draft = draft(&id);
            if n == 0 {
                draft.metrics = vec![Metric {
                    key: "purchase".to_owned(),
                    kind: MetricKind::Mean { cap: None },
                    ..Metric::default()
                }];
            }
            t.console.create_experiment(&owner, draft).await.unwrap();
            t.console
                .command_experiment(&owner, &id, None, Command::Start)
                .await
                .unwrap();
        }
        let gateway = t.gateway();
        let batches: Vec<_> = (0..BATCHES).map(crowd).collect();
        let begun = Instant::now();
        // As many at once as a console in use hears.
        let batches = Arc::new(Mutex::new(batches.into_iter()));
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (console, gateway, batches) = (t.console.clone(), gateway.clone(), batches.clone());
            senders.spawn(async move {
                while let Some(batch) = { batches.lock().unwrap().next() } {
                    let reply = console.ingest(&gateway, batch).await.unwrap();
                    assert_eq!(reply.accepted, 1_000, "{:?}", reply.rejected.first());
                }
            });
        }
        while let Some(sender) = senders.join_next().await {
            sender.unwrap();
        }
        let took = begun.elapsed();
        println!(
            "{BATCHES},000 events in {took:?}: {:.0} events/s",
            BATCHES as f64 * 1_000.0 / took.as_secs_f64()
        );
        let begun = Instant::now();
        t.console.overview(&owner).await.unwrap();
        println!("overview of 100 running experiments: {:?}", begun.elapsed());
        let begun = Instant::now();
        assert!(t.console.audit_verify(&owner).await.unwrap().ok);
        println!("verifying 200 entries: {:?}", begun.elapsed());
    });
}

/// Of ten events four are exposures of people seen before, two conversions, one a purchase.
fn crowd(batch_number: u64) -> IngestBatch {
    let events = (0..1_000).map(|i| {
        let n = batch_number * 1_000 + i;
        let person = |n: u64| format!("{:016x}", n.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let exposed = |n: u64, who: u64| {
            let variant = ["control", "treatment"][(who % 2) as usize];
            request(n, NOW_MS, &person(who), "e0", variant, 200)
        };
        match i % 10 {
            0..3 => exposed(n, n),
            3..7 => exposed(n, n / 10 * 10 * (i % 3) / 3),
            7 => conversion(n, NOW_MS, &person(n - 6), "purchase"),
            _ => conversion(n, NOW_MS, &person(n - 7), "conversion"),
        }
    });
    batch(events.collect())
}
