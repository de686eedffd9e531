//! What is kept of a unit is kept by its number.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::anew::{keep, number, status, text};
use common::{HOUR_MS, World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{NOW_MS, TestConsole, batch, conversion, draft, request};
use nexus_control::views::RecomputeStatus;

async fn send(w: &World, events: Vec<IngestEvent>) {
    let sent = w.t.console.ingest(&w.t.gateway(), batch(events)).await;
    assert_eq!(sent.unwrap().rejected, []);
}

async fn days(w: &World, days: u32) {
    for _ in 0..days {
        w.t.clock.advance(24 * HOUR_MS);
        w.t.ticks("x", 2).await.unwrap();
    }
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
        days(&w, 4).await;
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
        w.stopped("a").await;
        days(&w, 5).await;
        assert!(names().await.is_empty());
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        assert_eq!(detail.results.variants[0].exposures, 1);
    });
}

/// However many come while a pass goes on.
#[test]
fn names_go_also_where_somebody_new_comes_all_the_time() {
    run(async {
        let w = world(5).await;
        w.started(draft("a")).await;
        send(&w, vec![conversion(1, NOW_MS, "gone", "conversion")]).await;
        let gone = "SELECT COUNT(*) FROM unit_numbers WHERE unit = 'gone'";
        let mut n = 1;
        for _ in 0..4 * 24 * 4 {
            w.t.clock.advance(15 * 60_000);
            n += 1;
            let (now_ms, unit) = (w.t.console.now_ms(), format!("u{n}"));
            send(&w, vec![request(n, now_ms, &unit, "a", "control", 200)]).await;
            w.t.ticks("x", 1).await.unwrap();
        }
        assert_eq!(number(&*w.db, gone).await, 0);
        let kept = "SELECT COUNT(*) FROM unit_numbers";
        assert_eq!(number(&*w.db, kept).await, 4 * 24 * 4);
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

#[test]
fn who_was_forgotten_gets_a_number_again_when_the_experiment_is_counted_anew() {
    run(async {
        let w = world(5).await;
        keep(&w.t, 30).await;
        w.started(draft("a")).await;
        for n in 0..30_u64 {
            let variant = ["control", "treatment"][n as usize % 2];
            let unit = format!("u{n}");
            let events = vec![
                request(2 * n + 1, NOW_MS, &unit, "a", variant, 200),
                conversion(2 * n + 2, NOW_MS, &unit, "conversion"),
            ];
            send(&w, events).await;
        }
        w.stopped("a").await;
        days(&w, 5).await;
        let names = "SELECT COUNT(*) FROM unit_numbers";
        assert_eq!(number(&*w.db, names).await, 0);
        let counted = async || {
            let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
            let variants = detail.results.variants.into_iter();
            let counts: Vec<_> = variants.map(|v| (v.exposures, v.conversions)).collect();
            counts
        };
        let before = counted().await;
        assert_eq!(before, [(15, 15), (15, 15)]);
        let asked = w.t.console.recompute_experiment(&w.owner, "a", None, None);
        asked.await.unwrap();
        for _ in 0..10 {
            w.t.clock.advance(1_000);
            w.t.ticks("x", 1).await.unwrap();
        }
        assert_eq!(status(&w.t).await, RecomputeStatus::Done);
        assert_eq!(counted().await, before);
        let given = "SELECT COUNT(*) * 100 + MAX(number) FROM unit_numbers";
        assert_eq!(number(&*w.db, given).await, 3_060);
    });
}
