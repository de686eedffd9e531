//! Metrics beside the primary one: counted exactly in any order, and judged.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Database as _, Row, Statement};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{MarginState, Results, Verdict};
use nexus_domain::experiment::{Better, Draft, Method, Metric, MetricKind, MetricRole};
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
        w.stopped("a").await;
        let before = results(&w, "a").await.metrics;
        w.t.clock.advance(49 * 3_600_000);
        w.t.ticks("x", 2).await.unwrap();
        for sql in [
            "SELECT number FROM unit_metrics",
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

/// Every user's profit: around −10 in the control, −5 in the treatment.
#[test]
fn a_smaller_loss_is_a_gain() {
    run(async {
        let w = world(6).await;
        let mean = || MetricKind::Mean { cap: None };
        let guardrail = MetricRole::Guardrail { margin_bp: 500 };
        let mut d = draft("a");
        d.metrics = vec![
            metric("gain", mean(), Better::Higher, MetricRole::Secondary),
            metric("cost", mean(), Better::Lower, MetricRole::Secondary),
            metric("kept", mean(), Better::Higher, guardrail),
            metric("broken", mean(), Better::Lower, guardrail),
        ];
        for metric in &mut d.metrics {
            metric.event = "profit".to_owned();
        }
        w.started(d).await;
        for from in [0, 400, 800, 1_200] {
            let mut events = Vec::new();
            for u in from..from + 400u64 {
                let (is_treatment, unit) = (u % 2 == 1, format!("u{u}"));
                let variant = if is_treatment { "treatment" } else { "control" };
                events.push(request(2 * u, NOW_MS, &unit, "a", variant, 200));
                let about = if is_treatment { -5.0 } else { -10.0 };
                let profit = about + (u / 2 % 3) as f64 - 1.0;
                events.push(worth(2 * u + 1, NOW_MS + 1, &unit, "profit", profit));
            }
            send(&w, events).await;
        }
        let now = results(&w, "a").await;
        let of = |metric: usize| now.metrics[metric].variants[1];
        let gain = of(0).lift.unwrap();
        assert!((gain.relative - 0.5).abs() < 0.01 && gain.low > 0.0);
        assert_eq!(gain.verdict, Verdict::Better);
        assert_eq!(of(1).lift.unwrap().verdict, Verdict::Worse);
        assert_eq!(of(2).margin, Some(MarginState::Kept));
        assert_eq!(of(3).margin, Some(MarginState::Broken));
    });
}

#[test]
fn a_metric_without_data_keeps_its_place_in_the_family() {
    let said = |seed: u64, metrics: usize| async move {
        let w = world(seed).await;
        let mut d = draft("a");
        d.method = Method::FixedHorizon { planned_users: 400 };
        let names = (0..metrics).map(|n| format!("m{n}"));
        let kind = || MetricKind::Proportion;
        d.metrics = names
            .map(|name| metric(&name, kind(), Better::Higher, MetricRole::Secondary))
            .collect();
        w.started(d).await;
        let mut events = Vec::new();
        for u in 0..400u64 {
            let (is_treatment, unit) = (u % 2 == 1, format!("u{u}"));
            let variant = if is_treatment { "treatment" } else { "control" };
            events.push(request(2 * u, NOW_MS, &unit, "a", variant, 200));
            if u / 2 % 20 < if is_treatment { 8 } else { 6 } {
                events.push(conversion(2 * u + 1, NOW_MS + 1, &unit, "m0"));
            }
        }
        send(&w, events).await;
        results(&w, "a").await.metrics[0].variants[1].lift.unwrap()
    };
    run(async {
        let (alone, of_ten) = (said(7, 1).await, said(8, 10).await);
        assert_eq!(
            (alone.verdict, of_ten.verdict),
            (Verdict::Better, Verdict::Unclear)
        );
        let (p, corrected) = (alone.p_value.unwrap(), of_ten.p_value.unwrap());
        assert!(
            p < 0.05 && (corrected - 10.0 * p).abs() < 1e-9,
            "{p} {corrected}"
        );
        assert!(alone.low > 0.0 && of_ten.low < 0.0);
    });
}

/// Users of the first day, and of the third, when only the first ones' second day is over.
#[test]
fn the_looks_at_a_retention_are_as_far_as_its_users_are_through() {
    run(async {
        let w = world(9).await;
        let day_ms = 86_400_000;
        let mut d = draft("a");
        d.method = Method::GroupSequential {
            looks: 3,
            planned_users: 1_200,
        };
        let kind = MetricKind::Retention {
            from_day: 1,
            until_day: 2,
        };
        d.metrics = vec![metric("back", kind, Better::Higher, MetricRole::Secondary)];
        w.started(d).await;
        let come = |from: u64, at_ms: i64| {
            let event = move |u: u64| {
                let variant = if u % 2 == 1 { "treatment" } else { "control" };
                request(3 * u, at_ms, &format!("u{u}"), "a", variant, 200)
            };
            (from..from + 400).map(event).collect::<Vec<_>>()
        };
        send(&w, come(0, NOW_MS)).await;
        w.t.clock.advance(day_ms + 3_600_000);
        let back = (0..400u64).filter(|u| u / 2 % 10 < 5 + u % 2);
        let back = back.map(|u| {
            let unit = format!("u{u}");
            conversion(3 * u + 1, NOW_MS + day_ms + 1, &unit, "back")
        });
        send(&w, back.collect()).await;
        w.t.clock.advance(day_ms);
        // Brings the first users through.
        let one = request(9_000, NOW_MS + 2 * day_ms, "u0", "a", "control", 200);
        send(&w, vec![one]).await;
        send(&w, come(400, NOW_MS + 2 * day_ms)).await;
        let now = results(&w, "a").await;
        assert_eq!(now.horizon.as_ref().unwrap().looks.len(), 2);
        let of = now.metrics[0].variants[1];
        assert_eq!(of.users, 200);
        let lift = of.lift.unwrap();
        // 50 % against 60 % of 200 users each: Fieller's error of the lower end.
        let quotient = 1.0 + lift.low;
        let error = (0.24f64 / 200.0 + 0.25 / 200.0 * quotient * quotient).sqrt() / 0.5;
        let boundary = (lift.relative - lift.low) / error;
        // O'Brien and Fleming at a third of the way; at two thirds it would be 2.5.
        assert!(boundary > 3.3 && boundary < 3.9, "{boundary}");
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
