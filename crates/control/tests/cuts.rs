//! Windows, retention, ratios, the time before the exposure, dimensions and bots: what is
//! counted bit by bit is what a look at all events at once would give.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;

use common::{HOUR_MS, Late, World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Clock as _, Database as _, Statement, Value};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_domain::experiment::{Counted, Dimension, Draft, Metric, MetricKind, Seen};
use proptest::prelude::*;

const DAY_MS: i64 = 24 * HOUR_MS;

fn measured() -> Draft {
    let of = |key: &str, event: &str, kind| Metric {
        key: key.to_owned(),
        event: event.to_owned(),
        kind,
        ..Metric::default()
    };
    let retained = MetricKind::Retention {
        from_day: 1,
        until_day: 2,
    };
    let worth = MetricKind::Ratio {
        top: Counted::Values,
        over: "order".to_owned(),
        bottom: Counted::Events,
    };
    let mut d = draft("a");
    d.metrics = vec![
        Metric {
            window_hours: Some(7),
            ..of("soon", "order", MetricKind::Count)
        },
        of("back", "visit", retained),
        Metric {
            pre_days: 2,
            ..of("spent", "order", MetricKind::Mean { cap: Some(90.0) })
        },
        Metric {
            window_hours: Some(30),
            pre_days: 1,
            ..of("worth", "order", worth)
        },
    ];
    d
}

/// One event with the hours after which it arrives.
#[derive(Clone, Debug)]
struct Sent {
    event: IngestEvent,
    at_ms: i64,
    delays: [i64; 2],
}

fn variant(unit: &str) -> &'static str {
    ["control", "treatment"][unit.len() % 2]
}

const UNITS: [&str; 3] = ["u", "uu", "uuu"];
const COUNTRIES: [Option<&str>; 3] = [Some("JP"), Some("US"), None];
const DEVICES: [&str; 4] = ["mobile", "desktop", "tablet", "bot"];

type Drawn = ((usize, i64, u8, i32), (usize, usize, i64, i64));

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let one = (
        (0usize..3, 0i64..72 * 60, 0u8..5, 1i32..60_000),
        (0usize..3, 0usize..4, 0i64..23, 0i64..23),
    );
    proptest::collection::vec(one, 20..70).prop_map(|all| {
        let event = |(n, drawn): (usize, Drawn)| {
            let ((unit, minute, what, milli), (country, device, one, other)) = drawn;
            let (n, at_ms, unit) = (n as u64, NOW_MS + minute * 60_000, UNITS[unit]);
            let event = match what {
                0 | 1 => {
                    let mut event = request(n, at_ms, unit, "a", variant(unit), 200);
                    if let IngestEvent::Request(e) = &mut event {
                        e.country = COUNTRIES[country].map(str::to_owned);
                        e.device = Some(DEVICES[device].to_owned());
                        e.browser = Some("firefox".to_owned());
                    }
                    event
                }
                2 => conversion(n, at_ms, unit, "visit"),
                _ => {
                    let mut event = conversion(n, at_ms, unit, "order");
                    if let IngestEvent::Conversion(e) = &mut event {
                        e.value = Some(f64::from(milli) / 1_000.0);
                    }
                    event
                }
            };
            let delays = [one, other];
            Sent {
                event,
                at_ms,
                delays,
            }
        };
        all.into_iter().enumerate().map(event).collect()
    })
}

/// Sums and products of each group, by table and key, zeros left out.
type Groups = BTreeMap<String, Vec<f64>>;

/// Everything at once, as the documentation says it.
fn expected(all: &[Sent]) -> Groups {
    let mut groups = Groups::new();
    for unit in UNITS {
        let exposures = all.iter().filter_map(|s| match &s.event {
            IngestEvent::Request(e) if e.unit == unit && e.device.as_deref() != Some("bot") => {
                let text = |t: &Option<String>| t.clone();
                let (country, device) = (text(&e.country), text(&e.device));
                let seen = Seen::of(country.as_deref(), device.as_deref(), e.browser.as_deref());
                Some((s.at_ms, seen))
            }
            _ => None,
        });
        let Some((exposed_ms, seen)) = exposures.min() else {
            continue;
        };
        let had = |event: &str, after: std::ops::Range<i64>, days: i64| {
            let mut had = [0.0; 4];
            for s in all {
                let IngestEvent::Conversion(e) = &s.event else {
                    continue;
                };
                let exposed = exposed_ms.div_euclid(DAY_MS);
                let place = if after.contains(&(s.at_ms - exposed_ms)) {
                    0
                } else if (exposed - days..exposed).contains(&s.at_ms.div_euclid(DAY_MS)) {
                    2
                } else {
                    continue;
                };
                if e.unit == unit && e.metric == event {
                    had[place] += 1.0;
                    had[place + 1] += (e.value.unwrap_or(0.0) * 1_000.0).round();
                }
            }
            had
        };
        let soon = had("order", 0..7 * HOUR_MS, 0);
        let back = had("visit", DAY_MS..2 * DAY_MS, 0);
        let spent = had("order", 0..i64::MAX, 2);
        let worth = had("order", 0..30 * HOUR_MS, 1);
        let numbers = [
            ("soon", [soon[0], 0.0, 0.0, 0.0]),
            ("back", [back[0].min(1.0), 0.0, 0.0, 0.0]),
            (
                "spent",
                [spent[1].min(90_000.0), 0.0, spent[3].min(90_000.0), 0.0],
            ),
            ("worth", [worth[1], worth[0], worth[3], worth[2]]),
        ];
        let v = variant(unit);
        let mut add = |group: String, values: Vec<f64>| {
            let sums = groups
                .entry(group)
                .or_insert_with(|| vec![0.0; values.len()]);
            sums.iter_mut().zip(values).for_each(|(sum, v)| *sum += v);
        };
        for (metric, numbers) in numbers {
            let pairs = (0..4).flat_map(|i| (i..4).map(move |j| numbers[i] * numbers[j]));
            // A retention counts whom it is of.
            let units = f64::from(u8::from(metric == "back"));
            let all: Vec<f64> = std::iter::once(units).chain(numbers).chain(pairs).collect();
            add(format!("whole {v} {metric}"), all.clone());
            add(format!("course {v} {metric}"), all.clone());
            for of in Dimension::ALL {
                let slice = format!("{} {} {v}", of.as_str(), seen.value(of));
                add(format!("slice {metric} {slice}"), all.clone());
            }
        }
        for of in Dimension::ALL {
            let slice = format!("{} {} {v}", of.as_str(), seen.value(of));
            add(format!("users {slice}"), vec![1.0]);
        }
    }
    groups.retain(|_, values| values.iter().any(|v| *v != 0.0));
    groups
}

macro_rules! sums {
    ($keys:literal, $table:literal) => {
        concat!(
            "SELECT ",
            $keys,
            ", SUM(units), SUM(sum), SUM(base), SUM(pre), SUM(pre_base), SUM(sum_squares), SUM(sum_base), \
             SUM(sum_pre), SUM(sum_pre_base), SUM(base_squares), SUM(base_pre), \
             SUM(base_pre_base), SUM(pre_squares), SUM(pre_pre_base), SUM(pre_base_squares) FROM ",
            $table,
            " GROUP BY ",
            $keys
        )
    };
}

async fn stored(w: &World) -> Groups {
    let tables = [
        ("whole", 2, sums!("variant, metric", "metric_stats")),
        ("course", 2, sums!("variant, metric", "metric_series")),
        (
            "slice",
            4,
            sums!("metric, dimension, value, variant", "slice_metrics"),
        ),
        (
            "users",
            3,
            "SELECT dimension, value, variant, exposures FROM slice_counts",
        ),
    ];
    let mut groups = Groups::new();
    for (name, keys, sql) in tables {
        let values = vec![];
        for row in w.db.query(Statement { sql, values }).await.unwrap() {
            let key: Vec<String> = row[..keys].iter().map(text).collect();
            let values: Vec<f64> = row[keys..].iter().map(number).collect();
            if values.iter().any(|v| *v != 0.0) {
                groups.insert(format!("{name} {}", key.join(" ")), values);
            }
        }
    }
    groups
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Integer(n) => *n as f64,
        Value::Real(n) => *n,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn however_late_and_in_whatever_order_events_come_the_sums_are_those_of_all_at_once(
        all in sent(),
        again in any::<proptest::sample::Index>(),
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
                let twice = all[again.index(all.len())].event.clone();
                let _ = w.t.console.ingest(&w.t.gateway(), batch(vec![twice])).await;
                // The days of all are over; any batch shows it.
                w.t.clock.advance(100 * HOUR_MS);
                let last = conversion(1_000, w.t.clock.now_ms(), "nobody", "nothing");
                w.t.console.ingest(&w.t.gateway(), batch(vec![last])).await.unwrap();
                assert_eq!(stored(&w).await, wanted);
            }
        });
    }
}
