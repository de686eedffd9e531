//! What is kept of raw events, and when an experiment can't be counted anew from them.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use common::anew::{actions, counts, keep, leftovers, number, state, status};
use common::{HOUR_MS, World, run, world};
use nexus_control::Error;
use nexus_control::ingest::IngestEvent;
use nexus_control::testing::{NOW_MS, batch, conversion, draft, request};
use nexus_control::views::RecomputeStatus;
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::audit::RecomputeFailure;
use nexus_domain::environment::EnvironmentRules;
use nexus_domain::experiment::{Command, Metric, MetricKind, MetricRole};
use nexus_domain::{Environment, Field, Problem};

const DAY_MS: i64 = 24 * HOUR_MS;

fn refused(done: nexus_control::Result<impl Sized>) -> Problem {
    match done {
        Err(Error::Invalid(problems)) if problems[0].field == Field::RawEvents => {
            problems[0].problem.clone()
        }
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("done"),
    }
}

#[test]
fn it_is_refused_where_raw_events_do_not_reach_back_to_the_start() {
    run(async {
        let w = world(2).await;
        let console = &w.t.console;
        console
            .create_experiment(&w.owner, draft("a"))
            .await
            .unwrap();
        let asks = |who: &Actor| {
            let who = who.clone();
            async move { console.recompute_experiment(&who, "a", None, None).await }
        };
        assert!(matches!(asks(&w.owner).await, Err(Error::Refused(_))));
        let start = console.command_experiment(&w.owner, "a", None, Command::Start);
        start.await.unwrap();
        assert_eq!(refused(asks(&w.owner).await), Problem::NoRawEvents);
        assert_eq!(state(&w.t).await.obstacle, Some(Problem::NoRawEvents));
        w.t.clock.advance(HOUR_MS);
        keep(&w.t, 3).await;
        let problem = Problem::RawEventsSince {
            since_ms: NOW_MS + HOUR_MS,
            from_ms: NOW_MS,
        };
        assert_eq!(refused(asks(&w.owner).await), problem);
        assert!(actions(&w).await.is_empty());
        // Whoever may not change it may not have it counted anew.
        for role in [Role::Viewer, Role::Approver, Role::Operator] {
            let asked = asks(&w.t.person(role)).await;
            assert!(matches!(asked, Err(Error::Forbidden { .. })), "{role:?}");
        }
    });
}

fn purchase(n: u64, at_ms: i64, unit: &str, value: f64) -> IngestEvent {
    let mut event = conversion(n, at_ms, unit, "purchase");
    if let IngestEvent::Conversion(e) = &mut event {
        e.value = Some(value);
    }
    event
}

/// Two users, one of whom buys.
async fn two_users(w: &World) {
    let events = vec![
        request(1, NOW_MS, "ann", "a", "control", 200),
        request(2, NOW_MS, "ben", "a", "treatment", 200),
        purchase(3, NOW_MS + 1, "ben", 7.5),
    ];
    w.t.clock.advance(1_000);
    let sent = w.t.console.ingest(&w.t.gateway(), batch(events)).await;
    assert_eq!(sent.unwrap().accepted, 3);
}

#[test]
fn it_can_be_given_up_and_the_counts_stay() {
    run(async {
        let w = world(3).await;
        keep(&w.t, 3).await;
        w.started(draft("a")).await;
        two_users(&w).await;
        let before = counts(&*w.db).await;
        let console = &w.t.console;
        let asked = console.recompute_experiment(&w.owner, "a", None, None);
        let asked = asked.await.unwrap();
        assert_eq!((asked.events_done, asked.events_all), (0, 3));
        let twice = console
            .recompute_experiment(&w.owner, "a", None, None)
            .await;
        assert_eq!(refused(twice), Problem::CountedAnew);
        let viewer = w.t.person(Role::Viewer);
        let other = console.cancel_recomputation(&viewer, "a").await;
        assert!(matches!(other, Err(Error::Forbidden { .. })));
        let gone = console.cancel_recomputation(&w.owner, "a").await.unwrap();
        assert_eq!(gone.status, RecomputeStatus::Cancelled);
        let again = console.cancel_recomputation(&w.owner, "a").await;
        assert!(matches!(again, Err(Error::NotFound { .. })));
        w.t.ticks("a", 3).await.unwrap();
        assert_eq!(status(&w.t).await, RecomputeStatus::Cancelled);
        assert_eq!(counts(&*w.db).await, before);
        assert_eq!(leftovers(&*w.db).await, 0);
        let names: Vec<String> = actions(&w)
            .await
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(
            names,
            ["experiment.recompute", "experiment.cancel_recompute"]
        );
    });
}

#[test]
fn it_fails_where_raw_events_are_no_longer_kept_and_the_counts_stay() {
    run(async {
        let w = world(4).await;
        keep(&w.t, 3).await;
        w.started(draft("a")).await;
        two_users(&w).await;
        let before = counts(&*w.db).await;
        let asked = w.t.console.recompute_experiment(&w.owner, "a", None, None);
        asked.await.unwrap();
        keep(&w.t, 0).await;
        keep(&w.t, 3).await;
        w.t.ticks("a", 2).await.unwrap();
        let newest = state(&w.t).await.newest.unwrap();
        assert_eq!(newest.status, RecomputeStatus::Failed);
        assert_eq!(newest.failure, Some(RecomputeFailure::Gone));
        assert_eq!(counts(&*w.db).await, before);
        assert_eq!(leftovers(&*w.db).await, 0);
    });
}

#[test]
fn raw_events_are_kept_as_asked_for_and_no_longer() {
    run(async {
        let w = world(5).await;
        w.started(draft("a")).await;
        two_users(&w).await;
        let rows = "SELECT COUNT(*) FROM raw_events";
        let events = "SELECT COALESCE(SUM(events), 0) FROM raw_events";
        assert_eq!(number(&*w.db, rows).await, 0, "none are asked for");
        keep(&w.t, 2).await;
        let sent = vec![
            request(4, NOW_MS, "cat", "a", "control", 200),
            request(4, NOW_MS, "cat", "a", "control", 200),
            request(5, NOW_MS, "cat", "nothing", "control", 200),
        ];
        let reply =
            w.t.console
                .ingest(&w.t.gateway(), batch(sent))
                .await
                .unwrap();
        assert_eq!((reply.accepted, reply.duplicate), (1, 1));
        assert_eq!(number(&*w.db, events).await, 1, "what was accepted");
        w.t.clock.advance(DAY_MS);
        w.t.ticks("a", 1).await.unwrap();
        assert_eq!(number(&*w.db, events).await, 1);
        w.t.clock.advance(DAY_MS);
        w.t.ticks("a", 1).await.unwrap();
        assert_eq!(number(&*w.db, events).await, 0, "older than two days");
        let since_ms = state(&w.t).await.raw_since_ms.unwrap();
        assert!(since_ms > NOW_MS + 1_000, "{since_ms}");
        let rules = EnvironmentRules {
            environment: Environment::Production,
            review: false,
            raw_days: 91,
        };
        let admin = w.t.person(Role::SecurityAdmin);
        let done = w.t.console.set_environment_rules(&admin, rules).await;
        assert!(matches!(done, Err(Error::Invalid(p)) if p[0].field == Field::RawDays));
    });
}

#[test]
fn a_metric_that_was_forgotten_is_counted_from_the_start() {
    run(async {
        let w = world(6).await;
        keep(&w.t, 3).await;
        let made = w.started(draft("a")).await;
        two_users(&w).await;
        let spent = Metric {
            key: "spent".to_owned(),
            event: "purchase".to_owned(),
            kind: MetricKind::Mean { cap: Some(5.0) },
            ..Metric::default()
        };
        let console = &w.t.console;
        let guardrail = Metric {
            role: MetricRole::Guardrail { margin_bp: 100 },
            ..spent.clone()
        };
        let done = console.recompute_experiment(&w.owner, "a", None, Some(vec![guardrail]));
        let done = done.await;
        assert!(matches!(done, Err(Error::Invalid(p)) if p[0].field == Field::Metric(0)));
        let version = Some(made.version);
        let asked = console.recompute_experiment(&w.owner, "a", version, Some(vec![spent]));
        asked.await.unwrap();
        let detail = console.experiment(&w.owner, "a").await.unwrap();
        assert!(detail.experiment.metrics.is_empty(), "until it is counted");
        w.t.ticks("a", 2).await.unwrap();
        assert_eq!(status(&w.t).await, RecomputeStatus::Done);
        // An exposure that comes late finds the conversion that nobody had asked for.
        let late = vec![request(9, NOW_MS - 1, "ben", "a", "treatment", 200)];
        console.ingest(&w.t.gateway(), batch(late)).await.unwrap();
        let sums = "SELECT sum FROM metric_stats WHERE experiment_id = 'a' \
                    AND metric = 'spent' AND variant = 'treatment'";
        assert_eq!(number(&*w.db, sums).await, 5_000, "cut at 5");
        let all = console.experiment_revisions(&w.owner, "a").await.unwrap();
        assert_eq!(all.current.metrics.len(), 1);
        let change = all.revisions[0].change.clone().unwrap();
        assert_eq!(change.entry.action, "experiment.recomputed");
        assert!(w.verifies().await);
    });
}
