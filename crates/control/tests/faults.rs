//! The story with a database that breaks at every batch in turn, and with a
//! fifth of the calls to Cloudflare failing.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{Break, NOW_MS, batch, draft, request};
use nexus_control::views::PendingRequest;
use nexus_control::{Error, Result};
use nexus_domain::access::{Grant, Role};
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{Command, Status};

fn events() -> Vec<IngestEvent> {
    (0..200u64)
        .map(|n| {
            let variant = if n % 2 == 0 { "control" } else { "treatment" };
            let status = if n % 2 == 1 && n % 3 == 0 { 500 } else { 200 };
            request(n, NOW_MS, &format!("u{n}"), "a", variant, status)
        })
        .collect()
}

/// Each step again until it works, as a person, a script or a gateway would.
async fn story(w: &World) -> Result<()> {
    let c = &w.t.console;
    match c.create_experiment(&w.owner, draft("a")).await {
        // It had been created; only the answer was lost.
        Err(Error::Invalid(_)) | Ok(_) => {}
        Err(error) => return Err(error),
    }
    match c
        .command_experiment(&w.owner, "a", None, Command::Start)
        .await
    {
        Err(Error::Refused(_)) | Ok(_) => {}
        Err(error) => return Err(error),
    }
    c.ingest(&w.t.gateway(), batch(events())).await?;
    w.t.ticks("a", 3).await?;
    let cli = Actor::cli("root", "r".into());
    let grants = vec![Grant {
        role: Role::Viewer,
        environment: None,
    }];
    let request = PendingRequest::AddMember {
        email: "ada@example.com".into(),
        machine: false,
        grants,
    };
    match c.request(&cli, request).await {
        Err(Error::Invalid(_)) => return Ok(()),
        Ok(pending) => match c.confirm(&cli, &pending.id).await {
            Err(Error::NotFound { .. }) | Ok(_) => {}
            Err(error) => return Err(error),
        },
        Err(error) => return Err(error),
    }
    w.t.ticks("a", 3).await?;
    Ok(())
}

async fn ends_right(w: &World, what: &str) {
    for _ in 0..60 {
        w.t.ticks("a", 2).await.unwrap();
        let overview = w.t.console.overview(&w.owner).await.unwrap();
        if overview.running.is_empty() && overview.propagation.published_ms.is_some() {
            break;
        }
    }
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    assert_eq!(detail.experiment.status, Status::Stopped, "{what}");
    assert_eq!(
        detail
            .results
            .variants
            .iter()
            .map(|v| v.exposures)
            .sum::<u64>(),
        200,
        "{what}"
    );
    assert!(detail.propagation.published_ms.is_some(), "{what}");
    let kv = String::from_utf8(w.t.store.value("snapshot:production").unwrap()).unwrap();
    assert!(kv.contains("\\\"experiments\\\":[]"), "{what}: {kv}");
    let log =
        w.t.console
            .audit(&w.owner, &Default::default())
            .await
            .unwrap();
    let actions: Vec<_> = log
        .items
        .iter()
        .rev()
        .map(|r| r.entry.action.as_str())
        .collect();
    let mut sorted = actions.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "experiment.create",
            "experiment.start",
            "experiment.stop_for_harm",
            "member.add"
        ],
        "{what}"
    );
    assert!(w.verifies().await, "{what}");
}

#[test]
fn whichever_batch_breaks_the_story_ends_right() {
    run(async {
        for how in [Break::Before, Break::After] {
            let mut at = 0;
            loop {
                let w = world(at).await;
                w.db.break_at(at, how);
                let mut tries = 0;
                while let Err(error) = story(&w).await {
                    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
                    tries += 1;
                    assert!(tries < 5, "batch {at} {how:?}");
                }
                if !w.db.is_spent() {
                    break;
                }
                ends_right(&w, &format!("batch {at} {how:?}")).await;
                at += 1;
            }
            assert!(at >= 10, "the story has only {at} batches");
        }
    });
}

#[test]
fn with_a_fifth_of_cloudflares_calls_failing_the_story_ends_right() {
    run(async {
        for seed in 0..20 {
            let w = world(seed).await;
            w.t.store.fail(20);
            story(&w).await.unwrap();
            ends_right(&w, &format!("seed {seed}")).await;
            // Versions at the edge only ever rise.
            let versions: Vec<u64> =
                w.t.store
                    .puts()
                    .iter()
                    .map(|bytes| version(bytes))
                    .collect();
            assert!(versions.is_sorted(), "{versions:?}");
        }
    });
}

fn version(bytes: &[u8]) -> u64 {
    let signed: nexus_flags::SignedSnapshot = serde_json::from_slice(bytes).unwrap();
    let snapshot: nexus_flags::Snapshot = serde_json::from_str(&signed.payload).unwrap();
    snapshot.version
}
