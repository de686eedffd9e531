//! What is kept of a unit is kept by its number.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::anew::{number, text};
use common::{World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{NOW_MS, TestConsole, batch, conversion, draft, request};
use nexus_domain::experiment::Command;

async fn send(w: &World, events: Vec<IngestEvent>) {
    let sent = w.t.console.ingest(&w.t.gateway(), batch(events)).await;
    assert_eq!(sent.unwrap().rejected, []);
}

/// Whoever is known has one number, under which all is kept; a name goes when nothing is kept.
#[test]
fn a_unit_has_its_number_for_as_long_as_anything_is_kept_of_it() {
    run(async {
        let w = world(5).await;
        w.started(draft("a")).await;
        send(&w, vec![request(1, NOW_MS, "u", "a", "control", 200)]).await;
        send(&w, vec![conversion(2, NOW_MS, "v", "conversion")]).await;
        send(&w, vec![request(4, NOW_MS, "u", "a", "control", 500)]).await;
        let names = async || text(&*w.db, "SELECT unit FROM unit_numbers ORDER BY number").await;
        assert_eq!(names().await, ["u", "v"]);
        let days = async |days: i64| {
            for _ in 0..days {
                w.t.clock.advance(24 * 3_600_000);
                w.t.ticks("x", 2).await.unwrap();
            }
        };
        days(4).await;
        assert_eq!(
            names().await,
            ["u"],
            "the conversion is too old for any exposure"
        );
        send(
            &w,
            vec![conversion(5, w.t.console.now_ms(), "v", "conversion")],
        )
        .await;
        let last = "SELECT number FROM unit_numbers WHERE unit = 'v'";
        assert_eq!(number(&*w.db, last).await, 3, "no number is given twice");
        let stop = Command::Stop {
            reason: String::new(),
        };
        w.t.console
            .command_experiment(&w.owner, "a", None, stop)
            .await
            .unwrap();
        days(5).await;
        assert!(names().await.is_empty());
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 1);
    });
}

/// Two consoles on one database meet the same people at once.
#[test]
fn two_processes_give_nobody_two_numbers() {
    run(async {
        let w = world(5).await;
        w.started(draft("a")).await;
        let other = TestConsole::new(w.db.clone(), 6);
        for round in 0..20_u64 {
            let of = |first: u64, shift: u64| -> Vec<IngestEvent> {
                let people = (0..10).map(|n| {
                    let unit = format!("{round}-{}", n + shift);
                    request(first + n, NOW_MS, &unit, "a", "control", 200)
                });
                people.collect()
            };
            let (one, two) = (of(round * 100, 0), of(round * 100 + 50, 5));
            let (gateway, another) = (w.t.gateway(), other.gateway());
            let (one, two) = tokio::join!(
                w.t.console.ingest(&gateway, batch(one)),
                other.console.ingest(&another, batch(two))
            );
            assert_eq!(one.unwrap().accepted + two.unwrap().accepted, 20);
        }
        let counts = "SELECT COUNT(*) FROM unit_numbers";
        assert_eq!(number(&*w.db, counts).await, 300);
        let counts = "SELECT COUNT(DISTINCT unit) + MAX(number) FROM unit_numbers";
        assert_eq!(number(&*w.db, counts).await, 600);
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 300);
    });
}
