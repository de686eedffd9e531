//! One metric: its course, its slices, and what the time before the exposure is worth.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::Error;
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{MetricDetail, Verdict};
use nexus_domain::experiment::{Among, Counted, Dimension, Draft, Method, Metric, MetricKind};

const DAY_MS: i64 = 86_400_000;

fn spent() -> Draft {
    let mut d = draft("a");
    d.metrics = vec![
        Metric {
            key: "spent".to_owned(),
            event: "order".to_owned(),
            kind: MetricKind::Mean { cap: None },
            pre_days: 3,
            ..Metric::default()
        },
        Metric {
            key: "order-value".to_owned(),
            event: "order".to_owned(),
            kind: MetricKind::Ratio {
                top: Counted::Values,
                over: "order".to_owned(),
                bottom: Counted::Events,
            },
            ..Metric::default()
        },
    ];
    d
}

fn seen(mut event: IngestEvent, country: &str, browser: &str) -> IngestEvent {
    if let IngestEvent::Request(e) = &mut event {
        e.country = Some(country.to_owned());
        e.device = Some("mobile".to_owned());
        e.browser = Some(browser.to_owned());
    }
    event
}

fn order(n: u64, at_ms: i64, unit: &str, value: f64) -> IngestEvent {
    let mut event = conversion(n, at_ms, unit, "order");
    if let IngestEvent::Conversion(e) = &mut event {
        e.value = Some(value);
    }
    event
}

async fn send(w: &World, events: Vec<IngestEvent>) {
    for some in events.chunks(500) {
        let reply =
            w.t.console
                .ingest(&w.t.gateway(), batch(some.to_vec()))
                .await;
        assert!(reply.unwrap().rejected.is_empty());
    }
}

async fn metric(w: &World, key: Option<&str>, by: Dimension) -> MetricDetail {
    let detail = w.t.console.metric(&w.owner, "a", key, by).await;
    detail.unwrap()
}

/// Users with habits: what each spends before and after is nearly the same; treatment
/// adds a tenth. Safari gets the control only.
async fn shop(w: &World) {
    let habit = |u: u64| 10.0 + (u * 7_919 % 97) as f64;
    let users = 0..2_000u64;
    let before = users
        .clone()
        .map(|u| order(3 * u, NOW_MS, &format!("u{u}"), habit(u)));
    send(w, before.collect()).await;
    w.t.clock.advance(2 * DAY_MS);
    let now_ms = NOW_MS + 2 * DAY_MS;
    let after = users.flat_map(|u| {
        let safari = u % 4 == 0;
        let treatment = !safari && u % 4 != 2;
        let variant = if treatment { "treatment" } else { "control" };
        let country = [
            "JP", "US", "DE", "FR", "IN", "BR", "GB", "IT", "ES", "CA", "SE", "NL",
        ];
        let country = country[(u / 4 % 12) as usize];
        let browser = if safari { "safari" } else { "chrome" };
        let unit = format!("u{u}");
        let more = if treatment { 1.1 } else { 1.0 } * habit(u) + (u % 5) as f64;
        [
            seen(
                request(3 * u + 1, now_ms - 60_000, &unit, "a", variant, 200),
                country,
                browser,
            ),
            order(3 * u + 2, now_ms - 30_000, &unit, more),
        ]
    });
    send(w, after.collect()).await;
}

#[test]
fn the_time_before_makes_the_interval_narrower_and_the_course_ends_at_the_result() {
    run(async {
        let w = world(1).await;
        w.started(spent()).await;
        shop(&w).await;
        let spent = metric(&w, Some("spent"), Dimension::Country).await;
        let reduced = spent.values[1].variance_reduced.unwrap();
        assert!(reduced > 0.9, "{reduced}");
        assert_eq!(spent.values[0].variance_reduced, None);
        let lift = spent.values[1].lift.unwrap();
        assert_eq!(lift.verdict, Verdict::Better);
        assert!((lift.relative - 0.1).abs() < 0.02, "{lift:?}");
        let last = spent.course.last().unwrap();
        let users: Vec<u64> = spent.values.iter().map(|v| v.users).collect();
        assert_eq!(last.users, users);
        assert_eq!(last.values, [spent.values[0].value, spent.values[1].value]);
        let (relative, ..) = last.lifts[0].unwrap();
        assert!((relative - lift.relative).abs() < 1e-12);

        let ratio = metric(&w, Some("order-value"), Dimension::Country).await;
        assert_eq!(ratio.values[1].variance_reduced, None);
        assert!((ratio.values[1].value.unwrap() - spent.values[1].value.unwrap()).abs() < 1e-9);

        let primary = metric(&w, None, Dimension::Country).await;
        assert_eq!(primary.metric, None);
        assert!(
            primary
                .values
                .iter()
                .zip(&users)
                .all(|(v, n)| v.users == *n)
        );
        let missing =
            w.t.console
                .metric(&w.owner, "a", Some("nothing"), Dimension::Country)
                .await;
        assert!(matches!(missing, Err(Error::NotFound { .. })));
    });
}

#[test]
fn the_tables_to_save_hold_what_the_page_shows() {
    run(async {
        let w = world(7).await;
        w.started(spent()).await;
        shop(&w).await;
        let (console, owner) = (&w.t.console, &w.owner);
        let of = metric(&w, Some("spent"), Dimension::Browser).await;
        let course = console.course_rows(owner, "a", Some("spent")).await;
        let course = course.unwrap();
        assert_eq!(course.len(), 2 * of.course.len());
        for (i, variant) in ["control", "treatment"].into_iter().enumerate() {
            let ours = || course.iter().filter(|row| row.variant == variant);
            let last = ours().next_back().unwrap();
            let point = of.course.last().unwrap();
            assert_eq!((last.at_ms, last.users), (point.at_ms, point.users[i]));
            assert_eq!(
                (last.total, last.value),
                (Some(point.totals[i]), point.values[i])
            );
            // The control is what others are compared with.
            let lift = i.checked_sub(1).and_then(|i| point.lifts[i]);
            assert_eq!(
                last.lift.zip(last.low).zip(last.high),
                lift.map(|(r, l, h)| ((r, l), h))
            );
            assert_eq!(ours().map(|row| row.new_users).sum::<u64>(), last.users);
            let new: f64 = ours().filter_map(|row| row.new_total).sum();
            assert!((new - point.totals[i]).abs() < 1e-6);
        }
        let slices = console.slice_rows(owner, "a", Some("spent"), Dimension::Browser);
        let slices = slices.await.unwrap();
        assert_eq!(slices.len(), 2 * of.slices.rows.len());
        let (row, slice) = (&slices[1], &of.slices.rows[0]);
        assert_eq!(
            (&row.slice, row.users),
            (&slice.value, slice.variants[1].users)
        );
        assert_eq!(row.lift, slice.variants[1].lift.map(|lift| lift.relative));
        assert_eq!(
            console
                .quantile_rows(owner, "a", Some("spent"))
                .await
                .unwrap(),
            []
        );
        let primary = console.course_rows(owner, "a", None).await.unwrap();
        assert!(primary.iter().all(|row| row.metric == "conversion"));
        for rows in [
            console
                .course_rows(owner, "a", Some("nothing"))
                .await
                .map(|_| ()),
            console
                .course_rows(owner, "nothing", None)
                .await
                .map(|_| ()),
        ] {
            assert!(matches!(rows, Err(Error::NotFound { .. })));
        }
    });
}

#[test]
fn slices_are_few_add_up_and_show_the_browser_whose_split_is_broken() {
    run(async {
        let w = world(2).await;
        w.started(spent()).await;
        shop(&w).await;
        let by_country = metric(&w, Some("spent"), Dimension::Country).await;
        let rows = &by_country.slices.rows;
        assert_eq!(rows.len(), 11, "ten countries and the rest");
        assert_eq!(rows[10].value, "other");
        for i in 0..2 {
            let users: u64 = rows.iter().map(|row| row.variants[i].users).sum();
            assert_eq!(users, by_country.values[i].users);
        }
        assert_eq!(by_country.slices.comparisons, 11);

        let by_browser = metric(&w, Some("spent"), Dimension::Browser).await;
        let rows = &by_browser.slices.rows;
        assert_eq!(rows[0].value, "chrome");
        assert_eq!(
            (rows[1].value.as_str(), rows[1].split_broken),
            ("safari", true)
        );
        let lift = rows[0].variants[1].lift.unwrap();
        assert!(rows[0].variants[0].lift.is_none() && lift.low < 0.1 && lift.high > 0.1);

        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let split = &detail.results.quality.splits[2];
        assert!(split.broken && split.values.contains(&"safari".to_owned()));
    });
}

#[test]
fn with_a_planned_end_slices_wait_for_the_first_look() {
    run(async {
        let w = world(3).await;
        let mut d = spent();
        d.method = Method::FixedHorizon {
            planned_users: 5_000,
        };
        w.started(d).await;
        shop(&w).await;
        let spent = metric(&w, Some("spent"), Dimension::Browser).await;
        let lifts = spent.slices.rows.iter().flat_map(|row| &row.variants);
        assert!(lifts.clone().all(|v| v.lift.is_none()) && lifts.count() == 4);
        assert!(spent.course.iter().all(|p| p.lifts == [None]));
    });
}

#[test]
fn bots_and_what_comes_again_are_told_and_not_counted() {
    run(async {
        let w = world(4).await;
        w.started(spent()).await;
        let bot = |n| {
            let mut event = request(n, NOW_MS, "robot", "a", "control", 500);
            if let IngestEvent::Request(e) = &mut event {
                e.device = Some("bot".to_owned());
            }
            event
        };
        let events = vec![
            bot(1),
            bot(2),
            request(3, NOW_MS, "u", "a", "control", 200),
            request(3, NOW_MS, "u", "a", "control", 200),
            order(4, NOW_MS, "robot", 5.0),
            order(5, NOW_MS, "u", 5.0),
        ];
        send(&w, events.clone()).await;
        send(&w, events[3..].to_vec()).await;
        let results = w.t.console.experiment(&w.owner, "a").await.unwrap().results;
        let control = &results.variants[0];
        assert_eq!((control.exposures, control.errored_users), (1, 0));
        assert_eq!(results.metrics[0].variants[0].value, Some(5.0));
        let quality = results.quality;
        assert_eq!(
            (quality.bots, quality.duplicates, quality.conflicts),
            (2, 3, 0)
        );
    });
}

#[test]
fn a_retention_counts_those_whose_days_are_over() {
    run(async {
        let w = world(5).await;
        let mut d = draft("a");
        d.metrics = vec![Metric {
            key: "back".to_owned(),
            event: "visit".to_owned(),
            kind: MetricKind::Retention {
                from_day: 1,
                until_day: 2,
            },
            ..Metric::default()
        }];
        w.started(d).await;
        let exposed = |n, unit, at_ms| request(n, at_ms, unit, "a", "control", 200);
        send(
            &w,
            vec![
                exposed(1, "u", NOW_MS),
                exposed(2, "v", NOW_MS + 1),
                conversion(3, NOW_MS, "v", "visit"),
            ],
        )
        .await;
        w.t.clock.advance(DAY_MS + 10);
        let later_ms = NOW_MS + DAY_MS + 5;
        let back = conversion(4, later_ms, "u", "visit");
        send(&w, vec![back, exposed(5, "w", later_ms)]).await;
        let early = metric(&w, Some("back"), Dimension::Country).await;
        assert_eq!((early.values[0].users, early.values[0].value), (0, None));
        assert_eq!(early.through_window, Some(0.0));
        w.t.clock.advance(DAY_MS);
        // Late, of somebody who is counted with the same batch.
        let late = conversion(6, NOW_MS + DAY_MS + 100, "v", "visit");
        send(&w, vec![late]).await;
        let through = metric(&w, Some("back"), Dimension::Country).await;
        let control = through.values[0];
        assert_eq!((control.users, control.value), (2, Some(1.0)));
        assert_eq!(through.through_window, Some(2.0 / 3.0));
        assert_eq!(through.slices.rows[0].variants[0].users, 2);
        assert_eq!(through.course.last().unwrap().values[0], Some(1.0));
    });
}

async fn without_value(w: &World) -> Vec<Option<String>> {
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    let metrics = detail.results.metrics.into_iter();
    metrics.map(|m| m.without_value).collect()
}

#[test]
fn events_that_come_without_a_value_are_named_until_one_has_it() {
    run(async {
        let w = world(6).await;
        let mut d = spent();
        let mut add = |key: &str, kind| {
            d.metrics.push(Metric {
                key: key.to_owned(),
                event: "order".to_owned(),
                kind,
                ..Metric::default()
            });
        };
        let (level_bp, among) = (9_500, Among::Events);
        add("largest", MetricKind::Quantile { level_bp, among });
        add("orders", MetricKind::Count);
        w.started(d).await;
        send(&w, vec![request(1, NOW_MS, "u", "a", "control", 200)]).await;
        assert_eq!(without_value(&w).await, [None, None, None, None]);
        send(&w, vec![conversion(2, NOW_MS, "u", "order")]).await;
        let named = || Some("order".to_owned());
        assert_eq!(without_value(&w).await, [named(), named(), named(), None]);
        let of = metric(&w, Some("spent"), Dimension::Country).await;
        assert_eq!(of.without_value, named());
        send(&w, vec![order(3, NOW_MS, "u", 5.0)]).await;
        assert_eq!(without_value(&w).await, [None, None, None, None]);
    });
}

#[test]
fn events_that_came_without_a_value_are_named_after_the_end_too() {
    run(async {
        let w = world(7).await;
        w.started(spent()).await;
        let event = conversion(2, NOW_MS, "u", "order");
        let request = request(1, NOW_MS, "u", "a", "control", 200);
        send(&w, vec![request, event]).await;
        w.stopped("a").await;
        let named = || Some("order".to_owned());
        assert_eq!(without_value(&w).await, [named(), named()]);
        let of = metric(&w, Some("spent"), Dimension::Country).await;
        assert_eq!(of.without_value, named());
    });
}
