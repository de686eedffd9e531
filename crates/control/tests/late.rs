//! What arrives late: only what lies within an experiment's time counts, whatever the order.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{HOUR_MS, World, run, world};
use nexus_control::ingest::{IngestEvent, IngestReply};
use nexus_control::ports::{Database as _, Row, Statement};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_domain::experiment::{Better, Command, Draft, Metric, MetricKind, MetricRole};

const MINUTE_MS: i64 = 60_000;

async fn send(w: &World, events: Vec<IngestEvent>) -> IngestReply {
    let reply = w.t.console.ingest(&w.t.gateway(), batch(events)).await;
    reply.unwrap()
}

async fn rows(w: &World, sql: &'static str) -> Vec<Row> {
    let values = vec![];
    w.db.query(Statement { sql, values }).await.unwrap()
}

async fn stop(w: &World, id: &str) {
    let reason = String::new();
    let stop = Command::Stop { reason };
    let stopped = w.t.console.command_experiment(&w.owner, id, None, stop);
    stopped.await.unwrap();
}

/// The primary metric with and without a window, and a count beside it.
fn drafts() -> [Draft; 2] {
    let views = Metric {
        key: "views".to_owned(),
        kind: MetricKind::Count,
        better: Better::Higher,
        role: MetricRole::Secondary,
        ..Metric::default()
    };
    ["plain", "windowed"].map(|id| Draft {
        goal_window_hours: (id == "windowed").then_some(48),
        metrics: vec![views.clone()],
        ..draft(id)
    })
}

const COUNTS: &str = "SELECT s.experiment_id, s.variant, s.exposures, s.conversions, m.sum \
    FROM variant_stats s LEFT JOIN metric_stats m ON m.experiment_id = s.experiment_id \
    AND m.variant = s.variant AND m.metric = 'views' WHERE s.exposures > 0 \
    ORDER BY s.experiment_id";

#[test]
fn an_exposure_from_before_the_start_is_refused() {
    run(async {
        let w = world(1).await;
        w.started(draft("a")).await;
        let early = request(1, NOW_MS - MINUTE_MS - 1, "u", "a", "control", 200);
        let reply = send(&w, vec![early]).await;
        assert_eq!(
            reply.rejected[0].problem,
            "the experiment had not begun then"
        );
        let skewed = request(2, NOW_MS - MINUTE_MS, "u", "a", "control", 200);
        assert_eq!(send(&w, vec![skewed]).await.accepted, 1, "clocks differ");
    });
}

#[test]
fn conversions_count_until_the_stop_in_whatever_order_they_come() {
    run(async {
        let orders = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ];
        let mut outcomes = Vec::new();
        for order in orders {
            let w = world(2).await;
            for draft in drafts() {
                w.started(draft).await;
            }
            w.t.clock.advance(2 * HOUR_MS);
            stop(&w, "plain").await;
            stop(&w, "windowed").await;
            w.t.clock.advance(2 * HOUR_MS);
            let at = |minutes: i64| NOW_MS + 2 * HOUR_MS + minutes * MINUTE_MS;
            let happened = |n: u64, at_ms| {
                let of = |k, name| conversion(n * 10 + k, at_ms, "u", name);
                vec![of(1, "conversion"), of(2, "views")]
            };
            let exposed = |n, id| request(n, at(-60), "u", id, "control", 200);
            let all = [
                vec![exposed(1, "plain"), exposed(2, "windowed")],
                happened(1, at(-30)),
                // A minute is for clocks; then it is over.
                happened(2, at(2)),
            ];
            for position in order {
                send(&w, all[position].clone()).await;
                send(&w, all[position].clone()).await;
            }
            outcomes.push(rows(&w, COUNTS).await);
        }
        let first = format!("{:?}", outcomes[0]);
        assert_eq!(
            first.matches("Integer(1), Integer(1)").count(),
            2,
            "{first}"
        );
        assert!(
            outcomes.iter().all(|one| *one == outcomes[0]),
            "{outcomes:?}"
        );
    });
}

#[test]
fn a_conversion_after_the_stop_alone_counts_nowhere_and_still_for_who_goes_on() {
    run(async {
        let w = world(3).await;
        for draft in drafts() {
            w.started(draft).await;
        }
        let exposed = |n, id| request(n, NOW_MS, "u", id, "control", 200);
        send(&w, vec![exposed(1, "plain"), exposed(2, "windowed")]).await;
        stop(&w, "plain").await;
        w.t.clock.advance(HOUR_MS);
        let bought = conversion(3, NOW_MS + HOUR_MS, "u", "conversion");
        assert_eq!(send(&w, vec![bought]).await.accepted, 1);
        let conversions = "SELECT experiment_id, conversions FROM variant_stats \
            WHERE exposures > 0 ORDER BY experiment_id";
        let counted = format!("{:?}", rows(&w, conversions).await);
        let plain = r#"Text("plain"), Integer(0)"#;
        let windowed = r#"Text("windowed"), Integer(1)"#;
        assert!(
            counted.contains(plain) && counted.contains(windowed),
            "{counted}"
        );
    });
}

/// A claim of an SDK that no snapshot has decided.
fn claim(n: u64, at_ms: i64, unit: &str, variant: &str) -> IngestEvent {
    let mut event = request(n, at_ms, unit, "a", variant, 200);
    if let IngestEvent::Request(e) = &mut event {
        e.assignments[0].version = 0;
    }
    event
}

#[test]
fn what_nobody_has_checked_counts_after_a_stop_if_the_hash_says_so() {
    run(async {
        let w = world(4).await;
        w.started(draft("a")).await;
        let reply = send(
            &w,
            vec![
                claim(1, NOW_MS, "u", "control"),
                claim(2, NOW_MS, "u", "treatment"),
            ],
        )
        .await;
        assert_eq!(
            (reply.accepted, reply.rejected.len()),
            (1, 1),
            "one of both"
        );
        let [variant, other] = match reply.rejected[0].index {
            0 => ["treatment", "control"],
            _ => ["control", "treatment"],
        };
        w.t.clock.advance(HOUR_MS);
        stop(&w, "a").await;
        w.t.clock.advance(HOUR_MS);
        let late = |n, at_ms| claim(n, at_ms, "u", variant);
        let before = NOW_MS + HOUR_MS / 2;
        let after = NOW_MS + HOUR_MS + 2 * MINUTE_MS;
        let wrong = claim(5, before, "u", other);
        let reply = send(&w, vec![late(3, before), late(4, after), wrong]).await;
        let problems: Vec<_> = reply
            .rejected
            .iter()
            .map(|one| (one.index, one.problem.as_str()))
            .collect();
        assert_eq!(reply.accepted, 1);
        assert_eq!(
            problems,
            [
                (1, "the experiment had stopped before"),
                (2, "the experiment deals this unit another variant or none"),
            ]
        );
    });
}

#[test]
fn ids_that_have_had_their_time_go_however_many_they_are() {
    run(async {
        let w = world(5).await;
        w.t.ticks("x", 1).await.unwrap();
        let sql = "INSERT INTO ingest_events (id, at_ms) WITH RECURSIVE n (i) AS \
            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000) SELECT 'old' || i, 1 FROM n";
        w.db.batch(vec![Statement {
            sql,
            values: vec![],
        }])
        .await
        .unwrap();
        w.t.clock.advance(MINUTE_MS);
        let purged = w.t.ticks("x", 1).await.unwrap().purged;
        assert!(purged >= 45_000, "{purged}");
        assert!(
            rows(&w, "SELECT id FROM ingest_events WHERE at_ms = 1")
                .await
                .is_empty()
        );
    });
}
