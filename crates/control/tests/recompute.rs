//! Counting an experiment anew: the outcome is what ingest had counted, whatever comes between
//! two steps.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use common::anew::{actions, counts, keep, leftovers, number, state, status};
use common::{HOUR_MS, run, sqlite, world};
use nexus_control::ingest::IngestEvent;
use nexus_control::ports::{Capacity, Clock as _, Database, DatabaseError, Row, Statement};
use nexus_control::testing::{
    Break, Breakable, Course, ManualClock, NOW_MS, TestConsole, batch, conversion, draft, request,
};
use nexus_control::views::RecomputeStatus;
use nexus_domain::access::Role;
use nexus_domain::actor::Actor;
use nexus_domain::experiment::{
    Among, Command, Counted, Draft, MaxLatency, Method, Metric, MetricKind,
};
use proptest::prelude::*;

#[test]
fn weeks_counted_anew_are_what_was_counted() {
    run(async {
        let w = world(1).await;
        keep(&w.t, 30).await;
        let course = Course {
            people: 300,
            twins: 0,
            days: 4,
        };
        course.play(&w.t, &w.owner, "a").await.unwrap();
        let before = counts(&*w.db).await;
        let filled = before.values().filter(|rows| !rows.is_empty()).count();
        assert!(filled > 12, "{filled} tables");
        for _ in 0..2 {
            let asked = w.t.console.recompute_experiment(&w.owner, "a", None, None);
            assert_eq!(asked.await.unwrap().status, RecomputeStatus::Running);
            w.t.ticks("course", 4).await.unwrap();
            assert_eq!(status(&w.t).await, RecomputeStatus::Done);
            assert_eq!(counts(&*w.db).await, before);
            assert_eq!(leftovers(&*w.db).await, 0);
        }
        let log = actions(&w).await;
        let names: Vec<&str> = log.iter().map(|(action, _)| action.as_str()).collect();
        let both = ["experiment.recompute", "experiment.recomputed"];
        assert_eq!(names, [both, both].concat());
        let said = log[1].1.clone().unwrap();
        let newest = state(&w.t).await.newest.unwrap();
        for r in newest.outcome.unwrap() {
            let (users, converted) = (r.exposures, r.conversions);
            let counts = format!("{users} exposed and {converted} converted, now {users} and");
            assert!(users > 0 && said.contains(&counts), "{said}");
        }
        assert!(
            said.starts_with("asked for by owner@example.com;"),
            "{said}"
        );
        assert!(w.verifies().await);
        // What was kept of units under older names goes, and what is counted stays.
        let names = "SELECT COUNT(DISTINCT experiment_id) FROM units";
        assert!(number(&*w.db, names).await > 1);
        w.t.clock.advance(60_000);
        w.t.ticks("course", 1).await.unwrap();
        assert_eq!(number(&*w.db, names).await, 1);
        assert_eq!(counts(&*w.db).await, before);
    });
}

/// A database whose batches take so long that each round has one step, and that takes so little
/// at once that a step has few events.
struct Slow {
    inner: Breakable,
    clock: std::sync::OnceLock<Arc<ManualClock>>,
    batch_ms: AtomicI64,
}

#[async_trait]
impl Database for Slow {
    fn capacity(&self) -> Capacity {
        Capacity {
            values: 100,
            rows: 96,
        }
    }

    async fn query(&self, statement: Statement) -> Result<Vec<Row>, DatabaseError> {
        self.inner.query(statement).await
    }

    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<u64>, DatabaseError> {
        if let Some(clock) = self.clock.get() {
            clock.advance(self.batch_ms.load(Ordering::SeqCst));
        }
        self.inner.batch(statements).await
    }
}

struct Slowly {
    t: TestConsole,
    db: Arc<Slow>,
    owner: Actor,
    lives: u64,
    _dir: tempfile::TempDir,
}

impl Slowly {
    async fn new() -> Self {
        let (dir, db) = sqlite().await;
        let db = Arc::new(Slow {
            inner: Breakable::new(db),
            clock: std::sync::OnceLock::new(),
            batch_ms: AtomicI64::new(0),
        });
        let t = TestConsole::new(db.clone(), 1);
        let _ = db.clock.set(t.clock.clone());
        let owner = t.person(Role::Owner);
        Self {
            t,
            db,
            owner,
            lives: 1,
            _dir: dir,
        }
    }

    /// The process is gone; another one goes on.
    fn dies(&mut self) {
        self.lives += 1;
        self.t = self.t.beside(self.db.clone(), self.lives);
    }

    async fn round(&self) {
        self.db.batch_ms.store(21_000, Ordering::SeqCst);
        // Whatever broke, the next round goes on.
        let _ = self.t.console.tick_controllers("a").await;
        self.db.batch_ms.store(0, Ordering::SeqCst);
    }

    async fn is_running(&self) -> bool {
        let newest = state(&self.t).await.newest;
        newest.is_some_and(|job| job.status == RecomputeStatus::Running)
    }
}

/// What may happen between two reports.
#[derive(Clone, Debug)]
enum Between {
    Nothing,
    Step,
    Death,
    Broken(Break),
}

#[derive(Clone, Debug)]
struct Story {
    /// Hours after the start at which they are told, in this order.
    reports: Vec<(i64, Vec<IngestEvent>)>,
    between: Vec<Between>,
    /// Before which report counting anew begins.
    asked: usize,
    planned: bool,
    stopped: bool,
}

const UNITS: usize = 26;
const REPORTS: usize = 14;

type Drawn = (usize, i64, u8, i32, i64, usize);

fn event(n: usize, (unit, minute, what, milli, _, seen): &Drawn) -> IngestEvent {
    let (n, at_ms) = (n as u64, NOW_MS + minute * 60_000);
    let (number, unit) = (*unit, format!("u{unit}"));
    let unit = unit.as_str();
    let valued = |name: &str| {
        let mut event = conversion(n, at_ms, unit, name);
        if let IngestEvent::Conversion(e) = &mut event {
            e.value = Some(f64::from(*milli) / 1_000.0);
        }
        event
    };
    match what {
        0..4 => {
            let variant = ["control", "treatment"][(number + usize::from(*what == 3)) % 2];
            let status = if *milli % 23 == 0 { 500 } else { 200 };
            let mut event = request(n, at_ms, unit, "a", variant, status);
            if let IngestEvent::Request(e) = &mut event {
                e.country = [Some("JP"), Some("US"), None][*seen % 3].map(str::to_owned);
                e.device = Some(["mobile", "desktop", "bot"][*seen / 3].to_owned());
                e.deployment = (*seen > 2).then(|| "v1".to_owned());
                e.duration_ms = f64::from(*milli) / 17.0;
            }
            event
        }
        4 => valued("visit"),
        5 => valued("load"),
        6 => valued("order"),
        _ => conversion(n, at_ms, unit, "signup"),
    }
}

fn story() -> impl Strategy<Value = Story> {
    let one = (
        0..UNITS,
        0i64..70 * 60,
        0u8..8,
        1i32..60_000,
        0i64..23,
        0usize..9,
    );
    let between = prop_oneof![
        2 => Just(Between::Nothing),
        4 => Just(Between::Step),
        2 => Just(Between::Death),
        1 => Just(Between::Broken(Break::Before)),
        1 => Just(Between::Broken(Break::After)),
    ];
    let events = proptest::collection::vec(one, 60..180);
    let between = proptest::collection::vec(between, REPORTS);
    (events, between, 1..REPORTS, any::<bool>(), any::<bool>()).prop_map(
        |(all, between, asked, planned, stopped)| {
            let mut hours: BTreeMap<i64, Vec<IngestEvent>> = BTreeMap::new();
            for (n, drawn) in all.iter().enumerate() {
                let told = drawn.1 / 60 + 1 + drawn.4;
                // Told in a few reports; each thrice is told again with the next.
                let told = told.div_euclid(7) * 7 + 7;
                let event = event(n, drawn);
                if n % 3 == 0 {
                    hours.entry(told + 1).or_default().push(event.clone());
                }
                hours.entry(told).or_default().push(event);
            }
            Story {
                reports: hours.into_iter().collect(),
                between,
                asked,
                planned,
                stopped,
            }
        },
    )
}

fn measured(planned: bool) -> Draft {
    let of = |key: &str, event: &str, kind| Metric {
        key: key.to_owned(),
        event: event.to_owned(),
        kind,
        ..Metric::default()
    };
    let quantile = |among| MetricKind::Quantile {
        level_bp: 9_000,
        among,
    };
    let mut d = draft("a");
    d.goal = "signup".to_owned();
    d.guardrail.max_latency = Some(MaxLatency {
        limit_ms: 800,
        share_bp: 9_000,
    });
    d.guardrail.max_error_rate_bp = 4_000;
    if planned {
        // A look for every ten users.
        d.method = Method::GroupSequential {
            looks: 20,
            planned_users: 200,
        };
    }
    d.metrics = vec![
        of(
            "back",
            "visit",
            MetricKind::Retention {
                from_day: 1,
                until_day: 2,
            },
        ),
        Metric {
            pre_days: 1,
            ..of("spent", "order", MetricKind::Mean { cap: Some(90.0) })
        },
        Metric {
            window_hours: Some(30),
            ..of(
                "worth",
                "order",
                MetricKind::Ratio {
                    top: Counted::Values,
                    over: "visit".to_owned(),
                    bottom: Counted::Events,
                },
            )
        },
        of("load", "load", quantile(Among::Events)),
        of("best", "order", quantile(Among::Users)),
    ];
    d
}

/// Lives through the story; counts anew or not.
async fn lived(story: &Story, anew: bool) -> BTreeMap<String, Vec<String>> {
    let mut s = Slowly::new().await;
    keep(&s.t, 30).await;
    let (console, owner) = (s.t.console.clone(), s.owner.clone());
    let made = console.create_experiment(&owner, measured(story.planned));
    made.await.unwrap();
    let start = console.command_experiment(&owner, "a", None, Command::Start);
    start.await.unwrap();
    for (i, (hour, events)) in story.reports.iter().enumerate() {
        let now_ms = s.t.clock.now_ms();
        s.t.clock.advance(NOW_MS + hour * HOUR_MS - now_ms);
        if anew && i == story.asked.min(story.reports.len() - 1) {
            let asked = s.t.console.recompute_experiment(&owner, "a", None, None);
            asked.await.unwrap();
        }
        if story.stopped && i + 2 == story.reports.len() {
            let reason = String::new();
            let stop = Command::Stop { reason };
            let stop = s.t.console.command_experiment(&owner, "a", None, stop);
            stop.await.unwrap();
        }
        let (gateway, sent) = (s.t.gateway(), batch(events.clone()));
        s.t.console.ingest(&gateway, sent).await.unwrap();
        match story.between.get(i).unwrap_or(&Between::Step) {
            Between::Nothing => {}
            Between::Step => s.round().await,
            Between::Death => {
                s.round().await;
                s.dies();
            }
            Between::Broken(how) => {
                if anew {
                    // One of: purge, its mark, the step.
                    s.db.inner.break_at(i as u64 % 4, *how);
                }
                s.round().await;
                s.dies();
                s.round().await;
                // Not what comes now, where there were fewer batches than that.
                s.db.inner.break_at(1_000_000, *how);
            }
        }
    }
    let mut rounds = 0;
    while s.is_running().await {
        s.round().await;
        rounds += 1;
        assert!(rounds < 400, "{:?}", state(&s.t).await.newest);
    }
    if anew {
        assert_eq!(status(&s.t).await, RecomputeStatus::Done);
        assert_eq!(leftovers(&*s.db).await, 0);
        let audit = s.t.console.audit_verify(&owner).await.unwrap();
        assert!(audit.ok);
    }
    // Of what is over for long, units go; now they have in both lives.
    let now_ms = s.t.clock.now_ms();
    s.t.clock.advance(NOW_MS + 240 * HOUR_MS - now_ms);
    s.round().await;
    counts(&*s.db).await
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_between_its_steps_counting_anew_changes_nothing(story in story()) {
        run(async {
            let mut wanted = lived(&story, false).await;
            let mut got = lived(&story, true).await;
            // Maxima that controllers keep when they look, which is at other times.
            for all in [&mut wanted, &mut got] {
                all.remove("split_checks");
                let stats = all.get_mut("variant_stats").unwrap();
                stats.iter_mut().for_each(|row| {
                    let at = row.find("Real").unwrap();
                    let end = at + row[at..].find(')').unwrap();
                    row.replace_range(at..end, "");
                });
            }
            assert_eq!(got, wanted);
        });
    }
}
