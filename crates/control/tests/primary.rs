//! A metric of any kind decides: on the page, in the list, for safeguards and in tables.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{ExperimentDetail, ExperimentRow, Verdict};
use nexus_domain::experiment::{
    Among, Better, Counted, Dimension, Draft, Evidence, Method, Metric, MetricKind, MetricRole,
    Safeguards, Status,
};

const HOUR_MS: i64 = 3_600_000;

fn decided_by(kind: MetricKind, better: Better) -> Draft {
    let mut d = draft("a");
    d.guardrail = Safeguards::errors_only(10_000);
    d.metrics = vec![
        Metric {
            key: "views".to_owned(),
            kind: MetricKind::Count,
            ..Metric::default()
        },
        Metric {
            key: "load".to_owned(),
            kind,
            better,
            role: MetricRole::Primary { spread_bp: 10_000 },
            ..Metric::default()
        },
    ];
    d
}

fn mean() -> MetricKind {
    MetricKind::Mean { cap: None }
}

/// Users from..to, every other one in each variant. Each loads one page, in seconds that vary
/// from 1 to 9, times the factor in the treatment; of every ten so many of the treatment convert
/// and one of the control.
fn users(from: u64, to: u64, factor: f64, converts: u64) -> Vec<IngestEvent> {
    let mut events = Vec::new();
    for u in from..to {
        let (n, is_treatment) = (u / 2, u % 2 == 1);
        let (variant, factor, converts) = match is_treatment {
            true => ("treatment", factor, converts),
            false => ("control", 1.0, 1),
        };
        let unit = format!("u{u}");
        events.push(request(4 * u, NOW_MS, &unit, "a", variant, 200));
        let mut load = conversion(4 * u + 1, NOW_MS + 1, &unit, "load");
        if let IngestEvent::Conversion(e) = &mut load {
            e.value = Some((1 + n % 9) as f64 * factor);
        }
        events.push(load);
        if n % 10 < converts {
            events.push(conversion(4 * u + 2, NOW_MS + 1, &unit, "conversion"));
        }
        events.push(conversion(4 * u + 3, NOW_MS + 1, &unit, "page"));
    }
    events
}

async fn send(w: &World, events: Vec<IngestEvent>) {
    for some in events.chunks(1_000) {
        let gateway = w.t.gateway();
        let reply = w.t.console.ingest(&gateway, batch(some.to_vec()));
        assert_eq!(reply.await.unwrap().accepted as usize, some.len());
    }
}

async fn page(w: &World) -> ExperimentDetail {
    w.t.console.experiment(&w.owner, "a").await.unwrap()
}

async fn row(w: &World) -> ExperimentRow {
    let rows = w.t.console.experiments(&w.owner, &Default::default()).await;
    rows.unwrap().items.remove(0)
}

/// By every method and of every kind the list says what the page says, and that is what the
/// deciding metric says; the goal, which is far better, does not.
#[test]
fn the_list_and_the_page_say_what_the_metric_says() {
    run(async {
        let methods = [
            Method::AlwaysValid,
            Method::Bayesian { prior_sd_bp: 3_000 },
            Method::FixedHorizon {
                planned_users: 3_000,
            },
            Method::GroupSequential {
                looks: 2,
                planned_users: 3_000,
            },
        ];
        let over = "page".to_owned();
        let (top, bottom) = (Counted::Values, Counted::Events);
        let kinds = [
            mean(),
            MetricKind::Ratio { top, over, bottom },
            MetricKind::Quantile {
                level_bp: 9_000,
                among: Among::Events,
            },
        ];
        let all = methods
            .iter()
            .flat_map(|m| kinds.iter().map(move |k| (*m, k)));
        for (seed, (method, kind)) in (100..).zip(all) {
            let w = world(seed).await;
            let mut d = decided_by(kind.clone(), Better::Lower);
            d.method = method;
            w.started(d).await;
            send(&w, users(0, 3_000, 1.3, 6)).await;
            let (page, row) = (page(&w).await, row(&w).await);
            let results = &page.results;
            assert_eq!(row.verdict, Some(results.verdict), "{method:?} {kind:?}");
            assert_eq!(row.primary.as_deref(), Some("load"));
            assert_eq!(results.verdict, Verdict::Worse, "{method:?} {kind:?}");
            let lift = results.metrics[1].variants[1].lift.unwrap();
            assert_eq!(
                (lift.verdict, results.decisive().unwrap().1),
                (Verdict::Worse, lift)
            );
            assert!(lift.low > 0.0, "slower: {lift:?}");
            assert_eq!(results.variants[1].lift.unwrap().verdict, Verdict::Better);
            let by = Dimension::Country;
            let own = w.t.console.metric(&w.owner, "a", Some("load"), by).await;
            assert_eq!(own.unwrap().values[1].lift, Some(lift));
            let goal = w.t.console.metric(&w.owner, "a", None, by).await.unwrap();
            assert_eq!(goal.values[1].lift, results.variants[1].lift);
            // The interval over time ends with the one that decides.
            match &results.horizon {
                Some(horizon) => {
                    let mut looks = horizon.looks.iter();
                    assert!(looks.any(|look| look.lifts == [Some(lift)]));
                    assert!(results.course.is_empty());
                }
                None => {
                    let end = results.course.last().unwrap().lifts[0].unwrap();
                    assert!((end.1 - lift.low).abs() < 1e-9, "{end:?} {lift:?}");
                }
            }
        }
    });
}

#[test]
fn the_table_has_what_decides_first_and_calls_the_goal_a_goal() {
    run(async {
        let w = world(120).await;
        w.started(decided_by(mean(), Better::Lower)).await;
        send(&w, users(0, 400, 0.7, 1)).await;
        let rows = w.t.console.result_rows(&w.owner, "a").await.unwrap();
        let of = |r: &nexus_control::views::ResultRow| (r.metric.clone(), r.role);
        let said: Vec<_> = rows.iter().step_by(2).map(of).collect();
        let expected = [
            ("load", "primary"),
            ("conversion", "goal"),
            ("views", "secondary"),
        ];
        assert_eq!(said, expected.map(|(key, role)| (key.to_owned(), role)));
        assert_eq!(rows[1].verdict, Some(Verdict::Better), "faster");
    });
}

#[test]
fn a_look_that_decided_stands_whatever_comes_later() {
    run(async {
        let w = world(121).await;
        let mut d = decided_by(mean(), Better::Lower);
        d.method = Method::GroupSequential {
            looks: 3,
            planned_users: 6_000,
        };
        w.started(d).await;
        send(&w, users(0, 1_900, 1.0, 9)).await;
        let before = page(&w).await.results;
        assert_eq!(
            before.metrics[1].variants[1].lift, None,
            "not before a look"
        );
        assert_eq!(before.verdict, Verdict::NotEnoughData);
        send(&w, users(1_900, 2_000, 1.0, 9)).await;
        assert_eq!(row(&w).await.verdict, Some(Verdict::Unclear));
        send(&w, users(2_000, 4_000, 0.5, 1)).await;
        let decided = page(&w).await.results;
        assert_eq!(decided.verdict, Verdict::Better);
        let lift = decided.metrics[1].variants[1].lift;
        send(&w, users(4_000, 6_000, 9.0, 1)).await;
        let end = page(&w).await.results;
        let looks = &end.horizon.as_ref().unwrap().looks;
        let said = looks.iter().map(|l| l.lifts[0].unwrap().verdict);
        let said: Vec<Verdict> = said.collect();
        assert_eq!(said, [Verdict::Unclear, Verdict::Better, Verdict::Worse]);
        assert_eq!(
            (end.verdict, end.metrics[1].variants[1].lift),
            (Verdict::Better, lift)
        );
        assert_eq!(row(&w).await.verdict, Some(Verdict::Better));
    });
}

#[test]
fn an_experiment_stops_on_the_verdict_of_what_decides_and_keeps_its_numbers() {
    run(async {
        for (seed, factor, is_better) in [(122, 0.8, true), (123, 1.2, false)] {
            let w = world(seed).await;
            let mut d = decided_by(mean(), Better::Lower);
            d.guardrail.stop_on_verdict = true;
            d.guardrail.min_hours = 1;
            w.started(d).await;
            // The goal is decided at once, which stops nothing.
            send(&w, users(0, 2_000, 1.0, 9)).await;
            w.t.clock.advance(HOUR_MS);
            assert_eq!(w.t.ticks("x", 2).await.unwrap().stopped, 0);
            send(&w, users(2_000, 6_000, factor, 9)).await;
            assert_eq!(w.t.ticks("x", 2).await.unwrap().stopped, 1);
            let detail = page(&w).await;
            assert_eq!(detail.experiment.status, Status::Stopped);
            let evidence = detail.experiment.stop.unwrap().evidence().unwrap();
            let said = detail.history[0].entry.reason.clone().unwrap();
            let Evidence::Verdict {
                metric,
                is_better: stored,
                relative,
                users,
                ..
            } = evidence
            else {
                panic!("{evidence:?}");
            };
            assert_eq!((metric.as_deref(), stored), (Some("load"), is_better));
            assert_eq!((relative < 0.0, users), (is_better, 3_000));
            let side = if is_better { "better" } else { "worse" };
            assert!(said.contains(&format!("{side} on metric load")), "{said}");
        }
    });
}

/// Of a retention only those are judged whose days are over, and ten of either kind are needed.
#[test]
fn a_retention_decides_by_those_whose_days_are_over() {
    run(async {
        let w = world(124).await;
        let kind = MetricKind::Retention {
            from_day: 1,
            until_day: 2,
        };
        w.started(decided_by(kind, Better::Higher)).await;
        send(&w, users(0, 1_000, 1.0, 1)).await;
        w.t.clock.advance(30 * HOUR_MS);
        let back = (0..1_000).filter(|u| u % 2 == 1 && u % 5 < 3 || u % 10 == 0);
        let back = back.map(|u| {
            let at_ms = NOW_MS + 30 * HOUR_MS;
            conversion(90_000 + u, at_ms, &format!("u{u}"), "load")
        });
        send(&w, back.collect()).await;
        assert_eq!(row(&w).await.verdict, Some(Verdict::NotEnoughData));
        w.t.clock.advance(30 * HOUR_MS);
        // Brings those through whose days are over.
        let late = request(99_000, NOW_MS + 60 * HOUR_MS, "late", "a", "control", 200);
        send(&w, vec![late]).await;
        let (results, row) = (page(&w).await.results, row(&w).await);
        assert_eq!(results.metrics[1].variants[1].users, 500);
        assert_eq!(results.verdict, Verdict::Better, "{:?}", results.metrics[1]);
        assert_eq!(row.verdict, Some(Verdict::Better));
    });
}
