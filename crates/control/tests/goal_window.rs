//! The conversion goal, with a window and without: however events come, its counters are those
//! of all events at once.
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

/// Users by variant and bucket of their earliest exposure, and those of them who have converted.
fn expected(all: &[Sent], window_hours: Option<i64>) -> BTreeMap<(String, i64), (i64, i64)> {
    let mut counts = BTreeMap::new();
    for unit in UNITS {
        let ours = all.iter().filter(|s| s.unit == unit);
        let exposed = ours.clone().filter(|s| s.is_exposure).map(|s| s.at_ms);
        let Some(exposed_ms) = exposed.min() else {
            continue;
        };
        let window = exposed_ms..window_hours.map_or(i64::MAX, |h| exposed_ms + h * HOUR_MS);
        let mut conversions = ours.filter(|s| !s.is_exposure);
        let converted = conversions.any(|s| window.contains(&s.at_ms));
        let key = (variant(unit).to_owned(), bucket_ms(exposed_ms));
        let of = counts.entry(key).or_insert((0, 0));
        *of = (of.0 + 1, of.1 + i64::from(converted));
    }
    counts
}

/// 120 buckets of 10 s, then twice as wide ones, and so on.
fn bucket_ms(at_ms: i64) -> i64 {
    let age_ms = at_ms - NOW_MS;
    let widths = (0..).map(|n| 10_000 << n);
    let width_ms = widths.into_iter().find(|width_ms| age_ms < 120 * width_ms);
    age_ms / width_ms.unwrap() * width_ms.unwrap()
}

async fn counts(w: &World, sql: &'static str, values: Vec<Value>) -> Counts {
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

/// However the events come.
fn are_counted(all: &[Sent], draft: &Draft) {
    run(async {
        let by_exposure = expected(all, draft.goal_window_hours.map(i64::from));
        let mut wanted = Counts::new();
        for ((variant, _), (exposures, converted)) in &by_exposure {
            let of = wanted.entry(variant.clone()).or_insert((0, 0));
            *of = (of.0 + exposures, of.1 + converted);
        }
        for turn in 0..2 {
            let w = world(9).await;
            w.started(draft.clone()).await;
            let late = all.iter().map(|sent| Late {
                event: sent.event.clone(),
                at_ms: sent.at_ms,
                hours: sent.delays[turn],
            });
            w.hears(late, turn == 1).await;
            let whole = "SELECT variant, exposures, conversions FROM variant_stats \
                         WHERE exposures + conversions > 0";
            assert_eq!(counts(&w, whole, vec![]).await, wanted);
            let course = "SELECT variant, SUM(exposures), SUM(conversions) FROM variant_series \
                          GROUP BY variant HAVING SUM(exposures) + SUM(conversions) > 0";
            assert_eq!(counts(&w, course, vec![]).await, wanted);
            let slices = "SELECT variant, SUM(exposures), SUM(conversions) FROM slice_counts \
                          WHERE dimension = 'device' GROUP BY variant \
                          HAVING SUM(exposures) + SUM(conversions) > 0";
            assert_eq!(counts(&w, slices, vec![]).await, wanted);
            let exposed = "SELECT variant || ' ' || (bucket_ms - ?1), exposures, converted \
                           FROM variant_series WHERE exposures <> 0 OR converted <> 0";
            let buckets = by_exposure.iter();
            let buckets = buckets.map(|((of, at), n)| (format!("{of} {at}"), *n));
            let wanted: Counts = buckets.collect();
            assert_eq!(counts(&w, exposed, vec![NOW_MS.into()]).await, wanted);
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn however_events_come_conversions_are_those_within_the_window(all in sent()) {
        are_counted(&all, &within_seven_hours());
    }

    #[test]
    fn however_events_come_conversions_are_those_after_the_exposure(all in sent()) {
        are_counted(&all, &draft("a"));
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
