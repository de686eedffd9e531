//! Metrics beside the primary one: counted exactly in any order, and judged.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Database as _, Row, Statement};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{MarginState, Results, Verdict};
use nexus_domain::experiment::{Better, Command, Draft, Method, Metric, MetricKind, MetricRole};
use proptest::prelude::*;

fn metric(key: &str, kind: MetricKind, better: Better, role: MetricRole) -> Metric {
    Metric {
        key: key.to_owned(),
        kind,
        better,
        role,
        ..Metric::default()
    }
}

/// Revenue, capped; views, counted; and refunds that must not grow by a tenth.
fn measured(id: &str) -> Draft {
    let mut d = draft(id);
    d.metrics = vec![
        metric(
            "revenue",
            MetricKind::Mean { cap: Some(100.0) },
            Better::Higher,
            MetricRole::Secondary,
        ),
        metric(
            "views",
            MetricKind::Count,
            Better::Higher,
            MetricRole::Secondary,
        ),
        metric(
            "refund",
            MetricKind::Proportion,
            Better::Lower,
            MetricRole::Guardrail { margin_bp: 1_000 },
        ),
    ];
    d
}

fn worth(n: u64, at_ms: i64, unit: &str, metric: &str, value: f64) -> IngestEvent {
    let mut event = conversion(n, at_ms, unit, metric);
    if let IngestEvent::Conversion(e) = &mut event {
        e.value = Some(value);
    }
    event
}

async fn send(w: &World, events: Vec<IngestEvent>) -> (u32, usize) {
    let reply = w.t.console.ingest(&w.t.gateway(), batch(events)).await;
    let reply = reply.unwrap();
    (reply.accepted, reply.rejected.len())
}

async fn results(w: &World, id: &str) -> Results {
    let detail = w.t.console.experiment(&w.owner, id).await.unwrap();
    detail.results
}

/// Sums by experiment, variant and metric.
async fn sums(w: &World) -> Vec<Row> {
    let sql = "SELECT experiment_id, variant, metric, sum, sum_squares FROM metric_stats \
               ORDER BY experiment_id, variant, metric";
    let values = vec![];
    w.db.query(Statement { sql, values }).await.unwrap()
}

fn value(results: &Results, metric: usize, variant: usize) -> f64 {
    results.metrics[metric].variants[variant].value.unwrap()
}

#[test]
fn a_units_number_is_its_total_since_the_exposure_and_cut_at_the_cap() {
    run(async {
        let w = world(1).await;
        w.started(measured("a")).await;
        let (accepted, rejected) = send(
            &w,
            vec![
                worth(1, NOW_MS - 1, "u", "revenue", 40.0),
                request(2, NOW_MS, "u", "a", "control", 200),
                request(3, NOW_MS, "v", "a", "control", 200),
                worth(4, NOW_MS, "u", "revenue", 30.25),
                worth(5, NOW_MS + 1, "u", "revenue", 20.5),
                worth(6, NOW_MS + 1, "v", "revenue", 99.0),
                worth(7, NOW_MS + 2, "v", "revenue", 99.0),
                worth(8, NOW_MS + 2, "v", "revenue", 1e10),
                worth(9, NOW_MS + 2, "v", "revenue", f64::NAN),
                conversion(10, NOW_MS + 2, "v", "views"),
                conversion(11, NOW_MS + 3, "v", "views"),
                conversion(12, NOW_MS + 3, "v", "refund"),
                conversion(13, NOW_MS + 4, "v", "refund"),
                worth(14, NOW_MS + 4, "stranger", "revenue", 5.0),
            ],
        )
        .await;
        assert_eq!((accepted, rejected), (12, 2));
        let now = results(&w, "a").await;
        // (30.25 + 20.5 + 100) / 2: before the exposure nothing, above the cap the cap.
        assert_eq!(value(&now, 0, 0), 75.375);
        assert_eq!(value(&now, 1, 0), 1.0);
        assert_eq!(value(&now, 2, 0), 0.5);
        assert_eq!(now.metrics[0].variants[1].value, None);
        // An earlier exposure arrives late and brings what it was followed by.
        send(&w, vec![request(20, NOW_MS - 1, "u", "a", "control", 200)]).await;
        assert_eq!(value(&results(&w, "a").await, 0, 0), (90.75 + 100.0) / 2.0);
    });
}

/// Half of the users in each variant; treatment has twice the revenue, as many views,
/// and refunds as given, of a hundred.
fn crowd(from: u64, to: u64, refunds: u64) -> Vec<IngestEvent> {
    let mut events = Vec::new();
    for u in from..to {
        let (treatment, n) = (u % 2 == 1, u / 2);
        let variant = if treatment { "treatment" } else { "control" };
        let unit = format!("u{u}");
        events.push(request(4 * u, NOW_MS, &unit, "a", variant, 200));
        if n.is_multiple_of(3) {
            let revenue = 10.0 + (n % 7) as f64;
            let revenue = if treatment { 2.0 * revenue } else { revenue };
            events.push(worth(4 * u + 1, NOW_MS + 1, &unit, "revenue", revenue));
        }
        if n.is_multiple_of(2) {
            events.push(conversion(4 * u + 2, NOW_MS + 1, &unit, "views"));
        }
        if n % 100 < if treatment { refunds } else { 30 } {
            events.push(conversion(4 * u + 3, NOW_MS + 1, &unit, "refund"));
        }
    }
    events
}

#[test]
fn secondary_metrics_are_corrected_and_a_guardrail_needs_proof_of_harmlessness() {
    run(async {
        let w = world(2).await;
        w.started(measured("a")).await;
        for from in (0..400).step_by(400) {
            send(&w, crowd(from, from + 400, 30)).await;
        }
        let early = results(&w, "a").await;
        let guard = early.metrics[2].variants[1];
        assert_eq!(guard.margin, Some(MarginState::Unclear), "no proof yet");
        for from in (400..24_000).step_by(400) {
            send(&w, crowd(from, from + 400, 30)).await;
        }
        let now = results(&w, "a").await;
        let revenue = now.metrics[0].variants[1].lift.unwrap();
        assert_eq!(revenue.verdict, Verdict::Better);
        assert!((revenue.relative - 1.0).abs() < 0.05 && revenue.low > 0.0);
        let views = now.metrics[1].variants[1].lift.unwrap();
        assert_eq!(views.verdict, Verdict::Unclear);
        // Holm doubles the smaller of two p-values and leaves the larger at its own.
        assert!(views.p_value.unwrap() >= revenue.p_value.unwrap());
        assert!(views.low < 0.0 && views.high > 0.0);
        assert_eq!(now.metrics[2].variants[1].margin, Some(MarginState::Kept));
        assert_eq!(now.metrics[2].variants[0].margin, None);
    });
}

#[test]
fn a_guardrail_that_is_broken_says_so() {
    run(async {
        let w = world(3).await;
        w.started(measured("a")).await;
        for from in (0..8_000).step_by(400) {
            send(&w, crowd(from, from + 400, 60)).await;
        }
        let guard = results(&w, "a").await.metrics[2].variants[1];
        assert_eq!(guard.margin, Some(MarginState::Broken));
        assert_eq!(
            guard.lift.unwrap().verdict,
            Verdict::Worse,
            "lower is better"
        );
    });
}

#[test]
fn with_a_planned_end_secondary_metrics_wait_for_the_look() {
    run(async {
        let w = world(4).await;
        let mut d = measured("a");
        d.method = Method::FixedHorizon {
            planned_users: 1_200,
        };
        w.started(d).await;
        send(&w, crowd(0, 400, 30)).await;
        send(&w, crowd(400, 800, 30)).await;
        let before = results(&w, "a").await;
        assert_eq!(before.metrics[0].variants[1].lift, None);
        assert!(
            before.metrics[2].variants[1].lift.is_some(),
            "harm may show"
        );
        send(&w, crowd(800, 1_200, 30)).await;
        let at = results(&w, "a").await.metrics[0].variants[1].lift;
        assert_eq!(at.unwrap().verdict, Verdict::Better);
        send(&w, crowd(1_200, 1_600, 30)).await;
        let after = results(&w, "a").await.metrics[0].variants[1].lift;
        assert_eq!(after, at, "what was seen at the look stays");
    });
}

#[test]
fn metrics_are_fixed_at_the_start_and_their_rows_go_long_after_the_end() {
    run(async {
        let w = world(5).await;
        let started = w.started(measured("a")).await;
        let mut edit = Draft::of(&started);
        edit.metrics.pop();
        let refused =
            w.t.console
                .edit_experiment(&w.owner, "a", started.version, edit)
                .await;
        assert!(refused.is_err());
        send(&w, crowd(0, 10, 30)).await;
        let stop = Command::Stop {
            reason: String::new(),
        };
        w.t.console
            .command_experiment(&w.owner, "a", None, stop)
            .await
            .unwrap();
        let before = results(&w, "a").await.metrics;
        w.t.clock.advance(49 * 3_600_000);
        w.t.ticks("x", 2).await.unwrap();
        for sql in [
            "SELECT unit FROM unit_metrics",
            "SELECT id FROM metric_events",
        ] {
            let values = vec![];
            assert!(
                w.db.query(Statement { sql, values })
                    .await
                    .unwrap()
                    .is_empty()
            );
        }
        assert_eq!(results(&w, "a").await.metrics, before);
    });
}

/// Events of a few units that keep their variants, with values.
fn events() -> impl Strategy<Value = Vec<IngestEvent>> {
    let one = (
        0u64..8,
        0i64..500,
        0u8..4,
        -50_000i32..200_000,
        any::<bool>(),
    );
    proptest::collection::vec(one, 1..60).prop_map(|events| {
        let event = |(n, (unit, at, what, milli, of_b)): (usize, (u64, i64, u8, i32, bool))| {
            let (n, at_ms, name) = (n as u64, NOW_MS - at, format!("u{unit}"));
            let variant = ["control", "treatment"][unit as usize % 2];
            match what {
                0 => request(n, at_ms, &name, if of_b { "b" } else { "a" }, variant, 200),
                1 => worth(n, at_ms, &name, "revenue", f64::from(milli) / 1_000.0),
                2 => conversion(n, at_ms, &name, "views"),
                _ => conversion(n, at_ms, &name, "refund"),
            }
        };
        events.into_iter().enumerate().map(event).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn any_order_any_cut_and_any_repetition_give_the_same_sums(
        events in events(),
        again in any::<proptest::sample::Index>(),
        swaps in proptest::collection::vec((any::<proptest::sample::Index>(), any::<proptest::sample::Index>()), 0..80),
        size in 1usize..20,
    ) {
        run(async {
            let mut outcomes = Vec::new();
            for shuffled in [false, true] {
                let w = world(9).await;
                for id in ["a", "b"] {
                    w.started(measured(id)).await;
                }
                let mut events = events.clone();
                if shuffled {
                    for (a, b) in &swaps {
                        let (a, b) = (a.index(events.len()), b.index(events.len()));
                        events.swap(a, b);
                    }
                    let again = again.index(events.len());
                    events.extend(events[again..].to_vec());
                    for some in events.chunks(size) {
                        send(&w, some.to_vec()).await;
                    }
                } else {
                    send(&w, events).await;
                }
                // Sums of so few small squares are exact; rows of zero say nothing.
                let mut rows = sums(&w).await;
                rows.retain(|row| format!("{:?}", &row[3..]) != "[Integer(0), Real(0.0)]");
                outcomes.push(rows);
            }
            assert_eq!(outcomes[0], outcomes[1]);
        });
    }
}
