//! Each method speaks when it may, and of the counts it may speak of.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{World, run, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::{ExperimentQuery, Lift, Results, Verdict};
use nexus_domain::experiment::{
    Command, Draft, Method, Metric, MetricKind, Scale, Schedule, Status,
};

fn with(method: Method) -> Draft {
    let mut d = draft("a");
    d.method = method;
    d
}

/// Users from..to, every other one in each variant; of every ten of a variant so many convert.
fn users(from: u64, to: u64, control: u64, treatment: u64) -> Vec<IngestEvent> {
    let mut events = Vec::new();
    for u in from..to {
        let (variant, converts) = if u % 2 == 0 {
            ("control", control)
        } else {
            ("treatment", treatment)
        };
        let unit = format!("u{u}");
        events.push(request(2 * u, NOW_MS, &unit, "a", variant, 200));
        if u / 2 % 10 < converts {
            events.push(conversion(2 * u + 1, NOW_MS + 1, &unit, "conversion"));
        }
    }
    events
}

/// In one batch, whatever its size up to the limit.
async fn send(w: &World, events: Vec<IngestEvent>) -> usize {
    let reply = w.t.console.ingest(&w.t.gateway(), batch(events)).await;
    reply.unwrap().accepted as usize
}

async fn results(w: &World) -> Results {
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    detail.results
}

fn lift(results: &Results) -> Option<Lift> {
    results.variants[1].lift
}

#[test]
fn a_fixed_horizon_is_silent_until_its_one_look_and_keeps_to_it() {
    run(async {
        let w = world(1).await;
        w.started(with(Method::FixedHorizon { planned_users: 400 }))
            .await;
        send(&w, users(0, 399, 2, 5)).await;
        let before = results(&w).await;
        assert_eq!(before.verdict, Verdict::NotEnoughData);
        assert_eq!(lift(&before), None, "not even an interval");
        assert_eq!(before.variants[1].exposures, 199, "the counts are shown");
        assert!(before.series.iter().all(|p| p.lifts == [None]));
        let horizon = before.horizon.unwrap();
        assert_eq!((horizon.users, horizon.next_look_users), (399, Some(400)));

        send(&w, users(399, 400, 2, 5)).await;
        let at = results(&w).await;
        let said = lift(&at).unwrap();
        assert_eq!(said.verdict, Verdict::Better);
        assert!(said.low > 0.0 && said.p_value.unwrap() < 0.05);
        assert_eq!(at.horizon.unwrap().next_look_users, None);
        let query = ExperimentQuery::default();
        let rows = w.t.console.experiments(&w.owner, &query).await.unwrap();
        assert_eq!(rows.items[0].verdict, Some(Verdict::Better));

        // What comes after the look changes counts, not what was said.
        send(&w, users(400, 900, 9, 0)).await;
        send(&w, users(0, 400, 2, 5)).await;
        let after = results(&w).await;
        assert_eq!(after.variants[0].exposures, 450);
        assert_eq!(lift(&after), Some(said));
        assert_eq!(after.verdict, Verdict::Better);
    });
}

#[test]
fn group_sequential_looks_are_taken_once_each_and_the_first_that_decides_stands() {
    run(async {
        let w = world(2).await;
        w.started(with(Method::GroupSequential {
            looks: 4,
            planned_users: 1_600,
        }))
        .await;
        send(&w, users(0, 399, 3, 4)).await;
        assert_eq!(lift(&results(&w).await), None);
        send(&w, users(399, 450, 3, 4)).await;
        let first = results(&w).await;
        assert_eq!(
            first.verdict,
            Verdict::Unclear,
            "little may be spent so early"
        );
        assert_eq!(first.horizon.unwrap().looks[0].users, 450);
        // Past the second look and the third: only the newest is taken.
        send(&w, users(450, 850, 2, 6)).await;
        send(&w, users(850, 1_250, 2, 6)).await;
        let later = results(&w).await;
        let horizon = later.horizon.clone().unwrap();
        let looks: Vec<(u16, u64)> = horizon.looks.iter().map(|l| (l.look, l.users)).collect();
        assert_eq!(looks, [(1, 450), (2, 850), (3, 1_250)]);
        let decided = horizon.looks[1].lifts[0].unwrap();
        assert_eq!(decided.verdict, Verdict::Better);
        assert_eq!(decided.p_value, None, "a single look has none");
        assert_eq!(lift(&later), Some(decided));
        send(&w, users(1_250, 1_700, 9, 0)).await;
        let end = results(&w).await;
        assert_eq!(end.horizon.clone().unwrap().looks.len(), 4);
        assert_eq!(lift(&end), Some(decided), "decided is decided");
    });
}

#[test]
fn a_batch_past_several_looks_takes_only_the_newest() {
    run(async {
        let w = world(3).await;
        w.started(with(Method::GroupSequential {
            looks: 8,
            planned_users: 800,
        }))
        .await;
        send(&w, users(0, 350, 3, 3)).await;
        send(&w, users(350, 800, 3, 3)).await;
        let horizon = results(&w).await.horizon.unwrap();
        let looks: Vec<(u16, u64)> = horizon.looks.iter().map(|l| (l.look, l.users)).collect();
        assert_eq!(looks, [(3, 350), (8, 800)]);
        assert!(horizon.looks.iter().all(|l| l.lifts[0].is_some()));
    });
}

#[test]
fn a_posterior_has_a_chance_to_win_and_no_p_value() {
    run(async {
        let w = world(4).await;
        w.started(with(Method::Bayesian { prior_sd_bp: 3_000 }))
            .await;
        send(&w, users(0, 60, 2, 4)).await;
        assert_eq!(results(&w).await.verdict, Verdict::NotEnoughData);
        send(&w, users(60, 560, 2, 4)).await;
        let now = results(&w).await;
        let said = lift(&now).unwrap();
        assert_eq!(said.p_value, None);
        assert!(said.chance_to_win.unwrap() > 0.975);
        // The truth of these counts is +100 %: the prior draws it towards zero.
        assert!(said.relative > 0.2 && said.relative < 1.0, "{said:?}");
        assert_eq!((now.verdict, now.horizon), (Verdict::Better, None));
    });
}

#[test]
fn always_valid_speaks_at_every_look() {
    run(async {
        let w = world(5).await;
        w.started(with(Method::AlwaysValid)).await;
        for from in [0, 600, 1_200, 1_800] {
            send(&w, users(from, from + 600, 2, 6)).await;
        }
        let now = results(&w).await;
        let said = lift(&now).unwrap();
        assert!(said.p_value.unwrap() < 0.05 && said.chance_to_win.is_none());
        assert_eq!(now.verdict, Verdict::Better);
    });
}

#[test]
fn the_days_to_the_plan_follow_the_traffic_of_the_last_day() {
    run(async {
        let w = world(6).await;
        w.started(with(Method::FixedHorizon {
            planned_users: 18_000,
        }))
        .await;
        send(&w, users(0, 400, 3, 3)).await;
        assert_eq!(results(&w).await.days_to_plan, None, "no time has passed");
        w.t.clock.advance(7_200_000);
        let mut later = users(400, 800, 3, 3);
        for event in &mut later {
            match event {
                IngestEvent::Request(e) => e.at_ms += 7_200_000,
                IngestEvent::Conversion(e) => e.at_ms += 7_200_000,
                IngestEvent::Repeats(_) => {}
            }
        }
        send(&w, later).await;
        // 17,200 are missing, 800 came in two hours: 43 hours.
        assert_eq!(results(&w).await.days_to_plan, Some(2));
        w.t.clock.advance(3 * 86_400_000);
        assert_eq!(
            results(&w).await.days_to_plan,
            None,
            "nobody comes any more"
        );
    });
}

#[test]
fn no_interval_says_that_more_than_everything_is_lost() {
    let methods = [
        Method::AlwaysValid,
        Method::Bayesian {
            prior_sd_bp: 10_000,
        },
        Method::FixedHorizon { planned_users: 200 },
        Method::GroupSequential {
            looks: 2,
            planned_users: 400,
        },
    ];
    for (seed, method) in (20..).zip(methods) {
        run(async move {
            let w = world(seed).await;
            let mut d = with(method);
            d.metrics = vec![Metric {
                key: "conversion-again".to_owned(),
                event: "conversion".to_owned(),
                kind: MetricKind::Count,
                ..Metric::default()
            }];
            w.started(d).await;
            send(&w, users(0, 200, 3, 1)).await;
            let now = results(&w).await;
            let primary = lift(&now).unwrap();
            let count = now.metrics[0].variants[1].lift.unwrap();
            for said in [primary, count] {
                let is_possible = said.low >= -1.0 || !said.scale.is_relative();
                assert!(is_possible && said.relative < 0.0, "{method:?}: {said:?}");
            }
            if method == Method::AlwaysValid {
                // A few conversions tell too little of the control for a share of it.
                assert_eq!(primary.scale, Scale::Absolute);
            }
            let course = now.series.iter().flat_map(|point| point.lifts.clone());
            assert!(course.flatten().all(|(_, low, _)| low >= -1.0));
        });
    }
}

const ALL: [Method; 4] = [
    Method::AlwaysValid,
    Method::Bayesian { prior_sd_bp: 3_000 },
    Method::FixedHorizon {
        planned_users: 1_600,
    },
    Method::GroupSequential {
        looks: 2,
        planned_users: 1_600,
    },
];

/// What 1,600 users say of whom so many of ten convert.
async fn said(seed: u64, method: Method, control: u64, treatment: u64) -> (Lift, Results) {
    let w = world(seed).await;
    w.started(with(method)).await;
    for from in [0, 400, 800, 1_200] {
        send(&w, users(from, from + 400, control, treatment)).await;
    }
    let now = results(&w).await;
    (lift(&now).unwrap(), now)
}

#[test]
fn a_treatment_in_which_nobody_converts_is_worse_by_everything() {
    for (seed, method) in (30..).zip(ALL) {
        run(async move {
            let (lift, now) = said(seed, method, 3, 0).await;
            assert_eq!(lift.verdict, Verdict::Worse, "{method:?}: {lift:?}");
            assert_eq!(now.verdict, Verdict::Worse);
            assert_eq!(lift.scale, Scale::Relative);
            // The prior of the Bayesian method draws it a little towards zero.
            assert!(lift.relative < -0.9 && lift.low >= -1.0 && lift.high < -0.2);
            assert!(lift.p_value.is_none_or(|p| p < 1e-3), "{lift:?}");
            assert!(lift.chance_to_win.is_none_or(|c| c < 1e-6));
        });
    }
}

#[test]
fn where_nobody_of_the_control_converts_the_difference_itself_is_shown() {
    for (seed, method) in (40..).zip(ALL) {
        run(async move {
            let (lift, now) = said(seed, method, 0, 3).await;
            assert_eq!(lift.verdict, Verdict::Better, "{method:?}: {lift:?}");
            assert_eq!(lift.scale, Scale::Absolute);
            assert!((lift.relative - 0.3).abs() < 1e-9, "{lift:?}");
            assert!(lift.low > 0.0 && lift.high < 0.6);
            let course = now.series.iter().flat_map(|point| &point.lifts);
            assert!(course.clone().count() > 0 && course.flatten().count() == 0);
        });
    }
}

#[test]
fn where_nobody_at_all_converts_or_everybody_does_nothing_is_said() {
    for (seed, all) in [(50, 0), (51, 10)] {
        run(async move {
            let w = world(seed).await;
            w.started(with(Method::AlwaysValid)).await;
            send(&w, users(0, 400, all, all)).await;
            let now = results(&w).await;
            assert_eq!(lift(&now), None);
            assert_eq!(now.verdict, Verdict::NotEnoughData);
        });
    }
}

fn until(method: Method, end_ms: i64) -> Draft {
    Draft {
        schedule: Schedule {
            end_ms: Some(end_ms),
            ..with(method).schedule
        },
        ..with(method)
    }
}

async fn ends_by_the_clock(w: &World) {
    w.t.clock.advance(3_600_000);
    assert_eq!(w.t.ticks("a", 2).await.unwrap().stopped, 1);
    let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
    assert_eq!(detail.experiment.status, Status::Stopped);
}

#[test]
fn a_fixed_horizon_that_ends_by_the_clock_looks_once_more() {
    run(async {
        let w = world(60).await;
        let method = Method::FixedHorizon { planned_users: 400 };
        w.started(until(method, NOW_MS + 3_600_000)).await;
        send(&w, users(0, 399, 2, 5)).await;
        assert_eq!(lift(&results(&w).await), None);
        ends_by_the_clock(&w).await;
        let end = results(&w).await;
        let said = lift(&end).unwrap();
        assert_eq!(
            (said.verdict, end.verdict),
            (Verdict::Better, Verdict::Better)
        );
        let horizon = end.horizon.unwrap();
        assert_eq!(
            (horizon.looks[0].users, horizon.next_look_users),
            (399, None)
        );
        // What comes late changes counts, not what was said.
        send(&w, users(399, 420, 9, 0)).await;
        assert_eq!(lift(&results(&w).await), Some(said));
    });
}

#[test]
fn a_group_sequential_plan_that_ends_by_the_clock_spends_the_rest() {
    run(async {
        let w = world(61).await;
        let method = Method::GroupSequential {
            looks: 4,
            planned_users: 1_600,
        };
        w.started(until(method, NOW_MS + 3_600_000)).await;
        send(&w, users(0, 450, 3, 4)).await;
        send(&w, users(450, 750, 3, 4)).await;
        ends_by_the_clock(&w).await;
        let looks = results(&w).await.horizon.unwrap().looks;
        let taken: Vec<(u16, u64)> = looks.iter().map(|l| (l.look, l.users)).collect();
        assert_eq!(taken, [(1, 450), (4, 750)]);
        let width = |n: usize| {
            let lift = looks[n].lifts[0].unwrap();
            (lift.high - lift.low) * (looks[n].users as f64).sqrt()
        };
        // A quarter of the way nearly nothing may be spent; at the end all of it.
        assert!(width(1) < 0.6 * width(0), "{looks:?}");
        assert_eq!(looks[1].lifts[0].unwrap().verdict, Verdict::Better);
    });
}

#[test]
fn who_ends_it_by_hand_has_seen_the_counts_and_gets_no_look() {
    run(async {
        let w = world(62).await;
        w.started(with(Method::FixedHorizon { planned_users: 400 }))
            .await;
        send(&w, users(0, 399, 2, 5)).await;
        let stop = Command::Stop {
            reason: String::new(),
        };
        let console = &w.t.console;
        let stopped = console.command_experiment(&w.owner, "a", None, stop).await;
        stopped.unwrap();
        let end = results(&w).await;
        assert_eq!((lift(&end), end.horizon.unwrap().looks.len()), (None, 0));
    });
}

#[test]
fn a_difference_of_shares_is_at_most_the_whole() {
    run(async {
        let w = world(9).await;
        w.started(draft("a")).await;
        let mut events = users(0, 6, 0, 0);
        events.push(conversion(100, NOW_MS + 1, "u0", "conversion"));
        send(&w, events).await;
        let detail = w.t.console.experiment(&w.owner, "a").await.unwrap();
        let lift = detail.results.variants[1].lift.unwrap();
        assert_eq!(lift.scale, Scale::Absolute);
        assert_eq!((lift.low, lift.high), (-1.0, 1.0));
    });
}
