//! How fast events are counted. Run by hand, in release:
//! `cargo test --release -p nexus-control --test speed -- --ignored --nocapture`

use std::sync::Arc;
use std::time::Instant;

use nexus_control::testing::{NOW_MS, TestConsole, batch, conversion, draft, request};
use nexus_domain::access::Role;
use nexus_domain::experiment::Command;
use nexus_sqlite::Sqlite;

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
            t.console
                .create_experiment(&owner, draft(&id))
                .await
                .unwrap();
            t.console
                .command_experiment(&owner, &id, None, Command::Start)
                .await
                .unwrap();
        }
        let mut batches = Vec::new();
        for b in 0..100u64 {
            let events = (0..1_000u64).map(|i| {
                let n = b * 1_000 + i;
                let unit = format!("unit-{}", n % 40_000);
                if i % 10 == 9 {
                    return conversion(n, NOW_MS, &unit, "conversion");
                }
                let variant = if n % 2 == 0 { "control" } else { "treatment" };
                let status = if n % 97 == 0 { 500 } else { 200 };
                request(n, NOW_MS, &unit, &format!("e{}", n % 7), variant, status)
            });
            batches.push(batch(events.collect()));
        }
        let (gateway, begun) = (t.gateway(), Instant::now());
        for batch in batches {
            let reply = t.console.ingest(&gateway, batch).await.unwrap();
            assert_eq!(reply.accepted, 1_000, "{:?}", reply.rejected.first());
        }
        let took = begun.elapsed();
        println!(
            "100,000 events in {took:?}: {:.0} events/s",
            100_000.0 / took.as_secs_f64()
        );
        let begun = Instant::now();
        t.console.overview(&owner).await.unwrap();
        println!("overview of 100 running experiments: {:?}", begun.elapsed());
        let begun = Instant::now();
        assert!(t.console.audit_verify(&owner).await.unwrap().ok);
        println!("verifying 200 entries: {:?}", begun.elapsed());
    });
}
