//! The primary metric within a window: however events come, its counters are those of all
//! events at once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;

use common::{HOUR_MS, Late, World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Database as _, Statement, Value};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_domain::experiment::{Dimension, Draft};
use proptest::prelude::*;

const UNITS: [&str; 4] = ["u", "uu", "uuu", "uuuu"];

fn within_seven_hours() -> Draft {
    Draft {
        goal_window_hours: Some(7),
        ..draft("a")
    }
}

fn variant(unit: &str) -> &'static str {
    ["control", "treatment"][unit.len() % 2]
}

#[derive(Clone, Debug)]
struct Sent {
    event: IngestEvent,
    unit: &'static str,
    at_ms: i64,
    is_exposure: bool,
    delays: [i64; 2],
}

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let drawn = (
        0usize..4,
        0i64..40 * 60,
        any::<bool>(),
        [0i64..23, 0i64..23],
    );
    proptest::collection::vec(drawn, 5..50).prop_map(|all| {
        let event = |(n, (unit, minute, is_exposure, delays)): (usize, _)| {
            let (n, at_ms, unit) = (n as u64, NOW_MS + minute * 60_000, UNITS[unit]);
            let event = if is_exposure {
                request(n, at_ms, unit, "a", variant(unit), 200)
            } else {
                conversion(n, at_ms, unit, "conversion")
            };
            Sent {
                event,
                unit,
                at_ms,
                is_exposure,
                delays,
            }
        };
        all.into_iter().enumerate().map(event).collect()
    })
}

type Counts = BTreeMap<String, (i64, i64)>;

/// Exposures and conversions by variant.
fn expected(all: &[Sent]) -> Counts {
    let mut counts = Counts::from([
        ("control".to_owned(), (0, 0)),
        ("treatment".to_owned(), (0, 0)),
    ]);
    for unit in UNITS {
        let ours = all.iter().filter(|s| s.unit == unit);
        let exposed = ours.clone().filter(|s| s.is_exposure).map(|s| s.at_ms);
        let Some(exposed_ms) = exposed.min() else {
            continue;
        };
        let window = exposed_ms..exposed_ms + 7 * HOUR_MS;
        let mut conversions = ours.filter(|s| !s.is_exposure);
        let converted = conversions.any(|s| window.contains(&s.at_ms));
        let of = counts.get_mut(variant(unit)).unwrap();
        *of = (of.0 + 1, of.1 + i64::from(converted));
    }
    counts
}

async fn counts(w: &World, sql: &'static str) -> Counts {
    let values = vec![];
    let rows = w.db.query(Statement { sql, values }).await.unwrap();
    let counts = rows.iter().map(|row| match row.as_slice() {
        [
            Value::Text(variant),
            Value::Integer(exposures),
            Value::Integer(conversions),
        ] => (variant.clone(), (*exposures, *conversions)),
        other => panic!("{other:?}"),
    });
    counts.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn however_events_come_conversions_are_those_within_the_window(all in sent()) {
        run(async {
            let wanted = expected(&all);
            for turn in 0..2 {
                let w = world(9).await;
                w.started(within_seven_hours()).await;
                let late = all.iter().map(|sent| Late {
                    event: sent.event.clone(),
                    at_ms: sent.at_ms,
                    hours: sent.delays[turn],
                });
                w.hears(late, turn == 1).await;
                let whole = "SELECT variant, exposures, conversions FROM variant_stats";
                assert_eq!(counts(&w, whole).await, wanted);
                let some = |counts: Counts| -> Counts {
                    counts.into_iter().filter(|(_, n)| n.0 > 0).collect()
                };
                let course = "SELECT variant, SUM(exposures), SUM(conversions) \
                              FROM variant_series GROUP BY variant";
                assert_eq!(some(counts(&w, course).await), some(wanted.clone()));
                let slices = "SELECT variant, SUM(exposures), SUM(conversions) \
                              FROM slice_counts WHERE dimension = 'device' GROUP BY variant";
                assert_eq!(some(counts(&w, slices).await), some(wanted.clone()));
            }
        });
    }
}

#[test]
fn a_late_conversion_counts_nowhere_and_the_page_says_who_is_through() {
    run(async {
        let w = world(1).await;
        w.started(within_seven_hours()).await;
        let exposed = |n, unit| request(n, NOW_MS, unit, "a", "control", 200);
        let events = vec![
            exposed(1, "u"),
            exposed(2, "v"),
            conversion(3, NOW_MS, "u", "conversion"),
        ];
        w.t.console
            .ingest(&w.t.gateway(), batch(events))
            .await
            .unwrap();
        w.t.clock.advance(8 * HOUR_MS);
        let late = conversion(4, NOW_MS + 7 * HOUR_MS, "v", "conversion");
        w.t.console
            .ingest(&w.t.gateway(), batch(vec![late]))
            .await
            .unwrap();
        let by = Dimension::Country;
        let page = w.t.console.metric(&w.owner, "a", None, by).await.unwrap();
        assert_eq!(page.values[0].value, Some(0.5));
        assert_eq!(page.through_window, Some(1.0));
    });
}
