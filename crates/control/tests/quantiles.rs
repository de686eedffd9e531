//! Quantiles: whatever comes late, again or in another order, the distributions are those of
//! all events at once; and what is said of them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;

use common::{HOUR_MS, Late, World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Database as _, Statement, Value};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{MarginState, QuantileRow, Verdict};
use nexus_domain::experiment::{
    Among, Better, Dimension, Draft, Method, Metric, MetricKind, MetricRole, Seen,
};
use nexus_stats::{Distribution, Values};
use proptest::prelude::*;

fn quantile(key: &str, level_bp: u16, among: Among) -> Metric {
    Metric {
        key: key.to_owned(),
        event: "load".to_owned(),
        kind: MetricKind::Quantile { level_bp, among },
        better: Better::Lower,
        ..Metric::default()
    }
}

/// Of events with and without a window, and of users.
fn measured() -> Draft {
    let mut d = draft("a");
    d.metrics = vec![
        quantile("ever", 9_500, Among::Events),
        Metric {
            window_hours: Some(7),
            ..quantile("soon", 5_000, Among::Events)
        },
        Metric {
            window_hours: Some(20),
            ..quantile("sums", 5_000, Among::Users)
        },
    ];
    d
}

fn load(n: u64, at_ms: i64, unit: &str, milli: i32) -> IngestEvent {
    let mut event = conversion(n, at_ms, unit, "load");
    if let IngestEvent::Conversion(e) = &mut event {
        e.value = Some(f64::from(milli) / 1_000.0);
    }
    event
}

fn variant(unit: &str) -> &'static str {
    ["control", "treatment"][unit.len() % 2]
}

const UNITS: [&str; 4] = ["u", "uu", "uuu", "uuuu"];
const DEVICES: [&str; 3] = ["mobile", "desktop", "tablet"];

/// One event with the hours after which it arrives, in one turn and in the other.
#[derive(Clone, Debug)]
struct Sent {
    event: IngestEvent,
    unit: &'static str,
    at_ms: i64,
    /// None: an exposure.
    milli: Option<i32>,
    device: &'static str,
    delays: [i64; 2],
}

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let drawn = (
        0usize..4,
        0i64..48 * 60,
        0u8..4,
        -300i32..3_000,
        [0i64..23, 0i64..23],
    );
    proptest::collection::vec(drawn, 10..60).prop_map(|all| {
        let event = |(n, (unit, minute, what, milli, delays)): (usize, _)| {
            let (n, at_ms) = (n as u64, NOW_MS + minute * 60_000);
            let unit = UNITS[unit];
            let device = DEVICES[(minute % 3) as usize];
            let milli = (what > 0).then_some(milli);
            let event = match milli {
                None => {
                    let mut event = request(n, at_ms, unit, "a", variant(unit), 200);
                    if let IngestEvent::Request(e) = &mut event {
                        e.device = Some(device.to_owned());
                    }
                    event
                }
                Some(milli) => load(n, at_ms, unit, milli),
            };
            Sent {
                event,
                unit,
                at_ms,
                milli,
                device,
                delays,
            }
        };
        all.into_iter().enumerate().map(event).collect()
    })
}

type Found = BTreeMap<(String, String), Distribution>;

/// By variant, and metric or metric and device, everything at once.
fn expected(all: &[Sent]) -> Found {
    let mut found = Found::new();
    for unit in UNITS {
        let ours = all.iter().filter(|s| s.unit == unit);
        let exposures = ours.clone().filter(|s| s.milli.is_none());
        let as_seen = |s: &Sent| (s.at_ms, Seen::of(None, Some(s.device), None));
        let Some((exposed_ms, seen)) = exposures.map(as_seen).min() else {
            continue;
        };
        let within = |hours: i64| {
            let range = exposed_ms..exposed_ms + hours * HOUR_MS;
            let counted = ours.clone().filter(move |s| range.contains(&s.at_ms));
            counted.filter_map(|s| s.milli).map(i64::from)
        };
        let sum: i64 = within(20).sum();
        let values = [
            ("ever", within(10_000).collect::<Values>()),
            ("soon", within(7).collect()),
            ("sums", [sum].into_iter().filter(|sum| *sum != 0).collect()),
        ];
        for (metric, values) in values {
            let slice = format!("{metric} {}", seen.value(Dimension::Device));
            for of in [metric.to_owned(), slice] {
                let place = (variant(unit).to_owned(), of);
                let distribution = found.entry(place).or_default();
                distribution.exchange(&Values::default(), &values);
            }
        }
    }
    found.retain(|_, distribution| distribution.units() > 0);
    found
}

async fn stored(w: &World) -> Found {
    let sql = "SELECT variant, metric, distribution FROM metric_distributions UNION ALL \
               SELECT variant, metric || ' ' || value, distribution FROM slice_distributions \
               WHERE dimension = 'device'";
    let values = vec![];
    let rows = w.db.query(Statement { sql, values }).await.unwrap();
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    let found = rows.iter().map(|row| {
        let distribution: Distribution = serde_json::from_str(&text(&row[2])).unwrap();
        ((text(&row[0]), text(&row[1])), distribution)
    });
    found
        .filter(|(_, d)| *d != Distribution::default())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn however_late_and_in_whatever_order_events_come_the_distributions_are_those_of_all_at_once(
        all in sent(),
    ) {
        run(async {
            let wanted = expected(&all);
            for turn in 0..2 {
                let w = world(9).await;
                w.started(measured()).await;
                let late = all.iter().map(|sent| Late {
                    event: sent.event.clone(),
                    at_ms: sent.at_ms,
                    hours: sent.delays[turn],
                });
                w.hears(late, turn == 1).await;
                assert_eq!(stored(&w).await, wanted);
            }
        });
    }
}

/// Users with one to four page loads each, slower in the treatment by the factor.
async fn pages(w: &World, users: std::ops::Range<u64>, factor: f64) {
    let mut events = Vec::new();
    for u in users {
        let unit = format!("u{u}");
        let variant = ["control", "treatment"][(u % 2) as usize];
        events.push(request(10 * u, NOW_MS, &unit, "a", variant, 200));
        for i in 0..=(u / 2 % 4) {
            let habit = 300.0 + (u / 2 * 37 % 400) as f64 + (i * 53 % 90) as f64;
            let factor = if u % 2 == 1 { factor } else { 1.0 };
            let milli = (habit * factor * 1_000.0) as i32;
            events.push(load(10 * u + 1 + i, NOW_MS + 1, &unit, milli));
        }
    }
    for some in events.chunks(500) {
        let some = batch(some.to_vec());
        let reply = w.t.console.ingest(&w.t.gateway(), some).await;
        assert!(reply.unwrap().rejected.is_empty());
    }
}

#[test]
fn a_quantile_is_judged_like_any_other_metric() {
    run(async {
        let w = world(1).await;
        let mut d = measured();
        d.metrics.push(Metric {
            role: MetricRole::Guardrail { margin_bp: 500 },
            ..quantile("guard", 9_000, Among::Events)
        });
        w.started(d).await;
        pages(&w, 0..4_000, 1.2).await;
        let results = w.t.console.experiment(&w.owner, "a").await.unwrap().results;
        let [ever, .., sums, guard] = results.metrics.as_slice() else {
            panic!("{:?}", results.metrics);
        };
        let lift = ever.variants[1].lift.unwrap();
        assert_eq!(lift.verdict, Verdict::Worse, "slower by a fifth: {lift:?}");
        assert!((lift.relative - 0.2).abs() < 0.01, "{lift:?}");
        assert!(lift.low < 0.2 && lift.high > 0.2 && lift.p_value.unwrap() < 0.05);
        assert_eq!(ever.variants[0].users, 2_000);
        assert_eq!(guard.variants[1].margin, Some(MarginState::Broken));
        // Half of the users have two loads or fewer.
        let median = sums.variants[0].value.unwrap();
        assert!(median > 1_000.0 && median < 1_600.0, "{median}");

        let by = Dimension::Country;
        let page = w.t.console.metric(&w.owner, "a", Some("ever"), by).await;
        let page = page.unwrap();
        let shown: Vec<_> = page
            .quantiles
            .iter()
            .filter(|p| p.level_bp == 9_500)
            .collect();
        assert_eq!(shown[0].values[0], ever.variants[0].value);
        // All were seen alike: the one slice is the whole, and so is the end of the course.
        let [slice] = page.slices.rows.as_slice() else {
            panic!("{:?}", page.slices);
        };
        assert_eq!(
            (slice.value.as_str(), slice.variants[0].users),
            ("unknown", 2_000)
        );
        let last = page.course.last().unwrap();
        for i in 0..2 {
            assert_eq!(slice.variants[i].value, ever.variants[i].value);
            assert_eq!(last.values[i], ever.variants[i].value);
        }
        let (relative, ..) = last.lifts[0].unwrap();
        assert!((relative - lift.relative).abs() < 1e-12);
        assert!((slice.variants[1].lift.unwrap().relative - lift.relative).abs() < 1e-12);
        let page = w.t.console.metric(&w.owner, "a", Some("sums"), by).await;
        let page = page.unwrap();
        assert_eq!(page.course.last().unwrap().values[0], Some(median));
        assert_eq!(page.slices.rows[0].variants[0].value, Some(median));
        let rows = w.t.console.quantile_rows(&w.owner, "a", Some("sums")).await;
        let of_median = |r: &QuantileRow| r.level == 0.5 && r.variant == "control";
        let row = rows.unwrap().into_iter().find(of_median).unwrap();
        assert_eq!(row.value, Some(median));
        let rows = w.t.console.result_rows(&w.owner, "a").await.unwrap();
        assert!(
            rows.iter()
                .any(|r| r.metric == "ever" && r.lift == Some(lift.relative))
        );
    });
}

/// What was decided on at a look stays as it was.
#[test]
fn a_planned_look_sees_the_quantile_as_it_was_then() {
    run(async {
        let w = world(2).await;
        let mut d = measured();
        d.method = Method::GroupSequential {
            looks: 2,
            planned_users: 4_000,
        };
        w.started(d).await;
        let lift = async || {
            let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
            detail.results.metrics[0].variants[1].lift
        };
        pages(&w, 0..1_500, 1.1).await;
        assert_eq!(lift().await, None);
        pages(&w, 1_500..2_000, 1.1).await;
        let at_look = lift().await.unwrap();
        assert!((at_look.relative - 0.1).abs() < 0.02, "{at_look:?}");
        pages(&w, 2_000..3_000, 3.0).await;
        assert_eq!(lift().await, Some(at_look));
    });
}

#[test]
fn few_users_are_shown_and_not_judged() {
    run(async {
        let w = world(3).await;
        w.started(measured()).await;
        pages(&w, 0..20, 2.0).await;
        let results = w.t.console.experiment(&w.owner, "a").await.unwrap().results;
        let ever = &results.metrics[0].variants;
        assert!(ever[0].value.is_some());
        let said = ever[1].lift.map(|l| l.verdict);
        assert!(
            matches!(said, None | Some(Verdict::NotEnoughData)),
            "{said:?}"
        );
    });
}
