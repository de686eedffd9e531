//! A re-computation that does not get on: tried again a while, then given up with a reason.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use common::anew::{actions, counts, keep, leftovers, number, state, status};
use common::{HOUR_MS, World, run, sqlite, world};
use nexus_control::ports::{Database, DatabaseError, Row, Statement};
use nexus_control::testing::{NOW_MS, TestConsole, batch, conversion, draft, request};
use nexus_control::views::RecomputeStatus;
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::audit::RecomputeFailure;
use nexus_domain::experiment::{Command, Metric, MetricKind};

/// Counted once, and to be counted anew in two steps, because the last event came much later.
async fn asked(t: &TestConsole, owner: &Actor, metrics: Option<Vec<Metric>>) {
    keep(t, 30).await;
    let (console, gateway) = (&t.console, t.gateway());
    let made = console.create_experiment(owner, draft("a"));
    made.await.unwrap();
    let start = console.command_experiment(owner, "a", None, Command::Start);
    start.await.unwrap();
    let events = vec![
        request(1, NOW_MS, "ann", "a", "control", 200),
        request(2, NOW_MS, "ben", "a", "treatment", 200),
    ];
    console.ingest(&gateway, batch(events)).await.unwrap();
    t.clock.advance(13 * HOUR_MS);
    let late = conversion(3, NOW_MS + 13 * HOUR_MS, "ben", "signup");
    console.ingest(&gateway, batch(vec![late])).await.unwrap();
    let asked = console.recompute_experiment(owner, "a", None, metrics);
    asked.await.unwrap();
}

async fn write(db: &dyn Database, sql: &'static str) {
    db.batch(vec![Statement::new(sql, [])]).await.unwrap();
}

/// What it failed of, which is in the log too; the counts are what they were.
async fn failed(w: &World) -> RecomputeFailure {
    assert_eq!(status(&w.t).await, RecomputeStatus::Failed);
    assert_eq!(leftovers(&*w.db).await, 0);
    let failure = state(&w.t).await.newest.unwrap().failure.unwrap();
    let (action, why) = actions(w).await.pop().unwrap();
    assert_eq!(action, "experiment.fail_recompute");
    let said = format!("asked for by owner@example.com; {}", failure.said());
    assert_eq!(why.unwrap(), said);
    assert!(w.verifies().await);
    failure
}

/// A check says no whenever the row is written so.
const REFUSED: [[&str; 2]; 2] = [
    [
        "CREATE TRIGGER refuse BEFORE UPDATE ON recomputations WHEN NEW.replayed > OLD.replayed \
         BEGIN UPDATE leases SET epoch = -1; END",
        "a step",
    ],
    [
        "CREATE TRIGGER refuse BEFORE UPDATE ON recomputations WHEN NEW.status = 'done' \
         BEGIN UPDATE leases SET epoch = -1; END",
        "the last step",
    ],
];

#[test]
fn what_the_database_goes_on_refusing_is_given_up_and_can_be_asked_for_again() {
    run(async {
        for [trigger, step] in REFUSED {
            let w = world(1).await;
            asked(&w.t, &w.owner, None).await;
            let before = counts(&*w.db).await;
            write(&*w.db, trigger).await;
            w.t.ticks("a", 1).await.unwrap();
            let newest = state(&w.t).await.newest.unwrap();
            assert_eq!(newest.status, RecomputeStatus::Running, "{step}");
            assert_eq!(newest.attempts, 1, "{step}");
            w.t.ticks("a", 15).await.unwrap();
            assert_eq!(failed(&w).await, RecomputeFailure::Refused, "{step}");
            assert_eq!(counts(&*w.db).await, before, "{step}");
            // Once given up, nothing more happens.
            w.t.ticks("a", 5).await.unwrap();
            assert_eq!(actions(&w).await.len(), 2, "{step}");
            write(&*w.db, "DROP TRIGGER refuse").await;
            let again = w.t.console.recompute_experiment(&w.owner, "a", None, None);
            again.await.unwrap();
            w.t.ticks("a", 3).await.unwrap();
            assert_eq!(status(&w.t).await, RecomputeStatus::Done, "{step}");
            assert_eq!(counts(&*w.db).await, before, "{step}");
        }
    });
}

#[test]
fn what_cannot_be_read_or_does_not_fit_any_more_is_given_up_at_once() {
    run(async {
        let w = world(3).await;
        asked(&w.t, &w.owner, None).await;
        write(&*w.db, "UPDATE raw_events SET block = '?'").await;
        w.t.ticks("a", 1).await.unwrap();
        assert_eq!(failed(&w).await, RecomputeFailure::Fault);

        let w = world(4).await;
        let orders = Metric {
            key: "orders".to_owned(),
            kind: MetricKind::Count,
            ..Metric::default()
        };
        asked(&w.t, &w.owner, Some(vec![orders])).await;
        let reason = String::new();
        for command in [Command::Stop { reason }, Command::Archive] {
            let done = w.t.console.command_experiment(&w.owner, "a", None, command);
            done.await.unwrap();
        }
        w.t.ticks("a", 2).await.unwrap();
        assert_eq!(failed(&w).await, RecomputeFailure::Metrics);
    });
}

/// A database that is busy for some of the steps, and for nothing else; or in which somebody
/// writes something just before the last one.
struct Busy {
    inner: Arc<dyn Database>,
    steps: AtomicU64,
    tried: AtomicU64,
    meanwhile: Mutex<Option<&'static str>>,
}

impl Busy {
    fn new(inner: Arc<dyn Database>, steps: u64) -> Arc<Self> {
        Arc::new(Self {
            inner,
            steps: AtomicU64::new(steps),
            tried: AtomicU64::new(0),
            meanwhile: Mutex::new(None),
        })
    }
}

#[async_trait]
impl Database for Busy {
    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.inner.query(statement).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        let step = "UPDATE recomputations SET replayed = CASE WHEN replayed = ?2";
        if statements.iter().any(|s| s.sql.starts_with(step)) {
            self.tried.fetch_add(1, Ordering::SeqCst);
            let left = self.steps.load(Ordering::SeqCst);
            if left > 0 {
                self.steps.store(left - 1, Ordering::SeqCst);
                return Err(DatabaseError::Unavailable("busy".to_owned()));
            }
        }
        if statements
            .iter()
            .any(|s| s.sql.starts_with("UPDATE ingest_head SET seq = CASE"))
        {
            let meanwhile = self.meanwhile.lock().unwrap().take();
            if let Some(sql) = meanwhile {
                write(&*self.inner, sql).await;
            }
        }
        self.inner.batch(statements).await
    }
}

#[test]
fn whoever_was_faster_is_no_refusal() {
    run(async {
        for (meanwhile, ends) in [
            ("UPDATE leases SET epoch = epoch + 1", RecomputeStatus::Done),
            (
                "UPDATE ingest_head SET seq = seq + 1",
                RecomputeStatus::Done,
            ),
            (
                "UPDATE recomputations SET status = 'cancelled'",
                RecomputeStatus::Cancelled,
            ),
        ] {
            let (_dir, db) = sqlite().await;
            let busy = Busy::new(db.clone(), 0);
            let t = TestConsole::new(busy.clone(), 6);
            let owner = t.person(Role::Owner);
            asked(&t, &owner, None).await;
            *busy.meanwhile.lock().unwrap() = Some(meanwhile);
            t.ticks("a", 1).await.unwrap();
            assert!(busy.meanwhile.lock().unwrap().is_none(), "{meanwhile}");
            assert_eq!(state(&t).await.newest.unwrap().attempts, 0, "{meanwhile}");
            t.clock.advance(60_000);
            t.ticks("a", 3).await.unwrap();
            assert_eq!(status(&t).await, ends, "{meanwhile}");
        }
    });
}

#[test]
fn where_the_database_is_busy_the_step_waits_ever_longer_and_then_goes_on() {
    run(async {
        let (_dir, db) = sqlite().await;
        let busy = Busy::new(db.clone(), 9);
        let t = TestConsole::new(busy.clone(), 5);
        let owner = t.person(Role::Owner);
        asked(&t, &owner, None).await;
        let before = counts(&*db).await;
        t.ticks("a", 20).await.unwrap();
        let tried = busy.tried.load(Ordering::SeqCst);
        assert!((4..10).contains(&tried), "{tried}");
        assert_eq!(state(&t).await.newest.unwrap().attempts, tried);
        t.ticks("a", 200).await.unwrap();
        assert_eq!(status(&t).await, RecomputeStatus::Done);
        assert_eq!(counts(&*db).await, before);
        let attempts = "SELECT MAX(attempts) FROM recomputations";
        assert_eq!(number(&*db, attempts).await, 0);

        // For good.
        busy.steps.store(u64::MAX, Ordering::SeqCst);
        let again = t.console.recompute_experiment(&owner, "a", None, None);
        again.await.unwrap();
        for _ in 0..60 {
            t.clock.advance(60_000);
            t.ticks("a", 1).await.unwrap();
        }
        let newest = state(&t).await.newest.unwrap();
        assert_eq!(newest.status, RecomputeStatus::Failed);
        assert_eq!(newest.failure, Some(RecomputeFailure::Unavailable));
        assert_eq!(counts(&*db).await, before);
    });
}
