//! The primary metric adjusted by the time before the exposure: however events come, the
//! counters are those of all events at once, and what is shown is what decides.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;

use common::{HOUR_MS, Late, World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Database as _, Statement, Value};
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{self, ExperimentQuery, Lift, Results, Verdict};
use nexus_domain::experiment::{Command, Dimension, Draft, Evidence, Method, Seen};
use proptest::prelude::*;

const DAY_MS: i64 = 24 * HOUR_MS;
const UNITS: [&str; 4] = ["u", "uu", "uuu", "uuuu"];
const DEVICES: [&str; 3] = ["mobile", "desktop", "tablet"];

fn with_days_before(goal_pre_days: u16, goal_window_hours: Option<u32>) -> Draft {
    Draft {
        goal_pre_days,
        goal_window_hours,
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
    /// Of an exposure.
    device: Option<&'static str>,
    delays: [i64; 2],
}

fn sent() -> impl Strategy<Value = Vec<Sent>> {
    let drawn = (0usize..4, 0i64..72 * 60, 0usize..6, [0i64..23, 0i64..23]);
    proptest::collection::vec(drawn, 5..60).prop_map(|all| {
        let event = |(n, (unit, minute, what, delays)): (usize, (usize, i64, usize, [i64; 2]))| {
            let (n, at_ms, unit) = (n as u64, NOW_MS + minute * 60_000, UNITS[unit]);
            let device = DEVICES.get(what).copied();
            let event = match device {
                Some(device) => {
                    let mut event = request(n, at_ms, unit, "a", variant(unit), 200);
                    if let IngestEvent::Request(e) = &mut event {
                        e.device = Some(device.to_owned());
                    }
                    event
                }
                None => conversion(n, at_ms, unit, "conversion"),
            };
            Sent {
                event,
                unit,
                at_ms,
                device,
                delays,
            }
        };
        all.into_iter().enumerate().map(event).collect()
    })
}

/// Exposures, conversions, conversions before, and both: by place and variant, zeros left out.
type Counts = BTreeMap<String, [i64; 4]>;

fn expected(all: &[Sent], pre_days: i64, window_hours: Option<u32>) -> Counts {
    let mut counts = Counts::new();
    for unit in UNITS {
        let ours = || all.iter().filter(|s| s.unit == unit);
        let as_seen = |device| Seen::of(None, Some(device), None);
        let exposures = ours().filter_map(|s| Some((s.at_ms, as_seen(s.device?))));
        let Some((exposed_ms, seen)) = exposures.min() else {
            continue;
        };
        let today = exposed_ms.div_euclid(DAY_MS);
        let until_ms = window_hours.map_or(i64::MAX, |h| exposed_ms + i64::from(h) * HOUR_MS);
        let conversions = || ours().filter(|s| s.device.is_none()).map(|s| s.at_ms);
        let after = conversions().any(|at_ms| (exposed_ms..until_ms).contains(&at_ms));
        let before = (today - pre_days)..today;
        let before = conversions().any(|at_ms| before.contains(&at_ms.div_euclid(DAY_MS)));
        let numbers = [true, after, before, after && before].map(i64::from);
        for place in ["whole", "course", seen.value(Dimension::Device)] {
            let of = counts
                .entry(format!("{place} {}", variant(unit)))
                .or_default();
            of.iter_mut().zip(numbers).for_each(|(sum, n)| *sum += n);
        }
    }
    counts
}

async fn add(w: &World, sql: &'static str, at: usize, counts: &mut Counts) {
    let values = vec![];
    for row in w.db.query(Statement { sql, values }).await.unwrap() {
        let [Value::Text(place), Value::Text(variant), one, other] = row.as_slice() else {
            panic!("{row:?}");
        };
        let number = |value: &Value| match value {
            Value::Integer(n) => *n,
            Value::Real(n) => *n as i64,
            other => panic!("{other:?}"),
        };
        let of = counts.entry(format!("{place} {variant}")).or_default();
        (of[at], of[at + 1]) = (number(one), number(other));
    }
}

async fn stored(w: &World) -> Counts {
    let mut counts = Counts::new();
    for sql in [
        "SELECT 'whole', variant, exposures, conversions FROM variant_stats",
        "SELECT 'course', variant, SUM(exposures), SUM(conversions) FROM variant_series \
         GROUP BY variant",
        "SELECT value, variant, exposures, conversions FROM slice_counts \
         WHERE dimension = 'device'",
    ] {
        add(w, sql, 0, &mut counts).await;
    }
    for sql in [
        "SELECT 'whole', variant, pre, sum_pre FROM metric_stats WHERE metric = ''",
        "SELECT 'course', variant, SUM(pre), SUM(sum_pre) FROM metric_series \
         WHERE metric = '' GROUP BY variant",
        "SELECT value, variant, pre, sum_pre FROM slice_metrics \
         WHERE metric = '' AND dimension = 'device'",
    ] {
        add(w, sql, 2, &mut counts).await;
    }
    counts.retain(|_, numbers| *numbers != [0; 4]);
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn however_events_come_the_counts_before_and_after_are_those_of_all_at_once(
        all in sent(),
        window_hours in proptest::option::of(5u32..60),
        again in any::<proptest::sample::Index>(),
    ) {
        run(async {
            let wanted = expected(&all, 2, window_hours);
            for turn in 0..2 {
                let w = world(9).await;
                w.started(with_days_before(2, window_hours)).await;
                let late = all.iter().map(|sent| Late {
                    event: sent.event.clone(),
                    at_ms: sent.at_ms,
                    hours: sent.delays[turn],
                });
                w.hears(late, turn == 1).await;
                let twice = all[again.index(all.len())].event.clone();
                let _ = w.t.console.ingest(&w.t.gateway(), batch(vec![twice])).await;
                assert_eq!(stored(&w).await, wanted);
            }
        });
    }
}

/// Users from..to, every other one in each variant: three in ten have a habit and converted
/// before. All of them do again in the treatment, half of them in the control.
fn users(from: u64, to: u64, is_before: bool) -> Vec<IngestEvent> {
    let mut events = Vec::new();
    for u in from..to {
        let (unit, habit) = (format!("u{u}"), u / 2 % 10 < 3);
        if is_before {
            if habit {
                events.push(conversion(3 * u, NOW_MS, &unit, "conversion"));
            }
            continue;
        }
        let now_ms = NOW_MS + 2 * DAY_MS;
        let treatment = u % 2 == 1;
        let variant = if treatment { "treatment" } else { "control" };
        events.push(request(3 * u + 1, now_ms, &unit, "a", variant, 200));
        let converts = match habit {
            true => treatment || u / 20 % 10 < 5,
            false => u / 20 % 20 == 0,
        };
        if converts {
            events.push(conversion(3 * u + 2, now_ms + 1, &unit, "conversion"));
        }
    }
    events
}

async fn send(w: &World, events: Vec<IngestEvent>) {
    for some in events.chunks(500) {
        let gateway = w.t.gateway();
        let reply = w.t.console.ingest(&gateway, batch(some.to_vec())).await;
        assert!(reply.unwrap().rejected.is_empty());
    }
}

async fn results(w: &World) -> Results {
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    detail.results
}

fn lift(results: &Results) -> Lift {
    results.variants[1].lift.unwrap()
}

/// After as many users, with and without the days before.
async fn both(method: Method, users_of_all: u64) -> [(World, Results); 2] {
    let one = async |pre_days: u16| {
        let w = world(1).await;
        let mut draft = with_days_before(pre_days, None);
        draft.method = method;
        draft.guardrail.stop_on_verdict = method.may_stop_early();
        w.started(draft).await;
        send(&w, users(0, users_of_all, true)).await;
        w.t.clock.advance(2 * DAY_MS);
        send(&w, users(0, users_of_all, false)).await;
        let results = results(&w).await;
        (w, results)
    };
    [one(3).await, one(0).await]
}

#[test]
fn with_every_method_the_interval_is_narrower_and_what_is_shown_decides() {
    run(async {
        for method in [
            Method::AlwaysValid,
            Method::Bayesian { prior_sd_bp: 3_000 },
            Method::FixedHorizon {
                planned_users: 2_000,
            },
            Method::GroupSequential {
                looks: 2,
                planned_users: 2_000,
            },
        ] {
            let [(w, with), (_, without)] = both(method, 2_000).await;
            let counts = |results: &Results| -> Vec<(u64, u64)> {
                let variants = results.variants.iter();
                variants.map(|v| (v.exposures, v.conversions)).collect()
            };
            assert_eq!(counts(&with), counts(&without), "{method:?}");
            let reduced = with.variants[1].variance_reduced.unwrap();
            assert!(reduced > 0.3, "{reduced}");
            assert_eq!(with.variants[0].variance_reduced, None);
            assert_eq!(without.variants[1].variance_reduced, None);
            let (narrow, wide) = (lift(&with), lift(&without));
            let width = |lift: Lift| lift.high - lift.low;
            let factor = (width(narrow) / width(wide)).powi(2);
            // The prior narrows the wide one more than the narrow one.
            let expected = 1.0 - reduced;
            assert!(
                factor < expected * 1.6 && factor > expected * 0.9,
                "{factor} {expected}"
            );
            assert_eq!(narrow.verdict, Verdict::Better, "{method:?} {narrow:?}");
            assert_eq!(with.verdict, Verdict::Better);
            let query = ExperimentQuery::default();
            let rows = w.t.console.experiments(&w.owner, &query).await.unwrap();
            assert_eq!(rows.items[0].verdict, Some(Verdict::Better));
            let page =
                w.t.console
                    .metric(&w.owner, "a", None, Dimension::Device)
                    .await
                    .unwrap();
            assert_eq!(page.values[1].lift, Some(narrow));
            assert_eq!(page.values[1].variance_reduced, Some(reduced));
            if method == Method::AlwaysValid {
                let shown = (narrow.relative, narrow.low, narrow.high);
                assert_eq!(page.course.last().unwrap().lifts, [Some(shown)]);
                let slice = page.slices.rows[0].variants[1].lift.unwrap();
                // All of one device: the same estimate, at a share of the level or all of it.
                assert!((slice.relative - narrow.relative).abs() < 1e-12);
            }
            stops_by_what_is_shown(&w, method, narrow).await;
        }
    });
}

async fn stops_by_what_is_shown(w: &World, method: Method, shown: Lift) {
    let of_verdict = |results: &Results| {
        let state = results.safeguards.iter().find_map(|s| match s.evidence {
            Evidence::Verdict {
                relative,
                low,
                high,
                ..
            } => Some(((relative, low, high), s.seen)),
            _ => None,
        });
        state.filter(|_| method.may_stop_early())
    };
    if let Some((evidence, seen)) = of_verdict(&results(w).await) {
        assert_eq!(evidence, (shown.relative, shown.low, shown.high));
        assert!(seen != views::Seen::Quiet, "{method:?}");
    }
}

#[test]
fn a_look_keeps_what_was_known_before_the_exposure() {
    run(async {
        let method = Method::FixedHorizon {
            planned_users: 2_000,
        };
        let [(w, at), _] = both(method, 2_000).await;
        send(&w, users(2_000, 2_400, false)).await;
        let after = results(&w).await;
        assert_eq!(after.variants[0].exposures, 1_200);
        assert_eq!(lift(&after), lift(&at));
        assert_eq!(after.verdict, Verdict::Better);
    });
}

#[test]
fn the_past_is_kept_from_the_draft_on_and_fixed_at_the_start() {
    run(async {
        let w = world(3).await;
        let draft = with_days_before(3, None);
        let made = w.t.console.create_experiment(&w.owner, draft.clone()).await;
        made.unwrap();
        send(&w, users(0, 100, true)).await;
        w.t.clock.advance(2 * DAY_MS);
        let started =
            w.t.console
                .command_experiment(&w.owner, "a", None, Command::Start);
        let version = started.await.unwrap().version;
        send(&w, users(0, 100, false)).await;
        let kept = stored(&w).await;
        assert_eq!(kept["whole control"], [50, 22, 15, 15], "{kept:?}");
        let mut other = draft;
        other.goal_pre_days = 0;
        let edited =
            w.t.console
                .edit_experiment(&w.owner, "a", version, other)
                .await;
        assert!(format!("{:?}", edited.unwrap_err()).contains("GoalPreDays"));
    });
}
